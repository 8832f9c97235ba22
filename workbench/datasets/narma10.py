"""narma10: the output of a nonlinear system of order ten, from its random input."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import Baseline, Batch, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.datasets._generator import GeneratedDataset
from workbench.datasets._series import series_text
from workbench.datasets._streams import random_stream

__all__ = ["Narma10", "linear_baseline", "narma10"]

ORDER = 10
TAPS = 20
LARGEST = 2.0
"""Outputs above this belong to a series that runs away, as one of 300 steps in a thousand does."""


class Narma10Config(Config):
    """Settings of NARMA-10."""

    length: int = setting(300, "Number of steps of a series.", ge=50, le=5000, unit="steps")
    washout: int = setting(50, "Washout: number of first steps of each series that do not count.", ge=TAPS, le=4999, unit="steps")

    @model_validator(mode="after")
    def _something_counts(self) -> Narma10Config:
        if self.washout >= self.length:
            raise ValueError(f"expected a washout below the length {self.length}")
        return self


class Narma10(DatasetCard[Narma10Config]):
    """NARMA-10 as posed by Atiya and Parlos."""

    Config = Narma10Config
    title = "NARMA-10"
    group = "Series"
    summary = (
        "A nonlinear system whose next output depends on its last ten outputs and on its input now and nine steps earlier, "
        "with products of them. The network sees only the random input and must predict the output, so it needs both memory "
        "and nonlinearity."
    )
    reference = "Atiya & Parlos 2000, IEEE Transactions on Neural Networks 11(3), eq. 86."
    held_out = HeldOut("fresh", "the inputs are random real numbers, so no series occurs twice.")

    @classmethod
    def task(cls, config: Narma10Config) -> Task:
        """The input series in, the next output of the system at every step."""
        nrmse, variance = linear_baseline()
        sentence = f"linear filter of the last {TAPS} inputs"
        baselines = (
            Baseline("nrmse", nrmse, sentence),
            Baseline("mse", nrmse**2 * variance, sentence),
            Baseline("loss", nrmse**2 * variance, sentence),
        )
        return Task("forecast", Vectors(1, config.length), Vectors(1), baselines, config.washout)

    @classmethod
    def open(cls, config: Narma10Config) -> Narma10Dataset:
        """Series without end."""
        return Narma10Dataset(cls.task(config), config.length)

    @classmethod
    def describe(cls, config: Narma10Config) -> str:
        """What is asked, and what a linear filter gets."""
        return (
            f"{config.length} random inputs between 0 and 0.5; the target at each step is the system's next output. The best "
            f"linear filter of the last {TAPS} inputs has an NRMSE of {linear_baseline()[0]:.2f}."
        )


def narma10(inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The system's next output after each input, from rest.

        y(t+1) = 0.3 y(t) + 0.05 y(t) sum_{i=0..9} y(t-i) + 1.5 u(t-9) u(t) + 0.1

    Args:
        inputs: u, shape (n, length).

    Returns:
        y(t+1) at each step t, shape (n, length).
    """
    n, length = inputs.shape
    u = np.concatenate([np.zeros((n, ORDER - 1)), inputs], axis=1)
    y = np.zeros((n, ORDER + length))  # y[:, ORDER + t] is y(t+1)
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(length):
            last = y[:, t : t + ORDER]  # y(t-9) ... y(t)
            now = last[:, -1]
            y[:, ORDER + t] = 0.3 * now + 0.05 * now * last.sum(axis=1) + 1.5 * u[:, t] * u[:, t + ORDER - 1] + 0.1
    return y[:, ORDER:]


@cache
def linear_baseline() -> tuple[float, float]:
    """NRMSE on fresh series of the least-squares filter of the last 20 inputs, and the variance of the outputs."""
    rng = random_stream(__name__, "linear baseline")
    (fit_x, fit_y), (x, y) = (_taps(rng.uniform(0, 0.5, (40, 300))) for _ in range(2))
    weights = np.linalg.lstsq(fit_x, fit_y, rcond=None)[0]
    variance = float(y.var())
    return math.sqrt(float(np.mean((x @ weights - y) ** 2)) / variance), variance


def _taps(inputs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each step's last 20 inputs and a one, (steps, 21), with the outputs, (steps,); without the first 50 steps."""
    outputs = narma10(inputs)
    windows = np.lib.stride_tricks.sliding_window_view(inputs, TAPS, axis=1)[:, 50 - TAPS + 1 :].reshape(-1, TAPS)
    return np.column_stack([windows, np.ones(len(windows))]), outputs[:, 50:].ravel()


class Narma10Dataset(GeneratedDataset):
    """Series of random inputs: inputs (batch, length, 1), targets (batch, length, 1)."""

    def __init__(self, task: Task, length: int) -> None:
        super().__init__(task)
        self.length = length

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Inputs of series that do not run away, with their outputs, shape (n, length, 2)."""
        series = np.empty((0, self.length, 2))
        while len(series) < n:
            inputs = rng.uniform(0, 0.5, (n - len(series), self.length))
            outputs = narma10(inputs)
            tame = outputs.max(axis=1) <= LARGEST  # false for NaN too
            series = np.concatenate([series, np.stack([inputs, outputs], axis=-1)[tame]])
        return series

    def batch(self, contents: NDArray[Any]) -> Batch:
        """Inputs and outputs apart."""
        contents = contents.astype(np.float32)
        return Batch(contents[:, :, :1].copy(), contents[:, :, 1:].copy())

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The first and last values."""
        return series_text(inputs)

    def target_text(self, target: NDArray[np.generic]) -> str:
        """The first and last values."""
        return series_text(target)
