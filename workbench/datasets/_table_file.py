"""Reads a table from CSV, TSV or Parquet as people have them: any encoding, separator and decimal sign, with a header or without.

What a file is shows in its content and not in its name. Cells stay text until a column is asked for as numbers, times or words,
so that a mistake is told with its column and line. A file that cannot be read says why, in one line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.datasets._table_numbers import decimal_sign, is_missing, number_in
from workbench.datasets._table_times import is_time, times_of
from workbench.datasets._text_file import read_lines, unpacked
from workbench.errors import DataError
from workbench.saying import nearest, one_line, said

__all__ = ["Column", "ColumnKind", "Reading", "Table", "names_in", "read_table"]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
Separator = Literal["auto", "comma", "semicolon", "tab", "bar"]
Header = Literal["auto", "yes", "no"]
Decimal = Literal["auto", "point", "comma"]
ColumnKind = Literal["number", "time", "text", "empty"]

_MOST_CELLS = 10_000_000
_LOOKED_AT = 200
_LOOKED_AT_AS_TIMES = 20
_MOST_OF = 0.9
"""Share of a column's cells that must be numbers for its first cell to be taken for a name."""
_PARQUET = b"PAR1"
_INSTALL = "Install it with: pip install 'workbench[parquet]', or save the table as CSV"
_EXPECTED = "a CSV, TSV or Parquet file"


@dataclass(frozen=True)
class Reading:
    """How a file is read, where it does not show.

    Attributes:
        encoding: of the text; "" for UTF-8, or UTF-16 and UTF-32 where it shows.
        separator, header, decimal: see the settings of `table`.
        time_format: of times, as `strptime` has it; "" to find it.
    """

    encoding: str = ""
    separator: Separator = "auto"
    header: Header = "auto"
    decimal: Decimal = "auto"
    time_format: str = ""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes:
        name: from the header, or `column_1` where it has none.
        cells: as they are written, without blanks around; "" where there is nothing.
        lines: the line of the file on which each row begins.
        path: the file, for messages.
        decimal: "." or ",".
        time_format: see `Reading`.
    """

    name: str
    cells: Sequence[str]
    lines: NDArray[np.int64]
    path: Path
    decimal: str
    time_format: str

    def where(self, row: int) -> str:
        """File, column and line of a cell."""
        return f"{self.path}: column {said(self.name)}, line {int(self.lines[row])}"

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells hold nothing: empty, `NA`, `NaN`, `null`, `?` and the like."""
        return np.array([is_missing(cell) for cell in self.cells], dtype=bool)

    @cached_property
    def unnamed(self) -> NDArray[np.bool_]:
        """Which cells hold no word."""
        return np.array([is_missing(cell, word=True) for cell in self.cells], dtype=bool)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The cells as numbers, NaN where one is missing.

        Raises:
            DataError: one is something else.
        """
        values = np.full(len(self.cells), np.nan)
        for row in np.flatnonzero(~self.missing).tolist():
            value = number_in(self.cells[row], self.decimal)
            if value is None:
                raise DataError(
                    f"{self.where(row)}: got {said(self.cells[row])}; expected a number, or nothing where one is missing. "
                    "Correct it, or choose other columns."
                )
            values[row] = value
        return values

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """The cells as times, in seconds; plain numbers stay what they are.

        Raises:
            DataError: one is missing, is no time, or can be read in two ways.
        """
        gap = next(iter(np.flatnonzero(self.missing).tolist()), None)
        if gap is not None:
            raise DataError(f"{self.where(gap)}: got nothing; expected a time in every row. Fill it in, or remove the row.")
        return times_of(self.cells, self.decimal, self.time_format, self.where)

    @cached_property
    def kind(self) -> ColumnKind:
        """What its cells are; a few among them that are none are told when the column is used."""
        known = [self.cells[row] for row in np.flatnonzero(~self.missing)[:_LOOKED_AT].tolist()]
        if not known:
            return "empty"
        if sum(number_in(cell, self.decimal) is not None for cell in known) >= _MOST_OF * len(known):
            return "number"
        few = known[:: max(1, len(known) // _LOOKED_AT_AS_TIMES)]
        return "time" if sum(is_time(cell, self.time_format) for cell in few) >= _MOST_OF * len(few) else "text"


@dataclass(frozen=True, eq=False)
class Table:
    """A file's rows below its header.

    Attributes:
        path: the file.
        columns: all that the file has, from the left.
        notices: what a person should know of it, one line each.
    """

    path: Path
    columns: tuple[Column, ...]
    notices: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.columns[0].cells)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns."""
        return tuple(column.name for column in self.columns)

    def column(self, word: str, setting: str) -> Column:
        """The column of a name, or of a number from 1.

        Args:
            word: what was chosen.
            setting: where, for the message.
        Raises:
            DataError: there is none.
        """
        by_name = {column.name: column for column in self.columns}
        if word in by_name:
            return by_name[word]
        if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= len(self.columns):
            return self.columns[int(word[:9]) - 1]
        raise DataError(f"{setting}: {self.path}: no column {said(word)}. {nearest(word, by_name)}")


