"""A line chart as text: quiet axes, short tick labels, one or more lines, levels, marks and a crosshair.

 1e0 ┤⡇              loss of 1e-2 at step 1.2k: labels stand at the left and below,
     │⠳⣄             lines are braille, levels dashed, marks stand on the x axis
1e-2 ┤  ⠙⠦⣄⣀⡀
     ╰─┴────▲──┴──
       0       1.2k
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.axis import Axis
from workbench.plotting.canvas import Canvas, clean, fit
from workbench.plotting.decimate import envelope, window
from workbench.plotting.labelled import label_places
from workbench.plotting.raster import clip_to_square, raster

__all__ = [
    "ASCII_MARKERS",
    "Drawing",
    "Level",
    "Mark",
    "Palette",
    "Points",
    "Series",
    "View",
    "area_between",
    "axis_of_x",
    "axis_of_y",
    "draw_figure",
    "has_markers",
    "is_counted",
    "outside_words",
    "points_outside",
    "shown_points",
    "with_crosshair",
]

View = tuple[float | None, float | None, float | None, float | None]
"""(x0, x1, y0, y1) in data units; None leaves that end to the data."""

Points = tuple[NDArray[np.float64], NDArray[np.float64]]

ASCII_MARKERS = "*o+x%&@"
"""What lines are drawn with, one after the other, where there is no braille."""
_SHADE = "░"
"""Fills the area between the ends of a range."""
_EMPTY = " ╌-:" + _SHADE
"""Cells that words and the crosshair may take."""
_FEW_POINTS = 60
_GUTTER_FROM = 18
"""Columns from which a chart has y labels."""
_MARK_EVERY = 3
"""Columns from one frequent mark to the next."""
_AXIS_FROM = 4
"""Rows from which a chart has an x axis."""


@dataclass(frozen=True, eq=False)
class Series:
    """One line.

    Attributes:
        name: what the legend calls it.
        x: ascending positions, shape (n,).
        y: values, shape (n,); what has no place on the axis is a gap.
        colour: Rich style of the line.
        marker: a character put on each point while points are few; tells lines apart without colour.
        faint: drawn behind all others (a raw line behind its smoothed one).
        is_average: computed from another line; its points are not counted beside that one's.
        label: a character that stands on the line at intervals, however many points it has.
        low, high: of a line that is the middle of several, the ends of their range, shape (n,) both; the area between is shaded.
        shade: Rich style of that area.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    colour: str = "cyan"
    marker: str = ""
    faint: bool = False
    is_average: bool = False
    label: str = ""
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    shade: str = ""

    @property
    def ends(self) -> tuple[Series, ...]:
        """The ends of its range as lines of their own; none where it has none."""
        if self.low is None or self.high is None:
            return ()
        return (
            Series(f"{self.name} (min)", self.x, self.low, self.colour, faint=True),
            Series(f"{self.name} (max)", self.x, self.high, self.colour, faint=True),
        )


@dataclass(frozen=True)
class Level:
    """A dashed horizontal line with a name: a clip threshold, a baseline."""

    value: float
    name: str
    colour: str = "yellow"


@dataclass(frozen=True)
class Mark:
    """A sign on the x axis: where a hyperparameter changed, where a checkpoint was saved.

    Attributes:
        x: where it stands.
        sign: the character.
        colour: Rich style.
        frequent: one of many alike; those that would crowd are left out.
    """

    x: float
    sign: str = "▲"
    colour: str = "yellow"
    frequent: bool = False


@dataclass(frozen=True)
class Palette:
    """Rich styles of what is not a line."""

    axis: str = "bright_black"
    label: str = "bright_black"
    crosshair: str = "white"


