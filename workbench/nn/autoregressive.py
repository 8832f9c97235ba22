"""Models that write a sequence token by token, for a context or for nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from workbench.nn.decoding import DRAW, Decoding, StepState, choose, written
from workbench.nn.names import Side

__all__ = ["Alphabet", "AutoregressiveModel"]


@dataclass(frozen=True)
class Alphabet:
    """How tokens stand in targets.

    Attributes:
        num_tokens: number of tokens that can be written.
        first: index of the first of them; the others follow.
        pad: index that fills up short sequences.
        end: index that ends a sequence.
    """

    num_tokens: int
    first: int
    pad: int
    end: int


class AutoregressiveModel(nn.Module, ABC):
    """A distribution over sequences of any length, factorised token by token.

        P(y | x) = prod_t P(y_t | y_1, ..., y_{t-1}, x)

    Inside, a choice is a token 0..num_tokens-1 or the end, num_tokens.

    Attributes:
        plans: whether the first choice is not a token but the length of the sequence.

    Reference:
        Goodfellow et al. 2016, section 10.2.3.
    """

    plans: bool = False
    side: Side = "outputs"

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self.alphabet = alphabet

    @abstractmethod
    def nll(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The negative log-likelihood of whole sequences, end included, in nats, shape (batch,).

        A target without an end was cut: it is the beginning of a sequence, and how that ends takes no part.

        Args:
            inputs: the contexts; (batch, 0) where there are none.
            targets: (batch, length) int64: tokens, the end index, padding.
        """

    @abstractmethod
    def begin(self, inputs: Tensor) -> StepState:
        """The state before the first choice, for each context."""

    @abstractmethod
    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        """The distribution of one choice.

        Args:
            number: choices made so far.
            last: the choice before, (n,), or None at the first.
            state: the state.

        Returns:
            Log-probabilities, (n, num_tokens + 1), or (n, number of lengths) for a plan; and the next state.
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
        decoding: Decoding = DRAW,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """One sequence for each context.

        Args:
            inputs: the contexts, (batch, ...).
            count: number of sequences, when all are written for the one context in `inputs`; None for one each.
            max_length: indices written at most, the end counted; longer sequences are cut.
            decoding: how each choice is made; drawn when nothing else is said.
            generator: random numbers; torch's global ones when None.

        Returns:
            (batch, <= max_length) int64, in the form of targets.
        """
        if count is not None:
            inputs = inputs[:1].expand(count, *inputs.shape[1:])
        steps, end = max_length + int(self.plans), self.alphabet.num_tokens
        choices = choose(self.step, self.begin(inputs), steps, end, decoding, plans=self.plans, generator=generator)
        tokens = choices[:, int(self.plans) :]
        indices = (tokens + self.alphabet.first).masked_fill(tokens == end, self.alphabet.end)
        return written(indices, self.alphabet.end, self.alphabet.pad)

    def _choices(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Targets as choices, (batch, length), and the number of tokens in each, (batch,); one may be cut before its end."""
        ends = targets == self.alphabet.end
        tokens = (targets - self.alphabet.first).clamp_min(0)
        lengths = torch.where(ends.any(1), ends.long().argmax(1), (targets != self.alphabet.pad).sum(1))
        return tokens.masked_fill(ends, self.alphabet.num_tokens), lengths
