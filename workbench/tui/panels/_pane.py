"""One picture of a probe, drawn to the size that it has, with a cursor that reads off its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.plotting.race import race_role
from workbench.tui.bindings import bindings
from workbench.tui.charts.paint import strips
from workbench.tui.glyphs import is_ascii
from workbench.tui.themes import rich_style

if TYPE_CHECKING:
    from workbench.plotting.pictures import Drawn, Mode, Picture

__all__ = ["PicturePane"]

_COLOURS = {
    "train": "primary",
    "validation": "accent",
    "other": "success",
    "axis": "border",
    "label": "secondary",
    "mark": "warning",
    "title": "foreground",
    "value": "foreground",
    **{
        race_role(number): colour
        for number, colour in enumerate(("primary", "accent", "success", "error", "warning", "secondary"), 1)
    },
}
"""The theme's colour of each role. Not component classes, which Textual would style anew for every pane with every change of
screen: of the panes of all panels that is most of its work."""


class PicturePane(Widget, can_focus=True):
    """A picture. Arrow keys and the pointer move a cursor over its values; a long one turns to the page of the cursor.

    Attributes:
        picture: what is drawn, or None.
        cursor: row and column of the picture under the cursor, or None.
        marks: whether steps of a sequence can be marked in it.
        held: escape does something else than to take the cursor away, for which what is around it cares.
    """

    ALLOW_SELECT = False  # the pointer marks steps, not cells
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("picture")]

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

    @dataclass
    class Marked(Message):
        """A person marked steps of a sequence, from the first to the last one."""

        pane: PicturePane
        first: int
        last: int

    def __init__(self, *, marks: bool = False) -> None:
        super().__init__()
        self.picture: Picture | None = None
        self.cursor: tuple[int, int] | None = None
        self.marks, self.held = marks, False
        self._anchor: tuple[int, int] | None = None
        """Where marking began; keys and pointer that move the cursor alone end it."""
        self._dragging = self._drawn_over = False
        """The button is down, and steps have been marked since."""
        self._start = (0, 0)
        self._drawn: tuple[tuple[object, ...], Drawn] | None = None
        self._strips: tuple[tuple[object, ...], list[Strip]] | None = None

    def show(self, picture: Picture | None) -> None:
        """Draw another picture; the cursor stays where it is if that has such a place, and says its value there."""
        if self.picture is not None and picture is not None and picture.shape != self.picture.shape:
            self.cursor, self._start, self._anchor = None, (0, 0), None
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
            self._strips = (key, strips(canvas, self._styles()))
        lines = self._strips[1]
        return lines[y] if y < len(lines) else Strip.blank(drawn.canvas.width, self.rich_style)

    def _styles(self) -> dict[str, Style]:
        """Each role in the colours of the theme; the title tells that the pane has the focus."""
        plain = self.rich_style
        colours = {role: rich_style(self.app, name) or None for role, name in (*_COLOURS.items(), ("ground", "background"))}
        styles = {role: plain + Style(color=colour) for role, colour in colours.items()}
        title = Style(color=colours["train"], underline=True) if self.has_focus else Style()
        cursor = Style(color=colours["ground"], bgcolor=colours["value"], bold=True)
        return styles | {"": plain, "title": styles["title"] + Style(bold=True) + title, "cursor": plain + cursor}

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
        self._anchor = None
        self._point(self._beside(self.cursor, rows, columns))

    def _beside(self, place: tuple[int, int], rows: int, columns: int) -> tuple[int, int]:
        """The place so many rows and columns further, within the picture."""
        last_row, last_column = (count - 1 for count in self.picture.shape) if self.picture is not None else (0, 0)
        return min(max(place[0] + rows, 0), last_row), min(max(place[1] + columns, 0), last_column)

    # Marked steps ------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Steps are marked where there are such; escape is left to what is around it while that has something to take back."""
        if action == "mark":
            return self.marks and self._has_steps()
        return action != "leave" or not self.held

    def _has_steps(self) -> bool:
        return self.picture is not None and min(self.picture.shape) > 0 and self.picture.step_at(0) is not None

    def action_mark(self, by: int) -> None:
        """Mark the step under the cursor, then one more on a side, or one less."""
        if self._anchor is None or self.cursor is None:
            self._anchor = self.cursor or self._start
            place = self._anchor if self.cursor is None else self._beside(self._anchor, 0, by)
        else:
            place = self._beside(self.cursor, 0, by)
        self._mark_to(place)

    def _mark_to(self, place: tuple[int, int]) -> None:
        """Mark from where marking began to a place, and put the cursor there."""
        ends = [self.picture.step_at(column) for _, column in (self._anchor or place, place)] if self.picture is not None else []
        steps = [step for step in ends if step is not None]
        self._point(place)
        if steps:
            self.post_message(self.Marked(self, min(steps), max(steps)))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to draw over steps."""
        if event.button == 1 and self.marks and self._has_steps() and (place := self._under(event)) is not None:
            self._anchor, self._dragging, self._drawn_over = place, True, False
            self.capture_mouse()

    def on_mouse_up(self) -> None:
        """End drawing over steps."""
        if self._dragging:
            self._anchor, self._dragging = None, False
            self.release_mouse()

    def _under(self, event: events.MouseEvent) -> tuple[int, int] | None:
        """The place under the pointer; while it draws over steps, the nearest one."""
        drawn, offset = self._draw(), event.get_content_offset_capture(self)
        if drawn is None:
            return None
        place = drawn.at(offset.y, offset.x)
        return drawn.nearest(offset.y, offset.x) if place is None and self._dragging else place

    # The pointer -------------------------------------------------------------------------------------------------------

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
        """The cursor follows the pointer; with the button down steps are marked."""
        place = self._under(event)
        if place is None or place == self.cursor:
            return
        if self._dragging and self._anchor is not None and (self._drawn_over or self._anchor[1] != place[1]):
            self._drawn_over = True
            self._mark_to(place)
        else:
            self._anchor = self._anchor if self._dragging else None
            self._point(place)

    def on_click(self, event: events.Click) -> None:
        """A double click chooses what stands there."""
        if event.chain == 2:  # noqa: PLR2004 - a double click
            self.action_pick()

    def on_leave(self) -> None:
        """The pointer takes the cursor with it, unless keys are moving it."""
        if not self.has_focus and not self.is_mouse_over:
            self._point(None)
