"""A folder that a program under test, and all that it starts, cannot write outside of; and what it left running."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["end_all", "left_behind", "make_sandbox"]

MARK = "WORKBENCH_TEST_SANDBOX"
"""Environment variable that names the sandbox; every process started inside inherits it."""

_GUARD = '''
"""Refuses every write outside of the sandbox, as a file system would that is mounted read-only."""
import errno, os, sys

_ROOM = os.environ["WORKBENCH_TEST_SANDBOX"]
_FREE = (_ROOM, "/dev/", "/proc/self/")
_PATHS = {
    "os.mkdir": (0,), "os.rmdir": (0,), "os.remove": (0,), "os.rename": (0, 1), "os.link": (1,), "os.symlink": (1,),
    "os.truncate": (0,), "os.chmod": (0,), "os.utime": (0,), "shutil.rmtree": (0,), "sqlite3.connect": (0,),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _refuse(path):
    if isinstance(path, int) or path is None:
        return
    path = os.fsdecode(path)
    if path.startswith(("file:", ":memory:")) or not path:
        return
    full = os.path.realpath(path)
    if not full.startswith(_FREE) and full != _ROOM.rstrip("/"):
        raise PermissionError(errno.EROFS, "Read-only file system", path)


def _hook(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(flags, int) and flags & _WRITES:
            _refuse(path)
    elif event in _PATHS:
        if event == "sqlite3.connect" and os.path.exists(arguments[0]):
            return
        for place in _PATHS[event]:
            _refuse(arguments[place])


sys.addaudithook(_hook)
'''


def make_sandbox(place: Path) -> dict[str, str]:
    """Furnish a folder with a home, a temporary folder and a working folder `work`; the environment of who lives in it."""
    room = place.resolve()
    for name in ("home", "tmp", "work", "guard", "config", "runs"):
        (room / name).mkdir(parents=True, exist_ok=True)
    (room / "guard" / "sitecustomize.py").write_text(_GUARD)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH", "SSH_", "XDG_", "PYTEST"))}
    return {
        **kept,
        MARK: f"{room}/",
        "HOME": str(room / "home"),
        "TMPDIR": str(room / "tmp"),
        **{f"XDG_{name}_HOME": str(room / "home" / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")},
        "WORKBENCH_CONFIG": str(room / "config"),
        "WORKBENCH_RUNS": str(room / "runs"),
        "BROWSER": "true",  # a link that is clicked opens nothing
        "EDITOR": "true",  # and a text that is edited stays as it is
        "VISUAL": "true",
        "PYTHONPATH": os.pathsep.join([str(room / "guard"), str(Path(__file__).resolve().parents[2])]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
    }


def left_behind(place: Path) -> list[int]:
    """Processes that live in the sandbox, by id, without this one. Linux; elsewhere none is found."""
    mark = f"{MARK}={place.resolve()}/".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        with suppress(OSError):
            lives = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if int(entry.name) != os.getpid() and lives and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def end_all(place: Path) -> None:
    """End every process of the sandbox."""
    for pid in left_behind(place):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
