"""Every pair of an architecture and a kind of task. A new card is in PAIRS or in REFUSED without a line of its own."""

from __future__ import annotations

import pytest
from torch import nn

from workbench.cards import Task, catalog
from workbench.contracts import examples
from workbench.contracts.examples import EVERY_STEP, TASKS, Data, make_data, small_config

__all__ = [
    "CARDS",
    "ENCODER_DECODERS",
    "EVERY_STEP",
    "NAMES",
    "PADDED",
    "PAIRS",
    "REFUSED",
    "TASKS",
    "Data",
    "build",
    "each_pair",
    "make_data",
    "small_config",
]

CARDS = catalog.architectures()
NAMES = list(CARDS)
ALL_PAIRS = [(name, task) for name in NAMES for task in TASKS]
PAIRS = [(n, t) for n, t in ALL_PAIRS if not catalog.refusal(CARDS[n], small_config(CARDS[n]), TASKS[t])]
REFUSED = [pair for pair in ALL_PAIRS if pair not in PAIRS]
PADDED = [(name, task) for name, task in PAIRS if make_data(TASKS[task]).lengths is not None]
ENCODER_DECODERS = [name for name, task in PAIRS if task == "transduce-tokens"]

each_pair = pytest.mark.parametrize(("name", "task"), PAIRS)


def build(name: str, task: Task, seed: int = 0) -> nn.Module:
    """A small model in double precision, without dropout at work."""
    return examples.build(CARDS[name], task, seed)
