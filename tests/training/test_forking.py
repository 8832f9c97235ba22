"""Forks, fine-tuning and replays: against runs that were never forked, bit for bit; what does not fit is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.driving import Script, experiment, scalars_of, state_of
from workbench.errors import ExperimentError, UsageError
from workbench.experiment import Experiment
from workbench.runs.changes import LiveChanges
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import worker
from workbench.training.checkpoint_files import find_checkpoint, list_checkpoints
from workbench.training.checkpoints import load_checkpoint, restore
from workbench.training.events import Request
from workbench.training.forking import fine_tune, fork
from workbench.training.loop import train
from workbench.training.recompute import state_at
from workbench.training.replay import replay
from workbench.training.rewinding import rewind
from workbench.training.state import TrainingState

KINDS: dict[str, dict[str, Any]] = {
    "generated": {"optimizer__schedule": "plateau", "optimizer__patience": 1, "training__eval_every": 4},
    "stored, mid-epoch, with dropout": {
        "model__name": "gru",
        "model__dropout": 0.3,
        "data__name": "mnist",
    },
    "sequence to sequence": {"model__name": "seq2seq", "data__name": "reversal", "model__embedding_size": 4},
    "closed form": {"model__name": "esn", "data__name": "narma10", "data__length": 60, "data__washout": 20},
}


def wanted_of(kind: str) -> Experiment:
    return experiment(**{**KINDS[kind], "training__checkpoint_every": 7})


def trained(root: Path, wanted: Experiment, name: str) -> RunFolder:
    folder = RunFolder.create(root, wanted, name)
    assert worker.work(folder) == 0
    return folder


def weights_of(folder: RunFolder, which: str | int = "last") -> dict[str, torch.Tensor]:
    return load_checkpoint(find_checkpoint(folder, which).path).model


def same_weights(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(value, two[name]) for name, value in one.items())


@pytest.mark.parametrize("kind", KINDS)
def test_a_fork_without_changes_equals_its_parent(kind: str, tmp_path: Path) -> None:
    """From a step between two checkpoints: the same rows and the same weights at the end."""
    wanted = wanted_of(kind)
    parent = trained(tmp_path, wanted, "parent")
    step = 11 if wanted.training.steps > 11 else 1
    child = fork(parent, step, {}, tmp_path, "child")
    assert worker.work(child) == 0
    assert same_weights(weights_of(child), weights_of(parent))
    of_parent, of_child = scalars_of(parent), scalars_of(child)
    for tag in ("train/loss", "train/lr", "validation/loss"):
        if tag in of_parent:
            assert of_child[tag] == of_parent[tag], tag


@pytest.mark.parametrize("step", [0, 3, 7, 10, 13, 20])
def test_the_state_after_any_step_is_what_it_was(step: int, tmp_path: Path) -> None:
    """Weights, what the optimizer remembers, and random numbers: as in a loop that was stopped there."""
    wanted = wanted_of("stored, mid-epoch, with dropout")
    parent = trained(tmp_path, wanted, "parent")
    state = state_at(parent, step)
    twin = state_of(wanted)
    if step:
        list(train(twin, Script(twin, {step: [Request("terminate")]})))
    assert state.step == step
    ours, theirs = state.tensors(), twin.tensors()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_live_changes_take_force_again_at_their_steps(tmp_path: Path) -> None:
    """Before and after the step at which the fork begins: those before are its own settings, those after are not."""
    wanted = experiment(training__checkpoint_every=0)
    parent = RunFolder.create(tmp_path, wanted, "parent")
    _run_with_changes(parent, {4: {"optimizer.lr": 0.1}, 15: {"optimizer.lr": 0.001}})
    child = fork(parent, 10, {}, tmp_path)
    assert child.experiment().optimizer.config.lr == 0.1
    assert worker.work(child) == 0
    alone = experiment(training__checkpoint_every=0)
    twin = TrainingState(alone, alone.open_data(), torch.device("cpu"))
    list(train(twin, Script(twin), LiveChanges([(4, {"optimizer.lr": 0.1})])))
    expected = {name: value.detach() for name, value in twin.model.state_dict().items()}
    assert same_weights(weights_of(child), expected)
    told: list[tuple[int, int]] = []
    result = replay(parent, done=lambda step, last: told.append((step, last)))
    assert result.same
    assert result.verdict.startswith(f"The same, bit for bit: steps 1 to {result.last}, ")
    assert told == [(step, result.last) for step in range(1, result.last + 1)]


def _run_with_changes(folder: RunFolder, changes: dict[int, dict[str, Any]]) -> None:
    """A worker whose settings were changed while it went on."""
    from workbench.runs.writer import RunWriter
    from workbench.training.worker import Work

    writer = RunWriter(folder)

    asked_of: dict[str, Any] = {}

    class Control:
        def poll(self) -> list[Request]:
            step = asked_of["work"].state.step
            return [Request("set", changes.pop(step))] if step in changes else []

        def wait(self) -> list[Request]:
            return self.poll()

        def answer(self, request: Request, outcome: str) -> None:
            assert outcome == "done", request

    work = Work(folder, writer, Control())  # type: ignore[arg-type]  # what the loop asks of it
    asked_of["work"] = work
    assert work.run() == 0
    writer.close()


def test_a_fork_may_have_other_settings_and_more_steps(tmp_path: Path) -> None:
    """It tells where it comes from, goes on with the parent's curve, and leaves the parent as it was."""
    parent = trained(tmp_path, experiment(), "parent")
    before = {path: path.read_bytes() for path in parent.path.rglob("*") if path.is_file()}
    child = fork(parent, 20, {"training.steps": 30, "optimizer.lr": 0.5, "model.dropout": 0.1}, tmp_path, "child")
    with RunReader(child) as reader:
        assert reader.status().step == 20
        assert reader.meta()["parent"] == {
            "run": parent.id,
            "step": 20,
            "changes": {"training.steps": 30, "optimizer.lr": 0.5, "model.dropout": 0.1},
            "weights_only": False,
        }
    assert worker.work(child) == 0
    rows = scalars_of(child)["train/lr"]
    assert rows[0] == list(range(1, 31))
    assert np.frombuffer(rows[1])[[19, 20]].tolist() == [0.01, 0.5]
    assert {path: path.read_bytes() for path in before} == before
    assert replay(child).same


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model.hidden_size": 16, "optimizer.lr": 0.5}, "model.hidden_size: cannot change"),
        ({"optimizer.name": "sgd"}, "optimizer.name: cannot change"),
        ({"training.steps": 5}, "expected more than the 10"),
        ({"training.freeze": ["readout.*"]}, "training.freeze: cannot change"),
    ],
)
def test_what_changes_shapes_is_refused_by_name(changes: dict[str, Any], named: str, tmp_path: Path) -> None:
    """And only that; no half run is left."""
    parent = trained(tmp_path, experiment(), "parent")
    with pytest.raises(UsageError, match=named) as error:
        fork(parent, 10, changes, tmp_path)
    assert "optimizer.lr" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == [parent.id]


