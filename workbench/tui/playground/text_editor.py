"""A line to type into: a sentence, a word, the name of a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from workbench.cards import Classes, Task
from workbench.tui.bindings import bindings
from workbench.tui.playground.editor import Edited

__all__ = ["TextEditor"]


class TextEditor(Input):
    """What a person types; each letter asks anew. Of classes `up` and `down` turn to the next one."""

    HELP = """
    ## Playground: a text

    Type: the answer follows each letter. `pgdn` and `pgup` take samples of the test set. `tab` goes on to what else there is:
    how the symbols of an answer are chosen, and the figures, on which every other key works (`esc` goes there too).
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("typed")]
    DEFAULT_CSS: ClassVar[str] = """
    TextEditor { border: round $border-blurred; background: transparent; height: 3; padding: 0 1; }
    TextEditor:focus { border: round $primary; }
    """

    def __init__(self) -> None:
        super().__init__(placeholder="type an input", select_on_focus=False)
        self._names: tuple[str, ...] = ()

    def task_is(self, task: Task) -> None:
        """See `Editor`."""
        self._names = task.inputs.names if isinstance(task.inputs, Classes) else ()
        self.placeholder = f"a class: {', '.join(self._names)}" if self._names else f"type an input: {task.inputs.describe()}"
        self.refresh_bindings()

    @property
    def question(self) -> Mapping[str, Any] | None:
        """See `Editor`."""
        return {"text": self.value} if self.value.strip() else None

    def take(self, sample: Mapping[str, Any]) -> None:
        """See `Editor`."""
        with self.prevent(Input.Changed):
            self.value = str(sample["text"])
        self.cursor_position = len(self.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(Edited())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only classes are turned to."""
        return action != "turn" or bool(self._names)

    def action_turn(self, by: int) -> None:
        """Turn to the next class, or the one before."""
        place = self._names.index(self.value) + by if self.value in self._names else 0
        self.value = self._names[place % len(self._names)]
        self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """On to what else there is, where letters are keys."""
        self.screen.focus_next()
