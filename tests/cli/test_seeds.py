"""`workbench run --seeds` and `workbench runs --group`, with workers that are only played."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Command, fill
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training import launch

SCORES = {0: 0.1, 1: 0.3, 2: 0.2, 5: 0.7}
"""Test errors of the played runs, by seed."""

Play = Callable[..., list[RunFolder]]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Replaces workers by some that end at once, in the state that is named for their seed; gives the started folders."""
    started: list[RunFolder] = []

    def play(**states: str) -> list[RunFolder]:
        def start(folder: RunFolder) -> int:
            seed = folder.experiment().training.seed
            started.append(folder)
            fill(folder, "running")
            state = states.get(f"s{seed}", "finished")
            writer = RunWriter(folder)
            if state == "finished":
                writer.log(100, {"test/mse": SCORES[seed], "test_best/mse": SCORES[seed]}, 1.0, 3200)
            writer.event(state, "loss is not finite" if state == "failed" else "", 100)
            writer.set_status(state, step=100, total=100)
            writer.close()
            return 0

        monkeypatch.setattr(launch, "start", start)
        monkeypatch.setattr(launch, "enqueue", start)
        return started

    return play


def test_seeds_are_runs_of_one_group_with_one_table(command: Command, played: Play) -> None:
    """The ids come last, one on a line; before them mean, deviation, interval and the trivial predictor beside."""
    started = played()
    answer = command("run", "adding_lstm", "--seeds", "3", "--name", "wide")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[-3:] == [folder.id for folder in started]
    assert [folder.experiment().training.seed for folder in started] == [0, 1, 2]
    # by hand: mean 0.2, deviation 0.1, half width 4.302653 * 0.1 / sqrt(3) = 0.248414
    row = next(line for line in lines if "test/mse" in line and "seed" not in line).split()
    assert row[:8] == ["test/mse", "0.2", "0.1", "-0.04841", "..", "0.4484", "0.2", "0.1"]
    assert " ".join(row[8:]) == "0.3 3 predicting 1: 0.1667"
    assert not any("test_best/mse" in line for line in lines)
    assert [run["name"] for run in json.loads(command("runs", "--json").out)[::-1]] == [
        "wide seed 0",
        "wide seed 1",
        "wide seed 2",
    ]


def test_json_is_one_object(command: Command, played: Play) -> None:
    """With each run as it is printed alone, and each metric's spread."""
    started = played()
    answer = command("run", "adding_lstm", "--seeds", "2", "--seed", "1", "--json")
    values = json.loads(answer.out)
    assert set(values) == {"group", "runs", "metrics"}
    assert [run["run"] for run in values["runs"]] == [folder.id for folder in started]
    assert json.loads(command("run", "adding_lstm", "--json").out).keys() == values["runs"][0].keys()
    told = values["metrics"]["test/mse"]
    # by hand: of 0.3 and 0.2, mean 0.25, deviation 0.0707107, half width 12.7062 * 0.0707107 / sqrt(2) = 0.63531
    assert told == {
        "mean": pytest.approx(0.25),
        "sd": pytest.approx(0.0707107, abs=1e-6),
        "low": pytest.approx(-0.38531, abs=1e-5),
        "high": pytest.approx(0.88531, abs=1e-5),
        "median": pytest.approx(0.25),
        "min": 0.2,
        "max": 0.3,
        "n": 2,
        "missing": 0,
        "method": "Student's t",
    }
    assert "test_best/mse" in values["metrics"]


def test_a_run_that_failed_is_said_and_missing(command: Command, played: Play) -> None:
    """With its reason; the others go on, and the exit code is that of a failed run."""
    started = played(s1="failed")
    answer = command("run", "adding_lstm", "--seeds", "3", "--jobs", "1", "--json")
    assert answer.code == 1
    values = json.loads(answer.out)
    assert [run["state"] for run in values["runs"]] == ["finished", "failed", "finished"]
    assert f"seed 1: {started[1].id}: failed at step 100: loss is not finite." in answer.err
    told = values["metrics"]["test/mse"]
    assert (told["n"], told["missing"], told["mean"]) == (2, 1, pytest.approx(0.15))
    # what it measured on its way does not stand beside what the others ended with
    assert values["metrics"]["validation/loss"]["missing"] == 1


def test_quiet_prints_the_ids_alone(command: Command, played: Play) -> None:
    """One on a line, nothing else on either stream."""
    started = played()
    answer = command("run", "adding_lstm", "--seeds", "2", "--quiet")
    assert (answer.out, answer.err) == ("".join(f"{folder.id}\n" for folder in started), "")


