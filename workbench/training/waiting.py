"""A worker that waits for a free core before it loads torch and trains."""

from __future__ import annotations

import time

from workbench.errors import StoreError
from workbench.runs.folder import RunFolder
from workbench.runs.queue import QUEUED, place_in_queue
from workbench.runs.writer import RunWriter
from workbench.system import cores
from workbench.training.run_control import RunControl

__all__ = ["wait_for_core"]

LOOK_EVERY_S = 1.0
"""Time between two looks at the other runs."""


def wait_for_core(folder: RunFolder, writer: RunWriter, control: RunControl) -> bool:
    """Return when it is the run's turn to be trained, or it is asked to end; whether it is its turn.

    Args:
        folder: the run, in state `starting`.
        writer: its database.
        control: what it is asked for meanwhile; it can be stopped, and nothing else.
    """
    since = time.time()
    writer.set_meta(QUEUED, since)
    wanted = max(1, folder.experiment().training.threads)
    told, next_look = False, 0.0
    while True:
        for request in control.wait():
            if request.verb in ("stop", "terminate"):
                state = "stopped" if request.verb == "stop" else "paused"
                writer.set_status(state, step=0)
                writer.event(state, "it was still waiting for a free core", 0)
                writer.set_meta(QUEUED, None)
                control.answer(request, "done")
                writer.decline("the run has ended")
                return False
            control.answer(request, "the run waits for a free core; it can only be stopped")
        if time.monotonic() < next_look:
            continue
        next_look = time.monotonic() + LOOK_EVERY_S
        try:
            place = place_in_queue(folder, since)
        except StoreError:  # the folder of runs cannot be read just now
            continue
        if place.is_turn(wanted, cores()):
            writer.set_meta(QUEUED, None)
            return True
        if not told:
            writer.event("notice", f"waits for a free core: {place.words(cores())}", 0)
            told = True
