"""Whether the process that belongs to a run is still there: by pid and start time, since pids are used again."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

from workbench.runs.records import LIVE_STATES

__all__ = ["GRACE_S", "host_name", "is_alive", "is_here", "place_of", "process_start", "real_state"]

GRACE_S = 30.0
"""How long a sign of life counts where no process can be looked up: on another host."""

_START_TOLERANCE_S = 2.0  # of earlier versions: Linux has Unix times derived from the boot time, which moves with the clock
_SAME_START_S = 0.02
_START_FIELD = 19
"""Of /proc/PID/stat, counted behind the process's name: its start in ticks since the boot."""
_UNIX_TIMES_FROM = 1e8
"""Seconds: no machine has been up for so long, and no process is so old."""


def host_name() -> str:
    """This machine's name, as runs note it."""
    return socket.gethostname()


def process_start(pid: int | None = None) -> float:
    """When a process (this one by default) began, in seconds: since the boot where that is known, else as Unix time.

    A Unix time would be another one on Linux once the clock has been set, and the process taken for a stranger.

    Raises:
        ProcessLookupError: there is no such process.
    """
    import psutil

    pid = os.getpid() if pid is None else pid
    try:
        since_boot = _since_boot(pid)
        return float(psutil.Process(pid).create_time()) if since_boot is None else since_boot
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(pid) from error


def _since_boot(pid: int) -> float | None:
    """Seconds from the boot to a process's start, None where the system does not tell them."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def is_alive(pid: int, started: float) -> bool:
    """Whether process `pid` exists, began at `started` (see `process_start`) and is not a zombie."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if started >= _UNIX_TIMES_FROM:
            return abs(process.create_time() - started) <= _START_TOLERANCE_S
        since_boot = _since_boot(pid)
        return since_boot is not None and abs(since_boot - started) <= _SAME_START_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # it exists, but belongs to someone else


def place_of(folder: Path) -> list[int]:
    """What tells a folder from its copies: the file system's own numbers for it, which stay when it is moved there."""
    status = os.stat(folder)  # noqa: PTH116 - a thousand runs are looked at
    return [status.st_dev, status.st_ino]


def is_here(place: Any, folder: Path) -> bool:
    """Whether a folder is the one in which a worker noted its place. Earlier versions noted none."""
    try:
        return not isinstance(place, list) or place == place_of(folder)
    except OSError:
        return False


def real_state(  # noqa: PLR0913 - the facts, as they are written
    state: str, pid: int | None, started: float | None, heartbeat: float, host: str, *, here: bool = True
) -> tuple[str, bool]:
    """What a state that was written down means now.

    Args:
        state: as written.
        pid: the process that works on the run or starts its worker, None when there is none any more.
        started: when that process began, see `process_start`.
        heartbeat: last sign of life, Unix time in seconds; one from the future, by a clock that was set back, counts.
        host: machine that the worker runs on.
        here: whether this is the folder that the worker works in; a copy takes along what was written, not the process.
    Returns:
        The state, `lost` when its process is gone, and whether a process belongs to the run.
    """
    if state not in LIVE_STATES:
        return state, False
    if pid is None:
        return (state, False) if state == "paused" else ("lost", False)
    if host == host_name() and not here:
        return "lost", False
    alive = is_alive(pid, started or 0.0) if host == host_name() else time.time() - heartbeat < GRACE_S
    return (state, True) if alive else ("lost", False)
