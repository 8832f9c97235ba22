"""A chart as an SVG figure for a report: vector lines over the data, titled axes, a legend, no terminal around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.axis import Axis
from workbench.plotting.canvas import clean, fit
from workbench.plotting.figure import (
    Level,
    Mark,
    Points,
    Series,
    View,
    area_between,
    axis_of_x,
    axis_of_y,
    is_counted,
    outside_words,
    points_outside,
    shown_points,
)
from workbench.plotting.labelled import label_places
from workbench.plotting.raster import clip_to_square

__all__ = ["FIGURE_HEIGHT", "FIGURE_THEMES", "Figure", "figure_svg", "stacked_svg"]

_WIDTH = 760
FIGURE_HEIGHT = 470
"""Pixels of a figure of lines."""
_LEFT, _RIGHT, _BOTTOM = 76, 24, 58
_TITLE_HEIGHT, _LEGEND_HEIGHT = 56, 20
_COLUMNS = _WIDTH - _LEFT - _RIGHT
"""Pixels of the x axis; a long line has two points in each, its extremes kept."""
_LETTER = 6.8
"""Pixels of a letter, at most, in the size of the legend."""
_LABEL_COLUMNS = 60
"""Places along the x axis at which the signs of lines may stand."""
_LONGEST_NAME = 60
_HOLLOW = ("□", "○", "◇")
"""Markers whose points are rings."""
_FONTS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "14 4", "5 2 1 2 1 2")
"""Tell lines apart on paper without colour."""


@dataclass(frozen=True)
class _Theme:
    paper: str
    ink: str
    quiet: str
    grid: str
    roles: dict[str, str]
    others: tuple[str, ...]

    def colour(self, style: str, index: int) -> str:
        """The colour of a line by its role's name; runs by their number, and lines of no role, take the others in turn."""
        run = style.removeprefix("run-")
        if run != style and run.isdecimal():
            index = int(run) - 1
        return self.roles.get(style.removesuffix("-raw")) or self.others[index % len(self.others)]


FIGURE_THEMES = {
    "white": _Theme(
        "#ffffff",
        "#1b2430",
        "#56616f",
        "#e3e6ea",
        {
            "train": "#0b6aa8",
            "validation": "#c2570c",
            "other": "#2f7d46",
            "median": "#0b6aa8",
            "trace": "#56616f",
            "level": "#7a6a00",
            "mark-changed": "#8f6b00",
        },
        ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56616f", "#e69f00"),
    ),
    "dark": _Theme(
        "#10141a",
        "#e6eaf0",
        "#9aa7b8",
        "#28313d",
        {
            "train": "#5fb3e8",
            "validation": "#f0a35e",
            "other": "#7fc48f",
            "median": "#5fb3e8",
            "trace": "#9aa7b8",
            "level": "#d8c25c",
            "mark-changed": "#e6c15c",
        },
        ("#56b4e9", "#f0a35e", "#4cc9a0", "#e39fc6", "#9aa7b8", "#f0e442"),
    ),
}
"""What a figure may stand on: paper, or a dark slide."""


@dataclass(frozen=True, eq=False)
class Figure:
    """What a figure shows.

    Attributes:
        title: what is drawn, which also names the y axis (`loss`).
        subtitle: whose it is: the run's name.
        series: the lines; faint ones stand behind.
        x_name: how x is counted, with its unit.
        log_x, log_y: logarithmic axes; values <= 0 are then gaps.
        view: the part of the data that is shown.
        clip_outliers: fit the y axis to all but the outermost hundredths.
        marks: signs on the x axis.
        levels: dashed lines with a name.
    """

    title: str
    series: Sequence[Series]
    subtitle: str = ""
    x_name: str = "step"
    log_x: bool = False
    log_y: bool = False
    view: View | None = None
    clip_outliers: bool = False
    marks: Sequence[Mark] = ()
    levels: Sequence[Level] = ()


@dataclass(frozen=True)
class _Plane:
    """From values to pixels."""

    x_axis: Axis
    y_axis: Axis
    top: float

    @property
    def height(self) -> float:
        return FIGURE_HEIGHT - _BOTTOM - self.top

    def across(self, share: float) -> float:
        return _LEFT + share * _COLUMNS

    def down(self, share: float) -> float:
        return self.top + (1 - share) * self.height


