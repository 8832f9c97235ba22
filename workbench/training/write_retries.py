"""Writing what cannot be written now: the disk is full, or another process holds the database. The run waits, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from workbench.errors import BusyError, DiskFullError, StoreError
from workbench.runs.records import WAITS
from workbench.runs.writer import RunWriter
from workbench.training.run_control import WAIT_S, RunControl

__all__ = ["Insisting", "Standing"]

MOST_WAIT_S = 1.0
"""Longest time between two tries; what is tried may be a checkpoint of many megabytes."""


class Standing(NamedTuple):
    """Where a run stands: its state, as it is to be written down, and its step."""

    state: str
    step: int


class Insisting:
    """Does things that the disk or another process may not allow now.

    Args:
        writer: the run's.
        control: asked meanwhile whether the run is to end.
        standing: tells where the run stands.
    """

    def __init__(self, writer: RunWriter, control: RunControl, standing: Callable[[], Standing]) -> None:
        self._writer = writer
        self._control = control
        self._standing = standing

    def __call__(self, action: Callable[[], bool | None], problem: StoreError | None = None) -> None:
        """Do something; where it is not possible now, the run is `paused` until it is.

        Args:
            action: what is to be done; it may be tried many times. False means not yet.
            problem: why it could not be done so far, None when it has not been tried.
        Raises:
            StoreError: it was not possible until the run was asked to end.
        """
        trouble = problem or self._try(action)
        if trouble is None:
            return
        self._say_waiting(trouble)
        pause_s, due = WAIT_S, 0.0
        while trouble is not None:
            if self._asked_to_end():
                raise trouble
            time.sleep(WAIT_S)
            if time.monotonic() < due:
                continue
            # what was held back for the word that the disk is full is no room to go on with: without it, nothing could be said
            trouble = self._try(action) if self._writer.room.keep() else trouble
            pause_s = min(2 * pause_s, MOST_WAIT_S)
            due = time.monotonic() + pause_s
        state, step = self._standing()
        with suppress(DiskFullError), self._writer.together():  # what is noted is kept
            self._writer.set_status(state)
            self._writer.event("resumed", "going on: it can be written again", step)

    def _try(self, action: Callable[[], bool | None]) -> StoreError | None:
        """Why it could not be done, None when it has been."""
        try:
            done = action() is not False
        except (DiskFullError, BusyError) as error:
            return error
        return None if done else BusyError(f"{self._writer.folder.path}: held by another process")

    def _say_waiting(self, problem: StoreError) -> None:
        """The state is `paused` for as long as that lasts, with the reason among the events."""
        step = self._standing().step
        message = f"waiting, nothing is lost: {problem}"
        if isinstance(problem, DiskFullError):
            self._writer.tell("paused", message, step, {WAITS: True})
            return
        with suppress(DiskFullError), self._writer.together():
            self._writer.set_status("paused", step=step)
            self._writer.event("paused", message, step, {WAITS: True})

    def _asked_to_end(self) -> bool:
        """Whether a signal or a command asks that the run end instead of waiting; what else is asked for is done later."""
        requests = self._control.poll()
        ends = [request for request in requests if request.verb in ("stop", "terminate")]
        for request in requests:
            if request.verb == "resume" or request in ends:
                self._control.answer(request, "done")
            else:
                self._control.later.append(request)
        return bool(ends)
