"""What a run says of one sample of its snapshots: its words, its length, its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.cards.signals import SPECIAL_SYMBOLS

__all__ = ["Described", "without_padding"]

_PAD = SPECIAL_SYMBOLS[0]


def without_padding(words: Sequence[str]) -> list[str]:
    """The words up to the last one that is no padding."""
    texts = [str(word) for word in words]
    while texts and texts[-1] == _PAD:
        texts.pop()
    return texts


@dataclass(frozen=True)
class Described:
    """One of the samples that a row of kind `samples` describes.

    Attributes:
        info: what the row says of all of them.
        place: which one.
    """

    info: Mapping[str, Any]
    place: int

    def text(self, side: str) -> list[str] | None:
        """The words of the `inputs` or the `outputs` without padding, or None where it is no text."""
        words = self._known(side)
        if not isinstance(words, list) and side == "inputs":
            words = self._signs()
        return without_padding(words) if isinstance(words, list) else None

    def length(self, side: str) -> int | None:
        """Real steps of the `inputs` or the `outputs`, or None where they are not known."""
        if side == "outputs":
            text = self.text(side)
            return None if text is None else len(text)
        length = self._known("lengths")
        return length if isinstance(length, int) and length > 0 else None

    @property
    def index(self) -> int | None:
        """Its place in the validation set, or None."""
        index = self._known("indices")
        return index if isinstance(index, int) else None

    @property
    def target(self) -> str:
        """What should come out, or ""."""
        target = self._known("targets")
        return target if isinstance(target, str) else ""

    @property
    def source(self) -> str:
        """What goes in as one line, or ""."""
        text = self._known("texts")
        return text if isinstance(text, str) else ""

    def _signs(self) -> list[str] | None:
        """The letters, or the words, of what goes in, where there is one for each step."""
        text, length = self.source, self.length("inputs")
        return next((list(parts) for parts in (text, text.split()) if text and len(parts) == length), None)

    def _known(self, key: str) -> object:
        """What is known of the sample under a name."""
        known = self.info.get(key)
        return known[self.place] if isinstance(known, list) and self.place < len(known) else None
