"""Runs many trials, several at a time, each in a worker process of its own, and tells what happens as it happens."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from workbench.errors import StoreError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import launch
from workbench.verification.claims import Outcome, Trial
from workbench.verification.values import run_values

__all__ = ["Ended", "Event", "Moved", "Started", "run_trials"]

_POLL_EVERY_S = 0.1
_END_WITHIN_S = 5.0
"""How long a worker that is asked to end may take; then it is killed."""


@dataclass(frozen=True)
class Started:
    """A trial's process has been started."""

    trial: Trial
    total: int


@dataclass(frozen=True)
class Moved:
    """A trial has come to another step."""

    trial: Trial
    step: int


@dataclass(frozen=True)
class Ended:
    """A trial has ended, well or not."""

    trial: Trial
    outcome: Outcome


Event = Started | Moved | Ended


@dataclass
class _Live:
    """A trial that is being run."""

    trial: Trial
    folder: RunFolder
    process: psutil.Process
    began: float
    step: int = 0


def run_trials(
    trials: Sequence[Trial], experiments: Mapping[str, Experiment], root: Path, jobs: int, *, keep: bool = True
) -> Generator[Event, None, None]:
    """Run trials in their order, at most `jobs` at a time.

    However the iteration ends (closed, interrupted, by an error), no worker that it started is left. A trial that fails is an
    outcome like any other and the next ones go on.

    Args:
        trials: what to run.
        experiments: by preset, what is trained; the seed is set here.
        root: folder in which the runs are made.
        jobs: workers at a time.
        keep: whether the runs' folders stay once their values are read.
    Raises:
        StoreError: the folder cannot be written.
    """
    waiting = list(trials)
    live: list[_Live] = []
    try:
        while waiting or live:
            while waiting and len(live) < jobs:
                begun = _begin(waiting.pop(0), experiments, root)
                live.append(begun)
                yield Started(begun.trial, experiments[begun.trial.preset].training.steps)
            time.sleep(_POLL_EVERY_S)
            for one in list(live):
                if _is_over(one.process):
                    live.remove(one)
                    outcome = _outcome(one)
                    if not keep:
                        shutil.rmtree(one.folder.path, ignore_errors=True)
                    yield Ended(one.trial, outcome)
                elif (step := _step(one.folder)) != one.step:
                    one.step = step
                    yield Moved(one.trial, step)
    finally:
        _end([one.process for one in live])


def _begin(trial: Trial, experiments: Mapping[str, Experiment], root: Path) -> _Live:
    experiment = experiments[trial.preset].with_changes({"training.seed": trial.seed})
    folder = RunFolder.create(root, experiment, preset=trial.preset)
    began = time.monotonic()
    return _Live(trial, folder, psutil.Process(launch.start(folder)), began)


def _is_over(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _step(folder: RunFolder) -> int:
    try:
        with RunReader(folder) as reader:
            return int(reader.written_status()["step"])
    except StoreError:  # the worker is in the middle of something; the next look sees it
        return 0


def _outcome(ended: _Live) -> Outcome:
    """What a run that has ended left behind."""
    seconds = time.monotonic() - ended.began
    try:
        with RunReader(ended.folder) as reader:
            state, values = reader.status().state, run_values(reader)
            instructions = str(reader.meta().get("instructions", ""))
            reasons = [event.message for event in reader.events() if event.kind == "failed"]
    except StoreError as error:
        return Outcome({}, seconds, str(error))
    if state == "finished":
        return Outcome(values, seconds, instructions=instructions)
    reason = " ".join(reasons[-1].split()) if reasons else "its process ended without a word."
    return Outcome(values, seconds, f"{state}: {reason}", instructions)


def _end(processes: Sequence[psutil.Process]) -> None:
    """Ask workers to end, and kill those that take too long."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(list(processes), timeout=_END_WITHIN_S)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=_END_WITHIN_S)
