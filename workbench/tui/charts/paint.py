"""The parts of a chart that change at every glance: legend with values, hint, crosshair; and cells as Textual strips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from textwrap import wrap

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from workbench.plotting import Drawing
from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.race import TRACE
from workbench.saying import exact
from workbench.tui.charts.data import ChartLine
from workbench.tui.charts.view import ChartView

__all__ = ["draw_legend", "legend_height", "strips", "with_hint"]

_AROUND = 5
"""Columns of a legend's entry beside its name and value: sign, space and the gap to the next one."""
Place = tuple[int, int, int, str]
"""Row, first column, column after the last one, and the name of the line."""
_NAME_FROM, _VALUE = 8, 8
"""Columns that a run's name has at least before its legend takes one row less, and those of its value."""
_GAP = 2


def legend_height(view: ChartView, width: int, most: int) -> int:
    """Rows of the legend: one, and of several runs as many as give room for their names, up to `most`."""
    lines = view.lines
    if not (lines and lines[0].label):
        return 1
    longest = max(cell_len(clean(line.name)) for line in lines)
    enough = (rows for rows in range(1, most) if _name_room(len(lines), rows, width) >= min(longest, _NAME_FROM))
    across = -(-len(lines) // next(enough, most))
    return -(-len(lines) // across)  # no row is left empty


def _name_room(num_lines: int, rows: int, width: int) -> int:
    """Columns of a name where so many entries stand in so many rows, each as wide as the others."""
    return (width - 1) // -(-num_lines // rows) - 2 - 1 - _VALUE - _GAP


def draw_legend(view: ChartView, width: int, rows: int = 1) -> tuple[Canvas, list[Place]]:
    """Each line's sign, name and value (at the crosshair, else the newest), and where each stands.

    Args:
        view: the chart.
        width: columns.
        rows: as `legend_height` gives them.
    """
    lines = view.lines
    return _table(view, width, rows) if lines and lines[0].label else _row(view, width)


def _table(view: ChartView, width: int, rows: int) -> tuple[Canvas, list[Place]]:
    """Several runs, in columns of equal width: nothing moves while values change."""
    canvas, places = Canvas(width, rows), []
    across = -(-len(view.lines) // rows)
    cell, room = (width - 1) // across, _name_room(len(view.lines), rows, width)
    for index, line in enumerate(view.lines):
        row, column = index // across, 1 + index % across * cell
        shown, value = line.name not in view.hidden, _value(line, view)
        name = fit(line.name, room) if room > 1 else ""
        canvas.put(row, column, line.label if shown else " ", line.role)
        canvas.put(row, column + 2, name, "label")
        value_at, space = column + 2 + (room + 1 if room > 1 else 0), min(_VALUE, cell - 2 - _GAP)
        words = value.strip() if isinstance(value, str) else _shortest(value, space)
        canvas.put(row, value_at, fit(words, space), "" if shown else "label")
        places.append((row, column, min(width, column + cell - _GAP), line.name))
    return canvas, places


def _shortest(value: float, width: int) -> str:
    """A value in so many columns, with as many digits as fit."""
    return next((words for digits in (4, 3, 2, 1) if cell_len(words := exact(value, digits)) <= width), exact(value, 1))


def _row(view: ChartView, width: int) -> tuple[Canvas, list[Place]]:
    """One row, with as much of everything as it holds."""
    canvas, places, column = Canvas(width, 1), [], 1
    entries = [(line, clean(line.name), _value(line, view)) for line in view.lines]
    # what is measured once at the end goes first, and the ends of a range
    curves = [entry for entry in entries if entry[0].role not in {"other", TRACE}] or entries
    values: list[str] = []
    for some, digits in [*((some, digits) for some in (entries, curves) for digits in (4, 3, 2)), (curves, 0)]:
        entries, values = some, [value if isinstance(value, str) else _written(value, digits) for _, _, value in some]
        if sum(_AROUND + cell_len(name + value) for (_, name, _), value in zip(entries, values, strict=True)) - 2 <= width:
            break
    for (line, name, _), value in zip(entries, values, strict=True):
        shown = line.name not in view.hidden
        sign = " " if not shown else ("o" if line.marker else "-") if view.ascii_only else (line.marker or "━")
        stop = column + 2 + cell_len(name + value)
        if stop > width:
            break
        canvas.put(0, column, sign, line.role)
        canvas.put(0, column + 2, name, "label")
        canvas.put(0, column + 2 + cell_len(name), value, "" if shown else "label")
        places.append((0, column, stop, line.name))
        column = stop + 3
    return canvas, places


def _value(line: ChartLine, view: ChartView) -> float | str:
    """The value at the crosshair, else the newest; words where there is none to show."""
    if line.name in view.hidden:
        return " hidden"
    at = view.value(line)
    return at[1] if at else "-" if line.label and len(line.steps) else ""


def _written(value: float, digits: int) -> str:
    return f" {exact(value, digits)}" if digits else ""


def with_hint(drawing: Drawing, hint: str) -> Drawing:
    """A sentence in the middle in place of the drawing, for a chart that has no data yet: axes of nothing say nothing."""
    canvas = Canvas(drawing.canvas.width, drawing.canvas.height)
    lines = [fit(line, canvas.width) for line in wrap(hint, max(1, canvas.width - 2))][: canvas.height]
    for row, line in enumerate(lines, start=(canvas.height - len(lines)) // 2):
        canvas.put(row, (canvas.width - cell_len(line)) // 2, line, "hint")
    return replace(drawing, canvas=canvas)


def strips(canvas: Canvas, styles: Mapping[str, Style]) -> list[Strip]:
    """All rows as strips; a shade (`#rrggbb`) is one of Rich's styles, another name that is unknown is drawn as plain text."""

    def style(name: str) -> Style:
        return Style.parse(name) if name.startswith("#") else styles.get(name, styles[""])

    return [Strip([Segment(text, style(name)) for text, name in canvas.runs(row)], canvas.width) for row in range(canvas.height)]
