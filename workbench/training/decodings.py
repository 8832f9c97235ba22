"""How a person asks for the symbols of a sequence: the decodings of `nn`, and what is wrong with one in one line."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import final

from workbench.errors import UsageError
from workbench.nn import decoding
from workbench.saying import said

__all__ = ["Decoding"]


@final
@dataclass(frozen=True)
class Decoding(decoding.Decoding):
    """How each symbol of a sequence is chosen. As it comes, the likeliest one: the greedy path.

    Attributes:
        temperature: draw each symbol, its log-probabilities divided by this, 0.001 at least: below 1 the likely becomes likelier.
            None to draw nothing.
        beam: with more than 1, search for the likeliest sequence, keeping this many beginnings at a time.
        top_k: draw each symbol from this many likeliest ones alone; None for all.

    Raises:
        UsageError: one of them is no number or out of its range, or two are given that exclude each other.
    """

    def __post_init__(self) -> None:
        if self.temperature is not None and (isinstance(self.temperature, bool) or not isinstance(self.temperature, Real)):
            raise UsageError(f"temperature: got {said(self.temperature)}; expected {decoding.COLDEST} or more, or None.")
        if isinstance(self.beam, bool) or not isinstance(self.beam, Integral):
            raise UsageError(f"beam: got {said(self.beam)}; expected a whole number of at least 1. 1 is the greedy path.")
        if self.top_k is not None and (isinstance(self.top_k, bool) or not isinstance(self.top_k, Integral)):
            raise UsageError(f"top_k: got {said(self.top_k)}; expected a whole number of at least 1, or None.")
        try:
            super().__post_init__()
        except ValueError as error:
            raise UsageError(str(error)) from None
