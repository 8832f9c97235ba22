"""Commands from viewer to worker and back, and whether there is a worker at all."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.runs.making import finished_run, new_run
from tests.waiting import wait_until
from workbench.errors import OwnershipError, StoreError, UsageError, WorkerError
from workbench.runs import control, process
from workbench.runs.control import Claim, claim, give_up, hand_over, send, steps_from_rest, tell, wait
from workbench.runs.folder import RunFolder
from workbench.runs.pending import Statement, save_pending
from workbench.runs.process import is_alive, process_start, real_state
from workbench.runs.reader import RunReader
from workbench.runs.records import Command
from workbench.runs.schema import connect_writable
from workbench.runs.writer import RunWriter


def running(root: Path) -> tuple[RunFolder, RunWriter]:
    """A run whose worker is this process."""
    folder = new_run(root)
    writer = RunWriter(folder)
    writer.set_status("running")
    return folder, writer


def test_a_command_is_taken_once_and_answered(tmp_path: Path) -> None:
    """The worker gets verb and arguments once, in order; the viewer gets the answer; both stay in the table."""
    folder, writer = running(tmp_path)
    first = send(folder, "set", **{"optimizer.lr": 3e-4})
    second = send(folder, "pause")
    taken: list[Command] = []

    def both_taken() -> bool:
        taken.extend(writer.take_commands())
        return len(taken) == 2

    wait_until(both_taken, "both commands", 5)
    assert [(command.id, command.verb, command.arguments) for command in taken] == [
        (first, "set", {"optimizer.lr": 3e-4}),
        (second, "pause", {}),
    ]

    def answer() -> None:
        for command in taken:
            writer.answer(command.id, f"done {command.verb}")

    answering = threading.Thread(target=answer)
    answering.start()
    assert wait(folder, first, 5) == "done set"
    assert wait(folder, second, 5) == "done pause"
    answering.join()
    with RunReader(folder) as reader:
        assert [(command.verb, command.outcome) for command in reader.commands()] == [
            ("set", "done set"),
            ("pause", "done pause"),
        ]
    writer.close()


def test_an_unknown_verb_is_refused(tmp_path: Path) -> None:
    """The message lists the verbs that there are."""
    folder, writer = running(tmp_path)
    with pytest.raises(UsageError, match="got command 'explode'; expected one of pause, resume, stop"):
        send(folder, "explode")
    writer.close()


def test_a_run_without_worker_takes_no_command(tmp_path: Path) -> None:
    """A finished run refuses in one line; a paused one without process says how to go on."""
    with pytest.raises(UsageError, match="cannot pause a run that is finished"):
        send(finished_run(tmp_path), "pause")
    folder, writer = running(tmp_path)
    writer.set_status("paused")
    writer.close()
    with pytest.raises(UsageError, match=f"'workbench resume {folder.id}'"):
        send(folder, "resume")


def test_no_command_comes_after_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends while a command is on its way: it is answered with the end, or refused."""
    folder, writer = running(tmp_path)
    number = send(folder, "evaluate")

    def ends_first(path: Path) -> sqlite3.Connection:
        with writer.together():
            writer.set_status("finished")
            writer.decline("the run has ended")
        return connect_writable(path)

    monkeypatch.setattr(control, "connect_writable", ends_first)
    with pytest.raises(UsageError, match="cannot pause a run that is finished"):
        send(folder, "pause")
    assert wait(folder, number, 5) == "the run has ended"
    writer.close()


def test_waiting_ends_when_the_worker_does(tmp_path: Path) -> None:
    """No answer in time, or none because the worker ended, is one line."""
    folder, writer = running(tmp_path)
    number = send(folder, "stop")
    with pytest.raises(WorkerError, match=r"no answer from the worker within 0\.05 s"):
        wait(folder, number, 0.05)
    writer.set_status("finished")
    writer.close()
    with pytest.raises(WorkerError, match="the worker ended before it answered"):
        wait(folder, number, 5)


