"""Card of the recursive network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._trees import TREE_TASKS, TreeConfig, build_tree_model, refuse_strings
from workbench.cards import ArchitectureCard, Task

if TYPE_CHECKING:
    from torch import nn


class RecursiveConfig(TreeConfig):
    """Settings of the recursive network."""


class Recursive(ArchitectureCard[RecursiveConfig]):
    """One composition for every node of a tree."""

    Config = RecursiveConfig
    title = "Recursive network"
    group = "Trees"
    summary = (
        "A recurrent network along a tree instead of a chain: one shared layer computes each node's state from its children's. "
        "A balanced tree of n leaves is only log n steps deep, and what is learned on small trees applies to large ones."
    )
    reference = "Goller & Kuchler 1996; Socher et al. 2011, eq. 1; Goodfellow et al. 2016, section 10.6"
    equation = "leaf: h = tanh(V x + b)\nnode: h = tanh(V x + b + U [h_left; h_right])\ny = W h_root + c"
    drawing = (
        "                 y\n"
        "                 ▲ W\n"
        "              ┌──┴──┐\n"
        "              │ h_7 │ and\n"
        "              └▲───▲┘\n"
        "          U  /       \\  U\n"
        "      ┌─────┐         ┌─────┐\n"
        "      │ h_5 │ or      │ h_6 │ and\n"
        "      └▲───▲┘         └▲───▲┘\n"
        "      /     \\         /     \\\n"
        "    h_1     h_2     h_3     h_4\n"
        "     0       1       1       1"
    )
    tasks = TREE_TASKS

    @classmethod
    def refuse(cls, config: RecursiveConfig, task: Task) -> str | None:
        """Only trees."""
        return refuse_strings(task)

    @classmethod
    def build(cls, config: RecursiveConfig, task: Task) -> nn.Module:
        """Vectors of symbols, composition, readout of the root."""
        from workbench.nn.recursive import RecursiveCell

        return build_tree_model(RecursiveCell(config.embedding_size, config.hidden_size), config, task)
