"""The series that the rows of a table are: which columns are used, rows in order of time, gaps filled by rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.datasets._table_file import Column, Table, names_in
from workbench.datasets._table_times import step_words
from workbench.errors import DataError
from workbench.saying import said

__all__ = ["Asked", "Missing", "Rows", "chosen_columns", "rows_of", "time_column"]

Asked = Literal["forecast", "label", "classify", "regress"]
Missing = Literal["refuse", "previous", "interpolate", "zero", "drop"]

NO_TIME = "none"
_TIME_NAME = re.compile(
    r"(date|time|datetime|timestamp|zeit|datum|year|month|day|hour|week|ds|ts|t)([_ ]?(utc|stamp|index))?", re.IGNORECASE
)
_UNEVEN = 0.2
"""Share by which the steps of a column of times may differ: months have 28 to 31 days."""


class ColumnSettings(Protocol):
    """What is asked of a table; the settings of `table` have it."""

    @property
    def task(self) -> Asked: ...
    @property
    def input_columns(self) -> str: ...
    @property
    def target_columns(self) -> str: ...
    @property
    def time_column(self) -> str: ...
    @property
    def id_column(self) -> str: ...
    @property
    def missing(self) -> Missing: ...


@dataclass(frozen=True)
class Chosen:
    """The columns of a table that are used."""

    inputs: tuple[Column, ...]
    targets: tuple[Column, ...]
    time: Column | None
    id: Column | None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the inputs."""
        return tuple(column.name for column in self.inputs)

    @property
    def target_names(self) -> tuple[str, ...]:
        """Of the targets."""
        return tuple(column.name for column in self.targets)

    @property
    def runs_on(self) -> bool:
        """Whether what is predicted is what is read, so that a forecast can be fed back."""
        return self.names == self.target_names


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a table, series after series, each in order of time.

    Attributes:
        inputs: (rows, inputs) float64, without gaps.
        targets: numbers (rows, targets), or (rows, 0) where words are predicted.
        words: one for each row where words are predicted, "" where there is none; else ().
        starts: first row of each series, and behind the last one the number of rows, (series + 1,).
        names: of the series.
        where: column and line of the target of a series' first row, for messages.
        notices: what became of gaps and order, one line each.
    """

    inputs: NDArray[np.float64]
    targets: NDArray[np.float64]
    words: tuple[str, ...]
    starts: NDArray[np.intp]
    names: tuple[str, ...]
    where: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def num_series(self) -> int:
        """How many series there are."""
        return len(self.names)

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Rows of each series."""
        return np.diff(self.starts)


def time_column(table: Table, word: str) -> Column | None:
    """The column of times: the chosen one, or the first that holds dates, or numbers under a name such as year."""
    if word == NO_TIME:
        return None
    if word:
        return table.column(word, "data.time_column")
    dates = (column for column in table.columns if column.kind == "time")
    numbers = (column for column in table.columns if column.kind == "number" and _TIME_NAME.fullmatch(column.name))
    return next(dates, None) or next((column for column in numbers if not column.missing.any()), None)


def chosen_columns(table: Table, config: ColumnSettings) -> Chosen:
    """The columns that the settings name, and those that they leave to be found.

    Raises:
        DataError: one does not exist or cannot be used for that.
    """
    time = time_column(table, config.time_column)
    ids = table.column(config.id_column, "data.id_column") if config.id_column else None
    targets = tuple(table.column(word, "data.target_columns") for word in names_in(config.target_columns))
    used = {column.name for column in (time, ids) if column is not None}
    others = used | (set() if config.task == "forecast" else {column.name for column in targets})
    inputs = tuple(table.column(word, "data.input_columns") for word in names_in(config.input_columns)) or tuple(
        column for column in table.columns if column.kind == "number" and column.name not in others
    )
    if not inputs:
        kinds = ", ".join(f"{said(column.name)} ({column.kind})" for column in table.columns[:6])
        raise DataError(
            f"{table.path}: no column of numbers is left to be read, of {kinds}; expected one. Set data.input_columns."
        )
    if config.task == "forecast":
        targets = targets or inputs
    elif len(targets) != 1 and not (config.task == "regress" and targets):
        what = {"label": "the class of each row", "classify": "the class of each series", "regress": "the numbers of each series"}
        got = f"{len(targets)} columns" if targets else "none"
        raise DataError(
            f"data.target_columns: got {got}; expected the column with {what[config.task]}. Set it to one of "
            f"{', '.join(table.names[:8])}."
        )
    if config.task in ("classify", "regress") and ids is None:
        raise DataError(
            "data.id_column: got none; expected the column that says which rows are one series, each of which has one answer. "
            f'Set it to one of {", ".join(table.names[:8])}, or take data.task = "label" for an answer at every row.'
        )
    for columns in (inputs, targets) if config.task == "forecast" else ((*inputs, *targets),):
        name, count = Counter(column.name for column in columns).most_common(1)[0]
        if count > 1:
            where = "data.target_columns" if columns is targets else "data.input_columns"
            raise DataError(
                f"{where}: column {said(name)} is named twice, or read and predicted; expected it once. Leave it out."
            )
    return Chosen(inputs, targets, time, ids)