def test_a_change_that_was_not_answered_was_not_made(tmp_path: Path) -> None:
    """Said to who waits, and to who looks after the next worker has begun."""
    folder, writer = running(tmp_path)
    number = send(folder, "set", **{"optimizer.lr": 3e-4})
    writer.set_status("failed")
    writer.close()
    with pytest.raises(WorkerError, match=r"ended before it answered\. Nothing was changed\."):
        wait(folder, number, 5)
    claim(folder)
    assert wait(folder, number, 5) == "the worker ended first; nothing was changed"


def test_an_answer_that_could_not_be_written_any_more_is_found_beside_the_database(tmp_path: Path) -> None:
    """The change and its answer wait together for the next owner of the run."""
    folder, writer = running(tmp_path)
    number = send(folder, "set", **{"optimizer.lr": 3e-4})
    writer.set_status("failed")
    writer.close()
    save_pending(folder.pending_path, [Statement("answer", ("done", number))])
    assert wait(folder, number, 5) == "done"


def test_claiming_needs_a_run_at_rest(tmp_path: Path) -> None:
    """A live run cannot be started again; one at rest becomes `starting`, and what nobody took is answered."""
    folder, writer = running(tmp_path)
    send(folder, "evaluate")
    with pytest.raises(UsageError, match="it is running already"):
        claim(folder)
    writer.set_status("stopped")
    writer.close()
    claim(folder)
    with pytest.raises(UsageError, match="it is starting already"):
        claim(folder)
    with RunReader(folder) as reader:
        assert (reader.status().state, reader.status().alive) == ("starting", True)
        assert [command.outcome for command in reader.commands()] == ["the worker ended first"]


def test_who_holds_a_run_writes_to_its_event_log(tmp_path: Path) -> None:
    """A notice before the worker is there stands at the run's step; who has lost the run writes nothing."""
    folder, writer = running(tmp_path)
    writer.set_status("stopped", step=7)
    writer.close()
    held = claim(folder)
    tell(folder, held, "the data are other ones now")
    give_up(folder, held)
    claim(folder)
    tell(folder, held, "too late")
    with RunReader(folder) as reader:
        notices = [(event.step, event.message) for event in reader.events() if event.kind == "notice"]
    assert notices == [(7, "the data are other ones now")]


def test_a_finished_run_is_refused_whoever_asks(tmp_path: Path) -> None:
    """The rule of what can be gone on with stands in one place and refuses a finished run in one line."""
    folder = finished_run(tmp_path, steps=100)
    with pytest.raises(UsageError, match=r"it finished all of its 100 steps\. For a longer run .* --set training.steps=200"):
        claim(folder)
    early = finished_run(tmp_path / "early", steps=10)
    with pytest.raises(UsageError, match=r"it stopped early at step 10\. For a longer run .* --set training.early_stopping=0"):
        claim(early)


def test_of_many_that_claim_a_run_one_gets_it(tmp_path: Path) -> None:
    """Looking and taking are one: twelve threads that claim a run at once are told no eleven times."""
    folder, writer = running(tmp_path)
    writer.set_status("stopped")
    writer.close()
    got: list[Claim] = []
    refused: list[UsageError] = []

    def try_it() -> None:
        try:
            got.append(claim(folder))
        except UsageError as error:
            refused.append(error)

    threads = [threading.Thread(target=try_it) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 11)


def test_a_claim_whose_process_is_gone_can_be_taken_at_once(tmp_path: Path) -> None:
    """`starting` without a living process is `lost`; the worker of the older claim is then refused and writes nothing."""
    folder, writer = running(tmp_path)
    writer.set_status("stopped")
    writer.close()
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    first = claim(folder)
    hand_over(folder, first, child.pid)
    child.wait()
    with RunReader(folder) as reader:
        assert (reader.status().state, reader.status().alive) == ("lost", False)
    second = claim(folder)
    with pytest.raises(OwnershipError, match="another process has taken this run over"):
        RunWriter(folder, first.token)
    RunWriter(folder, second.token).close()


