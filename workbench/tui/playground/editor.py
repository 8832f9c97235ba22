"""What every editor of an input is: it holds one input, says when a person has changed it, and takes a sample to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from textual.message import Message

from workbench.cards import Task

__all__ = ["Edited", "Editor"]


@dataclass
class Edited(Message):
    """A person has changed the input."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest input is asked about."""
        return isinstance(message, Edited)


@runtime_checkable
class Editor(Protocol):
    """A widget in which an input is made."""

    @property
    def question(self) -> Mapping[str, Any] | None:
        """The input as a question takes it (`text`, or `values`), with what else it asks for; None while there is none."""

    def take(self, sample: Mapping[str, Any]) -> None:
        """Begin with a sample, as `workbench.training.questions.sample` gives it; posts no `Edited`."""

    def task_is(self, task: Task) -> None:
        """What the model was trained to do."""
