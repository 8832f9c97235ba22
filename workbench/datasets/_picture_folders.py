"""Finds pictures and their classes: one folder for each class, with or without parts above, or a table. No picture is opened.

FOLDER/cat/1.png    or    FOLDER/train/cat/1.png    or    TABLE.csv: path,label
FOLDER/dog/2.png          FOLDER/val/dog/2.png                       pictures/1.png,cat
...                       FOLDER/test/dog/3.png                      pictures/2.png,dog
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.cards.carried_data import files_below
from workbench.datasets._classes import sorted_classes
from workbench.datasets._picture_files import is_picture_name
from workbench.datasets._text_file import read_lines
from workbench.errors import DataError
from workbench.paths import checked_path, missing_hint
from workbench.saying import nearest, one_line, said

__all__ = ["PART_NAMES", "Columns", "Found", "Part", "find_pictures"]

Part: TypeAlias = Literal["train", "validation", "test"]
PART_NAMES: tuple[Part, ...] = ("train", "validation", "test")
_PARTS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_LABEL_NAMES = (
    "label",
    "class",
    "category",
    "target",
    "labels",
    "class_name",
    "label_name",
    "species",
    "breed",
    "diagnosis",
    "y",
)
_SPLIT_NAMES = ("split", "part", "subset", "partition", "set", "dataset", "fold", "usage")
_SEPARATORS = ("\t", ",", ";", "|")
_LOOKED_AT = 200
_MOST = 0.9
_MOST_CLASSES = 10_000
_MOST_ALONE = 10_000
"""Pictures of a table that lie in no folder beside it, each of which a model has to name as a source of its own."""
_NAMED = 5


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what: names, or numbers from 1; "" for what can be found."""

    path: str = ""
    label: str = ""
    split: str = ""


@dataclass(frozen=True)
class Found:
    """The pictures that there are, by their names alone.

    Attributes:
        root: the folder or table.
        classes: names of the classes, sorted; those that are all numbers by their size.
        pictures: of each part that the user made its pictures, path and class; `train` is what else is cut off from.
        sources: files and folders whose content decides what is read.
        notices: what was left out, one line each.
        num_others: files in class folders that are no pictures by their names.
    """

    root: Path
    classes: tuple[str, ...]
    pictures: dict[Part, tuple[tuple[str, int], ...]]
    sources: tuple[Path, ...]
    notices: tuple[str, ...] = ()
    num_others: int = 0


def find_pictures(given: str, columns: Columns | None = None) -> Found:
    """The pictures of a folder or of a table.

    Raises:
        DataError: there is no such folder or table, or it holds no classes of pictures.
    """
    path = checked_path(given, "data.path", DataError)
    try:
        path.stat()
        if path.is_dir():
            return _in_folder(path)
    except OSError as error:
        hint = missing_hint(path) or "Check data.path."
        raise DataError(f"{error.filename or path}: cannot be read: {error.strerror}. {hint}") from error
    if not path.is_file():
        raise DataError(f"{path}: is a pipe, socket or device; expected a folder of pictures, or a table. Check data.path.")
    if is_picture_name(path.name):
        raise DataError(f"{path}: is one picture; expected a folder with a sub-folder for each class. Set data.path to that.")
    return _in_table(path, columns or Columns())


# Folders ---------------------------------------------------------------------------------------------------------------


@dataclass
class _Folder:
    """A folder of class folders: class -> its pictures; and what else was found."""

    path: Path
    classes: dict[str, list[str]]
    empty: list[str]
    others: int = 0
    loose: int = 0


def _class_folders(folder: Path) -> _Folder:
    """The pictures below each sub-folder."""
    files = files_below(folder)
    found = _Folder(folder, {name: [] for name in _subfolders(folder)}, [])
    prefix = str(folder)
    others: Counter[str] = Counter()
    for name in files:
        head, slash, _ = name.partition("/")
        if not is_picture_name(name):
            others.update([head] if slash else [])
        elif slash:
            found.classes.setdefault(head, []).append(os.path.join(prefix, name))  # noqa: PTH118 - there may be many
        else:
            found.loose += 1
    found.empty = sorted(name for name, pictures in found.classes.items() if not pictures)
    found.classes = {name: pictures for name, pictures in found.classes.items() if pictures}
    found.others = sum(number for name, number in others.items() if name in found.classes or not found.classes)
    return found


