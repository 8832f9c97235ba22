"""`workbench new KIND NAME`, `workbench check-card`, `--cards` and `--trust-code`, as they are typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.commands import Command
from workbench.cards.own_code import CARDS_ENV
from workbench.cli.own_code import take_out
from workbench.paths import CONFIG_ENV


@pytest.fixture(autouse=True)
def someone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person in a folder of their own."""
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "config"))
    monkeypatch.setenv(CARDS_ENV, "")
    monkeypatch.chdir(tmp_path)


def test_a_card_is_written_and_tried(command: Command) -> None:
    """And what breaks is told once, with the exit code 1."""
    made = command("new", "dataset", "my_data")
    assert made.code == 0
    assert "'workbench check-card my_data.py' tries it" in made.err
    tried = command("check-card", "my_data.py")
    assert (tried.code, tried.out) == (0, "")
    assert "dataset MyData: all 12 contracts are kept." in tried.err
    Path("my_data.py").write_text(Path("my_data.py").read_text().replace("1 if split", "2 if split"))
    broken = command("check-card", "my_data.py", "--json")
    assert broken.code == 1
    assert [one["problem"] for one in json.loads(broken.out) if one["problem"]] == ["validation and test set share samples"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("new", "dataset"), "got no name; expected one"),
        (("new", "datset", "x"), "expected a kind of card. Did you mean 'dataset'?"),
        (("new", "dataset", "Not A Name"), "expected a name such as my_net"),
        (("check-card", "nowhere.py"), "nowhere.py: cannot be read"),
    ],
)
def test_what_is_mistyped(words: tuple[str, ...], expected: str, command: Command) -> None:
    """One line, exit code 2."""
    answer = command(*words)
    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.count("\n") == 1


def test_both_options_stand_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are taken out of the line; what stands behind -- is left alone; a folder that is none is told at once."""
    for name in ("a", "b", "before"):
        Path(name).mkdir()
    before = str(Path("before").absolute())
    monkeypatch.setenv(CARDS_ENV, before)
    rest, trust, problem = take_out(["--cards", "a", "run", "x", "--trust-code", "--cards=b", "--", "--cards"])
    assert (rest, trust, problem) == (["run", "x", "--", "--cards"], True, "")
    assert os.environ[CARDS_ENV] == os.pathsep.join([str(Path("a").absolute()), str(Path("b").absolute()), before])
    assert "nowhere: no such folder; expected a folder of cards" in take_out(["--cards", "nowhere"])[2]
    assert "expected a folder of cards" in take_out(["run", "--cards"])[2]
