"""Small snapshots of every kind of probe that is drawn, with known contents."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.probes import Chosen, Look, Snapshot, probe_views
from workbench.runs.records import Probe

__all__ = ["EXAMPLES", "example", "look_at", "row"]


def row(kind: str, name: str, array: NDArray[Any] | None, step: int = 100, **info: Any) -> Probe:
    """A row of a run's database."""
    return Probe(step, kind, name, array, info)


def example(kind: str, value: float | None = None, step: int = 100) -> list[Probe]:
    """The rows of a kind, or the same rows full of one number."""
    rows = [row(kind, name, array, step, **info) for name, (array, info) in EXAMPLES[kind].items()]
    if value is None:
        return rows
    return [
        row(kind, each.name, None if each.array is None else np.full_like(each.array, value, dtype=np.float32), step, **each.info)
        for each in rows
    ]


def look_at(kind: str, rows: list[Probe] | None = None, *, samples: bool = True, **chosen: Any) -> Look:
    """What a view of a kind is given; by default its example."""
    view = probe_views()[kind]
    given = {each.name: each for each in rows or example(kind)}
    history = {name: [each] for name, each in given.items() if view.over_training(name)}
    snapshot = Snapshot(100, given, SAMPLES if samples else None, history, {})
    return view.look(snapshot, Chosen(**chosen))


SAMPLES = row(
    "samples",
    "validation",
    None,
    indices=[3, 1, 4],
    lengths=[6, 4, 6],
    inputs=[["the", "old", "cat", "sat", "down", "."], ["a", "dog", "ran", "."], None],
    targets=["le vieux chat", "un chien", "1"],
    outputs=[["le", "vieux", "chat"], ["un", "chien"], None],
    classes=None,
)

_Rows = dict[str, tuple[NDArray[Any], dict[str, Any]]]

EXAMPLES: dict[str, _Rows] = {
    "forecast": {
        "validation": (np.stack([np.sin(np.arange(200) / 9 + row / 10).reshape(1, -1).repeat(2, 0) for row in range(3)]), {})
    },
    "gradient_flow": {"validation": (10.0 ** np.linspace(-9, 0, 50), {})},
    "lengths": {"validation": (np.array([[0.0, 0.25, 0.5, 0.25, 0.0, 0.0], [0.0, 0.0, 0.5, 0.25, 0.25, 0.0]]), {})},
    "ridge": {
        "validation": (
            np.array(
                [
                    [ridge, washout, 0.1 + ridge + washout / 1e3, 0.05 + ridge]
                    for ridge in (1e-6, 1e-3, 1.0)
                    for washout in (0, 100)
                ]
            ),
            {},
        )
    },
}
"""Kind -> name of the row -> its array and what is said of it."""
