"""What a dataset's card takes a file for. Nothing is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Recognised"]


@dataclass(frozen=True)
class Recognised:
    """A file, or a folder, that a card can read.

    Attributes:
        sure: from 0 to 1: a format with a mark of its own is near 1, text that many things could be is low. Of several cards the
            surest one takes it.
        sentence: what it is taken for, with its sizes, as it follows a colon.
        preset: an experiment on such data, whose architecture, optimiser and training are proposed.
        data: settings of the card, its path among them.
        odd: what a person should know of it, one line each.
    """

    sure: float
    sentence: str
    preset: str
    data: Mapping[str, Any] = field(default_factory=dict)
    odd: tuple[str, ...] = ()