@pytest.mark.parametrize("words", [["--detach"], ["--detach", "--quiet"], ["--detach", "--json"]])
def test_detached_all_are_queued(command: Command, played: Play, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """None is started otherwise, since nobody is there to hand out turns."""
    started = played()
    monkeypatch.setattr(launch, "start", None)
    answer = command("run", "adding_lstm", "--seeds", "3", *words)
    assert answer.code == 0
    assert len(started) == 3
    if "--json" in words:
        assert [run["run"] for run in json.loads(answer.out)["runs"]] == [folder.id for folder in started]
    else:
        assert answer.out.splitlines() == [folder.id for folder in started]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--jobs", "2"], "expected it with --seeds"),
        (["--seeds", "2", "--jobs", "2", "--queue"], "cannot be combined with --queue or --detach"),
        (["--seeds", "2", "--jobs", "2", "--detach"], "cannot be combined with --queue or --detach"),
        (["--seeds", "0"], "expected a number of at least 1"),
        (["--seeds", "2", "--seed", str(2**63 - 1)], "at most 64 bits"),
        (["--seeds", "2", "--name", "x" * 78], "at most 80 letters"),
        (["--seeds", "2", "--export", "bundle", "--detach"], "--export: cannot be combined with --detach"),
    ],
)
def test_what_makes_no_sense_is_refused(command: Command, played: Play, runs_dir: Path, words: list[str], says: str) -> None:
    """In one line, and before anything is made."""
    started = played()
    answer = command("run", "adding_lstm", *words)
    assert (answer.code, answer.out, started) == (2, "", [])
    assert says in answer.err
    assert answer.err.count("\n") == 1
    assert not runs_dir.exists()


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RunFolder]]:
    """Workers that train until they are asked to stop, and a person who presses Ctrl-C once all that may run do; the folders."""
    started: list[RunFolder] = []
    writers: list[RunWriter] = []

    def start(folder: RunFolder) -> int:
        started.append(folder)
        writers.append(RunWriter(folder))
        writers[-1].log(10, {"train/loss": 1.0}, 0.1, 320)
        writers[-1].set_status("running", step=10, total=100)
        writers[-1].flush()
        return 0

    sent: list[bool] = []
    before = time.sleep

    def sleep(seconds: float) -> None:
        if threading.current_thread() is not threading.main_thread():
            return before(seconds)
        if len(started) == 2 and not sent:
            sent.append(True)
            os.kill(os.getpid(), signal.SIGINT)
        for writer in writers:
            for command in writer.take_commands():
                writer.event(command.verb, "", 10)
                writer.set_status("stopped", step=10)
                writer.flush()
        return None

    monkeypatch.setattr(launch, "start", start)
    monkeypatch.setattr(time, "sleep", sleep)
    yield started
    for writer in writers:
        writer.close()


def test_one_interrupt_stops_all_and_starts_no_other(command: Command, interrupted: list[RunFolder]) -> None:
    """What was not started is said; exit code 130."""
    answer = command("run", "adding_lstm", "--seeds", "4", "--jobs", "2")
    assert answer.code == 130
    assert len(interrupted) == 2
    assert answer.out.splitlines()[-2:] == [folder.id for folder in interrupted]
    assert answer.err.count("stopped at step 10") == 2
    assert "Not started: seeds 2 to 3." in answer.err


def test_a_run_that_cannot_be_started_ends_no_other(command: Command, played: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those before it are followed to their end and told; the reason comes last."""
    from workbench.errors import StoreError

    started = played()
    begin = launch.start

    def start(folder: RunFolder) -> int:
        if folder.experiment().training.seed == 2:
            raise StoreError("no room for it")
        return begin(folder)

    monkeypatch.setattr(launch, "start", start)
    answer = command("run", "adding_lstm", "--seeds", "5", "--jobs", "2")
    assert answer.code == 2
    assert answer.out.splitlines()[-2:] == [folder.id for folder in started]
    assert answer.err.splitlines()[-1] == "no room for it"
    assert "Not started: seeds 2 to 4." in answer.err


def test_runs_are_folded(command: Command, played: Play) -> None:
    """A row for each group with the median, the least and the greatest of the metric that counts; JSON has the members too."""
    started = played(s1="failed")
    command("run", "adding_lstm", "--seeds", "3", "--quiet")
    command("run", "adding_lstm", "--seed", "5", "--set", "optimizer.lr=0.5", "--quiet")
    rows = [line.split() for line in command("runs", "--group").out.splitlines() if "test/mse" in line]
    (single, several) = rows
    assert several[several.index("test/mse") + 1 :][:6] == ["0.15", "0.1", "0.2", "2", "of", "3"]
    assert single[single.index("test/mse") + 1 :][:4] == ["0.7", "0.7", "0.7", "1"]
    groups = json.loads(command("runs", "--group", "--json").out)
    assert [[run["run"] for run in group["runs"]] for group in groups] == [[started[3].id], [run.id for run in started[:3]]]
    assert groups[1]["states"] == {"finished": 2, "failed": 1}
    assert groups[1]["metrics"]["test/mse"]["median"] == pytest.approx(0.15)


def test_runs_are_folded_by_chosen_settings(command: Command, played: Play) -> None:
    """A setting that no run has is refused, and so is none at all."""
    played()
    command("run", "adding_lstm", "--seeds", "2", "--quiet")
    command("run", "adding_gru", "--seed", "2", "--quiet")
    by_model = json.loads(command("runs", "--group-by", "model.name", "--json").out)
    assert [(group["group"], len(group["runs"])) for group in by_model] == [("model.name=gru", 1), ("model.name=lstm", 2)]
    assert len(json.loads(command("runs", "--group-by", "model.name, seed", "--json").out)) == 3
    for text, says in (("hiden", "expected a setting that a listed run has"), (" ,", "expected settings")):
        answer = command("runs", "--group-by", text)
        assert (answer.code, answer.out) == (2, "")
        assert says in answer.err


def test_a_group_is_drawn_as_a_band(command: Command, played: Play, tmp_path: Path) -> None:
    """Any of its runs stands for it; runs of several groups are refused."""
    started = played()
    command("run", "adding_lstm", "--seeds", "3", "--name", "wide", "--quiet")
    command("run", "adding_lstm", "--seed", "5", "--set", "optimizer.lr=0.5", "--name", "other", "--quiet")
    answer = command("snap", "wide seed 1", "--group", "--width", "80")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "wide  3 finished  seeds 0-2"
    assert answer.out.count("median and range of 3 runs") == 3
    figure = tmp_path / "figure.svg"
    assert command("snap", started[0].id, started[2].id, "--group", "--tag", "train/loss", "--svg", str(figure)).code == 0
    assert "wide: median and range of 3 runs" in figure.read_text(encoding="utf-8")
    refused = command("snap", "wide seed 1", "other", "--group")
    assert (refused.code, refused.out) == (2, "")
    assert "got runs of 2 groups" in refused.err
