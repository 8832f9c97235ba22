"""What can be done with the clock of the run that is shown: take a step, go back, compute it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.saying import said
from workbench.tui.requests import RewindRun

if TYPE_CHECKING:
    from textual.screen import Screen

    from workbench.tui.bench.steering import Steering
    from workbench.tui.run.shown_run import ShownRun

__all__ = ["Clock"]


class Clock:
    """Asks what is to be asked before a run goes back or is replayed.

    Args:
        screen: where questions are asked.
        run: the run that is shown.
        steering: what can be asked of its worker.
    """

    def __init__(self, screen: Screen[None], run: ShownRun, steering: Steering) -> None:
        self._screen, self._run, self._steering = screen, run, steering

    def take_step(self) -> None:
        """Let the run take one step and be paused after it; one at rest is gone on with for that."""
        if self._run.data is not None and self._run.live and self._run.data.status.state == "running":
            self._screen.notify("The run goes on: space pauses it, then n takes a step.")
        else:
            self._steering.send("step")

    def ask_rewind(self, step: int | None) -> None:
        """Ask whether the run is to go back, and let it.

        Args:
            step: where to; None asks for that as well.
        """
        from workbench.tui.dialogs.prompts import ConfirmDialog, TextDialog  # here: the first frame needs no dialog

        folder, data = self._run.folder, self._run.data
        if self._steering.too_early() or folder is None or data is None:
            return
        if self._run.doing:
            self._screen.notify(f"{self._run.doing} One thing after the other.")
            return
        if self._run.live and not self._run.paused:
            self._screen.notify("The run goes on: space pauses it, then R brings it back.")
            return
        now = data.status.step
        if not now:
            self._screen.notify("The run has done no step yet: there is nothing to go back from.")
            return
        if step is None or not 0 <= step < now:
            where = f"To which step? The run stands at {now:,}; 0 is its beginning."
            asking = TextDialog("Go back", where, "", lambda text: _wrong(text, 0, now - 1))
            self._screen.app.push_screen(asking, lambda text: self.ask_rewind(int(text)) if text else None)
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self._screen.app.post_message(RewindRun(folder, step))

        branch = f"{data.meta['name']}-past-{step}" if data.meta.get("name") else "a run of its own"
        ends = " Its process ends first." if self._run.live else ""
        question = (
            f"{data.title} goes back from step {now:,} to step {step:,}, bit for bit; the steps from the checkpoint before it on "
            f"are computed again.{ends}\n\n"
            f"The {now - step:,} steps after it, with their metrics, snapshots and checkpoints, are kept as {branch}, which the "
            "list of runs has. Here they are gone, and space goes on from there."
        )
        dialog = ConfirmDialog(f"Back to step {step:,}?", question, f"Go back to step {step:,}", "Leave it where it is")
        self._screen.app.push_screen(dialog, answered)

    def ask_replay(self, step: int | None) -> None:
        """Ask up to which step the run is computed once more, and show what comes of it.

        Args:
            step: the moment that is shown; None is the newest.
        """
        from workbench.tui.dialogs.prompts import TextDialog  # here, both: the first frame needs no dialog
        from workbench.tui.dialogs.replay_dialog import ReplayDialog

        folder, data = self._run.folder, self._run.data
        if self._steering.too_early() or folder is None or data is None:
            return
        now = data.status.step
        if not now:
            self._screen.notify("The run has done no step yet: there is nothing to compute once more.")
            return

        def replay(text: str | None) -> None:
            if text:
                self._screen.app.push_screen(ReplayDialog(folder, data.title, int(text)))

        at = now if step is None else min(max(1, step), now)
        about = (
            "Every logged value is compared bit for bit, and weights where a checkpoint is left; the run stays as it is. "
            "Up to which step?"
        )
        self._screen.app.push_screen(TextDialog("Compute once more", about, str(at), lambda text: _wrong(text, 1, now)), replay)


def _wrong(text: str, first: int, last: int) -> str | None:
    """What is wrong with a step as it is written."""
    if text.isascii() and text.isdigit() and first <= int(text) <= last:
        return None
    return f"got {said(text)}; expected a step from {first} to {last}."
