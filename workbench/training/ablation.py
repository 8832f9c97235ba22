"""What a trained model is worth without one of its parts: metrics and answers beside those of the intact one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from workbench.cards import Split
from workbench.cards.catalog import task_kind
from workbench.errors import UsageError
from workbench.nn.ablation import parts_of, without
from workbench.saying import nearest, said
from workbench.training.evaluation import Measured, evaluate
from workbench.training.inference import LoadedModel
from workbench.training.parts import Part

__all__ = ["Ablated", "Part", "ablate", "find_part", "measure", "model_parts"]

SHOWN = 4
"""Samples whose answers are told."""


@dataclass(frozen=True)
class Ablated:
    """What a model scores with a part switched off, or with all of them on.

    Attributes:
        part: what is off; None for the intact model.
        metrics: metric -> value.
        items: the first samples with its answers, as an evaluation tells them.
    """

    part: Part | None
    metrics: dict[str, float]
    items: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"part": None if self.part is None else str(self.part), "metrics": self.metrics, "items": list(self.items)}


def model_parts(loaded: LoadedModel) -> dict[str, int]:
    """Everything that can be switched off: its name -> how many there are of it, 0 for a single one."""
    return parts_of(loaded.model)


def find_part(loaded: LoadedModel, text: str) -> Part:
    """The part that a person means: its name, or the end of it where that is enough, with `:<number>` where there are several.

    Raises:
        UsageError: there is none, or more than one.
    """
    parts = model_parts(loaded)
    name, _, digits = text.strip().partition(":")
    named = [part for part in parts if part == name] or [part for part in parts if f"/{part}".endswith(f"/{name}")]
    if not parts:
        raise UsageError(f"ablate: got {said(text)}; expected a part, and {loaded.experiment.model.name} has none to switch off.")
    if not named:
        ends = sorted({part.rpartition("/")[2] for part in parts})
        raise UsageError(f"ablate: got {said(text)}; expected a part of the model. {nearest(name, ends)}")
    if len(named) > 1:
        raise UsageError(f"ablate: {said(text)} can be {' or '.join(named)}. Write one of them in full.")
    (part,) = named
    count = parts[part]
    if not count:
        if digits:
            raise UsageError(f"ablate: got {said(text)}; expected {part} without a number, there is one of it.")
        return Part(part)
    if not (digits.isascii() and digits.isdigit() and int(digits) < count):
        raise UsageError(f"ablate: got {said(text)}; expected {part}:0 to {part}:{count - 1}.")
    return Part(part, int(digits))


def ablate(
    loaded: LoadedModel, parts: Sequence[Part], split: Split = "validation", limit: int | None = None
) -> Iterator[Ablated]:
    """The intact model first, then with each part switched off, one at a time. The model is afterwards as it was.

    Args:
        loaded: the model.
        parts: what is switched off.
        split: on which held-out set it is measured.
        limit: samples used at most; None for all.
    """
    for part in (None, *parts):
        measured = measure(loaded, part, split, limit=limit)
        yield Ablated(part, measured.metrics, measured.predictions)


def measure(
    loaded: LoadedModel, part: Part | None, split: Split = "validation", *, limit: int | None = None, shown: int = SHOWN
) -> Measured:
    """What the model scores with one part switched off, or with all of them on (None). It is afterwards as it was.

    Args:
        loaded: the model.
        part: what is switched off.
        split: on which held-out set it is measured.
        limit: samples used at most; None for all.
        shown: samples whose answers are told.

    Raises:
        DataError: the held-out set cannot be read.
    """
    task = loaded.dataset.task
    off = nullcontext() if part is None else without(loaded.model, part.name, part.number or 0)
    with off:
        return evaluate(loaded.model, task_kind(task)(task), loaded.dataset, split, torch.device("cpu"), limit=limit, shown=shown)
