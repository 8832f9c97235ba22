"""What the cards of networks over trees have in common. Not a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._recurrent_card import num_outputs
from workbench.cards import SPECIAL_SYMBOLS, Config, Interface, Task, Tokens, setting
from workbench.cards.catalog import does

if TYPE_CHECKING:
    from torch import nn

    from workbench.nn.trees import TreeCell

__all__ = ["TREE_TASKS", "TreeConfig", "build_tree_model", "refuse_strings"]

TREE_TASKS = does(Interface.ONE_OUTPUT)
"""What can be read from a tree's root."""

OPENING, CLOSING = "[", "]"


class TreeConfig(Config):
    """Settings of networks over trees."""

    hidden_size: int = setting(32, "Size of a node's state.", ge=1, le=4096, unit="units")
    embedding_size: int = setting(16, "Embedding size of a token.", ge=1, le=4096, unit="units")
    dropout: float = setting(0.0, "Dropout rate of the root's state before the readout.", ge=0, lt=1, live=True)


def refuse_strings(task: Task) -> str | None:
    """Why a network over trees cannot do a task, or None when the input is a tree."""
    if isinstance(task.inputs, Tokens) and task.inputs.structure == "tree":
        return None
    return (
        "it reads trees, and the input is not a tree. Choose data that are trees, such as boolean_trees, or choose elman or lstm."
    )


def build_tree_model(cell: TreeCell, config: TreeConfig, task: Task) -> nn.Module:
    """The cell between symbols' vectors and a readout of the root."""
    from workbench.nn.trees import TreeModel

    if not isinstance(task.inputs, Tokens):
        raise TypeError(f"no tree in {task.inputs!r}")
    symbols = task.inputs.symbols
    ignored = range(len(SPECIAL_SYMBOLS) if task.inputs.special else 0)
    opening = [symbol.startswith(OPENING) for symbol in symbols]
    return TreeModel(cell, opening, symbols.index(CLOSING), num_outputs(task), ignored=list(ignored), dropout=config.dropout)
