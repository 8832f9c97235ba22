"""How far the run is, how fast, and how long it will take: one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content

from workbench.plotting.canvas import fit
from workbench.saying import eta, speed
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.glyphs import is_ascii

if TYPE_CHECKING:
    from workbench.tui.run.data import RunData

__all__ = ["ProgressLine"]

_SHORTEST_BAR = 8
_LONGEST_BAR = 60
_EIGHTHS = " ▏▎▍▌▋▊▉"


class ProgressLine(Words):
    """Bar, steps, steps and samples in a second, expected time left; the last parts go first when room is short."""

    HELP = "Steps done of all steps, speed over the last 400 steps, and the time that the rest will take."
    DEFAULT_CSS: ClassVar[str] = "ProgressLine { height: 1; padding: 0 1; text-wrap: nowrap; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._run: RunData | None = None
        self._result: Sequence[str] = ()
        self.hint = ""

    def show_run(self, run: RunData | None, result: Sequence[str] = ()) -> None:
        """Show another run, or the same one at a later moment; of one that has ended, what came out, in words."""
        self._run, self._result = run, result
        self._update()

    def say(self, hint: str) -> None:
        """Show words in place of a run."""
        self.hint = hint
        self.show_run(None)

    def on_mount(self) -> None:
        """Draw the first time."""
        self.tooltip = as_is(self.HELP)
        self._update()

    def on_resize(self) -> None:
        """The bar takes the room that is left."""
        self._update()

    def _update(self) -> None:
        run, width = self._run, self.size.width - 2
        if run is None:
            self.update(Content.assemble((self.hint[: max(0, width)], "$text-muted")), layout=False)
            return
        if run.waits:
            self.update(as_is(fit(run.waits, max(0, width))), layout=False)
            return
        step, total = run.status.step, max(1, run.status.total)
        parts = [f"{step:,} / {run.status.total:,}"]
        left = "" if run.eta_s is None else eta(run.eta_s)
        if run.is_measuring:
            parts.append(f"evaluating, {left}" if left else "evaluating")
        elif left:
            parts.append(left)
        elif run.status.state == "starting":
            parts.append("starting ...")
        elif run.status.state != "running":
            parts += [run.status.state, *self._result]
        if run.steps_per_second is not None and not self._result:
            parts.append(f"{speed(run.steps_per_second)} steps/s")
        if run.samples_per_second is not None and not self._result:
            parts.append(f"{speed(run.samples_per_second)} samples/s")
        bar_room = 0 if self._result else _SHORTEST_BAR + 3  # a bar that is full says less than what came out
        while len(parts) > 1 and cell_len("   ".join(parts)) + bar_room > width:
            parts.pop(0 if self._result and len(parts) > 2 and parts[0][0].isdigit() else -1)  # noqa: PLR2004 - state and score stay
        text = "   ".join(parts)
        room = min(_LONGEST_BAR, width - cell_len(text) - 3)
        bar = self._bar(min(1.0, step / total), room) if room >= _SHORTEST_BAR else Content("")
        self.update(Content.assemble(bar, "   " if len(bar) else "", text), layout=False)  # a layout would draw the whole screen

    def _bar(self, share: float, width: int) -> Content:
        if is_ascii(self.app):
            done = int(share * width)
            return Content(f"[{'#' * max(0, done - 2)}{'.' * (width - 2 - max(0, done - 2))}]")
        eighths = int(share * width * 8)
        full, part = divmod(eighths, 8)
        edge = _EIGHTHS[part] if part else ""
        return Content.assemble(("█" * full + edge, "$primary on $panel"), ("░" * (width - full - len(edge)), "$border"))
