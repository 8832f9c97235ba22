"""Filters that a person saved by name: `@good` in a query stands for what was saved as `good`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import StoreError, UsageError
from workbench.paths import config_folder
from workbench.saying import nearest, one_line, said
from workbench.system import write_whole

__all__ = ["checked_filter_name", "filter_name_problem", "save_filter", "saved_filter", "saved_filters"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


def _path() -> Path:
    return config_folder() / "filters.json"


def saved_filters() -> dict[str, str]:
    """Queries by the names that they were saved under, sorted.

    Raises:
        StoreError: the file cannot be read, or holds something else.
    """
    path = _path()
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = one_line(str(error))
        raise StoreError(f"{path}: cannot be read: {reason}; expected saved filters. Remove the file to begin anew.") from error
    if not _are_filters(values):
        raise StoreError(f"{path}: got {said(values)}; expected names with a query each. Remove the file to begin anew.")
    return dict(sorted(values.items()))


def _are_filters(values: object) -> bool:
    return isinstance(values, Mapping) and all(
        isinstance(name, str) and _NAME.fullmatch(name) and isinstance(query, str) for name, query in values.items()
    )


def saved_filter(name: str) -> str:
    """The query that was saved under a name.

    Raises:
        UsageError: there is none.
        StoreError: the file cannot be read.
    """
    known = saved_filters()
    if name not in known:
        near = nearest(name, known) if known else "None is saved: 'workbench runs --filter QUERY --save NAME' does."
        raise UsageError(f"filter '@{name}': not saved. {near}")
    return known[name]


def checked_filter_name(name: str) -> str:
    """A name for a filter.

    Raises:
        UsageError: it is not one word of small letters, digits, `_`, `.` and `-`.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"filter name: got {said(name)}; expected one word of small letters, digits, '_', '.' or '-', such as best-gru."
        )
    return name


def filter_name_problem(name: str) -> str | None:
    """What is wrong with a name while it is being typed, in one line, or None."""
    return None if _NAME.fullmatch(name) else "Expected one word of small letters, digits, '_', '.' or '-'."


def save_filter(name: str, query: str) -> None:
    """Save a query under a name, in place of an older one; an empty query forgets the name.

    Args:
        name: see `checked_filter_name`.
        query: a query that can be read.
    Raises:
        UsageError: the name is none.
        StoreError: the file cannot be written.
    """
    checked_filter_name(name)
    known = saved_filters()
    known.pop(name, None)
    if query:
        known[name] = query
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(known, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}. Make room, or name another folder.") from error
