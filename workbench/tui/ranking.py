"""How well a thing with a title and a description answers to what was typed: one ranking for all filters and the palette."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import TypeVar

__all__ = ["Rank", "best_first", "rank"]

T = TypeVar("T")


class Rank(IntEnum):
    """Where the words stand, the best first: what is called so comes before what only speaks of it."""

    BEGINS = 0
    """A title or name begins with what was typed."""
    TITLED = 1
    """Each word begins a word of a title or name."""
    WITHIN = 2
    """Each word stands somewhere in a title or name."""
    MENTIONED = 3
    """Each word stands somewhere in titles, names or description."""


def rank(query: str, titles: Sequence[str], text: str = "") -> Rank | None:
    """The rank of a thing, or None where one of the words stands nowhere. Case is no matter, and `_` is a blank.

    A name with its folder (`gated/adding_lstm`) counts as a name where a folder is typed: the word `gated` alone means no preset
    of that chapter before the others.

    Args:
        query: what was typed; every word must be found.
        titles: its titles and names.
        text: its description.
    """
    words = _plain(query).split()
    paths = {title for title in titles if "/" in title and "/" not in query}
    text = " ".join([text, *paths])
    names = [_plain(title) for title in titles if title not in paths]
    joined = "\n".join(names)
    if any(name.startswith(" ".join(words)) for name in names):
        return Rank.BEGINS
    if all(re.search(rf"\b{re.escape(word)}", joined) for word in words):
        return Rank.TITLED
    if all(word in joined for word in words):
        return Rank.WITHIN
    text = _plain(text)
    return Rank.MENTIONED if all(word in joined or word in text for word in words) else None


def best_first(query: str, things: Iterable[T], described: Callable[[T], tuple[Sequence[str], str]]) -> list[T]:
    """The things that have every word of a query, by rank and else in the order given; all of them where nothing was typed.

    Args:
        query: what was typed.
        things: what there is.
        described: titles and description of a thing, as `rank` takes them.
    """
    ranks = [(thing, rank(query, *described(thing))) for thing in things]
    ranked = [(place, thing) for thing, place in ranks if place is not None]
    return [thing for _, thing in sorted(ranked, key=lambda item: item[0])]


def _plain(text: str) -> str:
    return text.replace("_", " ").casefold()
