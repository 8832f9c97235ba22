"""What the model answers on held-out samples at the newest evaluation, right or wrong marked by a sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from workbench.plotting.answers import AnswerSigns, answer_sign, answer_table, score_words
from workbench.tui.glyphs import glyphs_of, is_ascii
from workbench.tui.panels._panel import Panel
from workbench.tui.plain import Words
from workbench.tui.widgets.halfblock import Mode, pictures

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.runs.records import Probe
    from workbench.tui.run_data import RunData

__all__ = ["Predictions", "PredictionsPanel"]

_IMAGE_WIDTH = 20


class Predictions(VerticalScroll):
    """Samples of the held-out set with target and answer."""

    HELP = """
    ## Predictions

    The same held-out samples after every evaluation: what goes in, what should come out, what the model answers.
    A sign stands before each answer: right or wrong; beside a number stands its error. Sequences that the model draws by itself
    stand beside some of the data, with a sign for those that the data's source could have written. `up` `down` scroll.
    """
    DEFAULT_CSS: ClassVar[str] = """
    Predictions {
        padding: 0 1; scrollbar-size-vertical: 1;
        & > Words { height: auto; }
        & > .summary { color: $text-muted; margin-bottom: 1; }
    }
    """
    HINT = "Answers on held-out samples appear here after the first evaluation."

    def __init__(self) -> None:
        super().__init__()
        self._probe: Probe | None = None

    def compose(self) -> ComposeResult:
        """A line on the whole, and the samples."""
        yield Words(self.HINT, classes="summary")
        yield Words(classes="items")

    def show(self, probe: Probe | None) -> None:
        """Show another set of answers."""
        if probe is not self._probe:
            self._probe = probe
            self._draw()

    def on_resize(self) -> None:
        """Answers are drawn to the width."""
        self._draw()

    def _draw(self) -> None:
        if not self.children:
            return
        summary, body = self.query_one(".summary", Words), self.query_one(".items", Words)
        items: Sequence[Mapping[str, Any]] = self._probe.info.get("items", ()) if self._probe else ()
        if self._probe is None or not items:
            summary.update(self.HINT)
            body.update("")
            return
        dot, score = glyphs_of(self.app).dot, score_words(items)
        summary.update(f"step {self._probe.step:,} {dot} {self._probe.name}{f' {dot} {score}' if score else ''}")
        width = max(1, self.scrollable_content_region.width)
        if self._probe.array is not None:
            mode: Mode = "ascii" if is_ascii(self.app) else ("plain" if self.app.no_color else "colour")
            captions = [self._caption(item) for item in items]
            images = list(zip(self._probe.array, captions, strict=False))
            body.update(pictures(images, width, mode, _IMAGE_WIDTH))
        else:
            body.update(answer_table(items, self._signs(), width))

    def _signs(self) -> AnswerSigns:
        signs, colours = glyphs_of(self.app), self.app.theme_variables
        return AnswerSigns(signs.right, signs.wrong, signs.dot, colours.get("success", ""), colours.get("error", ""))

    def _caption(self, item: Mapping[str, Any]) -> str:
        arrow = glyphs_of(self.app).arrow
        answer = "" if item.get("correct") else f" {arrow} {item.get('predicted', '')}"
        return f"{answer_sign(item, self._signs()).plain} {item.get('target', '')}{answer}"


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

    def show_run(self, run: RunData | None) -> None:
        """The newest ones."""
        self._answers.show(run.probes.get("predictions") if run is not None else None)
