"""`workbench new FILE`: a data file is looked at, and an experiment on it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import Command
from workbench.experiment import Experiment

PROSE = "".join(f"This is sentence {number} of a text; it has words, and lines.\n" for number in range(80))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text, where one is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my notes.txt").write_text(PROSE)
    return tmp_path


def test_it_says_what_it_took_the_file_for_and_writes_an_experiment(command: Command, here: Path) -> None:
    """Sizes, what is odd, samples, and what to do next; the file loads and means the very text."""
    answer = command("new", "my notes.txt")
    assert answer.code == 0
    told = answer.err + answer.out
    for words in (f"running text: {len(PROSE):,} characters", "data.name = text", "are few", "Proposed: gru", "my notes.toml"):
        assert words in told
    experiment = Experiment.load(here / "my notes.toml")
    assert experiment.data.config.path == str(here / "my notes.txt")


def test_as_json_it_is_one_object(command: Command, here: Path) -> None:
    """With stable keys."""
    told = json.loads(command("new", "my notes.txt", "--out", "other.toml", "--json").out)
    assert set(told) == {"path", "dataset", "taken_for", "odd", "experiment"}
    assert told["dataset"] == "text"
    assert (here / "other.toml").is_file()


def test_what_is_there_is_not_replaced(command: Command, here: Path) -> None:
    """Unless that is asked for."""
    (here / "my notes.toml").write_text("mine")
    refused = command("new", "my notes.txt")
    assert refused.code == 2
    assert "is there already; expected a new file" in refused.err
    assert (here / "my notes.toml").read_text() == "mine"
    assert command("new", "my notes.txt", "--force").code == 0


def test_what_is_no_data_is_one_line(command: Command, here: Path) -> None:
    """Missing, and nothing that a card could read."""
    (here / "photo").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    for name in ("missing.txt", "photo"):
        refused = command("new", name)
        assert refused.code == 2
        assert len(refused.err.splitlines()) == 1
        assert name in refused.err
