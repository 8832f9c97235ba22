"""What all cards say of themselves."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from workbench.cards.config import Config
from workbench.cards.own_code import CodeFile

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
    code: ClassVar[CodeFile | None] = None
    """The file of the user's own that it comes from; None for a card of the package, or of another one."""
    reference: ClassVar[str]
    """Paper and equation."""