def test_other_words_are_refused_although_the_shapes_are_the_same(tmp_path: Path) -> None:
    """A vocabulary of the same size would give every number another meaning."""
    parent = trained(tmp_path, wanted_of("sequence to sequence"), "parent")
    with pytest.raises((UsageError, ExperimentError), match=r"data\.name"):
        fork(parent, 10, {"data.name": "dates"}, tmp_path)


@pytest.mark.parametrize("step", [21, 10**9])
def test_a_step_that_was_not_reached_is_refused(step: int, tmp_path: Path) -> None:
    """With the steps that there are."""
    parent = trained(tmp_path, experiment(), "parent")
    with pytest.raises(UsageError, match="expected 0 to 20"):
        fork(parent, step, {}, tmp_path)


def test_a_fork_of_a_fork_cannot_go_behind_its_beginning(tmp_path: Path) -> None:
    """What was before belongs to its parent."""
    parent = trained(tmp_path, experiment(), "parent")
    child = fork(parent, 10, {"training.steps": 25}, tmp_path)
    assert worker.work(child) == 0
    with pytest.raises(UsageError, match="expected 10 to 25"):
        fork(child, 5, {}, tmp_path)
    grandchild = fork(child, 12, {}, tmp_path)
    assert worker.work(grandchild) == 0
    assert same_weights(weights_of(grandchild), weights_of(child))


def test_a_fork_that_is_killed_begins_anew_where_it_began(tmp_path: Path) -> None:
    """Without a checkpoint of its own the worker takes the one that the run began with."""
    parent = trained(tmp_path, experiment(), "parent")
    child = fork(parent, 13, {}, tmp_path)
    state = state_of(child.experiment())
    from workbench.training.checkpoints import restore_latest

    found, _ = restore_latest(child, state)
    assert found is not None
    assert state.step == 13


def test_fine_tuning_begins_with_the_weights_alone(tmp_path: Path) -> None:
    """At step 0, with a new optimizer and the seed's random numbers; other data of the same shapes."""
    parent = trained(tmp_path, experiment(), "parent")
    child = fine_tune(parent, "last", experiment(data__delay=3, training__steps=12), tmp_path)
    begun = load_checkpoint(child.begin_path)
    assert begun.step == 0
    assert same_weights(begun.model, weights_of(parent))
    assert not any(name.startswith("optimizer/") for name in begun.tensors)
    assert worker.work(child) == 0
    assert scalars_of(child)["train/loss"][0] == list(range(1, 13))


