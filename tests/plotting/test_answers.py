"""Tables of what a model answered: each kind of task has the columns that can be read."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from workbench.plotting.answers import AnswerSigns, answer_table, score_words


def text(items: list[dict[str, Any]], width: int = 90) -> list[str]:
    """The table as lines."""
    console = Console(width=width, file=StringIO())
    with console.capture() as captured:
        console.print(answer_table(items, AnswerSigns(), width))
    return captured.get().splitlines()


def test_numbers_stand_with_their_error() -> None:
    """Answer, target and difference."""
    head, row = text([{"input": "0.1 1", "target": "0.3", "predicted": "0.31", "correct": None}])
    assert head.split() == ["predicted", "target", "error", "input"]
    assert row.split()[:3] == ["0.3100", "0.3000", "+0.0100"]


def test_draws_without_a_context_are_valid_or_not() -> None:
    """No input and no right answer, since there is none; a sign says what the source could have written."""
    items = [
        {"input": "(nothing)", "target": "aab", "predicted": "abab", "correct": None, "valid": True},
        {"input": "(nothing)", "target": "ba", "predicted": "bb", "correct": None, "valid": False},
    ]
    head, first, second = text(items)
    assert head.split() == ["valid", "drawn", "by", "the", "model", "some", "of", "the", "data"]
    assert first.split() == ["✓", "abab", "aab"]
    assert second.split() == ["✗", "bb", "ba"]
    assert score_words(items) == "1 of 2 valid"


def test_draws_for_a_context_stand_beside_it() -> None:
    """The context, the sequence drawn for it, and the one in the data."""
    items = [{"input": "class 3", "target": "cab", "predicted": "cab", "correct": True, "valid": True}]
    head, row = text(items)
    assert head.split()[:3] == ["valid", "right", "for"]
    assert row.split() == ["✓", "✓", "class", "3", "cab", "cab"]
    assert score_words(items) == "1 of 1 right, 1 of 1 valid"


def test_texts_stand_with_their_target() -> None:
    """Right and wrong are told by a sign."""
    items = [
        {"input": "( and T F )", "target": "false", "predicted": "false", "correct": True},
        {"input": "( or T F )", "target": "true", "predicted": "false", "correct": False},
    ]
    _, first, second = text(items)
    assert first.split()[:3] == ["✓", "false", "false"]
    assert second.split()[:3] == ["✗", "false", "true"]


def test_long_texts_are_cut_to_where_they_differ() -> None:
    """Of a thousand symbols the part is shown in which answer and target differ first, and that there is more."""
    target = "0" * 500 + "1" + "0" * 499
    items = [{"input": "", "target": target, "predicted": "0" * 1000, "correct": False}]
    shown = "".join(text(items)[1:])
    assert shown.count("0") == 160 + 159
    assert shown.count("1") == 1
    assert shown.count("...") == 4


@pytest.mark.parametrize("width", [76, 82, 120])
def test_answers_have_the_room_they_need(width: int) -> None:
    """Answer and target stand whole in one line; the input is cut where the three do not fit."""
    bits = "0110100110010110011010011"
    rows = text([{"input": bits * 2, "target": bits, "predicted": bits[::-1], "correct": False}], width)
    assert len(rows) == 2
    assert rows[1].split()[1:3] == [bits[::-1], bits]


def test_what_cannot_stand_in_a_line_is_folded_in_the_same_place() -> None:
    """Answer and target are equally wide, so that each sign stands below its fellow."""
    bits = "0110100110010110" * 5
    rows = [line.split() for line in text([{"input": "101", "target": bits, "predicted": bits, "correct": True}], 60)[1:]]
    assert "".join(row[-2] for row in rows[1:]) == bits[len(rows[0][1]) :]
    assert all(row[-2] == row[-1] for row in rows[1:])
    assert rows[0][1] == rows[0][2]
