"""One picture of a probe, drawn to the size that it has, with a cursor that reads off its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.bindings import bindings
from workbench.tui.charts.paint import strips
from workbench.tui.glyphs import is_ascii

if TYPE_CHECKING:
    from workbench.plotting.pictures import Drawn, Mode, Picture

__all__ = ["PicturePane"]

_STYLES = ("train", "validation", "other", "axis", "label", "mark", "title", "value", "cursor")


class PicturePane(Widget, can_focus=True):
    """A picture. Arrow keys and the pointer move a cursor over its values; a long one turns to the page of the cursor.

    Attributes:
        picture: what is drawn, or None.
        cursor: row and column of the picture under the cursor, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("picture")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"picture--{name}" for name in _STYLES}
    DEFAULT_CSS: ClassVar[str] = """
    PicturePane {
        & > .picture--train { color: $primary; }
        & > .picture--validation { color: $accent; }
        & > .picture--other { color: $success; }
        & > .picture--axis { color: $border; }
        & > .picture--label { color: $secondary; }
        & > .picture--mark { color: $warning; }
        & > .picture--title { color: $foreground; text-style: bold; }
        & > .picture--value { color: $foreground; }
        & > .picture--cursor { color: $background; background: $foreground; text-style: bold; }
        &:focus > .picture--title { color: $primary; text-style: bold underline; }
    }
    """

    @dataclass
    class Pointed(Message):
        """The cursor stands at another value, of which these are the words, or nowhere ("")."""

        pane: PicturePane
        words: str

        def can_replace(self, message: Message) -> bool:
            """Only the newest place counts."""
            return isinstance(message, PicturePane.Pointed)

    @dataclass
    class Picked(Message):
        """A person chose what stands under the cursor."""

        pane: PicturePane

    def __init__(self) -> None:
        super().__init__()
        self.picture: Picture | None = None
        self.cursor: tuple[int, int] | None = None
        self._start = (0, 0)
        self._drawn: tuple[tuple[object, ...], Drawn] | None = None
        self._strips: tuple[tuple[object, ...], list[Strip]] | None = None

    def show(self, picture: Picture | None) -> None:
        """Draw another picture; the cursor stays where it is if that has such a place, and says its value there."""
        if self.picture is not None and picture is not None and picture.shape != self.picture.shape:
            self.cursor, self._start = None, (0, 0)
        self.picture, self._drawn, self._strips = picture, None, None
        if self.cursor is not None:
            self._say()
        self.refresh()

    @property
    def mode(self) -> Mode:
        """How shades are shown on this terminal."""
        return "ascii" if is_ascii(self.app) else "plain" if self.app.no_color else "colour"

    # Drawing -----------------------------------------------------------------------------------------------------------

    def _draw(self) -> Drawn | None:
        """The picture at the size that there is, on the page that is seen."""
        width, height = self.content_size
        if self.picture is None or width < 1 or height < 1:
            return None
        key = (width, height, self.mode, self._start)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self.picture.draw(width, height, self.mode, self._start))
        return self._drawn[1]

    def render_line(self, y: int) -> Strip:
        """One line of the picture."""
        drawn = self._draw()
        if drawn is None:
            return Strip.blank(max(0, self.content_size.width), self.rich_style)
        key = (drawn, self.app.theme, self.cursor, self.has_focus)
        if self._strips is None or self._strips[0] != key:
            canvas, place = drawn.canvas, drawn.place(*self.cursor) if self.cursor is not None else None
            if place is not None:
                canvas = canvas.copy()
                canvas.put(*place, "+", "cursor")
            styles = {name: self.get_component_rich_style(f"picture--{name}") for name in _STYLES}
            styles[""] = self.rich_style
            self._strips = (key, strips(canvas, styles))
        lines = self._strips[1]
        return lines[y] if y < len(lines) else Strip.blank(drawn.canvas.width, self.rich_style)

    # The cursor --------------------------------------------------------------------------------------------------------

    def _point(self, place: tuple[int, int] | None) -> None:
        """Put the cursor at a place of the picture, or take it away."""
        if place == self.cursor:
            return
        self.cursor = place
        self._turn_page()
        self._say()
        self.refresh()

    def _turn_page(self) -> None:
        """Turn a long picture to the page that the cursor stands on."""
        drawn = self._draw()
        if drawn is None or self.cursor is None or self.picture is None:
            return
        start = list(self._start)
        for axis, (place, seen, count) in enumerate(zip(self.cursor, drawn.seen, self.picture.shape, strict=True)):
            if seen >= count:
                start[axis] = 0
            elif not start[axis] <= place < start[axis] + seen:
                start[axis] = place // max(1, seen) * max(1, seen)
        self._start = (start[0], start[1])

    def _say(self) -> None:
        words = self.picture.words(*self.cursor) if self.picture is not None and self.cursor is not None else ""
        self.post_message(self.Pointed(self, words))

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor by so many rows and columns; it begins at the first value that is seen."""
        if self.picture is None or not min(self.picture.shape):
            return
        if self.cursor is None:
            self._point(self._start)
            return
        last_row, last_column = (count - 1 for count in self.picture.shape)
        row, column = self.cursor
        self._point((min(max(row + rows, 0), last_row), min(max(column + columns, 0), last_column)))

    def action_leave(self) -> None:
        """Leave the maximised view; else take the cursor away."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        else:
            self._point(None)

    def action_pick(self) -> None:
        """Choose what stands under the cursor."""
        if self.cursor is not None:
            self.post_message(self.Picked(self))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The cursor follows the pointer."""
        drawn, offset = self._draw(), event.get_content_offset_capture(self)
        place = drawn.at(offset.y, offset.x) if drawn is not None else None
        if place is not None:
            self._point(place)

    def on_click(self, event: events.Click) -> None:
        """A double click chooses what stands there."""
        if event.chain == 2:  # noqa: PLR2004 - a double click
            self.action_pick()

    def on_leave(self) -> None:
        """The pointer takes the cursor with it, unless keys are moving it."""
        if not self.has_focus and not self.is_mouse_over:
            self._point(None)
