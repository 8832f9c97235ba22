"""What a worker is asked for: commands in its run's database, and the wish of the system that it end."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from types import FrameType

from workbench.errors import DiskFullError
from workbench.runs.writer import RunWriter
from workbench.system import ignore_signals
from workbench.training.events import Request

__all__ = ["WAIT_S", "RunControl"]

WAIT_S = 0.05
"""Time between two looks for commands while a run is paused, or waits."""


class RunControl:
    """Requests from the run's command table, and the wish of the system that the process end."""

    def __init__(self, writer: RunWriter) -> None:
        self.writer = writer
        self.asked_to_end = False
        self.later: list[Request] = []
        signal.signal(signal.SIGTERM, self._terminate)
        ignore_signals("SIGHUP", "SIGINT")  # a closed terminal ends no run, and Ctrl-C in a viewer's terminal is the viewer's

    def poll(self) -> list[Request]:
        """What was asked since the last call."""
        if self.asked_to_end:
            return [Request("terminate")]
        later, self.later = self.later, []
        return later + [Request(command.verb, command.arguments, command.id) for command in self.writer.take_commands()]

    def wait(self) -> list[Request]:
        """The same after a short sleep."""
        time.sleep(WAIT_S)
        return self.poll()

    def answer(self, request: Request, outcome: str) -> None:
        """Write the outcome next to the command."""
        if request.id:
            with suppress(DiskFullError):  # it is kept, and told with what is written next
                self.writer.answer(request.id, outcome)

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked_to_end = True
