"""Workers that are forked, in tests of what workers do: a fresh one takes 1.8 s of processor time to import torch, each time.

One process of each pytest worker has torch and the worker's module imported, and forks at request. A fork has the environment,
the folder, the streams and a session of its own as if it were started, and goes through the module from its first line to the
end of an interpreter's life. How a real one is started, `tests/training/test_launch.py` and `tests/e2e/` try.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any
from unittest.mock import patch

__all__ = ["forking_workers"]

_ROOT = Path(__file__).parents[1]
_MODULE = "workbench.training.worker"
_VERBS = ("train", "serve")
"""Lives that begin with torch; a run that waits for its turn has a process without it."""
_MOST_BYTES = 200_000
"""Of a request: words and environment."""
_ORDER = SimpleNamespace(lock=threading.Lock(), control=None, process=None)
"""The process that forks, once it was needed."""


# Here ----------------------------------------------------------------------------------------------------------------


class Forked:
    """What `subprocess.Popen` gives, of a worker that the other process forked."""

    def __init__(self, words: Sequence[str], *, env: Mapping[str, str], text: bool = False, **streams: Any) -> None:
        self.args = words
        self.returncode: int | None = None
        self.stdin: IO[Any] | None = None
        self.stdout: IO[Any] | None = None
        self._lock = threading.Lock()
        self._ended, told = os.pipe()
        given, opened = [], []
        for name in ("stdin", "stdout", "stderr"):
            wanted = streams[name]
            if wanted == subprocess.PIPE:
                reader, writer = os.pipe()
                end, ours, mode = (reader, writer, "w") if name == "stdin" else (writer, reader, "r")
                setattr(self, name, os.fdopen(ours, mode if text else f"{mode}b"))  # whoever asked for it closes it
                opened.append(end)
            elif wanted == subprocess.DEVNULL:
                end = os.open(os.devnull, os.O_RDWR)
                opened.append(end)
            else:
                end = wanted.fileno()
            given.append(end)
        request = {"words": list(words[3:]), "folder": str(Path.cwd()), "environment": dict(env)}
        try:
            self.pid = _fork(request, [*given, told])
        finally:
            for end in (*opened, told):
                os.close(end)

    def poll(self) -> int | None:
        """How it ended, or None."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""
        with self._lock:
            if self.returncode is None:
                if not select.select([self._ended], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired(list(self.args), timeout or 0)
                self.returncode = int(os.read(self._ended, 100) or -signal.SIGKILL)
                os.close(self._ended)
            return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is there."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        if self.returncode is None:
            os.close(self._ended)


def _fork(request: Mapping[str, Any], files: Sequence[int]) -> int:
    with _ORDER.lock:
        if _ORDER.process is None or _ORDER.process.poll() is not None:
            _ORDER.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            words = [sys.executable, "-m", "tests.zygote", str(theirs.fileno())]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
            _ORDER.process = subprocess.Popen(
                words, cwd=_ROOT, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
            )
            theirs.close()
        socket.send_fds(_ORDER.control, [json.dumps(request).encode()], files)
        return int(_ORDER.control.recv(100))


@contextmanager
def forking_workers() -> Iterator[None]:
    """Let workers be forks, but those for which a test has put something of its own in the place of `subprocess.Popen`."""
    from workbench.training import launch

    real = subprocess.Popen

    def begin(words: Sequence[str], **options: Any) -> Any:
        if subprocess.Popen is not real or words[1:3] != ["-m", _MODULE] or words[3] not in _VERBS:
            return subprocess.Popen(words, **options)
        options.pop("start_new_session")  # each fork has one
        return Forked(words, **options)

    stands_in = SimpleNamespace(**{**vars(subprocess), "Popen": begin})
    with patch.object(launch, "subprocess", stands_in):
        yield


def end() -> None:
    """Let the other process end; its forks go on."""
    if _ORDER.process is not None:
        _ORDER.control.close()
        _ORDER.process.wait(60)
        _ORDER.process = None


# There ---------------------------------------------------------------------------------------------------------------


def _serve(control: socket.socket) -> list[str] | None:
    """Fork at each request until there is nobody to ask; returns the words of the worker to become, in a fork."""
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 1000)
            _tell(told)
        if control.fileno() in ready:
            message, files, _, _ = socket.recv_fds(control, _MOST_BYTES, 4)
            if not message:
                return None
            child = os.fork()
            if not child:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (woken, wakes, *told.values()):
                    os.close(end)
                control.close()
                return _born(json.loads(message), files)
            for end in files[:3]:
                os.close(end)
            told[child] = files[3]
            control.send(str(child).encode())


def _tell(told: dict[int, int]) -> None:
    """Say of each fork that has ended how it did."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            end = told.pop(ended[0])
            with suppress(BrokenPipeError):
                os.write(end, str(os.waitstatus_to_exitcode(ended[1])).encode())
            os.close(end)


def _born(request: Mapping[str, Any], files: Sequence[int]) -> list[str]:
    """Take the place that was meant for the worker."""
    os.setsid()
    for number, end in enumerate(files[:3]):
        os.dup2(end, number)
    for end in files:
        os.close(end)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    words: list[str] = request["words"]
    return words


def main(control: socket.socket) -> None:
    """Have everything ready, serve; go on as the worker in a fork."""
    gc.disable()
    importlib.import_module("workbench.training.serve")
    gc.collect()
    gc.freeze()
    gc.enable()
    words = _serve(control)
    if words is not None:
        sys.argv = [_MODULE, *words]
        del sys.modules[_MODULE]  # it is the program, as in a process of its own
        runpy.run_module(_MODULE, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
