"""The command of `--notify`, called by a process of its own while real workers train, fail, are killed and are stopped."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.training.driving import experiment, new_run, status_of, steps_of, wait_for
from tests.waiting import wait_until
from workbench.errors import UsageError
from workbench.runs.control import send
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import launch, notifying
from workbench.training.notifying import start_notifier
from workbench.typed import checked_command

ENDLESS = 1_000_000

KEEP = """
import json, os, sys
facts = {name: value for name, value in os.environ.items() if name.startswith("WORKBENCH_") or name == "PYTHONPATH"}
with open(sys.argv[1], "a") as file:
    file.write(json.dumps(facts | {"words": sys.argv[2:]}) + "\\n")
"""


class Kept:
    """A command that keeps what it is told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kept.jsonl"
        script = folder / "keep it.py"
        script.write_text(KEEP)
        self.command = shlex.join([sys.executable, str(script), str(self.path), "$HOME; a b"])

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    @property
    def states(self) -> list[str]:
        return [call["WORKBENCH_STATE"] for call in self.calls]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


@pytest.fixture(autouse=True)
def none_left() -> Iterator[None]:
    """Every process that calls commands ends with its run."""
    yield
    for worker in launch._started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait(60)
    ended()


def ended() -> None:
    """Wait until all is called that is to be called."""
    for process in notifying._started:
        assert process.wait(60) == 0
    notifying._started.clear()


def begin(folder: RunFolder, *commands: str) -> int:
    """A worker, and processes that call the commands."""
    pid = launch.start(folder)
    for command in commands:
        start_notifier(folder, command, after=0)
    return pid


def notices_of(folder: RunFolder) -> Sequence[str]:
    with RunReader(folder) as reader:
        return [event.message for event in reader.events() if event.kind == "notice"]


def test_a_run_that_finishes_calls_each_command_once(tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the facts in the environment and no shell in between; two that ask for the same command are called once."""
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", "") + os.pathsep + "/of/the/person")
    folder = new_run(tmp_path, experiment())
    begin(folder, kept.command, kept.command, kept.command + " another")
    wait_for(folder, "finished", "failed")
    ended()
    calls = sorted(kept.calls, key=lambda call: len(call["words"]))
    assert [call["words"] for call in calls] == [["$HOME; a b"], ["$HOME; a b", "another"]]
    for call in calls:
        assert call["WORKBENCH_RUN"] == folder.id
        assert Path(call["WORKBENCH_RUN_PATH"]) == folder.path.resolve()
        assert (call["WORKBENCH_STATE"], call["WORKBENCH_STEP"]) == ("finished", "20")
        assert call["WORKBENCH_MESSAGE"].startswith("20 steps in ")
        assert call["PYTHONPATH"] == os.environ["PYTHONPATH"]
    assert notices_of(folder) == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/nowhere/notify", "'/nowhere/notify': cannot be run: No such file or directory"),
        (shlex.join([sys.executable, "-c", "import sys; sys.exit('no\\x1b[2J net')"]), "exit code 1: no"),
    ],
)
def test_a_command_that_fails_is_told_in_the_event_log(tmp_path: Path, command: str, told: str) -> None:
    """One line that no terminal acts on; the run is as finished as any."""
    folder = new_run(tmp_path, experiment())
    begin(folder, command)
    wait_for(folder, "finished", "failed")
    ended()
    (line,) = notices_of(folder)
    assert line.startswith("--notify (finished): ")
    assert told in line
    assert line.isprintable()
    assert status_of(folder) == "finished"


def test_a_worker_that_stands_still_and_then_is_killed_is_told(tmp_path: Path, kept: Kept) -> None:
    """SIGSTOP: no sign of life is a standstill, told once. SIGKILL: the run has failed."""
    folder = new_run(tmp_path, experiment(training__steps=ENDLESS))
    pid = begin(folder, kept.command)
    wait_until(lambda: steps_of(folder) > 0, "a step")
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: kept.states == ["stalled"], "the standstill to be told")
    assert f"process {pid} has given no sign of life" in kept.calls[0]["WORKBENCH_MESSAGE"]
    os.kill(pid, signal.SIGKILL)
    ended()
    assert kept.states == ["stalled", "failed"]
    assert "worker.log" in kept.calls[1]["WORKBENCH_MESSAGE"]


def test_a_run_that_goes_to_nan_calls_once(tmp_path: Path, kept: Kept) -> None:
    """The NaN ends the run: one call, not one for the end as well."""
    wanted = experiment(optimizer__name="sgd", optimizer__lr=1000, model__activation="relu")
    folder = new_run(tmp_path, wanted)
    begin(folder, kept.command)
    wait_for(folder, "finished", "failed")
    ended()
    assert status_of(folder) == "failed"
    assert kept.states == ["nan"]
    assert "is not finite" in kept.calls[0]["WORKBENCH_MESSAGE"]


def test_who_stops_a_run_is_not_called(tmp_path: Path, kept: Kept) -> None:
    """They know; the process that would have called ends."""
    folder = new_run(tmp_path, experiment(training__steps=ENDLESS))
    begin(folder, kept.command)
    wait_until(lambda: steps_of(folder) > 0, "a step")
    send(folder, "stop")
    ended()
    assert kept.calls == []


@pytest.mark.parametrize("command", ["'", "   "])
def test_what_is_no_command_is_refused(command: str) -> None:
    """At once, and not at the end of a long run."""
    with pytest.raises(UsageError, match=r"--notify: .* expected a command and its words"):
        checked_command(command, "--notify")
