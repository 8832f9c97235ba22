"""One checkpoint's answer: in words and in figures. It asks when the input changes, the newest question last of all."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from workbench.plotting.answers import Course, answer_pictures, attention_options
from workbench.plotting.pictures import Heatmap, Passage, Plot, Shares
from workbench.plotting.probes import Chosen, Options
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.glyphs import glyphs_of
from workbench.tui.panels._pane import PicturePane
from workbench.tui.playground.answer_words import answer_lines, written_symbols
from workbench.tui.requests import AskModel, GiveUp, ModelAnswered

if TYPE_CHECKING:
    from textual.timer import Timer

    from workbench.plotting.pictures import Picture
    from workbench.tui.playground.side import Side

__all__ = ["AnswerView"]

_PANES = 3
_SYMBOL_S = 0.04
"""Time for which each new symbol stands alone at the end of what is written."""
_LOWEST, _TALLEST_TABLE = 5, 12
"""Lines from which a figure has its title, and those of a table at most."""


class AnswerView(Vertical):
    """What a checkpoint answers. A sequence grows symbol by symbol, with the line of attention of each.

    Attributes:
        side: the checkpoint, or None.
        item: its newest answer, or None.
        pictures: what is drawn of it.
        milliseconds: from the question to the answer.
        drawn: the input is a drawing.
    """

    HELP = """
    ## Playground: an answer

    `a` turns to the next head of attention, `y` to the next layer; the arrows and the pointer read off values. `C` copies what is
    shown, `w` and `W` write it as SVG, text and CSV.

    Saliency is the gradient of one number of the answer, which its title names. Of numbers and pixels it is d(answer)/d(input);
    of symbols, which are no numbers, the symbol's vector times the gradient there: what the answer would lose, to first order,
    if the vector were 0.
    """
    DEFAULT_CSS: ClassVar[str] = """
    AnswerView {
        width: 1fr; height: 1fr; border: round $border-blurred;
        border-title-color: $text-muted; border-subtitle-color: $text-muted;
        &:focus-within { border: round $primary; border-title-color: $text-primary; }
        & > .answer { height: auto; max-height: 40%; padding: 0 1; }
        & > .answer.-problem { color: $text-error; }
        & > PicturePane { height: 1fr; min-height: 2; display: none; }
        & > PicturePane.-shown { display: block; }
    }
    """

    @dataclass
    class Answered(Message):
        """There is another answer."""

        view: AnswerView

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.side: Side | None = None
        self.item: Mapping[str, Any] | None = None
        self.pictures: list[Picture] = []
        self.milliseconds = 0.0
        self.drawn = False
        self._course: Course | None = None
        self._chosen = Chosen()
        self._asked: AskModel | None = None
        self._next: tuple[dict[str, Any], Course | None] | None = None
        self._asked_at = 0.0
        self._of_asked: Course | None = None
        self._upto: int | None = None
        self._growth: Timer | None = None
        self._pointed = self._problem = ""

    def compose(self) -> ComposeResult:
        """The answer in words, and room for its figures."""
        yield Words(classes="answer")
        for _ in range(_PANES):
            yield PicturePane()

    def on_mount(self) -> None:
        """Symbols appear one by one."""
        self._growth = self.set_interval(_SYMBOL_S, self._grow, pause=True)
        self._draw()

    # Asking ------------------------------------------------------------------------------------------------------------

    def show(self, side: Side | None) -> None:
        """Another checkpoint, or the same one at a later moment."""
        before = self.side.checkpoint if self.side is not None else None
        other = self.side is None or side is None or side.folder != self.side.folder
        self.side = side
        if other or side is None or before != side.checkpoint:
            self._next = None
            self._asked = None
            if other:
                self.item, self._problem, self._upto = None, "", None
        self._draw()

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._asked is not None

    @property
    def growing(self) -> bool:
        """Whether what was written is still being shown symbol by symbol."""
        return self._upto is not None

    def ask(self, arguments: dict[str, Any], course: Course | None = None) -> None:
        """Ask what the model answers to an input. While a question is on its way the newest one waits, and no other.

        Args:
            arguments: of the question `answer`.
            course: of a forecaster what it reads.
        """
        self._next = (arguments, course)
        if self._asked is None:
            self._go_on()

    def stop(self) -> None:
        """Ask nothing more."""
        self._next = None
        if self._asked is not None:
            self._asked = None
            self.app.post_message(GiveUp(self))

    def clear(self) -> None:
        """Show no answer: there is nothing that is asked."""
        self.stop()
        self.item, self._problem, self._upto = None, "", None
        self._draw()

    def _go_on(self) -> None:
        found = self.side.checkpoint if self.side is not None else None
        if self._next is None or self.side is None or found is None:
            self._draw()
            return
        (arguments, self._of_asked), self._next = self._next, None
        self._asked = AskModel(self, self.side.folder, found.step, "answer", arguments)
        self._asked_at = time.perf_counter()
        self.app.post_message(self._asked)
        self._draw()

    @on(ModelAnswered)
    def _answered(self, message: ModelAnswered) -> None:
        message.stop()
        if message.request is not self._asked:
            return
        self._asked = None
        self.milliseconds = (time.perf_counter() - self._asked_at) * 1000
        if message.answer is None:
            self._problem = message.problem
        else:
            before = written_symbols(self.item) if self.item is not None else ()
            self.item, self._problem, self._course = message.answer["item"], "", self._of_asked
            self._begin_to_grow(before)
        self._go_on()
        self._draw()
        self.post_message(self.Answered(self))

    # Growing -----------------------------------------------------------------------------------------------------------

    def _begin_to_grow(self, before: Any) -> None:
        """What is written anew appears symbol by symbol; what stands there already stays."""
        symbols = written_symbols(self.item) if self.item is not None else ()
        same = next((place for place, (old, new) in enumerate(zip(before, symbols, strict=False)) if old != new), None)
        same = min(len(before), len(symbols)) if same is None else same
        self._upto = same if same < len(symbols) else None
        if self._growth is not None and self._upto is not None:
            self._growth.resume()

    def _grow(self) -> None:
        symbols = written_symbols(self.item) if self.item is not None else ()
        if self._upto is not None:
            self._upto = self._upto + 1 if self._upto + 1 < len(symbols) else None
            self._draw()
        if self._upto is None and self._growth is not None:
            self._growth.pause()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def choose(self, chosen: Chosen) -> None:
        """Another layer or head of attention."""
        self._chosen = chosen
        self._draw()

    @property
    def options(self) -> Options:
        """What of the attention can be chosen."""
        return attention_options(self.item) if self.item is not None else Options()

    @property
    def text(self) -> str:
        """The answer in words."""
        return "\n".join(answer_lines(self.item)) if self.item is not None else ""

    def _draw(self) -> None:
        if not self.children:
            return
        self.border_title = as_is(self.side.words if self.side is not None else "no run")
        words = self.query_one(".answer", Words)
        words.set_class(bool(self._problem), "-problem")
        words.update(self._words())
        shown = self.item if self.item is not None and not self._problem else None
        self.pictures = (
            answer_pictures(shown, course=self._course, chosen=self._chosen, upto=self._upto, drawn=self.drawn) if shown else []
        )
        for pane, picture in zip(self.query(PicturePane), [*self.pictures, *[None] * _PANES], strict=False):
            pane.set_class(picture is not None, "-shown")
            pane.can_focus = picture is not None
            if picture is not None:
                self._fit(pane, picture)
            pane.show(picture)
        self._draw_subtitle()

    def _fit(self, pane: PicturePane, picture: Picture) -> None:
        """As many lines as a figure can use; of several the one with attention, or a drawing, has the most."""
        wanted: int | None
        match picture:
            case Passage():
                wanted = picture.lines_wanted(max(1, self.content_size.width))
            case Shares():
                wanted = len(picture.names) + 1
            case Heatmap(square=False, whole=False):
                wanted = picture.shape[0] + 3
            case _:
                wanted = None
        alone = len(self.pictures) == 1
        share = "2fr" if isinstance(picture, Heatmap | Plot) else "1fr"
        pane.styles.height = share if wanted is None or alone else "1fr"
        pane.styles.max_height = None if wanted is None else max(_LOWEST, min(wanted, _TALLEST_TABLE))

    def _words(self) -> str:
        if self._problem:
            return self._problem
        if self.side is not None and self.side.problem:
            return self.side.problem
        if self.side is not None and self.side.checkpoint is None:
            if not self.side.live:
                return "This run has no checkpoint to be asked, and no process works on it any more. k chooses another run."
            return "A run writes a checkpoint every training.checkpoint_every steps and at its end; it will be asked by itself."
        if self.item is None:
            return f"loading the model in another process {glyphs_of(self.app).ellipsis}" if self.busy else ""
        return "\n".join(answer_lines(self.item, self._upto))

    def on_resize(self) -> None:
        """Texts may take more lines, or fewer."""
        self._draw()

    @on(PicturePane.Pointed)
    def _read_off(self, message: PicturePane.Pointed) -> None:
        message.stop()
        self._pointed = message.words
        self._draw_subtitle()

    def _draw_subtitle(self) -> None:
        took = f"{self.milliseconds:.0f} ms" if self.item is not None and not self._problem else ""
        self.border_subtitle = as_is(self._pointed or took)
