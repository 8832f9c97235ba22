"""What of a run can be claimed: last and highest values, however the run went."""

from __future__ import annotations

import math
from pathlib import Path

from tests.training.driving import experiment
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter
from workbench.verification.values import run_values


def test_values_of_a_run(tmp_path: Path) -> None:
    """The last value of each series by its tag, the highest by `max` and its tag; not a number counts as infinite there."""
    folder = RunFolder.create(tmp_path, experiment())
    writer = RunWriter(folder)
    for step, (loss, norm) in enumerate([(1.0, 3.0), (7.0, math.nan), (2.0, 1.0)], 1):
        writer.log(step, {"train/loss": loss, "train/grad_norm": norm}, 0.1 * step, step)
    writer.close()
    with RunReader(folder) as reader:
        assert run_values(reader) == {
            "train/loss": 2.0,
            "max train/loss": 7.0,
            "train/grad_norm": 1.0,
            "max train/grad_norm": math.inf,
        }
