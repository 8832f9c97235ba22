"""Playground: a trained model answers what a person types, draws or changes, at every stroke; two checkpoints side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message

from workbench.cards import Image, Interface, NoInput, Task, Tokens, Vectors
from workbench.cards.catalog import task_kind
from workbench.errors import WorkbenchError
from workbench.plotting.pictures import text_of
from workbench.plotting.probes import Chosen
from workbench.plotting.saving import Contents, picture_contents
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.tui.base.background import in_thread
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog
from workbench.tui.playground.answer_view import AnswerView
from workbench.tui.playground.decoding_line import DecodingLine, Writing
from workbench.tui.playground.digit_canvas import DigitCanvas
from workbench.tui.playground.editor import Edited, Editor
from workbench.tui.playground.sequence_editor import SequenceEditor
from workbench.tui.playground.side import Side, checkpoint_words, newest_with_checkpoint, read_side, read_task
from workbench.tui.playground.text_editor import TextEditor
from workbench.tui.requests import AskModel, GiveUp, GoTo, ModelAnswered
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.runs.summary import RunSummary

__all__ = ["PlaygroundScreen", "editor_for"]

_EVERY_S = 2.0
_NUMBERS_AS_PICTURE = 4
"""Numbers of a step from which a series of fixed length is drawn like a picture, a row for each step."""
_SIDES = 2
_TEXT_WIDTH = 100
_TEXT_LINES = 30
_ANOTHER = "another run"
_NOTHING = "nothing"


def editor_for(task: Task) -> Widget | None:
    """Where an input of a task is made: by what goes in alone; None where nothing does."""
    match task.inputs:
        case NoInput():
            return None
        case Image():
            return DigitCanvas()
        case Vectors(size=size, length=length) if size > _NUMBERS_AS_PICTURE and length is not None:
            return DigitCanvas()
        case Vectors():
            return SequenceEditor()
        case _:
            return TextEditor()


class PlaygroundScreen(Keepable, SteadyScreen[None]):
    """An editor, how symbols are chosen, and the answers of one checkpoint or two.

    Args:
        runs_dir: where runs live.
    """

    HELP = """
    ## Playground

    A checkpoint of a run answers what you type, draw or change, at every stroke; also of a run that still trains, whose newest
    checkpoint comes by itself. `k` chooses the checkpoint or another run, `b` a second one beside it (`F8` and `F9` while a line
    is typed). `pgdn` and `pgup` take samples of the test set. `n` draws anew what is drawn. `tab` goes from the input to how
    symbols are chosen and to the figures. `e` keeps the answers as text, SVG or CSV.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("playground"), *bindings("keep")]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    PlaygroundScreen {
        layout: vertical;
        & #play { height: 1fr; layout: vertical; }
        & #input { height: auto; width: 1fr; }
        & #input > SequenceEditor { height: 9; }
        & #about { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
        & #answers { height: 1fr; width: 1fr; }
        & #second { display: none; }
        &.-two #second { display: block; }
        &.-picture #play { layout: horizontal; }
        &.-picture #input { width: auto; max-width: 60%; height: 1fr; }
        &.-picture #about { width: 30; max-height: 4; }
        & DecodingLine { display: none; }
        &.-writes DecodingLine { display: block; }
        &.-two.-narrow.-picture #answers { layout: vertical; }
    }
    """

    @dataclass
    class Opened(Message):
        """Runs have been read, to be asked from now on."""

        sides: tuple[Side, ...]
        task: Task | None
        problem: str

    @dataclass
    class Looked(Message):
        """What there is of the runs now."""

        sides: tuple[Side, ...]

        def can_replace(self, message: Message) -> bool:
            """Only the newest state counts."""
            return isinstance(message, PlaygroundScreen.Looked)

    @dataclass
    class Found(Message):
        """Runs to choose from, for the side of this number."""

        place: int
        runs: list[RunSummary]
        problem: str

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self._runs_dir = runs_dir
        self.back = "bench"
        self.sides: tuple[Side, ...] = ()
        self.model_task: Task | None = None
        self._place = 0
        self._sample: AskModel | None = None
        self._chosen = Chosen()
        self._target = self._problem = ""

    def compose(self) -> ComposeResult:
        """Input, how symbols are chosen, answers."""
        yield TitleBar("playground")
        with Container(id="play"):
            with Vertical(id="input"):
                yield Words(id="about")
            with Vertical():
                yield DecodingLine()
                with Horizontal(id="answers"):
                    yield AnswerView(id="first")
                    yield AnswerView(id="second")
        yield KeyLine()

    def on_mount(self) -> None:
        """Look for newer checkpoints from time to time."""
        self.set_interval(_EVERY_S, self._look_again)

    def on_screen_suspend(self) -> None:
        """What is not seen asks nothing."""
        for view in self.views:
            view.stop()
        if self._sample is not None:
            self._sample = None
            self.app.post_message(GiveUp(self))

    def on_screen_resume(self) -> None:
        """Answers may have been given up, and checkpoints may be newer."""
        self._look_again()
        if self.model_task is not None:
            self._ask()

    @property
    def views(self) -> tuple[AnswerView, ...]:
        """The answers, of the side in front first."""
        return tuple(self.query(AnswerView))

    @property
    def editor(self) -> Editor | None:
        """Where the input is made, or None."""
        made = next((child for child in self.query("#input > *") if isinstance(child, Editor)), None)
        return made if isinstance(made, Editor) else None

    # Which checkpoints ---------------------------------------------------------------------------------------------------

    def show_runs(self, folders: Sequence[RunFolder]) -> None:
        """Ask these runs' models, two at most; without any those that were asked before, or the newest run."""
        shown = [side.folder for side in self.sides]
        wanted = list(folders[:_SIDES])
        if wanted and wanted != shown[: len(wanted)]:
            self._open(tuple(Side(folder) for folder in wanted))
        elif not shown:
            self._open(())

    @in_thread("open", exclusive=True)
    def _open(self, sides: tuple[Side, ...]) -> None:
        try:
            if not sides:
                runs = [RunFolder(run.path) for run in list_runs(self._runs_dir)]
                sides = (Side(newest_with_checkpoint(runs)),)
            read = tuple(read_side(side.folder, side.which) for side in sides)
            self.post_message(self.Opened(read, read_task(read[0].folder), ""))
        except WorkbenchError as error:
            self.post_message(self.Opened(sides, None, str(error)))

    @on(Opened)
    async def _opened(self, message: Opened) -> None:
        message.stop()
        front = [sides[0].folder for sides in (self.sides, message.sides) if sides]
        same = len(front) == _SIDES and front[0] == front[1] and message.task == self.model_task
        self.sides, self._problem = message.sides, message.problem
        if not same or message.problem:
            self.model_task = message.task
            await self._make_editor()
        self._show_sides()
        if same:
            self._ask()
        elif self.model_task is not None:
            self._place = 0
            self._take_sample()

    async def _make_editor(self) -> None:
        """An editor for what the model in front reads."""
        task, place = self.model_task, self.query_one("#input", Vertical)
        for child in list(place.children)[1:]:
            await child.remove()
        self._target = ""
        made = editor_for(task) if task is not None else None
        self.set_class(isinstance(made, DigitCanvas), "-picture")
        for view in self.views:
            view.drawn = isinstance(made, DigitCanvas)
        writes = task is not None and isinstance(task.outputs, Tokens)
        self.set_class(writes, "-writes")
        line = self.query_one(DecodingLine)
        line.show(Writing())
        if made is not None and task is not None and isinstance(made, Editor):
            await place.mount(made)
            made.task_is(task)
            made.focus()
        elif writes:
            line.focus()
        else:
            self.set_focus(None)

    def _show_sides(self) -> None:
        self.set_class(len(self.sides) > 1, "-two")
        for place, view in enumerate(self.views):
            view.show(self.sides[place] if place < len(self.sides) else None)
        self._say()
        self.refresh_bindings()

    def _say(self) -> None:
        about = self.query_one("#about", Words)
        about.update(self._problem or (f"{self._target}" if self._target else ""))
        about.display = bool(self._problem or self._target)

    def _look_again(self) -> None:
        if self.is_current and self.sides:
            self._look(self.sides)

    @in_thread("look", exclusive=True)
    def _look(self, sides: tuple[Side, ...]) -> None:
        self.post_message(self.Looked(tuple(read_side(side.folder, side.which) for side in sides)))

    @on(Looked)
    def _looked(self, message: Looked) -> None:
        message.stop()
        if [(side.folder, side.which) for side in message.sides] != [(side.folder, side.which) for side in self.sides]:
            return
        changed = [side.checkpoint for side in message.sides] != [side.checkpoint for side in self.sides]
        first = not any(side.checkpoint for side in self.sides)
        if message.sides == self.sides:
            return
        self.sides = message.sides
        self._show_sides()
        if changed and first and self.model_task is not None:
            self._take_sample()
        elif changed:
            self._ask()

    # Asking --------------------------------------------------------------------------------------------------------------

    def _take_sample(self) -> None:
        """Ask for the sample of the test set whose turn it is, to begin with."""
        side = self.sides[0] if self.sides else None
        if side is None or side.checkpoint is None:
            return
        self._sample = AskModel(self, side.folder, side.checkpoint.step, "sample", {"place": self._place})
        self.app.post_message(self._sample)

    @on(ModelAnswered)
    def _sampled(self, message: ModelAnswered) -> None:
        message.stop()
        if message.request is not self._sample:
            return
        self._sample = None
        editor, sample = self.editor, message.answer
        if sample is None:
            self._problem = message.problem
        else:
            self._problem, self._place = "", int(sample["place"])
            told = f"test:{self._place} of {sample['of']:,}"
            self._target = f"{told}   target {sample['target']}" if sample["target"] else told
            if sample["decoding"] is not None:
                self.query_one(DecodingLine).show(Writing(**sample["decoding"]))
            if editor is not None:
                editor.take(sample)
        self._say()
        self._ask()

    @on(Edited)
    def _edited(self, message: Edited) -> None:
        message.stop()
        if self._target:
            self._target = ""
            self._say()
        self._ask()

    @on(DecodingLine.Changed)
    def _decoded(self, message: DecodingLine.Changed) -> None:
        message.stop()
        self._ask()

    def _ask(self) -> None:
        """Have what stands in the editor answered."""
        task, editor = self.model_task, self.editor
        if task is None or not self.is_current:
            return
        question = editor.question if editor is not None else {}
        if question is None:
            for view in self.views:
                view.clear()
            return
        arguments: dict[str, Any] = {**question, "saliency": editor is not None, "attention": True}
        if isinstance(task.outputs, Tokens):
            arguments |= self.query_one(DecodingLine).writing.question
        free = isinstance(task.outputs, Vectors) and task_kind(task).interface is Interface.FREE_RUNNING
        course = editor.course(task.washout) if free and isinstance(editor, SequenceEditor) else None
        for view in self.views[: len(self.sides)]:
            view.ask(dict(arguments), course)

    # Keys ----------------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only what does something now."""
        options = self.views[0].options if self.is_mounted and self.views else None
        match action:
            case "turn_sample" | "choose_checkpoint" | "choose_beside":
                return self.model_task is not None or action == "choose_checkpoint"
            case "draw_anew":
                return self.has_class("-writes")
            case "turn_head":
                return options is not None and options.heads > 1
            case "turn_layer":
                return options is not None and len(options.names) > 1
            case "keep":
                return bool(self.is_mounted and self.views and self.views[0].pictures)
        return True

    @on(AnswerView.Answered)
    def _answered(self, message: AnswerView.Answered) -> None:
        message.stop()
        self.refresh_bindings()

    def action_turn_sample(self, by: int) -> None:
        """Take the next sample of the test set, or the one before."""
        if self._sample is None:
            self._place = max(0, self._place + by) if self._place + by >= 0 else -1
            self._take_sample()

    def action_draw_anew(self) -> None:
        """Draw another sequence."""
        self.query_one(DecodingLine).draw_anew()

    def action_turn_head(self) -> None:
        """Show the next head of attention."""
        heads = self.views[0].options.heads
        self._choose(replace(self._chosen, head=(self._chosen.head + 1) % max(1, heads)))

    def action_turn_layer(self) -> None:
        """Show the attention of the next layer."""
        names = self.views[0].options.names
        place = names.index(self._chosen.name) if self._chosen.name in names else 0
        self._choose(replace(self._chosen, name=names[(place + 1) % len(names)]))

    def _choose(self, chosen: Chosen) -> None:
        self._chosen = chosen
        for view in self.views:
            view.choose(chosen)

    def action_choose_checkpoint(self) -> None:
        """Choose which checkpoint of the run is asked, or another run."""
        self._ask_which(0)

    def action_choose_beside(self) -> None:
        """Choose a second checkpoint, of the same run or another one, or none."""
        self._ask_which(1)

    def _ask_which(self, place: int) -> None:
        side = self.sides[place] if place < len(self.sides) else self.sides[0] if self.sides else None
        if side is None:
            self._find(place)
            return
        choices = [Choice(_NOTHING, "Nothing beside")] if place and place < len(self.sides) else []
        if any(info.is_best for info in side.checkpoints):
            choices.append(Choice("best", "The best", "By the monitored metric; of a run that goes on the best one up to now."))
        choices.append(Choice("last", "The newest", "Of a run that goes on each new one, as soon as it is there."))
        choices += [
            Choice(str(info.step), checkpoint_words(info, live=side.live).capitalize()) for info in reversed(side.checkpoints)
        ]
        choices.append(Choice(_ANOTHER, "Another run"))

        def answered(which: str | None) -> None:
            if which == _ANOTHER:
                self._find(place)
            elif which == _NOTHING:
                self.sides = self.sides[:1]
                self._show_sides()
            elif which is not None:
                self._put(place, side.of(which))

        title = "A checkpoint beside" if place else "Which checkpoint"
        self.app.push_screen(ChoiceDialog(title, side.name, choices, side.which or "best"), answered)

    def _put(self, place: int, side: Side) -> None:
        """Ask another checkpoint on one side."""
        sides = list(self.sides)
        sides[place : place + 1] = [side]
        self._open(tuple(sides))

    @in_thread("find", exclusive=True)
    def _find(self, place: int) -> None:
        try:
            self.post_message(self.Found(place, list_runs(self._runs_dir), ""))
        except WorkbenchError as error:
            self.post_message(self.Found(place, [], str(error)))

    @on(Found)
    def _found(self, message: Found) -> None:
        message.stop()
        if message.problem or not message.runs:
            self.notify(message.problem or f"No run in {self._runs_dir}. F5 on Bench starts one.")
            return
        choices = [Choice(run.id, run.label, f"{run.id}, {run.state}, step {run.step:,}") for run in message.runs]
        paths = {run.id: run.path for run in message.runs}

        def answered(run: str | None) -> None:
            if run is not None:
                self._put(message.place, Side(RunFolder(paths[run])))

        self.app.push_screen(ChoiceDialog("Which run", "", choices), answered)

    def contents(self) -> Contents | None:
        """The answers, of one checkpoint or two."""
        shown = [view for view in self.views[: len(self.sides)] if view.side is not None and view.pictures]
        if not shown:
            return None
        captions = [f"{view.side.words}: {view.text.splitlines()[0]}" for view in shown if view.side is not None]
        pictures = [picture for view in shown for picture in view.pictures]
        return picture_contents("Answer", "playground", "\n\n".join(map(_text, shown)), pictures, "; ".join(captions))

    @property
    def kept_in(self) -> RunFolder | None:
        """The run that answers first."""
        return self.sides[0].folder if self.sides else None

    def action_leave(self) -> None:
        """Back to where one came from."""
        self.app.post_message(GoTo(self.back))


def _text(view: AnswerView) -> str:
    """An answer as text: words, then figures."""
    title = view.side.words if view.side is not None else ""
    drawn = []
    for picture in view.pictures:
        lines = picture.lines_wanted(_TEXT_WIDTH) or min(_TEXT_LINES, 2 * picture.shape[0] + _SIDES + 2)
        drawn.append(text_of(picture.draw(_TEXT_WIDTH, lines, "plain")))
    return "\n".join([title, view.text, *drawn]) + "\n"