def names_in(text: str) -> list[str]:
    """The columns that a setting names, parted by commas; one whose name holds a comma stands in double quotes."""
    rows = list(csv.reader([text.replace("\n", " ")], skipinitialspace=True))
    return [name.strip() for name in (rows[0] if rows else []) if name.strip()]


def read_table(path: Path, reading: Reading) -> Table:
    """The table of a file.

    Raises:
        DataError: it cannot be read, or is no table.
    """
    header, rows, lines, odd = _parquet(path) if _is_parquet(path) else _text(path, reading)
    if not rows:
        raise DataError(f"{path}: got no rows; expected some below the header. Check the file.")
    if len(rows) * len(header) > _MOST_CELLS:
        raise DataError(
            f"{path}: got {len(rows):,} rows of {len(header)} columns; expected at most {_MOST_CELLS:,} cells. Keep a part of it."
        )
    columns = [[_cell(row[place]) for row in rows] for place in range(len(header))]
    names, renamed = _unique(header)
    decimal = "." if reading.decimal == "point" else "," if reading.decimal == "comma" else ""
    decimal = decimal or decimal_sign(path, columns, lines, lambda place: names[place])
    numbers = np.array(lines, dtype=np.int64)
    made = tuple(
        Column(name, cells, numbers, path, decimal, reading.time_format) for name, cells in zip(names, columns, strict=True)
    )
    empty = [column.name for column in made if column.kind == "empty"]
    if empty:
        odd.append(f"columns without any value: {', '.join(map(said, empty[:5]))}{', ...' * (len(empty) > 5)}")  # noqa: PLR2004
    return Table(path, made, tuple(f"{path.name}: {notice}" for notice in (*odd, *renamed)))


Rows = list[list[str]]


def _cell(text: str) -> str:
    """A cell on one line, without blanks around, whatever blanks these are."""
    plain = text.isascii() and text.isprintable()  # most cells
    return text.strip() if plain else one_line(" ".join(text.split()))


