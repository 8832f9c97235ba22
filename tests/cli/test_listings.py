"""`workbench presets`, `architectures` and `datasets`."""

from __future__ import annotations

import json

import pytest

from tests.cli.commands import Command
from workbench.cards import catalog
from workbench.experiment.presets import list_presets


def test_presets_as_json_have_their_stable_keys(command: Command) -> None:
    """Every preset is listed with what a program needs."""
    rows = json.loads(command("presets", "--json").out)
    assert [row["name"] for row in rows] == [preset.name for preset in list_presets()]
    assert all(
        {"name", "title", "about", "chapter", "architecture", "dataset", "steps", "claim", "path", "problems"} == set(row)
        for row in rows
    )


@pytest.mark.parametrize(("kind", "known"), [("architectures", catalog.architectures), ("datasets", catalog.datasets)])
def test_cards_as_json_have_their_stable_keys(command: Command, kind: str, known: object) -> None:
    """Every card is listed with name, title, group, tasks and schema."""
    rows = json.loads(command(kind, "--json").out)
    assert callable(known)
    assert [row["name"] for row in rows] == list(known())
    assert all({"name", "title", "group", "tasks", "schema"} <= set(row) for row in rows)
    assert all(row["tasks"] for row in rows)
    assert all(row["schema"]["type"] == "object" for row in rows)


@pytest.mark.parametrize("kind", ["presets", "architectures", "datasets"])
def test_tables_name_everything(command: Command, kind: str) -> None:
    """The table for people has every name."""
    names = [row["name"] for row in json.loads(command(kind, "--json").out)]
    table = command(kind).out
    assert all(name in table for name in names)


def test_one_architecture_in_full(command: Command) -> None:
    """A card is shown with equation, reference, and its settings as `--set` writes them."""
    out = command("architectures", "lstm").out
    assert "model.hidden_size" in out
    assert catalog.architectures()["lstm"].equation.strip().splitlines()[0] in out


def test_one_dataset_in_full(command: Command) -> None:
    """A dataset is shown with its settings."""
    assert "data.length" in command("datasets", "adding").out


def test_one_preset_in_full(command: Command) -> None:
    """A preset is shown with what it is about and its file."""
    out = command("presets", "adding_lstm").out
    assert "[model]" in out
    assert "LSTM" in out


def test_a_dataset_says_how_its_held_out_samples_stand_to_training(command: Command) -> None:
    """In the text and as JSON: kind, sentence, how many samples and how many of them count."""
    assert "Held-out samples (fixed)" in command("datasets", "waveform").out
    (row,) = json.loads(command("datasets", "class_strings", "--json").out)
    assert row["held_out"]["kind"] == "same space"
    assert (row["held_out"]["samples"], row["held_out"]["effective"], row["held_out"]["met"]) == (1000, 10, 1.0)
