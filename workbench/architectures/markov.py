"""Card of the table of probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._writing import alphabet_of, num_tokens
from workbench.cards import ArchitectureCard, Classes, Config, Image, Interface, Task, Tokens, setting
from workbench.cards.catalog import does

if TYPE_CHECKING:
    from torch import nn

LARGEST = 10_000_000
"""Numbers in the table at most: more would not fit a laptop's memory together with the optimiser's."""


class MarkovConfig(Config):
    """Settings of the table."""

    order: int = setting(2, "Number of preceding tokens that each token depends on.", ge=1, le=24, unit="symbols")


class Markov(ArchitectureCard[MarkovConfig]):
    """Each token depends directly on the n before it; there is no hidden state."""

    Config = MarkovConfig
    title = "Markov table"
    group = "Probabilistic and conditioned"
    summary = (
        "An n-gram model: without a hidden state each token depends on the n before it, by a table with a row for every history. "
        "It is exact up to its order, but its rows grow as k^n with the length n of the history: the reason to summarise "
        "the past in a hidden state of fixed size."
    )
    reference = "Shannon 1948; Goodfellow et al. 2016, section 10.2.3 and figure 10.7"
    equation = (
        "P(y) = prod_t P(y_t | y_{t-1}, ..., y_{t-n})\n"
        "P(y_t | ...) = softmax(table[y_{t-1}, ..., y_{t-n}])\n"
        "rows: (k + 1)^n for k symbols and the beginning"
    )
    drawing = (
        "    ┌─────────────────┐\n"
        "    │        ┌────────┼────────┐\n"
        "    │        │        ▼        ▼\n"
        " ┌──┴──┐  ┌──┴──┐  ┌─────┐  ┌─────┐\n"
        " │ y_1 ├─▶│ y_2 ├─▶│ y_3 ├─▶│ end │      n = 2\n"
        " └─────┘  └─────┘  └─────┘  └─────┘"
    )
    tasks = does(Interface.AUTOREGRESSIVE) | {"language"}

    @classmethod
    def refuse(cls, config: MarkovConfig, task: Task) -> str | None:
        """A picture has no row in a table, and the table must fit into memory."""
        if isinstance(task.inputs, Image):
            return "its table has a row for every context, and pictures are too many. Choose generator."
        reads = isinstance(task.inputs, Tokens)
        base = (len(task.inputs.symbols) if isinstance(task.inputs, Tokens) else num_tokens(task)) + 1
        numbers = _num_classes(task) * base ** (config.order + 1)
        if numbers <= LARGEST:
            return None
        return (
            f"order = {config.order} over {base - 1} symbols makes a table of {numbers:.2g} numbers, and the limit is "
            f"{LARGEST:,}. Set model.order lower, or choose {'gru' if reads else 'generator'}."
        )

    @classmethod
    def build(cls, config: MarkovConfig, task: Task) -> nn.Module:
        """The table for the task's symbols, with rows of their own for each class."""
        from workbench.nn.history import HistoryTable
        from workbench.nn.markov import MarkovTable

        if isinstance(task.inputs, Tokens):
            return HistoryTable(len(task.inputs.symbols), config.order)

        return MarkovTable(alphabet_of(task), config.order, _num_classes(task) if isinstance(task.inputs, Classes) else 0)


def _num_classes(task: Task) -> int:
    """Number of contexts: classes, or the one that is none."""
    return len(task.inputs.names) if isinstance(task.inputs, Classes) else 1
