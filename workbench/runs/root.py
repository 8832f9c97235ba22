"""Where runs live. Apart from `folder.py` since the first frame needs no more than this."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.paths import checked_path

__all__ = ["RUNS_ENV", "default_root"]

RUNS_ENV = "WORKBENCH_RUNS"
"""Environment variable that names the folder of all runs."""


def default_root() -> Path:
    """Where runs live: the folder that WORKBENCH_RUNS names, else ./runs.

    Raises:
        UsageError: what it names cannot be a path.
    """
    return checked_path(os.environ.get(RUNS_ENV) or "runs", RUNS_ENV)
