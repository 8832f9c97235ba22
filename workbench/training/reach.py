"""Which steps of one tensor a step of another hangs on, seen by gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor

__all__ = ["Pattern", "Reach", "reach"]

Pattern: TypeAlias = Literal["", "step", "past", "future", "window", "all", "last", "first", "ends", "some"]


@dataclass(frozen=True)
class Reach:
    """Which steps are read.

    Attributes:
        pattern: for each step the same `step`, that one and all in the `past` or the `future`, a `window` about it, `all`; for
            something without steps the `last` one, the `first`, both `ends`, `all`; `some` others; "" where it was not seen.
        window: first and last step of a window, counted from the step that reads it.
    """

    pattern: Pattern = ""
    window: tuple[int, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"reach": self.pattern, "window": None if self.window is None else list(self.window)}


def reach(  # noqa: PLR0913, PLR0917 - two tensors with their axes
    source: Tensor,
    source_time: int,
    target: Tensor,
    target_time: int | None,
    longest: tuple[int, int],
    again: Callable[[Tensor], Tensor] | None = None,
) -> Reach:
    """Which steps of `source` the middle step of `target` hangs on, or all of `target` where it has no steps.

    Args:
        source, target: a tensor and one that follows from it; the first axis is samples.
        source_time, target_time: which of their axes are steps.
        longest: the sample that is looked at, and its number of real steps.
        again: computes the target anew from another source, where torch does not know how they hang together.
    """
    sample, length = longest
    if not source.is_floating_point() or not source_time or target_time == 0:
        return Reach()
    try:
        if not (source.requires_grad and target.requires_grad) and again is not None:
            source = source.detach().clone().requires_grad_()
            computed = again(source)
            if computed.shape != target.shape:
                return Reach()
            target = computed
        steps = target.shape[target_time] if target_time is not None else 1
        at = min(steps, length) // 2
        weights = torch.zeros_like(target)
        chosen = weights[sample] if target_time is None else weights[sample].select(target_time - 1, at)
        # weights without a pattern: sums of what is normalised do not change
        chosen.copy_(torch.arange(1, 1 + chosen.numel(), device=target.device).view(chosen.shape).to(target.dtype).sin())
        with torch.enable_grad():
            weighted = (target * weights).sum()  # given apart, torch loads sympy to compare their shapes: a third of a second
        (gradient,) = torch.autograd.grad(weighted, source, retain_graph=True, allow_unused=True)
    except (RuntimeError, TypeError, IndexError):  # a stranger's module: what it reads stays unsaid
        return Reach()
    if gradient is None:
        return Reach()
    axes = [axis for axis in range(gradient.ndim - 1) if axis != source_time - 1]
    sizes = gradient[sample].abs().sum(axes) if axes else gradient[sample].abs()
    read = [step for step, size in enumerate(sizes.tolist()) if size > 0 and step < length]
    return _named(read, min(length, len(sizes)), None if target_time is None else at, same=steps == len(sizes))


def _named(read: list[int], length: int, at: int | None, *, same: bool) -> Reach:
    """The name of the steps that are read of so many, by step `at` or by something without steps."""
    if not read:
        return Reach()
    whole = len(read) == length
    if at is None:
        places: dict[tuple[int, ...], Pattern] = {(length - 1,): "last", (0,): "first", (0, length - 1): "ends"}
        return Reach("all" if whole else places.get(tuple(read), "some"))
    if length < 3:  # noqa: PLR2004 - of fewer the middle one is an end
        return Reach()
    first, last = read[0], read[-1]
    if whole or not same or last - first + 1 != len(read):
        return Reach("all" if whole else "some")
    spans: dict[tuple[int, int], Pattern] = {(at, at): "step", (0, at): "past", (at, length - 1): "future"}
    known = spans.get((first, last))
    return Reach("window", (first - at, last - at)) if known is None else Reach(known)
