"""Models that write a sequence symbol by symbol, and the ways to get sequences out of them: drawing, greedy and beam search."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

__all__ = ["Alphabet", "SequenceWriter", "WriterState"]

WriterState: TypeAlias = tuple[Tensor, ...]
"""All that a writer carries from one symbol to the next; the first axis of each tensor is the batch."""


@dataclass(frozen=True)
class Alphabet:
    """How symbols stand in targets.

    Attributes:
        num_symbols: number of symbols that can be written.
        first: index of the first of them; the others follow.
        pad: index that fills up short sequences.
        end: index that ends a sequence.
    """

    num_symbols: int
    first: int
    pad: int
    end: int


class SequenceWriter(nn.Module, ABC):
    """A distribution over sequences of any length, factorised symbol by symbol.

    Inside, a choice is a symbol 0..num_symbols-1 or the end, num_symbols.

    Attributes:
        plans: whether the first choice is not a symbol but the length of the sequence.
    """

    plans: bool = False

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self.alphabet = alphabet

    @abstractmethod
    def nll(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The negative log-likelihood of whole sequences, end included, in nats, shape (batch,).

        Args:
            inputs: the contexts; (batch, 0) where there are none.
            targets: (batch, length) int64: symbols, the end index, padding.
        """

    @abstractmethod
    def begin(self, inputs: Tensor) -> WriterState:
        """The state before the first choice, for each context."""

    @abstractmethod
    def step(self, number: int, last: Tensor | None, state: WriterState) -> tuple[Tensor, WriterState]:
        """The distribution of one choice.

        Args:
            number: choices made so far.
            last: the choice before, (n,), or None at the first.
            state: the state.

        Returns:
            Log-probabilities, (n, num_symbols + 1), or (n, number of lengths) for a plan; and the next state.
        """

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The same as `nll`."""
        return self.nll(inputs, targets)

    @torch.no_grad()
    def sample(
        self,
        inputs: Tensor,
        count: int | None = None,
        *,
        max_length: int,
        temperature: float = 1.0,
        greedy: bool = False,
        beam: int = 1,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """One sequence for each context.

        Args:
            inputs: the contexts, (batch, ...).
            count: number of sequences, when all are written for the one context in `inputs`; None for one each.
            max_length: indices written at most, the end counted; longer sequences are cut.
            temperature: divides the log-probabilities of each choice: below 1 the likely becomes likelier.
            greedy: take the likeliest choice each time instead of drawing.
            beam: with more than 1, search for the likeliest sequence, keeping this many beginnings at a time.
            generator: random numbers; torch's global ones when None.

        Returns:
            (batch, <= max_length) int64, in the form of targets.
        """
        if count is not None:
            inputs = inputs[:1].expand(count, *inputs.shape[1:])
        steps = max_length + int(self.plans)
        likeliest = greedy or beam > 1
        choices = self._search(inputs, steps, beam) if likeliest else self._draw(inputs, steps, temperature, generator)
        return self._indices(choices[:, int(self.plans) :])

    def _draw(self, inputs: Tensor, steps: int, temperature: float, generator: torch.Generator | None) -> Tensor:
        """Ancestral sampling: (batch, <= steps) choices; after the end only ends."""
        end, state = self.alphabet.num_symbols, self.begin(inputs)
        ended = torch.zeros(len(inputs), dtype=torch.bool, device=inputs.device)
        last: Tensor | None = None
        made: list[Tensor] = []
        for number in range(steps):
            log_probs, state = self.step(number, last, state)
            probabilities = (log_probs / temperature).softmax(-1)
            last = torch.multinomial(probabilities, 1, generator=generator)[:, 0]
            if number >= int(self.plans):
                last = last.masked_fill(ended, end)
                ended |= last == end
            made.append(last)
            if ended.all():
                break
        return torch.stack(made, 1)

    def _search(self, inputs: Tensor, steps: int, width: int) -> Tensor:
        """Beam search; with width 1 the greedy path. Returns the best beginning's choices, (batch, <= steps)."""
        end, size = self.alphabet.num_symbols, len(inputs)
        state, rows = self.begin(inputs), torch.arange(size, device=inputs.device)[:, None]
        scores = torch.zeros(size, 1, device=inputs.device)  # (B, W), W beginnings each
        ended = torch.zeros(size, 1, dtype=torch.bool, device=inputs.device)
        made = torch.zeros(size, 1, 0, dtype=torch.int64, device=inputs.device)
        for number in range(steps):
            last = made[:, :, -1].flatten() if number else None
            log_probs, state = self.step(number, last, state)  # (B W, K)
            num_choices = log_probs.shape[-1]
            log_probs = log_probs.view(size, -1, num_choices)
            if number >= int(self.plans):  # what has ended stays as it is
                stay = torch.full_like(log_probs, -torch.inf)
                stay[..., end] = 0
                log_probs = torch.where(ended[..., None], stay, log_probs)
            totals = (scores[..., None] + log_probs).flatten(1)  # (B, W K)
            scores, best = totals.topk(min(width, totals.shape[1]), dim=1)
            parents, choices = best // num_choices, best % num_choices
            state = tuple(part[(rows * ended.shape[1] + parents).flatten()] for part in state)
            made = torch.cat((made[rows, parents], choices[..., None]), -1)
            if number >= int(self.plans):
                ended = ended[rows, parents] | (choices == end)
            else:
                ended = torch.zeros_like(choices, dtype=torch.bool)
            if ended.all():
                break
        return made[:, 0]  # topk sorts

    def _indices(self, choices: Tensor) -> Tensor:
        """Choices in the form of targets: symbols, one end, padding."""
        ends = choices == self.alphabet.num_symbols
        after = ends.cumsum(1) - ends.long() > 0
        return (choices + self.alphabet.first).masked_fill(ends, self.alphabet.end).masked_fill(after, self.alphabet.pad)

    def _choices(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Targets as choices, (batch, length), and the number of symbols before each end, (batch,)."""
        ends = targets == self.alphabet.end
        symbols = (targets - self.alphabet.first).clamp_min(0)
        return symbols.masked_fill(ends, self.alphabet.num_symbols), ends.long().argmax(1)
