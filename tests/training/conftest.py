"""No worker outlives the test that started it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from workbench.training import launch


@pytest.fixture(autouse=True)
def no_worker_left() -> Iterator[None]:
    """End and wait for every worker that a test started."""
    yield
    for worker in launch._started:
        if worker.poll() is None:
            os.kill(worker.pid, signal.SIGTERM)
            worker.wait(60)
    launch._started.clear()
