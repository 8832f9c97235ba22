"""A computation drawn as it runs: one line a module from the inputs at the bottom up, sequences unrolled over their steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, final

from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, fit
from workbench.plotting.pictures._lines import Lines
from workbench.plotting.pictures._picture import HEAD_FROM, Drawn, Mode, Picture, head, owners
from workbench.plotting.pictures._stages import (
    HEADS,
    MIXED,
    SLANTED,
    Link,
    Rail,
    Stage,
    ends_of,
    is_dotted,
    rails_of,
    steps_shown,
)
from workbench.plotting.pictures._tree_layout import TreeLayout, laid_out
from workbench.plotting.pictures._unrolled_svg import unrolled_svg

__all__ = ["Link", "Stage", "Unrolled"]

_ASCII = str.maketrans(dict.fromkeys("╭╮╰╯├┤┬┴┼", "+") | dict(zip("─│▲▶◀┊┄…⋮×▼", "-|^><:..:xv", strict=True)) | SLANTED)
_MOST_COLUMNS, _FEWEST_COLUMNS = 7, 4
"""Steps that are drawn at most, and that words are cut for."""
_CLOSEST, _PITCH, _WIDEST_PITCH = 5, 7, 11
"""Columns of text from one step to the next: at least, as a rule, at most."""
_CELL = 4
_GUTTER, _LEFT, _LEAST_LEFT, _GAP = 1, 40, 14, 2
"""Columns: before the words, where a cursor stands; of the words at most and when cut; between the parts of a line."""
_MOST_TREE_LINES, _TREE = 12, 40
"""Lines of a tree at most, and columns that it gets before what stands at the right."""
_NARROWEST = 76
_Sign: TypeAlias = tuple[int, int, str, str]
"""Row, column, text and style."""


@dataclass(frozen=True)
class _Room:
    """Columns of text.

    Attributes:
        left: for what stages are.
        at: where the unrolled part begins, and the rails before it end.
        columns: the middle of each step that is drawn, and at last that of what has no steps.
        right: where shape, count and share begin, and how wide they are; those that have room.
        trees: the layout of each stage's tree, by its place.
    """

    left: int
    at: int
    columns: tuple[int, ...]
    right: tuple[tuple[int, int], ...]
    trees: dict[int, TreeLayout]

    @property
    def count(self) -> int:
        """Number of steps that are drawn."""
        return len(self.columns) - 1

    def height(self, number: int) -> int:
        """Lines of a stage's cells."""
        return self.trees[number].height if number in self.trees else 1


