"""mackey_glass: a chaotic series whose next value is to be predicted, and then 84 steps on the model's own outputs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import Baseline, Batch, Config, Dataset, DatasetCard, FreeRun, HeldOut, Split, Task, Vectors, setting
from workbench.datasets._generator import NUM_HELD_OUT
from workbench.datasets._series import series_text
from workbench.datasets._streams import random_stream
from workbench.tasks.forecast import NRMSE_STEP

__all__ = ["MackeyGlass", "integrate"]

BETA, GAMMA, POWER = 0.2, 0.1, 10
DT = 0.1
STEPS_PER_SAMPLE = 10
"""Integration steps between two values of the series: one unit of time."""
TRANSIENT = 500
"""Values thrown away until a trajectory is on the attractor."""
TRAJECTORIES = 64
STARTS = 500
"""Windows of training data that begin on one trajectory."""


class MackeyGlassConfig(Config):
    """Settings of the Mackey-Glass series."""

    length: int = setting(300, "Number of steps of a series.", ge=100, le=5000, unit="steps")
    tau: int = setting(17, "Delay tau of the equation; the series is chaotic from about 17 on.", ge=1, le=100, unit="time units")
    washout: int = setting(100, "Washout: number of first steps of each series that do not count.", ge=0, le=4999, unit="steps")

    @model_validator(mode="after")
    def _all_fits(self) -> MackeyGlassConfig:
        if self.washout > self.length - NRMSE_STEP:
            raise ValueError(f"expected a washout of at most length - {NRMSE_STEP} = {self.length - NRMSE_STEP}")
        return self


class MackeyGlass(DatasetCard[MackeyGlassConfig]):
    """The Mackey-Glass series as prepared by Jaeger: Euler steps of 0.1, one value per unit of time, tanh(x - 1)."""

    Config = MackeyGlassConfig
    title = "Mackey-Glass series"
    group = "Series"
    summary = (
        "A model of blood cell production whose output depends on its value 17 time units earlier; with this delay it is "
        "mildly chaotic. The next value is easy to predict; 84 steps on the network's own outputs are hard, since small errors "
        "grow."
    )
    reference = (
        "Mackey & Glass 1977, Science 197; sampling, tanh(x - 1) and NRMSE84 as in Jaeger 2001, GMD report 148, section 4, "
        "who reports 2.8e-4 for an echo state network of 400 units."
    )
    held_out = HeldOut(
        "overlapping",
        "1,000 windows of 64 trajectories that training does not use; windows of one trajectory overlap.",
        effective=160,
    )

    @classmethod
    def task(cls, config: MackeyGlassConfig) -> Task:
        """A value in, the next one out; the last 84 steps of a series are run freely."""
        sentence = "predicting the mean"
        baselines = (Baseline("nrmse", 1.0, sentence), Baseline("nrmse84", 1.0, sentence))
        free_run = FreeRun(config.length - NRMSE_STEP, NRMSE_STEP)
        return Task("forecast", Vectors(1, config.length), Vectors(1), baselines, config.washout, free_run)

    @classmethod
    def open(cls, config: MackeyGlassConfig) -> MackeyGlassDataset:
        """Windows of trajectories from different random pasts."""
        return MackeyGlassDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: MackeyGlassConfig) -> str:
        """What is asked at this length."""
        return (
            f"{config.length} values of a series with delay {config.tau}; the target at each step is the next value. The last "
            f"{NRMSE_STEP} steps are also run on the network's own outputs. Always predicting the mean gives an NRMSE of 1."
        )


def integrate(past: NDArray[np.float64], num_values: int) -> NDArray[np.float64]:
    """Trajectories of the delay equation, by Euler steps of 0.1.

        dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t)

    Args:
        past: x at the times -tau, ..., -0.1, 0, shape (10 tau + 1, n).
        num_values: values to give, one per unit of time, from t = 1 on.

    Returns:
        Shape (num_values, n).
    """
    delay = len(past) - 1
    series = np.empty((delay + 1 + num_values * STEPS_PER_SAMPLE, past.shape[1]))
    series[: delay + 1] = past
    for now in range(delay, len(series) - 1):
        x, late = series[now], series[now - delay]
        square = late * late
        fourth = square * square
        series[now + 1] = x + DT * (BETA * late / (1 + fourth * fourth * square) - GAMMA * x)
    return series[delay + STEPS_PER_SAMPLE :: STEPS_PER_SAMPLE]


class MackeyGlassDataset(Dataset):
    """Windows: inputs (batch, length, 1), targets the same one step later."""

    def __init__(self, task: Task, config: MackeyGlassConfig) -> None:
        super().__init__(task)
        self.config = config

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """Windows of the training trajectories."""
        rng = random_stream(__name__, "train", seed=seed, step=step)
        return self._windows("train", rng.integers(0, TRAJECTORIES * STARTS, size))

    def held_out(self, split: Split) -> Batch:
        """1,000 different windows of trajectories of their own."""
        chosen = random_stream(__name__, split).permutation(TRAJECTORIES * STARTS)[:NUM_HELD_OUT]
        return self._windows(split, chosen)

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The first and last values."""
        return series_text(inputs)

    def target_text(self, target: NDArray[np.generic]) -> str:
        """The first and last values."""
        return series_text(target)

    def _windows(self, split: str, chosen: NDArray[np.int64]) -> Batch:
        """The windows numbered by trajectory and start."""
        bank = _trajectories(split, self.config.tau, self.config.length)
        row, start = chosen // STARTS, chosen % STARTS
        places = start[:, None] + np.arange(self.config.length + 1)
        values = bank[row[:, None], places][:, :, None]  # (n, length + 1, 1)
        return Batch(values[:, :-1].copy(), values[:, 1:].copy())


@cache
def _trajectories(split: str, tau: int, length: int) -> NDArray[np.float32]:
    """One split's trajectories after their transients, squashed by tanh(x - 1), shape (TRAJECTORIES, values)."""
    rng: Any = random_stream(__name__, f"{split} trajectories")
    level = rng.uniform(0.5, 1.3, TRAJECTORIES)  # a different constant past for each
    past = np.tile(level, (tau * STEPS_PER_SAMPLE + 1, 1))
    series = integrate(past, TRANSIENT + STARTS + length)[TRANSIENT:]
    return np.ascontiguousarray(np.tanh(series - 1).T.astype(np.float32))
