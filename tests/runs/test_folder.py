"""A run's folder: what is in it from the start, and that no two runs share one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.runs.making import experiment, new_run
from workbench.errors import StoreError
from workbench.runs import folder as folder_module
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.root import RUNS_ENV, default_root


def test_a_new_run_has_id_experiment_and_status(tmp_path: Path) -> None:
    """The id names time, architecture and data; the experiment reads back equal; the state is `starting`."""
    wanted = experiment(training__steps=7, training__seed=3)
    folder = RunFolder.create(
        tmp_path / "deep" / "runs", wanted, "first", {"run": "20260101-000000-elman-echo-0000", "step": 5}, "rnn/echo"
    )
    assert re.fullmatch(r"\d{8}-\d{6}-elman-echo-[0-9a-f]{4}", folder.id)
    assert folder.experiment() == wanted
    assert folder.checkpoints_path.is_dir()
    assert folder.exports_path.is_dir()
    with RunReader(folder) as reader:
        status, meta = reader.status(), reader.meta()
    assert (status.state, status.step, status.total, status.pid, status.alive) == ("starting", 0, 7, os.getpid(), True)
    assert meta["experiment"] == wanted.to_dict()
    assert (meta["name"], meta["title"], meta["preset"], meta["seed"]) == ("first", "Echo of two", "rnn/echo", 3)
    assert meta["parent"] == {"run": "20260101-000000-elman-echo-0000", "step": 5}
    assert meta["versions"].keys() == {"python", "workbench", "torch", "numpy"}


def test_runs_of_one_second_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs made within one second get folders of their own, even when the random digits come twice."""
    digits = iter(["aaaa", "aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("workbench.runs.folder.secrets.token_hex", lambda _: next(digits))
    monkeypatch.setattr("workbench.runs.folder.time.strftime", lambda _: "20260101-000000")
    assert [new_run(tmp_path).id[-4:], new_run(tmp_path).id[-4:]] == ["aaaa", "bbbb"]


def test_the_root_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """WORKBENCH_RUNS names the folder of runs; without it, or with it empty, that is ./runs."""
    monkeypatch.setenv(RUNS_ENV, "elsewhere")
    assert default_root() == Path("elsewhere")
    monkeypatch.setenv(RUNS_ENV, "")
    assert default_root() == Path("runs")


def test_a_root_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    """Where no folder can be made, the message names the path, and what to do, in one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as raised:
        new_run(tmp_path / "file" / "runs")
    assert "\n" not in str(raised.value)
    assert str(tmp_path / "file" / "runs") in str(raised.value)


def test_a_run_that_cannot_be_completed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database cannot be made, the half folder is removed."""

    def fail(_path: Path) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(folder_module, "create_database", fail)
    with pytest.raises(StoreError):
        new_run(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_git_is_noted_where_there_is_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit and dirtiness of the current folder's repository are in the meta; outside one there is nothing."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    assert folder_module._git(outside) is None
    git = ["git", "-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    (inside / "a").write_text("1")
    for command in (["init", "-q"], ["add", "a"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *command], cwd=inside, check=True)
    noted = folder_module._git(inside)
    assert noted is not None
    assert re.fullmatch(r"[0-9a-f]{40}", noted["commit"])
    assert noted["dirty"] is False
    (inside / "a").write_text("2")
    again = folder_module._git(inside)
    assert again is not None
    assert again["dirty"] is True
