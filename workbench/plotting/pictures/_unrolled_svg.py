"""An unrolled computation as an SVG figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.plotting.canvas import fit
from workbench.plotting.pictures._picture import svg_head, svg_text
from workbench.plotting.pictures._stages import HEADS, Link, Rail, Stage, ends_of, is_dotted, rails_of, steps_shown
from workbench.plotting.pictures._tree_layout import TreeLayout, laid_out
from workbench.plotting.svg import FIGURE_THEMES

__all__ = ["unrolled_svg"]

_TOP, _ROW, _LINE = 64, 54, 26
_CELL, _HIGH = 34, 22
_LEFT, _LETTERS = 16, 30
_RAIL = 12
_FIRST, _LAST = 258, 500
_RIGHTS = (530, 674, 744)
"""Where shapes begin, and where counts and shares end."""
_MOST_STEPS, _MOST_RAILS = 5, 8
_TREE, _TREE_COLUMN = (30, 10), 9
"""Columns and lines of a tree, and pixels of a column."""
_ARC = 20
"""Pixels above a stage whose state reaches further back."""


@dataclass(frozen=True)
class _Plan:
    """Where stages stand.

    Attributes:
        middles: height of the middle of each stage's cells, by its place; of a tree that of its root.
        feet: height of the lowest line of each.
        columns: the middle of each step, and at last that of what has no steps.
        trees: layouts, by the place of their stage.
    """

    middles: dict[int, float]
    feet: dict[int, float]
    columns: list[float]
    trees: dict[int, TreeLayout]

    @property
    def count(self) -> int:
        """Number of steps that are drawn."""
        return len(self.columns) - 1

    def tree_x(self, number: int, column: int) -> float:
        """From a column of a tree's layout to pixels: its root stands in the last column."""
        return self.columns[-1] + (column - self.trees[number].root) * _TREE_COLUMN


def unrolled_svg(title: str, stages: Sequence[Stage], links: Sequence[Link], theme: str, subtitle: str) -> tuple[int, str]:
    """Height in pixels and the whole `<svg>` element; arguments as of `Unrolled`."""
    look = FIGURE_THEMES[theme]
    steps = max((stage.steps for stage in stages if stage.time), default=1)
    count = max(1, min(_MOST_STEPS, steps))
    trees = {number: laid_out(stage.tree, *_TREE) for number, stage in enumerate(stages) if stage.tree}
    columns = [_FIRST + (_LAST - _FIRST) * place / max(1, count - 1) for place in range(count)]
    if count == 1:
        columns = [(_FIRST + _LAST) / 2]
    columns.append((_FIRST + _LAST) / 2 if trees else columns[-1])
    middles, feet, y = {}, {}, float(_TOP)
    for number in range(len(stages) - 1, -1, -1):
        y += _ROW / 2 + (_ARC if stages[number].back else 0)
        middles[number] = y
        feet[number] = y + _LINE * ((trees[number].height if number in trees else 1) - 1)
        y = feet[number] + _ROW / 2
    plan, height = _Plan(middles, feet, columns, trees), round(y) + 12
    parts = svg_head(title, subtitle, height, theme)
    size = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    parts.append(
        f'<defs><marker id="tip" {size} orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="{look.quiet}"/></marker></defs>'
    )
    for (name, is_number), x in zip(HEADS, _RIGHTS, strict=True):
        parts.append(svg_text(x, _TOP - 2, name, look.quiet, 'text-anchor="end"' if is_number else ""))
    rails, _ = rails_of(links, stages, _MOST_RAILS)
    for rail in rails:
        parts += _rail(rail, stages, plan, look.colour("mark-changed" if rail.is_back else "", 4))
    for link in links:
        if link.target == link.source + 1 and not link.is_back:
            parts += _link(link, stages, plan, look.quiet)
    for number, stage in enumerate(stages):
        parts += _cells(number, stage, plan, look.colour(stage.role, 4), look.ink, look.paper, look.quiet)
        parts += _texts(stage, middles[number], look.ink, look.quiet)
    return height, "\n".join([*parts, "</svg>"]) + "\n"


def _texts(stage: Stage, y: float, ink: str, quiet: str) -> Iterator[str]:
    yield svg_text(_LEFT, y + 1, fit(stage.words, _LETTERS), ink)
    path = stage.path if len(stage.path) <= _LETTERS else f"…{stage.path[1 - _LETTERS :]}"
    yield svg_text(_LEFT, y + 15, path, quiet, 'font-size="10"')
    yield svg_text(_RIGHTS[0], y + 4, stage.shape, ink)
    yield svg_text(_RIGHTS[1], y + 4, stage.count, ink, 'text-anchor="end"')
    yield svg_text(_RIGHTS[2], y + 4, stage.share, quiet, 'text-anchor="end"')


