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
from workbench.saying import exact
from workbench.tui.charts.data import ChartLine, nearest_value
from workbench.tui.charts.view import ChartView

__all__ = ["draw_legend", "strips", "with_hint"]

_AROUND = 5
"""Columns of a legend's entry beside its name and value: sign, space and the gap to the next one."""
Place = tuple[int, int, str]
"""First column, column after the last one, and the name of the line."""


def draw_legend(view: ChartView, width: int) -> tuple[Canvas, list[Place]]:
    """One row with each line's sign, name and value (at the crosshair, else the newest), and where each stands."""
    canvas, places, column = Canvas(width, 1), [], 1
    entries = [(line, clean(line.name), _value(line, view)) for line in view.data.lines]
    curves = [entry for entry in entries if entry[0].role != "other"] or entries  # what is measured once at the end goes first
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
        places.append((column, stop, line.name))
        column = stop + 3
    return canvas, places


def _value(line: ChartLine, view: ChartView) -> float | str:
    """The value at the crosshair, else the newest; words where there is none to show."""
    if line.name in view.hidden:
        return " hidden"
    at = nearest_value(line, float("inf") if view.crosshair is None else view.crosshair)
    return at[1] if at else ""


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
