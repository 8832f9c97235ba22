"""A run is computed once more: how far that is, and what came of it. Closing the box ends it."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from workbench.tui.base.background import in_thread
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.dialogs.prompts import Dialog

if TYPE_CHECKING:
    from workbench.runs.folder import RunFolder

__all__ = ["ReplayDialog"]


class ReplayDialog(Dialog[None]):
    """Runs `workbench replay` in a process of its own: computing takes torch, which the process that draws does not load.

    Args:
        folder: the run.
        name: what it is called.
        until: the step after which the replay ends.

    Attributes:
        verdict: what came of it, "" as long as it goes on.
    """

    HELP = "`esc` ends the replay, or closes the box once it has ended. The run itself stays as it is."
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", "Close", id="replay.close")]

    @dataclass
    class Told(Message):
        """The process has said something, or has ended with these words (`ended`)."""

        words: str
        ended: bool = False

    def __init__(self, folder: RunFolder, name: str, until: int) -> None:
        super().__init__()
        self._folder, self._heading, self._until = folder, name, until
        self._process: subprocess.Popen[str] | None = None
        self._gone = threading.Event()
        self.verdict = ""

    def compose(self) -> ComposeResult:
        """What is done, and the newest word on it."""
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title, box.border_subtitle = as_is("Compute once more"), "esc ends it"
            yield Words(f"{self._heading}, up to step {self._until:,}, with every live change at its step.", classes="question")
            yield Words("loading ...", id="told")

    def on_mount(self) -> None:
        """Begin."""
        self._replay()

    def on_unmount(self) -> None:
        """The process does not outlive the box."""
        self._end()

    def action_cancel(self) -> None:
        """End the replay, and close the box."""
        self._end()
        self.dismiss(None)

    def action_close(self) -> None:
        """Close the box where there is a verdict in it."""
        if self.verdict:
            self.dismiss(None)

    @in_thread("replay")
    def _replay(self) -> None:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                *(sys.executable, "-m", "workbench", "replay", self._folder.id, "--until", str(self._until)),
                *("--runs-dir", str(self._folder.path.parent)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._process = process
        if self._gone.is_set():  # closed before the process was there
            self._end()
        said = []
        with process:
            for line in process.stderr or ():
                said.append(line.strip())
                self.post_message(self.Told(said[-1]))
            verdict = (process.stdout.read() if process.stdout is not None else "").strip()
        if not self._gone.is_set():
            self.post_message(self.Told(verdict or (said[-1] if said else "No reason was given."), ended=True))

    def _end(self) -> None:
        self._gone.set()
        if self._process is not None and self._process.poll() is None:
            self._process.kill()  # it writes nothing

    @on(Told)
    def _told(self, message: Told) -> None:
        message.stop()
        self.query_one("#told", Words).update(message.words)
        if message.ended:
            self.verdict = message.words
            self.query_one(".dialog").border_subtitle = "enter or esc closes"