@final
@dataclass(frozen=True, eq=False)
class Unrolled(Picture):
    """Modules above what they read.

    Attributes:
        title: what is drawn.
        stages: from the inputs up.
        links: between them.
    """

    title: str
    stages: Sequence[Stage]
    links: Sequence[Link] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """A row for each stage, the last one first; a cursor stands at a whole one."""
        return len(self.stages), 1

    def draw(self, width: int, height: int, mode: Mode, start: tuple[int, int] = (0, 0)) -> Drawn:
        """Title, and as many stages from `start` on as have room."""
        canvas, owned, above = Canvas(width, height), owners(width, height), int(height >= HEAD_FROM)
        room, whole, tops = self._whole(width)
        count = len(self.stages)
        first = min(max(start[0], 0), max(0, count - 1))
        begin = tops[first] if count else 0
        ends = [*tops[1:], whole.height]
        seen = max(1, sum(top >= begin and end - begin <= height - above for top, end in zip(tops, ends, strict=True)))
        if above:
            more = f" ({first + 1} to {first + seen} of {count})" if seen < count else ""
            _, left_out = self._rails(width)
            lost = f"; links without room: {left_out}" if left_out else ""
            title = f"{self.title}{lost}{more}"
            head(canvas, title, None, mode)
            for (column, wide), (name, right) in zip(room.right, HEADS, strict=False):
                if column > cell_len(title) + 1:
                    canvas.put(0, column + (wide - len(name) if right else 0), name, "label")
        for row in range(first, min(first + seen, count)):
            for line in range(tops[row], ends[row]):
                at, column = above + line - begin, 0
                for text, style in whole.runs(line) if whole.width else ():
                    canvas.put(at, column, text.translate(_ASCII) if mode == "ascii" else text, style)
                    column += cell_len(text)
                if at < height:
                    owned[at, :, 0], owned[at, :, 1] = row, 0
        return Drawn(canvas, owned, (seen, 1))

    def words(self, row: int, column: int) -> str:
        """All that is known of a stage."""
        del column
        return self.stages[len(self.stages) - 1 - row].said

    def records(self) -> Iterable[tuple[object, object, object]]:
        """(stage, name, value), from the inputs up."""
        for number, stage in enumerate(self.stages):
            reads = ", ".join(str(link.source + 1) for link in self.links if link.target == number)
            for name, value in (
                ("words", stage.words),
                ("path", stage.path),
                ("shape", stage.shape),
                *stage.values,
                ("reads", reads),
            ):
                if value:
                    yield number + 1, name, value

    def svg(self, theme: str, subtitle: str) -> tuple[int, str]:
        """The same as boxes and arrows."""
        return unrolled_svg(self.title, self.stages, self.links, theme, subtitle)

    def lines_wanted(self, width: int) -> int | None:
        """The title and all stages."""
        return 1 + self._whole(width)[1].height

    def columns_wanted(self) -> int:
        """What it needs beside a table."""
        return _NARROWEST

    # All stages as text --------------------------------------------------------------------------------------------------

    def _whole(self, width: int) -> tuple[_Room, Canvas, list[int]]:
        """All of it on as many lines as it needs, with its columns, and the first line of each stage, the last one first."""
        rails, _ = self._rails(width)
        room = self._room(width, 2 * max((rail.place + 1 for rail in rails), default=0))
        tops, rows, y = [], dict[int, int](), 0
        for number in range(len(self.stages) - 1, -1, -1):
            tops.append(y)
            rows[number] = y + bool(self.stages[number].back)
            y = rows[number] + room.height(number) + bool(number or self.stages[number].path)
        canvas, lines, signs = Canvas(width, y), Lines(), list[_Sign]()
        for rail in rails:
            signs += self._rail(rail, lines, room, rows)
        for number, stage in enumerate(self.stages):
            signs += _texts(stage, room, rows[number], room.height(number))
            signs += (
                _tree(room.trees[number], lines, room, rows[number])
                if number in room.trees
                else _cells(stage, room, rows[number])
            )
        for link in self.links:
            if link.target == link.source + 1 and not link.is_back:
                row = rows[link.target] + room.height(link.target)
                signs += _link(link, (self.stages[link.source], self.stages[link.target]), lines, room, row)
        lines.draw(canvas)
        for row, column, text, style in signs:
            canvas.put(row, column, text, style)
        return room, canvas, tops

    def _rails(self, width: int) -> tuple[list[Rail], int]:
        """Links that pass stages by, and how many of them have no room."""
        return rails_of(self.links, self.stages, most=max(2, (width - 40) // 8))

    def _rail(self, rail: Rail, lines: Lines, room: _Room, rows: Mapping[int, int]) -> Iterator[_Sign]:
        column, style = room.at - _GAP - 2 * rail.place, "mark" if rail.is_back else "label"
        ends = sorted(rows[number] for number in (rail.source, *rail.targets))
        lines.down(column, ends[0], ends[-1], style)
        for number in (rail.source, *rail.targets):
            begin = self._begin(number, room)
            lines.across(rows[number], column, begin - 1, style)
            if number != rail.source:
                yield rows[number], begin - 1, "▶", style
                if number in rail.spread:
                    yield rows[number], begin, "┄" * (room.columns[room.count - 1] - begin), "label"

    def _begin(self, number: int, room: _Room) -> int:
        """The first column of a stage's first sign."""
        if number in room.trees:
            return min(room.at + column - cell_len(word) // 2 for line, column, word in room.trees[number].words if not line)
        stage = self.stages[number]
        column, name = steps_shown(stage, room.count)[0]
        return room.columns[column] - cell_len(stage.cell(name)) // 2

    def _room(self, width: int, rails: int) -> _Room:
        """Columns for a width: words of the left are cut first, then what stands at the right is left out from its end."""
        stages = self.stages
        left = min(_LEFT, max((max(cell_len(one.words), cell_len(one.path)) for one in stages), default=0))
        texts = [[stage.shape for stage in stages], [stage.count for stage in stages], [stage.share for stage in stages]]
        wide = [max([len(name), *map(cell_len, column)]) for column, (name, _) in zip(texts, HEADS, strict=True)]
        steps = max((stage.steps for stage in stages if stage.time), default=1)
        trees = {number: stage.tree for number, stage in enumerate(stages) if stage.tree}
        wanted = [_CELL + _PITCH * (min(_FEWEST_COLUMNS, steps) - 1)]
        wanted += [min(_TREE, laid_out(tree, width, _MOST_TREE_LINES).width) for tree in trees.values()]
        while wide and _GUTTER + left + rails + 2 * _GAP + max(wanted) + sum(wide) + _GAP * len(wide) > width:
            if left > _LEAST_LEFT:
                left -= 1
            else:
                wide.pop()
        free = width - _GUTTER - left - rails - 2 * _GAP - sum(wide) - _GAP * len(wide)
        at = _GUTTER + left + rails + _GAP
        layouts = {number: laid_out(tree, free, _MOST_TREE_LINES) for number, tree in trees.items()}
        fitting = max((free - _CELL) // _PITCH + 1, 3 if free >= _CELL + 2 * _CLOSEST else 1)
        count = min(_MOST_COLUMNS, steps, fitting)
        pitch = min(_WIDEST_PITCH, max(_CLOSEST, (free - _CELL) // max(1, count - 1)))
        columns = [at + _CELL // 2 + pitch * place for place in range(count)]
        columns.append(max((at + layout.root for layout in layouts.values()), default=columns[-1]))
        end = max(max(columns) + _CELL // 2, *(at + layout.width for layout in layouts.values()), 0)
        right, column = [], end + _GAP
        for cells in wide:
            right.append((column, cells))
            column += cells + _GAP
        return _Room(left, at, tuple(columns), tuple(right), layouts)


def _texts(stage: Stage, room: _Room, row: int, height: int) -> Iterator[_Sign]:
    """What a stage is, at its left, and its numbers at its right."""
    yield row, _GUTTER, fit(stage.words, room.left), "value" if stage.letter else "label"
    path = stage.path
    if cell_len(path) > room.left:
        path = "…" + path[len(path) - room.left + 1 :]  # its end tells it apart
    yield row + height, _GUTTER, path, "label"
    texts = ((stage.shape, "value", False), (stage.count, "value", True), (stage.share, "label", True))
    for (column, wide), (text, style, is_number) in zip(room.right, texts, strict=False):
        yield row, column + (wide - cell_len(text) if is_number else 0), text, style


def _cells(stage: Stage, room: _Room, row: int) -> Iterator[_Sign]:
    """A stage's steps, with arrows where its state goes from one to the next."""
    shown = [(room.columns[column], name) for column, name in steps_shown(stage, room.count)]
    signs = [(column, "…" if name == "…" else stage.cell(name)) for column, name in shown]
    places = [(column - cell_len(sign) // 2, sign) for column, sign in signs if sign]
    for column, sign in places:
        yield row, column, sign, "label" if sign == "…" else stage.role
    for (column, sign), (following, _) in pairwise(places) if stage.flow else ():
        begin, wide = column + cell_len(sign), following - column - cell_len(sign)
        first, last = "◀" if stage.flow != "forwards" else "─", "▶" if stage.flow != "backwards" else "─"
        arrow = f"{first}{'─' * (wide - 2)}{last}" if wide > 1 else last if stage.flow != "backwards" else first
        yield row, begin, arrow[:wide], "label"
    if stage.back and len(places) > 1:
        begin, end = shown[0][0], shown[-1][0]
        words = fit(f" {', '.join(map(str, stage.back))} steps back ", end - begin - 1)
        line = f"{words:─^{end - begin - 1}}"
        yield row - 1, begin, f"▼{line}╮" if stage.flow == "backwards" else f"╭{line}▼", "label"


def _tree(layout: TreeLayout, lines: Lines, room: _Room, row: int) -> Iterator[_Sign]:
    """A tree, its root above."""
    for line, left, right in layout.arms:
        lines.across(row + line, room.at + left, room.at + right)
        for column in {left, right}:
            lines.stub(row + line, room.at + column, down=True)
    for line, column, word in layout.words:
        yield row + line, room.at + column - cell_len(word) // 2, word, "train"


def _link(link: Link, pair: tuple[Stage, Stage], lines: Lines, room: _Room, row: int) -> Iterator[_Sign]:
    """The line between two neighbours."""
    source, target = pair
    layout = room.trees.get(link.target)
    given, taken = ([room.columns[column] for column in columns] for columns in ends_of(link, source, target, room.count))
    if layout is not None:
        taken = [room.at + column for column in layout.leaves]
    for column in taken:
        yield row, column, "▲" if link.way != "order" else "┊", "label"
    if link.way == "order":
        return
    if source.time and target.time:
        if sign := MIXED.get(link.way):
            for left, right in pairwise(taken):
                yield row, (left + right) // 2, sign, "label"
        return
    first, last = min(*given, *taken), max(*given, *taken)
    if is_dotted(link, source, target):
        yield row, first, "┄" * (last - first), "label"
    elif first < last:
        lines.across(row, first, last)
        for column in given:
            lines.stub(row, column, down=True)
