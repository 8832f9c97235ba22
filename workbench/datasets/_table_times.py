"""Times in the cells of a table, as seconds; days and months are told apart by the column as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.datasets._table_numbers import number_in
from workbench.errors import DataError
from workbench.saying import said

__all__ = ["is_time", "step_words", "times_of"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times without a zone are counted as they stand
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_IN_DIGITS = [
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%Y-%m",
    "%m/%Y",
]
_IN_WORDS = (
    "%d %b %Y",
    "%b %d %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %Y",
    "%B %d, %Y",
    "%b %Y",
    "%B %Y",
    "%Y-%b",
    "%b-%y",
)
_DAYS = (*_IN_DIGITS, *_IN_WORDS)
_HOURS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S")
_FORMATS = tuple(day + hour for day in _DAYS for hour in _HOURS)
_SAMPLE = 1000
_HARDLY = 0.01
_UNITS = ((365.2425 * 86400, "year"), (86400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))

Where = Callable[[int], str]


def times_of(cells: Sequence[str], decimal: str, time_format: str, where: Where) -> NDArray[np.float64]:
    """Seconds since 1970, of times with a zone in UTC; plain numbers stay what they are. Shape (cells,).

    Args:
        cells: none of them empty.
        decimal: the sign before a fraction.
        time_format: as `strptime` has it; "" to find it.
        where: place of a cell, for messages.
    Raises:
        DataError: a cell is no time, or the column can be read in two ways.
    """
    if not time_format:
        numbers = [number_in(cell, decimal) for cell in cells]
        if all(number is not None for number in numbers):
            return np.array(numbers, dtype=np.float64)
        if _iso(cells[0]) is not None:
            return _seconds(cells, [_iso(cell) for cell in cells], where, "a time such as 2024-01-31 12:00")
        time_format = _format(cells, where)
    return _seconds(cells, [_read(cell, time_format) for cell in cells], where, f"a time as {time_format}")


def is_time(cell: str, time_format: str = "") -> bool:
    """Whether a cell, taken alone, is a date or time and no plain number. `time_format`: see `times_of`."""
    if time_format:
        return _read(cell, time_format) is not None
    if not any(map(str.isdigit, cell)):
        return False
    return _iso(cell) is not None or any(_read(cell, known) is not None for known in _FORMATS)


def step_words(seconds: float) -> str:
    """A length of time in one unit: `1 hour`, `15 minutes`."""
    size, name = next(((size, name) for size, name in _UNITS if seconds >= size * 0.99), _UNITS[-1])
    count = seconds / size
    whole = round(count)
    return f"{whole if abs(count - whole) < _HARDLY else f'{count:.3g}'} {name}{'s' * (whole != 1)}"


def _iso(cell: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None


def _read(cell: str, time_format: str) -> datetime | None:
    try:
        return datetime.strptime(cell, time_format)  # noqa: DTZ007 - a zone, where the format has one
    except ValueError:
        return None


def _format(cells: Sequence[str], where: Where) -> str:
    """The format of which every cell is.

    Raises:
        DataError: there is none, or day and month can be taken for each other.
    """
    sample = list(dict.fromkeys(cells[:_SAMPLE]))
    formats = [known for known in _FORMATS if _read(sample[0], known) is not None]
    fitting = [known for known in formats if all(_read(cell, known) is not None for cell in sample)]
    if not fitting:
        wrong = next((place for place, cell in enumerate(cells) if formats and _read(cell, formats[0]) is None), 0)
        raise DataError(
            f"{where(wrong)}: got {said(cells[wrong])}; expected a time, like 2024-01-31 12:00 or a number. Choose another "
            "column, or set data.time_format (%d.%m.%Y %H:%M)."
        )
    if len(fitting) > 1:
        ordered = [known for known in fitting if _in_order(sample, known)]
        fitting = ordered or fitting
    if len(fitting) > 1:
        raise DataError(
            f"{where(0)}: got {said(cells[0])}, which may be {fitting[0]} or {fitting[1]}. Set data.time_format to one of them."
        )
    return fitting[0]


def _in_order(cells: Sequence[str], time_format: str) -> bool:
    times = [time for cell in cells if (time := _read(cell, time_format)) is not None]
    return all(first <= second for first, second in pairwise(times))


def _seconds(cells: Sequence[str], times: Sequence[datetime | None], where: Where, expected: str) -> NDArray[np.float64]:
    values = np.empty(len(cells))
    zoned = times[0] is not None and times[0].tzinfo is not None
    for place, time in enumerate(times):
        if time is None:
            raise DataError(
                f"{where(place)}: got {said(cells[place])}; expected {expected}. Correct it, or set data.time_format."
            )
        if (time.tzinfo is not None) != zoned:
            with_zone = "with" if zoned else "without"
            raise DataError(
                f"{where(place)}: got {said(cells[place])}; expected a time {with_zone} a time zone, as in the first row. Write "
                "all times the same way."
            )
        since = time - (_EPOCH_UTC if zoned else _EPOCH)
        values[place] = since // _MICROSECOND / 1e6
    return values
