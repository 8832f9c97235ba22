"""Which symbols of an answer and of its target are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plotting.differences import by_change, by_place

LETTERS = st.text("abc", max_size=7)


def test_steps_are_compared_at_their_places() -> None:
    """One shifted by a step is wrong wherever the neighbours differ; what only one of them has is wrong as well."""
    assert places(by_place("01011", "00101")) == ([1, 2, 3], [1, 2, 3])
    assert places(by_place("ab", "abcd")) == ([], [2, 3])
    assert places(by_place("abcd", "")) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize(
    ("answer", "target", "wrong", "missed"),
    [
        ("64177779402112", "6417779402112", 1, 0),  # one 7 too many, and nothing after it is wrong
        ("6417779402112", "64177779402112", 0, 1),
        ("cat", "cut", 1, 1),
        ("", "abc", 0, 3),
        ("abc", "", 3, 0),
        ("same", "same", 0, 0),
    ],
    ids=["inserted", "missing", "replaced", "nothing written", "nothing wanted", "right"],
)
def test_the_fewest_changes_are_marked(answer: str, target: str, wrong: int, missed: int) -> None:
    """A symbol too many or too few does not make all that follow it wrong."""
    found, lost = by_change(answer, target)
    assert (len(found), len(lost)) == (wrong, missed)


def test_words_are_symbols() -> None:
    """Whole words are compared."""
    assert places(by_change(["vous", "avez", "près"], ["vous", "dormez", "très", "près"])) == ([1], [1, 2])


@given(LETTERS, LETTERS)
def test_what_is_not_marked_is_shared(answer: str, target: str) -> None:
    """Without the marked symbols both are the same, and the marks are as few as the edit distance allows."""
    wrong, missed = by_change(answer, target)
    assert [s for i, s in enumerate(answer) if i not in wrong] == [s for i, s in enumerate(target) if i not in missed]
    assert max(len(wrong), len(missed)) <= distance(answer, target) <= len(wrong) + len(missed)


def places(found: tuple[frozenset[int], frozenset[int]]) -> tuple[list[int], list[int]]:
    """Both sets in order."""
    return sorted(found[0]), sorted(found[1])


def distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Edit distance as its definition says."""

    @cache
    def between(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        return min(between(i - 1, j) + 1, between(i, j - 1) + 1, between(i - 1, j - 1) + (first[i - 1] != second[j - 1]))

    return between(len(first), len(second))
