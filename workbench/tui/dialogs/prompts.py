"""The small dialogs: one of several choices, yes or no, a line of text, and leaving while a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from workbench.tui.base.steady_list import SteadyList
from workbench.tui.base.steady_screen import SteadyModalScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.glyphs import glyphs_of

__all__ = ["Choice", "ChoiceDialog", "ConfirmDialog", "Dialog", "QuitDialog", "TextDialog"]

R = TypeVar("R")
QuitAnswer = Literal["detach", "stop"]


@dataclass(frozen=True)
class Choice:
    """One answer of a dialog: what is returned, what is shown, and what it means in a few more words."""

    value: str
    label: str
    about: str = ""


class Dialog(SteadyModalScreen[R], Generic[R]):
    """A box over the screen. Esc, or a click beside it, leaves things as they are."""

    AUTO_FOCUS = "OptionList, Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel"),
        Binding("f1", "app.help", "Help", id="dialog.help"),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > .dialog {
            width: 66; max-width: 96%; height: auto; max-height: 96%; padding: 1 2; background: $surface;
            border: round $primary; border-title-color: $text-primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        & .question { height: auto; margin-bottom: 1; }
        & OptionList {
            height: auto; padding: 0; border: none; background: transparent;
            &:focus { border: none; background-tint: transparent 0%; }
            & > .option-list--option { padding: 0 1; }
            & > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: bold; }
            &:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: bold; }
        }
        & Input { border: round $border-blurred; background: transparent; padding: 0 1; &:focus { border: round $primary; } }
        & .problem { height: auto; color: $text-error; }
    }
    """

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def on_click(self, event: object) -> None:
        """A click beside the box is a no."""
        widget = getattr(event, "widget", None)
        if widget is self:
            self.action_cancel()


class ChoiceDialog(Dialog[str]):
    """One of several choices; returns its value, or None where that is empty.

    Args:
        title: the box's title.
        question: what is asked; "" where the title says it.
        choices: the answers.
        chosen: the value of the answer that the cursor starts at; the first one where there is none such.
    """

    HELP = "`up` `down` move, `enter` chooses, `esc` leaves things as they are."

    def __init__(self, title: str, question: str, choices: Sequence[Choice], chosen: str = "") -> None:
        super().__init__()
        self._heading, self._question, self._choices, self._chosen = title, question, tuple(choices), chosen

    def compose(self) -> ComposeResult:
        """The question and its answers."""
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title, box.border_subtitle = as_is(self._heading), "enter chooses, esc cancels"
            if self._question:
                yield Words(self._question, classes="question")
            yield SteadyList(*[Option(_label(choice), id=f"choice-{i}") for i, choice in enumerate(self._choices)])

    def on_mount(self) -> None:
        """The cursor stands at what is chosen now."""
        for place, choice in enumerate(self._choices):
            if self._chosen and choice.value == self._chosen:
                self.query_one(SteadyList).highlighted = place

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].value or None)


def _label(choice: Choice) -> Content:
    if not choice.about:
        return Content(choice.label)
    return Content.assemble(choice.label, "\n", (f"  {choice.about}", "$foreground 60% not bold"))


class ConfirmDialog(Dialog[bool]):
    """Yes or no; returns True for yes, False or None for no. The cursor starts at no."""

    HELP = "`y` or the second line does it; `n`, `esc` or the first line leaves things as they are."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n", "answer(False)", "No", id="confirm.no"),
    ]

    def __init__(self, title: str, question: str, yes: str = "Yes", no: str = "Cancel") -> None:
        super().__init__()
        self._heading, self._question, self._answers = title, question, (no, yes)

    def compose(self) -> ComposeResult:
        """The question, no, and yes: what cannot be undone should not be one key press away."""
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title, box.border_subtitle = as_is(self._heading), "y yes, n no"
            yield Words(self._question, classes="question")
            yield SteadyList(
                *[Option(Content(answer), id=name) for name, answer in zip(("no", "yes"), self._answers, strict=True)]
            )

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id == "yes")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - an action's argument is given by position
        """Answer by a letter."""
        self.dismiss(answer)


class TextDialog(Dialog[str]):
    """One line of text; returns it, or None. Wrong text is explained and not taken."""

    HELP = "Type, then `enter`; `esc` leaves things as they are."

    def __init__(
        self,
        title: str,
        label: str,
        value: str = "",
        check: Callable[[str], str | None] | None = None,
        placeholder: str = "",
    ) -> None:
        """Ask for a line.

        Args:
            title: the box's title.
            label: what is asked.
            value: the text to begin with; it is selected.
            check: says what is wrong with a text, or None.
            placeholder: an example, shown while the line is empty.
        """
        super().__init__()
        self._heading, self._label, self._value = title, label, value
        self._check, self._placeholder = check, placeholder

    def compose(self) -> ComposeResult:
        """The label, the line, and what is wrong with it."""
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title, box.border_subtitle = as_is(self._heading), "enter keeps, esc cancels"
            yield Words(self._label, classes="question")
            yield Input(self._value, placeholder=self._placeholder, select_on_focus=True)
            yield Words(classes="problem")

    @on(Input.Changed)
    def _say(self, event: Input.Changed) -> None:
        self._problem(event.value)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        if self._problem(event.value):
            self.app.bell()
        else:
            self.dismiss(event.value)

    def _problem(self, text: str) -> str:
        problem = (self._check(text) if self._check else None) or ""
        self.query_one(".problem", Words).update(f"{glyphs_of(self.app).wrong} {problem}" if problem else "")
        return problem


class QuitDialog(ChoiceDialog):
    """Leaving while runs that were started here go on; returns "detach", "stop" or None."""

    def __init__(self, runs: Sequence[str]) -> None:
        """Ask.

        Args:
            runs: names of the runs that go on.
        """
        one = len(runs) == 1
        names = ", ".join(runs)
        choices = [
            Choice("detach", f"Leave {'it' if one else 'them'} running", "Any later workbench shows it and can steer it."),
            Choice("stop", f"Stop {'it' if one else 'them'}, then leave", "A checkpoint is kept; the run can be resumed."),
            Choice("", "Stay here"),
        ]
        super().__init__("Leave the workbench?", f"{names} {'is' if one else 'are'} still training.", choices)