@dataclass(frozen=True, eq=False)
class Drawing:
    """A drawn chart, and what is needed to find values under a column.

    Attributes:
        canvas: the cells.
        x_axis, y_axis: the axes as drawn.
        left: first column of the plot itself.
        width, height: columns and rows of the plot itself.
    """

    canvas: Canvas
    x_axis: Axis
    y_axis: Axis
    left: int
    width: int
    height: int

    def text(self) -> Text:
        """The drawing as Rich text of exactly `canvas.height` lines."""
        return self.canvas.text()

    def x_at(self, column: int) -> float:
        """The x value in the middle of a column of the canvas, held within the plot."""
        place = min(max(column - self.left, 0), self.width - 1)
        return self.x_axis.value((place + 0.5) / max(1, self.width))

    def column_of(self, x: float) -> int | None:
        """The canvas column of an x value, or None outside the plot."""
        share = float(self.x_axis.unit(np.array([x]))[0])
        return self.left + min(int(share * self.width), self.width - 1) if 0 <= share <= 1 else None


@dataclass(frozen=True)
class _Style:
    palette: Palette = field(default_factory=Palette)
    ascii: bool = False


def draw_figure(  # noqa: PLR0913 - the parts of a chart; every call names them
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    log_x: bool = False,
    log_y: bool = False,
    view: View | None = None,
    clip_outliers: bool = False,
    marks: Sequence[Mark] = (),
    levels: Sequence[Level] = (),
    crosshair: float | None = None,
    palette: Palette | None = None,
    ascii_only: bool = False,
) -> Drawing:
    """A chart of exactly `height` lines of `width` columns. Never raises for its data: what cannot be drawn is left out.

    Args:
        series: the lines, in the order in which they are drawn (faint ones first).
        width, height: size in cells, labels included; any size will do.
        log_x, log_y: logarithmic axes; values <= 0 are then gaps.
        view: what to show of the data; ends that are None fit the data.
        clip_outliers: fit the y axis to all but the outermost hundredths.
        marks: signs on the x axis.
        levels: dashed lines; they stretch the y axis where they are near the data.
        crosshair: x at which a vertical line is drawn.
        palette: styles of axes, labels and crosshair.
        ascii_only: use no character outside ASCII.
    """
    style = _Style(palette or Palette(), ascii_only)
    canvas = Canvas(width, height)
    lines = sorted(series, key=lambda line: not line.faint)
    x_axis = axis_of_x(lines, view, log=log_x)
    columns = max(1, canvas.width) * (1 if ascii_only else 2)  # braille has two dots in a cell's width
    shown = [shown_points(line, x_axis, columns, log_y=log_y) for line in lines]
    ends = [shown_points(end, x_axis, columns, log_y=log_y) for line in lines for end in line.ends]
    y_axis = axis_of_y([*shown, *ends], levels, view, log=log_y, clip=clip_outliers)
    plot_height = canvas.height - (2 if canvas.height >= _AXIS_FROM else 0)
    empty = all(len(x) == 0 for x, _ in shown)
    ticks = [] if empty or canvas.width < _GUTTER_FROM else y_axis.ticks(max(2, min(6, plot_height // 3)))
    gutter = max((cell_len(label) for _, label in ticks), default=-1) + 1
    left = gutter + 1 if canvas.height >= _AXIS_FROM or ticks else 0
    drawing = Drawing(canvas, x_axis, y_axis, left, canvas.width - left, plot_height)
    if drawing.width < 1 or drawing.height < 1:
        return drawing
    _draw_areas(drawing, lines, style)
    _draw_levels(drawing, levels, style)
    _draw_lines(drawing, lines, shown, style)
    _draw_level_names(drawing, () if empty else levels, style)
    if clip_outliers:
        _draw_outside(drawing, lines, style)
    _draw_y_axis(drawing, ticks, gutter, style)
    if canvas.height >= _AXIS_FROM:
        ticks_x = () if empty else x_axis.ticks(max(1, drawing.width // 10), whole=is_counted(shown))
        _draw_x_axis(drawing, ticks_x, marks, style)
    if crosshair is not None:
        return with_crosshair(drawing, crosshair, style.palette.crosshair, ascii_only=ascii_only)
    return drawing


def axis_of_x(lines: Sequence[Series], view: View | None, *, log: bool) -> Axis:
    """The x axis of the lines, or the part of it that a view asks for."""
    low, high = (view[0], view[1]) if view else (None, None)
    positions = [line.x[line.x > 0] if log else line.x for line in lines]
    ends = np.array([x[[0, -1]] for x in positions if len(x)]).ravel()
    single = not log and len(ends) > 0 and ends.min() == ends.max() > 0
    axis = Axis.between(0.0, float(ends[0])) if single else Axis.fit([ends], log=log)  # one moment: nothing comes after it
    if low is None and high is None:
        return axis
    return Axis.between(axis.low if low is None else low, axis.high if high is None else high, log=log)


def is_counted(shown: Sequence[Points]) -> bool:
    """Whether x is whole for all points that are shown: steps, which have nothing between them."""
    return all(bool(np.all(x == np.floor(x))) for x, _ in shown)


def shown_points(line: Series, axis: Axis, columns: int, *, log_y: bool) -> Points:
    """The points of a line that the axis shows, at most two per column of dots, NaN where a value has no place."""
    part = window(line.x, axis.low, axis.high)
    x, y = line.x[part], line.y[part]
    if not np.isfinite(y).all():
        y = np.where(np.isfinite(y), y, np.nan)
    if log_y and len(y) and not y.min() > 0:
        y = np.where(y > 0, y, np.nan)
    return envelope(x, y, axis.values(np.linspace(0, 1, columns + 1)))


def area_between(line: Series, x_axis: Axis, y_axis: Axis, columns: int) -> tuple[NDArray[np.float64], ...]:
    """The outline of a line's range: x, low and high in shares of the plot, shape (n,) each; empty where it has none.

    Args:
        line: the line.
        x_axis, y_axis: the axes as drawn; what has no place on a logarithmic one lies below the plot.
        columns: a long line has one place in each, where both ends are the outermost.
    """
    if line.low is None or line.high is None or not len(line.x):
        return np.empty(0), np.empty(0), np.empty(0)
    x = x_axis.unit(line.x)
    low, high = (np.where(np.isnan(end := y_axis.unit(values)), -np.inf, end) for values in (line.low, line.high))
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    placed = np.isfinite(x)
    x, low, high = x[placed], low[placed], high[placed]
    if len(x) > columns:
        starts = np.unique(np.searchsorted(x, np.linspace(0, 1, columns + 1)))
        starts = np.unique(np.concatenate(([0], starts[starts < len(x)])))
        x, low, high = x[starts], np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    if not len(x) or x[-1] < 0 or x[0] > 1:
        return np.empty(0), np.empty(0), np.empty(0)
    at = np.unique(np.concatenate((x[(x >= 0) & (x <= 1)], np.clip(x[[0, -1]], 0, 1))))
    return at, np.interp(at, x, low), np.interp(at, x, high)


def has_markers(line: Series, num_points: int, columns: int) -> bool:
    """Whether the line's points are few enough in so many columns to have its marker on each."""
    return bool(line.marker) and num_points <= min(_FEW_POINTS, columns // 2)


def axis_of_y(shown: Sequence[Points], levels: Sequence[Level], view: View | None, *, log: bool, clip: bool) -> Axis:
    """The y axis that holds what is shown, stretched to levels that lie near it."""
    values = [y for _, y in shown]
    axis = Axis.fit(values, log=log, margin=0.04, clip=clip)
    near = [level.value for level in levels if -0.5 <= float(axis.unit(np.array([level.value]))[0]) <= 2]  # noqa: PLR2004 - near: half a height below, one above
    if near and any(len(array) for array in values):
        inner = Axis.fit(values, log=log, clip=clip)
        axis = Axis.fit([np.array([inner.low, inner.high, *near])], log=log, margin=0.04)
    low, high = (view[2], view[3]) if view else (None, None)
    if low is None and high is None:
        return axis
    return Axis.between(axis.low if low is None else low, axis.high if high is None else high, log=log)


def points_outside(lines: Sequence[Series], x_axis: Axis, y_axis: Axis) -> tuple[int, int]:
    """How many measured points of what the x axis shows lie above the y axis, and how many below it."""
    above = below = 0
    for line in lines:
        if not line.is_average:
            y = line.y[np.searchsorted(line.x, x_axis.low, side="left") : np.searchsorted(line.x, x_axis.high, side="right")]
            above += int((y > y_axis.high).sum())
            below += int(((y < y_axis.low) & ((y > 0) | (not y_axis.log))).sum())
    return above, below


def outside_words(count: int, *, above: bool, ascii_only: bool = False) -> str:
    """The sign at the edge that points lie beyond: `↑ 3 points`."""
    sign = ("^" if ascii_only else "↑") if above else ("v" if ascii_only else "↓")
    return f"{sign} {count:,} {'point' if count == 1 else 'points'}"


def _draw_outside(drawing: Drawing, lines: Sequence[Series], style: _Style) -> None:
    counts = points_outside(lines, drawing.x_axis, drawing.y_axis)
    for count, above, row in zip(counts, (True, False), (0, drawing.height - 1), strict=True):
        words = f" {outside_words(count, above=above, ascii_only=style.ascii)} "
        if count and cell_len(words) <= drawing.width:
            column = drawing.left + drawing.width - cell_len(words)
            drawing.canvas.put(*(_free_place(drawing, row, cell_len(words)) or (row, column)), words, style.palette.label)


def _draw_areas(drawing: Drawing, lines: Sequence[Series], style: _Style) -> None:
    """Shade the cells whose middle lies between the ends of a line's range."""
    middles = (np.arange(drawing.width) + 0.5) / drawing.width
    heights = (drawing.height - np.arange(drawing.height) - 0.5) / drawing.height
    for line in lines:
        at, low, high = area_between(line, drawing.x_axis, drawing.y_axis, drawing.width)
        if len(at):
            lows, highs = (np.interp(middles, at, end, left=np.nan, right=np.nan) for end in (low, high))
            inside = (heights[:, None] >= lows) & (heights[:, None] <= highs)
            for row, column in np.argwhere(inside).tolist():
                drawing.canvas.put_cell(row, drawing.left + column, ":" if style.ascii else _SHADE, line.shade or line.colour)


def _draw_levels(drawing: Drawing, levels: Sequence[Level], style: _Style) -> None:
    for level in levels:
        row = _row(drawing, level.value)
        if row is not None:
            drawing.canvas.put(row, drawing.left, ("-" if style.ascii else "╌") * drawing.width, level.colour)


def _draw_level_names(drawing: Drawing, levels: Sequence[Level], style: _Style) -> None:
    """Names on their lines; that of a line above or below what is shown stands at the edge, with a sign that says so."""
    for level in levels:
        row, sign = _row(drawing, level.value), ""
        if row is None and np.isfinite(level.value):
            is_above = level.value > drawing.y_axis.high
            row, sign = (0, "^ " if style.ascii else "↑ ") if is_above else (drawing.height - 1, "v " if style.ascii else "↓ ")
        for room in (drawing.width - 6, drawing.width * 2 // 3 - 2):  # whole if it can be, else cut rather than away
            name = f" {fit(sign + level.name, max(0, room))} "
            place = None if row is None or cell_len(name) + 4 > drawing.width else _free_place(drawing, row, cell_len(name))
            if place is not None:
                drawing.canvas.put(*place, name, level.colour)
                break


def _free_place(drawing: Drawing, row: int, width: int) -> tuple[int, int] | None:
    """Row and column where a level's name covers no data: as far right as there is room, on its line or as close as can be."""
    for near in sorted(range(drawing.height), key=lambda other: abs(other - row)):
        free = 0
        for column in reversed(range(drawing.left, drawing.left + drawing.width)):
            free = free + 1 if drawing.canvas.char(near, column) in _EMPTY else 0
            if free == width:
                return near, column
    return None


def _row(drawing: Drawing, value: float) -> int | None:
    share = float(drawing.y_axis.unit(np.array([value]))[0])
    return drawing.height - 1 - min(int(share * drawing.height), drawing.height - 1) if 0 <= share <= 1 else None


def _draw_lines(drawing: Drawing, lines: Sequence[Series], shown: Sequence[Points], style: _Style) -> None:
    parts = [clip_to_square(drawing.x_axis.unit(x), drawing.y_axis.unit(y)) for x, y in shown]
    signs = [line.label or ASCII_MARKERS[index % len(ASCII_MARKERS)] for index, line in enumerate(lines)]
    markers = [("." if line.faint else sign) if style.ascii else "braille" for line, sign in zip(lines, signs, strict=True)]
    for row, column, char, index in raster(parts, markers, drawing.width, drawing.height):
        drawing.canvas.put_cell(row, drawing.left + column, char, lines[index].colour)
    for line, (x, y) in zip(lines, shown, strict=True):
        if not has_markers(line, len(x), drawing.width):
            continue
        for across, value in zip(x.tolist(), y.tolist(), strict=True):
            point_column, point_row = drawing.column_of(across), _row(drawing, value)
            if point_column is not None and point_row is not None:
                drawing.canvas.put(point_row, point_column, "o" if style.ascii else line.marker, line.colour)
    for index, across, up in label_places(lines, shown, drawing.x_axis, drawing.y_axis, drawing.width):
        row = drawing.height - 1 - min(int(up * drawing.height), drawing.height - 1)
        column = drawing.left + min(int(across * drawing.width), drawing.width - 1)
        drawing.canvas.put(row, column, lines[index].label, lines[index].colour)


def with_crosshair(drawing: Drawing, x: float, style: str, *, ascii_only: bool = False) -> Drawing:
    """The same chart with a vertical line at x, drawn where cells are empty; cheap, for a crosshair that moves."""
    column = drawing.column_of(x)
    if column is None or drawing.height < 1:
        return drawing
    canvas = drawing.canvas.copy()
    for row in range(drawing.height):
        if canvas.char(row, column) in _EMPTY:
            canvas.put(row, column, "|" if ascii_only else "│", style)
    return replace(drawing, canvas=canvas)


def _draw_y_axis(drawing: Drawing, ticks: Sequence[tuple[float, str]], gutter: int, style: _Style) -> None:
    if drawing.left == 0:
        return
    plain, tick = ("|", "+") if style.ascii else ("│", "┤")
    for row in range(drawing.height):
        drawing.canvas.put(row, gutter, plain, style.palette.axis)
    for value, label in ticks:
        row_ = _row(drawing, value)
        if row_ is not None:
            drawing.canvas.put(row_, gutter, tick, style.palette.axis)
            drawing.canvas.put(row_, gutter - 1 - cell_len(label) if gutter else 0, label, style.palette.label)


def _draw_x_axis(drawing: Drawing, ticks: Sequence[tuple[float, str]], marks: Sequence[Mark], style: _Style) -> None:
    row, last = drawing.height, drawing.left + drawing.width - 1
    corner, plain, tick = ("+", "-", "+") if style.ascii else ("╰", "─", "┴")
    if drawing.left:
        drawing.canvas.put(row, drawing.left - 1, corner, style.palette.axis)
    drawing.canvas.put(row, drawing.left, plain * drawing.width, style.palette.axis)
    end = -1
    for value, label in ticks:
        column = drawing.column_of(value)
        if column is None:
            continue
        drawing.canvas.put(row, column, tick, style.palette.axis)
        start = min(max(column - cell_len(label) // 2, 0), last + 1 - cell_len(label))
        if start > end:
            drawing.canvas.put(row + 1, start, label, style.palette.label)
            end = start + cell_len(label)
    taken: dict[str, int] = {}
    for mark in marks:
        column = drawing.column_of(mark.x)
        crowds = mark.frequent and abs((column or 0) - taken.get(mark.sign, -_MARK_EVERY)) < _MARK_EVERY
        if column is not None and not crowds:
            taken[mark.sign] = column
            sign = {"▲": "^", "◆": "#"}.get(mark.sign, "^") if style.ascii else clean(mark.sign)[:1]
            drawing.canvas.put(row, column, sign, mark.colour)
