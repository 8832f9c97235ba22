"""The lessons: a list on the left, a step on the right: its text, its question, and what came of the prediction."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.lessons import Lesson, Step, find_lesson, list_lessons
from workbench.lessons.progress import Progress, forget, load_progress, record, record_started
from workbench.lessons.telling import RunOfStep, look
from workbench.runs.folder import RunFolder
from workbench.tui.base.background import start_in_thread
from workbench.tui.base.steady_list import SteadyList
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of
from workbench.tui.lesson_words import lesson_choices, lesson_page
from workbench.tui.requests import GoTo, Notice, OpenRun, StartRun
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.page_viewer import PageViewer
from workbench.tui.widgets.title_bar import TitleBar
from workbench.tui.widgets.titled_list import Titled, TitledList

if TYPE_CHECKING:
    from workbench.runs.records import Status

__all__ = ["LessonsScreen"]

_LOOK_EVERY_S = 1.0
"""How often a run that goes on is looked at while its step is read."""


class LessonsScreen(SteadyScreen[None]):
    """All lessons, and one step of the one under the cursor.

    Attributes:
        progress: what was done in the lesson that is shown, or None before one is.
        step: the step that is shown.
    """

    HELP = """
    ## Lessons

    A lesson asks before each run what will come of it. `enter` in the list goes to the lesson; there `up` `down` choose an
    answer and `enter` predicts it and starts the run, which is shown on Bench like every other. `F7` leads back here, where it is
    told what came of the prediction in this very run.

    - `n` goes to the next step, once this one is done, `b` to the one before
    - `tab` goes to the text, where `up` `down` scroll; links lead to concept pages
    - `A` forgets what was done in the lesson; `esc` goes back to the list, then to Bench

    What was done is kept. `workbench lesson NAME` is the same without the interface.
    """
    AUTO_FOCUS = "#lessons"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lessons")]
    DEFAULT_CSS = """
    LessonsScreen {
        layout: vertical;
        & > #course { layout: horizontal; height: 1fr; }
        & #lessons { width: 40%; min-width: 57; max-width: 60; height: 1fr; }
        & #lesson { width: 1fr; height: 1fr; }
        & #page {
            height: 1fr; background: transparent; border: round $border-blurred; border-title-color: $text-muted;
            &:focus-within { border: round $primary; border-title-color: $text-primary; }
        }
        & #question { height: auto; max-height: 6; padding: 0 2; }
        & #answers {
            height: auto; max-height: 8; padding: 0; background: transparent; border: round $border-blurred;
            &:focus { border: round $primary; background-tint: transparent 0%; }
            & > .option-list--option { padding: 0 1; }
            & > .option-list--option-highlighted { background: $foreground 10%; color: $foreground; text-style: none; }
            &:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: none; }
        }
        &.-stacked > #course { layout: vertical; }
        &.-stacked #lessons { width: 1fr; max-width: 100%; height: 7; }
        &.-stacked.-reading #lessons { display: none; }
    }
    """

    _STACKED_BELOW = 110

    def __init__(self) -> None:
        super().__init__()
        self.progress: Progress | None = None
        self.step: Step | None = None
        self._status: Status | None = None
        self._drawn = ""

    def compose(self) -> ComposeResult:
        """The list, the step, the answers."""
        yield TitleBar("lessons")
        with Horizontal(id="course"):
            lessons = TitledList(id="lessons")
            lessons.border_title = "Lessons"
            yield lessons
            with Vertical(id="lesson"):
                yield PageViewer(show_table_of_contents=False, open_links=False, id="page")
                yield Words(id="question")
                yield SteadyList(id="answers")
        yield KeyLine()

    def on_mount(self) -> None:
        """All lessons; the cursor is where something is left to do."""
        self.set_interval(_LOOK_EVERY_S, self._look_again)
        self._list()
        everything = [load_progress(lesson) for lesson in list_lessons()]
        begun = [each for each in everything if each.num_over or (each.next_step and each.of(each.next_step).run)]
        unfinished = [each for each in (*begun, *everything) if each.next_step is not None]
        self.show_lesson((unfinished or everything)[0].lesson.name)

    def on_resize(self) -> None:
        """Where there are too few columns the step stands under the list, and in place of it while it is worked on."""
        self.set_class(self.size.width < self._STACKED_BELOW, "-stacked")

    def on_screen_resume(self) -> None:
        """A run may have ended since."""
        if self.progress is not None and self.step is not None:
            self._look()

    # What is shown -------------------------------------------------------------------------------------------------------

    def _list(self) -> None:
        """The lessons with how far one has come; the cursor stays."""
        lessons = self.query_one("#lessons", TitledList)
        place = lessons.highlighted
        lines = []
        for lesson in list_lessons():
            over, every = load_progress(lesson).num_over, len(lesson.steps)
            sign = f"{glyphs_of(self.app).right} " if over == every else ""
            lines.append(Titled(lesson.name, f"{sign}{over}/{every}  {lesson.title}"))
        with lessons.prevent(OptionList.OptionHighlighted):
            lessons.show(lines)
            lessons.highlighted = place if place is not None else 0

    def show_lesson(self, name: str) -> None:
        """Show a lesson by its name, at the step where one is."""
        lesson = find_lesson(name)
        lessons = self.query_one("#lessons", TitledList)
        with lessons.prevent(OptionList.OptionHighlighted):
            lessons.highlighted = lessons.get_option_index(name)
        progress = load_progress(lesson)
        self._turn_to(progress, progress.next_step or lesson.steps[-1])

    def _turn_to(self, progress: Progress, step: Step) -> None:
        self.progress, self.step, self._status = progress, step, None
        self._look()

    @on(OptionList.OptionHighlighted, "#lessons")
    def _pointed(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        name = event.option.id or ""
        if self.progress is None or self.progress.lesson.name != name:
            self.show_lesson(name)

    @on(OptionList.OptionSelected, "#lessons")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.add_class("-reading")
        self.query_one("#answers").focus()

    def _look_again(self) -> None:
        """A run that goes on is looked at as long as one waits for it here."""
        if self.is_current and self._status is not None and self._status.alive:
            self._look()

    def _look(self) -> None:
        if self.progress is not None and self.step is not None:
            task = partial(self._look_at, self.progress.lesson, self.step)
            start_in_thread(self, "lesson", task, exclusive=True)

    def _look_at(self, lesson: Lesson, step: Step) -> None:
        """In a thread, since an experiment's cards, data and its run are read."""
        try:
            looked = look(lesson, step)
            text = lesson_page(step, looked.progress)
            question = step.filled(step.question, looked.progress.values())
        except WorkbenchError as error:
            self.app.post_message(Notice(str(error), "Lesson", problem=True))
            return
        if not get_current_worker().is_cancelled:
            self.call_later(self._show, looked, step, text, question)

    async def _show(self, looked: RunOfStep, step: Step, text: str, question: str) -> None:
        if step is not self.step:
            return
        newly_over = self.progress is not None and self.progress.num_over != looked.progress.num_over
        self.progress, self._status = looked.progress, looked.status
        page = self.query_one("#page", PageViewer)
        page.border_title = as_is(looked.progress.lesson.title)
        if text != self._drawn:
            same_step = self._drawn and text.startswith(self._drawn)
            self._drawn = text
            await page.document.update(text)
            if same_step:
                page.scroll_end(animate=False)  # what came of it stands below
            else:
                page.scroll_home(animate=False)
        self._show_choices(question)
        if newly_over:
            self._list()

    def _show_choices(self, question: str) -> None:
        """The question with its answers, or what can be done now."""
        if self.progress is None or self.step is None:
            return
        words, choices = lesson_choices(self.progress, self.step, self._status, question)
        self.query_one("#question", Words).update(words)
        answers = self.query_one("#answers", SteadyList)
        if [(option.id, str(option.prompt)) for option in answers.options] != choices:
            answers.set_options([Option(label, id=name) for name, label in choices])
            answers.highlighted = 0 if choices else None

    # What is done --------------------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected, "#answers")
    def _answered(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        progress, step, name = self.progress, self.step, event.option.id or ""
        if progress is None or step is None:
            return
        kind, _, number = name.partition(":")
        match kind:
            case "answer":
                self._start(progress.lesson, step, step.answers[int(number)].title)
            case "run":
                self.app.post_message(OpenRun(RunFolder(Path(progress.of(step).run))))
            case "again":
                self._keep(progress.lesson, step, run="", came_true="", predicted="", values={})
            case "read":
                self._keep(progress.lesson, step, read=True)
                self.action_turn(1)
            case "next":
                self.action_turn(1)
            case "leave":
                self.app.post_message(GoTo("bench"))

    def _start(self, lesson: Lesson, step: Step, predicted: str) -> None:
        """Start the run of a step; in a thread, since its data may be read."""

        def start() -> None:
            try:
                experiment = step.experiment()
            except WorkbenchError as error:
                self.app.post_message(Notice(str(error), "Not started", problem=True))
                return
            self.app.post_message(StartRun(experiment, made=made))

        def made(folder: RunFolder) -> None:
            try:
                record_started(lesson, step, predicted, folder.path)
            except WorkbenchError as error:  # the run itself can go on
                self.app.post_message(Notice(str(error), "Not kept", problem=True))

        start_in_thread(self, "lesson-start", start, exclusive=True)

    def _keep(self, lesson: Lesson, step: Step, **changes: object) -> None:
        try:
            self.progress = record(lesson, step, **changes)
        except WorkbenchError as error:
            self.app.notify(str(error), title="Not kept", severity="error")
        self._list()
        self._look()

    def action_turn(self, by: int) -> None:
        """Show the next step, once this one is done, or the one before; after the last one the next lesson."""
        progress, step = self.progress, self.step
        if progress is None or step is None:
            return
        place, lessons = step.number - 1 + by, list_lessons()
        if by > 0 and not progress.of(step).is_over:
            self.app.notify("This step is not done yet: predict, and see what comes of it.")
        elif 0 <= place < len(progress.lesson.steps):
            self._turn_to(progress, progress.lesson.steps[place])
        elif by > 0 and (following := lessons.index(progress.lesson) + 1) < len(lessons):
            self.show_lesson(lessons[following].name)

    def action_again(self) -> None:
        """Forget what was done in the lesson, once confirmed."""
        from workbench.tui.dialogs.prompts import ConfirmDialog

        if self.progress is None:
            return
        lesson = self.progress.lesson

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                try:
                    forget(lesson)
                except WorkbenchError as error:
                    self.app.notify(str(error), title="Not forgotten", severity="error")
                self._list()
                self.show_lesson(lesson.name)

        question = "Your predictions, and what came of them, are forgotten. The runs stay."
        self.app.push_screen(ConfirmDialog(f"Begin '{lesson.title}' anew?", question, "Begin anew"), answered)

    def action_leave(self) -> None:
        """From the step back to the list, and from there to Bench."""
        lessons = self.query_one("#lessons")
        if lessons.has_focus:
            self.app.post_message(GoTo("bench"))
        else:
            self.remove_class("-reading")
            lessons.focus()
