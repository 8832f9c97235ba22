"""Reads archives of labelled time series as the UCR and UEA collections publish them: .ts, .arff, tab-separated, and .npz.

What a file is shows in its content and not in its name; its name says which part of a data set it is (`GunPoint_TRAIN.ts`). A
file that cannot be read says why, in one line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.datasets._text_file import read_lines
from workbench.errors import DataError
from workbench.paths import missing_hint
from workbench.saying import said

__all__ = ["SeriesFiles", "SeriesPart", "find_series_files", "read_series"]

_PART = re.compile(r"(?P<name>.+)[_-](?P<part>train|test)\.(?P<kind>ts|arff|npz|tsv|txt)(\.(gz|bz2|xz))?", re.IGNORECASE)
_KINDS = ("ts", "arff", "npz", "tsv", "txt")
"""Of a data set in several formats the first of these is read: the first two name the classes."""
_MISSING = ("?", "", "nan", "NaN", "NA")
_MATRIX, _CUBE = 2, 3
_MOST_NUMBERS = 100_000_000
_ARRAYS = (("x_train", "y_train"), ("x_test", "y_test"), ("x", "y"))
_EXPECTED = "a .ts, .arff, .tsv or .npz file of labelled series, or a folder with NAME_TRAIN and NAME_TEST in it"

Series = NDArray[np.float32]
"""(steps, dimensions), NaN where a value is missing."""


@dataclass(frozen=True, eq=False)
class SeriesPart:
    """Labelled series.

    Attributes:
        series: one array for each, (steps, dimensions) float32; NaN where a value is missing.
        labels: the class of each, as it is written.
        classes: the names that the file gives, in its order; () where it gives none.
        where: file, and line where there are lines, of each series.
    """

    series: tuple[Series, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    where: tuple[str, ...]


@dataclass(frozen=True)
class SeriesFiles:
    """The files of one data set.

    Attributes:
        name: of the data set.
        train: file of the training part, or of all.
        test: file of the test part, or None where there is none.
    """

    name: str
    train: Path
    test: Path | None


def find_series_files(path: Path) -> SeriesFiles:
    """The files of a folder's one data set; of a file, itself and the other part beside it.

    Raises:
        DataError: there is none, there are several, or a training part is missing.
    """
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise DataError(f"{path}: no such file; expected {_EXPECTED}. {missing_hint(path) or 'Check data.path.'}")
    match = _PART.fullmatch(path.name)
    if match is None:
        return SeriesFiles(path.name.partition(".")[0], path, None)
    name, kind = match["name"], match["kind"].lower()
    parts = _parts(path.parent).get(name, {}).get(kind, {})
    if match["part"].lower() == "train":
        return SeriesFiles(name, path, parts.get("test"))
    if "train" not in parts:
        raise DataError(f"{path}: is the test part alone; expected {name}_TRAIN.{kind} beside it. Put it there.")
    return SeriesFiles(name, parts["train"], path)


def _of_folder(path: Path) -> SeriesFiles:
    sets = {name: kinds for name, kinds in _parts(path).items() if any("train" in parts for parts in kinds.values())}
    if not sets:
        raise DataError(f"{path}: no series in this folder; expected {_EXPECTED}. Check data.path.")
    if len(sets) > 1:
        files = [min(str(parts["train"]) for parts in kinds.values() if "train" in parts) for kinds in sets.values()]
        names = ", ".join(sorted(files)[:5])
        raise DataError(f"{path}: got {len(sets)} data sets in one folder; expected one. Set data.path to one of {names}.")
    ((name, kinds),) = sets.items()
    parts = next(kinds[kind] for kind in _KINDS if "train" in kinds.get(kind, {}))
    return SeriesFiles(name, parts["train"], parts.get("test"))


def _parts(folder: Path) -> dict[str, dict[str, dict[str, Path]]]:
    """Name -> format -> part -> file."""
    found: dict[str, dict[str, dict[str, Path]]] = {}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror or error}. Check data.path.") from error
    for entry in entries:
        match = _PART.fullmatch(entry.name)
        if match is not None and entry.is_file():
            found.setdefault(match["name"], {}).setdefault(match["kind"].lower(), {})[match["part"].lower()] = entry
    return found


def read_series(path: Path) -> dict[str, SeriesPart]:
    """What a file holds, by part: `all`, or `train` and `test` of an .npz archive with both.

    Raises:
        DataError: it cannot be read, or holds no labelled series.
    """
    parts = _read_arrays(path) if _is_archive_of_arrays(path) else {"all": _read_text(path)}
    for part in parts.values():
        sizes = {series.shape[1] for series in part.series}
        if len(sizes) > 1:
            raise DataError(
                f"{path}: got series of {', '.join(map(str, sorted(sizes)))} dimensions; expected one number of them."
            )
        if sum(series.size for series in part.series) > _MOST_NUMBERS:
            raise DataError(f"{path}: got more than {_MOST_NUMBERS:,} numbers; expected fewer. Keep a part of the series.")
        if not part.series:
            raise DataError(f"{path}: holds no series; expected some after its header. Check the file.")
    return parts


# Text ------------------------------------------------------------------------------------------------------------------


def _read_text(path: Path) -> SeriesPart:
    lines = []
    for number, line in enumerate(read_lines(path).lines, 1):
        if line is None:
            raise DataError(f"{path}: line {number}: not UTF-8; expected text. Convert the file to UTF-8.")
        lines.append((number, line.strip()))
    lines = [(number, line) for number, line in lines if line and not line.startswith(("#", "%"))]
    first = lines[0][1].lower() if lines else ""
    if not first.startswith("@"):
        return _read_rows(path, lines)
    header, rows = _divided(path, lines)
    return _read_arff(path, header, rows) if any(key == "relation" for key, _ in header) else _read_ts(path, header, rows)


Line = tuple[int, str]
Parted = Callable[[str], tuple[list[str], str]]
"""Of a line the values of each dimension, and the class."""


def _divided(path: Path, lines: Sequence[Line]) -> tuple[list[tuple[str, str]], Sequence[Line]]:
    """The header's entries, key and rest, and the lines behind `@data`."""
    header: list[tuple[str, str]] = []
    for place, (number, line) in enumerate(lines):
        key, _, rest = line.partition(" ")
        if not line.startswith("@"):
            raise DataError(f"{path}: line {number}: got {said(line[:40])} within the header; expected @data before any series.")
        if key.lower() == "@data":
            return header, lines[place + 1 :]
        header.append((key[1:].lower(), rest.strip()))
    raise DataError(f"{path}: no @data; expected it before the series. The file is cut short: get it again.")


