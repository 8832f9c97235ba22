"""`workbench presets` with the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import Command
from workbench.experiment.own_presets import draft_of, own_path, save_preset
from workbench.experiment.presets import load_preset
from workbench.paths import CONFIG_ENV

TEXT = load_preset("elman_echo").to_toml()


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's presets."""
    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "settings"))


def test_they_are_listed_behind_the_others_or_alone_with_their_files(command: Command) -> None:
    """What is wrong with one is told with its line on stderr; one that a shipped preset's name hides is told too."""
    assert "No preset in" in command("presets", "--user").err
    path = save_preset("mine", TEXT)
    path.with_name("adding_gru.toml").write_text(TEXT)
    path.with_name("a[red]\x1b.toml").write_text("[model]\nnam = 1\n")
    answer = command("presets", "--user")
    assert answer.code == 0
    assert "\x1b" not in answer.out + answer.err
    assert ".toml:2: [model] nam: unknown key." in answer.err or "[model] name: missing" in answer.err
    assert "user/adding_gru: 'adding_gru' alone means the shipped preset." in answer.err
    assert all(word in answer.out for word in ("user/mine", "a[red]", "Elman network repeats"))
    rows = json.loads(command("presets", "--user", "--json").out)
    assert [row["name"] for row in rows][1:] == ["user/adding_gru", "user/mine"]
    assert [bool(row["problems"]) for row in rows] == [True, False, False]
    assert [row["name"] for row in json.loads(command("presets", "--json").out)][-1] == "user/mine"
    assert "Elman network repeats" in command("presets", "mine").out


def test_one_is_shared_as_a_file(command: Command, tmp_path: Path) -> None:
    """Written out, taken in under another name, replaced where that is said."""
    file = tmp_path / "shared.toml"
    assert command("presets", "elman_echo", "--out", str(file)).code == 0
    assert command("presets", "elman_echo", "--out", str(file)).code == 2
    assert "workbench run other" in command("presets", "other", "--import", str(file)).err
    refused = command("presets", "other", "--import", str(file))
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert command("presets", "other", "--import", str(file), "--force").code == 0
    assert command("presets", "elman_echo", "--import", str(file)).code == 2
    assert load_preset("other") == load_preset("elman_echo")


def test_one_is_edited(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the editor a program that replaces a word; its mistakes are told with their lines, and kept."""
    save_preset("mine", TEXT)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/hidden_size/hiden_size/")
    wrong = command("presets", "--edit", "mine")
    assert wrong.code == 2
    assert f"{draft_of('mine').path}:" in wrong.err
    assert "goes on with the text" in wrong.err
    assert own_path("mine").read_text() == TEXT
    monkeypatch.setenv("EDITOR", "sed -i -e s/hiden_size/hidden_size/ -e 's/^title.*/title = \"New\"/'")
    right = command("presets", "mine", "--edit")
    assert right.code == 0
    assert "text of last time" in right.err
    assert load_preset("mine").title == "New"
    monkeypatch.setenv("EDITOR", "true")
    assert "Nothing was changed." in command("presets", "mine", "--edit").err


@pytest.mark.parametrize(
    "words",
    [("--edit",), ("--out", "x"), ("--user", "mine"), ("--force",), ("mine", "--edit", "--import", "x"), ("--import", "no.toml")],
)
def test_what_does_not_go_together_is_wrong_usage(words: tuple[str, ...], command: Command) -> None:
    """One line, and nothing is done."""
    answer = command("presets", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
