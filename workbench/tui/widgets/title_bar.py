"""The top line: where one is, and on the right the run that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content

from workbench.plotting.canvas import fit
from workbench.plotting.signs import STATE_SIGNS, UNKNOWN_STATE
from workbench.saying import clock
from workbench.tui.base.untrusted_text import Words
from workbench.tui.glyphs import is_ascii

if TYPE_CHECKING:
    from workbench.tui.run.data import RunData

__all__ = ["TitleBar"]

_SCREENS = (("bench", "Bench", "F2"), ("runs", "Runs", "F3"), ("presets", "Presets", "F4"), ("playground", "Playground", "F6"))
_BESIDE = (
    ("compare", "Compare", "x"),
    ("evaluate", "Evaluate", "E"),
    ("concepts", "Concepts", "c"),
    ("lessons", "Lessons", "F7"),
)
"""Named only while one is there: the four others lead to them."""


class TitleBar(Words):
    """Name, screens (clickable), and id, state and time of the run on Bench."""

    HELP = "`F2` `F3` `F4` `F6` or a click change the screen."
    DEFAULT_CSS: ClassVar[str] = "TitleBar { dock: top; height: 1; padding: 0 1; background: $background; text-wrap: nowrap; }"

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current
        self._run: RunData | None = None
        self._starting = ""

    def show_run(self, run: RunData | None, starting: str = "") -> None:
        """Show another run, or the same one at a later moment; or that one is being started, in these words."""
        self._run, self._starting = run, starting
        self._update()

    def on_mount(self) -> None:
        """Draw the first time."""
        self._update()

    def on_resize(self) -> None:
        """What does not fit is left out from the middle."""
        self._update()

    def _update(self) -> None:
        parts: list[Content | tuple[str, str] | str] = [("workbench", "bold $primary"), "  "]
        for name, title, _key in (*_SCREENS, *(beside for beside in _BESIDE if beside[0] == self._current)):
            style = "bold $foreground on $panel" if name == self._current else "$text-muted"
            action = "app.playground" if name == "playground" else f"app.go('{name}')"
            parts.append(Content.from_markup(f"[{style}][@click={action}] {title} [/][/]"))
        left = Content.assemble(*parts)
        right = self._run_content(max(0, self.size.width - 2 - left.cell_length - 2))
        gap = max(1, self.size.width - 2 - left.cell_length - right.cell_length)
        self.update(Content.assemble(left, " " * gap, right), layout=False)  # a layout would draw the whole screen again

    def _run_content(self, room: int) -> Content:
        run = self._run
        if self._starting or run is None:
            return Content.assemble((fit(self._starting, room), "$warning"))
        state = run.status.state
        sign = STATE_SIGNS.get(state, UNKNOWN_STATE)[is_ascii(self.app)]
        colour = {"running": "$success", "finished": "$success", "failed": "$error", "lost": "$error"}.get(state, "$warning")
        state = run.waits.partition(":")[0] or state
        end = f"{sign} {state}  {clock(run.seconds)}"
        name = fit(run.title, room - cell_len(end) - 2) if room > cell_len(end) + 6 else ""
        if room < cell_len(end):
            return Content.assemble((sign, colour)) if room > 0 else Content("")
        return Content.assemble(
            (f"{name}  " if name else "", "$text-muted"), (f"{sign} {state}", colour), f"  {clock(run.seconds)}"
        )
