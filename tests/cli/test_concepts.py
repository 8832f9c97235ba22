"""`workbench concepts`."""

from __future__ import annotations

import json

import pytest

from tests.cli.commands import Command
from workbench.concepts import list_pages


def test_pages_are_listed_with_what_they_explain(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a table for people, whole for programs."""
    monkeypatch.setenv("COLUMNS", "160")
    answer = command("concepts")
    assert answer.code == 0
    assert all(page.name in answer.out and page.title in answer.out for page in list_pages())
    rows = json.loads(command("concepts", "--json").out)
    assert [row["name"] for row in rows] == [page.name for page in list_pages()]
    assert {"name", "title", "chapter", "section", "architectures", "presets", "text"} == set(rows[0])


def test_a_page_is_read_by_any_of_its_names(command: Command) -> None:
    """A preset's name leads to its page."""
    answer = command("concepts", "reversal_context")
    assert answer.code == 0
    assert "Encoder and decoder (编码器-解码器)" in answer.out
    assert "Pitfalls" in answer.out
    assert json.loads(command("concepts", "lstm", "--json").out)["architectures"] == ["lstm"]


def test_an_unknown_page_is_wrong_usage(command: Command) -> None:
    """Exit code 2 and one line."""
    answer = command("concepts", "atention")
    assert (answer.code, answer.out) == (2, "")
    assert "Did you mean 'attention'" in answer.err


def test_a_word_like_no_other_gets_no_list_of_all(command: Command) -> None:
    """So many names help nobody: the command that lists them is told."""
    answer = command("concepts", "nonsens")
    assert answer.code == 2
    assert "'workbench concepts' lists all" in answer.err
    assert len(answer.err) < 200


def test_a_preset_without_a_page_is_told_apart_from_no_preset(command: Command) -> None:
    """Its architecture's page is named instead."""
    answer = command("concepts", "literature/pixels_lstm")
    assert answer.code == 2
    assert (
        answer.err
        == "concepts: preset 'literature/pixels_lstm' has no page of its own. 'workbench concepts lstm' explains its model.\n"
    )