def test_weights_of_other_shapes_are_refused_by_name(tmp_path: Path) -> None:
    """The first tensor that does not fit, with both shapes; no half run is left."""
    parent = trained(tmp_path, experiment(), "parent")
    with pytest.raises(UsageError, match=r"weight_ih_l0: got \(8, 1\) float32; expected \(4, 1\) float32"):
        fine_tune(parent, "", experiment(model__hidden_size=4), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [parent.id]


@pytest.mark.parametrize("name", ["elman", "bp"])
def test_frozen_parameters_stay_as_they_are(name: str, tmp_path: Path) -> None:
    """The others move; also where gradients are worked out by hand, and in a run that is resumed."""
    settings = {"bp": {"model__name": "bp", "data__name": "mnist"}}.get(name, {"model__name": name})
    pattern = {"bp": "layers.0.*", "elman": "backbone.*"}[name]
    wanted = experiment(**settings, training__freeze=[pattern])
    start = {key: value.clone() for key, value in state_of(wanted).model.state_dict().items()}
    after = weights_of(trained(tmp_path, wanted, "frozen"))
    prefix = pattern.removesuffix("*")
    assert any(key.startswith(prefix) for key in start)
    for key, value in start.items():
        assert torch.equal(value, after[key]) == key.startswith(prefix), key


@pytest.mark.parametrize(("pattern", "told"), [("bakbone.*", "got 'bakbone"), ("*", "nothing would be left to train")])
def test_a_pattern_that_makes_no_sense_is_refused(pattern: str, told: str) -> None:
    """One that matches nothing, and one that matches everything."""
    with pytest.raises(UsageError, match=told):
        state_of(experiment(training__freeze=[pattern]))


def test_a_replay_names_the_first_difference(tmp_path: Path) -> None:
    """A stored value with one bit changed, and a weight."""
    folder = trained(tmp_path, experiment(), "whole")
    whole = replay(folder)
    assert whole.same
    assert (whole.first, whole.last) == (0, 20)
    assert whole.values >= 60
    assert whole.tensors
    connection = sqlite3.connect(folder.database_path)
    (tag,) = connection.execute("SELECT id FROM tags WHERE name = 'train/loss'").fetchone()
    (value,) = connection.execute("SELECT value FROM scalars WHERE tag_id = ? AND step = 6", (tag,)).fetchone()
    other = float(np.nextafter(value, 2 * value))
    connection.execute("UPDATE scalars SET value = ? WHERE tag_id = ? AND step = 6", (other, tag))
    connection.commit()
    connection.close()
    found = replay(folder)
    assert found.difference is not None
    assert (found.difference.step, found.difference.what) == (6, "train/loss")
    assert (found.difference.stored, found.difference.computed) == (other, value)
    assert replay(folder, until=5).same


def test_a_replay_says_what_is_not_as_it_was(tmp_path: Path) -> None:
    """Another version, another machine."""
    folder = trained(tmp_path, experiment(), "whole")
    connection = sqlite3.connect(folder.database_path)
    connection.execute("UPDATE meta SET value = '\"elsewhere\"' WHERE key = 'host'")
    connection.commit()
    connection.close()
    assert any("elsewhere" in note for note in replay(folder).notes)


def test_a_restored_beginning_fits(tmp_path: Path) -> None:
    """The checkpoint that a fork begins with is one like every other."""
    parent = trained(tmp_path, experiment(), "parent")
    child = fork(parent, "best", {"training.steps": 25}, tmp_path)
    state = state_of(child.experiment())
    restore(state, load_checkpoint(child.begin_path))
    assert state.step in (10, 20)
    assert state.best == []


def test_a_replay_says_whether_weights_were_compared(tmp_path: Path) -> None:
    """Only checkpoints that are left hold any; of a run at its beginning there is nothing to compute."""
    folder = trained(tmp_path, wanted_of("generated"), "run")
    first = min(info.step for info in list_checkpoints(folder))
    assert "but no weights: no checkpoint is left of these steps." in replay(folder, until=first - 1).verdict
    assert "tensors of weights." in replay(folder, until=first).verdict
    rewind(folder, 0)
    with pytest.raises(UsageError, match="stands at its beginning; expected steps to compute once more"):
        replay(folder)
    child = fork(folder, "", {"optimizer.lr": 0.5}, tmp_path)
    with RunReader(child) as reader:
        assert reader.meta()["parent"]["step"] == 0


def test_any_step_may_be_named(tmp_path: Path) -> None:
    """Words other than best and last are none; the line does not list checkpoints, which a step does not need."""
    folder = trained(tmp_path, wanted_of("generated"), "run")
    with pytest.raises(UsageError, match="got 'abc'; expected best, last or a step, which needs no checkpoint"):
        fork(folder, "abc", {}, tmp_path)


def test_it_is_told_how_far_steps_are(tmp_path: Path) -> None:
    """Of those that are taken once more, up to the last of them."""
    folder, told = trained(tmp_path, wanted_of("generated"), "run"), []
    state_at(folder, 5, lambda step, last: told.append((step, last)))
    assert told == [(step, 5) for step in range(1, 6)]
