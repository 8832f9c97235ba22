"""How fast runs are written, opened and listed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.benchmarks.result import Result
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter

MILLION = 1_000_000
NUM_RUNS = 1000


def log_cost_us(folder: RunFolder, steps: int, chunks: int = 20) -> float:
    """Mean time of one `log` with three scalars, commits included, in microseconds: that of the quietest chunk of steps.

    A chunk spans many commits, so none of their cost is hidden; other processes' load is.
    """
    writer = RunWriter(folder)
    costs = []
    for chunk in range(chunks):
        first = chunk * steps // chunks + 1
        start = time.perf_counter()
        for step in range(first, first + steps // chunks):
            scalars = {"train/loss": 1 / step, "train/grad_norm": float(step % 97), "train/lr": 1e-3}
            writer.log(step, scalars, step * 1e-3, step * 64)
        costs.append((time.perf_counter() - start) / (steps // chunks) * 1e6)
    writer.set_status("finished")
    writer.close()
    return min(costs)


def poll_cost_us(folder: RunFolder, calls: int = 100_000) -> float:
    """Mean time of one `take_commands` that finds nothing, in microseconds."""
    writer = RunWriter(folder)
    start = time.perf_counter()
    for _ in range(calls):
        writer.take_commands()
    cost = (time.perf_counter() - start) / calls * 1e6
    writer.close()
    return cost


def open_seconds(folder: RunFolder) -> float:
    """Time to open a run and read its latest values and two curves of 200 columns."""
    start = time.perf_counter()
    with RunReader(folder) as reader:
        reader.status()
        reader.latest_values()
        for tag in ("train/loss", "train/grad_norm"):
            reader.buckets(tag, 200)
    return time.perf_counter() - start


def listing_seconds(root: Path) -> tuple[float, float]:
    """Time to list the runs of a folder without and with the cache."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        runs = list_runs(root)
        times.append(time.perf_counter() - start)
        if len(runs) != NUM_RUNS:
            raise RuntimeError(f"{root}: {len(runs)} runs listed; expected {NUM_RUNS}")
    return times[0], times[1]


def main() -> list[Result]:
    """Measure the writing, opening and listing of runs."""
    experiment = Experiment.from_dict(
        {"model": {"name": "lstm"}, "data": {"name": "adding"}, "optimizer": {"name": "adam"}}, where="benchmark"
    )
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(root / "cache")  # the listing's cache is thrown away too
        large = RunFolder.create(root / "large", experiment)
        log_us = log_cost_us(large, MILLION)
        poll_us = poll_cost_us(RunFolder.create(root / "polled", experiment))
        opened_s = open_seconds(large)
        original = RunFolder.create(root / "original", experiment)
        log_cost_us(original, 200)
        for number in range(NUM_RUNS):
            shutil.copytree(original.path, root / "many" / f"20260101-000000-lstm-adding-{number:04x}")
        _, listed_s = listing_seconds(root / "many")
    return [
        Result.below("log three scalars, commits included", log_us, 8, "us"),
        Result.below("poll for commands", poll_us, 20, "us"),
        Result.below("open a run of one million steps, with two curves", opened_s, 0.5, "s"),
        Result.below("list 1,000 runs", listed_s, 0.3, "s"),
    ]
