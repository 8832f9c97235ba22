"""mnist_spelling: the picture of a digit, and its name letter by letter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.cards import EOS, Baseline, Batch, Config, Dataset, DatasetCard, HeldOut, Image, Split, Task
from workbench.cards.signals import equal_sequences
from workbench.datasets._strings import letters, spelled
from workbench.datasets.mnist import Mnist as Digits
from workbench.datasets.mnist import MnistConfig, MnistDataset

__all__ = ["NAMES", "MnistSpelling"]

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ALPHABET = "".join(sorted(set("".join(NAMES))))
_TOKENS = letters(_ALPHABET, max(map(len, NAMES)))
_SHARES = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]) / 60000
"""Share of each digit among MNIST's 60,000 training pictures."""


class MnistSpellingConfig(Config):
    """No settings: the digits are those shipped with the workbench."""


class MnistSpelling(DatasetCard[MnistSpellingConfig]):
    """From one vector to a sequence."""

    Config = MnistSpellingConfig
    title = "Spelling handwritten digits"
    group = "Generation"
    summary = (
        "The input is the image of a digit, the output its English name, letter by letter. This is image captioning in its "
        "smallest form: from one input to a sequence of variable length."
    )
    reference = (
        "After Goodfellow et al. 2016, section 10.2.4 and figure 10.9; Vinyals et al. 2015, arXiv:1411.4555 (captions). "
        "Digits: LeCun, Bottou, Bengio & Haffner 1998."
    )
    held_out = HeldOut(
        "disjoint",
        "the images are divided as in `mnist`; the ten names are the same in all sets.",
        samples=10_000,
        effective=10_000,
    )

    @classmethod
    def task(cls, config: MnistSpellingConfig) -> Task:  # noqa: ARG003 - nothing to set
        """A picture in, letters out."""
        blind = float(-(_SHARES @ np.log(_SHARES)))
        baselines = (Baseline("nll", blind, "ignoring the image"),)
        return Task("generate", Image(1, 28, 28), _TOKENS, baselines)

    @classmethod
    def open(cls, config: MnistSpellingConfig) -> MnistSpellingDataset:
        """The pictures in memory."""
        return MnistSpellingDataset(cls.task(config), Digits.open(MnistConfig()))

    @classmethod
    def describe(cls, config: MnistSpellingConfig) -> str:  # noqa: ARG003 - nothing to set
        """What is asked."""
        return "Images of handwritten digits; the target is the digit's English name, zero to nine, generated letter by letter."


class MnistSpellingDataset(Dataset):
    """The digits with names for labels: inputs (batch, 1, 28, 28), targets (batch, 6); splits as in `mnist`."""

    def __init__(self, task: Task, digits: MnistDataset) -> None:
        super().__init__(task, digits.num_train)
        self._digits = digits
        self._words = spelled(NAMES, _TOKENS)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """The pictures of a step, with their names."""
        return self._named(self._digits.train_batch(seed, step, size))

    def held_out(self, split: Split) -> Batch:
        """The pictures of the split, with their names."""
        return self._named(self._digits.held_out(split))

    def _named(self, batch: Batch) -> Batch:
        return Batch(batch.inputs, self._words[batch.targets.astype(np.int64)])

    def picture(self, inputs: NDArray[np.generic]) -> NDArray[np.uint8] | None:
        """As `mnist` shows it."""
        return self._digits.picture(inputs)

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A stored picture (`test:12`, `train:5`) or a .npy file, as `mnist` reads it.

        Raises:
            DataError: it is neither, or there is no such picture.
        """
        return self._digits.parse_input(text)

    def valid(self, indices: NDArray[np.int64], batch: Batch | None = None) -> NDArray[np.bool_]:
        """Which words are their picture's or, without a batch, any digit's name. See `SequenceSource`."""
        if batch is not None:
            return equal_sequences(indices, batch.targets)
        return np.array([EOS in row and _TOKENS.text(row) in NAMES for row in indices.tolist()], dtype=np.bool_)

    def length_distribution(self) -> NDArray[np.float64]:
        """By each digit's share of the training files."""
        shares = np.zeros(_TOKENS.max_length)
        np.add.at(shares, [len(name) for name in NAMES], _SHARES)
        return shares
