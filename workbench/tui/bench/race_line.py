"""Which runs are drawn together, where each of them stands, and whose scores do not compare: a line or two above the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message

from workbench.plotting.canvas import clean, fit
from workbench.plotting.race import race_sign
from workbench.plotting.signs import STATE_SIGNS, UNKNOWN_STATE
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.glyphs import glyphs_of, is_ascii

if TYPE_CHECKING:
    from textual import events

    from workbench.tui.run.race import Race, Racer

__all__ = ["RaceLine"]

_GAP = 3
_NAME_AT_LEAST = 8
_COLOURS = ("$primary", "$accent", "$success", "$error", "$warning", "$secondary")
"""As charts draw the runs, by number."""


@dataclass(frozen=True)
class _Entry:
    racer: Racer
    name: str
    standing: str

    def width(self, name_room: int) -> int:
        return 4 + min(cell_len(self.name), name_room) + 1 + cell_len(self.standing)


class RaceLine(Words):
    """The runs by number; the one in front is marked. It is there only while there are several."""

    DEFAULT_CSS: ClassVar[str] = """
    RaceLine { height: auto; padding: 0 1; display: none; text-wrap: nowrap; }
    RaceLine.-on { display: block; }
    """

    @dataclass
    class Clicked(Message):
        """A run was clicked, by number."""

        number: int

    def __init__(self) -> None:
        super().__init__(id="race")
        self._race: Race | None = None
        self._places: list[tuple[int, int, int, int]] = []

    def show_race(self, race: Race) -> None:
        """Show the runs as they are now; nothing where there is only one."""
        self._race = race
        self.set_class(race.is_on, "-on")
        if race.is_on:
            self._update()

    def on_resize(self) -> None:
        """Another width has room for other names."""
        if self._race is not None and self._race.is_on:
            self._update()

    def on_click(self, event: events.Click) -> None:
        """The run that was clicked."""
        offset = event.get_content_offset_capture(self)
        for row, start, stop, number in self._places:
            if row == offset.y and start <= offset.x < stop:
                self.post_message(self.Clicked(number))

    def _update(self) -> None:
        race, width = self._race, self.content_size.width
        if race is None or width < 1:
            return
        entries = [_Entry(racer, clean(racer.name), self._standing(racer)) for racer in race.runs]
        room = _name_room(entries, width)
        rows = _rows([entry.width(room) for entry in entries], width)
        self._places = []
        lines = []
        for row, places in enumerate(rows):
            parts, column = [], 0
            for place in places:
                entry = entries[place]
                parts.append(self._content(entry, room, is_front=entry.racer is race.front))
                self._places.append((row, column, column + entry.width(room), entry.racer.number))
                column += entry.width(room) + _GAP
            lines.append(Content(" " * _GAP).join(parts))
        if foreign := race.foreign():
            signs: dict[str, list[str]] = {}
            for racer, data in foreign:
                signs.setdefault(clean(data), []).append(race_sign(racer.number))
            told = ", ".join(f"{' '.join(runs)} on other data ({data})" for data, runs in signs.items())
            words = f"Scores do not compare: {told}"
            before = lines[-1].cell_length + _GAP
            if before + cell_len(words) <= width:  # a line of its own would be taken from the charts
                lines[-1] = Content.assemble(lines[-1], " " * _GAP, (words, "$text-warning"))
            else:
                lines.append(Content.assemble((fit(words, width), "$text-warning")))
        self.tooltip = as_is("\n".join(f"{race_sign(entry.racer.number)} {entry.name}  {entry.standing}" for entry in entries))
        self.update(Content("\n").join(lines))

    def _content(self, entry: _Entry, room: int, *, is_front: bool) -> Content:
        mark = glyphs_of(self.app).more if is_front else " "
        colour = _COLOURS[(entry.racer.number - 1) % len(_COLOURS)]
        return Content.assemble(
            (f"{mark} {race_sign(entry.racer.number)} ", f"{colour} bold"),
            (fit(entry.name, room), "bold" if is_front else ""),
            (f" {entry.standing}", "$text-muted"),
        )

    def _standing(self, racer: Racer) -> str:
        data = racer.data
        if data is None:
            return "..."
        if data.waits:
            return data.waits.partition(":")[0]
        sign = STATE_SIGNS.get(data.status.state, UNKNOWN_STATE)[is_ascii(self.app)]
        return f"{sign} {data.status.step:,}/{data.status.total:,}"


def _name_room(entries: Sequence[_Entry], width: int) -> int:
    """Columns of a name with which all entries take as few rows as they can."""
    longest = max(cell_len(entry.name) for entry in entries)
    fewest = len(_rows([entry.width(_NAME_AT_LEAST) for entry in entries], width))
    return next(
        (
            room
            for room in range(longest, _NAME_AT_LEAST, -1)
            if len(_rows([entry.width(room) for entry in entries], width)) <= fewest
        ),
        _NAME_AT_LEAST,
    )


def _rows(widths: Sequence[int], width: int) -> list[list[int]]:
    """Which entries stand in which row."""
    rows: list[list[int]] = []
    used = width + 1
    for place, needed in enumerate(widths):
        if used + _GAP + needed > width:
            rows.append([])
            used = -_GAP
        rows[-1].append(place)
        used += _GAP + needed
    return rows
