"""Evaluate: a checkpoint measured in full, on its own test set or on other data, with everything that is to be seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input
from textual.worker import get_current_worker

from workbench.cards import Split
from workbench.comparison.significance import kept_evaluation
from workbench.errors import WorkbenchError
from workbench.plotting.canvas import clean
from workbench.plotting.evaluated import evaluation_pictures, measures_sheet, sweep_pictures
from workbench.plotting.pictures import Picture, text_of
from workbench.plotting.saving import Contents, picture_contents
from workbench.runs.evaluations import Evaluation
from workbench.runs.folder import RunFolder
from workbench.training.checkpoint_files import find_checkpoint, list_checkpoints
from workbench.tui.base.background import in_thread
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.panels._pane import PicturePane
from workbench.tui.requests import AskModel, GiveUp, GoTo, ModelAnswered
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.title_bar import TitleBar

__all__ = ["EvaluateScreen"]

_NARROW_BELOW = 110
_TEXT_WIDTH, _TEXT_LINES = 120, 20
"""Columns of what is kept as text, and lines of a figure in it."""


class EvaluateScreen(Keepable, SteadyScreen[None]):
    """One run's checkpoint, measured."""

    HELP = """
    ## Evaluate

    Metrics of a checkpoint with intervals of 95 % beside what a trivial predictor reaches. A fraction of samples has Wilson's
    interval, anything else a bootstrap over samples. What was measured is kept with the run.

    - `v` `V` turn to the next figure, and back: confusion, calibration, scores by class, length and position, the worst samples
    - `/` asks the same weights on other data: `length=200`, or `length=50,100,200` for a line over the lengths; `enter` measures,
      an empty field is the run's own data
    - `s` turns to the other held-out set; `[` `]` to the checkpoint before and after
    - `m` gives the figure the whole screen; `e` keeps all of it as text, SVG or CSV; `esc` goes back
    """
    AUTO_FOCUS = "#figure"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("evaluate"), *bindings("keep")]
    DEFAULT_CSS = """
    EvaluateScreen {
        layout: vertical;
        & #told { height: auto; max-height: 3; padding: 0 1; }
        & #data { border: round $border-blurred; background: transparent; height: 3; padding: 0 1; }
        & #data:focus { border: round $primary; }
        & #metrics { height: 7; }
        & #figure { height: 1fr; }
        & PicturePane {
            border: round $border-blurred; border-title-color: $text-muted; padding: 0 1;
            &:focus { border: round $primary; border-title-color: $text-primary; }
        }
    }
    """

    @dataclass
    class Found(Message):
        """What is kept of a run has been read.

        Attributes:
            folder: the run.
            step: its best checkpoint's, or None where it has none.
            evaluation: what is kept of that one, or None.
            problem: why there is nothing, or "".
        """

        folder: RunFolder
        step: int | None = None
        evaluation: Evaluation | None = None
        problem: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder: RunFolder | None = None
        self.back = "runs"
        self.step: int | None = None
        self.split: Split = "test"
        self.data: tuple[str, ...] = ()
        self.evaluations: tuple[Evaluation, ...] = ()
        self.figures: tuple[Picture, ...] = ()
        self._place = 0
        self._asked: AskModel | None = None

    def compose(self) -> ComposeResult:
        """A line on what is measured, the field for other data, metrics and figures."""
        yield TitleBar("evaluate")
        yield Words("", id="told")
        yield Input(placeholder="the run's own data; type others, such as length=50,100,200", id="data")
        for name, title in (("metrics", "Metrics"), ("figure", "Figure")):
            pane = PicturePane()
            pane.id, pane.border_title = name, as_is(title)
            pane.held = True  # escape leaves the screen
            yield pane
        yield KeyLine()

    def on_resize(self) -> None:
        """As many metrics as the screen has room for beside a figure."""
        self._fit()

    def _fit(self) -> None:
        """Give the table of metrics the lines that it needs, up to a third of the screen."""
        pane = self.query_one("#metrics", PicturePane)
        wanted = pane.picture.lines_wanted(self.size.width) if pane.picture is not None else None
        pane.styles.height = min((wanted or 5) + 2, max(6, self.size.height // 3))

    # What is measured --------------------------------------------------------------------------------------------------

    def show(self, folder: RunFolder, back: str = "runs") -> None:
        """Show a run: what is kept of its best checkpoint, or what is measured now."""
        self.back = back if back != "evaluate" else self.back
        self.folder, self.step, self.split, self.data = folder, None, "test", ()
        self.query_one("#data", Input).value = ""
        self._clear()
        self._say("reading ...")
        self._find(folder)

    def _clear(self) -> None:
        self.evaluations, self.figures, self._place = (), (), 0
        self._asked = None
        self.app.post_message(GiveUp(self))
        for name in ("metrics", "figure"):
            self.query_one(f"#{name}", PicturePane).show(None)
        self.query_one("#figure", PicturePane).border_subtitle = ""

    @in_thread("find", exclusive=True)
    def _find(self, folder: RunFolder) -> None:
        try:
            step, evaluation = kept_evaluation(folder)
            if step is None:
                find_checkpoint(folder, "")  # says why there is none
            message = self.Found(folder, step, evaluation)
        except WorkbenchError as error:
            message = self.Found(folder, problem=str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Found)
    def _found(self, message: Found) -> None:
        message.stop()
        if message.folder != self.folder:
            return
        self.step = message.step
        if message.problem:
            self._say(message.problem)
        elif message.evaluation is not None:
            self._take((message.evaluation,))
        else:
            self._measure()

    def _measure(self) -> None:
        """Have it measured by the process that has torch."""
        if self.folder is None or self.step is None:
            return
        self._clear()
        self._asked = AskModel(self, self.folder, self.step, "evaluate", {"split": self.split, "data": list(self.data)})
        self.app.post_message(self._asked)
        self._say("measuring ...")

    @on(ModelAnswered)
    def _answered(self, message: ModelAnswered) -> None:
        message.stop()
        if message.request is not self._asked:
            return
        self._asked = None
        if message.answer is None:
            self._say(message.problem)
            return
        self._take(tuple(Evaluation.from_dict(values) for values in message.answer["evaluations"]))

    # What is seen ------------------------------------------------------------------------------------------------------

    def _take(self, evaluations: tuple[Evaluation, ...]) -> None:
        self.evaluations, self._place = evaluations, 0
        changes = [one.changes for one in evaluations]
        swept = [key for key in changes[0] if len({str(one[key]) for one in changes}) > 1]
        metrics = measures_sheet(evaluations)
        if len(evaluations) == 1:
            figures = evaluation_pictures(evaluations[0])
        else:
            figures = sweep_pictures(swept[0], [one[swept[0]] for one in changes], evaluations) if len(swept) == 1 else []
        self.figures = tuple(figures)
        self.query_one("#metrics", PicturePane).show(metrics)
        self._fit()
        self._say(f"{evaluations[0].samples:,} samples, measured in {sum(one.seconds for one in evaluations):.1f} s")
        self._show_figure()

    def contents(self) -> Contents | None:
        """What was measured: the metrics, and every figure of it."""
        metrics = self.query_one("#metrics", PicturePane).picture
        if metrics is None or self.folder is None:
            return None
        pictures = [metrics, *self.figures]
        drawn = [picture.draw(_TEXT_WIDTH, picture.lines_wanted(_TEXT_WIDTH) or _TEXT_LINES, "ascii") for picture in pictures]
        caption = ", ".join((self.folder.id, f"step {self.step or 0:,}", self.split, *self.data))
        text = "\n\n".join([caption, *map(text_of, drawn)]) + "\n"
        return picture_contents("Evaluate", f"evaluate-{self.step or 0}-{self.split}", text, pictures, caption)

    @property
    def kept_in(self) -> RunFolder | None:
        """The run that is measured."""
        return self.folder

    def _show_figure(self) -> None:
        pane = self.query_one("#figure", PicturePane)
        pane.show(self.figures[self._place] if self.figures else None)
        pane.border_subtitle = as_is(f"{self._place + 1} of {len(self.figures)}" if self.figures else "")

    def _say(self, words: str) -> None:
        """The run, its checkpoint, the data, and how far it is."""
        run = self.folder.id if self.folder is not None else ""
        step = f"checkpoint {self.step:,}" if self.step is not None else ""
        parts = [run, step, f"{self.split} set", " ".join(self.data), words]
        self.query_one("#told", Words).update("  ".join(clean(part) for part in parts if part))

    # Keys --------------------------------------------------------------------------------------------------------------

    def action_turn_figure(self, by: int) -> None:
        """Show the next figure, or the one before."""
        if self.figures:
            self._place = (self._place + by) % len(self.figures)
            self._show_figure()

    def action_ask_data(self) -> None:
        """Go to the field for other data."""
        self.query_one("#data", Input).focus()

    @on(Input.Submitted, "#data")
    def _asked_data(self, event: Input.Submitted) -> None:
        event.stop()
        self.data = tuple(event.value.split())
        self.query_one("#figure").focus()
        self._measure()

    def action_turn_split(self) -> None:
        """Measure on the other held-out set."""
        self.split = "validation" if self.split == "test" else "test"
        self._measure()

    def action_turn_step(self, by: int) -> None:
        """Measure the checkpoint before, or after."""
        if self.folder is None or self.step is None:
            return
        try:
            steps = sorted(one.step for one in list_checkpoints(self.folder))
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        others = [step for step in steps if (step > self.step if by > 0 else step < self.step)]
        if not others:
            self.notify(f"There is no checkpoint {'after' if by > 0 else 'before'} step {self.step:,}.")
            return
        self.step = others[0] if by > 0 else others[-1]
        self._measure()

    def action_maximise(self) -> None:
        """Give the focused part the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, PicturePane):
            self.maximize(self.focused, container=False)

    def action_back(self) -> None:
        """Leave the field or what is maximised, else go back."""
        if isinstance(self.focused, Input):
            self.query_one("#figure").focus()
        elif self.maximized is not None:
            self.minimize()
        else:
            self.app.post_message(GiveUp(self))
            self.app.post_message(GoTo(self.back))
