"""The one ranking of titles and descriptions."""

from __future__ import annotations

import pytest

from workbench.tui.ranking import Rank, best_first, rank


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("learn", Rank.BEGINS),
        ("optimizer.lr", Rank.BEGINS),
        ("adding gru", Rank.BEGINS),
        ("RATE", Rank.TITLED),
        ("rate learning", Rank.TITLED),
        ("earning", Rank.WITHIN),
        ("rate downhill", Rank.MENTIONED),
        ("downhill", Rank.MENTIONED),
        ("gated", Rank.MENTIONED),
        ("gated/add", Rank.BEGINS),
        ("uphill", None),
        ("learning uphill", None),
        ("", Rank.BEGINS),
        ("(", None),
    ],
)
def test_rank_by_where_the_words_stand(query: str, expected: Rank | None) -> None:
    """At the start of a title or name, in it, or only in the description; every word must be there."""
    assert (
        rank(query, ["Learning rate", "optimizer.lr", "adding_gru", "gated/adding_gru"], "How far a step goes downhill.")
        is expected
    )


def test_the_best_come_first_and_equals_keep_their_order() -> None:
    """What is called so comes before what speaks of it; what has not every word is left out."""
    things = {"a": "speaks of gates", "gates": "b", "c": "gates too", "gate": "", "d": "nothing"}
    assert best_first("gate", things, lambda name: ([name], things[name])) == ["gates", "gate", "a", "c"]
    assert best_first("", things, lambda name: ([name], things[name])) == list(things)
