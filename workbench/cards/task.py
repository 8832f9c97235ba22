"""What a dataset asks of a model: the pair that both know of each other. No torch here.

A dataset card answers with a `Task`; an architecture card is built from one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.cards.signals import Signal

__all__ = ["IGNORE_INDEX", "Baseline", "Batch", "FreeRun", "Task"]

IGNORE_INDEX = -100
"""A target of this value takes no part in loss or metric (torch's default `ignore_index`)."""


@dataclass(frozen=True)
class FreeRun:
    """How a forecast is run on its own outputs.

    Attributes:
        warmup: true inputs that are read first.
        horizon: steps after them, each fed with the output of the step before.
    """

    warmup: int
    horizon: int


@dataclass(frozen=True)
class Baseline:
    """The score of a trivial predictor, shown next to the model's.

    Attributes:
        metric: tag without its split: `loss`, `accuracy`, `mse` ...
        value: the trivial predictor's score.
        sentence: what the trivial predictor does ("predicting 1").
    """

    metric: str
    value: float
    sentence: str

    @property
    def words(self) -> str:
        """`predicting 1: 0.1667`, for a place beside the model's score."""
        return f"{self.sentence}: {self.value:.4g}"


@dataclass(frozen=True)
class Task:
    """What a dataset asks of a model.

    Attributes:
        kind: name of the kind of task, a card in `workbench.tasks`.
        inputs: what goes in.
        outputs: what comes out.
        baselines: trivial predictors' scores.
        washout: first steps of a series that count neither in the loss nor in the metrics (`forecast`).
        free_run: how the model is run on its own outputs, where the data ask for that (`forecast`).
    """

    kind: str
    inputs: Signal
    outputs: Signal
    baselines: tuple[Baseline, ...] = field(default=())
    washout: int = 0
    free_run: FreeRun | None = None

    def baseline(self, tag: str) -> Baseline | None:
        """The first trivial predictor's score in a metric, given with its split (`validation/mse`) or without it."""
        metric = tag.rpartition("/")[2]
        return next((baseline for baseline in self.baselines if baseline.metric == metric), None)


@dataclass(frozen=True)
class Batch:
    """A number of samples as arrays.

    Attributes:
        inputs: (batch, length, size) float32, (batch, length) int64, (batch, channels, height, width) float32, (batch,) int64
            for a class or (batch, 0) float32 for nothing.
        targets: `classify` (batch,) int64; `regress` (batch, size) float32; `label` (batch, length) int64;
            `transduce`, `generate` (batch, target length) int64: symbols, then EOS, then PAD (no BOS); `forecast` (batch, length,
            size) float32.
        lengths: (batch,) int64, number of steps of each input when inputs are padded, else None. For `transduce`
            sources end in EOS and the length counts it.
    """

    inputs: NDArray[np.generic]
    targets: NDArray[np.generic]
    lengths: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def slice(self, start: int, stop: int) -> Batch:
        """Samples start..stop-1."""
        lengths = None if self.lengths is None else self.lengths[start:stop]
        return Batch(self.inputs[start:stop], self.targets[start:stop], lengths)

    def rows(self, places: Sequence[int]) -> Batch:
        """The samples at some places, in their order."""
        rows = list(places)
        return Batch(self.inputs[rows], self.targets[rows], None if self.lengths is None else self.lengths[rows])
