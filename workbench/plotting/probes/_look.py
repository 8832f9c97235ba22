"""What a view is asked to show: everything of its kind at one step, and what of that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from workbench.runs.records import Probe

__all__ = ["Chosen", "Look", "Options", "Snapshot"]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What was recorded of one kind at one step of training.

    Attributes:
        step: step after which it was taken.
        rows: the arrays by name, sorted; at least one.
        samples: what the samples are that the arrays are about (kind `samples`), or None.
        history: of rows that a view wants over training: all of that name, by name, oldest first.
        experiment: the run's experiment as plain values; empty where it is not known.
    """

    step: int
    rows: Mapping[str, Probe]
    samples: Probe | None = None
    history: Mapping[str, Sequence[Probe]] = field(default_factory=dict)
    experiment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Chosen:
    """What a person wants to see of a snapshot; what it has not, becomes the nearest that it has.

    Attributes:
        sample: place among the samples, from 0.
        name: layer or parameter; "" for the first one.
        head: of attention, from 0.
        unit: of a state, from 0, or None for the one that a view takes by itself.
    """

    sample: int = 0
    name: str = ""
    head: int = 0
    unit: int | None = None


@dataclass(frozen=True)
class Options:
    """What can be chosen of a snapshot: 0 or 1 where there is no choice.

    Attributes:
        names: layers or parameters.
        samples, heads, units: how many.
    """

    names: tuple[str, ...] = ()
    samples: int = 0
    heads: int = 0
    units: int = 0


@dataclass(frozen=True, eq=False)
class Look:
    """A snapshot, and what of it is chosen, within what there is.

    Attributes:
        snapshot: everything.
        chosen: what is to be seen; all of it exists.
        options: what else could be chosen.
        rows: those of the chosen name, by the rest of their own names (`norm`, `eigenvalues/recurrent`; "" for none).
    """

    snapshot: Snapshot
    chosen: Chosen
    options: Options
    rows: Mapping[str, Probe]

    @property
    def row(self) -> Probe:
        """The first row of the chosen name."""
        return next(iter(self.rows.values()))

    @property
    def array(self) -> NDArray[np.float64]:
        """The numbers of the first row of the chosen name."""
        return numbers(self.row)

    @property
    def experiment(self) -> Mapping[str, Any]:
        """The run's experiment as plain values."""
        return self.snapshot.experiment

    def history(self, rest: str) -> Sequence[Probe]:
        """All rows of the chosen layer with this rest of their name, oldest first."""
        return self.snapshot.history.get(f"{self.chosen.name}/{rest}", ())

    def of_sample(self, row: Probe) -> NDArray[np.float64]:
        """The numbers of a row for the chosen sample, without the steps that only pad it."""
        values: NDArray[np.float64] = numbers(row)[self.chosen.sample]
        return values[: len(self.steps(row))] if row.info.get("steps") is not None else values

    def steps(self, row: Probe, key: str = "steps") -> list[int]:
        """Which steps of the chosen sample a row's axis of time holds, from 1; padding is left out."""
        steps = row.info.get(key)
        array = row.array
        if not isinstance(steps, list):
            return [] if array is None else list(range(1, array.shape[-1] + 1))
        lengths = self._of_samples("lengths")
        length = lengths if isinstance(lengths, int) else None
        return [step for step in steps if isinstance(step, int) and (length is None or step <= length)] or steps[:1]

    @property
    def inputs(self) -> list[str] | None:
        """The words that go in for the chosen sample, or None where it is no text."""
        return _texts(self._of_samples("inputs"))

    @property
    def outputs(self) -> list[str] | None:
        """The words that come out for the chosen sample, or None."""
        return _texts(self._of_samples("outputs"))

    @property
    def target(self) -> str:
        """What should come out for the chosen sample, or ""."""
        target = self._of_samples("targets")
        return target if isinstance(target, str) else ""

    def _of_samples(self, key: str) -> object:
        """What is known of the chosen sample under a name."""
        samples = self.snapshot.samples
        known = samples.info.get(key) if samples is not None else None
        return known[self.chosen.sample] if isinstance(known, list) and self.chosen.sample < len(known) else None


def numbers(row: Probe) -> NDArray[np.float64]:
    """A row's array in double precision."""
    return np.zeros(0) if row.array is None else np.asarray(row.array, dtype=np.float64)


def _texts(words: object) -> list[str] | None:
    return [str(word) for word in words] if isinstance(words, list) else None
