"""The parts of a model in a list: single ones, and numbered ones folded under their name, ranked once they are measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets.option_list import Option

from workbench.plotting.ablated import ending
from workbench.tui.base.steady_list import SteadyList
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bindings import bindings
from workbench.tui.run.ablations import headed_names, numbered

if TYPE_CHECKING:
    from workbench.training.parts import Part
    from workbench.tui.glyphs import Glyphs
    from workbench.tui.run.ablations import Ablations

__all__ = ["PartRow", "PartsList", "part_rows"]

_PAGE = 32
"""Numbered parts that are listed at once; the row below them lists as many more."""
_STYLES = {"worse": "$error", "better": "$success"}


@dataclass(frozen=True)
class PartRow:
    """One line.

    Attributes:
        name: the part that it is about, without a number.
        kind: `part` for one part, `all` for the head of several alike, `more` for what lists further ones, `heading` for the
            layer that the next ones belong to.
        part: the one part that it stands for.
        before: what stands before the label: an indent, a sign.
        label: what it is called.
        note: what stands at the right.
        verdict: of the change in the note, `worse`, `better`, or another word.
    """

    name: str
    kind: Literal["part", "all", "more", "heading"]
    part: Part | None
    before: str
    label: str
    note: str = ""
    verdict: str = ""

    @property
    def id(self) -> str:
        """What it stands for."""
        return f"{self.kind} {self.part or self.name}"


def part_rows(
    parts: Mapping[str, int], opened: Mapping[str, int], shown: Ablations, metric: str, glyphs: Glyphs
) -> list[PartRow]:
    """The lines of a model's parts.

    Args:
        parts: name -> how many there are, 0 for a single one.
        opened: name -> how many pages of its numbered parts are listed.
        shown: what is known of the checkpoint.
        metric: whose change stands at the right, and decides on the order.
        glyphs: the signs.
    """
    names, pending = headed_names(list(parts)), {*shown.waiting, *shown.now}
    rows: list[PartRow] = []
    for name, count in parts.items():
        heading, label = names[name]
        if heading and (not rows or names[rows[-1].name][0] != heading):
            rows.append(PartRow(name, "heading", None, "", heading))
        ranked, pages = shown.ranked(numbered(name, count), metric), opened.get(name, 0)
        note, verdict = _note(ranked, shown, pending, metric, glyphs)
        if not count:
            rows.append(PartRow(name, "part", ranked[0], "  ", label, note, verdict))
            continue
        sign = glyphs.opened if pages else glyphs.folded
        rows.append(PartRow(name, "all", None, f"{sign} ", f"{label} {glyphs.times}{count}", note, verdict))
        listed = ranked[: pages * _PAGE]
        rows += [
            PartRow(name, "part", part, "    ", f"{part.number}", *_note([part], shown, pending, metric, glyphs))
            for part in listed
        ]
        if listed and len(listed) < count:
            rows.append(PartRow(name, "more", None, "    ", f"{count - len(listed)} more {glyphs.ellipsis}"))
    return rows


def _note(
    parts: Sequence[Part], shown: Ablations, pending: Collection[Part | None], metric: str, glyphs: Glyphs
) -> tuple[str, str]:
    """Of one part the change without it; of several how far the measuring is, else the change without the one missed most."""
    waiting = sum(part in pending for part in parts)
    if waiting and len(parts) == 1:
        return ("now" if parts[0] in shown.now else "waits"), ""
    if waiting:
        return f"{len(parts) - waiting} of {len(parts)}", ""
    change = shown.change(parts[0], metric)
    if change is None:
        return "", ""
    sign = {"worse": glyphs.wrong, "better": glyphs.right, "same": "="}.get(change.verdict, "")
    which = f":{parts[0].number} " if len(parts) > 1 else ""
    words = "" if change.verdict == "same" else f"{change.words} "
    return f"{which}{words}{sign}".rstrip(), change.verdict


class PartsList(SteadyList, inherit_bindings=False):
    """The list. `enter` or a click chooses a line: a part is measured, the head of several folds and unfolds."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("parts")]
    DEFAULT_CSS: ClassVar[str] = """
    PartsList {
        padding: 0; border: none; background: transparent; height: 1fr;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > .option-list--option { padding: 0; }
        & > .option-list--option-highlighted { background: $foreground 10%; color: $foreground; text-style: none; }
        &:focus { border: none; background-tint: transparent 0%; }
        &:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: bold; }
    }
    """

    @dataclass
    class Folded(Message):
        """The numbered parts of a name are to be unfolded, or folded."""

        name: str
        opened: bool

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[PartRow] = ()

    @property
    def row(self) -> PartRow | None:
        """The line under the cursor."""
        return self.row_at(self.highlighted)

    def row_at(self, place: int | None) -> PartRow | None:
        """A line by its place, None where there is none."""
        return self._rows[place] if place is not None and 0 <= place < len(self._rows) else None

    def show(self, rows: Sequence[PartRow]) -> None:
        """List other lines; the cursor stays on what it stood on, and the page where it is."""
        before, held = self._rows, self.row
        self._rows = rows
        if [row.id for row in rows] == [row.id for row in before]:
            for place, (row, old) in enumerate(zip(rows, before, strict=True)):
                if row != old:
                    self._replace_option_prompt(place, self._prompt(row))
            return
        self.set_options([Option(self._prompt(row), id=row.id, disabled=row.kind == "heading") for row in rows])
        if rows:
            ids = [row.id for row in rows]
            head = f"all {held.name}" if held is not None else ""
            first = next(place for place, row in enumerate(rows) if row.kind != "heading")
            self.highlighted = next((ids.index(each) for each in (held.id if held else "", head) if each in ids), first)

    def action_fold(self, opened: bool) -> None:  # noqa: FBT001 - an action's arguments have no names
        """Unfold or fold the parts that the line belongs to."""
        if self.row is not None:
            self.post_message(self.Folded(self.row.name, opened))

    def watch_highlighted(self, highlighted: int | None) -> None:
        """The whole name of the line under the cursor stands in its tooltip."""
        super().watch_highlighted(highlighted)
        row = self.row
        self.tooltip = as_is(f"{row.name} {row.note}".strip()) if row is not None else None

    def on_resize(self) -> None:
        """As much of each name as there is room for now."""
        for place, row in enumerate(self._rows):
            self._replace_option_prompt(place, self._prompt(row))

    def _prompt(self, row: PartRow) -> Content:
        """Sign and name, and at the right what is known of it; a long name is cut at its beginning, its end tells it apart."""
        room = max(1, self._text_width() - cell_len(row.before) - cell_len(row.note) - bool(row.note))
        label = ending(row.label, room)
        if row.kind == "heading":
            return Content.assemble((label, "bold $foreground 60%"))
        blanks = " " * max(1, room - cell_len(label) + bool(row.note))
        style = _STYLES.get(row.verdict, "$text-muted")
        return Content.assemble((row.before, "$text-muted"), label, blanks if row.note else "", (row.note, style))
