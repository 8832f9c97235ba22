"""Tables as people have them: what stands in each, or what is said of it."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["TABLES", "MadeTable"]

DAYS = [f"2024-01-{day:02d}" for day in range(1, 31)]
LOADS = [100 + day % 7 + 0.5 for day in range(1, 31)]


@dataclass(frozen=True)
class MadeTable:
    """A file, and what is to come of it.

    Attributes:
        name: the file's.
        content: its bytes, or what makes it at a path.
        columns: names and first numbers of each column; empty where it cannot be read.
        line: what is said of a file that cannot be read, a part of it.
        settings: of the card, where the file alone does not say it.
        notices: parts of what should be told.
    """

    name: str
    content: bytes | Callable[[Path], object]
    columns: Mapping[str, list[float]] = field(default_factory=dict)
    line: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """The file, in a folder."""
        path = folder / self.name
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)
        return path


def rows(
    separator: str = ",", decimal: str = ".", end: str = "\n", header: str = "day,load", dates: list[str] | None = None
) -> str:
    """Thirty days with a load each."""
    lines = [header.replace(",", separator)]
    for day, load in zip(dates or DAYS, LOADS, strict=True):
        number = str(load).replace(".", decimal)
        lines.append(f"{day}{separator}{number}")
    return end.join(lines) + end


PLAIN = rows()
LOAD = {"load": LOADS[:3]}
THOUSANDS = {"load": [1000 * load for load in LOADS[:3]]}


def table(header: str, *columns: Sequence[object], end: str = "") -> bytes:
    """Columns under a header, each cell as Python writes it."""
    lines = [header, *(",".join(map(str, cells)) + end for cells in zip(*columns, strict=True))]
    return ("\n".join(lines) + "\n").encode()


def grouped(sign: str, separator: str = ",", decimal: str = ".") -> bytes:
    """Days with a load of thousands, each number in quotes."""
    numbers = (f"{1000 * load:,.2f}".replace(",", "t").replace(".", decimal).replace("t", sign) for load in LOADS)
    cells = zip(["day", *DAYS], ["load", *numbers], strict=True)
    return "".join(f'{day}{separator}"{number}"\n' for day, number in cells).encode()


def zipped(name: str, content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def parquet(path: Path) -> None:
    import datetime as dt

    import polars as pl

    zone = dt.timezone(dt.timedelta(hours=2))
    times = [dt.datetime(2024, 1, 1, hour % 24, tzinfo=zone) + dt.timedelta(days=hour // 24) for hour in range(30)]
    frame = {"when": times, "load": LOADS, "flag": [True, False] * 15, "tags": [["a"]] * 30, "gap": [None, 1] * 15}
    pl.DataFrame(frame).write_parquet(path)


def fifo(path: Path) -> None:
    import os

    os.mkfifo(path)


def changed(line: int, text: str) -> bytes:
    """The plain table with one line replaced, from 1."""
    lines = PLAIN.splitlines()
    lines[line - 1] = text
    return ("\n".join(lines) + "\n").encode()


def of_month(form: str) -> list[str]:
    return [form.format(d=day, m=1) for day in range(1, 31)]


TABLES = [
    # read as they should be
    MadeTable("plain.csv", PLAIN.encode(), LOAD),
    MadeTable("no_end.csv", PLAIN.rstrip("\n").encode(), LOAD),
    MadeTable("bom.csv", b"\xef\xbb\xbf" + PLAIN.encode(), LOAD),
    MadeTable("crlf.csv", rows(end="\r\n").encode(), LOAD),
    MadeTable("cr.csv", rows(end="\r").encode(), LOAD),
    MadeTable("utf16.csv", PLAIN.encode("utf-16"), LOAD),
    MadeTable("utf16_without_mark.csv", PLAIN.encode("utf-16-le"), LOAD),
    MadeTable("tabs.txt", rows("\t").encode(), LOAD),
    MadeTable("bars.txt", rows("|").encode(), LOAD),
    MadeTable("semicolons_and_commas.csv", rows(";", ",").encode(), LOAD),
    MadeTable("excel.csv", ("sep=;\r\n" + rows(";", ",", "\r\n")).encode("utf-8-sig"), LOAD),
    MadeTable("trailing_separator.csv", rows().replace("\n", ",\n").encode(), LOAD),
    MadeTable("only_rows_end_in_one.csv", (rows().replace("\n", ",\n").replace("load,", "load", 1)).encode(), LOAD),
    MadeTable("blank_lines.csv", PLAIN.replace("\n", "\n\n").encode(), LOAD),
    MadeTable("comments.csv", ("# from the meter\n# in kW\n" + PLAIN).encode(), LOAD),
    MadeTable("names_in_a_comment.txt", table("# step,load", range(30), LOADS), {"step": [0, 1, 2], **LOAD}),
    MadeTable("from_r.csv", table('"load","twice"', [f'"{row}"' for row in range(30)], LOADS, LOADS), LOAD),
    MadeTable("without_header.csv", table("0,0.5", range(30), LOADS), {"column_2": [0.5, *LOADS[:2]]}),
    MadeTable("one_column.csv", table("load", LOADS), LOAD),
    MadeTable("quoted_newlines.csv", PLAIN.replace("day,load", '"day\nof the month","load"').encode(), LOAD),
    MadeTable("quoted_separators.csv", table("day,load,note", DAYS, LOADS, ['"warm, dry ""x"""'] * 30), LOAD),
    MadeTable("nbsp.csv", PLAIN.replace(",", "\u00a0,\u00a0").encode(), LOAD),
    MadeTable("right_to_left.csv", table("\u05d9\u05d5\u05dd,\u05e2\u05d5", DAYS, LOADS), {"\u05e2\u05d5": LOADS[:3]}),
    MadeTable(
        "empty_columns.csv", table("day,load,,remarks", DAYS, LOADS, end=",,"), LOAD,
        notices=("columns without any value: 'column_3', 'remarks'",),
    ),
    MadeTable(
        "headers_twice.csv", table("day,load,load", DAYS, LOADS, LOADS[::-1]), {**LOAD, "load_2": LOADS[:-4:-1]},
        notices=("a second column 'load' is called 'load_2'",),
    ),
    MadeTable("thousands.csv", grouped(","), THOUSANDS),
    MadeTable("thousands_with_blanks.csv", grouped("\u202f"), THOUSANDS),
    MadeTable("thousands_swiss.csv", grouped("\u2019"), THOUSANDS),
    MadeTable("thousands_german.csv", grouped(".", ";", ","), THOUSANDS),
    MadeTable("minus_of_typesetters.csv", PLAIN.replace(",1", ",\u22121").encode(), {"load": [-x for x in LOADS[:3]]}),
    MadeTable("powers.csv", table("day,load", DAYS, [f"{load:e}" for load in LOADS]), LOAD),
    MadeTable(
        "latin1.csv", PLAIN.replace("load", "caf\u00e9").encode("latin-1"), {"caf\u00e9": LOADS[:3]},
        settings={"encoding": "latin-1"},
    ),
    MadeTable("gz.csv.gz", gzip.compress(PLAIN.encode()), LOAD),
    MadeTable("bz2.csv.bz2", bz2.compress(PLAIN.encode()), LOAD),
    MadeTable("zip.zip", zipped("plain.csv", PLAIN), LOAD),
    MadeTable(
        "parquet.parquet", parquet, {**LOAD, "flag": [1, 0, 1]}, settings={"input_columns": "load,flag"},
        notices=("columns of lists or bytes are left out: 'tags'",),
    ),
    MadeTable("german_days.csv", rows(dates=of_month("{d:02d}.{m:02d}.2024")).encode(), LOAD),
    MadeTable("american_days.csv", rows(dates=of_month("{m:02d}/{d:02d}/2024")).encode(), LOAD),
    MadeTable("with_zones.csv", rows(dates=[f"{day}T12:00+0{place % 3}:00" for place, day in enumerate(DAYS)]).encode(), LOAD),
    MadeTable(
        "unordered.csv", table("day,load", DAYS[1::2] + DAYS[::2], LOADS[1::2] + LOADS[::2]), LOAD,
        notices=("rows are not in order of 'day'; they are put in order",),
    ),
    MadeTable(
        "uneven_steps.csv", changed(31, "2024-03-01,102.5"), LOAD,
        notices=("steps of 'day' differ from the usual 1 day at 1 of 29 places",),
    ),
    MadeTable(
        "nan.csv", changed(5, "2024-01-04,NaN"), {"load": [101.5, 102.5, 103.5, 103.5]}, settings={"missing": "previous"},
        notices=("missing values in 1 of 30 rows: the value before",),
    ),
    MadeTable(
        "interpolated.csv", changed(5, "2024-01-04,"), {"load": [101.5, 102.5, 103.5, 104.5]},
        settings={"missing": "interpolate"},
    ),
    MadeTable(
        "dropped.csv", changed(5, "2024-01-04,NA"), {"load": [101.5, 102.5, 103.5, 105.5]}, settings={"missing": "drop"},
        notices=("rows with missing values are left out: 1 of 30",),
    ),
    MadeTable("huge_whole_numbers.csv", changed(2, f"2024-01-01,{10**30}"), {"load": [1e30, 102.5]}),
    # told why not
    MadeTable("zero_bytes.csv", b"", line="is empty"),
    MadeTable("header_alone.csv", b"day,load\n", line="got no rows; expected some below the header"),
    MadeTable("no_number.csv", table("day,word", DAYS, ["sun"] * 30), line="no column of numbers"),
    MadeTable("gap.csv", changed(5, "2024-01-04,"), line="column 'load', line 5: got nothing, and 1 of 30 rows have such gaps"),
    MadeTable(
        "word_among_numbers.csv", changed(7, "2024-01-06,broken"), line="column 'load', line 7: got 'broken'; expected a number",
    ),
    MadeTable("infinite.csv", changed(7, "2024-01-06,inf"), line="column 'load', line 7: got 'inf'; expected a number"),
    MadeTable("short_row.csv", changed(9, "2024-01-08"), line="line 9: got 1 cells; expected 2"),
    MadeTable("long_row.csv", changed(9, "2024-01-08,1,2"), line="line 9: got 3 cells; expected 2"),
    MadeTable("open_quote.csv", changed(9, '2024-01-08,"108'), line="line 9: a quote is opened and not closed"),
    MadeTable(
        "latin1_unsaid.csv", PLAIN.replace("2024", "\u00e92024").encode("latin-1"), line="Set data.encoding to its encoding",
    ),
    MadeTable(
        "not_that_encoding.csv", PLAIN.encode(), settings={"encoding": "klingon"},
        line="data.encoding: got 'klingon'; expected the name of an encoding",
    ),
    MadeTable(
        "two_decimal_signs.csv", (rows(";", ",") + "2024-02-01;1.25\n").encode(), line="expected one sign before the fraction",
    ),
    MadeTable(
        "thousand_or_fraction.csv", rows(";", ",").replace(",5", ",500").encode(),
        line="which may be a thousand and more, or a fraction",
    ),
    MadeTable(
        "day_or_month.csv", table("day,load", ["03/02/2024", "01/02/2024", "02/03/2024"], LOADS[:3]),
        line="which may be %d/%m/%Y or %m/%d/%Y. Set data.time_format",
    ),
    MadeTable(
        "mixed_zones.csv", rows(dates=[f"{day}T12:00{'Z' * (day[-2:] != '09')}" for day in DAYS]).encode(),
        line="line 10: got '2024-01-09T12:00'; expected a time with a time zone",
    ),
    MadeTable(
        "time_twice.csv", changed(9, "2024-01-07,1.5"), line="line 9: got '2024-01-07' again, as in line 8; expected each",
    ),
    MadeTable("no_time.csv", changed(9, ",1.5"), line="column 'day', line 9: got nothing; expected a time in every row"),
    MadeTable("wrong_day.csv", changed(30, "2024-02-30,1.5"), line="line 30: got '2024-02-30'; expected a time such as"),
    MadeTable(
        "too_short.csv", "\n".join(PLAIN.splitlines()[:6]).encode(), line="the longest series has 5 rows; expected at least",
    ),
    MadeTable("no_such_column.csv", PLAIN.encode(), line="data.target_columns: ", settings={"target_columns": "lod"}),
    MadeTable("damaged.parquet", b"PAR1 damaged PAR1", line="cannot be read as Parquet"),
    MadeTable("damaged.csv.gz", gzip.compress(PLAIN.encode())[:-9], line="compressed, and cannot be decompressed"),
    MadeTable("workbook.xlsx", zipped("[Content_Types].xml", "<x/>"), line="an office document; expected text"),
    MadeTable("two_files.zip", b"PK\x05\x06" + bytes(18), line="an archive of 0 files"),
    MadeTable("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), line="not a text file"),
    MadeTable("nul.csv", changed(9, "2024-01-08,1\0"), line="line 9"),
    MadeTable("folder.csv", Path.mkdir, line="is a folder; expected a file"),
    MadeTable("pipe.csv", fifo, line="is a pipe, socket or device"),
]  # fmt: skip
