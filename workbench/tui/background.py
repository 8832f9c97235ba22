"""Work in threads: what fails there unforeseen is told, and neither ends the interface nor is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual import work
from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker

__all__ = ["BackgroundFailed", "in_thread"]

P = ParamSpec("P")
Node = TypeVar("Node", bound=DOMNode)


@dataclass
class BackgroundFailed(Message):
    """Work in a thread failed at something that nobody foresaw.

    Attributes:
        error: what it failed at.
        group: what it was at.
    """

    error: Exception
    group: str


def in_thread(
    group: str, *, exclusive: bool = False
) -> Callable[[Callable[Concatenate[Node, P], None]], Callable[Concatenate[Node, P], Worker[None]]]:
    """Make a method one that runs in a thread. It touches no widget and posts messages; what a person can mend, it says itself.

    Args:
        group: what the work is called, in a word or two.
        exclusive: whether a newer call takes the place of one that still waits or runs.
    """

    def decorate(method: Callable[Concatenate[Node, P], None]) -> Callable[Concatenate[Node, P], Worker[None]]:
        @wraps(method)
        def told(self: Node, *arguments: P.args, **named: P.kwargs) -> None:
            try:
                method(self, *arguments, **named)
            except Exception as error:  # noqa: BLE001 - the one place where it is told
                self.app.post_message(BackgroundFailed(error, group))

        threaded: Any = work(told, group=group, exclusive=exclusive, thread=True)
        return threaded  # type: ignore[no-any-return]  # Textual's own type says less of the arguments

    return decorate
