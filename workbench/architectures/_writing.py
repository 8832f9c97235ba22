"""What the cards of models that write sequences have in common. Not a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cards import EOS, PAD, SPECIAL_SYMBOLS, Classes, Image, Task, Tokens

if TYPE_CHECKING:
    from workbench.nn.autoregressive import Alphabet
    from workbench.nn.contexts import Context

__all__ = ["alphabet_of", "context_of", "num_tokens"]


def num_tokens(task: Task) -> int:
    """Number of symbols that can be written, the special ones left out."""
    return len(_tokens(task).symbols) - len(SPECIAL_SYMBOLS)


def alphabet_of(task: Task) -> Alphabet:
    """The symbols of the task's outputs, as numbers."""
    from workbench.nn.autoregressive import Alphabet

    return Alphabet(num_tokens(task), len(SPECIAL_SYMBOLS), PAD, EOS)


def context_of(task: Task, size: int) -> Context:
    """What turns the task's contexts, classes or pictures, into vectors."""
    from workbench.nn.contexts import ClassContext, PictureContext

    match task.inputs:
        case Classes(names=names):
            return ClassContext(len(names), size)
        case Image(channels=channels, height=height, width=width):
            return PictureContext(channels * height * width, size)
        case _:
            raise TypeError(f"no context in {task.inputs!r}")


def _tokens(task: Task) -> Tokens:
    if not (isinstance(task.outputs, Tokens) and task.outputs.special):
        raise TypeError(f"no symbols with an end in {task.outputs!r}")
    return task.outputs
