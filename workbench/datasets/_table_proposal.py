"""What a table of the user's is taken for: its columns, what could be asked of it, and settings that fit its size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.cards import Config
from workbench.cards.recognised import Recognised
from workbench.datasets._table_file import Column, Reading, Table, read_table
from workbench.datasets._table_series import time_column
from workbench.saying import said

__all__ = ["proposed"]

_LABEL_NAMES = ("class", "label", "target", "activity", "state", "category", "species", "type", "kind", "y")
_ID_NAMES = ("id", "series", "series_id", "sequence", "unit", "subject", "patient", "sensor", "station", "store", "case", "item")
_MOST_CLASSES = 50
_FEWEST_ROWS = 20
_FEW = 500
_FEW_NAMED = 6
_LONGEST_WINDOW = 100
_SEASONS = {
    "hour": (3600.0, 24),
    "day": (86_400.0, 7),
    "month": (2_629_746.0, 12),
    "quarter": (7_889_238.0, 4),
    "week": (604_800.0, 52),
}
"""How long a step is in seconds, and steps until the season comes again."""


def proposed(path: Path, config: type[Config], notices: Callable[[Any], Sequence[str]]) -> Recognised | None:
    """A table with columns of numbers, and what can be asked of it; None where it is none.

    Args:
        path: the file.
        config: settings of the card.
        notices: what is odd of the table as some settings read it; fails where they cannot.
    Raises:
        DataError: it cannot be read.
    """
    if path.is_dir():
        return None
    table = read_table(path, Reading())
    numbers = [column for column in table.columns if column.kind == "number"]
    if not numbers or len(table) < _FEWEST_ROWS:
        return None
    time = time_column(table, "")
    ids = _id_column(table, time)
    data: dict[str, Any] = {"path": str(path)}
    if ids is not None:
        data["id_column"] = ids.name
    label = _label_column(table, ids)
    read = [column for column in numbers if column not in (time, ids, label)]
    if not read:
        return None
    sizes = np.unique(list(ids.cells), return_counts=True)[1] if ids is not None else np.array([len(table)])
    asked, wanted = _asked(ids, label, read)
    data |= {"task": asked} | ({"target_columns": _quoted(wanted)} if wanted else {})
    if asked in ("forecast", "label"):
        window = max(4, min(_LONGEST_WINDOW, int(sizes.max()) // 8))
        data |= {"window": window, "washout": window // 3}
    if season := _season(time):
        data["season"] = season
    if any(column.missing.any() for column in (*read, *(() if label is None else (label,)))):
        data["missing"] = "previous"
    spread = f"{sizes.min():,} to {sizes.max():,}" if sizes.min() < sizes.max() else f"{sizes.max():,}"
    series = f" in {len(sizes):,} series of {spread} rows" if ids is not None else ""
    names = ", ".join(column.name for column in read[:_FEW_NAMED]) + (", ..." if len(read) > _FEW_NAMED else "")
    by_time = f", in order of {time.name}" if time is not None else ""
    what = {
        "forecast": f"forecast {wanted or 'all of them'}",
        "label": f"label each row with {wanted}",
        "classify": f"classify each series by {wanted}",
    }[asked]
    sentence = f"a table of {len(table):,} rows{series}, numbers in {names}{by_time}: {what}"
    odd = list(notices(config.model_validate(data)))
    text = [column.name for column in table.columns if column.kind == "text" and column not in (ids, label)]
    if text:
        odd.append(f"columns of text are not read: {', '.join(map(said, text[:5]))}")
    if len(table) < _FEW:
        odd.append(f"{len(table):,} rows are few: compare with the baselines, which need none to learn from")
    headed = any(not name.startswith("column_") for name in table.names)
    return Recognised(0.6 if headed else 0.25, sentence, "series/sunspots_gru", data, tuple(odd))


def _asked(ids: Column | None, label: Column | None, read: Sequence[Column]) -> tuple[str, str]:
    """The kind of task, and the column that is to be predicted; "" for all that are read."""
    if label is not None:
        if ids is not None and _is_constant(label, ids):
            return "classify", label.name
        return "label", label.name
    return "forecast", read[-1].name if len(read) > 1 else ""


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name else name


def _id_column(table: Table, time: Column | None) -> Column | None:
    """A column that tells series apart: named so, or of words that repeat where times do."""
    candidates = [
        column
        for column in table.columns
        if column is not time and column.kind in ("text", "number") and not column.unnamed.any()
    ]
    for column in candidates:
        different = len(set(column.cells))
        if column.name.lower() in _ID_NAMES and 1 < different <= len(table) // 4:
            return column
    if time is None or len(set(time.cells)) == len(table):
        return None
    for column in candidates:
        if 1 < len(set(column.cells)) <= len(table) // 4 and len(set(zip(column.cells, time.cells, strict=True))) == len(table):
            return column
    return None


def _label_column(table: Table, ids: Column | None) -> Column | None:
    """A column of classes: words that repeat, or numbers under such a name."""
    found: list[tuple[bool, Column]] = []
    for column in table.columns:
        if column is ids or column.kind not in ("text", "number"):
            continue
        classes = {cell for cell, gap in zip(column.cells, column.unnamed.tolist(), strict=True) if not gap}
        named = column.name.lower() in _LABEL_NAMES
        if 1 < len(classes) <= min(_MOST_CLASSES, len(table) // 8) and (column.kind == "text" or named):
            found.append((named, column))
    named_so = [column for named, column in found if named]
    candidates = named_so or [column for _, column in found]
    return candidates[-1] if candidates else None


def _is_constant(column: Column, ids: Column) -> bool:
    return len(set(zip(ids.cells, column.cells, strict=True))) == len(set(ids.cells))


def _season(time: Column | None) -> int:
    """Steps until the day, week or year comes again, where the length of a step says so."""
    if time is None or time.kind != "time":
        return 0
    steps = np.diff(np.unique(time.times))
    usual = float(np.median(steps)) if len(steps) else 0.0
    return next((season for size, season in _SEASONS.values() if abs(usual - size) < 0.1 * size), 0)