def _subfolders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith(".") and _is_folder(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.name.lower() != "__macosx" and entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False


def _in_folder(root: Path) -> Found:
    """A folder of class folders, or of parts with class folders in them."""
    names = _subfolders(root)
    parts: dict[Part, str] = {}
    for name in names:
        part = _PARTS.get(name.lower())
        if part in parts:
            raise DataError(
                f"{root}: got two folders for one part, {said(parts[part])} and {said(name)}; expected one. Join or rename them."
            )
        if part is not None:
            parts[part] = name
    if "train" in parts and (len(parts) > 1 or len(names) == 1):
        return _in_parts(root, parts, [name for name in names if name not in parts.values()])
    found = _class_folders(root)
    _check_classes(found)
    classes = sorted_classes(found.classes)
    return Found(
        root,
        _shown(classes),
        {"train": _labelled(found, classes)},
        tuple(root / name for name in classes),
        tuple(_told(found)),
        found.others,
    )


def _in_parts(root: Path, parts: dict[Part, str], beside: Sequence[str]) -> Found:
    """train/, validation/, test/, each with class folders."""
    folders = {part: _class_folders(root / name) for part, name in parts.items()}
    train = folders["train"]
    notices = [f"{said(name)} is no part of the data beside {said(parts['train'])}; left out" for name in beside[:_NAMED]]
    _check_classes(train)
    classes = sorted_classes(train.classes)
    pictures: dict[Part, tuple[tuple[str, int], ...]] = {}
    for part, found in folders.items():
        strange = sorted(set(found.classes) - set(classes))
        if strange:
            raise DataError(
                f"{found.path / strange[0]}: a class without pictures in {said(parts['train'])}; expected one of "
                f"{len(classes):,} classes. {nearest(strange[0], classes)} Add pictures to train on, or take the folder out."
            )
        if found.classes:
            pictures[part] = _labelled(found, classes)
        else:
            without = f"{found.loose:,} pictures without classes" if found.loose else "no pictures"
            notices.append(f"{said(parts[part])} has {without}; left out, the {part} part is cut off the training pictures")
        notices += _told(found) if found.classes else []
    sources = tuple(folders[part].path / name for part in pictures for name in sorted_classes(folders[part].classes))
    others = sum(found.others for found in folders.values())
    return Found(root, _shown(classes), pictures, sources, tuple(notices), others)


def _check_classes(found: _Folder) -> None:
    """Refuse what has no classes, or one alone.

    Raises:
        DataError: with the folder that may have been meant.
    """
    layout = "expected one sub-folder with pictures for each class"
    if not found.classes:
        what = f"{found.loose:,} pictures but no sub-folders with any" if found.loose else "no pictures in sub-folders"
        more = f", {found.others:,} files whose names do not end in .png, .jpg or the like" if found.others else ""
        raise DataError(f"{found.path}: got {what}{more}; {layout}. Sort the pictures into folders, or give a table of labels.")
    if len(found.classes) == 1:
        (name,) = found.classes
        inner = found.path / name
        deeper = len(_subfolders(inner)) > 1
        hint = f"Set data.path to {said(str(inner))}." if deeper else "Add a folder for another class."
        raise DataError(f"{found.path}: got one class, {said(name)}; {layout}, and at least two. {hint}")
    if len(found.classes) > _MOST_CLASSES:
        raise DataError(f"{found.path}: got {len(found.classes):,} classes; expected at most {_MOST_CLASSES:,}. Join some.")


def _told(found: _Folder) -> list[str]:
    """What was left out of a folder."""
    name = found.path.name
    told = []
    if found.empty:
        which = ", ".join(said(one) for one in found.empty[:_NAMED]) + (" ..." if len(found.empty) > _NAMED else "")
        told.append(f"{name}: sub-folders without pictures, left out: {which}")
    if found.loose:
        told.append(f"{name}: pictures outside of class folders, left out: {found.loose:,}")
    if found.others:
        told.append(f"{name}: files that are no pictures by their names, left out: {found.others:,}")
    return told


def _shown(classes: Sequence[str]) -> tuple[str, ...]:
    """Names as they are shown: on one line, without signs that a terminal would obey, and no two alike."""
    shown: list[str] = []
    for name in classes:
        plain = one_line(name).strip() or said(name)
        shown.append(plain if plain not in shown else f"{plain} ({len(shown)})")
    return tuple(shown)


def _labelled(found: _Folder, classes: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return tuple((picture, label) for label, name in enumerate(classes) for picture in found.classes.get(name, ()))


# Tables ----------------------------------------------------------------------------------------------------------------


def _in_table(path: Path, columns: Columns) -> Found:
    """A table with a column of paths and one of labels."""
    lines = read_lines(path).lines
    unread = sum(line is None for line in lines)
    rows = _rows(path, [line for line in lines if line is not None and line.strip()])
    names, body = _heading(rows)
    path_column = _path_column(path, names, body, columns.path)
    split_column = _split_column(path, names, body, columns.split, path_column)
    label_column = _label_column(path, names, body, columns.label, (path_column, split_column))
    width = max(path_column, label_column, -1 if split_column is None else split_column) + 1
    base = _base(path.parent, _cells(body, path_column))
    named: dict[Part, dict[str, str]] = {"train": {}, "validation": {}, "test": {}}
    short, twice, seen = 0, 0, set()
    for row in body:
        if len(row) < width or not row[path_column].strip() or not row[label_column].strip():
            short += 1
            continue
        place = _place(base, row[path_column].strip())
        if place in seen:
            twice += 1
            continue
        seen.add(place)
        part: Part = "train" if split_column is None else _PARTS[row[split_column].strip().lower()]
        named[part][place] = row[label_column].strip()
    classes = sorted_classes(set(named["train"].values()))
    if len(classes) < 2 or len(classes) > _MOST_CLASSES:  # noqa: PLR2004 - of one class nothing can be learned
        got = f"got {len(classes):,} {'class' if len(classes) == 1 else 'classes'} in column {said(names[label_column])}"
        raise DataError(f"{path}: {got}; expected 2 to {_MOST_CLASSES:,}. Set data.label_column to another column.")
    strange = sorted({label for part in named.values() for label in part.values()} - set(classes))
    if strange:
        raise DataError(
            f"{path}: got class {said(strange[0])}, which no training picture has; expected one of {len(classes):,}. "
            f"{nearest(strange[0], classes)} Add training pictures, or take these rows out."
        )
    label_of = {name: number for number, name in enumerate(classes)}
    pictures = {part: tuple((place, label_of[label]) for place, label in of.items()) for part, of in named.items() if of}
    notices = [
        f"{path.name}: {what}: {count:,}"
        for what, count in (
            ("lines that are not UTF-8, left out", unread),
            ("rows without a path or a label, left out", short),
            ("rows on a picture that an earlier row has, left out", twice),
        )
        if count
    ]
    if base != path.parent:
        notices.append(f"{path.name}: paths are taken as names in the folder {said(base.name)} beside it")
    return Found(path, _shown(classes), pictures, _table_sources(path, seen), tuple(notices))


def _rows(path: Path, lines: Sequence[str]) -> list[list[str]]:
    """The cells of a table, parted by the sign that parts most lines alike."""
    looked = lines[:_LOOKED_AT]
    counts = {sign: Counter(line.count(sign) for line in looked).most_common(1)[0] for sign in _SEPARATORS} if looked else {}
    shared = {sign: (number, how_often) for sign, (how_often, number) in counts.items() if how_often}
    if not shared:
        raise DataError(
            f"{path}: got no columns; expected a table of paths and labels, parted by commas or tabs. Check data.path."
        )
    separator = max(shared, key=lambda sign: (shared[sign][0], -_SEPARATORS.index(sign)))
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise DataError(f"{path}: cannot be read as a table: {error}. Check its quotation marks.") from error


def _heading(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Names of the columns (their numbers where the first row already holds a picture), and the other rows."""
    first, width = rows[0], max(len(row) for row in rows[:_LOOKED_AT])
    if any(is_picture_name(cell.strip()) for cell in first):
        return [str(number + 1) for number in range(width)], rows
    return [*(cell.strip() for cell in first), *(str(number + 1) for number in range(len(first), width))], rows[1:]


def _named_column(path: Path, names: Sequence[str], wanted: str, setting: str) -> int:
    """A column by its name, or its number from 1."""
    if wanted in names:
        return names.index(wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 and 1 <= int(wanted) <= len(names):  # noqa: PLR2004
        return int(wanted) - 1
    raise DataError(
        f"{path}: got {said(wanted)} as data.{setting}; expected one of the {len(names)} columns or its number. "
        f"{nearest(wanted, names)}"
    )


def _cells(body: Sequence[Sequence[str]], column: int) -> list[str]:
    return [row[column].strip() for row in body[:_LOOKED_AT] if len(row) > column and row[column].strip()]


def _path_column(path: Path, names: Sequence[str], body: Sequence[Sequence[str]], wanted: str) -> int:
    if wanted:
        return _named_column(path, names, wanted, "path_column")
    for column in range(len(names)):
        cells = _cells(body, column)
        if cells and sum(is_picture_name(cell) for cell in cells) >= _MOST * len(cells):
            return column
    raise DataError(
        f"{path}: got no column of pictures' paths among {said(list(names))}; expected names ending in .png, .jpg or the like, "
        "relative to the table. Set data.path_column."
    )


def _split_column(path: Path, names: Sequence[str], body: Sequence[Sequence[str]], wanted: str, paths: int) -> int | None:
    """The column that says of which part a picture is; only one whose every cell is the name of a part."""
    found = [_named_column(path, names, wanted, "split_column")] if wanted else range(len(names))
    for column in found:
        if not wanted and (column == paths or names[column].lower() not in _SPLIT_NAMES):
            continue
        cells = [row[column].strip().lower() if len(row) > column else "" for row in body]
        strange = next((cell for cell in cells if cell not in _PARTS), None)
        if strange is None and "train" in {_PARTS[cell] for cell in cells}:
            return column
        if wanted:
            got = f"got {said(strange)}" if strange is not None else "got no training picture"
            raise DataError(
                f"{path}: {got} in column {said(names[column])}; expected train, validation or test. Correct it, or "
                "leave data.split_column empty."
            )
    return None


def _label_column(
    path: Path, names: Sequence[str], body: Sequence[Sequence[str]], wanted: str, taken: Sequence[int | None]
) -> int:
    if wanted:
        return _named_column(path, names, wanted, "label_column")
    free = [column for column in range(len(names)) if column not in taken]
    named = [column for name in _LABEL_NAMES for column in free if names[column].lower() == name]
    different = {column: len(set(_cells(body, column))) for column in free}
    likely = named or [column for column in free if 1 < different[column] <= max(2, len(body[:_LOOKED_AT]) // 2)]
    if len(likely) == 1 or named:
        return likely[0]
    choices = ", ".join(said(names[column]) for column in (likely or free)[:_NAMED]) or "none"
    raise DataError(
        f"{path}: got {len(likely)} columns that may hold the labels ({choices}); expected one. Set data.label_column."
    )


def _base(folder: Path, cells: Sequence[str]) -> Path:
    """Where paths begin: the table's folder; or, as some are shipped, the one folder beside the table that has the pictures."""
    if any(_exists(_place(folder, cell)) for cell in cells):
        return folder
    having = [name for name in _subfolders(folder) if any(_exists(_place(folder / name, cell)) for cell in cells[:_NAMED])]
    return folder / having[0] if len(having) == 1 else folder


def _place(folder: Path, cell: str) -> str:
    """The picture that a cell names; of a path with the signs of another system, by the signs of this one."""
    place = os.path.normpath(os.path.join(folder, os.path.expanduser(cell)))  # noqa: PTH111, PTH118 - there may be many
    if "\\" in cell and os.sep == "/" and not os.path.lexists(place):
        return os.path.normpath(os.path.join(folder, cell.replace("\\", "/")))  # noqa: PTH118
    return place


def _table_sources(path: Path, places: Iterable[str]) -> tuple[Path, ...]:
    """The table, folders beside it that hold its pictures, and each picture that lies elsewhere."""
    beside = f"{path.parent}{os.sep}" if path.parent != Path() else ""
    sources: dict[str, None] = {}
    for place in places:
        inside = place.removeprefix(beside)
        head, slash, _ = inside.partition(os.sep)
        below = place.startswith(beside) and slash and head not in ("", "..")
        sources[f"{beside}{head}" if below else place] = None
    there = sorted(source for source in sources if _exists(source))
    if len(there) > _MOST_ALONE:
        raise DataError(
            f"{path}: got {len(there):,} pictures outside of folders beside the table; expected at most {_MOST_ALONE:,}. "
            "Put them into a folder beside it."
        )
    return (path, *(Path(source) for source in there))


def _exists(place: str) -> bool:
    try:
        return os.path.isfile(place) or os.path.isdir(place)  # noqa: PTH112, PTH113 - there may be many
    except ValueError:  # a NUL
        return False
