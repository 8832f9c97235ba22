"""How the command line writes: tables for people, JSON for programs, messages on stderr."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from workbench.plotting.signs import STATE_SIGNS
from workbench.saying import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "console",
    "drawing_size",
    "is_ascii",
    "message",
    "print_json",
    "state_text",
    "table",
    "tell_left_out",
    "with_room",
]

_STATE_COLOURS = {
    "starting": "yellow",
    "running": "green",
    "paused": "yellow",
    "finished": "green",
    "stopped": "yellow",
    "failed": "red",
    "lost": "red",
}
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_MIN_WIDTH, _MIN_HEIGHT = 20, 6
"""Columns and lines that a figure needs."""
_MAX_WIDTH, _MAX_HEIGHT = 2000, 1000
"""Columns and lines that no screen and no paper exceeds."""
_GAP = 3
"""Cells between two columns of a table."""
_WITHOUT_TERMINAL = 160
"""Columns of what goes to a file or a pipe."""


def console(*, stderr: bool = False, width: int | None = None) -> Console:
    """A Rich console on the stream as it is now, which lets no control sign through that is not its own.

    In a pipe it is as wide as COLUMNS says, else as the terminal that the messages go to, else wide enough not to cut tables.
    """
    from workbench.cli.clean_console import CleanConsole

    stream = sys.stderr if stderr else sys.stdout
    columns = os.environ.get("COLUMNS", "")
    if width is None and not stream.isatty():
        width = min(int(columns), _MAX_WIDTH) if columns.isdecimal() and int(columns) > 0 else _beside(sys.stderr)
    return CleanConsole(file=getattr(stream, "rich_proxied_file", stream), highlight=False, width=width)


def _beside(stream: Any) -> int:
    """Columns of the terminal behind another stream, where what is in the pipe will most likely be looked at."""
    try:
        return min(os.get_terminal_size(stream.fileno()).columns, _MAX_WIDTH) or _WITHOUT_TERMINAL
    except (OSError, ValueError, AttributeError):  # closed, none, or no terminal
        return _WITHOUT_TERMINAL


def with_room(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    width: int,
    optional: Sequence[str],
    narrowest: Mapping[str, int] | None = None,
) -> list[str]:
    """The columns that a table of a width has room for, each cell whole.

    Args:
        columns: all titles.
        rows: the cells.
        width: columns of the terminal.
        optional: titles that may be left out, the most useful one first.
        narrowest: columns that may fold, with the fewest cells that they need.
    """
    from rich.cells import cell_len

    widest = {title: max(cell_len(title), *(cell_len(str(row[place])) for row in rows)) for place, title in enumerate(columns)}
    needed = {title: min(cells, (narrowest or {}).get(title, cells)) + _GAP for title, cells in widest.items()}
    left = width - sum(needed[title] for title in columns if title not in optional)  # also behind the last one
    there = set(columns).difference(optional)
    for title in optional:
        if title in needed and needed[title] <= left:
            there.add(title)
            left -= needed[title]
    return [title for title in columns if title in there]


def tell_left_out(out: Console, columns: Sequence[str], shown: Sequence[str], where: str = "--json") -> None:
    """Say which columns of a table there was no room for.

    Args:
        out: where the table was printed.
        columns, shown: all titles, and those that were printed.
        where: what has them too.
    """
    if left_out := [title for title in columns if title not in shown]:
        out.print(f"No room for {', '.join(left_out)}: a wider terminal or {where} has them.", style="dim", markup=False)


def drawing_size(where: str, width: int | None, height: int) -> tuple[int, int]:
    """Columns (the terminal's where none are given) and lines of a figure.

    Raises:
        UsageError: there is no room for a figure.
    """
    from workbench.errors import UsageError

    columns = width if width is not None else shutil.get_terminal_size((100, 24)).columns
    if columns < _MIN_WIDTH or height < _MIN_HEIGHT:
        raise UsageError(
            f"{where}: got {columns}x{height}; expected at least {_MIN_WIDTH} columns and {_MIN_HEIGHT} lines. "
            "Set --width and --height."
        )
    if columns > _MAX_WIDTH or height > _MAX_HEIGHT:
        raise UsageError(
            f"{where}: got {columns}x{height}; expected at most {_MAX_WIDTH} columns and {_MAX_HEIGHT} lines. "
            "Set --width and --height."
        )
    return columns, height


def message(text: str) -> None:
    """One line for the person, on stderr, so that stdout stays what was asked for."""
    with suppress(OSError, ValueError):  # closed, or its disk is full: what is asked for on stdout is still given
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def is_ascii(encoding: str | None) -> bool:
    """Whether a stream of this encoding lacks signs outside ASCII."""
    return (encoding or "").lower().replace("-", "") != "utf8"


def print_json(value: Any) -> None:
    """A value as JSON on stdout. JSON knows no NaN or infinity: they become null."""
    any_sign = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(_plain(value), ensure_ascii=not any_sign, indent=2, allow_nan=False)
    # what JSON itself leaves as it is and a terminal would act on: the escape is the same text to whoever reads it
    sys.stdout.write(_UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    if hasattr(value, "item"):  # a numpy scalar
        return _plain(value.item())
    return str(value)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[str] = (), whole: Sequence[str] = ()
) -> Table:
    """A table with quiet borders. Brackets in a text stand for themselves.

    Args:
        columns: the titles.
        rows: texts, or Rich texts.
        right: columns that are set flush right; these do not wrap.
        whole: other columns that do not wrap, such as what is copied into the next command.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        justify: Literal["right", "left"] = "right" if column in right else "left"
        made.add_column(column, justify=justify, overflow="fold", no_wrap=column in right or column in whole)
    for row in rows:
        made.add_row(*[cell if hasattr(cell, "plain") else Text(clean(str(cell))) for cell in row])
    return made


def state_text(state: str, words: str = "") -> Any:
    """A state with its mark and colour; the word is there too (or more words on it), so colour is never the only cue."""
    from rich.text import Text

    sign = STATE_SIGNS[state].unicode if state in STATE_SIGNS else "·"
    return Text(f"{sign} {words or state}", style=_STATE_COLOURS.get(state, "default"))
