"""What a view is asked to show: everything of its kind at one step, and what of that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.probes._described import Described
from workbench.plotting.probes._order import by_similarity, most_varied

if TYPE_CHECKING:
    from workbench.runs.records import Probe

__all__ = ["Chosen", "Kept", "Look", "Options", "Snapshot", "numbers"]

Kept: TypeAlias = dict[tuple[str, str, int], NDArray[np.int64]]
"""What was decided of which layer with how many units."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What was recorded of one kind at one step of training.

    Attributes:
        step: step after which it was taken.
        rows: the arrays by name, sorted; at least one.
        samples: what the samples are that the arrays are about (kind `samples`), or None.
        history: of rows that a view wants over training: all of that name, by name, oldest first.
        experiment: the run's experiment as plain values; empty where it is not known.
        numbers: of what a view wants of the infos over training, by name of the row: (moments, 1 + numbers), the step first.
    """

    step: int
    rows: Mapping[str, Probe]
    samples: Probe | None = None
    history: Mapping[str, Sequence[Probe]] = field(default_factory=dict)
    experiment: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


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
        kept: what the first look at a layer decided and later ones keep, so that going through the training moves no unit.
    """

    snapshot: Snapshot
    chosen: Chosen
    options: Options
    rows: Mapping[str, Probe]
    kept: Kept = field(default_factory=dict)

    def order(self, activity: NDArray[np.float64]) -> NDArray[np.int64]:
        """The units of the chosen layer, those that do alike beside each other: by the activity, (steps, units), first seen."""
        return self._once("order", activity, by_similarity)

    def leading(self, activity: NDArray[np.float64]) -> int:
        """The unit that was chosen, else the one that varied most in the activity, (steps, units), first seen."""
        if self.chosen.unit is not None:
            return self.chosen.unit
        return int(self._once("leading", activity, lambda values: np.array(most_varied(values))))

    def _once(
        self, what: str, activity: NDArray[np.float64], decide: Callable[[NDArray[np.float64]], NDArray[np.int64]]
    ) -> NDArray[np.int64]:
        key = (what, self.chosen.name, activity.shape[-1])
        if key not in self.kept:
            self.kept[key] = decide(activity)
        return self.kept[key]

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

    def history(self, rest: str = "") -> Sequence[Probe]:
        """All rows of the chosen layer with this rest of their name, oldest first."""
        return self.snapshot.history.get(f"{self.chosen.name}/{rest}" if rest else self.chosen.name, ())

    def of_sample(self, row: Probe) -> NDArray[np.float64]:
        """The numbers of a row for the chosen sample; of (steps, ...) without the steps that only pad it."""
        values: NDArray[np.float64] = numbers(row)[self.chosen.sample]
        return values[: len(self.steps(row))] if "steps" in row.info else values

    def steps(self, row: Probe, key: str = "steps", side: str = "") -> list[int]:
        """Which steps of the chosen sample an axis of time holds, from 1; padding is left out.

        Args:
            row: the row.
            key: what in its info names the steps.
            side: whether these are steps of the `inputs` or the `outputs`; "" for what the row says.
        """
        steps = [step for step in _list(row.info.get(key)) if isinstance(step, int)]
        length = self._sample.length(side or self._side(row))
        return [step for step in steps if length is None or step <= length] or steps[:1]

    def words(self, row: Probe, key: str = "steps", side: str = "") -> list[str] | None:
        """The words at those steps, or None where there are none. Arguments as of `steps`."""
        words = self.text(side or self._side(row))
        steps = self.steps(row, key, side)
        if words is None or not steps or min(steps) < 1:
            return None
        return [words[step - 1] if step <= len(words) else "" for step in steps]

    def text(self, side: str) -> list[str] | None:
        """The words of the `inputs` or the `outputs` of the chosen sample without padding, or None where it is no text."""
        return self._sample.text(side)

    @property
    def index(self) -> int | None:
        """The place of the chosen sample in the validation set, or None where nothing says so."""
        return self._sample.index

    @property
    def classes(self) -> list[str]:
        """Names of the classes, or nothing."""
        samples = self.snapshot.samples
        return [str(name) for name in _list(samples.info.get("classes"))] if samples is not None else []

    @property
    def target(self) -> str:
        """What should come out for the chosen sample, or ""."""
        return self._sample.target

    @property
    def source(self) -> str:
        """What goes in for the chosen sample, as one line, or ""."""
        return self._sample.source

    def _side(self, row: Probe) -> str:
        """Whether a layer's steps are those of the `outputs` or of the `inputs`."""
        return "outputs" if row.info.get("side") == "outputs" else "inputs"

    @property
    def _sample(self) -> Described:
        samples = self.snapshot.samples
        return Described(samples.info if samples is not None else {}, self.chosen.sample)


def numbers(row: Probe) -> NDArray[np.float64]:
    """A row's array in double precision."""
    return np.zeros(0) if row.array is None else np.asarray(row.array, dtype=np.float64)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
