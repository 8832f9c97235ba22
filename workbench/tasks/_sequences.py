"""What kinds of task have in common whose answers are sequences of tokens. Not a kind."""

from __future__ import annotations

from workbench.cards.signals import Tokens
from workbench.cards.task import Task
from workbench.cards.task_kind import AnswerForm

__all__ = ["sequence_form"]


def sequence_form(task: Task) -> AnswerForm:
    """Whether its sequences are written with blanks between words."""
    blanks = isinstance(task.outputs, Tokens) and " " in task.outputs.joiner
    return AnswerForm.WORDS if blanks else AnswerForm.CHARACTERS
