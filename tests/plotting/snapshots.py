"""Small snapshots of every kind of probe that is drawn, with known contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def look_at(
    kind: str,
    rows: list[Probe] | None = None,
    *,
    samples: bool = True,
    before: Sequence[Probe] = (),
    numbers: Mapping[str, Any] | None = None,
    **chosen: Any,
) -> Look:
    """What a view of a kind is given; by default its example.

    Args:
        kind: which view.
        rows: of the snapshot.
        samples: whether it is known what they are about.
        before: rows of earlier steps.
        numbers: of the infos over training.
        chosen: what of it is to be seen.
    """
    view = probe_views()[kind]
    given = {each.name: each for each in rows or example(kind)}
    history = {
        name: [*(early for early in before if early.name == name), each]
        for name, each in given.items()
        if view.over_training(name)
    }
    snapshot = Snapshot(100, given, SAMPLES if samples else None, history, {}, numbers or {})
    return view.look(snapshot, Chosen(**chosen))


SAMPLES = row(
    "samples",
    "validation",
    None,
    indices=[3, 1, 4],
    lengths=[6, 4, 6],
    inputs=[["the", "old", "cat", "sat", "down", "."], ["a", "dog", "ran", "."], None],
    texts=["the old cat sat down.", "a dog ran.", "0.5 0.25"],
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


def _waves(samples: int, steps: int, units: int) -> NDArray[np.float64]:
    """(samples, steps, units) between -1 and 1; each unit with a phase of its own."""
    n, t, h = np.ogrid[:samples, :steps, :units]
    return np.asarray(np.sin(t / 2 + h + n) * 0.9)


_STEPS = {"every": 1, "steps": [1, 2, 3, 4, 5, 6]}
_ATTENTION = np.arange(1.0, 1 + 3 * 2 * 3 * 6).reshape(3, 2, 3, 6)
EXAMPLES |= {
    "states": {
        "decoder": (_waves(3, 3, 4).astype(np.float16), {"every": 1, "steps": [1, 2, 3], "side": "outputs"}),
        "encoder": (_waves(3, 6, 5).astype(np.float16), _STEPS),
    },
    "gates": {
        "encoder/reset": ((_waves(3, 6, 5) + 1) / 2, _STEPS),
        "encoder/update": (np.full((3, 6, 5), 0.25), _STEPS),
    },
    "gradient_through_time": {
        "encoder/norm": (10.0 ** np.arange(-5, 1).reshape(1, 6).repeat(3, 0), _STEPS),
        "encoder/unit": (_waves(3, 6, 5), _STEPS),
    },
    "attention": {
        "cross": (
            _ATTENTION / _ATTENTION.sum(-1, keepdims=True),
            {"rows": "outputs", "columns": "inputs", "row_steps": [1, 2, 3], "column_steps": [1, 2, 3, 4, 5, 6]},
        )
    },
    "spectrum": {
        "encoder/eigenvalues/U": (np.array([[0.0, 1.5], [0.0, -1.5], [0.5, 0.0]], dtype=np.float32), {}),
        "encoder/lyapunov": (np.array([-0.5, 0.25, 0.0], dtype=np.float32), {}),
        "encoder/singular_values": (10.0 ** -np.arange(24.0).reshape(3, 2, 4), {"steps": [3, 6]}),
    },
    "weights": {
        "encoder.bias": (np.full((3, 8), np.nan), {"edges": [None] * 3, "norms": [None] * 3, "ratio": None}),
        "encoder.weight": (
            np.eye(3, 8) * 0.5 + 0.0625,
            {"edges": [[-1.0, 1.0], [-0.1, 0.1], [0.0, 1e-3]], "norms": [2.0, 0.5, 2e-3], "ratio": 1e-3},
        ),
    },
    "units": {"encoder": (np.array([[1.0, 0.0], [0.0, 0.75], [0.5, 0.25]]), {"bound": 1.0})},
    "filters": {"first": (_waves(6, 9, 1).reshape(6, 1, 3, 3), {}), "second": (_waves(4, 18, 1).reshape(4, 2, 3, 3), {})},
    "feature_maps": {
        "first": (_waves(3, 30, 4).transpose(0, 2, 1).reshape(3, 4, 5, 6).clip(0), {}),
        "first/active": ((_waves(3, 30, 4) > 0).mean(axis=1), {}),
    },
    "confusion": {
        "validation": (np.array([[8, 2, 0], [1, 9, 0], [3, 0, 100]], dtype=np.int32), {"classes": ["cat", "dog", "eel"]}),
        "validation/examples": (
            np.array([0.9, np.nan, 0.625], dtype=np.float32),
            {"indices": [40, 71, 3], "true": [2, 2, 0], "predicted": [0, 0, 1], "texts": ["an old eel", "one more", "a"]},
        ),
    },
    "tree": {
        "model": (
            np.array([[[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]]]).repeat(3, 0),
            {"nodes": [[[7, 1, 2], [5, -1, -1], [4, -1, -1]]] * 3},
        )
    },
}


def _node(role: str, path: str, words: str, shape: list[int], axes: list[str], **more: Any) -> dict[str, Any]:
    """A node of a graph as it is recorded; by default without steps and without parameters."""
    rest: dict[str, Any] = {
        "class": "",
        "reads": None,
        "reads_axes": [],
        "calls": 1,
        "parameters": [],
        "time": "",
        "flow": "",
        "steps_back": [],
    }
    return {
        "role": role,
        "path": path,
        "words": words,
        "shape": shape,
        "axes": axes,
        "attends": False,
        "tree": False,
        **rest,
        **more,
    }


def _edge(source: int, target: int, reach: str = "", **more: Any) -> dict[str, Any]:
    return {"source": source, "target": target, "ports": [], "back": False, "reach": reach, "window": None, **more}


EXAMPLES["graph"] = {
    "model": (
        np.array([0, 160, 2592, 66]),
        {
            "nodes": [
                _node("inputs", "inputs", "inputs", [3, 6], ["N", "T"], time="T"),
                _node("box", "embedding", "embedding", [9, 16], ["nodes", ""], parameters=[["weight", [10, 16], True]]),
                _node("box", "cell", "tree cell", [3, 32], ["N", ""], calls=2, tree=True),
                _node(
                    "box", "linear", "linear", [3, 2], ["N", ""], parameters=[["weight", [2, 32], False], ["bias", [2], False]]
                ),
            ],
            "edges": [_edge(1, 2), _edge(2, 2, back=True), _edge(2, 3)],
            "modules": [
                {
                    "path": "embedding",
                    "box": 1,
                    "words": "embedding",
                    "shape": [9, 16],
                    "axes": [],
                    "parameters": 160,
                    "calls": 1,
                },
                {"path": "cell.symbol", "box": 2, "words": "linear", "shape": [9, 32], "axes": [], "parameters": 544, "calls": 1},
                {"path": "linear", "box": 3, "words": "linear", "shape": [3, 2], "axes": ["N", ""], "parameters": 66, "calls": 1},
            ],
            "sizes": {"N": 3, "T": 6, "nodes": 9},
        },
    ),
    "model/trees": (
        np.array([[[1, 1, 4], [2, 2, 3], [3, -1, -1], [4, -1, -1], [5, 5, -1], [6, -1, -1]]]).repeat(3, 0),
        {},
    ),
}
