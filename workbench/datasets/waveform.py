"""waveform: a given curve, to be drawn from almost no input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Baseline, Batch, Config, DatasetCard, HeldOut, Task, Vectors, setting
from workbench.datasets._generator import GeneratedDataset
from workbench.datasets._series import series_text
from workbench.datasets._streams import random_stream

__all__ = ["Waveform", "waveform"]

NUM_PARTIALS = 10
SLOWEST, FASTEST = 1.0, 20.0
"""Periods of the partials in one sequence of any length."""


class WaveformConfig(Config):
    """Settings of the waveform."""

    length: int = setting(320, "Number of points of the curve.", ge=20, le=5000, unit="steps")
    number: int = setting(0, "Number of the curve; each number gives a different one.", ge=0, lt=2**31)
    noise: float = setting(
        0.01, "Standard deviation of the noise in the input, the only difference between samples.", ge=1e-6, le=1, advanced=True
    )


class Waveform(DatasetCard[WaveformConfig]):
    """One curve of ten sines, to be generated from the start signal on."""

    Config = WaveformConfig
    title = "Waveform"
    group = "Series"
    summary = (
        "The input only marks the start of the sequence; the target is a fixed curve of slow and fast waves, the same in every "
        "sample. The network must keep track of time by itself, since the input has no information about it."
    )
    reference = (
        "Koutnik, Greff, Gomez and Schmidhuber 2014, arXiv:1402.3511, section 4.1 (sequence generation, 320 points scaled to "
        "[-1, 1]); they drew pieces of music without any input, here ten sines are drawn after a start signal."
    )
    held_out = HeldOut(
        "fixed",
        "the curve is the same in all sets; only the noise of the input is drawn anew.",
        effective=1,
    )

    @classmethod
    def task(cls, config: WaveformConfig) -> Task:
        """A start signal in, a point of the curve at every step."""
        return Task("forecast", Vectors(1, config.length), Vectors(1), (Baseline("nrmse", 1.0, "predicting the mean"),))

    @classmethod
    def open(cls, config: WaveformConfig) -> WaveformDataset:
        """Samples without end, all with the same curve as target."""
        return WaveformDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: WaveformConfig) -> str:
        """What is asked at this length."""
        return (
            f"The input is 1 at the first of {config.length} steps, then 0, with noise of standard deviation {config.noise:g}. "
            f"The target is curve {config.number}, a sum of {NUM_PARTIALS} sines. Always predicting its mean gives an NRMSE of "
            "1."
        )


def waveform(number: int, length: int) -> NDArray[np.float64]:
    """A curve of its own for each number: a sum of sines, scaled to a largest absolute value of 1.

        y(t) = c sum_k a_k sin(2 pi f_k t / length + p_k)

    Args:
        number: the curve.
        length: points of it.

    Returns:
        Shape (length,).
    """
    rng = random_stream(__name__, "curves", seed=number)
    frequencies = rng.uniform(SLOWEST, FASTEST, NUM_PARTIALS)
    amplitudes = rng.uniform(0.3, 1, NUM_PARTIALS)
    phases = rng.uniform(0, 2 * np.pi, NUM_PARTIALS)
    time = np.arange(length)[:, None] / length
    curve: NDArray[np.float64] = (amplitudes * np.sin(2 * np.pi * frequencies * time + phases)).sum(axis=1)
    curve /= np.abs(curve).max()
    return curve


class WaveformDataset(GeneratedDataset):
    """Inputs (batch, length, 1), targets (batch, length, 1)."""

    def __init__(self, task: Task, config: WaveformConfig) -> None:
        super().__init__(task)
        self.config = config
        self.curve = waveform(config.number, config.length).astype(np.float32)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """The noise, shape (n, length)."""
        return rng.standard_normal((n, self.config.length), dtype=np.float32) * np.float32(self.config.noise)

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The start signal in noise, and the curve."""
        inputs = contents[:, :, None].copy()
        inputs[:, 0] += 1
        return Batch(inputs, np.tile(self.curve[:, None], (len(contents), 1, 1)))

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The first and last values."""
        return series_text(inputs)

    def target_text(self, target: NDArray[np.generic]) -> str:
        """The first and last values."""
        return series_text(target)
