"""A picture to draw with the mouse or with keys, two pixels in a character."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from workbench.cards import Image, Task, Vectors
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import is_ascii
from workbench.tui.playground.editor import Edited
from workbench.tui.playground.pixels import Pixels, line_of, noisy, painted, rotated, shifted
from workbench.tui.widgets.halfblock import picture

if TYPE_CHECKING:
    from workbench.plotting.pictures import Mode

__all__ = ["DigitCanvas"]

_DEGREES, _NOISE = 15.0, 0.15
_LEFT, _RIGHT = 1, 3


class DigitCanvas(Widget, can_focus=True):
    """One picture; also a series of which a step is one row of it.

    Attributes:
        pixels: (channels, height, width), in the data's own numbers.
        cursor: row and column of the pixel under the pen of the keys.
    """

    ALLOW_SELECT = False  # the pointer draws
    HELP = """
    ## Playground: a picture

    Draw with the left button of the mouse, erase with the right one. With keys the arrows move the pen, `space` draws where it
    stands and `backspace` erases; `shift` and an arrow draw on the way. `H` `J` `K` `L` shift the picture by a pixel, `r` and `R`
    turn it, `z` adds noise, `u` takes the last change back, `del` clears all. `pgdn` and `pgup` take samples of the test set.
    Every stroke asks the model anew.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("canvas")]
    DEFAULT_CSS: ClassVar[str] = """
    DigitCanvas {
        border: round $border-blurred; border-title-color: $text-muted; width: auto; height: auto;
        max-width: 100%; max-height: 100%;
    }
    DigitCanvas:focus { border: round $primary; border-title-color: $text-primary; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.pixels: Pixels = np.zeros((1, 28, 28))
        self.cursor = (0, 0)
        self._low, self._high = 0.0, 1.0
        self._series = False
        self._pen: float | None = None
        self._at: tuple[int, int] | None = None
        self._before: list[Pixels] = []
        self._lines: tuple[tuple[object, ...], list[Strip]] | None = None
        self._seed = 0
        self.border_title = "draw"

    def task_is(self, task: Task) -> None:
        """See `Editor`."""
        match task.inputs:
            case Image(channels=channels, height=height, width=width):
                shape = (channels, height, width)
            case Vectors(size=size, length=length):
                shape = (1, length or 1, size)
            case _:
                shape = (1, 1, 1)
        self._series = isinstance(task.inputs, Vectors)
        self.pixels, self._before = np.full(shape, self._low), []
        self.cursor = (shape[1] // 2, shape[2] // 2)
        self.refresh(layout=True)

    @property
    def question(self) -> Mapping[str, Any] | None:
        """See `Editor`."""
        return {"values": (self.pixels[0] if self._series else self.pixels).tolist()}

    def take(self, sample: Mapping[str, Any]) -> None:
        """See `Editor`; its darkest and its brightest pixel are the ground and the pen."""
        values = np.asarray(sample["values"], np.float64)
        self.pixels, self._before = values.reshape(self.pixels.shape), []
        if values.max() > values.min():
            self._low, self._high = float(values.min()), float(values.max())
        self.refresh()

    # Drawing the picture -------------------------------------------------------------------------------------------------

    def get_content_width(self, container: object, viewport: object) -> int:  # noqa: ARG002 - Textual's signature
        """A column for each pixel."""
        return int(self.pixels.shape[2])

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """A line for each two rows."""
        return -(-int(self.pixels.shape[1]) // 2)

    def render_line(self, y: int) -> Strip:
        """One line of the picture, with the pen of the keys while they are in use."""
        mode: Mode = "ascii" if is_ascii(self.app) else "plain" if self.app.no_color else "colour"
        key = (id(self.pixels), mode, self.cursor if self.has_focus else None, self.app.theme)
        if self._lines is None or self._lines[0] != key:
            span = (self._high - self._low) or 1.0
            shades = ((self.pixels - self._low) / span * 255).clip(0, 255).astype(np.uint8)
            lines = picture(shades, mode).split("\n", allow_blank=True)
            if self.has_focus:
                lines[self.cursor[0] // 2].stylize(Style(bgcolor="red", bold=True), self.cursor[1], self.cursor[1] + 1)
                if mode != "colour":
                    line = lines[self.cursor[0] // 2]
                    lines[self.cursor[0] // 2] = line[: self.cursor[1]] + "+" + line[self.cursor[1] + 1 :]
            drawn = [Strip(list(line.render(self.app.console))).apply_style(self.rich_style) for line in lines]
            self._lines = (key, drawn)
        lines_now = self._lines[1]
        width = self.content_size.width
        return (lines_now[y] if y < len(lines_now) else Strip([])).adjust_cell_length(width, self.rich_style)

    # Changing it ---------------------------------------------------------------------------------------------------------

    def _become(self, pixels: Pixels, *, again: bool = False) -> None:
        """Another picture; `again` where it goes on with a stroke, which is taken back as one."""
        if np.array_equal(pixels, self.pixels):
            return
        if not again:
            self._before = [*self._before[-49:], self.pixels]
        self.pixels = pixels
        self.refresh()
        self.post_message(Edited())

    def _stroke(self, first: tuple[int, int], last: tuple[int, int], value: float, *, again: bool = False) -> None:
        pixels = self.pixels
        for row, column in line_of(first, last):
            pixels = painted(pixels, row, column, value)
        self._become(pixels, again=again)

    def _under(self, event: events.MouseEvent) -> tuple[int, int]:
        """The upper pixel under the pointer; one outside, also where the pointer has left the picture."""
        offset = event.get_content_offset_capture(self)
        return offset.y * 2, offset.x

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a stroke."""
        if event.button not in (_LEFT, _RIGHT):
            return
        self._pen = self._high if event.button == _LEFT else self._low
        self._at = self._under(event)
        self.capture_mouse()
        self._stroke(self._at, self._at, self._pen)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go on with the stroke."""
        if self._pen is not None and self._at is not None:
            before, self._at = self._at, self._under(event)
            if before != self._at:
                self._stroke(before, self._at, self._pen, again=True)

    def on_mouse_up(self) -> None:
        """End the stroke."""
        self._pen = self._at = None
        self.release_mouse()

    # Keys ----------------------------------------------------------------------------------------------------------------

    def action_move(self, rows: int, columns: int) -> None:
        """Move the pen."""
        height, width = self.pixels.shape[1:]
        self.cursor = min(max(self.cursor[0] + rows, 0), height - 1), min(max(self.cursor[1] + columns, 0), width - 1)
        self.refresh()

    def action_draw(self, rows: int, columns: int) -> None:
        """Draw where the pen stands, and on the way to the next place."""
        before = self.cursor
        self.action_move(rows, columns)
        self._stroke(before, self.cursor, self._high)

    def action_erase(self) -> None:
        """Erase where the pen stands."""
        self._stroke(self.cursor, self.cursor, self._low)

    def action_shift(self, rows: int, columns: int) -> None:
        """Shift the picture by a pixel."""
        self._become(shifted(self.pixels, rows, columns, self._low))

    def action_rotate(self, turns: int) -> None:
        """Turn the picture."""
        self._become(rotated(self.pixels, turns * _DEGREES, self._low))

    def action_noise(self) -> None:
        """Add noise, other noise each time."""
        self._seed += 1
        self._become(noisy(self.pixels, _NOISE, self._low, self._high, self._seed))

    def action_clear(self) -> None:
        """An empty picture."""
        self._become(np.full_like(self.pixels, self._low))

    def action_undo(self) -> None:
        """Take the last change back."""
        if self._before:
            *self._before, self.pixels = self._before
            self.refresh()
            self.post_message(Edited())
