"""What models that write one sequence of tokens for another have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from workbench.nn.decoding import GREEDY, Decoding, StepState, choose, written

__all__ = ["EncoderDecoder", "Vocabulary"]


@dataclass(frozen=True)
class Vocabulary:
    """Numbers of tokens on both sides, and the indices with a meaning of their own.

    Attributes:
        num_source: number of source tokens.
        num_target: number of target tokens.
        pad: fills up short sequences.
        start: fed to the decoder before the first token.
        end: ends a sequence.
    """

    num_source: int
    num_target: int
    pad: int
    start: int
    end: int


class EncoderDecoder(nn.Module, ABC):
    """A distribution over target sequences given a source, factorised token by token.

        P(y | x) = prod_t P(y_t | y_1, ..., y_{t-1}, x)

    Attributes:
        longest: tokens it can write at most, or None.

    Reference:
        Sutskever et al. 2014, arXiv:1409.3215, section 2; Goodfellow et al. 2016, section 10.4.
    """

    longest: int | None = None

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    @abstractmethod
    def forward(self, source: Tensor, source_lengths: Tensor | None, target_in: Tensor, teacher_forcing: float = 1.0) -> Tensor:
        """Logits of every target token.

        Args:
            source: (batch, T) int64.
            source_lengths: (batch,), or None when nothing is padded.
            target_in: start token and the target but for its last token, (batch, U).
            teacher_forcing: probability that a step of a sequence is fed the true token; otherwise it is fed the decoder's own
                last choice, see `drawn_forcing`.

        Returns:
            (batch, U, num_target).
        """

    @abstractmethod
    def begin(self, source: Tensor, source_lengths: Tensor | None) -> StepState:
        """The state before the first token: what is known of each source, and the decoder's own."""

    @abstractmethod
    def step(self, number: int, last: Tensor | None, state: StepState) -> tuple[Tensor, StepState]:
        """The next token's scores, (n, num_target), and the next state; see `decoding.Step`."""

    @torch.no_grad()
    def generate(
        self,
        source: Tensor,
        source_lengths: Tensor | None,
        max_length: int,
        decoding: Decoding = GREEDY,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """One target for each source, until all have ended.

        Args:
            source: (batch, T) int64.
            source_lengths: (batch,), or None when nothing is padded.
            max_length: tokens written at most, the end counted.
            decoding: how each token is chosen.
            generator: random numbers; torch's global ones when None.

        Returns:
            (batch, <= max_length) int64: tokens, the end token, then padding.
        """
        steps = max_length if self.longest is None else min(max_length, self.longest)
        state, end = self.begin(source, source_lengths), self.vocabulary.end
        return written(choose(self.step, state, steps, end, decoding, generator=generator), end, self.vocabulary.pad)

    def _or_start(self, last: Tensor | None, state: StepState) -> Tensor:
        """The last tokens, or the start tokens where there are none yet, (n,)."""
        if last is not None:
            return last
        return torch.full((len(state[0]),), self.vocabulary.start, device=state[0].device)
