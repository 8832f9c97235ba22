"""A series of numbers to change step by step, and a place in it from which a forecast goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from textual import events
from textual.binding import BindingType

from workbench.cards import Task, Vectors
from workbench.plotting.answers import Course
from workbench.plotting.figure import Series
from workbench.plotting.pictures import Heatmap, Names, Plot, Scale
from workbench.saying import exact
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bindings import bindings
from workbench.tui.panels._pane import PicturePane
from workbench.tui.playground.editor import Edited
from workbench.typed import number_of

__all__ = ["SequenceEditor"]

_TYPED = "0123456789.-+e"
_STEPS_OF_RANGE = 20
"""Steps by which a key goes through the range of the values."""
_DEFAULT_RUN = 50


class SequenceEditor(PicturePane):
    """One series, (length, size), in the data's own numbers. Arrows choose a step and change its value.

    Attributes:
        values: the series.
        component: which number of a step is changed.
        cut: how many steps are read before a forecast goes on, or None.
    """

    HELP = """
    ## Playground: a series

    `left` and `right` choose a step, `up` and `down` change its number; or type a number and `enter`. `y` turns to the next
    number of a step, `i` puts a step in, `del` takes one out. `pgdn` and `pgup` take samples of the test set. Of a forecaster
    that can run on its own outputs `f` lets it go on from the step under the cursor, and `f` there again reads the whole series.
    Below stands d(answer)/d(input) of each step.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("steps")]
    DEFAULT_CSS: ClassVar[str] = """
    SequenceEditor { border: round $border-blurred; border-title-color: $text-muted; border-subtitle-color: $text-muted; }
    SequenceEditor:focus { border: round $primary; border-title-color: $text-primary; border-subtitle-color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.values = np.zeros((1, 1))
        self.component = 0
        self.cut: int | None = None
        self._columns: tuple[str, ...] = ()
        self._run = 0
        self._typed = ""
        self._span = (0.0, 1.0)

    def task_is(self, task: Task) -> None:
        """See `Editor`."""
        signal = task.inputs
        if isinstance(signal, Vectors):
            self.values = np.tile(np.asarray(signal.shift or [0.0] * signal.size), (signal.length or 1, 1))
            self._columns = signal.columns
        self.component, self.cut = 0, None
        self._run = 0 if task.free_run is None else task.free_run.horizon or _DEFAULT_RUN
        self.cursor = (0, 0)
        self._draw_values()

    @property
    def question(self) -> Mapping[str, Any] | None:
        """See `Editor`; with a cut the steps before it, and as many more as the task's own free run has."""
        if self.cut is None:
            return {"values": self.values.tolist()}
        return {"values": self.values[: self.cut].tolist(), "go_on": self._run}

    def course(self, washout: int) -> Course:
        """What a forecaster reads of it, and what comes after; `washout`: first steps whose forecasts do not count."""
        count = len(self.values) if self.cut is None else self.cut
        return Course(self.values[:count], self.values[count:], washout)

    @property
    def step(self) -> int:
        """The step under the cursor, from 0."""
        return min(self.cursor[1] if self.cursor is not None else 0, len(self.values) - 1)

    def take(self, sample: Mapping[str, Any]) -> None:
        """See `Editor`."""
        self.values = np.asarray(sample["values"], np.float64)
        self._span = (float(self.values.min()), float(self.values.max()))
        self.component = min(self.component, self.values.shape[1] - 1)
        self.cut = None if self.cut is None else min(self.cut, len(self.values))
        self.cursor = (0, min(self.step, len(self.values) - 1))
        self._draw_values()

    def on_focus(self) -> None:
        """The step under the cursor is told."""
        self._tell()

    # Drawing -------------------------------------------------------------------------------------------------------------

    def _draw_values(self) -> None:
        """One number a step as a line, several as a table."""
        count, size = self.values.shape
        if size == 1:
            steps = np.arange(1, count + 1, dtype=np.float64)
            self.show(Plot("value over step", (Series("value", steps, self.values[:, 0], "train"),), x_name="step"))
        else:
            rows = Names("number", self._columns or [str(place + 1) for place in range(size)])
            self.show(Heatmap("value", self.values.T, rows, Names.counted("step", count, 1), Scale.of(self.values)))
        self._tell()

    def _tell(self) -> None:
        """What stands under the cursor, and what is being typed."""
        value = self.values[self.step, self.component]
        name = (
            self._columns[self.component] if self._columns else f"number {self.component + 1}" if self.values.shape[1] > 1 else ""
        )
        cut = f", goes on after step {self.cut}" if self.cut is not None else ""
        self.border_title = as_is(f"{len(self.values)} steps{cut}")
        words = f"{self._typed}_" if self._typed else exact(float(value), 4)
        self.border_subtitle = as_is(f"step {self.step + 1}{f', {name}' if name else ''}: {words}")

    def _point(self, place: tuple[int, int] | None) -> None:
        """The cursor is always at some step, at the number that is changed."""
        if place is None:
            return
        self._typed = ""
        if self.values.shape[1] > 1:
            self.component = min(place[0], self.values.shape[1] - 1)
        super()._point(place)
        self._tell()

    # Changing it ---------------------------------------------------------------------------------------------------------

    def _become(self, values: Any) -> None:
        self.values = values
        self._draw_values()
        self.post_message(Edited())

    def _set(self, value: float) -> None:
        values = self.values.copy()
        values[self.step, self.component] = value
        self._become(values)

    def on_key(self, event: events.Key) -> None:
        """A number is typed."""
        if event.character and event.character in _TYPED:
            self._typed += event.character
        elif self._typed and event.key == "backspace":
            self._typed = self._typed[:-1]
        elif self._typed and event.key == "escape":
            self._typed = ""
        else:
            return
        event.stop()
        event.prevent_default()
        self._tell()

    def action_choose(self, by: int) -> None:
        """Choose the step so many further."""
        self._point((self.component if self.values.shape[1] > 1 else 0, min(max(self.step + by, 0), len(self.values) - 1)))

    def action_change(self, by: int) -> None:
        """Change the number by a twentieth of the range of the values."""
        low, high = self._span
        size = (high - low) / _STEPS_OF_RANGE or 0.05
        self._set(float(self.values[self.step, self.component] + by * size))

    def action_enter(self) -> None:
        """Take the number that was typed."""
        number, self._typed = number_of(self._typed), ""
        if number is None or not np.isfinite(float(number)):
            self.app.bell()
            self._tell()
        else:
            self._set(float(number))

    def action_turn(self) -> None:
        """Turn to the next number of a step."""
        self._point(((self.component + 1) % self.values.shape[1], self.step))

    def action_insert(self) -> None:
        """Put a step in after this one, like it."""
        self._become(np.insert(self.values, self.step + 1, self.values[self.step], axis=0))
        self.action_choose(1)

    def action_remove(self) -> None:
        """Take this step out; one always stays."""
        if len(self.values) > 1:
            values = np.delete(self.values, self.step, axis=0)
            self.cursor = (self.component, min(self.step, len(values) - 1))
            self.cut = None if self.cut is None else min(self.cut, len(values))
            self._become(values)

    def action_from_here(self) -> None:
        """Go on from this step, or read all of them again."""
        self.cut = None if self.cut == self.step + 1 else self.step + 1
        self._tell()
        self.post_message(Edited())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only what does something now."""
        if action in ("mark", "pick", "leave", "move"):
            return False
        return {"from_here": self._run > 0, "turn": self.values.shape[1] > 1}.get(action, True)
