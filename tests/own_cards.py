"""What the tests of a person's own cards share: a dataset in a file, and another person in the same process."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cards import catalog, own_code
from workbench.paths import CONFIG_ENV

__all__ = ["SIGNS", "become", "forget_cards"]

SIGNS = """
import numpy as np
from workbench.cards import Baseline, Batch, Classes, Config, Dataset, DatasetCard, Task, Vectors, setting


class SignsConfig(Config):
    length: int = setting(5, "Steps.", ge=1)


class Signs(DatasetCard[SignsConfig]):
    Config = SignsConfig
    title, group, summary, reference = "Signs", "Own", "The sign of the sum.", "Mine."

    @classmethod
    def task(cls, config):
        return Task("classify", Vectors(1, config.length), Classes(("-", "+")), (Baseline("accuracy", 0.5, "guess"),))

    @classmethod
    def open(cls, config):
        return SignsData(cls.task(config))

    @classmethod
    def describe(cls, config):
        return "signs"


class SignsData(Dataset):
    def train_batch(self, seed, step, size):
        return self.draw([0, seed, step], size)

    def held_out(self, split):
        return self.draw([1, len(split)], 200)

    def draw(self, seeds, size):
        x = np.random.default_rng(seeds).normal(size=(size, self.task.inputs.length, 1)).astype(np.float32)
        return Batch(x, (x.sum((1, 2)) > 0).astype(np.int64))
"""
"""A file with a dataset that keeps its contracts."""


def become(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another person, in a process that has loaded nothing."""
    monkeypatch.setenv(CONFIG_ENV, str(config))
    for memory in (own_code._allowed, own_code._offered, own_code._modules, catalog._of_code):
        memory.clear()


def forget_cards() -> None:
    """Leave the catalog as it was: without cards of files."""
    for table in ("model", "data"):
        cards = catalog.cards_of(table)[0]
        for name in [name for name, card in cards.items() if card.code is not None]:
            del cards[name]
