"""What the cards of models that write sequences, or label them step by step, have in common. Not a card."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from workbench.task import EOS, PAD, SPECIAL_SYMBOLS, Task, Tokens

if TYPE_CHECKING:
    from workbench.nn.generation import Alphabet
    from workbench.nn.recurrent import LayerFactory

__all__ = ["alphabet_of", "num_symbols", "plain_layer"]


def num_symbols(task: Task) -> int:
    """Number of symbols that can be written, the special ones left out."""
    return len(_tokens(task).symbols) - len(SPECIAL_SYMBOLS)


def alphabet_of(task: Task) -> Alphabet:
    """The symbols of the task's outputs, as numbers."""
    from workbench.nn.generation import Alphabet

    return Alphabet(num_symbols(task), len(SPECIAL_SYMBOLS), PAD, EOS)


def _tokens(task: Task) -> Tokens:
    if not (isinstance(task.outputs, Tokens) and task.outputs.special):
        raise TypeError(f"no symbols with an end in {task.outputs!r}")
    return task.outputs


def plain_layer(cell: Literal["gru", "lstm", "elman"]) -> LayerFactory:
    """A recurrent layer of this kind with its usual start."""
    from workbench.nn.elman import ElmanLayer
    from workbench.nn.gru import GRULayer
    from workbench.nn.lstm import LSTMLayer

    layers: dict[str, LayerFactory] = {"gru": GRULayer, "lstm": partial(LSTMLayer, forget_bias=1.0), "elman": ElmanLayer}
    return layers[cell]