def rows_of(table: Table, chosen: Chosen, config: ColumnSettings) -> Rows:
    """All series of a table.

    Raises:
        DataError: a value is missing and the settings refuse that, times occur twice, or the like.
    """
    notices = list(table.notices)
    groups, names = _groups(table, chosen.id)
    order = _order(table, chosen.time, groups, names, notices)
    inputs = np.stack([column.numbers for column in chosen.inputs], axis=1)[order]
    is_word = config.task in ("label", "classify")
    targets = np.zeros((len(table), 0)) if is_word else np.stack([column.numbers for column in chosen.targets], axis=1)
    targets = targets[order]
    unnamed = chosen.targets[0].unnamed
    words = tuple("" if unnamed[row] else chosen.targets[0].cells[row] for row in order.tolist()) if is_word else ()
    groups, lines = groups[order], order
    if config.missing == "drop":
        kept = np.flatnonzero(np.isfinite(np.concatenate((inputs, targets), axis=1)).all(axis=1))
        if left_out := len(groups) - len(kept):
            notices.append(f"{table.path.name}: rows with missing values are left out: {left_out:,} of {len(groups):,}")
        inputs, targets, groups, lines = inputs[kept], targets[kept], groups[kept], lines[kept]
        words = tuple(words[place] for place in kept.tolist()) if is_word else ()
    starts = np.flatnonzero(np.r_[True, np.diff(groups) != 0]) if len(groups) else np.zeros(0, dtype=np.intp)
    names = [names[group] for group in groups[starts].tolist()]
    where = tuple(chosen.targets[0].where(int(lines[start])) for start in starts.tolist())
    bounds = np.r_[starts, len(groups)].astype(np.intp)
    for columns, values in ((chosen.inputs, inputs), (chosen.targets, targets)):
        if values.shape[1] and not (columns is chosen.targets and config.task == "regress"):
            notices.extend(_fill(values, columns, lines, bounds, config.missing))
    if is_word and config.task == "label" and (gaps := words.count("")):
        notices.append(f"{table.path.name}: rows without a class, which are read and not counted: {gaps:,}")
    return Rows(inputs, targets, words, bounds, tuple(names), where, tuple(dict.fromkeys(notices)))


def _groups(table: Table, column: Column | None) -> tuple[NDArray[np.intp], list[str]]:
    """The series that each row belongs to, numbered as they first occur, and their names."""
    if column is None:
        return np.zeros(len(table), dtype=np.intp), [""]
    gap = next(iter(np.flatnonzero(column.unnamed).tolist()), None)
    if gap is not None:
        raise DataError(f"{column.where(gap)}: got nothing; expected the name of a series in every row. Fill it in.")
    number_of: dict[str, int] = {}
    groups = np.array([number_of.setdefault(cell, len(number_of)) for cell in column.cells], dtype=np.intp)
    return groups, list(number_of)


def _order(
    table: Table, time: Column | None, groups: NDArray[np.intp], names: Sequence[str], notices: list[str]
) -> NDArray[np.intp]:
    """The rows series by series, in each by time.

    Raises:
        DataError: a time occurs twice in a series.
    """
    if time is None:
        return np.argsort(groups, kind="stable")
    times = time.times
    order = np.lexsort((times, groups))
    same = groups[order][1:] == groups[order][:-1]
    steps = np.diff(times[order])[same]
    again = np.flatnonzero(same & (np.diff(times[order]) == 0))
    if len(again):
        first, second = (int(order[place]) for place in (again[0], again[0] + 1))
        of = f" of series {said(names[int(groups[first])])}" if names[int(groups[first])] else ""
        raise DataError(
            f"{time.where(second)}: got {said(time.cells[second])}{of} again, as in line {int(time.lines[first])}; expected each "
            "time once. Set data.id_column to the column that tells series apart, data.time_column to none, or remove one row."
        )
    by_series = np.argsort(groups, kind="stable")
    if (np.diff(times[by_series])[groups[by_series][1:] == groups[by_series][:-1]] < 0).any():
        notices.append(f"{table.path.name}: rows are not in order of {said(time.name)}; they are put in order")
    if len(steps) > 1:
        usual = float(np.median(steps))
        uneven = int((np.abs(steps - usual) > 0.2 * usual).sum())  # months have 28 to 31 days
        if uneven:
            size = step_words(usual) if time.kind == "time" else f"{usual:g}"
            places = f"{uneven:,} of {len(steps):,} places"
            notices.append(f"{table.path.name}: steps of {said(time.name)} differ from the usual {size} at {places}")
    return order


def _fill(
    values: NDArray[np.float64],
    columns: Sequence[Column],
    lines: NDArray[np.intp],
    bounds: NDArray[np.intp],
    missing: Missing,
) -> list[str]:
    """Fill what is missing, in place, in each series by itself, and say so; before the first value only that one can be taken.

    Raises:
        DataError: the rule is to refuse, or a series has no value at all.
    """
    gaps = np.isnan(values)
    if not gaps.any():
        return []
    row, place = (int(number) for number in np.argwhere(gaps)[0])
    count = int(gaps.any(axis=1).sum())
    if missing == "refuse":
        raise DataError(
            f"{columns[place].where(int(lines[row]))}: got nothing, and {count:,} of {len(values):,} rows have such gaps; "
            "expected numbers. Set data.missing to previous, interpolate, zero or drop."
        )
    if missing == "zero":
        values[gaps] = 0
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True) if missing != "zero" else ():
        for number in np.flatnonzero(gaps[start:stop].any(axis=0)).tolist():
            column, known = values[start:stop, number], np.flatnonzero(~gaps[start:stop, number])
            if not len(known):
                raise DataError(
                    f"{columns[number].where(int(lines[start]))}: got no value in the whole series; expected one at least. Leave "
                    "the column or the series out, or set data.missing to zero."
                )
            steps = np.arange(stop - start)
            if missing == "interpolate":
                column[:] = np.interp(steps, known, column[known])
            else:
                column[:] = column[known[np.maximum(np.searchsorted(known, steps, side="right") - 1, 0)]]
    how = {"zero": "0", "previous": "the value before", "interpolate": "interpolated"}[missing]
    return [f"{columns[0].path.name}: missing values in {count:,} of {len(values):,} rows: {how}"]