def figure_svg(figure: Figure, theme: str = "white") -> str:
    """The figure as an SVG document. Never raises for its data: what cannot be drawn is left out.

    Args:
        figure: what is shown.
        theme: a key of `FIGURE_THEMES`.
    """
    look = FIGURE_THEMES[theme]
    lines = sorted(figure.series, key=lambda line: not line.faint)
    x_axis = axis_of_x(lines, figure.view, log=figure.log_x)
    shown = [shown_points(line, x_axis, 2 * _COLUMNS, log_y=figure.log_y) for line in lines]
    ends = [shown_points(end, x_axis, 2 * _COLUMNS, log_y=figure.log_y) for line in lines for end in line.ends]
    y_axis = axis_of_y([*shown, *ends], figure.levels, figure.view, log=figure.log_y, clip=figure.clip_outliers)
    entries = _legend_rows(lines, look)
    plane = _Plane(x_axis, y_axis, _TITLE_HEIGHT + _LEGEND_HEIGHT * len(entries))
    size = f'width="{_WIDTH}" height="{FIGURE_HEIGHT}"'
    box = f'viewBox="0 0 {_WIDTH} {FIGURE_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} font-family="{_FONTS}" font-size="12">',
        f"<title>{_words(' - '.join(part for part in (figure.title, figure.subtitle) if part))}</title>",
        f'<rect {size} fill="{look.paper}"/>',
        _text(_LEFT, 24, figure.title, look.ink, 'font-size="16" font-weight="bold"'),
        _text(_LEFT, 42, fit(figure.subtitle, 2 * _LONGEST_NAME), look.quiet),
        *_grid(plane, look, whole=is_counted(shown)),
        *_level_lines(plane, figure.levels, look),
        *(_outside(plane, lines, look) if figure.clip_outliers else ()),
    ]
    parts += [_area(plane, line, look.colour(line.colour, index)) for index, line in enumerate(lines)]
    for index, (line, points) in enumerate(zip(lines, shown, strict=True)):
        parts += _curve(plane, line, points, look.colour(line.colour, index), _dash(lines, index))
    parts += _labels(plane, lines, shown, look)
    parts += [*_mark_signs(plane, figure.marks, look), *_axes(plane, figure, look), *_legend(entries, look), "</svg>"]
    return "\n".join(part for part in parts if part) + "\n"


def stacked_svg(figures: Sequence[tuple[int, str]]) -> str:
    """SVG documents below each other as one; a single one as it is.

    Args:
        figures: height in pixels and document of each.
    """
    if len(figures) == 1:
        return figures[0][1]
    parts, top = list[str](), 0
    for height, document in figures:
        parts.append(document.replace("<svg ", f'<svg y="{top}" ', 1))
        top += height
    size = f'width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *parts, "</svg>"]) + "\n"


def _words(text: str) -> str:
    return escape(clean(text))


