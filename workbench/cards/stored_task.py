"""What a model carries of its data as plain values, fit for JSON, and back: in the run folder, checkpoints and exports."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from workbench.cards.carried_data import Carried, SourceFile
from workbench.cards.catalog import task_kinds
from workbench.cards.signals import Classes, Image, NoInput, Signal, Tokens, Vectors
from workbench.cards.task import Baseline, FreeRun, Task
from workbench.saying import said

__all__ = ["carried_from_dict", "carried_to_dict", "task_from_dict", "task_to_dict"]

_SIGNALS: dict[str, type[Any]] = {"vectors": Vectors, "tokens": Tokens, "image": Image, "classes": Classes, "nothing": NoInput}
"""Kinds of signal by the names that files have for them."""
_NAMES = {kind: name for name, kind in _SIGNALS.items()}


def carried_to_dict(carried: Carried) -> dict[str, Any]:
    """Plain values; `carried_from_dict` gives the same back."""
    return {"task": task_to_dict(carried.task), "sources": [asdict(source) for source in carried.sources]}


def carried_from_dict(values: Any) -> Carried:
    """What `carried_to_dict` wrote.

    Raises:
        ValueError: it is something else.
    """
    values = _table(values, "carried data")
    sources = values.get("sources")
    if not isinstance(sources, list):
        raise ValueError("sources: expected a list of files")  # noqa: TRY004 - one kind of error for whoever reads JSON
    files = []
    for source in sources:
        table = _table(source, "source")
        files.append(SourceFile(_text(table, "path"), _text(table, "sha256")))
    return Carried(task_from_dict(values.get("task")), tuple(files))


def task_to_dict(task: Task) -> dict[str, Any]:
    """A task as plain values."""
    return {
        "kind": task.kind,
        "inputs": _signal_to_dict(task.inputs),
        "outputs": _signal_to_dict(task.outputs),
        "baselines": [asdict(baseline) for baseline in task.baselines],
        "washout": task.washout,
        "free_run": None if task.free_run is None else asdict(task.free_run),
    }


def task_from_dict(values: Any) -> Task:
    """What `task_to_dict` wrote.

    Raises:
        ValueError: it is something else.
    """
    values = _table(values, "task")
    try:
        free_run = values["free_run"]
        return Task(
            _kind(values["kind"]),
            _signal_from_dict(values["inputs"]),
            _signal_from_dict(values["outputs"]),
            tuple(Baseline(str(line["metric"]), float(line["value"]), str(line["sentence"])) for line in values["baselines"]),
            _whole(values["washout"]),
            None if free_run is None else FreeRun(_whole(free_run["warmup"]), _whole(free_run["horizon"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"task: {error}") from error


def _signal_to_dict(signal: Signal) -> dict[str, Any]:
    return {"signal": _NAMES[type(signal)], **asdict(signal)}


def _signal_from_dict(values: Any) -> Signal:
    values = dict(_table(values, "signal"))
    kind = _SIGNALS.get(values.pop("signal", ""))
    if kind is None:
        raise ValueError("signal: unknown kind")
    signal: Signal = kind(**{key: _field(key, value) for key, value in values.items()})
    return signal


def _field(key: str, value: Any) -> Any:
    """One value of a signal."""
    if key in ("symbols", "names", "columns"):
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise ValueError(f"{key}: expected a list of texts")
        return tuple(value)
    if key in ("shift", "scale"):
        if not isinstance(value, list) or not all(map(_is_finite, value)):
            raise ValueError(f"{key}: expected a list of numbers")
        return tuple(map(float, value))
    for keys, wanted, what in ((("special", "open"), bool, "true or false"), (("joiner", "structure"), str, "text")):
        if key in keys:
            if not isinstance(value, wanted):
                raise ValueError(f"{key}: expected {what}")
            return value
    return None if value is None else _whole(value)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _kind(name: Any) -> str:
    if not isinstance(name, str) or name not in task_kinds():
        raise ValueError(f"kind: got {said(name)}; expected a kind of task: {', '.join(task_kinds())}")
    return name


def _table(values: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise ValueError(f"{what}: expected a table")  # noqa: TRY004 - one kind of error for whoever reads JSON
    return values


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected text")  # noqa: TRY004 - one kind of error for whoever reads JSON
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"got {said(value)}; expected a whole number")
    return value