def _cells(number: int, stage: Stage, plan: _Plan, colour: str, ink: str, paper: str, quiet: str) -> Iterator[str]:  # noqa: PLR0913, PLR0917 - one stage
    y = plan.middles[number]
    if number in plan.trees:
        yield from _tree(number, plan, colour, ink, paper, quiet)
        return
    shown = [(plan.columns[column], name) for column, name in steps_shown(stage, plan.count)]
    for (x, _), (following, _) in pairwise(shown) if stage.flow else ():
        tips = [_TIP] if stage.flow != "backwards" else []
        tips += ['marker-start="url(#tip)"'] if stage.flow != "forwards" else []
        yield _line(f"M{x + _CELL / 2:.1f} {y:.1f}H{following - _CELL / 2:.1f}", quiet, " ".join(tips))
    if stage.back and len(shown) > 1:
        first, last = (shown[0][0], shown[-1][0]) if stage.flow != "backwards" else (shown[-1][0], shown[0][0])
        top = y - _HIGH / 2
        arc = f"M{first:.1f} {top:.1f}C{first:.1f} {top - _ARC:.1f} {last:.1f} {top - _ARC:.1f} {last:.1f} {top:.1f}"
        yield _line(arc, quiet, _TIP)
        words = f"{', '.join(map(str, stage.back))} steps back"
        yield svg_text((first + last) / 2, top - _ARC, words, quiet, 'font-size="10" text-anchor="middle"')
    for x, name in shown:
        if name == "…":
            yield f'<rect x="{x - 10:.1f}" y="{y - 8:.1f}" width="20" height="16" fill="{paper}"/>'
            yield svg_text(x, y + 4, "…", quiet, 'text-anchor="middle"')
        elif stage.letter:
            yield _box(x, y, f"{stage.letter}{'' if stage.is_round else name}", colour, ink, paper, round_=stage.is_round)


def _box(x: float, y: float, text: str, colour: str, ink: str, paper: str, *, round_: bool) -> str:  # noqa: PLR0913, PLR0917 - one box
    wide = _HIGH if round_ else max(_CELL, 8 * len(text) + 8)
    frame = f'rx="{_HIGH / 2 if round_ else 5:.0f}" fill="{paper}" stroke="{colour}" stroke-width="1.5"'
    box = f'<rect x="{x - wide / 2:.1f}" y="{y - _HIGH / 2:.1f}" width="{wide}" height="{_HIGH}" {frame}/>'
    return box + svg_text(x, y + 4, text, ink, 'text-anchor="middle"')


def _tree(number: int, plan: _Plan, colour: str, ink: str, paper: str, quiet: str) -> Iterator[str]:  # noqa: PLR0913, PLR0917 - one tree
    layout, top = plan.trees[number], plan.middles[number]
    at = {(line, column): word for line, column, word in layout.words}
    for line, left, right in layout.arms:
        parent = min((column for row, column in at if row == line), key=lambda column: abs(column - (left + right) / 2))
        for child in {left, right}:
            ends = f"M{plan.tree_x(number, parent):.1f} {top + _LINE * line:.1f}"
            yield _line(f"{ends}L{plan.tree_x(number, child):.1f} {top + _LINE * (line + 1):.1f}", quiet, "")
    for (line, column), word in at.items():
        yield _box(plan.tree_x(number, column), top + _LINE * line, word, colour, ink, paper, round_=False)


def _link(link: Link, stages: Sequence[Stage], plan: _Plan, quiet: str) -> Iterator[str]:
    source, target = stages[link.source], stages[link.target]
    low, high = plan.middles[link.source] - _HIGH / 2, plan.feet[link.target] + _HIGH / 2
    if link.way == "order":
        x = plan.columns[-1]
        yield _line(f"M{x:.1f} {low:.1f}V{high:.1f}", quiet, 'stroke-dasharray="2 4"')
        return
    given, taken = ends_of(link, source, target, plan.count)
    pairs = [(plan.columns[one], plan.columns[other]) for one in given for other in taken]
    if link.target in plan.trees:
        pairs = [(plan.columns[given[-1]], plan.tree_x(link.target, column)) for column in plan.trees[link.target].leaves]
    elif source.time and target.time:
        pairs = [(x, up) for x, up in pairs if _is_read(link.way, x, up, plan.columns)]
    more = f"{_TIP}{' stroke-dasharray=' + chr(34) + '3 3' + chr(34) if is_dotted(link, source, target) else ''}"
    for x, up in pairs:
        yield _line(f"M{x:.1f} {low:.1f}L{up:.1f} {high:.1f}", quiet, more)


def _is_read(way: str, x: float, up: float, columns: Sequence[float]) -> bool:
    """Whether a line is drawn from a step to another one."""
    match way:
        case "all" | "some":
            return True
        case "past":
            return x <= up
        case "future":
            return x >= up
        case "window":
            return abs(x - up) <= 1.1 * (columns[-2] - columns[0]) / max(1, len(columns) - 2)
        case _:
            return x == up


def _rail(rail: Rail, stages: Sequence[Stage], plan: _Plan, colour: str) -> Iterator[str]:
    x = _FIRST - _CELL / 2 - 14 - _RAIL * rail.place
    dashes = ' stroke-dasharray="4 3"' if rail.is_back else ""
    begin = plan.middles[rail.source]
    for target in rail.targets:
        first = [plan.columns[steps_shown(stages[number], plan.count)[0][0]] - _CELL / 2 for number in (rail.source, target)]
        end = plan.feet[target] if target in plan.trees else plan.middles[target]
        yield _line(f"M{first[0]:.1f} {begin:.1f}H{x:.1f}V{end:.1f}H{first[1]:.1f}", colour, f"{_TIP}{dashes}")
        if target in rail.spread:
            yield _line(f"M{first[1]:.1f} {end:.1f}H{plan.columns[plan.count - 1]:.1f}", colour, 'stroke-dasharray="1 4"')


_TIP = 'marker-end="url(#tip)"'


def _line(path: str, colour: str, more: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}"{" " * bool(more)}{more}/>'
