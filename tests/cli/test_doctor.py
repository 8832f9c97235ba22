"""`workbench doctor`."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.commands import Command
from workbench.cli.commands import doctor
from workbench.cli.commands.doctor import Finding, examine
from workbench.experiment.settings import TrainingConfig
from workbench.training import devices
from workbench.tui.session import config_folder


def test_doctor_as_json_has_every_group(command: Command) -> None:
    """Versions, compute, paths and terminal, each with value, problem and remedy."""
    answer = command("doctor", "--json")
    found = json.loads(answer.out)
    assert answer.code == 0
    assert found["ok"] is True
    assert {finding["group"] for finding in found["findings"]} == {"versions", "cards", "compute", "paths", "terminal"}
    assert all(set(finding) == {"group", "name", "value", "problem", "remedy", "serious"} for finding in found["findings"])


def test_doctor_for_people_ends_with_a_verdict(command: Command) -> None:
    """Nothing wrong is said too."""
    assert "Nothing is wrong." in command("doctor").out


def test_a_runs_folder_that_cannot_be_is_serious(tmp_path: Path, command: Command) -> None:
    """A file in the place of a folder: named, with the remedy, and exit code 1."""
    (tmp_path / "file").write_text("")
    answer = command("doctor", "--runs-dir", str(tmp_path / "file" / "runs"))
    assert answer.code == 1
    assert "WORKBENCH_RUNS" in answer.out


def test_an_old_sqlite_is_serious(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The run store needs upserts."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 7, 0))
    assert [finding.name for finding in examine(tmp_path) if finding.serious] == ["sqlite"]


def test_the_settings_are_looked_for_where_the_interface_has_them(tmp_path: Path) -> None:
    """One folder, named in one place."""
    (settings,) = (finding for finding in examine(tmp_path) if finding.name == "settings")
    assert settings.value.startswith(f"{config_folder()},")


def test_every_problem_has_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is wrong never stands alone, in the poorest of terminals."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert all(finding.remedy for finding in examine(tmp_path) if finding.problem)


def found(root: Path, name: str) -> Finding:
    """What was found of one thing."""
    (finding,) = (finding for finding in examine(root) if finding.name == name)
    return finding


@pytest.mark.parametrize(
    ("system", "words"), [("linux", "supported and tested"), ("darwin", "not tested there"), ("win32", "WSL"), ("aix", "unknown")]
)
def test_it_says_what_is_known_of_the_system(system: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tested, expected to work, or never tried."""
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(platform=system))
    assert words in doctor._system().value


@pytest.mark.parametrize(("there", "words"), [("cuda", "cuda (A card), but cpu up to 50,000"), ("mps", "auto takes mps")])
def test_it_says_which_device_auto_takes(there: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its name, and for what it is not taken."""
    monkeypatch.setattr(devices, "available", lambda: {"cuda": there == "cuda", "mps": there == "mps", "cpu": True})
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "A card")
    assert words in found(tmp_path, "device").value


def test_it_counts_the_threads_of_a_run(tmp_path: Path) -> None:
    """As the setting has it, not as torch would."""
    assert found(tmp_path, "threads").value.startswith(f"{TrainingConfig().threads} for a run")


def test_a_windows_console_without_term_is_no_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """TERM is not theirs; Windows Terminal says so in its own way."""
    monkeypatch.setattr(doctor, "is_windows", lambda: True)
    monkeypatch.setenv("WT_SESSION", "1")
    assert doctor._windows_colours().problem == ""
    monkeypatch.delenv("WT_SESSION")
    assert doctor._windows_colours().remedy == "Use Windows Terminal."
    assert doctor._utf8_remedy() == "Set PYTHONUTF8=1."
