"""Tokens that follow a text, from a model that says at every step how likely each next token is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from workbench.nn.decoding import Decoding, StepState, choose

__all__ = ["GoesOn", "continuation"]

_NEVER = -1
"""A choice that no token is: nothing ends the text."""


@runtime_checkable
class GoesOn(Protocol):
    """A model that can stop after any step and go on from there.

    Attributes:
        endless: whether what it carries stays of one size, so that it can go on for as long as one likes.
    """

    endless: bool

    def go_on(self, inputs: Tensor, states: Any) -> tuple[Tensor, Any]:
        """The output after the last of some inputs, (batch, 1, outputs), and what it carries on; at the start from None."""


def continuation(
    model: nn.Module,
    prompt: Tensor,
    num_tokens: int,
    *,
    longest: int,
    decoding: Decoding,
    generator: torch.Generator | None = None,
) -> Tensor:
    """What the model writes after a prompt.

    A recurrent or time-delay network carries its state from token to token. A model that does not (`GoesOn.endless`) reads at
    each step the last tokens anew, as many as it was trained on.

    Args:
        model: in eval mode; gives scores (batch, length, tokens) for inputs (batch, length).
        prompt: (batch, length) int64, at least one token.
        num_tokens: how many are written.
        longest: tokens that a model which is not endless reads.
        decoding: how each is chosen.
        generator: random numbers for drawing.

    Returns:
        (batch, num_tokens) int64.
    """
    if isinstance(model, GoesOn) and model.endless:
        return _carried(model, prompt, num_tokens, decoding, generator)

    def step(number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:  # noqa: ARG001 - every step is alike
        (window,) = state
        if last is not None:
            window = torch.cat((window, last[:, None]), 1)[:, -longest:]
        return model(window)[:, -1], (window,)

    return choose(step, (prompt[:, -longest:],), num_tokens, _NEVER, decoding, generator=generator)


def _carried(model: GoesOn, prompt: Tensor, num_tokens: int, decoding: Decoding, generator: torch.Generator | None) -> Tensor:
    first, states = model.go_on(prompt, None)
    parts: list[Tensor] = []
    form = _taken_apart(states, parts)

    def step(number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:  # noqa: ARG001 - as `Step` has it
        if last is None:
            return state[0], state
        scores, after = model.go_on(last[:, None], _put_together(form, iter(state[1:])))
        now: list[Tensor] = [scores[:, -1]]
        _taken_apart(after, now)
        return now[0], tuple(now)

    return choose(step, (first[:, -1], *parts), num_tokens, _NEVER, decoding, generator=generator)


def _taken_apart(states: Any, parts: list[Tensor]) -> Any:
    """Put the tensors of nested lists and tuples in a row; returns their form, for `_put_together`."""
    if isinstance(states, Tensor):
        parts.append(states)
        return None
    kind = tuple if isinstance(states, tuple) else list
    return kind(_taken_apart(one, parts) for one in cast("Sequence[Any]", states))


def _put_together(form: Any, parts: Any) -> Any:
    if form is None:
        return next(parts)
    return type(form)(_put_together(one, parts) for one in form)
