"""What a benchmark hands back: one measured number against the limit it has to keep."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """One measured number.

    Attributes:
        name: what was measured, in a few words.
        measured: the number.
        limit: the number it is held against.
        unit: "ms", "s", "x" (a ratio) ...
        holds: whether the limit is kept.
        at_most: whether the limit is an upper one.
    """

    name: str
    measured: float
    limit: float
    unit: str
    holds: bool
    at_most: bool = True

    @classmethod
    def below(cls, name: str, measured: float, limit: float, unit: str) -> Result:
        """A number that may be at most `limit`."""
        return cls(name, measured, limit, unit, measured <= limit)

    @classmethod
    def above(cls, name: str, measured: float, limit: float, unit: str) -> Result:
        """A number that has to be at least `limit`."""
        return cls(name, measured, limit, unit, measured >= limit, at_most=False)

    def line(self) -> str:
        """The result as one line: verdict, name, number, limit."""
        verdict = "ok  " if self.holds else "MISS"
        bound = "at most" if self.at_most else "at least"
        return f"{verdict} {self.name:<58} {self.measured:9.3f} {self.unit:<3} {bound} {self.limit:g}"
