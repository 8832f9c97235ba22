"""What is changed in runs at rest or live: tags, note, name, and whether they are there at all. Each is asked for, then done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.names import name_problem
from workbench.runs.folder import RunFolder
from workbench.runs.listing import PINNED, name_run, namesakes, note_run, remove_run, shared_name, tag_run
from workbench.tui.base.background import start_in_thread
from workbench.tui.dialogs.prompts import ConfirmDialog, TextDialog
from workbench.tui.run.others import stop_and_wait

if TYPE_CHECKING:
    from textual.screen import Screen

    from workbench.runs.summary import RunSummary

__all__ = ["RunChanges", "RunsChanged"]


@dataclass
class RunsChanged(Message):
    """Something was done to runs.

    Attributes:
        said: what was done, or "".
        problem: what could not be done and why, or "".
    """

    said: str
    problem: str = ""


class RunChanges:
    """Changes runs in threads; what came of it is posted to the screen as `RunsChanged`.

    Args:
        screen: where questions are asked.
        runs_dir: where the runs live.
    """

    def __init__(self, screen: Screen[None], runs_dir: Path) -> None:
        self._screen, self._runs_dir = screen, runs_dir

    def ask_tags(self, runs: list[RunSummary]) -> None:
        """Add and remove tags of the runs."""
        dialog = TextDialog("Tags", f"{_count(runs)}: +word adds, -word removes", "", None, "+good -old")
        self._screen.app.push_screen(dialog, lambda text: self._in_thread(self._tag, runs, text) if text else None)

    def pin(self, runs: list[RunSummary]) -> None:
        """Pin the runs, so that they stand first, or take their pins off."""
        self._in_thread(self._pin, runs)

    def ask_note(self, run: RunSummary) -> None:
        """Write a note on the run."""
        dialog = TextDialog("Note", run.label, run.note)
        self._screen.app.push_screen(dialog, lambda text: None if text is None else self._in_thread(self._note, run, text))

    def ask_name(self, run: RunSummary) -> None:
        """Name the run."""
        dialog = TextDialog("Name", f"{run.id}: a name by which commands find it", run.name, name_problem, "empty for none")
        self._screen.app.push_screen(dialog, lambda text: None if text is None else self._in_thread(self._name, run, text))

    def ask_stop(self, runs: list[RunSummary]) -> None:
        """Stop the runs, or take them out of the queue, once confirmed."""
        waiting = all(run.waits for run in runs)
        question = (
            f"{_count(runs)}: taken out of the queue; r resumes it later."
            if waiting
            else f"{_count(runs)}: ends after the step it is in, with a checkpoint, and can be resumed."
        )
        dialog = ConfirmDialog("Stop?", question, "Take out" if waiting else "Stop", "Let it go on")
        self._screen.app.push_screen(dialog, lambda yes: self._in_thread(self._stop, runs) if yes else None)

    def ask_delete(self, runs: list[RunSummary]) -> None:
        """Delete the runs, once confirmed."""
        size = sum(run.size for run in runs) / 1e6
        question = f"{_count(runs)}, {size:.1f} MB, with checkpoints and exports. This cannot be undone."
        dialog = ConfirmDialog("Delete?", question, "Delete", "Keep")
        self._screen.app.push_screen(dialog, lambda yes: self._in_thread(self._delete, runs) if yes else None)

    # In a thread ---------------------------------------------------------------------------------------------------------

    def _in_thread(self, change: Callable[..., None], *arguments: object) -> None:
        start_in_thread(self._screen, "change", partial(change, *arguments))

    def _tag(self, runs: list[RunSummary], text: str) -> None:
        words = text.replace(",", " ").split()
        add = [word.removeprefix("+") for word in words if not word.startswith("-")]
        remove = [word[1:] for word in words if word.startswith("-")]
        self._change(runs, "tagged", lambda folder: tag_run(folder, add, remove))

    def _pin(self, runs: list[RunSummary]) -> None:
        if all(PINNED in run.tags for run in runs):
            self._change(runs, "not pinned any more", lambda folder: tag_run(folder, remove=[PINNED]))
        else:
            self._change(runs, "pinned", lambda folder: tag_run(folder, [PINNED]))

    def _note(self, run: RunSummary, text: str) -> None:
        self._change([run], "noted", lambda folder: note_run(folder, text))

    def _name(self, run: RunSummary, text: str) -> None:
        self._change([run], "named" if text.strip() else "without a name now", lambda folder: name_run(folder, text))
        others = [other for other in namesakes(self._runs_dir, text.strip()) if other != run.id]
        if others:
            self._screen.post_message(RunsChanged(shared_name(text.strip(), others)))

    def _stop(self, runs: list[RunSummary]) -> None:
        self._change(runs, "stopped", lambda folder: stop_and_wait([folder]))

    def _delete(self, runs: list[RunSummary]) -> None:
        self._change(runs, "deleted", lambda folder: remove_run(folder, folder.path.parent))

    def _change(self, runs: list[RunSummary], done: str, change: Callable[[RunFolder], object]) -> None:
        """Change each run, and say what came of it."""
        problems = []
        for run in runs:
            try:
                change(RunFolder(run.path))
            except WorkbenchError as error:
                problems.append(str(error))
        count = len(runs) - len(problems)
        said = f"{count} {'run' if count == 1 else 'runs'} {done}." if count else ""
        self._screen.post_message(RunsChanged(said, "\n".join(problems)))


def _count(runs: list[RunSummary]) -> str:
    return runs[0].label if len(runs) == 1 else f"{len(runs)} runs"
