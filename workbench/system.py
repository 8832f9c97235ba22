"""What differs between operating systems, at one place. Nothing of ours is imported here, and nothing that only one system has.

Linux is where the workbench is made and tested; macOS takes the same ways. Windows lacks signals, folders that can be synced and
files that can be replaced while somebody reads them: each function here says what is done instead. That is tested with an
operating system that has been stripped of the same things, not on Windows itself; `SUPPORT` says so to whoever asks.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

__all__ = [
    "SUPPORT",
    "cores",
    "detached",
    "ignore_signals",
    "is_windows",
    "lock_file",
    "notice",
    "remove",
    "replace",
    "sync_file",
    "sync_folder",
    "write_whole",
]

SUPPORT = {
    "linux": "supported and tested",
    "darwin": "supported; takes the same ways as Linux, not tested there",
    "win32": "expected to work, not tested there; where something does not, use WSL, which is Linux",
}
"""What is known of each system, by `sys.platform`."""


def notice() -> str:
    """What who starts the workbench should know of this system, as a line; "" where it takes the ways of Linux."""
    if sys.platform in ("linux", "darwin"):
        return ""
    known = SUPPORT.get(sys.platform, "nobody has tried this system; use Linux or macOS, or WSL under Windows")
    return f"workbench: {'Windows' if is_windows() else sys.platform}: {known}."


_NO_SYNC = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.EISDIR, errno.EBADF, errno.ENOSYS})
"""What systems answer that know no syncing of such a file; a disk that fails answers something else."""
_BUSY_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Waits for a reader to let go of a file."""


def is_windows() -> bool:
    """Whether this is Windows; asked each time, so that a test may say so."""
    return sys.platform == "win32"


def ignore_signals(*names: str) -> None:
    """Ignore signals from now on, those that this system has ("SIGHUP" is not known to Windows)."""
    for name in names:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)


def detached() -> dict[str, Any]:
    """Arguments of `subprocess.Popen` for a process that outlives the terminal: a session of its own.

    Windows has no sessions of that kind; there the process gets no console and a group of its own, so that neither a closed
    window nor a Ctrl-C reaches it.
    """
    if not is_windows():
        return {"start_new_session": True}
    flags = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")
    return {"creationflags": sum(getattr(subprocess, flag, 0) for flag in flags)}


def cores() -> int:
    """Cores that this process may use: those it is bound to where the system says so, else all of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def sync_file(path: Path) -> None:
    """Have the disk keep what was written to a file. Windows syncs only what is open for writing.

    Raises:
        OSError: the disk could not keep it.
    """
    _sync(path, os.O_RDWR if is_windows() else os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Have the disk keep a folder's list of names, on systems where a folder can be opened.

    Raises:
        OSError: the disk could not keep it.
    """
    if not is_windows():
        _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in _NO_SYNC and path.exists():
            return
        raise
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Put one file in the place of another, in one move. Windows refuses while somebody reads the other one: wait a moment.

    Raises:
        OSError: it could not be done.
    """
    for seconds in _BUSY_S if is_windows() else ():
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    source.replace(target)


def remove(path: Path) -> bool:
    """Remove a file that may be gone already; whether it is gone now. Windows keeps a file that somebody reads: it is left then.

    Raises:
        OSError: it could not be removed, for another reason.
    """
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        if not is_windows():
            raise
        return False
    return True


def lock_file(path: Path) -> IO[bytes] | None:
    """Hold a file, which is made where it is missing, until it is closed or this process ends; None where another one holds it.

    It is open for reading and writing, at its beginning.

    Raises:
        OSError: it cannot be made or held.
    """
    file = path.open("a+b")
    file.seek(0)
    try:
        if is_windows():
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            raise
        return None
    return file


def write_whole(path: Path, text: str, *, new: bool = False) -> None:
    """Write a small text file, whole or not at all, whoever writes it at the same time; its folder is made where it is missing.

    A file that is a link stays one: what it leads to is written.

    Args:
        path: the file.
        text: what stands in it then.
        new: whether it must not be there yet.

    Raises:
        FileExistsError: it is there and must not be.
        OSError: it could not be written; what was there stays.
    """
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.stem[:40]}-{os.urandom(6).hex()}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        with suppress(FileNotFoundError):
            temporary.chmod(target.stat().st_mode & 0o777)
        sync_file(temporary)
        _put_new(temporary, target) if new else replace(temporary, target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put_new(source: Path, target: Path) -> None:
    """Give a file its name, unless something has it: in one move, so that of two writers one is told."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with target.open("x"):
            pass
        replace(source, target)
