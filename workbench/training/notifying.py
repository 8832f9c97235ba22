"""Calls a command of the person's at the moments of a run: `--notify`. It runs in a process of its own, without torch.

python -m workbench.training.notifying RUN AFTER     until the run has ended; reads the command from stdin, as JSON

Neither the worker nor a viewer calls it: a worker that is killed or stopped could not say so, and a terminal may be closed.
The command is kept nowhere: a run folder that comes from elsewhere brings none.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from workbench.errors import BusyError, StoreError
from workbench.paths import resolved
from workbench.runs.alerts import Alert, Alerts
from workbench.runs.control import note
from workbench.runs.folder import RunFolder
from workbench.saying import one_line, said
from workbench.system import detached, ignore_signals, lock_file
from workbench.training.launch import environment

__all__ = ["main", "start_notifier"]

_LOOK_EVERY_S = 0.5
_ONLY_ONE_S = 3.0
"""How long to wait for a process of the same task: that of a run's earlier life is about to end."""
_LONGEST_S = 60.0
"""How long a command may take."""
_started: list[subprocess.Popen[bytes]] = []
"""Processes that this one started; polled so that an ended one does not stay behind as a zombie."""


def start_notifier(folder: RunFolder, command: str, after: int) -> None:
    """Let a command be called at each moment of a run from now on, whatever becomes of this process; "" for none.

    A second one with the same command for the same run ends by itself, so that each moment calls it once.

    Args:
        folder: the run, which a process works on.
        command: its words as a shell takes them apart; no shell runs it.
        after: events up to this id are old news.
    """
    if not command:
        return
    _started[:] = [process for process in _started if process.poll() is None]
    words = [sys.executable, "-m", "workbench.training.notifying", str(resolved(folder.path)), str(after)]
    # its own environment as well: what a process of ours needs beyond that is none of the command's
    told = json.dumps({"command": command, "environment": dict(os.environ)})
    try:
        with folder.log_path.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                words, stdin=subprocess.PIPE, stdout=log, stderr=log, **detached(), env=environment()
            )
        _started.append(process)
        if process.stdin is not None:
            with process.stdin as pipe:
                pipe.write(told.encode())
    except OSError as error:  # the run goes on
        with suppress(StoreError):
            note(folder, f"--notify: {said(command)}: nothing will be called: {error.strerror or error}")


class _Turn:
    """The right to call the command for the run: one process at a time has it, and the next one knows what was told.

    Attributes:
        waited: another process had it first, and told how the life of the run ended that it has seen.
    """

    def __init__(self, folder: RunFolder, command: str) -> None:
        digest = hashlib.sha256(command.encode(errors="surrogateescape")).hexdigest()[:12]
        self._path = folder.path / f".notify-{digest}"
        self._file: IO[bytes] | None = None
        self.waited = False

    def take(self) -> bool:
        """Whether it can be had."""
        deadline = time.monotonic() + _ONLY_ONE_S
        while (file := lock_file(self._path)) is None:
            self.waited = True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        self._file = file
        return True

    def told(self, after: int) -> int:
        """The newest event that was told, `after` at least."""
        text = self._file.read() if self._file is not None else b""
        return max(after, int(text)) if text.isdigit() else after

    def tell(self, event: int) -> None:
        """Events up to this one are told."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.write(b"%d" % event)
            self._file.flush()


@dataclass(frozen=True)
class _Command:
    """What is called, and with which environment."""

    command: str
    environment: Mapping[str, str]


def _call(folder: RunFolder, called: _Command, alert: Alert) -> None:
    """Run the command; where that fails, say so in the run's event log."""
    facts = {
        "WORKBENCH_RUN": alert.run,
        "WORKBENCH_RUN_PATH": str(folder.path),
        "WORKBENCH_STATE": alert.state,
        "WORKBENCH_STEP": str(alert.step),
        "WORKBENCH_MESSAGE": alert.message,
    }
    problem = _problem(shlex.split(called.command), {**called.environment, **facts})
    if problem:
        note(folder, f"--notify ({alert.state}): {said(called.command)}: {one_line(problem)}")


def _problem(words: Sequence[str], variables: Mapping[str, str]) -> str:
    """Run a command; why it failed, "" when it did not."""
    try:
        done = subprocess.run(  # noqa: S603 - the person's own command, which no shell sees
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=variables,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {_LONGEST_S:g} s, and ended"
    except (OSError, ValueError) as error:
        return f"cannot be run: {getattr(error, 'strerror', None) or error}"
    if done.returncode == 0:
        return ""
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return f"exit code {done.returncode}{': ' if last else ''}{last}"


def _watch(folder: RunFolder, called: _Command, after: int, turn: _Turn) -> None:
    """Call the command until the run has ended, or is no longer there."""
    alerts: Alerts | None = None
    while folder.database_path.exists():
        try:
            if alerts is None:
                alerts = Alerts(folder, turn.told(after))
                alerts.over = turn.waited
            told = alerts.look()
        except BusyError:
            told = []
        if alerts is not None:
            if told:
                turn.tell(alerts.after)
            for alert in told:
                _call(folder, called, alert)
            if alerts.over:
                alerts.close()
                return
        time.sleep(_LOOK_EVERY_S)


def main(arguments: Sequence[str]) -> int:
    """Entry of the process."""
    path, after = arguments
    folder, called = RunFolder(Path(path)), _Command(**json.load(sys.stdin))
    ignore_signals("SIGHUP", "SIGINT")
    turn = _Turn(folder, called.command)
    try:
        if turn.take():
            _watch(folder, called, int(after), turn)
    except (StoreError, OSError) as error:  # into the worker's log
        sys.stderr.write(f"--notify: {one_line(str(error))}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
