"""A contract that a card breaks."""

from __future__ import annotations

__all__ = ["BrokenContractError", "require"]


class BrokenContractError(Exception):
    """What a card does and should not, in one line."""


def require(kept: object, otherwise: str) -> None:
    """Go on where a contract is kept.

    Raises:
        BrokenContractError: it is not; `otherwise` says what is wrong.
    """
    if not kept:
        raise BrokenContractError(otherwise)
