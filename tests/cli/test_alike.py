"""`workbench probe RUN states --alike A:B`: passages as text, JSON, CSV and SVG; wrong ranges are told; the same in Python."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import workbench
from tests.cli.commands import Command
from tests.training.driving import experiment
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import worker


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A small GRU on the adding task with snapshots at steps 10 and 20 and checkpoints at 15 and 20."""
    root: Path = tmp_path_factory.mktemp("runs")
    folder = RunFolder.create(root, experiment(model__name="gru", data__name="adding", data__length=40), "gru")
    assert worker.work(folder) == 0
    for step in (5, 10):
        (folder.checkpoints_path / f"step-{step:08d}.safetensors").unlink(missing_ok=True)
    return folder


def indices_of(folder: RunFolder) -> list[int]:
    """Places in the validation set of the snapshots' samples."""
    with RunReader(folder) as reader:
        return list(reader.probes("samples")[0].info["indices"])


def test_passages_are_listed(command: Command, trained: RunFolder) -> None:
    """What was looked for and in what, the marked passage, and as many as asked for, none wider than asked for."""
    words = ("probe", "gru", "states", "--sample", "2", "--alike", "3:5", "--top", "4", "--search", "50", "--width", "76")
    answer = command(*words, "--runs-dir", str(trained.path.parent))
    assert answer.code == 0, answer.err
    index = indices_of(trained)[1]
    assert f"alike to steps 3 to 5 of validation sample {index} in backbone.layers.0" in answer.out
    assert "checkpoint of step 20, 50 of 1,000 validation samples: distance" in answer.out
    lines = answer.out.splitlines()
    assert all(len(line) <= 76 for line in lines)
    listed = [line.split() for line in lines[lines.index(next(line for line in lines if "distance  passage" in line)) + 1 :][:5]]
    assert listed[0][:3] == [str(index), "3-5", "marked"]
    assert all(float(line[2]) > 0 for line in listed[1:])


def test_programs_get_plain_values(command: Command, trained: RunFolder) -> None:
    """The same from Python, for one unit too; the run is as it was."""
    before = {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()}
    root = ("--runs-dir", str(trained.path.parent))
    run = workbench.open_run("gru", runs_dir=trained.path.parent)
    index = indices_of(trained)[0]
    for unit, words in ((None, ()), (3, ("--unit", "3"))):
        told = json.loads(command("probe", "gru", "states", "--alike", "2:4", *words, "--json", *root).out)
        assert told.pop("run") == trained.id
        assert told == json.loads(json.dumps(run.alike("backbone.layers.0", index, (2, 4), "last", unit=unit)))
        assert len(told["hits"]) == 10
        assert {hit["last"] - hit["first"] for hit in told["hits"]} == {2}
        assert [len(told["hits"][0]["activity"]), len(told["hits"][0]["activity"][0])] == [3, 1 if words else 8]
    assert {path: path.read_bytes() for path in before} == before


def test_gates_are_compared_by_name(command: Command, trained: RunFolder) -> None:
    """The first gate, or the one that is named."""
    root = ("--runs-dir", str(trained.path.parent), "--json")
    told = json.loads(command("probe", "gru", "gates", "--name", "backbone.layers.0/update", "--alike", "1:1", *root).out)
    assert (told["kind"], told["name"]) == ("gates", "backbone.layers.0/update")


def test_files_have_all_of_it(command: Command, trained: RunFolder, tmp_path: Path) -> None:
    """CSV with one head, each passage with its distance and its input; SVG."""
    words = ("probe", "gru", "states", "--alike", "3:5", "--top", "3", "--runs-dir", str(trained.path.parent))
    head, *rows = csv.reader(command(*words, "--csv").out.splitlines())
    assert head == ["picture", "row", "column", "value"]
    first, *others = [row[3] for row in rows if row[2] == "distance"]
    assert (first, len(others)) == ("marked", 3)
    assert len([row for row in rows if row[2].startswith("x1 ")]) == 4 * 3
    target = tmp_path / "alike.svg"
    assert "written" in command(*words, "--svg", str(target)).err
    assert target.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["states", "--alike", "3-5"], "--alike: got '3-5'; expected A:B, the first and the last step, from 1."),
        (["states", "--alike", "5:3"], "--alike: got '5:3'; expected A:B"),
        (["states", "--alike", "0:3"], "--alike: got '0:3'; expected A:B"),
        (["states", "--alike", "1:1e3"], "--alike: got '1:1e3'; expected A:B"),
        (["states", "--alike", "1:2:3"], "--alike: got '1:2:3'; expected A:B"),
        (["states", "--alike", ""], "--alike: got ''; expected A:B"),
        (
            ["states", "--alike", "3:99"],
            "alike: got steps 3:99; expected 1 to 40, the steps of backbone.layers.0 on that sample.",
        ),
        (["spectrum", "--alike", "3:5"], "got --alike with 'spectrum'; expected it with gates or states."),
        (["--alike", "3:5"], "got --alike without a kind; expected it with gates or states."),
        (["states", "--top", "3"], "got --top 3 alone; expected it with --alike."),
        (["states", "--search", "3"], "got --search 3 alone; expected it with --alike."),
        (["states", "--unit", "8", "--alike", "1:2"], "got --unit 8; expected 0 to 7."),
        (
            ["states", "--step", "10", "--alike", "1:2"],
            "no checkpoint at or before step 10; expected one. Its first one is of step 15.",
        ),
    ],
)
def test_a_wrong_word_gets_one_line(command: Command, trained: RunFolder, words: list[str], said: str) -> None:
    """What was got, what was expected, and how to write it."""
    answer = command("probe", "gru", *words, "--runs-dir", str(trained.path.parent))
    assert answer.code != 0
    assert said in answer.err
    assert answer.err.count("\n") == 1
