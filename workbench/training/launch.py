"""Starts worker processes, for viewers. No torch: the process that draws does not import it.

A worker is started with `subprocess.Popen` in a session of its own, so that neither a closed terminal nor a crashed viewer
ends the run. (multiprocessing's spawn and forkserver fail inside a Textual app.)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from workbench.errors import StoreError, WorkerError
from workbench.paths import resolved
from workbench.runs.control import Claim, claim, give_up, hand_over, send, steps_from_rest, tell
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.system import detached

__all__ = ["WarmWorker", "check_device", "enqueue", "environment", "resume", "start", "take_steps"]

_MODULE = "workbench.training.worker"
_ACCEPTED = (
    "{path} has changed and is accepted: the vocabulary stays, the split into training, validation and test is drawn anew, "
    "so scores before and after cannot be compared"
)
"""What the event log says of a data file that is another from here on."""
_FREE_S = 0.05
"""How long a run that is to start waits for the warm worker to be free."""
_END_S = 0.2
"""How long the warm worker may take to end by itself."""
_started: list[subprocess.Popen[Any]] = []
"""Workers that this process started; polled so that an ended one does not stay behind as a zombie."""


def check_device(name: str) -> None:
    """Refuse a device that this machine lacks before anything is made. Imports torch, but not for `auto` and `cpu`.

    Raises:
        UsageError: the device is not there.
    """
    if name not in ("auto", "cpu"):
        from workbench.training.devices import choose_device  # torch

        choose_device(name)


def start(folder: RunFolder, *, accept_changed_data: bool = False) -> int:
    """Start a detached worker on a new run, or on one at rest from its last good checkpoint; returns its process id.

    Args:
        folder: the run.
        accept_changed_data: go on with data files that have changed since; the run's vocabulary stays in force.
    Raises:
        ChangedDataError: a data file has changed, and that is not accepted.
        DataError: a data file is missing.
        UsageError: the run is live already, or finished.
        StoreError: the run's folder or the worker's log cannot be written.
    """
    return _start(folder, "train", accept_changed_data=accept_changed_data)


def enqueue(folder: RunFolder) -> int:
    """The same as `start`, for a run that waits until a core is free; it does so by itself, whatever becomes of this process."""
    return _start(folder, "queue")


def _start(
    folder: RunFolder, verb: str, *, accept_changed_data: bool = False, before: Callable[[], object] = lambda: None
) -> int:
    """Claim the run and launch its worker; `before` is done in between: what it sends, the worker finds before its first step."""
    held = claim(folder)
    try:
        for path in folder.check_data(accept_changed=accept_changed_data):
            tell(folder, held, _ACCEPTED.format(path=path))
        before()
        pid = _launch(folder, held, verb)
    except BaseException:
        _give_up(folder, held)
        raise
    _note(folder, held, pid)
    return pid


def resume(folder: RunFolder, *, accept_changed_data: bool = False) -> int:
    """The same as `start`, for a run that has been at work before."""
    return start(folder, accept_changed_data=accept_changed_data)


def take_steps(folder: RunFolder, count: int) -> int:
    """Let a run take some steps and be paused after them; one at rest is gone on with for that, paused from its first moment on.

    Args:
        folder: the run.
        count: how many steps.
    Returns:
        The command's id, for `runs.control.wait`.
    Raises:
        UsageError: the run has no step left.
        ChangedDataError, DataError, StoreError: it cannot be gone on with, see `start`.
    """
    with RunReader(folder) as reader:
        from_rest = steps_from_rest(folder, reader.status())
    if not from_rest:
        return send(folder, "step", count=count)
    asked: list[int] = []

    def ask() -> None:
        send(folder, "pause")
        asked.append(send(folder, "step", count=count))

    _start(folder, "train", before=ask)
    return asked[0]


def _launch(folder: RunFolder, held: Claim, verb: str = "train") -> int:
    for worker in list(_started):
        if worker.poll() is not None:
            with suppress(ValueError):  # another thread starts a run as well, and was first
                _started.remove(worker)
    try:
        with folder.log_path.open("ab") as log:
            worker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", _MODULE, verb, str(folder.path), held.token],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **detached(),
                env=environment(),
            )
    except OSError as error:
        raise StoreError(f"{folder.log_path}: cannot be written: {error.strerror}. Fix the permissions.") from error
    _started.append(worker)
    return worker.pid


def _give_up(folder: RunFolder, held: Claim) -> None:
    with suppress(StoreError):  # what kept the worker from starting is told instead
        give_up(folder, held)


def _note(folder: RunFolder, held: Claim, pid: int) -> None:
    """Until the worker has loaded torch, the launcher says who it is."""
    with suppress(StoreError):  # the worker will say so itself
        hand_over(folder, held, pid)


class WarmWorker:
    """A process that has torch loaded and waits: it answers questions about models, and becomes a run's worker without delay.

    Calls block; use them in a thread. A process that died is replaced at the next request.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._requests = 0

    def request(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Ask and wait for the answer.

        Args:
            verb: a question of `workbench.training.questions`, where each says what it takes and gives.
            arguments: JSON values.

        Raises:
            WorkerError: the process died or was let go, or could not answer; the message is one line.
        """
        with self._lock:
            return self._ask(verb, arguments)

    def train(self, folder: RunFolder) -> int:
        """Let the waiting process become the worker of a new run; returns its process id. Another one is started for the next.

        Training goes first: where the process has died, or is still busy with a question, a new one is started for the run.

        Raises:
            UsageError: the run is live already.
            StoreError: the run's folder or the worker's log cannot be written.
        """
        held = claim(folder)
        try:
            pid = self._become(folder, held) or _launch(folder, held)
        except BaseException:
            _give_up(folder, held)
            raise
        _note(folder, held, pid)
        return pid

    def _become(self, folder: RunFolder, held: Claim) -> int:
        """The waiting process's id once it has agreed to be the run's worker; 0 when it cannot."""
        if not self._lock.acquire(timeout=_FREE_S):
            return 0
        try:
            answer = self._ask("train", {"run": str(resolved(folder.path)), "owner": held.token})
            process, self._process = self._process, None
        except WorkerError:
            return 0
        finally:
            self._lock.release()
        if process is not None:
            _close_pipes(process)
            _started.append(process)
        return int(answer["pid"])

    def warm_up(self) -> None:
        """Start the process ahead of the first request; returns at once."""
        with self._lock, suppress(WorkerError):  # let go already
            self._running()

    def interrupt(self) -> None:
        """End the process in the midst of a request, which then fails; the next request starts another one."""
        self._end(patience_s=0)

    def close(self) -> None:
        """End the waiting process for good, also in the midst of a request, which then fails. Runs that it became go on."""
        self._closed = True
        self._end()

    def _end(self, patience_s: float = _END_S) -> None:
        process, self._process = self._process, None
        if process is not None:
            stdin, _ = _pipes(process)
            with suppress(OSError):  # it is gone, and with it what was buffered for it
                stdin.close()
            try:
                process.wait(timeout=patience_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _close_pipes(process)  # not before: closing what a thread reads from waits for that thread

    def _ask(self, verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        process = self._running()
        self._requests += 1
        stdin, stdout = _pipes(process)
        try:
            stdin.write(json.dumps({"id": self._requests, "verb": verb, "arguments": arguments}) + "\n")
            stdin.flush()
            line = stdout.readline()
        except (OSError, ValueError) as error:
            line = ""
            reason = str(error)
        else:
            reason = "it ended"
        if not line:
            self._end()
            raise WorkerError(f"worker: no answer to '{verb}': {reason}. It is started again; try once more.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(str(answer["error"]))
        return {key: value for key, value in answer.items() if key != "id"}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            _close_pipes(self._process)
            self._process = None
        if self._process is None and not self._closed:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", _MODULE, "serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                **detached(),
                env=environment(),
            )
        process = self._process
        if self._closed or process is None:  # let go, perhaps while it was starting
            self._end()
            raise WorkerError("worker: it was let go before it was asked.")
        return process


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise WorkerError("worker: started without pipes; expected both. Report this as a bug.")
    return process.stdin, process.stdout


def _close_pipes(process: subprocess.Popen[str]) -> None:
    for pipe in _pipes(process):
        try:
            pipe.close()
        except OSError:  # the process is gone, and with it what was buffered for it
            continue


def environment() -> dict[str, str]:
    """The environment of our own processes: OpenMP's threads sleep, CUDA's products come out the same, this package is found."""
    environment = dict(os.environ)
    environment.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    environment.setdefault("OMP_WAIT_POLICY", "passive")
    home = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([home, *filter(None, [environment.get("PYTHONPATH")])])
    return environment
