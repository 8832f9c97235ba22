"""The order of classes that a user's files name. Not a card."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["sorted_classes"]

_DIGITS = 18


def sorted_classes(names: Iterable[str]) -> list[str]:
    """By the alphabet; names that are all whole numbers by their value."""
    names = list(names)
    if all(name.isascii() and name.removeprefix("-").isdigit() for name in names):
        return sorted(names, key=lambda name: (int(name[:_DIGITS]), name))
    return sorted(names)
