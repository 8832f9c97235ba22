"""Sequences from a model that says how likely each next token is: drawing, the greedy path and beam search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

__all__ = ["COLDEST", "DRAW", "GREEDY", "Decoding", "Step", "StepState", "choose", "written"]

StepState: TypeAlias = tuple[Tensor, ...]
"""All that a model carries from one choice to the next; the first axis of each tensor is the batch."""

Step: TypeAlias = Callable[[int, Tensor | None, StepState], tuple[Tensor, StepState]]
"""One choice: number of choices made so far, the last one (n,) or None at the first, the state -> scores, the next state.

Scores are log-probabilities of every choice, (n, choices), but for a constant of each row.
"""


COLDEST = 1e-3
"""Lowest temperature: a choice that is e times as likely as another is then drawn e^1000 times as often."""


@dataclass(frozen=True)
class Decoding:
    """How each choice is made. As it comes, the likeliest one: the greedy path.

    Attributes:
        temperature: draw each choice, its log-probabilities divided by this, COLDEST at least: below 1 the likely becomes
            likelier. None to draw nothing.
        beam: with more than 1, search for the likeliest sequence, keeping this many beginnings at a time; its sequences are
            not weighed by their lengths.
        top_k: draw each choice from this many likeliest ones alone, their probabilities made to sum to 1; None for all.

    Raises:
        ValueError: one of them is out of its range, or two are given that exclude each other.

    Reference:
        Drawing: Goodfellow et al. 2016, section 10.2.3. The likeliest k alone: Fan et al. 2018, arXiv:1805.04833, section 5.2.
        Beam search: Sutskever et al. 2014, arXiv:1409.3215, section 3.2.
    """

    temperature: float | None = None
    beam: int = 1
    top_k: int | None = None

    def __post_init__(self) -> None:
        if self.temperature is not None and not COLDEST <= self.temperature < float("inf"):
            raise ValueError(f"temperature: got {self.temperature:g}; expected a finite number of at least {COLDEST}.")
        if self.beam < 1:
            raise ValueError(f"beam: got {self.beam}; expected at least 1 beginning. 1 is the greedy path.")
        if self.temperature is not None and self.beam > 1:
            raise ValueError(
                f"beam: got {self.beam} with temperature {self.temperature:g}; expected one of the two. "
                "A beam searches for the likeliest sequence, a temperature draws one."
            )
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k: got {self.top_k}; expected at least 1 choice. 1 is the greedy path.")
        if self.top_k is not None and self.temperature is None:
            raise ValueError(
                f"top_k: got {self.top_k} and no temperature; expected both. 1 draws from the model's own distribution."
            )


GREEDY = Decoding()
DRAW = Decoding(temperature=1.0)
"""From the model's own distribution."""


def choose(
    step: Step,
    state: StepState,
    num_steps: int,
    end: int,
    decoding: Decoding,
    *,
    plans: bool = False,
    generator: torch.Generator | None = None,
) -> Tensor:
    """One sequence of choices for each row of the state.

    Args:
        step: the model.
        state: before the first choice.
        num_steps: choices made at most.
        end: the choice that ends a sequence.
        decoding: how they are made.
        plans: whether the first choice is no token, so that it cannot be the end.
        generator: random numbers for drawing; torch's global ones when None.

    Returns:
        (batch, <= num_steps) int64; after the end only ends.
    """
    if decoding.beam > 1:
        return _search(step, state, num_steps, end, decoding.beam, plans=plans)
    size, device = len(state[0]), state[0].device
    ended = torch.zeros(size, dtype=torch.bool, device=device)
    last: Tensor | None = None
    made: list[Tensor] = []
    for number in range(num_steps):
        scores, state = step(number, last, state)
        if decoding.temperature is None:
            last = scores.argmax(-1)
        else:
            last = _drawn(scores / decoding.temperature, decoding.top_k, generator)
        last = last.masked_fill(ended, end)
        ended |= (last == end) & (number >= int(plans))
        made.append(last)
        if ended.all():
            break
    return torch.stack(made, 1)


def _drawn(scores: Tensor, top_k: int | None, generator: torch.Generator | None) -> Tensor:
    """One choice for each row of scores (n, choices), of all or of the `top_k` likeliest; of equals the first ones, (n,)."""
    if top_k is None or top_k >= scores.shape[-1]:
        return torch.multinomial(scores.softmax(-1), 1, generator=generator)[:, 0]
    kept, choices = scores.sort(dim=-1, descending=True, stable=True)
    place = torch.multinomial(kept[:, :top_k].softmax(-1), 1, generator=generator)
    return choices.gather(1, place)[:, 0]


def _search(step: Step, state: StepState, num_steps: int, end: int, width: int, *, plans: bool) -> Tensor:
    """Beam search: the choices of the best beginning, (batch, <= num_steps)."""
    size, device = len(state[0]), state[0].device
    rows = torch.arange(size, device=device)[:, None]
    totals = torch.zeros(size, 1, device=device)  # (B, W), W beginnings each
    ended = torch.zeros(size, 1, dtype=torch.bool, device=device)
    made = torch.zeros(size, 1, 0, dtype=torch.int64, device=device)
    for number in range(num_steps):
        last = made[:, :, -1].flatten() if number else None
        scores, state = step(number, last, state)  # (B W, K)
        num_choices = scores.shape[-1]
        log_probs = scores.log_softmax(-1).view(size, -1, num_choices)
        if ended.any():  # what has ended stays as it is
            stay = torch.full_like(log_probs, -torch.inf)
            stay[..., end] = 0
            log_probs = torch.where(ended[..., None], stay, log_probs)
        sums = (totals[..., None] + log_probs).flatten(1)  # (B, W K)
        totals, best = sums.topk(min(width, sums.shape[1]), dim=1)
        parents, choices = best // num_choices, best % num_choices
        state = tuple(part[(rows * ended.shape[1] + parents).flatten()] for part in state)
        made = torch.cat((made[rows, parents], choices[..., None]), -1)
        ended = ended[rows, parents] | ((choices == end) & (number >= int(plans)))
        if ended.all():
            break
    return made[:, 0]  # topk sorts


def written(choices: Tensor, end: int, pad: int) -> Tensor:
    """Choices with padding after each sequence's first end, (batch, length)."""
    ends = choices == end
    return choices.masked_fill(ends.cumsum(1) - ends.long() > 0, pad)
