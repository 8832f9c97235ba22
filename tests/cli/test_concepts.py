"""`workbench concepts`."""

from __future__ import annotations

import json

from tests.cli.commands import Command
from workbench.concepts import list_pages


def test_pages_are_listed_with_what_they_explain(command: Command) -> None:
    """As a table for people, whole for programs."""
    answer = command("concepts")
    assert answer.code == 0
    assert all(page.name in answer.out and page.title in answer.out for page in list_pages())
    rows = json.loads(command("concepts", "--json").out)
    assert [row["name"] for row in rows] == [page.name for page in list_pages()]
    assert {"name", "title", "architectures", "presets", "text"} == set(rows[0])


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
