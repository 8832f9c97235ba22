"""What differs between a run that was killed, steered and gone on with, and one that was left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.schema import examine_database
from workbench.training.checkpoint_files import list_checkpoints
from workbench.training.checkpoints import load_checkpoint

__all__ = ["differences"]

_FILES = {"experiment.toml", "run.db", "checkpoints"}
_MORE = {"worker.log", "exports"}
_NOT_COMPARED = {"seconds", "rewinds"}
"""Time; and how often a run went back by itself, which the other one, told the outcome, has no need to."""


def differences(touched: RunFolder, alone: RunFolder) -> list[str]:
    """Everything in which the runs differ, and what the touched one should not have left behind; nothing when it is well.

    Evaluations that a person asked for are rows of the touched run alone.
    """
    found = [*_leavings(touched)]
    examine_database(touched.database_path)
    with RunReader(touched) as reader:
        asked = {event.step for event in reader.events() if event.kind == "evaluated" and event.message.startswith("validation:")}
    one, two = _rows(touched), _rows(alone)
    if one.keys() != two.keys():
        found.append(f"series and probes of one of them alone: {sorted(one.keys() ^ two.keys())}")
    for name in sorted(one.keys() & two.keys()):
        found += _rows_differ(name, one[name], two[name], asked if "validation" in name or name == "steps" else ())
    found += _checkpoints_differ(touched, alone)
    return found


def _leavings(folder: RunFolder) -> Iterable[str]:
    with RunReader(folder):
        pass  # the last reader to leave folds the log away
    files = {path.name for path in folder.path.iterdir()}
    if odd := (files - _MORE) ^ _FILES:
        yield f"files in the run's folder: {sorted(odd)}"
    known = {info.path.name for info in list_checkpoints(folder)}
    if strange := sorted({path.name for path in folder.checkpoints_path.iterdir()} - known):
        yield f"files among the checkpoints: {strange}"
    if folder.log_path.exists() and "Traceback" in folder.log_path.read_text():
        yield f"a traceback in {folder.log_path}"


def _rows(folder: RunFolder) -> dict[str, Mapping[Any, Any]]:
    """All that was measured, by name of the series; a series by step, every number by its bits."""
    rows: dict[str, Mapping[Any, Any]] = {}
    with RunReader(folder) as reader:
        status = reader.status()
        rows["status"] = {"state": status.state, "step": status.step, "total": status.total}
        rows["best checkpoint"] = {"step": (reader.meta().get("best") or {}).get("step")}
        for tag in reader.tags():
            steps, values = reader.scalars(tag)
            rows[f"scalar {tag}"] = dict(zip(steps.tolist(), (value.tobytes() for value in values), strict=True))
            if not tag.startswith("validation/"):
                steps, values = reader.buckets(tag, 7)
                rows[f"extremes of {tag}"] = dict(enumerate(zip(steps.tolist(), values.tolist(), strict=True)))
        steps, _, samples = reader.timing()
        rows["steps"] = dict(zip(steps.tolist(), samples.tolist(), strict=True))
        for kind in reader.probe_kinds():
            if kind == "weights":  # a life that makes the evaluation of the one before it does not know the last update
                continue
            for step in reader.probe_steps(kind):
                for probe in reader.probes(kind, step=step):
                    data = None if probe.array is None else (probe.array.dtype.str, probe.array.shape, probe.array.tobytes())
                    name = f"probe {kind} {probe.name}"
                    rows[name] = {**rows.get(name, {}), step: (data, repr(probe.info))}
    return rows


def _rows_differ(name: str, one: Mapping[Any, Any], two: Mapping[Any, Any], asked: Iterable[int]) -> Iterable[str]:
    missing, more = sorted(two.keys() - one.keys()), sorted(one.keys() - two.keys() - set(asked))
    other = sorted(key for key in one.keys() & two.keys() if one[key] != two[key] and repr(one[key]) != repr(two[key]))
    for what, keys in (("missing", missing), ("too many", more), ("different", other)):
        if keys:
            yield f"{name}: {len(keys)} {what}, first at {keys[0]}"


def _checkpoints_differ(touched: RunFolder, alone: RunFolder) -> Iterable[str]:
    """The last and the best one, and all others that both runs have: every tensor and every counter."""
    one, two = ({info.step: info.path for info in list_checkpoints(folder)} for folder in (touched, alone))
    best = [info.step for folder in (touched, alone) for info in list_checkpoints(folder) if info.is_best]
    if len(set(best)) != 1:
        yield f"best checkpoints: {best}"
    if max(one) != max(two):
        yield f"last checkpoints: {max(one)} and {max(two)}"
    for step in sorted({*best} - (one.keys() & two.keys())):
        yield f"checkpoint {step} is not in both: {sorted(one)} and {sorted(two)}"
    for step in sorted(one.keys() & two.keys()):
        yield from (f"checkpoint {step}: {line}" for line in _states_differ(one[step], two[step]))


def _states_differ(one: Path, two: Path) -> Iterable[str]:
    first, second = load_checkpoint(one), load_checkpoint(two)
    if first.tensors.keys() != second.tensors.keys():
        yield f"tensors {sorted(first.tensors.keys() ^ second.tensors.keys())}"
    for name in sorted(first.tensors.keys() & second.tensors.keys()):
        if not torch.equal(first.tensors[name], second.tensors[name]):
            yield f"{name} differs"
    for key in sorted(first.facts.keys() | second.facts.keys()):
        if key not in _NOT_COMPARED and first.facts.get(key) != second.facts.get(key):
            yield f"{key}: {str(first.facts.get(key))[:200]} and {str(second.facts.get(key))[:200]}"
