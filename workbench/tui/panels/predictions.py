"""What the model answers on held-out samples at one evaluation, with what is wrong in it marked by signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from workbench.plotting.predictions import PredictionSigns, Room, caption, prediction_form, prediction_lines, score_words
from workbench.plotting.saving import Contents, sheet_contents
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of, is_ascii
from workbench.tui.panels._panel import Panel
from workbench.tui.panels._scrolled import Scrolled
from workbench.tui.panels._signs import prediction_signs
from workbench.tui.run.reading import ProbeReading
from workbench.tui.widgets.halfblock import pictures
from workbench.tui.wording import weights_words

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.plotting.pictures import Mode
    from workbench.runs.reader import RunReader
    from workbench.runs.records import Probe
    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["Predictions", "PredictionsPanel"]

_PICTURE_WIDTHS = (8, 20)
"""Columns of a picture: as many as let it stand whole with its caption, within these bounds."""
_COLUMNS = ("input", "target", "predicted", "correct", "valid", "log_probability")
"""What a table has of an answer."""
_TEXT_WIDTH = 120
"""Columns of what is kept as text."""
_ROOMY_FROM = 10
"""Lines from which one may stay empty."""


class Predictions(Keepable, Scrolled):
    """Samples of the held-out set with target and answer."""

    HELP = """
    ## Predictions

    The same held-out samples after every evaluation: what goes in, what should come out, and what the model answers, with a sign
    for right or wrong. Wrong symbols are underlined and have a `^` below them; in the target it stands below what is
    missing. A number stands with its error. Sequences that the model draws by itself stand beside some of the data, with a sign
    for those that the data's source could have written.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("predictions"), *bindings("keep")]
    DEFAULT_CSS: ClassVar[str] = """
    Predictions {
        padding: 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > Words { height: auto; }
        & > .summary { color: $text-muted; margin-bottom: 1; }
        &.-low > .summary { margin-bottom: 0; }
    }
    """
    HINT = "Answers on held-out samples appear here after the first evaluation."

    def __init__(self) -> None:
        super().__init__()
        self._reading = ProbeReading(self, "predictions", _first)
        self._probe: Probe | None = None
        self._whole = False
        self._shortened = False

    def compose(self) -> ComposeResult:
        """A line on the whole, and the samples."""
        yield Words(self.HINT, classes="summary")
        yield Words(classes="items")

    def show(self, run: RunData | None, moment: Moment) -> None:
        """Show the answers of a moment; those that have to be read first are drawn when they have been."""
        known = self._reading.want(run, moment)
        if known is not None:
            self._take(known[1])
        elif run is None or "predictions" not in run.probes:
            self._take(None)

    def on_mount(self) -> None:
        """Show what was given before."""
        self._reading.begin()

    @on(ProbeReading.Done)
    def _was_read(self, message: ProbeReading.Done) -> None:
        answers = self._reading.take(message)
        if answers is not None:
            self._take(answers)
        elif message.problem and self.children:
            self.query_one(".summary", Words).update(message.problem)

    def _take(self, probe: Probe | None) -> None:
        if probe is not self._probe:
            self._probe = probe
            self._draw()

    def on_resize(self) -> None:
        """Answers are drawn to the width."""
        self.set_class(self.size.height < _ROOMY_FROM, "-low")
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """The key for whole texts is there where some are shortened."""
        return self._whole or self._shortened if action == "whole" else True

    def action_whole(self) -> None:
        """Show long texts from end to end, or shortened again."""
        self._whole = not self._whole
        self._draw()

    def _draw(self) -> None:
        if not self.children:
            return
        summary, body = self.query_one(".summary", Words), self.query_one(".items", Words)
        probe = self._probe
        items: Sequence[Mapping[str, Any]] = probe.info.get("items", ()) if probe else ()
        if probe is None or not items:
            summary.update(self.HINT)
            body.update("")
            return
        room = Room(whole=self._whole)
        body.update(self._pictures(probe, items) if probe.array is not None else self._lines(probe, items, room))
        if room.shortened is not self._shortened:
            self._shortened = room.shortened
            self.refresh_bindings()
        words = [f"step {probe.step:,}", f"{probe.name}{weights_words(probe.name)}", score_words(items)]
        if probe.array is not None:
            words.append(f"wrong: target {glyphs_of(self.app).arrow} answer")
        elif self._whole or room.shortened:
            words.append("enter: shortened" if self._whole else "enter: whole texts")
        summary.update(f" {glyphs_of(self.app).dot} ".join(filter(None, words)))

    def contents(self) -> Contents | None:
        """All answers that are there, whole, one row for each sample."""
        probe = self._probe
        items: Sequence[Mapping[str, Any]] = probe.info.get("items", ()) if probe is not None else ()
        if probe is None or not items:
            return None
        names = [name for name in _COLUMNS if any(name in item for item in items)]
        rows = [[place, *(_cell(item.get(name)) for name in names)] for place, item in enumerate(items, 1)]
        title, caption = "Predictions", f"step {probe.step:,}, {probe.name}"
        made = sheet_contents(title, f"predictions-{probe.step}", ["sample", *names], rows, caption)
        if probe.array is not None:
            return made
        whole = prediction_lines(items, prediction_form(probe.info), PredictionSigns(), _TEXT_WIDTH, Room(whole=True)).plain
        return replace(made, text=f"{caption}, {score_words(items)}\n\n{whole}\n")

    def _lines(self, probe: Probe, items: Sequence[Mapping[str, Any]], room: Room) -> Text:
        width = max(1, self.scrollable_content_region.width)
        return prediction_lines(items, prediction_form(probe.info), prediction_signs(self.app), width, room)

    def _pictures(self, probe: Probe, items: Sequence[Mapping[str, Any]]) -> Text:
        width = max(1, self.scrollable_content_region.width)
        mode: Mode = "ascii" if is_ascii(self.app) else ("plain" if self.app.no_color else "colour")
        least, most = _PICTURE_WIDTHS
        form, signs = prediction_form(probe.info), prediction_signs(self.app)
        captions = [caption(item, form, signs, most) for item in items]
        above = 1 if self.size.height < _ROOMY_FROM else 2
        columns = 2 * (self.size.height - above - max(map(len, captions)))  # a line shows two rows of pixels
        images = list(zip(probe.array if probe.array is not None else (), captions, strict=False))
        return pictures(images, width, mode, min(most, max(least, columns)))


def _cell(value: object) -> str:
    """Part of an answer in a table: right and wrong as words."""
    return {None: "", True: "yes", False: "no"}.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)


class PredictionsPanel(Panel):
    """Answers of the newest evaluation."""

    title = "Predictions"
    place = 30
    opens = True

    def __init__(self) -> None:
        self._answers = Predictions()

    def widget(self) -> Widget:
        """The answers."""
        return self._answers

    def opens_for(self, run: RunData) -> bool:
        """As soon as there are answers."""
        return "predictions" in run.probes

    def show_run(self, run: RunData | None, moment: Moment) -> None:
        """Those of that moment."""
        self._answers.show(run, moment)


def _first(reader: RunReader, step: int) -> Probe | None:
    """The answers of a step: on test data where there are such, else on validation data."""
    return next(iter(reader.probes("predictions", step=step)), None)
