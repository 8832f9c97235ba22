"""What a metric came to in several runs, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.saying import number

if TYPE_CHECKING:
    from workbench.uncertainty import Spread

__all__ = ["interval_words", "print_spreads"]

_COLUMNS = ("metric", "mean", "sd", "95 % interval", "median", "min", "max", "values", "baseline")
_OPTIONAL = ("baseline", "median", "min", "max")
"""Columns that are left out where there is no room for all, the most useful one first."""
_NARROWEST = 16
"""Cells that a metric's name needs at least; the rest of it is folded."""


def interval_words(spread: Spread) -> str:
    """The ends of the interval of the mean, `0.61 .. 0.74`; "-" for none."""
    interval = spread.interval
    return f"{number(interval.low)} .. {number(interval.high)}" if interval is not None else "-"


def print_spreads(spreads: Mapping[str, Spread], baselines: Mapping[str, str], *, stderr: bool = False) -> None:
    """A table with a row for each metric.

    Args:
        spreads: by tag.
        baselines: what a trivial predictor reaches in a metric, in words, by tag; others have none.
        stderr: print it there instead of on stdout.
    """
    from workbench.cli.output import console, table, tell_left_out, with_room

    rows = [
        (
            tag,
            *((number(value) if spread.count else "-") for value in (spread.mean,)),
            number(spread.deviation) if spread.count > 1 else "-",
            interval_words(spread),
            *((number(value) if spread.count else "-") for value in (spread.median, spread.low, spread.high)),
            f"{spread.count} of {spread.count + spread.missing}" if spread.missing else str(spread.count),
            baselines.get(tag, ""),
        )
        for tag, spread in spreads.items()
    ]
    out = console(stderr=stderr)
    told = [title for place, title in enumerate(_COLUMNS) if title != "baseline" or any(row[place] for row in rows)]
    cells = [row[: len(told)] for row in rows]
    shown = with_room(told, cells, out.width, _OPTIONAL, {"metric": _NARROWEST})
    right = ("mean", "sd", "95 % interval", "median", "min", "max", "values")
    made = table(
        shown,
        [tuple(row[told.index(title)] for title in shown) for row in cells],
        right=right,
        whole=[title for title in shown if title != "metric"],
    )
    out.print(made)
    tell_left_out(out, told, shown)
