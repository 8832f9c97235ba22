"""What holds of a dataset's validation and test samples beside its training samples. Nothing is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["KINDS", "UNSTATED", "HeldOut", "Kind"]

Kind: TypeAlias = Literal["disjoint", "fresh", "same space", "fixed", "overlapping", "unstated"]

KINDS: dict[Kind, str] = {
    "disjoint": "the samples are divided: none of one set is ever in another",
    "fresh": "drawn anew from a continuous distribution: none is met twice",
    "same space": "drawn anew from the distribution that is to be learned: many were met in training",
    "fixed": "the answer is the same in training",
    "overlapping": "cut from the same few series, which training has not seen: they overlap each other",
    "unstated": "the dataset does not say",
}
"""What each kind means."""


@dataclass(frozen=True)
class HeldOut:
    """What a dataset's card declares of its held-out sets, with its default settings; the contract tests measure it.

    Attributes:
        kind: one of KINDS.
        sentence: what that means here.
        samples: samples of the test set; None where a user's file decides.
        effective: how many of them count: those that differ in their inputs (`disjoint`, `fresh`), in inputs or targets
            (`same space`), in targets (`fixed`), or as many as would have as many different values without overlapping
            (`overlapping`).
        met: share of the test samples that are, input and target, among 200 training batches of 32.
    """

    kind: Kind
    sentence: str
    samples: int | None = 1000
    effective: int | None = 1000
    met: float = 0.0

    @property
    def words(self) -> str:
        """All of it in one line."""
        parts = [f"Held-out samples ({self.kind}): {self.sentence}"]
        if self.samples is not None and self.effective is not None and self.samples != self.effective:
            parts.append(f"{self.samples:,} test samples, worth {self.effective:,}.")
        if self.met:
            parts.append(f"{self.met:.0%} of them are among 6,400 training samples.")
        return " ".join(parts)


UNSTATED = HeldOut("unstated", "The dataset does not say how they relate to training.", None, None)
