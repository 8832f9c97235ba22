"""How a part of a model that can be switched off is called. No torch."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Part"]


@dataclass(frozen=True)
class Part:
    """One thing that can be switched off.

    Attributes:
        name: `<path of the module>/<part>`.
        number: which of several alike; None where it is a single one.
    """

    name: str
    number: int | None = None

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name}:{self.number}"
