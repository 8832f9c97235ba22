"""What is left when the interface itself fails: what was typed, one line, a traceback in a file, and a sane terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.harness import example, fixed_cards, settled
from tests.tui.running import opened, until
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.session import Session, load_session, save_session


class _OddError(Exception):
    """Something that nobody foresaw."""


def _fail() -> None:
    raise _OddError("[/tmp/x] \x1b[31mboom")


@pytest.fixture
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("cards")
async def test_what_was_typed_is_there_again(tmp_path: Path, config_folder: Path) -> None:
    """Values right and wrong, a card that was chosen and the line being typed are in the form at the next start."""
    with pytest.raises(_OddError):  # noqa: PT012 - it is raised when the app is left
        async with opened(tmp_path / "runs") as (pilot, app, bench):
            form = bench.form
            assert form is not None
            form.cards.choose("data", "digits")
            form.point_at("model.hidden_size")
            await pilot.press("9", "9", "9", "9", "9", "down")
            form.point_at("optimizer.lr")
            await pilot.press("1", ",", "5")
            app.call_later(_fail)
            await until(pilot, lambda: bool(app.fault), "the fault")
    assert "\n" not in app.fault
    assert "\x1b" not in app.fault
    assert "_OddError: [/tmp/x]" in app.fault
    assert str(config_folder / "fault.txt") in app.fault
    assert "test_fault.py" in (config_folder / "fault.txt").read_text()
    assert load_session().typed is not None
    async with opened(tmp_path / "runs") as (pilot, _app, bench):
        await settled(pilot)
        assert bench.form is not None
        typed = bench.form.typed
        assert typed is not None
        assert (typed["data"]["name"], typed["model"]["hidden_size"], typed["optimizer"]["lr"]) == ("digits", 99999, "1,5")
        assert bench.form.problems
        assert "1,5" in str(bench.form.query_one(SettingsList).get_option("optimizer.lr").prompt)


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize(
    "typed",
    [{"model": 5}, {"model": {"name": "gone"}}, {"data": {}}, {"training": []}, {"model": {"name": ["x"]}}],
    ids=["a number", "no such card", "no name", "a list", "an odd name"],
)
async def test_odd_leftovers_are_passed_over(typed: dict[str, object], tmp_path: Path) -> None:
    """Whatever stands in the session file as typed, the form opens."""
    save_session(Session(experiment=example().to_dict(), typed=typed))
    async with opened(tmp_path / "runs") as (pilot, _app, bench):
        await settled(pilot)
        assert bench.form is not None


@pytest.mark.usefixtures("cards")
async def test_a_fault_in_a_thread_is_told_and_ends_nothing(
    tmp_path: Path, config_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails unforeseen in the background is said with where it came from; a start that failed so is over."""

    def odd(*_arguments: object, **_named: object) -> None:
        raise _OddError("[/x] odd")

    monkeypatch.setattr("workbench.runs.folder.RunFolder.create", odd)
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        await settled(pilot)
        await pilot.press("f5")
        await until(pilot, lambda: any(note.title == "Not started" for note in app._notifications), "the end of the start")
        said = next(note.message for note in app._notifications if "a fault of its own" in note.message)
        assert "work in the background (start) failed" in said
        assert "_OddError: [/x] odd" in said
        assert str(config_folder / "fault.txt") in said
        assert not bench.run.starting
        assert not app.quitting.beginning
        assert app.is_running


@pytest.mark.slow
def test_a_fault_ends_in_one_line_and_a_sane_terminal(tmp_path: Path, config_folder: Path) -> None:
    """The command exits with 1, says what happened in its last line, and the terminal is as it was."""
    code = (
        "from workbench.tui.app import WorkbenchApp\n"
        "def broken(self): raise ValueError('boom')\n"
        "WorkbenchApp.action_help = broken\n"
        "from workbench.cli import main\n"
        f"main(['--runs-dir', {str(tmp_path / 'runs')!r}])\n"
    )
    terminal, far_end = pty.openpty()
    before = termios.tcgetattr(far_end)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=far_end,
        stdout=far_end,
        stderr=far_end,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
    )
    output = b""
    while b"hidden" not in output:
        output += os.read(terminal, 65_536)
    os.write(terminal, b"?")
    while b"traceback is in" not in output:
        output += os.read(terminal, 65_536)
    assert process.wait(timeout=60) == 1
    assert termios.tcgetattr(far_end) == before
    os.close(far_end)
    os.close(terminal)
    said = output[output.rindex(b"\x1b") :].decode(errors="replace").partition("m")[2].strip().splitlines()
    assert len(said) == 1
    assert said[0].startswith("workbench: the interface failed, a fault of its own: ValueError: boom.")
    assert said[0].endswith("What stood in the form is kept, and runs go on.")
    assert b"Traceback" not in output
    assert "boom" in (config_folder / "fault.txt").read_text()
