"""The whole way in a real terminal with a real worker, as a person goes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.terminal import Terminal
from tests.waiting import wait_until
from workbench.runs.folder import RunFolder
from workbench.runs.listing import find_run
from workbench.runs.reader import RunReader


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for runs and settings; runs that are still going at the end are ended."""
    yield tmp_path
    for database in tmp_path.glob("runs/*/run.db"):
        with RunReader(RunFolder(database.parent)) as reader:
            status = reader.status()
        if status.alive and status.pid:
            os.kill(status.pid, signal.SIGTERM)
            run = RunFolder(database.parent)
            wait_until(lambda run=run: not is_alive(run), f"{run.id} to end")  # type: ignore[misc]


def is_alive(run: RunFolder) -> bool:
    with RunReader(run) as reader:
        return reader.status().alive


def steps_of(run: RunFolder) -> int:
    with RunReader(run) as reader:
        return reader.status().step


def state_of(run: RunFolder) -> str:
    with RunReader(run) as reader:
        return reader.status().state


def test_choose_start_steer_export_leave_and_come_back(folder: Path) -> None:
    """Open, choose a preset, start, see the curves move, change the rate, export, leave it running, attach again, stop."""
    terminal = Terminal([], folder)
    terminal.shows("F5 starts a run", "Architecture", "Hyperparameters")
    terminal.press("f4")
    terminal.shows("filter", "Open")
    terminal.press("/")
    terminal.type("gated/adding_lstm", "│ gated/adding_lstm ")
    terminal.shows("LSTM on the adding problem", "gated/adding_lstm")
    terminal.press("enter")  # the only one left
    terminal.shows("Adding problem", "F5 starts a run")

    terminal.press("f5")
    terminal.shows("running", "/ 2,500", "steps/s")
    run = find_run(folder / "runs", "latest")
    first = terminal.text
    wait_until(lambda: steps_of(run) > 250, "250 steps")
    wait_until(lambda: terminal.text != first and "validation" in terminal.text, "the curves to move")

    terminal.press("l")
    terminal.shows("Learning rate", "enter keeps")
    terminal.type("1e-3", "│ 1e-3 ")  # the old value is selected
    terminal.press("enter")

    def changed() -> bool:
        with RunReader(run) as reader:
            return any(event.kind == "changed" and event.data == {"optimizer.lr": 1e-3} for event in reader.events())

    wait_until(changed, "the change to reach the run")

    terminal.press(" ")  # a fast run waits for a slow terminal
    wait_until(lambda: state_of(run) == "paused", "the run to pause")
    terminal.press("e")
    terminal.shows("format", "checkpoint", "ctrl+s exports")
    terminal.press("ctrl+s")
    terminal.shows("written and verified", "equal bitwise")
    assert list(run.exports_path.iterdir())
    terminal.press("escape")
    wait_until(lambda: "Copy path" not in terminal.text, "the dialog to close")  # escape and q in one go would be alt+q
    terminal.press(" ")
    wait_until(lambda: state_of(run) == "running", "the run to go on")

    terminal.press("q")
    terminal.shows("still training", "Leave it running")
    terminal.press("enter")
    assert terminal.ended() == 0
    terminal.close()
    left_at = steps_of(run)
    assert is_alive(run)

    again = Terminal(["attach", "latest"], folder, columns=80, lines=24)
    again.shows("running", "/ 2,500")
    wait_until(lambda: steps_of(run) > left_at, "the run to have gone on")
    again.press("x")
    wait_until(lambda: not is_alive(run), "the run to stop")
    again.shows("stopped")
    again.press("q")
    assert again.ended() == 0
    again.close()


def test_closing_the_terminal_does_not_end_a_run(folder: Path) -> None:
    """A terminal that is closed while a run trains takes the interface with it and leaves the run alone."""
    terminal = Terminal(["recurrent/elman_echo"], folder)
    terminal.shows("F5 starts a run", "Echo")
    terminal.press("f5")
    terminal.shows("running")
    run = find_run(folder / "runs", "latest")
    os.killpg(terminal.process.pid, signal.SIGHUP)
    assert terminal.ended() == 128 + signal.SIGHUP
    terminal.close()
    wait_until(lambda: not is_alive(run), "the run to finish by itself")
    with RunReader(run) as reader:
        assert reader.status().state == "finished"


def test_a_terminal_that_vanishes_without_a_signal_takes_the_interface_with_it(folder: Path) -> None:
    """When the other end of the terminal is closed and no SIGHUP comes, the interface ends instead of spinning."""
    terminal = Terminal([], folder)
    terminal.shows("F5 starts a run")
    os.close(terminal.main)
    assert terminal.ended() == 128 + signal.SIGHUP


