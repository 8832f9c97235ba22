"""Runs in real worker processes that are killed, ended and gone on with."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.driving import experiment, new_run, scalars_of, status_of, steps_of, wait_for
from tests.waiting import wait_until
from workbench.experiment import Experiment
from workbench.runs.control import send, wait
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import launch
from workbench.training.checkpoint_files import list_checkpoints
from workbench.training.checkpoints import load_checkpoint

GENERATED: dict[str, Any] = {
    "model": {"name": "lstm", "hidden_size": 12, "num_layers": 2, "dropout": 0.2},
    "data": {"name": "echo", "length": 12, "delay": 3},
    "optimizer": {"name": "adam", "lr": 5e-3, "schedule": "cosine", "warmup_steps": 50},
    "training": {"steps": 600, "batch_size": 8, "eval_every": 150, "checkpoint_every": 40, "clip_norm": 1.0},
}
MNIST: dict[str, Any] = {
    "model": {"name": "bp", "hidden_size": 8},
    "data": {"name": "mnist"},
    "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "schedule": "step", "decay_every": 90},
    "training": {"steps": 600, "batch_size": 128, "eval_every": 200, "checkpoint_every": 70},
}


def killed_until_done(folder: RunFolder, times: int, seed: int) -> None:
    """Train a run to its end, killing its worker at random steps on the way and going on each time."""
    rng = random.Random(seed)  # noqa: S311 - moments, not secrets
    pid = launch.start(folder)
    total = folder.experiment().training.steps
    for _ in range(times):
        target = steps_of(folder) + rng.randint(1, total // (times + 1))
        wait_until(lambda target=target: steps_of(folder) >= target or status_of(folder) == "finished", f"step {target}")  # type: ignore[misc]
        if status_of(folder) == "finished":
            break
        os.kill(pid, signal.SIGKILL)
        wait_for(folder, "lost")
        pid = launch.resume(folder)
    wait_for(folder, "finished", "failed")


def final_weights(folder: RunFolder) -> dict[str, torch.Tensor]:
    return load_checkpoint(list_checkpoints(folder)[-1].path).model


@pytest.mark.parametrize("values", [GENERATED, MNIST], ids=["generated, dropout, cosine", "mnist mid-epoch, momentum, step"])
def test_a_killed_run_equals_one_that_was_not(values: dict[str, Any], tmp_path: Path) -> None:
    """After kill -9 at random moments and resuming, weights and every logged scalar are bitwise those of a run left alone."""
    wanted = Experiment.from_dict(values)
    whole, killed = new_run(tmp_path, wanted), new_run(tmp_path, wanted)
    launch.start(whole)
    wait_for(whole, "finished", "failed")
    killed_until_done(killed, times=3, seed=7)
    assert status_of(whole) == status_of(killed) == "finished"
    assert scalars_of(whole) == scalars_of(killed)
    expected, found = final_weights(whole), final_weights(killed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_worker_rewinds_by_itself(tmp_path: Path) -> None:
    """Told to rewind, a worker whose loss explodes goes back and on with half the rate, until it ends well."""
    wanted = experiment(
        optimizer__name="sgd",
        optimizer__lr=1000,
        model__activation="relu",
        training__checkpoint_every=20,
        training__on_nonfinite="rewind",
    )
    folder = new_run(tmp_path, wanted)
    launch.start(folder)
    wait_for(folder, "finished", "failed")
    with RunReader(folder) as reader:
        rewound = [event for event in reader.events() if event.kind == "nonfinite"]
        steps, losses = reader.scalars("train/loss")
        _, rates = reader.scalars("train/lr")
        assert reader.status().state == "finished"
    assert rewound
    assert {event.data["policy"] for event in rewound} == {"rewind"}
    assert steps.tolist() == list(range(1, 21))
    assert np.isfinite(losses).all()
    assert rates[-1] == 1000 / 2 ** len(rewound)
    assert all(tensor.isfinite().all() for tensor in final_weights(folder).values())


def test_nothing_older_than_a_tenth_of_a_second_is_lost(tmp_path: Path) -> None:
    """After kill -9 every step that was done 100 ms before is in run.db, and every checkpoint loads."""
    folder = new_run(tmp_path, Experiment.from_dict(GENERATED, changes={"training.steps": 100_000}))
    pid = launch.start(folder)
    wait_until(lambda: steps_of(folder) > 300, "300 steps")
    with RunReader(folder) as reader:
        before, seen = time.time(), int(reader.status().step)
    wait_until(lambda: time.time() > before + 0.1, "the clock")
    os.kill(pid, signal.SIGKILL)
    wait_for(folder, "lost")
    with RunReader(folder) as reader:
        steps, _ = reader.scalars("train/loss")
    assert steps.tolist() == list(range(1, len(steps) + 1))
    assert len(steps) >= seen
    for info in list_checkpoints(folder):
        assert load_checkpoint(info.path).step == info.step


def test_sigterm_saves_and_pauses_and_the_run_goes_on(tmp_path: Path) -> None:
    """SIGTERM ends the worker with exit code 0, state `paused` and a checkpoint of that very step; resume finishes the run."""
    folder = new_run(tmp_path, Experiment.from_dict(GENERATED, changes={"training.checkpoint_every": 0}))
    pid = launch.start(folder)
    wait_until(lambda: steps_of(folder) > 50, "50 steps")
    os.kill(pid, signal.SIGTERM)
    worker = next(process for process in launch._started if process.pid == pid)
    assert worker.wait(60) == 0
    assert status_of(folder) == "paused"
    assert list_checkpoints(folder)[-1].step == steps_of(folder)
    launch.resume(folder)
    wait_for(folder, "finished", "failed")
    assert status_of(folder) == "finished"


def test_commands_reach_a_live_worker_and_survive_a_kill(tmp_path: Path) -> None:
    """Pause, set, checkpoint, evaluate, resume are answered; a change made by hand holds again after kill -9 and resume."""
    folder = new_run(
        tmp_path, Experiment.from_dict(GENERATED, changes={"training.steps": 3000, "optimizer.schedule": "constant"})
    )
    pid = launch.start(folder)
    wait_until(lambda: steps_of(folder) > 60, "60 steps")
    assert wait(folder, send(folder, "pause")) == "done"
    assert status_of(folder) == "paused"
    at = steps_of(folder)
    assert wait(folder, send(folder, "set", **{"optimizer.lr": 1e-4})) == "done"
    assert wait(folder, send(folder, "evaluate")) == "done"
    assert "expected a number above 0" in wait(folder, send(folder, "set", **{"optimizer.lr": 0}))
    assert wait(folder, send(folder, "resume")) == "done"
    wait_until(lambda: steps_of(folder) > at + 20, "twenty steps more")
    os.kill(pid, signal.SIGKILL)
    wait_for(folder, "lost")
    launch.resume(folder)
    wait_until(lambda: steps_of(folder) > at + 40 and status_of(folder) == "running", "the run to go on")
    assert wait(folder, send(folder, "stop")) == "done"
    wait_for(folder, "stopped")
    with RunReader(folder) as reader:
        steps, rates = reader.scalars("train/lr")
    assert set(rates[(steps > 60) & (steps <= at)]) == {5e-3}
    assert set(rates[steps > at]) == {1e-4}
    assert list_checkpoints(folder)[-1].step == steps_of(folder)


def test_a_failed_run_says_why_in_one_line(tmp_path: Path) -> None:
    """A run that becomes non-finite ends `failed` with step, tensor and last good checkpoint; the log keeps its traceback."""
    folder = new_run(
        tmp_path, experiment(optimizer__name="sgd", optimizer__lr=1000, model__activation="relu", training__checkpoint_every=1)
    )
    launch.start(folder)
    wait_for(folder, "failed")
    with RunReader(folder) as reader:
        event = next(event for event in reader.events() if event.kind == "nonfinite")
        last = reader.events()[-1]
    assert "is not finite at step" in event.message
    assert "last good checkpoint: step-" in event.message
    assert last.kind == "failed"
    assert "\n" not in last.message
    assert "Traceback" in folder.log_path.read_text()
