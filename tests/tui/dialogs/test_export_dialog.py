"""The export dialog, with the command that it starts replaced where a real export would need a trained model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button, Input, OptionList, Static

from tests.tui.harness import Harness, example, fixed_cards, settled
from tests.tui.running import until
from workbench.runs.folder import RunFolder
from workbench.runs.root import RUNS_ENV
from workbench.tui.dialogs.export_dialog import ExportDialog, checkpoint_choices, export_arguments, format_choices
from workbench.tui.requests import CopyText


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run with three checkpoints, the second of them the best."""
    monkeypatch.setenv(RUNS_ENV, str(tmp_path))
    folder = RunFolder.create(tmp_path, example())
    folder.checkpoints_path.mkdir(exist_ok=True)
    for step in (100, 200, 300):
        (folder.checkpoints_path / f"step-{step:08d}.safetensors").touch()
    (folder.checkpoints_path / "best.safetensors").symlink_to("step-00000200.safetensors")
    return folder


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, int], list[list[str]]]:
    """Lets the export command be a process that prints this and ends so; returns the commands that were started."""

    def replace(output: str, errors: str, code: int) -> list[list[str]]:
        started: list[list[str]] = []
        real = subprocess.Popen

        def start(command: list[str], **options: Any) -> Any:
            started.append(command)
            script = f"import sys; sys.stdout.write({output!r}); sys.stderr.write({errors!r}); sys.exit({code})"
            return real([sys.executable, "-c", script], **options)

        monkeypatch.setattr(subprocess, "Popen", start)
        return started

    return replace


def text(dialog: ExportDialog, name: str) -> str:
    return str(dialog.query_one(name, Static).render())


def test_checkpoints_are_offered_by_what_they_are(run: RunFolder, tmp_path: Path) -> None:
    """Best and last come first, then the others by step; a run without any offers none."""
    assert [(choice.value, choice.about) for choice in checkpoint_choices(run)] == [
        ("best", "step 200"),
        ("last", "step 300"),
        ("100", ""),
    ]
    assert checkpoint_choices(RunFolder(tmp_path / "none")) == []


def test_the_command_is_what_a_person_would_type(run: RunFolder) -> None:
    """Reference, format and place are given as on the command line."""
    assert export_arguments(run, "best", "pt", "") == ["export", f"{run.id}@best", "--format", "pt"]
    assert export_arguments(run, "", "csv", " a b ", replace=True) == [
        "export", run.id, "--format", "csv", "--out", "a b", "--force",
    ]  # fmt: skip


def test_a_run_elsewhere_is_named_with_its_folder(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where runs are not looked for by default the command says where this one is."""
    monkeypatch.delenv(RUNS_ENV)
    assert export_arguments(run, "", "csv", "")[-2:] == ["--runs-dir", str(run.path.parent)]


async def test_every_format_is_offered_and_the_command_follows_the_choice(run: RunFolder) -> None:
    """The lists hold what there is, and the command line below changes with them and with the place."""
    app = Harness()
    async with app.run_test(size=(110, 40)) as pilot:
        dialog = ExportDialog(run)
        await app.push_screen(dialog)
        await pilot.pause()
        formats = [choice.value for choice in format_choices()]
        assert {"safetensors", "pt", "bundle", "csv"} <= set(formats)
        assert [option.id for option in dialog.query_one("#formats", OptionList).options] == formats
        await pilot.press("tab", "down", "tab", *"out")
        await pilot.pause()
        assert text(dialog, "#command") == f"workbench export {run.id}@last --format {formats[0]} --out out"
        dialog.query_one("#formats", OptionList).highlighted = formats.index("csv")
        await pilot.pause()
        assert text(dialog, "#command") == f"workbench export {run.id} --format csv --out out"  # all metrics, of no checkpoint


async def test_an_export_reports_what_was_verified_and_its_path_can_be_copied(
    run: RunFolder, answering: Callable[[str, str, int], list[list[str]]]
) -> None:
    """After the process ends the comparison is shown, the path copied on demand and returned on the way out."""
    exported = {
        "run": run.id,
        "step": 200,
        "format": "bundle",
        "path": "/somewhere/out",
        "verified": {"outputs": "32 samples equal"},
    }
    started = answering(json.dumps(exported), "", 0)
    app = Harness()
    answers: list[Path | None] = []
    async with app.run_test(size=(110, 40)) as pilot:
        dialog = ExportDialog(run)
        await app.push_screen(dialog, answers.append)
        await pilot.pause()
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert started[0][1:5] == ["-m", "workbench", "export", f"{run.id}@best"]
        outcome = text(dialog, "#outcome")
        assert "/somewhere/out" in outcome
        assert "outputs: 32 samples equal" in outcome
        await pilot.press("ctrl+y")
        assert app.last(CopyText).text == "/somewhere/out"
        await pilot.press("escape")
        await pilot.pause()
    assert answers == [Path("/somewhere/out")]


async def test_a_failed_export_shows_its_last_line_and_can_be_tried_again(
    run: RunFolder, answering: Callable[[str, str, int], list[list[str]]]
) -> None:
    """The error stands in the dialog; where something is in the way the button offers to replace it."""
    started = answering("", "out: exists already; expected a free place. Name another or give --force.\n", 2)
    app = Harness()
    async with app.run_test(size=(110, 40)) as pilot:
        dialog = ExportDialog(run)
        await app.push_screen(dialog)
        await pilot.pause()
        await pilot.click("#export")
        await settled(pilot)
        assert "exists already" in text(dialog, "#outcome")
        assert str(dialog.query_one("#export", Button).label) == "Replace what is there"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "--force" in started[-1]
        dialog.query_one("#out", Input).value = "elsewhere"
        await pilot.pause()
        assert "--force" not in text(dialog, "#command")


async def test_an_export_that_is_left_is_told(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the dialog ends the process that still writes, and that is said."""
    endless = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **others: real(endless, **others))
    app = Harness()
    async with app.run_test(size=(110, 40)) as pilot:
        dialog = ExportDialog(run)
        await app.push_screen(dialog)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: dialog._process is not None, "the process")
        await pilot.press("escape")
        await settled(pilot)
        assert dialog._process is not None
        assert dialog._process.wait() != 0
        assert [note.message for note in app._notifications] == ["The export was left before it was written."]


async def test_a_run_without_checkpoints_says_so(tmp_path: Path) -> None:
    """The metrics of such a run can still be exported; the list says that there is no checkpoint."""
    app = Harness()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = ExportDialog(RunFolder(tmp_path / "fresh"))
        await app.push_screen(dialog)
        await pilot.pause()
        assert str(dialog.query_one("#checkpoints", OptionList).get_option_at_index(0).prompt) == "none yet"
        assert "export fresh --format" in text(dialog, "#command")
