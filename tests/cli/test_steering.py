"""`pause`, `stop`, `set` and `resume` against a worker's side of the database that answers as a worker does."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.commands import Command, fill
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.records import Command as Asked
from workbench.runs.schema import connect_writable
from workbench.runs.writer import RunWriter
from workbench.training import launch

Live = tuple[RunFolder, RunWriter]


@contextmanager
def answering(writer: RunWriter, outcome: Callable[[Asked], str] = lambda _: "done") -> Iterator[list[Asked]]:
    """Takes and answers commands, as a worker between steps; yields those taken."""
    taken: list[Asked] = []
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.01):
            for asked in writer.take_commands():
                taken.append(asked)
                writer.answer(asked.id, outcome(asked))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield taken
    finally:
        over.set()
        worker.join()


@pytest.mark.parametrize(("verb", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_a_verb_reaches_the_worker_and_its_answer_the_person(command: Command, live: Live, verb: str, state: str) -> None:
    """The command waits until it is so, and says what happened and how to go on."""

    def obey(_: Asked) -> str:
        live[1].set_status(state)
        return "done"

    with answering(live[1], obey) as taken:
        answer = command(verb, "live")
    assert [asked.verb for asked in taken] == [verb]
    assert answer.code == 0
    assert f"{live[0].id}: {state}" in answer.err
    assert f"'workbench resume {live[0].id}'" in answer.err


@pytest.mark.parametrize(("words", "count"), [((), 1), (("5",), 5)])
def test_step_waits_for_the_steps_and_says_where_the_run_stands(
    command: Command, live: Live, words: tuple[str, ...], count: int
) -> None:
    """The newest loss is told with the step that it belongs to."""
    folder, writer = live
    writer.set_status("paused", step=10, total=100)

    def obey(asked: Asked) -> str:
        writer.log(10 + asked.arguments["count"], {"train/loss": 0.25}, 0.2, 330)
        return "done"

    with answering(writer, obey) as taken:
        answer = command("step", "live", *words)
    assert [(asked.verb, dict(asked.arguments)) for asked in taken] == [("step", {"count": count})]
    assert answer.code == 0
    assert answer.err == f"{folder.id}: paused at step {10 + count}, train/loss 0.25.\n"


def test_step_is_for_runs_that_have_one_left(command: Command, live: Live, finished: RunFolder) -> None:
    """The worker's refusal is told; a run that has finished takes no step, and a number of steps begins at 1."""
    with answering(live[1], lambda _: "the run is not paused; pause it first"):
        assert "step refused: the run is not paused; pause it first" in command("step", "live").err
    refused = command("step", finished.id).err
    assert "cannot take a step, it finished all of its 100 steps. For a longer run start a new one" in refused
    assert command("step", "live", "0").code == 2


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        (None, "paused at step 10, of which no checkpoint could be written"),
        (5, "goes on from the checkpoint of step 5."),
        (10, "paused, with a checkpoint."),
    ],
)
def test_stop_says_from_where_the_run_can_go_on(command: Command, live: Live, saved: int | None, expected: str) -> None:
    """A worker that waits for room on the disk agrees to stop, and can write no checkpoint: none is claimed."""
    folder, writer = live
    if saved is not None:
        (folder.checkpoints_path / f"step-{saved:08d}.safetensors").write_bytes(b"")

    def obey(_: Asked) -> str:
        writer.set_status("paused")
        connection = connect_writable(folder.database_path)
        connection.execute("UPDATE status SET pid = NULL")
        connection.close()
        return "done"

    with answering(writer, obey):
        answer = command("stop", "live")
    assert answer.code == 0
    assert expected in answer.err
    assert ("with a checkpoint" in answer.err) == (saved == 10)
    assert ("goes on from the start, since there is no checkpoint" in answer.err) == (saved is None)


