"""What the nodes of a sample's tree are called."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.plotting.probes._look import Look

__all__ = ["tree_words"]

_CLOSING = ("]", ")", "<eos>")
"""Symbols of a written tree that are no nodes."""


def tree_words(look: Look, nodes: Sequence[tuple[int, int, int]]) -> list[str]:
    """The symbol of each node of the chosen sample as a word; its number where the words are not known.

    Args:
        look: what is shown.
        nodes: (symbol, left, right) of each, in the order in which a tree is written.
    """
    text = look.text("inputs") or []
    words = [word.lstrip("[(") or word for word in text if word not in _CLOSING]
    return words if len(words) == len(nodes) else [f"symbol {symbol}" for symbol, _, _ in nodes]
