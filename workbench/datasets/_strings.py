"""What the datasets of sequences to be generated have in common. Not a card."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.cards import EOS, PAD, SPECIAL_SYMBOLS, Tokens

__all__ = ["letters", "spelled"]


def letters(symbols: str, longest: int) -> Tokens:
    """The signal of strings of these letters, `longest` of them at most, and an end."""
    return Tokens((*SPECIAL_SYMBOLS, *symbols), longest + 1, joiner="")


def spelled(words: Sequence[str], tokens: Tokens) -> NDArray[np.int64]:
    """The words as targets: indices, EOS, PAD; shape (number of words, longest + 1)."""
    index = {symbol: number for number, symbol in enumerate(tokens.symbols)}
    width = max((len(word) for word in words), default=0) + 1
    rows = np.full((len(words), width), PAD, dtype=np.int64)
    for row, word in zip(rows, words, strict=True):
        row[: len(word)] = [index[letter] for letter in word]
        row[len(word)] = EOS
    return rows
