"""Windows of the series of a table: which steps train, which are held out, and what trivial forecasts make of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.cards import IGNORE_INDEX, Baseline
from workbench.datasets._stored import fixed_order
from workbench.datasets._table_series import Rows
from workbench.errors import DataError

__all__ = [
    "Cutting",
    "Forecasting",
    "Part",
    "Windows",
    "forecast_baselines",
    "forecast_parts",
    "label_parts",
    "masked",
    "series_parts",
]

_MOST_WINDOWS = 2000
"""Held-out windows at most, evenly spread."""
_MOST_FEATURES = 200
_MOST_FITTED = 5000
"""Windows that the linear forecast is fitted to."""

Bounds = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Windows:
    """Where windows stand in the rows.

    Attributes:
        starts: first row of each, (windows,).
        lengths: steps of each, (windows,).
        counted: step of each from which on its targets count, (windows,).
    """

    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    counted: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.starts)

    def rows(self, places: NDArray[np.intp]) -> Windows:
        """Some of them."""
        return Windows(self.starts[places], self.lengths[places], self.counted[places])

    def spread(self) -> Windows:
        """All, or of very many some that are evenly spread."""
        count = min(len(self), _MOST_WINDOWS)
        return self.rows(np.arange(count) * len(self) // max(count, 1))


@dataclass(frozen=True, eq=False)
class Part:
    """The three parts of the data, and the rows that scales are learnt from."""

    train: Windows
    validation: Windows
    test: Windows
    fitted: NDArray[np.bool_]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cutting:
    """How rows are cut into parts and windows.

    Attributes:
        window: steps of a window.
        washout: first steps of it that do not count.
        fractions: of validation and test.
        where: the file, for messages.
        horizon: steps from what is read to what is forecast.
    """

    window: int
    washout: int
    fractions: tuple[float, float]
    where: str
    horizon: int = 0

    @property
    def counted(self) -> int:
        """Steps of a window that count."""
        return self.window - self.washout

    def by_time(self, size: int) -> tuple[int, int]:
        """Where a series of so many steps is cut: its end is the test, before that comes the validation part."""
        num_validation, num_test = (round(size * share) for share in self.fractions)
        return size - num_test - num_validation, size - num_test


def forecast_parts(rows: Rows, cutting: Cutting) -> Part:
    """Each series cut by time. Windows of held-out parts may read steps before their part; their targets are all within.

    Every target of a held-out part counts at most once: windows follow one another by the steps that count of each.

    Raises:
        DataError: no series is long enough.
    """
    window, counted, horizon = cutting.window, cutting.counted, cutting.horizon
    starts: tuple[list[NDArray[np.intp]], ...] = ([], [], [])
    fitted = np.zeros(len(rows.inputs), dtype=bool)
    left_out = 0
    for begin, size in zip(rows.starts[:-1].tolist(), rows.sizes.tolist(), strict=True):
        first, second = cutting.by_time(size)
        if first < window + horizon or min(second - first, size - second) < counted:
            left_out += 1
            continue
        fitted[begin : begin + first] = True
        starts[0].append(begin + np.arange(first - window - horizon + 1))
        for part, (low, high) in ((1, (first, second)), (2, (second, size))):
            ends = np.arange(high, low + counted - 1, -counted)[::-1]  # a window's last target is the step before its end
            starts[part].append(begin + ends - window - horizon)
    if not starts[0]:
        longest = int(rows.sizes.max(initial=0))
        needed = max(
            math.ceil((window + horizon) / (1 - sum(cutting.fractions))),
            math.ceil((counted + 1) / min(cutting.fractions)),
        )
        raise DataError(
            f"{cutting.where}: the longest series has {longest:,} rows; expected at least {needed:,} for windows of {window} "
            f"steps with validation and test parts of {counted} at least. Set data.window lower, or data.washout higher."
        )
    short = (
        (f"series too short for windows of {window} steps, left out: {left_out:,} of {rows.num_series:,}",) if left_out else ()
    )
    made = [_even(np.concatenate(part), cutting) for part in starts]
    return Part(made[0], made[1].spread(), made[2].spread(), fitted, short if left_out else ())


def _even(starts: NDArray[np.intp], cutting: Cutting) -> Windows:
    return Windows(starts, np.full(len(starts), cutting.window), np.full(len(starts), cutting.washout))


def label_parts(rows: Rows, cutting: Cutting) -> Part:
    """Whole series in three parts; a single series is cut by time.

    Raises:
        DataError: there is too little.
    """
    stretches: list[list[tuple[int, int, int]]] = [[], [], []]  # first row, last row + 1, steps that do not count
    if rows.num_series == 1:
        size = len(rows.inputs)
        first, second = cutting.by_time(size)
        stretches[0].append((0, first, 0))
        for part, (low, high) in ((1, (first, second)), (2, (second, size))):
            before = min(cutting.washout, low)
            stretches[part].append((low - before, high, before))
    else:
        bounds = list(zip(rows.starts[:-1].tolist(), rows.starts[1:].tolist(), strict=True))
        for part, members in enumerate(_cut_series([""] * rows.num_series, cutting)):
            stretches[part].extend((*bounds[member], 0) for member in members)
    fitted = np.zeros(len(rows.inputs), dtype=bool)
    for begin, end, _ in stretches[0]:
        fitted[begin:end] = True
    train, validation, test = (_windows(part, cutting, every=number == 0) for number, part in enumerate(stretches))
    if not (len(train) and len(validation) and len(test)):
        raise DataError(
            f"{cutting.where}: got {len(rows.inputs):,} rows; expected some for each of three parts. Take a longer table."
        )
    return Part(train, validation.spread(), test.spread(), fitted)


def _windows(stretches: Sequence[tuple[int, int, int]], cutting: Cutting, *, every: bool) -> Windows:
    """Windows of stretches: every possible one, or such that each step counts once."""
    starts, lengths, counted = [], [], []
    for begin, end, before in stretches:
        size = end - begin
        if size <= before:
            continue
        length = min(cutting.window, size)
        last = size - length
        places = list(range(last + 1)) if every else sorted({*range(0, last + 1, cutting.counted), last})
        done = before
        for place in places:
            starts.append(begin + place)
            lengths.append(length)
            counted.append((cutting.washout if place else 0) if every else max(done - place, 0))
            done = max(done, place + length)
    return Windows(np.array(starts, dtype=np.intp), np.array(lengths, dtype=np.intp), np.array(counted, dtype=np.intp))


def series_parts(rows: Rows, classes: Sequence[str], cutting: Cutting) -> Part:
    """Whole series in three parts, of each class about the same share in each.

    Raises:
        DataError: there are too few.
    """
    groups = _cut_series(classes, cutting)
    fitted = np.zeros(len(rows.inputs), dtype=bool)
    for member in groups[0]:
        fitted[rows.starts[member] : rows.starts[member + 1]] = True
    made = []
    for members in groups:
        places = np.array(members, dtype=np.intp)
        made.append(Windows(rows.starts[places], rows.sizes[places], np.zeros(len(places), dtype=np.intp)))
    return Part(made[0], made[1], made[2], fitted)


def _cut_series(classes: Sequence[str], cutting: Cutting) -> tuple[list[int], list[int], list[int]]:
    """Numbers of the series of each part; in a fixed random order, class by class."""
    of_class: dict[str, list[int]] = {}
    for number in fixed_order(__name__, "held out", len(classes)).tolist():
        of_class.setdefault(classes[number], []).append(number)
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for members in of_class.values():
        num_validation, num_test = (min(max(1, round(len(members) * share)), len(members) // 3) for share in cutting.fractions)
        parts[1].extend(members[:num_validation])
        parts[2].extend(members[num_validation : num_validation + num_test])
        parts[0].extend(members[num_validation + num_test :])
    if not (parts[1] and parts[2]):
        raise DataError(
            f"{cutting.where}: got {len(classes):,} series; expected three at least of one class, for training, validation and "
            "test. Add series, or check data.id_column."
        )
    return sorted(parts[0]), sorted(parts[1]), sorted(parts[2])


# Trivial forecasts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Forecasting:
    """What is forecast from what.

    Attributes:
        inputs: scaled rows, (rows, inputs).
        targets: scaled rows, (rows, targets), of the same row; what is asked stands `horizon` rows below.
        series_starts: first row of each series.
        horizon: steps ahead.
        season: steps of a season; 0 for none.
    """

    inputs: NDArray[np.float64]
    targets: NDArray[np.float64]
    series_starts: NDArray[np.intp]
    horizon: int
    season: int


def forecast_baselines(asked: Forecasting, part: Part) -> tuple[Baseline, ...]:
    """What repeating the last value, the value a season before, and a linear regression score on the test targets."""
    at, targets, horizon = _counted_rows(part.test), asked.targets, asked.horizon
    truth = targets[at + horizon]
    variance = max(float(((truth - truth.mean(axis=0)) ** 2).mean()), 1e-12)
    told = [(_mse(targets[at], truth), "repeating the last value")]
    lags = min(int(part.test.counted[0]) + 1, _MOST_FEATURES // asked.inputs.shape[1])
    if lags:
        told.append((_mse(_linear(asked, part.train, at, lags), truth), f"linear regression on the last {lags} values"))
    if asked.season:
        before = at + horizon - asked.season * math.ceil(horizon / asked.season)
        begins = asked.series_starts[np.searchsorted(asked.series_starts, at, side="right") - 1]
        if (before >= begins).all():
            told.append((_mse(targets[before], truth), f"the value {asked.season} steps before"))
    told.sort()
    return tuple(
        [Baseline("nrmse", math.sqrt(mse / variance), sentence) for mse, sentence in told]
        + [Baseline("mse", mse, sentence) for mse, sentence in told]
    )


def _counted_rows(windows: Windows) -> NDArray[np.intp]:
    """The rows at which a forecast counts, (windows * steps,); all windows are of one length and washout."""
    steps = np.arange(int(windows.counted[0]), int(windows.lengths[0]))
    return (windows.starts[:, None] + steps).ravel()


def _mse(predicted: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(((predicted - truth) ** 2).mean())


def _linear(asked: Forecasting, train: Windows, at: NDArray[np.intp], lags: int) -> NDArray[np.float64]:
    """Least squares of the targets on the last values of all inputs, fitted to the training part, at some rows."""
    fitted = train.starts + train.lengths - 1  # each window's last step: every step that trains and has so many before it
    count = min(len(fitted), _MOST_FITTED)
    fitted = fitted[np.arange(count) * len(fitted) // count]

    def features(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        values = asked.inputs[rows[:, None] - np.arange(lags)].reshape(len(rows), -1)
        return np.concatenate((values, np.ones((len(rows), 1))), axis=1)

    weights = np.linalg.lstsq(features(fitted), asked.targets[fitted + asked.horizon], rcond=None)[0]
    predicted: NDArray[np.float64] = features(at) @ weights
    return predicted


def masked(labels: NDArray[np.int64], counted: NDArray[np.intp]) -> NDArray[np.int64]:
    """Labels (windows, steps), without those before the steps that count."""
    return np.where(np.arange(labels.shape[1]) < counted[:, None], IGNORE_INDEX, labels)
