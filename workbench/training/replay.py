"""Whether a run comes out the same when it is computed once more: every logged value, and its weights, bit for bit."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import torch

from workbench.errors import UsageError
from workbench.runs.changes import LiveChanges
from workbench.runs.folder import RunFolder, current_versions
from workbench.runs.process import host_name
from workbench.runs.reader import RunReader
from workbench.training.checkpoint_files import list_checkpoints
from workbench.training.checkpoints import load_checkpoint, restore
from workbench.training.events import Evaluated, Event, StepDone
from workbench.training.recompute import Done, opened_state, retrain

__all__ = ["Difference", "Replay", "replay"]


@dataclass(frozen=True)
class Difference:
    """The first thing that came out differently.

    Attributes:
        step: steps done by then.
        what: tag of the series, or name of the tensor.
        stored, computed: the values; of a tensor the first ones that differ.
    """

    step: int
    what: str
    stored: float
    computed: float


@dataclass(frozen=True)
class Replay:
    """What a replay found.

    Attributes:
        first, last: steps done at its beginning and end.
        values: logged values that were compared.
        tensors: tensors of weights that were compared, with the checkpoints of these steps.
        difference: the first difference, None when all is the same.
        notes: why bits may differ although nothing is wrong: another machine, version, or what torch cannot do deterministically.
    """

    first: int
    last: int
    values: int
    tensors: int
    difference: Difference | None
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether everything that was compared is the same, bit for bit."""
        return self.difference is None

    @property
    def verdict(self) -> str:
        """What came of it, for a person."""
        span = f"steps {self.first + 1:,} to {self.last:,}"
        weights = (
            f"and {self.tensors:,} tensors of weights" if self.tensors else "but no weights: no checkpoint is left of these steps"
        )
        compared = f"{self.values:,} values {weights}"
        first = self.difference
        if first is None:
            return f"The same, bit for bit: {span}, {compared}."
        return (
            f"Not the same. The first difference, at step {first.step:,}: {first.what} is {first.stored!r} in the run and "
            f"{first.computed!r} now. Before it {self.values:,} values and {self.tensors:,} tensors are the same."
        )


class _Found(Exception):  # noqa: N818 - not an error: what was looked for
    """The first difference, by which the rest need not be computed."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.what)
        self.difference = difference


class _Comparison:
    """Holds what comes out against what was stored, event by event."""

    def __init__(self, folder: RunFolder, last: int) -> None:
        self.values = self.tensors = 0
        with RunReader(folder) as reader:
            tags = [tag for tag in reader.tags() if tag.startswith(("train/", "validation/"))]
            series = {tag: reader.scalars(tag) for tag in tags}
        self.stored = {tag: dict(zip(steps.tolist(), values.tolist(), strict=True)) for tag, (steps, values) in series.items()}
        self.checkpoints = {info.step: info.path for info in list_checkpoints(folder) if info.step <= last}

    def see(self, event: Event) -> None:
        """Compare the values of a step or of an evaluation.

        Raises:
            _Found: one differs.
        """
        if not isinstance(event, StepDone | Evaluated):
            return
        for tag, value in event.scalars.items():
            if event.step in (rows := self.stored.get(tag, {})):
                self.values += 1
                if _bits(rows[event.step]) != _bits(value):
                    raise _Found(Difference(event.step, tag, rows[event.step], value))

    def see_weights(self, model: torch.nn.Module, step: int) -> None:
        """Compare the weights with those of the checkpoint of a step, if there is one.

        Raises:
            _Found: one differs.
        """
        if step not in self.checkpoints:
            return
        stored = load_checkpoint(self.checkpoints[step]).model
        for name, value in model.state_dict().items():
            self.tensors += 1
            theirs, ours = stored[name], value.detach().cpu()
            if not torch.equal(theirs, ours):
                place = tuple(torch.nonzero(theirs != ours)[0].tolist()) if theirs.shape == ours.shape else ()
                raise _Found(Difference(step, name, float(theirs[place].flatten()[0]), float(ours[place].flatten()[0])))


def replay(folder: RunFolder, until: int | None = None, done: Done = lambda _step, _last: None) -> Replay:
    """Compute a run once more from its beginning, with every live change at its step. The run itself is left as it is.

    Args:
        folder: the run; it may go on meanwhile.
        until: steps after which the replay ends; where the run stands by default.
        done: told after each step how many are done, and how many will be.
    Raises:
        UsageError: the run has not come so far.
        CheckpointError: what a forked run began with is damaged, or a value is not finite where it was in the run.
        ChangedDataError, DataError: its data are not what they were.
    """
    with RunReader(folder) as reader:
        status, events, meta = reader.status(), reader.events(), reader.meta()
    if not status.step:
        raise UsageError(f"{folder.id}: stands at its beginning; expected steps to compute once more. Let it train first.")
    last = status.step if until is None else until
    if not 0 < last <= status.step:
        raise UsageError(f"{folder.id}: got --until {last:,}; expected 1 to {status.step:,}, where the run stands.")
    notes = _notes(meta)
    state = opened_state(folder, notes.append)
    if folder.own(folder.begin_path).exists():
        restore(state, load_checkpoint(folder.begin_path))
    else:
        state.reset()
    first = state.step
    changes = LiveChanges.of(events)
    changes.go_to(first)
    comparison = _Comparison(folder, last)
    difference = None

    def see(event: Event) -> None:
        comparison.see(event)
        if isinstance(event, StepDone):
            done(event.step, last)

    try:
        for stop in [step for step in sorted({*comparison.checkpoints, last}) if step > first]:
            retrain(state, changes, stop, see)
            comparison.see_weights(state.model, stop)
    except _Found as found:
        difference = found.difference
    return Replay(first, last, comparison.values, comparison.tensors, difference, tuple(notes))


def _bits(value: float) -> bytes:
    """The value's own bits; every NaN is the same one, as it is in the database."""
    return b"nan" if math.isnan(value) else struct.pack("<d", value)


def _notes(meta: dict[str, Any]) -> list[str]:
    """What here is not as it was when the run was computed."""
    notes = []
    versions = current_versions()
    for name, before in (meta.get("versions") or {}).items():
        if versions.get(name) != before:
            notes.append(f"{name} {versions.get(name, 'missing')} here, {before} in the run")
    if (host := meta.get("host")) and host != host_name():
        notes.append(f"another machine: {host_name()} here, {host} in the run")
    here = torch.backends.cpu.get_cpu_capability()
    if (before := meta.get("instructions")) and before != here:
        notes.append(f"other instructions of the processor: {here} here, {before} in the run")
    return notes
