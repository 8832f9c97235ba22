"""The panel of one kind of probe: a line of words and its pictures, at the moment and of the sample that all panels show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical

from workbench.errors import WorkbenchError
from workbench.plotting.pictures import text_of
from workbench.plotting.probes import Chosen
from workbench.plotting.saving import Contents, picture_contents
from workbench.runs.pins import Pin, pin_panel
from workbench.tui.base.background import in_thread
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of
from workbench.tui.panels._alike import AlikeSearch
from workbench.tui.panels._pane import PicturePane
from workbench.tui.panels._panel import Panel
from workbench.tui.requests import ModelAnswered, Notice
from workbench.tui.run.reading import ProbeReading, Source
from workbench.tui.wording import weights_words

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.plotting.pictures import Picture
    from workbench.plotting.probes import Kept, Look, ProbeView, Snapshot
    from workbench.runs.folder import RunFolder
    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["ProbePanel"]

_PANES = 3
"""Pictures that are seen at once, at most."""
_LOWEST, _LOWEST_FOUND, _PAGE, _GAP = 8, 6, 7, 2
"""Lines that a picture wants above or below others, also where passages are listed; those that one with pages needs there; and
columns between two."""
_LEADS, _FOLLOWS = 25, 40
"""Places of tabs, before and behind the predictions."""
_WORDS_FROM = 8
"""Lines from which the words may take two."""


_KEYS = (
    "`[` and `]` go back and forth in training, `end` returns to the newest; `,` and `.` change the sample. Arrow keys or the "
    "pointer read off values. `m` gives the panel the whole screen, and takes it back. `!` pins what is shown for the run's "
    "report."
)
_ALIKE = (
    " `shift+left` and `shift+right`, or the pointer with the button down, mark steps of the sequence; `F` finds the passages of "
    "the validation set in which the layer does most nearly the same, `t` those of one unit alone, `escape` or `backspace` goes "
    "back."
)


class _Parts(Enum):
    """Of a board's parts there are none, they are being put in, or they are there."""

    NONE, COMING, THERE = range(3)


