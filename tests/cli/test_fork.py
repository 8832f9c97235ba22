"""`workbench fork`, `replay` and `run --from`: the commands, with real workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import Command
from tests.training.driving import experiment
from workbench.runs.folder import RunFolder
from workbench.training import worker


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished run, `parent`."""
    root: Path = tmp_path_factory.mktemp("runs")
    assert worker.work(RunFolder.create(root, experiment(), "parent")) == 0
    return root


@pytest.mark.slow
def test_a_fork_is_trained_and_tells_where_it_comes_from(command: Command, runs: Path) -> None:
    """In `show`, in the list, and as JSON."""
    words = ("--runs-dir", str(runs))
    answer = command("fork", "parent@10", "--set", "training.steps=14", "--name", "child", "--json", *words)
    assert answer.code == 0
    assert json.loads(answer.out)["step"] == 14
    parent = json.loads(command("show", "parent", "--json", *words).out)["run"]
    shown = command("show", "child", *words).out
    assert f"forked from {parent} at step 10, with training.steps = 14" in shown
    assert f"{parent[-4:]}@10" in command("runs", *words).out
    listed = {run["name"]: run for run in json.loads(command("runs", "--json", *words).out)}
    assert listed["child"]["parent"]["run"] == parent
    assert listed["parent"]["parent"] == {}
    again = command("replay", "child", "--json", *words)
    assert again.code == 0
    assert json.loads(again.out)["same"] is True


def test_a_wrong_fork_is_refused_in_a_line(command: Command, runs: Path) -> None:
    """Nothing is made."""
    before = sorted(runs.iterdir())
    for words in (("parent@10", "--set", "model.hidden_size=9"), ("parent@99",), ("parent@10", "--set", "training.steps=9")):
        answer = command("fork", *words, "--runs-dir", str(runs), "--quiet")
        assert answer.code == 2
        assert len(answer.err.strip().splitlines()) == 1
    assert sorted(runs.iterdir()) == before


@pytest.mark.slow
def test_fine_tuning_from_the_command_line(command: Command, runs: Path, tmp_path: Path) -> None:
    """An experiment file, weights of another run, a part of them frozen."""
    file = tmp_path / "mine.toml"
    file.write_text(experiment(training__steps=6).to_toml())
    words = ("--from", "parent", "--freeze", "backbone.*", "--runs-dir", str(runs), "--json", "--name", "tuned")
    answer = command("run", str(file), *words)
    assert answer.code == 0
    assert json.loads(answer.out)["step"] == 6
    assert "begins with the weights of" in command("show", "tuned", "--runs-dir", str(runs)).out