def test_set_sends_values_under_their_full_names(command: Command, live: Live) -> None:
    """The learning rate is found where people look for it."""
    with answering(live[1]) as taken:
        answer = command("set", "live", "lr=3e-4", "training.clip_norm=0.5")
    assert dict(taken[0].arguments) == {"optimizer.lr": 3e-4, "training.clip_norm": 0.5}
    assert "optimizer.lr is now 0.0003" in answer.err


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("training.batch_size=3", "[training] batch_size: cannot change while the run goes on"),
        ("optimizer.lr=-1", "[optimizer] lr: got -1; expected a number above 0."),
        ("optimizer.lrr=1", "unknown key"),
        ("lr", "expected table.key=value"),
    ],
)
def test_set_refuses_before_it_asks(command: Command, live: Live, change: str, expected: str) -> None:
    """A bad change is one line and reaches no worker."""
    answer = command("set", "live", change)
    assert answer.code == 2
    assert expected in answer.err
    assert live[1].take_commands() == []


def test_a_refusal_of_the_worker_is_told(command: Command, live: Live) -> None:
    """What the worker says against it is the message."""
    with answering(live[1], lambda _: "already paused"):
        answer = command("pause", "live")
    assert answer.code == 2
    assert "pause refused: already paused" in answer.err


def test_resume_of_a_waiting_run_wakes_it(command: Command, live: Live) -> None:
    """A paused run whose process is there gets the verb, not a second process."""
    folder, writer = live
    writer.set_status("paused")
    with answering(writer) as taken:
        answer = command("resume", "live", "--detach")
        assert "workbench attach" in answer.err
    assert [asked.verb for asked in taken] == ["resume"]
    assert answer.out == f"{folder.id}\n"


def test_resume_of_a_running_run_is_refused(command: Command, live: Live) -> None:
    """There is nothing to resume."""
    answer = command("resume", "live")
    assert answer.code == 2
    assert "it is running already" in answer.err


@pytest.mark.parametrize(("step", "setting"), [(100, ("steps", 200)), (40, ("early_stopping", 0))], ids=["all", "early"])
def test_resume_of_a_finished_run_says_what_to_do_instead(
    command: Command, finished: RunFolder, step: int, setting: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More steps are a new run, and the command that is told starts it, whatever blanks the path has."""
    spaced = finished.path.parent.parent / "my runs"
    finished.path.parent.rename(spaced)
    writer = RunWriter(RunFolder(spaced / finished.id))
    writer.set_status("finished", step=step, total=100)
    writer.close()
    answer = command("resume", "first", "--runs-dir", str(spaced))
    assert answer.code == 2
    started: list[RunFolder] = []
    monkeypatch.setattr(launch, "start", started.append)
    (_, told, *words) = shlex.split(answer.err.partition("start a new one: ")[2])
    assert told == "run"
    assert command("run", *words, "--detach").code == 0
    assert getattr(started[0].experiment().training, setting[0]) == setting[1]


@pytest.mark.parametrize("verb", ["pause", "stop"])
def test_a_run_at_rest_takes_no_commands(command: Command, finished: RunFolder, verb: str) -> None:
    """The message names its state."""
    answer = command(verb, "first")
    assert answer.code == 2
    assert "finished" in answer.err


def test_a_stopped_run_is_restarted(
    command: Command, monkeypatch: pytest.MonkeyPatch, runs_dir: Path, experiment: Experiment
) -> None:
    """Resume starts a new worker on the same folder and follows it to its end."""
    from workbench.training import launch

    folder = RunFolder.create(runs_dir, experiment, "half")
    fill(folder, "stopped", 60)

    def resume(resumed: RunFolder, *, accept_changed_data: bool) -> int:
        assert not accept_changed_data
        fill(resumed, "finished")
        return 0

    monkeypatch.setattr(launch, "resume", resume)
    answer = command("resume", "half")
    assert answer.code == 0
    assert answer.out.endswith(f"{folder.id}\n")
    assert "test/mse 0.02" in answer.out


def test_no_setting_of_a_run_that_has_ended_is_called_wrong(command: Command, finished: RunFolder) -> None:
    """Whether the setting is live does not matter any more; what does is that the run has ended."""
    for change in ("training.batch_size=4", "optimizer.lr=1e-3"):
        answer = command("set", finished.id, change)
        assert answer.code == 2
        assert answer.err.startswith(f"{finished.id}: cannot set a run that is finished; expected one that is running.")