def _unique(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """A name for each column, and what was given another name than the file gives it."""
    names: list[str] = []
    renamed: list[str] = []
    for number, given in enumerate(header, 1):
        name = plain = _cell(given) or f"column_{number}"
        count = 1
        while name in names:
            count += 1
            name = f"{plain}_{count}"
        if name != plain:
            renamed.append(f"a second column {said(plain)} is called {said(name)}")
        names.append(name)
    return names, renamed


# Text ------------------------------------------------------------------------------------------------------------------


def _text(path: Path, reading: Reading) -> tuple[list[str], Rows, list[int], list[str]]:
    """Names, rows and their lines, and what is odd."""
    lines = []
    for number, line in enumerate(read_lines(path, reading.encoding).lines, 1):
        if line is None:
            raise DataError(f"{path}: line {number}: not UTF-8; expected text. Set data.encoding, or save the file as UTF-8.")
        lines.append(line)
    skipped, comment, sign = _head(lines)
    separator = SEPARATORS.get(reading.separator) or sign or _separator(lines[skipped:])
    rows, numbers = _records(path, lines, skipped, separator)
    if not rows:
        raise DataError(f"{path}: got no rows; expected {_EXPECTED} with some. Check the file.")
    width = max(Counter(len(row) for row in rows).items(), key=lambda pair: (pair[1], pair[0]))[0]
    named = [cell.strip() for cell in comment.split(separator)] if comment else []
    has_header = reading.header == "yes" or (reading.header == "auto" and _is_header(rows))
    if has_header:
        header, rows, numbers = rows[0], rows[1:], numbers[1:]
        if len(header) == width - 1 and any(len(row) == width and row[-1].strip() for row in rows):
            header = ["", *header]  # as R writes it: no name for the names of rows
        width = len(header)
    else:
        header = named if len(named) == width else [""] * width
    return header, [_padded(path, row, width, number) for row, number in zip(rows, numbers, strict=True)], numbers, []


def _head(lines: Sequence[str]) -> tuple[int, str, str]:
    """How many lines stand before the table, the last comment among them, and the separator that they name."""
    skipped, comment, sign = 0, "", ""
    for line in lines:
        stripped = line.strip()
        if re.fullmatch(r"sep=.", stripped):
            sign = stripped[-1]
        elif stripped.startswith("#"):
            comment = stripped.lstrip("# ")
        elif stripped:
            break
        skipped += 1
    return skipped, comment, sign


def _separator(lines: Sequence[str]) -> str:
    """The sign that parts the first lines most evenly into cells, of several such signs into most; "," for one column."""
    best: tuple[float, int, str] = (0.0, 1, ",")
    for sign in SEPARATORS.values():
        try:
            counts = Counter(len(row) for row in _parsed(lines[:_LOOKED_AT], sign, strict=False) if row)
        except csv.Error:
            continue
        width, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        if width > 1 and times >= _MOST_OF * sum(counts.values()) - 1:
            best = max(best, (times / sum(counts.values()), width, sign))
    return best[2]


def _parsed(lines: Sequence[str], separator: str, *, strict: bool) -> Any:
    """A reader of cells; in a tab-separated file a quote in the middle of a cell is a quote."""
    ended = (f"{line}\n" for line in lines)
    return csv.reader(ended, delimiter=separator, skipinitialspace=True, strict=strict)


def _records(path: Path, lines: Sequence[str], skipped: int, separator: str) -> tuple[Rows, list[int]]:
    """The rows that hold anything, and the line on which each begins.

    Raises:
        DataError: a quote is opened and not closed, or the like.
    """
    rows: Rows = []
    numbers: list[int] = []
    reader = _parsed(lines[skipped:], separator, strict=True)
    begins = skipped + 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                rows.append(row)
                numbers.append(begins)
            begins = skipped + reader.line_num + 1
    except csv.Error as error:
        what = {"unexpected end of data": "a quote is opened and not closed"}.get(str(error), str(error))
        raise DataError(
            f"{path}: line {begins}: {what}; expected cells parted by {said(separator)}, in double quotes where they hold that "
            "sign. Correct the line, or set data.separator."
        ) from error
    return rows, numbers


def _padded(path: Path, row: list[str], width: int, number: int) -> list[str]:
    if len(row) > width and not any(map(str.strip, row[width:])):
        row = row[:width]
    if len(row) != width:
        raise DataError(
            f"{path}: line {number}: got {len(row)} cells; expected {width}, as the table has. Correct the line, or set "
            "data.separator."
        )
    return row


def _is_header(rows: Rows) -> bool:
    """Whether the first row names the columns: none of its cells is a number, and one is unlike all below it."""
    first, rest = rows[0], rows[1 : _LOOKED_AT + 1]
    if any(_looks_like_number(cell) for cell in first) or not rest:
        return not rest and not any(_looks_like_number(cell) for cell in first)
    for place, cell in enumerate(first):
        below = [row[place].strip() for row in rest if place < len(row) and not is_missing(row[place].strip())]
        if below and not is_missing(cell.strip()) and sum(map(_looks_like_number, below)) >= _MOST_OF * len(below):
            return True
    named = [cell.strip() for cell in first if cell.strip()]
    below_all = {cell.strip() for cell in chain.from_iterable(rest)}
    return len(named) == len(set(named)) and not below_all.intersection(named)


def _looks_like_number(cell: str) -> bool:
    text = cell.strip()
    return any(number_in(text, sign) is not None for sign in ".,")


# Parquet ---------------------------------------------------------------------------------------------------------------


def _is_parquet(path: Path) -> bool:
    if not path.is_file():  # a pipe would wait for ever; what is wrong is told where it is read
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == _PARQUET
    except OSError:
        return False


def _parquet(path: Path) -> tuple[list[str], Rows, list[int], list[str]]:
    """As `_text`; every value is written as text, so that one way leads to numbers, times and words."""
    try:
        import polars as pl
    except ImportError as error:
        raise DataError(f"{path}: a Parquet file; reading it needs polars. {_INSTALL}.") from error
    try:
        frame = pl.read_parquet(io.BytesIO(unpacked(path)))
    except Exception as error:  # polars raises a dozen kinds, and its compiled part panics
        raise DataError(f"{path}: cannot be read as Parquet: {one_line(str(error))}. Save it again.") from error
    if frame.height * frame.width > _MOST_CELLS:
        raise DataError(
            f"{path}: got {frame.height:,} rows of {frame.width} columns; expected at most {_MOST_CELLS:,} cells. Keep a part."
        )
    left_out = [name for name in frame.columns if frame[name].dtype.is_nested() or frame[name].dtype == pl.Binary]
    frame = frame.drop(left_out)
    cells = []
    for name in frame.columns:
        column = frame[name]
        if column.dtype == pl.Datetime and getattr(column.dtype, "time_zone", None):
            column = column.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        cells.append([value or "" for value in column.cast(pl.String).to_list()])
    odd = [f"columns of lists or bytes are left out: {', '.join(map(said, left_out[:5]))}"] if left_out else []
    return list(frame.columns), [list(row) for row in zip(*cells, strict=True)], list(range(1, frame.height + 1)), odd
