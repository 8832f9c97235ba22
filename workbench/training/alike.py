"""Passages of the validation set in which a layer does most nearly what it does in a few marked steps of one sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.cards import Dataset
from workbench.cards.catalog import task_kind
from workbench.errors import UsageError
from workbench.nn.names import Side
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.watching import side_of
from workbench.plotting.probes import Described
from workbench.saying import nearest, said
from workbench.training.inference import LoadedModel
from workbench.training.looks import real_steps, samples, series_of
from workbench.training.traces import Pass, gates_of, states_of, trace

__all__ = ["KINDS", "SEARCHED", "TOLD", "Alike", "Window", "find_alike", "nearest_windows"]

KINDS: Mapping[str, Callable[[Pass], Iterator[tuple[str, Tensor]]]] = {"states": states_of, "gates": gates_of}
"""What can be compared: kinds of probe whose arrays are (samples, steps, units)."""
SEARCHED = 1000
"""Samples that are searched unless more or fewer are asked for."""
TOLD = 10
"""Passages that are told unless more or fewer are asked for."""
MOST_NUMBERS = 50_000_000
"""Numbers of activity that are held at once, 200 MB; of longer samples or larger layers fewer samples are searched."""
MOST_PRODUCTS = 20_000_000_000
"""The same times the steps of a window, which takes some ten seconds; of longer windows fewer samples are searched."""
_STEPS_AT_ONCE = 10_000
"""Steps of all samples of a forward pass together; each layer keeps its states of so many."""
_ROWS_AT_ONCE = 2_000_000
"""Numbers of a table of distances between steps."""
_CONTEXT = 12
"""Words before and behind a passage that are told."""
_FLAT = 1e-6
"""A unit whose standard deviation is below this share of its largest value is flat: what is left is rounding."""


@dataclass(frozen=True)
class Window:
    """Steps of a sample that follow each other.

    Attributes:
        index: the sample's place in the validation set.
        first, last: its steps, from 1, both included.
        distance: root of the mean squared difference to the query, in standard deviations of each unit over the set.
        words: what is read, or written, at these steps; None where that is no text.
        before, after: the words around them.
        target: what should come out for the sample.
        activity: of the units that were compared, (steps, units).
        inputs: what goes in at these steps, (steps, size), where that is numbers; else None.
    """

    index: int
    first: int
    last: int
    distance: float
    words: list[str] | None
    before: list[str]
    after: list[str]
    target: str
    activity: NDArray[np.floating]
    inputs: NDArray[np.generic] | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        inputs = None if self.inputs is None else self.inputs.tolist()
        return {**vars(self), "activity": self.activity.tolist(), "inputs": inputs}


@dataclass(frozen=True)
class Alike:
    """What was found.

    Attributes:
        step: of the checkpoint whose activity this is.
        kind: `states` or `gates`.
        name: layer, or layer and gate.
        unit: the one unit that was compared, or None for all.
        side: which sequence the steps are of.
        flat: units that have one value everywhere, and do not count.
        searched, available: samples that were searched, and that the validation set has.
        query: the marked passage.
        hits: the passages most alike to it, the nearest first.
    """

    step: int
    kind: str
    name: str
    unit: int | None
    side: Side
    flat: int
    searched: int
    available: int
    query: Window
    hits: tuple[Window, ...]

    @property
    def mean_inputs(self) -> NDArray[np.floating] | None:
        """What goes in at each step of the hits on the average, (steps, size); None where that is no numbers, or without hits."""
        series = [hit.inputs for hit in self.hits if hit.inputs is not None]
        return np.mean(np.asarray(series, dtype=np.float64), axis=0) if series else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        mean = self.mean_inputs
        return {
            **vars(self),
            "query": self.query.to_dict(),
            "hits": [hit.to_dict() for hit in self.hits],
            "mean_inputs": None if mean is None else mean.tolist(),
        }


def find_alike(  # noqa: PLR0913 - what is looked for, and where
    loaded: LoadedModel,
    kind: str,
    name: str,
    index: int,
    steps: tuple[int, int],
    *,
    unit: int | None = None,
    top: int = TOLD,
    limit: int = SEARCHED,
) -> Alike:
    """The passages of the validation set that are most alike to one of its own, as a layer of a model sees them.

    All windows of the query's length are compared, each unit divided by its standard deviation over the set:

        d^2 = mean over steps t and units u of ((a_tu - q_tu) / std_u)^2

    Of passages of a sample that overlap the nearest counts; the query counts as one of them and is not told.

    Args:
        loaded: the model.
        kind: `states` or `gates`.
        name: the layer, or the layer and its gate, as a snapshot names it.
        index: the query's sample, a place in the validation set.
        steps: its first and last step, from 1, both included.
        unit: the one unit that is compared, from 0; None for all.
        top: passages that are told at most.
        limit: samples that are searched at most, from the beginning of the set; the query's own is one of them.

    Raises:
        UsageError: the model has no such layer or unit, the set no such sample or steps, or the units do nothing.
        DataError: the validation set cannot be had.
    """
    if kind not in KINDS:
        raise UsageError(f"alike: got {said(kind)}; expected {' or '.join(KINDS)}.")
    whole = loaded.dataset.held_out("validation")
    if not 0 <= index < len(whole):
        raise UsageError(f"alike: got sample {index}; expected 0 to {len(whole) - 1}, the places of the validation set.")
    activity = _Activity(loaded, kind, name)
    length = activity.length(index)
    first, last = steps
    if not 1 <= first <= last <= length:
        raise UsageError(f"alike: got steps {first}:{last}; expected 1 to {length}, the steps of {name} on that sample.")
    if unit is not None and not 0 <= unit < activity.num_units:
        raise UsageError(f"alike: got unit {unit}; expected 0 to {activity.num_units - 1}, the units of {name}.")
    size = activity.num_steps * activity.num_units
    within = max(1, min(limit, MOST_NUMBERS // size, MOST_PRODUCTS // (size * (last - first + 1)), len(whole)))
    places = sorted({*range(within - (index >= within)), index})
    values = activity.of(places)
    compared = values if unit is None else [one[:, unit : unit + 1] for one in values]
    scaled, flat = _scaled(compared, name if unit is None else f"unit {unit} of {name}")
    mine = places.index(index)
    if not scaled[mine][first - 1 : last].isfinite().all():
        raise UsageError(f"alike: steps {first}:{last} of {name} are not finite; expected numbers. Choose others.")
    found = nearest_windows(scaled, mine, first - 1, last - first + 1, top)
    told = [(mine, first - 1, 0.0), *found]
    passages = _passages(loaded.dataset, activity.side, [places[row] for row, _, _ in told], told, last - first + 1, compared)
    return Alike(loaded.step, kind, name, unit, activity.side, flat, len(places), len(whole), passages[0], tuple(passages[1:]))


def nearest_windows(values: Sequence[Tensor], query: int, first: int, length: int, top: int) -> list[tuple[int, int, float]]:
    """The windows whose values are nearest to those of one, which itself is not told.

    Args:
        values: of each sample (its real steps, units).
        query: the sample of the one.
        first: its first step, from 0.
        length: steps of a window.
        top: how many at most; those that overlap a nearer one of the same sample, or the one itself, do not count.

    Returns:
        (sample, first step from 0, root of the mean squared difference), the nearest first.
    """
    ends = np.cumsum([len(one) for one in values])
    begins = ends - [len(one) for one in values]
    rows = torch.cat(list(values))
    wanted = values[query][first : first + length]
    squares = _window_distances(rows, wanted).numpy()
    squares[~np.isfinite(squares)] = np.inf
    for end in ends:  # what would run into the next sample
        squares[max(0, end - length + 1) : end] = np.inf
    best = begins[query] + first
    found: list[tuple[int, int, float]] = []
    while True:
        sample = int(np.searchsorted(ends, best, side="right"))
        squares[max(begins[sample], best - length + 1) : min(ends[sample], best + length)] = np.inf
        best = int(squares.argmin())
        if len(found) == top or not np.isfinite(squares[best]):
            return found
        sample = int(np.searchsorted(ends, best, side="right"))
        found.append((sample, int(best - begins[sample]), float(np.sqrt(squares[best] / wanted.numel()))))


def _window_distances(rows: Tensor, wanted: Tensor) -> Tensor:
    """Sum of squared differences between `wanted`, (L, units), and the L rows from each one on, (rows,); NaN near the end."""
    length, count = len(wanted), len(rows)
    sums = torch.full((count,), torch.nan, dtype=torch.float64)
    for start in range(0, count - length + 1, at_once := max(1, _ROWS_AT_ONCE // length)):
        windows = min(at_once, count - length + 1 - start)
        part = rows[start : start + windows + length - 1]
        # by differences, not by products: equal values have distance 0, and near ones lose no digits
        between = torch.cdist(part, wanted, compute_mode="donot_use_mm_for_euclid_dist").double().square()  # (rows, L)
        diagonals = between.as_strided((windows, length), (length, length + 1))  # step t of a window against step t of the query
        sums[start : start + windows] = diagonals.sum(1)
    return sums


class _Activity:
    """What a layer does on samples of the validation set, as a snapshot takes it.

    Args:
        loaded: the model.
        kind: `states` or `gates`.
        name: layer, or layer and gate.

    Raises:
        UsageError: the model has no such layer.
    """

    def __init__(self, loaded: LoadedModel, kind: str, name: str) -> None:
        self._loaded, self._kind, self._name = loaded, kind, name
        self._objective = task_kind(loaded.dataset.task)(loaded.dataset.task)
        self._whole = loaded.dataset.held_out("validation")
        one = dict(self._pass([0]))
        if not one:
            raise UsageError(
                f"alike: got a run of {loaded.experiment.model.name}, which has no {kind} at the steps of a sequence; "
                "expected a model that has. 'workbench probe RUN' lists what there is."
            )
        if name not in one:
            raise UsageError(f"alike: got {said(name)}; expected a name that '{kind}' has. {nearest(name, one)}")
        self.num_steps, self.num_units = one[name].shape[1:]
        self.side = side_of(loaded.model, name.rpartition("/")[0] if kind == "gates" else name)
        self._lengths = real_steps(self._whole, loaded.dataset.task, self.side)

    def length(self, place: int) -> int:
        """Real steps of a sample."""
        return min(self.num_steps, self._lengths[place] or self.num_steps)

    def of(self, places: Sequence[int]) -> list[Tensor]:
        """Of each sample (its real steps, units), in single precision."""
        at_once = max(1, _STEPS_AT_ONCE // self.num_steps)
        values: list[Tensor] = []
        for start in range(0, len(places), at_once):
            some = places[start : start + at_once]
            whole = next(values for name, values in self._pass(some) if name == self._name).float()
            values += [one[: self.length(place)].clone() for one, place in zip(whole, some, strict=True)]
        return values

    def _pass(self, places: Sequence[int]) -> Iterator[tuple[str, Tensor]]:
        batch = TensorBatch.of(self._whole.rows(places), torch.device("cpu"))
        with torch.no_grad():
            seen = trace(self._loaded.model, self._objective, batch, backward=False, kinds=("states",))
            yield from KINDS[self._kind](seen)


def _scaled(values: Sequence[Tensor], what: str) -> tuple[list[Tensor], int]:
    """The values divided by each unit's standard deviation, without those of flat units, and how many these are.

    Raises:
        UsageError: all are flat.
    """
    rows = torch.cat(list(values))
    known = rows if rows.isfinite().all() else rows[rows.isfinite().all(1)]
    spread = known.std(0, correction=0)  # NaN where nothing is finite
    moving = spread > _FLAT * known.abs().amax(0) if len(known) else torch.zeros_like(spread, dtype=torch.bool)
    if not moving.any():
        raise UsageError(f"alike: {what} has one value at every step of the set; expected one that changes. Choose another one.")
    scaled = rows[:, moving] / spread[moving]
    return list(torch.split(scaled, [len(one) for one in values])), int((~moving).sum())


def _passages(  # noqa: PLR0913, PLR0917 - one call
    dataset: Dataset,
    side: Side,
    places: Sequence[int],
    found: Sequence[tuple[int, int, float]],
    length: int,
    values: Sequence[Tensor],
) -> list[Window]:
    """Windows with all that is told of them.

    Args:
        dataset: where the samples are.
        side: which sequence the steps are of.
        places: each window's sample in the validation set.
        found: each window's row of `values`, first step from 0, and distance.
        length: steps of each.
        values: of each sample (steps, units).
    """
    batch = dataset.held_out("validation").rows(places)
    row = samples(dataset, batch, places)
    series = series_of(batch) if side == "inputs" else None
    if series is not None and series.shape[1] < max(map(len, values)):
        series = None  # its steps are not those of the inputs
    passages = []
    for place, (index, (sample, first, distance)) in enumerate(zip(places, found, strict=True)):
        described, steps = Described(row.info, place), slice(first, first + length)
        words = described.text(side)
        if words is not None:
            words += [""] * (len(values[sample]) - len(words))
        passages.append(
            Window(
                index,
                first + 1,
                first + length,
                distance,
                None if words is None else words[steps],
                [] if words is None else words[max(0, first - _CONTEXT) : first],
                [] if words is None else words[first + length : first + length + _CONTEXT],
                described.target,
                values[sample][steps].numpy(),
                None if series is None else series[place, steps],
            )
        )
    return passages