def _text(x: float, y: float, text: str, colour: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{" " * bool(more)}{more}>{_words(text)}</text>' if text else ""


def _dash(lines: Sequence[Series], index: int) -> str:
    """The dashes of a line: whole for the first one; a raw line, and one with a sign at its points, is whole too."""
    line = lines[index]
    if line.faint or line.marker:
        return ""
    before = sum(not other.faint and not other.marker for other in lines[:index])
    return _DASHES[before % len(_DASHES)]


# Data ------------------------------------------------------------------------------------------------------------------


def _curve(plane: _Plane, line: Series, points: Points, colour: str, dash: str) -> Iterator[str]:
    """Polylines between gaps; points that stand alone, and those of a line with a sign, as circles."""
    x, y = clip_to_square(plane.x_axis.unit(points[0]), plane.y_axis.unit(points[1]))
    opacity = ' stroke-opacity="0.35"' if line.faint else ""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    for start, stop in _pieces(x, y):
        dots = " ".join(
            f"{plane.across(across):.2f},{plane.down(up):.2f}"
            for across, up in zip(x[start:stop].tolist(), y[start:stop].tolist(), strict=True)
        )
        if stop - start > 1:
            stroke = f'stroke="{colour}" stroke-width="{1 if line.faint else 1.8}" stroke-linejoin="round"'
            yield f'<polyline fill="none" {stroke}{opacity}{dashes} points="{dots}"/>'
    whole = (plane.x_axis.unit(points[0]), plane.y_axis.unit(points[1]))
    signed = bool(line.marker) and len(points[0]) <= _COLUMNS // 8
    alone = [] if signed else [start for start, stop in _pieces(*whole) if stop - start == 1]
    for place in range(len(points[0])) if signed else alone:
        across_share, up_share = float(whole[0][place]), float(whole[1][place])
        if 0 <= across_share <= 1 and 0 <= up_share <= 1:
            centre = f'cx="{plane.across(across_share):.2f}" cy="{plane.down(up_share):.2f}"'
            yield f'<circle {centre} r="{3 if signed else 2}" {_fill(line, colour)}/>'


def _area(plane: _Plane, line: Series, colour: str) -> str:
    """The shade between the ends of a line's range; "" where it has none."""
    at, low, high = area_between(line, plane.x_axis, plane.y_axis, _COLUMNS)
    edge = [*zip(at.tolist(), high.tolist(), strict=True), *zip(at[::-1].tolist(), low[::-1].tolist(), strict=True)]
    dots = " ".join(f"{plane.across(across):.2f},{plane.down(up):.2f}" for across, up in edge)
    return f'<polygon fill="{colour}" fill-opacity="0.18" stroke="none" points="{dots}"/>' if dots else ""


def _labels(plane: _Plane, lines: Sequence[Series], shown: Sequence[Points], look: _Theme) -> Iterator[str]:
    """The signs that stand on lines."""
    for index, across, up in label_places(lines, shown, plane.x_axis, plane.y_axis, _LABEL_COLUMNS):
        colour = look.colour(lines[index].colour, index)
        more = f'text-anchor="middle" font-weight="bold" {_halo(look)}'
        yield _text(plane.across(across), plane.down(up) + 4, lines[index].label, colour, more)


def _fill(line: Series, colour: str) -> str:
    """How the circles of a line are filled: those of a hollow marker are not."""
    return f'fill="none" stroke="{colour}" stroke-width="1.5"' if line.marker in _HOLLOW else f'fill="{colour}"'


def _pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[tuple[int, int]]:
    """First and one past the last index of each stretch without a gap."""
    whole = np.concatenate(([0], (np.isfinite(x) & np.isfinite(y)).astype(np.int8), [0]))
    turns = np.flatnonzero(np.diff(whole))
    return list(zip(turns[0::2].tolist(), turns[1::2].tolist(), strict=True))


def _level_lines(plane: _Plane, levels: Sequence[Level], look: _Theme) -> Iterator[str]:
    for level in levels:
        share = float(plane.y_axis.unit(np.array([level.value]))[0])
        if 0 <= share <= 1:
            y, colour = plane.down(share), look.roles["level"]
            yield (
                f'<line x1="{_LEFT}" y1="{y:.2f}" x2="{_WIDTH - _RIGHT}" y2="{y:.2f}" stroke="{colour}" stroke-dasharray="5 4"/>'
            )
            above = y - 5 if y - 16 > plane.top else y + 14
            name = fit(level.name, int(_COLUMNS / _LETTER))
            yield _text(_WIDTH - _RIGHT - 4, above, name, colour, f'text-anchor="end" {_halo(look)}')


def _outside(plane: _Plane, lines: Sequence[Series], look: _Theme) -> Iterator[str]:
    """How many points lie above and below what is shown."""
    counts = points_outside(lines, plane.x_axis, plane.y_axis)
    for count, above, y in zip(counts, (True, False), (plane.top + 14, plane.down(0) - 8), strict=True):
        if count:
            yield _text(_LEFT + 6, y, outside_words(count, above=above), look.quiet, _halo(look))


def _halo(look: _Theme) -> str:
    """Words that lie on lines stay readable."""
    return f'stroke="{look.paper}" stroke-width="3" paint-order="stroke"'


def _mark_signs(plane: _Plane, marks: Sequence[Mark], look: _Theme) -> Iterator[str]:
    bottom, last = plane.down(0), -np.inf
    for mark in sorted(marks, key=lambda mark: mark.x):
        share = float(plane.x_axis.unit(np.array([mark.x]))[0])
        if not 0 <= share <= 1 or (mark.frequent and plane.across(share) - last < 24):  # noqa: PLR2004 - signs that would touch
            continue
        x = plane.across(share)
        if mark.frequent:
            last = x
            shape = f"{x:.1f},{bottom - 4:.1f} {x + 4:.1f},{bottom:.1f} {x:.1f},{bottom + 4:.1f} {x - 4:.1f},{bottom:.1f}"
        else:
            shape = f"{x:.1f},{bottom - 6:.1f} {x + 5:.1f},{bottom + 3:.1f} {x - 5:.1f},{bottom + 3:.1f}"
        yield f'<polygon points="{shape}" fill="{look.roles.get(mark.colour, look.quiet)}"/>'


# Around the data -------------------------------------------------------------------------------------------------------


def _grid(plane: _Plane, look: _Theme, *, whole: bool) -> Iterator[str]:
    right, bottom = _WIDTH - _RIGHT, plane.down(0)
    for value, label in plane.y_axis.ticks(6):
        y = plane.down(float(plane.y_axis.unit(np.array([value]))[0]))
        yield f'<line x1="{_LEFT}" y1="{y:.2f}" x2="{right}" y2="{y:.2f}" stroke="{look.grid}"/>'
        yield _text(_LEFT - 8, y + 4, label, look.quiet, 'text-anchor="end"')
    for value, label in plane.x_axis.ticks(8, whole=whole):
        x = plane.across(float(plane.x_axis.unit(np.array([value]))[0]))
        yield f'<line x1="{x:.2f}" y1="{plane.top:.2f}" x2="{x:.2f}" y2="{bottom:.2f}" stroke="{look.grid}"/>'
        yield _text(x, bottom + 18, label, look.quiet, 'text-anchor="middle"')


def _axes(plane: _Plane, figure: Figure, look: _Theme) -> list[str]:
    left, right, top, bottom = _LEFT, _WIDTH - _RIGHT, plane.top, plane.down(0)
    middle = (top + bottom) / 2
    x_name = f"{figure.x_name} (log)" if figure.log_x else figure.x_name
    y_name = f"{figure.title} (log)" if figure.log_y else figure.title
    turned = f'text-anchor="middle" transform="rotate(-90 18 {middle:.1f})"'
    return [
        f'<path d="M{left} {top:.1f}V{bottom:.1f}H{right}" fill="none" stroke="{look.quiet}"/>',
        _text((left + right) / 2, FIGURE_HEIGHT - 14, x_name, look.ink, 'text-anchor="middle"'),
        _text(18, middle, y_name, look.ink, turned),
    ]


_Entry = tuple[Series, str, str, str]
"""A line, its name as written, its colour and its dashes."""


def _legend_rows(lines: Sequence[Series], look: _Theme) -> list[list[_Entry]]:
    """The legend's entries in as many rows as their names need; a line without a name has none."""
    rows: list[list[_Entry]] = []
    used = float(_WIDTH)
    for index, line in enumerate(lines):
        if not line.name:
            continue
        name = fit(line.name, _LONGEST_NAME)
        needed = _entry_width(name)
        if used + needed > _COLUMNS:
            rows.append([])
            used = 0
        rows[-1].append((line, name, look.colour(line.colour, index), _dash(lines, index)))
        used += needed
    return rows


def _entry_width(name: str) -> float:
    return 52 + cell_len(name) * _LETTER


def _legend(rows: Sequence[Sequence[_Entry]], look: _Theme) -> Iterator[str]:
    for row, entries in enumerate(rows):
        x, y = float(_LEFT), _TITLE_HEIGHT + _LEGEND_HEIGHT * row + 4.0
        for line, name, colour, dash in entries:
            opacity = ' stroke-opacity="0.35"' if line.faint else ""
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            stroke = f'stroke="{colour}" stroke-width="2"{opacity}{dashes}'
            yield f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x + 28:.1f}" y2="{y:.1f}" {stroke}/>'
            if line.label:
                yield _text(x + 14, y + 4, line.label, colour, f'text-anchor="middle" font-weight="bold" {_halo(look)}')
            elif line.marker:
                yield f'<circle cx="{x + 14:.1f}" cy="{y:.1f}" r="3" {_fill(line, colour)}/>'
            yield _text(x + 34, y + 4, name, look.ink)
            x += _entry_width(name)
