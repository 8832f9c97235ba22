"""`workbench ablate`: parts are listed, switched off one at a time, compared with the intact model; wrong ones are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import workbench
from tests.cli.commands import Command
from tests.training.driving import experiment
from workbench.runs.folder import RunFolder
from workbench.training import worker


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A small GRU on the echo task, at its end."""
    root: Path = tmp_path_factory.mktemp("runs")
    folder = RunFolder.create(root, experiment(model__name="gru"), "gru")
    assert worker.work(folder) == 0
    return folder


def test_the_parts_of_a_model_are_listed(command: Command, trained: RunFolder) -> None:
    """By name, with the numbers of those that there are several of."""
    answer = command("ablate", "gru", "--runs-dir", str(trained.path.parent))
    assert "backbone.layers.0/update_gate" in answer.out
    assert "backbone.layers.0/unit:0 to :7" in answer.out
    listed = json.loads(command("ablate", "gru", "--json", "--runs-dir", str(trained.path.parent)).out)
    assert {"part": "backbone.layers.0/unit", "count": 8, "numbered": True} in listed


def test_parts_stand_beside_the_intact_model(command: Command, trained: RunFolder) -> None:
    """The intact one scores what the evaluation of its checkpoint did; the run is as it was."""
    before = {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()}
    words = ("ablate", "gru@last", "update_gate", "unit:3", "--json", "--runs-dir", str(trained.path.parent))
    values = json.loads(command(*words).out)
    run = workbench.open_run("gru", runs_dir=trained.path.parent)
    measured = run.summary()
    told = json.loads(command("ablate", "gru@last", "unit:3", "--split", "test", "--json", *words[-2:]).out)
    assert told["intact"]["metrics"]["loss"] == measured["test/loss"]
    assert [item["part"] for item in values["ablated"]] == ["backbone.layers.0/update_gate", "backbone.layers.0/unit:3"]
    losses = [values["intact"]["metrics"]["loss"], *(item["metrics"]["loss"] for item in values["ablated"])]
    assert len(set(losses)) == 3
    assert [item["metrics"] for item in run.ablate(["update_gate", "unit:3"], "last")] == [
        values["intact"]["metrics"],
        *(item["metrics"] for item in values["ablated"]),
    ]
    assert {path: path.read_bytes() for path in before} == before
    table = command(*[word for word in words if word != "--json"])
    assert "without update_gate" in table.out
    assert "nothing" in table.out


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("updat_gate", "Did you mean 'update_gate'"),
        ("unit:8", "expected backbone.layers.0/unit:0 to backbone.layers.0/unit:7."),
        ("unit", "expected backbone.layers.0/unit:0"),
        ("unit:-1", "expected backbone.layers.0/unit:0"),
        ("update_gate:1", "without a number"),
        ("", "expected a part of the model."),
    ],
)
def test_a_wrong_part_is_told(command: Command, trained: RunFolder, part: str, expected: str) -> None:
    """With what there is; nothing is measured."""
    answer = command("ablate", "gru", part, "--runs-dir", str(trained.path.parent))
    assert answer.code == 2
    assert expected in answer.err
    assert len(answer.err.strip().splitlines()) == 1
