"""What all cards say of themselves."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from workbench.cards.config import Config

__all__ = ["C", "Card"]

C = TypeVar("C", bound=Config)
"""The settings of a card."""


class Card:
    """What all cards say of themselves."""

    name: ClassVar[str]
    """Set by the catalog from the file's name."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """What it is and why it matters, two or three sentences."""
    reference: ClassVar[str]
    """Paper and equation."""
