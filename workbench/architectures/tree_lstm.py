"""Card of the Tree-LSTM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.architectures._trees import TREE_TASKS, TreeConfig, build_tree_model, refuse_strings
from workbench.cards import ArchitectureCard, Task

if TYPE_CHECKING:
    from torch import nn


class TreeLSTMConfig(TreeConfig):
    """Settings of the Tree-LSTM."""


class TreeLSTM(ArchitectureCard[TreeLSTMConfig]):
    """An LSTM whose past is two children."""

    Config = TreeLSTMConfig
    title = "Tree-LSTM"
    group = "Trees"
    summary = (
        "An LSTM along a tree: each node has an input gate and a forget gate for each of its two children. "
        "Memory cells carry information through deep trees where a plain recursive network loses it."
    )
    reference = "Tai, Socher & Manning 2015, arXiv:1503.00075, eq. 9-14 with N = 2"
    equation = (
        "i, o = sigmoid(W x + U [h_l; h_r] + b)\n"
        "u = tanh(W_u x + U_u [h_l; h_r] + b_u)\n"
        "f_k = sigmoid(W_f x + U_fk [h_l; h_r] + b_f)        k = l, r\n"
        "c = i * u + f_l * c_l + f_r * c_r\n"
        "h = o * tanh(c)"
    )
    drawing = (
        "                 h, c\n"
        "                  ▲\n"
        "      i * u ────▶(+)\n"
        "                 ▲ ▲\n"
        "          f_l (×)   (×) f_r\n"
        "               ▲     ▲\n"
        "               │     │\n"
        "          h_l, c_l  h_r, c_r\n"
        "            /  \\      /  \\\n"
        "           0    1    1    1"
    )
    tasks = TREE_TASKS

    @classmethod
    def refuse(cls, config: TreeLSTMConfig, task: Task) -> str | None:
        """Only trees."""
        return refuse_strings(task)

    @classmethod
    def build(cls, config: TreeLSTMConfig, task: Task) -> nn.Module:
        """Vectors of symbols, gated composition, readout of the root."""
        from workbench.nn.tree_lstm import TreeLSTMCell

        return build_tree_model(TreeLSTMCell(config.embedding_size, config.hidden_size), config, task)
