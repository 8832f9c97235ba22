"""Waiting for another process in tests: for what it does, not for time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["wait_until"]


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 90.0) -> None:
    """Return as soon as the condition holds; fail with `what` when it does not in time."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s in vain for {what}"
        pause.wait(0.02)
