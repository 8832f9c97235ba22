"""The way from a preset to an exported, reloaded model with real processes, from the command line and from Python."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import workbench
from tests.waiting import wait_until
from workbench.cli.app import run as run_command
from workbench.errors import ExportError, RunNotFoundError

EXPERIMENT = """
title = "A small Elman network"

[model]
name = "elman"
hidden_size = 8

[data]
name = "echo"
length = 8
delay = 2

[optimizer]
name = "adam"
lr = 1e-2

[training]
steps = 40
batch_size = 8
eval_every = 20
eval_samples = 50
checkpoint_every = 20
threads = 1
"""


def start(words: Sequence[str], folder: Path, **options: Any) -> subprocess.Popen[str]:
    """Start `workbench` with runs in a folder of its own."""
    environment = {**os.environ, "WORKBENCH_RUNS": str(folder / "runs"), "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
        **options,
    )


def call(folder: Path, *words: str, code: int = 0) -> str:
    """Run `workbench` to its end; what it printed on stdout."""
    process = start(words, folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an experiment and one finished run, `first`."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "small.toml").write_text(EXPERIMENT, encoding="utf-8")
    values = json.loads(call(folder, "run", "small.toml", "--name", "first", "--json"))
    assert (values["state"], values["step"]) == ("finished", 40)
    assert {"test/loss", "test/accuracy", "validation/loss", "train/loss", "train/grad_norm", "train/lr"} <= set(
        values["metrics"]
    )
    assert [checkpoint["step"] for checkpoint in values["checkpoints"]][-1] == 40
    assert all(Path(checkpoint["path"]).is_file() for checkpoint in values["checkpoints"])
    return folder


@pytest.mark.parametrize("name", ["safetensors", "pt", "bundle"])
def test_every_model_export_is_verified_and_loads(home: Path, name: str) -> None:
    """Export, then load what was written: the weights are the run's."""
    values = json.loads(call(home, "export", "first@last", "--format", name, "--json"))
    assert (values["step"], values["format"]) == (40, name)
    assert values["verified"]
    path = Path(values["path"])
    expected = workbench.open_run("first", home / "runs").model("last").state_dict()
    if name == "pt":
        weights = torch.load(path, weights_only=True)
    else:
        loaded = workbench.load_bundle(path)
        assert loaded.step == 40
        assert len(loaded.predict()) > 0
        weights = loaded.model.state_dict()
    assert set(weights) == set(expected)
    assert all(torch.equal(weights[key], expected[key]) for key in expected)


def test_metrics_export_holds_every_value(home: Path) -> None:
    """The CSV has each logged step."""
    values = json.loads(call(home, "export", "first", "--format", "csv", "--out", str(home / "m.csv"), "--json"))
    lines = (home / "m.csv").read_text(encoding="utf-8").splitlines()
    assert Path(values["path"]) == home / "m.csv"
    assert len(lines) > 40


def test_an_export_does_not_replace_without_force(home: Path) -> None:
    """What is there stays until --force says otherwise."""
    place = home / "model.pt"
    place.write_text("mine")
    call(home, "export", "first", "--format", "pt", "--out", str(place), code=2)
    assert place.read_text() == "mine"
    call(home, "export", "first", "--format", "pt", "--out", str(place), "--force")
    assert torch.load(place, weights_only=True)


def test_predictions_answer_what_was_asked(home: Path) -> None:
    """Without an input: samples of the test set with target and verdict."""
    items = json.loads(call(home, "predict", "first@last", "--json"))["items"]
    assert items
    assert all({"input", "target", "predicted", "correct"} <= set(item) for item in items)


def test_a_checkpoint_that_is_not_there_is_named(home: Path) -> None:
    """The message lists those that there are."""
    process = start(["predict", "first@7"], home)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "got checkpoint '7'; expected one of" in err
    assert err.count("\n") == 1


