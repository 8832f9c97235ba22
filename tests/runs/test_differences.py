"""What differs between listed runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.runs.making import SMALL, new_run
from workbench.experiment import Experiment
from workbench.runs.differences import differences, other_data, settings_in_force
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs, namesakes
from workbench.runs.writer import RunWriter

A = {"model.name": "gru", "model.size": 64, "data.name": "adding", "optimizer.lr": 0.005, "training.seed": 0}


def test_only_what_is_not_equal_is_told() -> None:
    """By the key alone, in the order of the tables; equal runs have nothing to tell."""
    assert differences([A, {**A, "optimizer.lr": 0.02, "model.size": 128}]) == ["size=64 lr=0.005", "size=128 lr=0.02"]
    assert differences([A, dict(A)]) == ["", ""]
    assert differences([A]) == [""]
    assert differences([]) == []


def test_runs_are_compared_on_the_same_data() -> None:
    """Scores on other data are no better and no worse; architecture and dataset have columns of their own."""
    other: dict[str, Any] = {**A, "data.name": "copy_memory", "optimizer.lr": 1.0}
    assert differences([A, other, {**A, "model.name": "lstm"}]) == ["", "", ""]
    assert differences([A, other, {**A, "training.seed": 3}]) == ["seed=0", "", "seed=3"]


def test_a_setting_that_one_run_alone_has_is_no_difference() -> None:
    """It belongs to its architecture; a key of two tables is told with its table."""
    assert differences([A, {**A, "model.peephole": True}]) == ["", ""]
    twice = {**A, "model.size": 1, "data.size": 2}
    assert differences([twice, {**A, "model.size": 3, "data.size": 4}]) == [
        "model.size=1 data.size=2",
        "model.size=3 data.size=4",
    ]


def test_values_are_short() -> None:
    """Switches in words, lists without blanks, and of a long path the end."""
    path = "/home/somebody/data/tatoeba/sentences.tsv"
    first = {**A, "data.path": path, "model.on": True, "model.list": [1, 2], "optimizer.name": "adam", "model.some": None}
    second = {**first, "data.path": "b.tsv", "model.on": False, "model.list": [], "optimizer.name": "sgd", "model.some": 0.1}
    told, _ = differences([first, second])
    assert told == "on=on list=1,2 some=none path=...tatoeba/sentences.tsv optimizer=adam"


def test_settings_are_those_in_force() -> None:
    """What was changed while the run went on counts; a record of another shape has none."""
    assert settings_in_force({"model": {"name": "gru"}, "title": "x"}, {"optimizer.lr": 1}) == {
        "model.name": "gru",
        "optimizer.lr": 1,
    }
    assert settings_in_force(["damaged"], {}) == {}
    assert settings_in_force({"model": 3}, {}) == {}


def test_a_listing_tells_what_sets_its_runs_apart(tmp_path: Path) -> None:
    """Among those that are listed: a filter changes what they are compared with. A live change is a difference."""
    experiment = Experiment.from_dict(SMALL)
    for seed in (1, 2):
        RunFolder.create(tmp_path, experiment.with_changes({"training.seed": seed}), name=f"seed {seed}")
    writer = RunWriter(RunFolder.create(tmp_path, experiment.with_changes({"training.seed": 2}), name="changed"))
    writer.event("changed", "lr", 0, {"optimizer.lr": 0.5})
    writer.close()
    lr = experiment.optimizer.config.lr
    told = {run.name: run.differs for run in list_runs(tmp_path)}
    assert told == {"seed 1": f"lr={lr:g} seed=1", "seed 2": f"lr={lr:g} seed=2", "changed": "lr=0.5 seed=2"}
    assert {run.differs for run in list_runs(tmp_path, "name:seed")} == {"seed=1", "seed=2"}


def test_of_several_runs_of_one_name_the_list_tells_which(tmp_path: Path) -> None:
    """The end of the id stands behind the name, also where the filter shows one of them alone."""
    first, second = new_run(tmp_path, "twice"), new_run(tmp_path, "twice")
    new_run(tmp_path, "once")
    assert {run.label for run in list_runs(tmp_path)} == {
        f"twice ({first.id[-4:]})",
        f"twice ({second.id[-4:]})",
        "once",
    }
    assert [run.label for run in list_runs(tmp_path, f"id:{first.id}")] == [f"twice ({first.id[-4:]})"]
    assert namesakes(tmp_path, "twice") == [second.id, first.id]
    assert namesakes(tmp_path, "once")[1:] == []
    assert namesakes(tmp_path, "") == []


def test_other_data_are_named() -> None:
    """Another dataset by its name, the same one by the settings in which it differs; everything else does not count."""
    other = {**A, "model.name": "lstm", "optimizer.lr": 0.1, "training.seed": 3}
    assert other_data(A, other) == ""
    assert other_data(A, {**other, "data.name": "echo"}) == "echo"
    assert other_data({**A, "data.length": 20}, {**other, "data.length": 50, "data.noise": 0.5}) == "length=50 noise=0.5"
    assert other_data({**A, "data.noise": 0.5}, other) == "noise=none"
