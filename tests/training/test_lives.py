"""A run that ends anywhere and is gone on with equals one that was left alone: every point between two events is tried."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.driving import Script, drawings_of, experiment, new_run, scalars_of, state_of, weights
from workbench.experiment import Experiment
from workbench.runs.changes import LiveChanges
from workbench.runs.control import send, wait
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter
from workbench.training.checkpoint_files import list_checkpoints
from workbench.training.checkpoints import restore_latest, save_checkpoint
from workbench.training.events import Changed, CheckpointDue, Ended, Evaluated, Event, NotSaved, Request, Started, StepsTaken
from workbench.training.loop import train
from workbench.training.run_control import RunControl
from workbench.training.worker import Work

PATIENT: dict[str, Any] = {
    "training__steps": 12,
    "training__eval_every": 2,
    "training__checkpoint_every": 5,
    "training__early_stopping": 3,
    "training__eval_samples": 40,
    "optimizer__schedule": "plateau",
    "optimizer__patience": 1,
    "optimizer__lr": 0.3,
}

SOLVED: dict[str, Any] = {
    "model__name": "esn",
    "model__hidden_size": 10,
    "training__steps": 5,
    "training__eval_every": 2,
    "training__accumulate": 2,
    "training__eval_samples": 20,
}


class Killed(Exception):  # noqa: N818 - what a test does to a life
    """The life ends here, as if by kill -9."""


class Asking:
    """A control that asks for things once a step is reached, and keeps the answers."""

    def __init__(self, requests: dict[int, list[Request]]) -> None:
        self.requests = requests
        self.answers: list[str] = []
        self.work: Work | None = None

    def poll(self) -> list[Request]:
        assert self.work is not None
        return self.requests.pop(self.work.state.step, [])

    def wait(self) -> list[Request]:
        return self.poll()

    def answer(self, request: Request, outcome: str) -> None:
        self.answers.append(outcome)


def life(folder: RunFolder, control: Asking, end_at: int | None = None) -> Generator[Event, None, None]:
    """One life of a run, cut off before what follows event number `end_at`; yields what happened in it."""
    writer = RunWriter(folder)
    try:
        control.work = work = Work(folder, writer, control)  # type: ignore[arg-type]
        for number, event in enumerate(train(work.state, control, work.changes, work._saved_weights, work.snapshots.plan)):
            work.handle(event)
            yield event
            if number == end_at:
                raise Killed
    finally:
        writer.close()


def whole(folder: RunFolder, requests: dict[int, list[Request]]) -> list[Event]:
    """All events of a run in one life."""
    return list(life(folder, Asking(requests)))


def same(first: RunFolder, second: RunFolder) -> None:
    """Rows, what is drawn, weights and every counter are equal, bit for bit."""
    assert scalars_of(first) == scalars_of(second)
    assert drawings_of(first) == drawings_of(second)
    (one, _), (two, _) = (restore_latest(folder, state_of(folder.experiment())) for folder in (first, second))
    assert one is not None
    assert two is not None
    assert {**one.facts, "seconds": 0} == {**two.facts, "seconds": 0}
    assert one.tensors.keys() == two.tensors.keys()
    assert all(torch.equal(one.tensors[name], two.tensors[name]) for name in one.tensors)


@pytest.mark.parametrize("values", [PATIENT, SOLVED], ids=["plateau, patience", "closed form"])
def test_a_life_that_ends_anywhere_changes_nothing(values: dict[str, Any], tmp_path: Path) -> None:
    """Between any two events of a run with a live change, an end and a new life give the same run."""
    wanted = experiment(**values)
    asked = {3: [Request("set", {"training.clip_norm": 0.5, "training.log_every": 2})]}
    alone = new_run(tmp_path, wanted)
    events = whole(alone, dict(asked))
    for end_at in range(len(events) - 1):
        folder, control = new_run(tmp_path, wanted), Asking(dict(asked))
        with pytest.raises(Killed):
            list(life(folder, control, end_at))
        assert isinstance(list(life(folder, control))[-1], Ended)
        same(alone, folder)


@pytest.mark.parametrize("end", [0, 1, 2], ids=["evaluated", "saved", "a step later"])
def test_an_evaluation_that_was_asked_for_outlives_its_process_or_was_never_answered(tmp_path: Path, end: int) -> None:
    """Its row is kept together with the state that it was made on: a life that ends afterwards does not take it back."""
    folder = new_run(tmp_path, experiment(training__steps=9, training__eval_every=0, training__checkpoint_every=0))
    control = Asking({3: [Request("evaluate")]})
    with pytest.raises(Killed):
        list(life(folder, control, end_at=4 + end))
    assert control.answers == ["done"] * (end == 2)
    whole(folder, {})
    steps = scalars_of(folder)["validation/loss"][0]
    assert steps == ([9] if end == 0 else [3, 9])


def test_a_change_and_its_answer_are_one(tmp_path: Path) -> None:
    """A process that is killed after it has noted a change has noted its answer as well."""
    folder = new_run(tmp_path, experiment())
    writer = RunWriter(folder)
    work = Work(folder, writer, RunControl(writer))
    work.handle(Started(0, 20, 1, "cpu"))
    number = send(folder, "set", **{"training.clip_norm": 0.5})
    for event in train(work.state, work.control, work.changes, work._saved_weights, work.snapshots.plan):
        work.handle(event)
        if isinstance(event, Changed):
            break
    with RunReader(folder) as reader:
        assert [event.message for event in reader.events() if event.kind == "changed"] == ["training.clip_norm = 0.5"]
        assert next(command.outcome for command in reader.commands() if command.id == number) == "done"
    writer.close()


def test_steps_at_pause_stand_in_the_database_when_they_are_answered(tmp_path: Path) -> None:
    """Who reads the answer finds their rows, and the step also where it is not logged."""
    folder = new_run(tmp_path, experiment(training__log_every=4))
    control = Asking({3: [Request("pause"), Request("step", {"count": 2})], 5: [Request("step"), Request("stop")]})
    seen = []
    for event in life(folder, control):
        if isinstance(event, StepsTaken):
            with RunReader(folder) as reader:
                status = reader.status()
                seen.append((status.state, status.step, reader.scalars("train/loss")[0].tolist()))
    assert seen == [("paused", 5, [4])]
    assert control.answers == ["done", "done", "done", "done", "the run has ended"]


@pytest.mark.parametrize("at", [4, 12])
def test_asked_to_end_during_an_evaluation_it_is_made_by_the_next_life(tmp_path: Path, at: int) -> None:
    """Heard between two forward passes; the run is `paused`, its checkpoint says what is open, and nothing differs."""
    wanted = experiment(**{**PATIENT, "training__early_stopping": 0})
    alone, folder = new_run(tmp_path, wanted), new_run(tmp_path, wanted)
    whole(alone, {})
    ended = whole(folder, {at: [Request("terminate")]})[-1]
    assert isinstance(ended, Ended)
    assert (ended.state, ended.step) == ("paused", at)
    assert list_checkpoints(folder)[-1].step == at
    whole(folder, {})
    same(alone, folder)


def test_asked_to_end_during_the_test_evaluation(tmp_path: Path) -> None:
    """The last evaluation gives up as well; the next life makes it and finishes."""
    wanted = experiment(**{**PATIENT, "training__early_stopping": 0})
    alone, folder = new_run(tmp_path, wanted), new_run(tmp_path, wanted)
    whole(alone, {})
    control = Asking({})
    for event in life(folder, control):
        if isinstance(event, CheckpointDue) and event.reason == "end":
            control.requests = {12: [Request("set", {"optimizer.lr": 1.0}), Request("terminate")]}
    assert isinstance(event, Ended)
    assert event.state == "paused"
    assert control.answers == ["done", "the run has ended"]
    assert isinstance(whole(folder, {})[-1], Ended)
    same(alone, folder)


def test_a_command_that_comes_as_the_run_ends_is_answered(tmp_path: Path) -> None:
    """After the loop has looked for the last time, and before the end is noted."""
    folder = new_run(tmp_path, experiment(training__steps=5))
    for event in life(folder, Asking({})):
        if isinstance(event, Evaluated) and event.split == "test_best":
            number = send(folder, "pause")
    assert wait(folder, number) == "the run has ended"


def test_a_change_that_no_longer_fits_is_given_up_for_good(tmp_path: Path) -> None:
    """Another setting is changed earlier after a kill: what does not fit it any more is told, and the run goes on."""
    folder = new_run(tmp_path, experiment())
    first = life(folder, Asking({7: [Request("set", {"training.flow_regularizer": 0.1, "training.clip_norm": 0.5})]}))
    assert any(event.step == 8 for event in first)
    first.close()
    whole(folder, {6: [Request("set", {"training.truncate": 3})]})
    with RunReader(folder) as reader:
        assert reader.status().state == "finished"
        changes, messages = reader.live_changes(), [event.message for event in reader.events()]
    assert "training.flow_regularizer = 0.0 (the change made before no longer fits)" in messages
    in_force = [(change.step, change.in_force) for change in changes.all() if change.in_force]
    assert in_force == [
        (6, {"training.truncate": 3}),
        (7, {"training.clip_norm": 0.5}),
        (7, {"training.flow_regularizer": 0.0}),
    ]
    alone = new_run(tmp_path, experiment())
    whole(alone, {6: [Request("set", {"training.truncate": 3})], 7: [Request("set", {"training.clip_norm": 0.5})]})
    same(alone, folder)


def test_a_checkpoint_that_a_kill_left_half_written_is_removed(tmp_path: Path) -> None:
    """Nobody else would: a life after it may save at other steps. Files of others stay."""
    folder = new_run(tmp_path, experiment())
    folder.checkpoints_path.mkdir(exist_ok=True)
    halves = [folder.checkpoints_path / name for name in (".step-00000007.safetensors.tmp", ".tmpY7iRQ4")]
    other = folder.checkpoints_path / "notes.tmp"
    for path in (*halves, other):
        path.write_bytes(b"half")
    whole(folder, {})
    assert other.exists()
    assert not any(half.exists() for half in halves)


class Poisoned:
    """A dataset whose batch of one step is not finite the first time that it is asked for."""

    def __init__(self, inner: object, step: int) -> None:
        self.inner, self.step, self.left = inner, step, 1

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def train_batch(self, seed: int, step: int, size: int) -> object:
        batch = self.inner.train_batch(seed, step, size)  # type: ignore[attr-defined]
        if step == self.step and self.left:
            self.left -= 1
            batch.inputs[:] = float("nan")
        return batch


def test_changes_outlive_a_rewind_and_the_run_equals_its_replay(tmp_path: Path) -> None:
    """What was changed since the checkpoint takes force again at its step, the rate halved by the rewind replaces older rates."""
    wanted = experiment(training__on_nonfinite="rewind", training__eval_every=0, training__steps=14)
    folder, writer = new_run(tmp_path, wanted), None
    asked = {
        6: [Request("set", {"training.clip_norm": 0.05, "optimizer.lr": 0.2})],
        8: [Request("set", {"training.clip_value": 0.01})],
    }
    control = Asking(asked)
    writer = RunWriter(folder)
    control.work = work = Work(folder, writer, control)  # type: ignore[arg-type]
    work.state.dataset = Poisoned(work.state.dataset, 8)  # type: ignore[assignment]
    for number, event in enumerate(train(work.state, control, work.changes)):
        work.handle(event)
        if number > 1 and work.state.rewinds and work.state.step == 11:
            break
    writer.close()
    whole(folder, {12: [Request("set", {"training.clip_norm": 0.2})]})  # a third life, after a kill
    with RunReader(folder) as reader:
        changes = reader.live_changes()
        steps, rates = reader.scalars("train/lr")
    assert [(change.step, change.in_force) for change in changes.all()] == [
        (5, {"optimizer.lr": 0.1}),
        (6, {"training.clip_norm": 0.05}),
        (8, {"training.clip_value": 0.01}),
        (12, {"training.clip_norm": 0.2}),
    ]
    assert rates[steps > 5].tolist() == [0.1] * 9
    replayed = state_of(wanted)
    list(train(replayed, Script(replayed), LiveChanges([(c.step, c.in_force) for c in changes.all()])))
    found, _ = restore_latest(folder, state_of(folder.experiment()))
    assert found is not None
    assert all(torch.equal(found.model[name], value) for name, value in replayed.model.state_dict().items())


def test_no_checkpoint_of_unsound_weights(tmp_path: Path) -> None:
    """With a weight that is infinite nothing is saved, the asker is told, and an old checkpoint of that kind is passed over."""
    state = state_of(experiment(training__on_nonfinite="skip"))
    script = Script(state, {7: [Request("checkpoint")]})
    told: list[Event] = []
    for event in train(state, script):
        if getattr(event, "step", 0) == 6:
            with torch.no_grad():
                state.parameters[0].view(-1)[0] = float("inf")
        told.append(event)
    assert next(event.reason for event in told if isinstance(event, NotSaved)) == "asked"
    assert not [event for event in told if isinstance(event, CheckpointDue) and event.step > 6]
    assert script.outcomes[0][1].startswith("nothing is saved: model/")
    folder = new_run(tmp_path, experiment())
    good = state_of(experiment())
    save_checkpoint(folder, good)
    state.step = 6
    save_checkpoint(folder, state)
    found, passed = restore_latest(folder, state_of(folder.experiment()))
    assert found is not None
    assert found.step == 0
    assert "is not finite; expected finite weights" in passed[0]


def test_validation_rows_know_their_checkpoint(tmp_path: Path) -> None:
    """Evaluations asked for by hand at the step of a checkpoint stay when the run goes on from it."""
    folder = new_run(tmp_path, experiment(training__eval_every=0))
    whole(folder, {7: [Request("evaluate"), Request("terminate")]})
    before = weights(state_of(Experiment.load(folder.experiment_path)))
    assert before
    events = whole(folder, {})
    assert [event.step for event in events if isinstance(event, Evaluated) and event.split == "validation"] == [20]
    with RunReader(folder) as reader:
        assert reader.scalars("validation/loss")[0].tolist() == [7, 20]
