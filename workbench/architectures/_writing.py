"""What the cards of models that write sequences have in common. Not a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.task import EOS, PAD, SPECIAL_SYMBOLS, Task, Tokens

if TYPE_CHECKING:
    from workbench.nn.generation import Alphabet

__all__ = ["alphabet_of", "num_symbols"]


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