def _read_ts(path: Path, header: Sequence[tuple[str, str]], rows: Sequence[Line]) -> SeriesPart:
    """The format of sktime and aeon: dimensions parted by colons, the class behind the last one."""
    said_of = dict(header)
    if said_of.get("timestamps", "").lower().startswith("true"):
        raise DataError(f"{path}: got series with time stamps; expected values alone (@timeStamps false). Save it without them.")
    known, *names = said_of.get("classlabel", "false").split()
    if known.lower() != "true":
        what = "numbers to predict (@targetLabel)" if "targetlabel" in said_of else "series without classes (@classLabel)"
        raise DataError(f"{path}: got {what}; expected a class for each series (@classLabel true NAME ...).")
    return _labelled(path, rows, names, _ts_row)


def _ts_row(line: str) -> tuple[list[str], str]:
    *dimensions, label = line.split(":")
    return dimensions, label


def _read_arff(path: Path, header: Sequence[tuple[str, str]], rows: Sequence[Line]) -> SeriesPart:
    """Weka's format: the last attribute is the class; several dimensions stand in one attribute that is quoted."""
    attributes = [rest for key, rest in header if key == "attribute"]
    names = re.search(r"\{(.*)\}", attributes[-1]) if attributes else None
    if names is None:
        raise DataError(f"{path}: the last attribute names no classes; expected @attribute NAME {{class, class ...}} at the end.")
    if any(line.startswith("{") for _, line in rows):
        raise DataError(f"{path}: got sparse rows; expected every value of a series. Save it as dense ARFF.")
    return _labelled(path, rows, [name.strip().strip("'\"") for name in names[1].split(",")], _arff_row)


def _arff_row(line: str) -> tuple[list[str], str]:
    if line[:1] in "'\"":
        values, _, label = line[1:].rpartition(line[0])
        return values.split("\\n"), label.lstrip(", ")
    values, _, label = line.rpartition(",")
    return [values], label


def _labelled(path: Path, rows: Sequence[Line], names: Sequence[str], parted: Parted) -> SeriesPart:
    series, labels, where = [], [], []
    for number, line in rows:
        dimensions, label = parted(line)
        label = label.strip().strip("'\"")
        if names and label not in names:
            raise DataError(
                f"{path}: line {number}: got class {said(label)}; expected one that the header names: {', '.join(names)[:80]}."
            )
        columns = [_numbers(path, number, dimension.split(",")) for dimension in dimensions if dimension.strip()]
        lengths = {len(column) for column in columns}
        if len(lengths) != 1:
            got = f"dimensions of {', '.join(map(str, sorted(lengths)))} steps" if lengths else "no values"
            raise DataError(f"{path}: line {number}: got {got}; expected values of one length in every dimension.")
        series.append(np.stack(columns, axis=1))
        labels.append(label)
        where.append(f"{path.name}, line {number}")
    return SeriesPart(tuple(series), tuple(labels), tuple(names), tuple(where))