def test_any_size_and_no_colour_are_survived(folder: Path) -> None:
    """Resized to almost nothing and back, without colours, the interface still shows itself."""
    terminal = Terminal(["recurrent/elman_echo"], folder, columns=80, lines=24, NO_COLOR="1")
    terminal.shows("F5")
    for columns, lines in ((2, 1), (200, 60), (20, 5), (120, 40)):
        terminal.resize(columns, lines)
    terminal.shows("Architecture", "Hyperparameters", "F5 starts a run")
    terminal.press("q")
    assert terminal.ended() == 0
    terminal.close()


def test_the_editor_has_the_terminal_and_gives_it_back(folder: Path) -> None:
    """`T` in the form leaves the screen and its keys to the person's editor, Ctrl-C included; what that wrote is in the form."""
    editor = folder / "editor.py"
    editor.write_text(
        "import re, signal, sys\n"
        "from pathlib import Path\n"
        "signal.signal(signal.SIGINT, lambda *_: print('INTERRUPTED'))\n"
        "print('IN THE EDITOR', flush=True)\n"
        "words, path = input(), Path(sys.argv[1])\n"
        "path.write_text(re.sub('hidden_size = .*', words, path.read_text()))\n"
    )
    terminal = Terminal(["adding_gru"], folder, EDITOR=f"{sys.executable} {editor}", VISUAL="")
    terminal.shows("F5 starts a run", "hidden size", " 64 ")
    terminal.press("T")
    terminal.shows("IN THE EDITOR")
    os.killpg(terminal.process.pid, signal.SIGINT)  # no controlling terminal here that would send it
    terminal.shows("INTERRUPTED")
    terminal.press("hidden_size = 63", "enter")
    terminal.shows("Hyperparameters", "hidden size", " 63 ", "1 changed")
    terminal.press("q")
    assert terminal.ended() == 0
    terminal.close()


def start(folder: Path, name: str, *changes: str) -> RunFolder:
    """A run in a process of its own."""
    sets = [word for change in changes for word in ("--set", change)]
    words = ["run", "recurrent/elman_echo", *sets, "--name", name, "--detach", "--quiet", "--runs-dir", str(folder / "runs")]
    done = subprocess.run([sys.executable, "-m", "workbench", *words], capture_output=True, text=True, check=True)
    return RunFolder(folder / "runs" / done.stdout.strip())


def pid_of(run: RunFolder) -> int:
    with RunReader(run) as reader:
        return reader.status().pid or 0


def test_whoever_looks_elsewhere_is_called(folder: Path) -> None:
    """By bell, title and a notice that waits: another run finishes, the one shown stands still and then is gone."""
    shown = start(folder, "alpha", "steps=1000000")
    wait_until(lambda: steps_of(shown) > 0, "a step")
    terminal = Terminal(["attach", "alpha"], folder)
    terminal.shows("running", "steps/s")
    wait_until(lambda: terminal.screen.title == "0% alpha - workbench", "how far the run is in the title")
    assert b"\x1b[22;2t" in terminal.sent

    start(folder, "beta", "steps=2000")
    terminal.shows("Finished: beta", "2,000 steps in ", "test/accuracy")
    assert terminal.screen.title == "Finished: beta - workbench"
    assert terminal.screen.bells == 1
    terminal.press("g")
    wait_until(lambda: terminal.screen.title == "0% alpha - workbench", "the title of before")
    wait_until(lambda: "Finished: beta" not in terminal.text, "the notice to go")

    os.kill(pid_of(shown), signal.SIGSTOP)
    terminal.shows("Stands still: alpha", "no sign of life for")
    assert terminal.screen.title == "Stands still: alpha - workbench"
    os.kill(pid_of(shown), signal.SIGKILL)
    terminal.shows("Failed: alpha", "the worker is gone")
    assert terminal.screen.bells == 3
    terminal.press("q")
    assert terminal.ended() == 0
    wait_until(lambda: terminal.sent.endswith(b"\x1b]2;\x07\x1b[23;2t"), "the title to be given back")
    terminal.close()


def test_the_command_is_called_also_when_the_terminal_is_closed(folder: Path) -> None:
    """`run --notify` in a terminal that is closed while the run goes on: called once, when the run has finished."""
    called = folder / "called"
    command = f"sh -c 'echo $WORKBENCH_STATE $WORKBENCH_STEP >> {called}'"
    words = ["run", "recurrent/elman_echo", "--set", "steps=4000", "--notify", command]
    terminal = Terminal(words, folder)
    terminal.shows("steps/s")
    wait_until(lambda: "%" in terminal.screen.title, "how far the run is in the title")
    os.killpg(terminal.process.pid, signal.SIGHUP)
    terminal.ended()
    terminal.close()
    assert not called.exists()
    run = find_run(folder / "runs", "latest")
    wait_until(lambda: not is_alive(run), "the run to finish by itself")
    wait_until(called.exists, "the command to be called")
    wait_until(lambda: not notifiers(run), "what called it to end")
    assert called.read_text() == "finished 4000\n"


def notifiers(run: RunFolder) -> list[int]:
    """Processes that wait to call a command for a run."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "workbench.training.notifying" in words and str(run.path) in words:
            found.append(process.pid)
    return found