def test_stop_and_resume_give_the_uninterrupted_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was stopped and resumed ends with the same weights as one that was not."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(home / "runs"))
    steps = ["--set", "training.steps=1000", "--set", "training.eval_every=500", "--set", "training.checkpoint_every=0"]
    call(home, "run", "small.toml", *steps, "--name", "whole", "--quiet")
    call(home, "run", "small.toml", *steps, "--name", "halved", "--detach", "--quiet")
    wait_until(lambda: workbench.open_run("halved", home / "runs").status().step > 5, "the first steps")
    assert run_command(["stop", "halved", "--runs-dir", str(home / "runs")]) == 0  # here: a new process takes longer than the run
    assert workbench.open_run("halved", home / "runs").status().state == "stopped"
    resumed = json.loads(call(home, "resume", "halved", "--json"))
    assert (resumed["state"], resumed["step"]) == ("finished", 1000)
    whole, halved = (workbench.open_run(name, home / "runs") for name in ("whole", "halved"))
    weights, again = whole.model("last").state_dict(), halved.model("last").state_dict()
    assert all(torch.equal(weights[key], again[key]) for key in weights)
    for one, other in zip(whole.metrics("train/loss"), halved.metrics("train/loss"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_ctrl_c_stops_with_a_checkpoint(home: Path) -> None:
    """SIGINT to the command: the run stops, keeps a checkpoint, and the way on is printed."""
    process = start(
        ["run", "small.toml", "--name", "interrupted", "--set", "training.steps=1000000"], home, start_new_session=True
    )
    runs = home / "runs"

    def trains() -> bool:
        try:
            return workbench.open_run("interrupted", runs).status().step > 3
        except RunNotFoundError:
            return False

    wait_until(trains, "the first steps")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    run = workbench.open_run("interrupted", runs)
    assert process.returncode == 130
    assert out.splitlines()[-1] == run.id
    assert "workbench resume" in err
    assert run.status().state == "stopped"
    assert run.model("last") is not None


def test_seeds_are_trained_two_at_a_time_and_are_one_group(home: Path) -> None:
    """Three real runs, each as it would be alone; the table's numbers are those of its runs."""
    values = json.loads(call(home, "run", "small.toml", "--seeds", "3", "--jobs", "2", "--name", "wide", "--json"))
    assert values["group"] == "wide"
    assert [run["state"] for run in values["runs"]] == ["finished"] * 3
    scores = [run["metrics"]["test/accuracy"] for run in values["runs"]]
    told = values["metrics"]["test/accuracy"]
    assert (told["n"], told["missing"], told["min"], told["max"]) == (3, 0, min(scores), max(scores))
    assert told["mean"] == pytest.approx(statistics.fmean(scores))
    assert told["sd"] == pytest.approx(statistics.stdev(scores))
    alone = json.loads(call(home, "show", "first", "--json"))
    assert values["runs"][0]["metrics"]["test/accuracy"] == alone["metrics"]["test/accuracy"]
    groups = json.loads(call(home, "runs", "--group", "--json"))
    ids = {run["run"] for run in values["runs"]}
    assert [
        len(ids & {run["run"] for run in group["runs"]}) for group in groups if ids & {run["run"] for run in group["runs"]}
    ] == [3]


def test_an_interrupt_stops_the_runs_of_all_seeds(home: Path) -> None:
    """Each with a checkpoint; what was not started is said."""
    words = ["run", "small.toml", "--seeds", "3", "--jobs", "2", "--name", "cut", "--set", "training.steps=1000000"]
    process = start(words, home, start_new_session=True)

    def going() -> bool:
        listed = json.loads(call(home, "runs", "--filter", "name:cut step>0", "--json"))
        return len(listed) == 2

    wait_until(going, "the first steps of two runs")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Not started: seed 2." in err
    ids = out.splitlines()[-2:]
    for run in ids:
        told = json.loads(call(home, "show", run, "--json"))
        assert told["state"] == "stopped"
        assert told["checkpoints"]


def test_the_python_api_trains_and_reads(home: Path) -> None:
    """train, list_runs, open_run: the same run, its metrics as arrays, its model as a module."""
    run = workbench.train(str(home / "small.toml"), name="api", runs_dir=home / "runs", steps=20)
    steps, loss = run.metrics("train/loss")
    assert steps.tolist() == list(range(1, 21))
    assert np.isfinite(loss).all()
    assert run.experiment.training.steps == 20
    assert "test/accuracy" in run.summary()
    assert "train/loss" in run.tags()
    assert [summary.id for summary in workbench.list_runs("name:api", home / "runs")] == [run.id]
    assert workbench.open_run(str(run.path)).id == run.id
    assert not run.model().training


def test_loading_what_is_no_bundle_is_one_error(tmp_path: Path) -> None:
    """A wrong path is an ExportError, not a traceback from below."""
    with pytest.raises(ExportError):
        workbench.load_bundle(tmp_path / "nothing")


CARD = """
from workbench.cards import ArchitectureCard, Config, setting


class TinyConfig(Config):
    size: int = setting(4, "Width.", ge=1)


class Tiny(ArchitectureCard[TinyConfig]):
    Config = TinyConfig
    title = "Tiny"
    summary = "A stranger's card."
    reference = "None."
    group = "Third party"
    equation = "y = W x"
    drawing = "x -> y"
    tasks = frozenset({"regress"})

    @classmethod
    def build(cls, config, task):
        from torch import nn

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = nn.Linear(task.inputs.size, config.size)
                self.outer = nn.Linear(config.size, task.outputs.size)

            def forward(self, inputs, lengths=None):
                return self.outer(self.inner(inputs).mean(dim=1))

        return Model()
"""


def test_a_third_party_card_trains_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with one entry point adds an architecture that is listed, validated, trained and used."""
    site = tmp_path / "site"
    info = site / "strange_nets-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "strange_nets.py").write_text(CARD)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange-nets\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[workbench.architectures]\ntiny = strange_nets:Tiny\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH", "")])))
    (tmp_path / "tiny.toml").write_text(
        '[model]\nname = "tiny"\n[data]\nname = "adding"\nlength = 6\n[optimizer]\nname = "sgd"\n[training]\nsteps = 5\n'
    )
    listed = json.loads(call(tmp_path, "architectures", "--json"))
    assert "tiny" in [row["name"] for row in listed]
    values = json.loads(call(tmp_path, "run", "tiny.toml", "--set", "model.size=3", "--json"))
    assert (values["state"], values["step"]) == ("finished", 5)
    assert json.loads(call(tmp_path, "predict", "latest", "--json"))["items"]