def test_a_claim_that_is_given_up_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    """Where no worker could be started the run is what it was before."""
    folder, writer = running(tmp_path)
    writer.set_status("stopped")
    writer.close()
    give_up(folder, claim(folder))
    with RunReader(folder) as reader:
        assert (reader.status().state, reader.status().alive) == ("stopped", False)


def test_a_read_only_run_takes_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written, the message says so."""
    folder, writer = running(tmp_path)
    monkeypatch.setattr("workbench.runs.schema.os.access", lambda _path, mode: not mode & os.W_OK)
    with pytest.raises(StoreError, match="permission denied or read-only"):
        send(folder, "pause")
    writer.close()


def test_a_clock_that_is_set_loses_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's Unix times of processes move with its clock; what was noted before still means the same process."""
    import psutil

    started, created = process_start(), psutil.Process().create_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: created - 3600)
    monkeypatch.setattr(time, "time", lambda: created - 3600)
    assert is_alive(os.getpid(), started) == (started < 1e8)  # elsewhere such times are kept by the system itself
    assert real_state("running", 1, 1.0, created, "elsewhere") == ("running", True)


def test_a_run_of_an_earlier_version_knows_its_process() -> None:
    """It noted Unix times."""
    import psutil

    created = psutil.Process().create_time()
    assert is_alive(os.getpid(), created)
    assert not is_alive(os.getpid(), created - 60)


def test_a_process_is_known_by_pid_and_start() -> None:
    """This process is alive; the same pid with another start time, a dead process and a zombie are not."""
    assert is_alive(os.getpid(), process_start())
    assert not is_alive(os.getpid(), process_start() - 60)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process_start(child.pid)
    assert is_alive(child.pid, started)
    child.kill()
    wait_until(lambda: not is_alive(child.pid, started), "the killed child, not yet waited for, to count as gone", 5)
    child.communicate()
    assert not is_alive(child.pid, started)


@pytest.mark.parametrize(
    ("state", "pid", "age_s", "host", "expected"),
    [
        ("starting", None, 0, "here", ("lost", False)),
        ("starting", None, 60, "here", ("lost", False)),
        ("running", None, 0, "here", ("lost", False)),
        ("paused", None, 60, "here", ("paused", False)),
        ("running", 1, 0, "there", ("running", True)),
        ("running", 1, 60, "there", ("lost", False)),
        ("paused", 1, 60, "there", ("lost", False)),
        ("finished", 1, 60, "there", ("finished", False)),
        ("failed", None, 60, "here", ("failed", False)),
        ("running", 2**22 + 1, 0, "here", ("lost", False)),
    ],
)
def test_states_mean_what_the_process_says(
    state: str, pid: int | None, age_s: float, host: str, expected: tuple[str, bool]
) -> None:
    """A state that needs a process is `lost` without one; on another host the heartbeat decides."""
    name = socket.gethostname() if host == "here" else "another-machine"
    assert real_state(state, pid, 0.0, time.time() - age_s, name) == expected


def test_someone_elses_process_counts_as_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that may not be looked at exists."""
    import psutil

    def refuse(_pid: int) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "Process", refuse)
    assert process.is_alive(1, 0.0)


@pytest.mark.parametrize(("state", "from_rest"), [("stopped", True), ("failed", True), ("paused", True), ("finished", None)])
def test_a_step_is_taken_from_rest_where_one_is_left(tmp_path: Path, state: str, from_rest: bool | None) -> None:  # noqa: FBT001
    """A run without a process goes on for it, also one whose process was asked to end while it was paused."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.set_status("running", step=3)
    with RunReader(folder) as reader:
        assert not steps_from_rest(folder, reader.status())
    writer.set_status(state, step=100 if state == "finished" else 3)
    writer.close()
    with RunReader(folder) as reader:
        status = reader.status()
    if from_rest is None:
        with pytest.raises(UsageError, match=r"cannot take a step, it finished all of its 100 steps\. For a longer run"):
            steps_from_rest(folder, status)
    else:
        assert steps_from_rest(folder, status) is from_rest