def _read_rows(path: Path, lines: Sequence[Line]) -> SeriesPart:
    """The format of the UCR archive: one series a line, its class first; what is missing at the end makes it shorter."""
    sample = "\n".join(line for _, line in lines[:20])
    sign = max("\t,; ", key=sample.count) if lines else "\t"
    series, labels, where = [], [], []
    for number, line in lines:
        cells = line.split() if sign == " " else line.split(sign)
        label = cells[0].strip()
        if len(cells) < _MATRIX:
            raise DataError(f"{path}: line {number}: got {said(line[:40])}; expected a class and the values of a series.")
        values = _numbers(path, number, cells[1:])
        series.append(_without_end(values[:, None]))
        labels.append(_plain(label))
        where.append(f"{path.name}, line {number}")
    return SeriesPart(tuple(series), tuple(labels), (), tuple(where))


def _numbers(path: Path, number: int, cells: Sequence[str]) -> NDArray[np.float32]:
    try:
        return np.array([np.nan if cell.strip() in _MISSING else float(cell) for cell in cells], dtype=np.float32)
    except ValueError:
        bad = next(cell for cell in cells if cell.strip() not in _MISSING and not _is_number(cell))
        raise DataError(
            f"{path}: line {number}: got {said(bad.strip()[:40])}; expected numbers, ? where one is missing."
        ) from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _plain(label: str) -> str:
    """A class without what a program added to it: 1.0000000e+00 is 1."""
    return str(int(float(label))) if _is_number(label) and float(label).is_integer() else label


def _without_end(series: Series) -> Series:
    """A series without the steps at its end that hold nothing, which pad it to the length of the longest."""
    known = np.flatnonzero(~np.isnan(series).all(axis=1))
    return series[: known[-1] + 1] if len(known) else series[:1]


# Arrays ----------------------------------------------------------------------------------------------------------------


def _is_archive_of_arrays(path: Path) -> bool:
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(".npy") for name in archive.namelist())


def _read_arrays(path: Path) -> dict[str, SeriesPart]:
    """An .npz archive: `X` and `y`, or `X_train`, `y_train`, `X_test` and `y_test`; X (series, dimensions, steps)."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name.lower(): archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        if "pickle" in str(error):
            raise DataError(
                f"{path}: got arrays of objects, which only running code of the file would read; expected numbers. "
                "Save series of unequal lengths padded with NaN."
            ) from error
        raise DataError(f"{path}: cannot be read: {error}. Save it again with numpy.savez.") from error
    parts = {}
    for x_name, y_name in _ARRAYS:
        if x_name in arrays and y_name in arrays:
            part = {"x": "all"}.get(x_name, x_name.removeprefix("x_"))
            parts[part] = _of_arrays(path, x_name, arrays[x_name], arrays[y_name])
    if "all" in parts and len(parts) > 1:
        del parts["all"]
    if not parts or ("test" in parts and "train" not in parts):
        names = ", ".join(sorted(arrays)) or "nothing"
        raise DataError(f"{path}: got arrays {names}; expected X and y, or X_train, y_train, X_test and y_test. Rename them.")
    return {"all": parts["train"]} if set(parts) == {"train"} else parts


def _of_arrays(path: Path, name: str, x: NDArray[np.generic], y: NDArray[np.generic]) -> SeriesPart:
    if x.ndim not in (_MATRIX, _CUBE) or x.dtype.kind not in "fiub" or len(x) != len(y) or y.ndim != 1:
        raise DataError(
            f"{path}: got {name} of shape {x.shape} and type {x.dtype}, labels of shape {y.shape}; expected numbers of shape "
            "(series, dimensions, steps) or (series, steps), and a label for each series."
        )
    values = x.astype(np.float32)
    cube = values[:, :, None] if x.ndim == _MATRIX else values.swapaxes(1, 2)
    labels = [label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label) for label in y.tolist()]
    where = tuple(f"{path.name}, {name}[{place}]" for place in range(len(x)))
    return SeriesPart(tuple(_without_end(series) for series in cube), tuple(map(_plain, labels)), (), where)