class ProbeBoard(Keepable, Vertical):
    """Summary and pictures of one kind of probe. Arrays are read in a thread when they are looked at.

    Args:
        view: how the probe is drawn.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("probe"), *bindings("keep")]
    DEFAULT_CSS: ClassVar[str] = """
    ProbeBoard {
        padding: 0 1;
        & > .summary { height: auto; max-height: 2; color: $text-muted; }
        & > .plots { layout: horizontal; height: 1fr; }
        & > .plots > PicturePane { width: 1fr; height: 1fr; }
        & > .plots > .later { margin-left: 2; }
        &.-low > .summary { max-height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-below > .plots { layout: vertical; }
        &.-below > .plots > .later { margin-left: 0; }
        &.-below.-roomy > .plots > .later { margin-top: 1; }
    }
    """

    def __init__(self, view: type[ProbeView]) -> None:
        super().__init__()
        self.view = view
        self.HELP = f"## {view.title}\n\n{view.about}\n\n{_KEYS}{_ALIKE if view.alike else ''}"  # type: ignore[misc]  # each board helps with its own view
        self._reading = ProbeReading(self, view.name, view.read)
        self._shown: Source | None = None
        self._chosen = Chosen()
        self._look: Look | None = None
        self._kept: Kept = {}
        self._run: RunData | None = None
        self._step: int | None = None
        self._alike = AlikeSearch(self)
        self._own: Sequence[Picture] = ()
        self._pictures: Sequence[Picture] = ()
        self._first = 0
        self._hidden = False
        self._said = self._problem = ""
        self._parts = _Parts.NONE

    def _has_parts(self) -> bool:
        """Whether its parts are there. Else they are put in, and what there is to see is drawn then.

        Of a dozen kinds of probes one or two are looked at: the parts of all would be styled anew with every change of screen.
        """
        if self._parts is _Parts.NONE and self.is_attached:
            self._parts = _Parts.COMING
            self.call_later(self._furnish)
        return self._parts is _Parts.THERE

    async def _furnish(self) -> None:
        """Put in a line of words, and as many pictures as may be seen at once."""
        panes = (PicturePane(marks=self.view.alike) for _ in range(_PANES))
        await self.mount(Words(classes="summary"), Container(*panes, classes="plots"))
        self._parts = _Parts.THERE
        self._draw()

    # What is shown -----------------------------------------------------------------------------------------------------

    def show(self, run: RunData | None, moment: Moment) -> None:
        """Show a run's probe at a moment; what has to be read first is drawn when it has been."""
        self._chosen = replace(self._chosen, sample=moment.sample)
        if moment.step != self._step:
            self._alike.forget(mark=False)
        self._run, self._step = run, moment.step
        known = self._reading.want(run, moment)
        if known is not None:
            self._take(*known)

    def on_mount(self) -> None:
        """Show what was given before."""
        self._reading.begin()
        self._draw()

    @on(ProbeReading.Done)
    def _was_read(self, message: ProbeReading.Done) -> None:
        snapshot = self._reading.take(message)
        if snapshot is not None:
            self._take(message.source, snapshot)
        elif message.problem:
            self._problem = message.problem
            self._draw()

    def _take(self, source: Source, snapshot: Snapshot) -> None:
        if self._shown is None or self._shown.folder != source.folder:
            self._kept = {}
        look = self.view.look(snapshot, self._chosen, self._kept)
        if source == self._shown and not self._problem and self._look is not None and self._look.chosen == look.chosen:
            return
        if self._look is not None and self._shown is not None:
            self._leave(self._shown.folder != source.folder, self._look, look)
        self._shown, self._look, self._problem = source, look, ""
        self._draw()

    def _leave(self, is_other: bool, before: Look, look: Look) -> None:  # noqa: FBT001 - one call each
        """Of another run, sample or layer nothing is marked."""
        if is_other or (before.chosen.sample, before.chosen.name) != (look.chosen.sample, look.chosen.name):
            self._alike.forget(mark=True)

    def _choose(self, **changes: str | int | None) -> None:
        """See another part of the same snapshot."""
        if self._look is not None:
            self._chosen = replace(self._look.chosen, **changes)  # type: ignore[arg-type]  # each is of its field's type
            look = self.view.look(self._look.snapshot, self._chosen, self._kept)
            self._leave(False, self._look, look)
            self._look = look
            self._draw()

    def _draw(self) -> None:
        if self._problem and self._has_parts():
            self._say(self._problem)
        elif self._look is not None and self._has_parts():
            self._own = self.view.pictures(self._look)
            self._draw_marked(self._look)

    def _draw_marked(self, look: Look) -> None:
        """Its pictures with what is marked and found."""
        self._pictures = self._alike.pictures(self._own)
        told = [] if self._alike.found is not None else [*self._caption(look), self.view.summary(look)]
        self._said = f" {glyphs_of(self.app).dot} ".join((*self._alike.words(), *told))
        self._say(self._said)
        self._arrange()
        for pane in self.query(PicturePane):
            pane.held = self._alike.has_something
        self.refresh_bindings()

    def _caption(self, look: Look) -> list[str]:
        """Step, and what is chosen where there is a choice."""
        chosen, options = look.chosen, look.options
        words = [f"step {look.snapshot.step:,}", f"{chosen.name}{weights_words(chosen.name)}"]
        words += [f"sample {chosen.sample + 1} of {options.samples}"] if options.samples > 1 else []
        words += [f"head {chosen.head + 1} of {options.heads}"] if options.heads > 1 else []
        return words

    def _say(self, words: str) -> None:
        summary = self.query_one(".summary", Words)
        summary.update(words)
        summary.tooltip = as_is(self._said)  # all of it where there is room for one line only

    # Room --------------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Pictures stand where there is more room for them; few lines are left to them."""
        self.set_class(self.size.height < _WORDS_FROM, "-low")
        self._arrange()

    def _arrange(self) -> None:
        """Show as many pictures as have room, beside or below each other."""
        if not self._pictures:
            return
        self._first %= len(self._pictures)
        turned = [*self._pictures[self._first :], *self._pictures[: self._first]]
        below, count = self._room(turned)
        self._hidden = count < len(turned)
        self.set_class(below, "-below")
        self.set_class(self.size.height >= 2 * _LOWEST, "-roomy")
        wanted = [picture.lines_wanted(max(1, self.size.width - 2)) for picture in turned[:count]]
        heights = _shared(wanted, self._lines(count))
        if self._alike.found is not None and below and wanted[0] is not None:  # the list goes first
            heights[0] = min(wanted[0], max(heights[0], self._lines(count) - _LOWEST_FOUND * (count - 1)))
        for place, pane in enumerate(self.query(PicturePane)):
            picture = turned[place] if place < count else None
            pane.display = picture is not None
            pane.set_class(place > 0, "later")
            is_short = below and count > 1 and picture is not None and wanted[place] is not None
            pane.styles.width = "1fr" if below or picture is None else f"{picture.columns_wanted()}fr"
            pane.styles.height = heights[place] if is_short else "1fr"
            pane.show(picture)

    def _room(self, pictures: Sequence[Picture]) -> tuple[bool, int]:
        """Whether pictures stand below each other, and how many of them are seen."""
        most, width = min(len(pictures), _PANES), self.size.width - 2
        lines = [picture.lines_wanted(max(1, width)) for picture in pictures[:most]]
        if any(wanted is not None for wanted in lines) and self._lines(most) >= sum(wanted or _LOWEST for wanted in lines):
            return True, most
        columns = [picture.columns_wanted() + _GAP for picture in pictures[:most]]
        beside = max((count for count in range(1, most + 1) if sum(columns[:count]) <= width + _GAP), default=1)
        if beside == most:
            return False, most
        lowest = _LOWEST if self._alike.found is None else _LOWEST_FOUND
        least = [_least(wanted, lowest) for wanted in lines]
        below = max((count for count in range(1, most + 1) if sum(least[:count]) <= self._lines(count)), default=1)
        whole = self._lines(below) >= sum(wanted or lowest for wanted in lines[:below])
        return (True, below) if below > beside and (whole or beside == 1) else (False, beside)

    def _lines(self, count: int) -> int:
        """Lines for so many pictures below each other: without the words above them, and what is left blank between them."""
        words = 1 if self.size.height < _WORDS_FROM else 2
        return self.size.height - words - (count - 1 if self.size.height >= 2 * _LOWEST else 0)

    # Keys --------------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only keys that do something now are shown and work."""
        if self._look is None:
            return not action.startswith(("next_", "keep", "find_alike", "back"))
        options = self._look.options
        if action in ("find_alike", "back"):
            return self._may_find(*parameters) if action == "find_alike" else self._alike.has_something
        counts = {"next_name": len(options.names), "next_head": options.heads, "next_unit": options.units}
        if action == "next_picture":
            return self._hidden
        return counts[action] > 1 if action in counts else True

    def action_next_name(self, by: int) -> None:
        """See the next layer or parameter, or the one before."""
        if self._look is not None:
            names = self._look.options.names
            self._choose(name=names[(names.index(self._look.chosen.name) + by) % len(names)], unit=None)

    def action_next_head(self, by: int) -> None:
        """See the next head of attention, or the one before."""
        if self._look is not None:
            self._choose(head=(self._look.chosen.head + by) % self._look.options.heads)

    def action_next_unit(self, by: int) -> None:
        """See the next unit, or the one before."""
        if self._look is not None:
            unit = self._look.chosen.unit
            first = 0 if by > 0 else self._look.options.units - 1
            self._choose(unit=first if unit is None else (unit + by) % self._look.options.units)

    def action_next_picture(self) -> None:
        """See the next picture, where there is no room for all."""
        self._first += 1
        self._arrange()

    def action_pin(self) -> None:
        """Pin what is shown, so that a report of the run has it, or take the pin off."""
        if self._look is not None and self._shown is not None:
            chosen, step = self._look.chosen, self._look.snapshot.step
            pin = Pin(self.view.name, step, chosen.sample, chosen.name, chosen.head, chosen.unit)
            self._pin(self._shown.folder, pin)

    @in_thread("pin")
    def _pin(self, folder: RunFolder, pin: Pin) -> None:
        try:
            done = "Pinned for the report" if pin_panel(folder, pin) else "Not pinned any more"
            notice = Notice(f"{done}: {self.view.title} at step {pin.step:,}.")
        except WorkbenchError as error:
            notice = Notice(str(error), problem=True)
        self.app.post_message(notice)

    @on(PicturePane.Pointed)
    def _pointed(self, message: PicturePane.Pointed) -> None:
        message.stop()
        marked = self._alike.words() if message.words and self._alike.found is None else []
        self._say(f" {glyphs_of(self.app).dot} ".join((*marked, message.words)) if message.words else self._said)

    @on(PicturePane.Picked)
    def _picked(self, message: PicturePane.Picked) -> None:
        message.stop()
        pane = message.pane
        unit = pane.picture.unit_at(*pane.cursor) if pane.picture is not None and pane.cursor is not None else None
        if unit is not None:
            self._choose(unit=unit)

    # Passages of alike activity ----------------------------------------------------------------------------------------

    @on(PicturePane.Marked)
    def _marked(self, message: PicturePane.Marked) -> None:
        message.stop()
        if self._look is not None:
            self._alike.mark = (message.first, message.last)
            self._draw_marked(self._look)

    def _may_find(self, in_unit: object) -> bool:
        return self._alike.mark is not None and self._alike.waiting is None and (not in_unit or self._unit() is not None)

    @property
    def takes_escape(self) -> bool:
        """Whether escape goes back here, before it gives the whole screen back."""
        return self._alike.has_something

    def _unit(self) -> int | None:
        """The unit that was chosen, else the one under the cursor."""
        if self._look is not None and self._look.chosen.unit is not None:
            return self._look.chosen.unit
        places = [(pane.picture, pane.cursor) for pane in self.query(PicturePane) if pane.display]
        units = [picture.unit_at(*cursor) for picture, cursor in places if picture is not None and cursor is not None]
        return next((unit for unit in units if unit is not None), None)

    def action_find_alike(self, in_unit: bool) -> None:  # noqa: FBT001 - Textual passes it by place
        """Find the passages of the validation set that are alike to the marked steps, in all units or in one."""
        if self._look is not None and self._run is not None:
            problem = self._alike.ask(self._look, self._run, self._unit() if in_unit else None)
            if problem:
                self.notify(problem, severity="warning", markup=False)
            self._draw_marked(self._look)

    @on(ModelAnswered)
    def _answered(self, message: ModelAnswered) -> None:
        if self._look is None or not self._alike.take(message):
            return
        if message.problem:
            self.app.post_message(Notice(message.problem, problem=True))
        self._first = 0
        self._draw_marked(self._look)
        if self.has_focus_within and self._alike.found is not None:
            self.query(PicturePane).first().focus()  # the list: arrow keys go through it

    def action_back(self) -> None:
        """From a search or its passages back to the figures; without these, take the mark away."""
        self._alike.back()
        self._first = 0
        if self._look is not None:
            self._draw_marked(self._look)

    def _text(self) -> str:
        width, height = max(20, self.size.width - 2), 14
        panes = [picture.draw(width, picture.lines_wanted(width) or height, "ascii") for picture in self._pictures]
        return "\n\n".join([self._said, *map(text_of, panes)]) + "\n"

    def contents(self) -> Contents | None:
        """The pictures that are seen or would be with more room, their data, and what is said of them."""
        if self._look is None or self._shown is None:
            return None
        stem = f"{self.view.name}-{self._look.snapshot.step}{self._alike.stem}"
        caption = self._alike.caption or ", ".join((*self._alike.words(), *self._caption(self._look)))
        return picture_contents(self.view.title, stem, self._text(), self._pictures, f"{self._shown.folder.id}, {caption}")


def _least(wanted: int | None, lowest: int = _LOWEST) -> int:
    """Lines that a picture needs above or below others, of which it wants so many, or any number (None)."""
    return lowest if wanted is None else min(wanted, _PAGE)


def _shared(wanted: Sequence[int | None], lines: int) -> list[int]:
    """So many lines shared out to pictures; one gets more than its share as long as the others have what they need."""
    heights = [1] * len(wanted)
    order = sorted(range(len(wanted)), key=lambda place: lines if (want := wanted[place]) is None else want)
    for done, place in enumerate(order, 1):
        share, want = lines // (len(wanted) - done + 1), wanted[place]
        most = max(share, lines - sum(_least(wanted[other]) for other in order[done:]))
        heights[place] = max(1, share if want is None else min(want, most))
        lines -= heights[place]
    return heights


class ProbePanel(Panel):
    """The tab of one kind of probe.

    Args:
        view: how the probe is drawn.
    """

    def __init__(self, view: type[ProbeView]) -> None:
        self.name, self.title = view.name, view.title
        self.place, self.opens = (_LEADS if view.leads else _FOLLOWS), view.leads
        self._board = ProbeBoard(view)

    def widget(self) -> Widget:
        """Summary and pictures."""
        return self._board

    def exists(self, run: RunData | None) -> bool:
        """Whether the run has such a probe, in a form that can be drawn."""
        kind = run.probes.get(self.name) if run is not None else None
        shapes = kind.shapes.items() if kind is not None else ()
        return any(shape is not None and self._board.view.fits(name, shape) for name, shape in shapes)

    def show_run(self, run: RunData | None, moment: Moment) -> None:
        """The probe of that moment."""
        self._board.show(run if self.exists(run) else None, moment)
