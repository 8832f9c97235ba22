"""Work in threads: what fails there unforeseen is told, and neither ends the interface nor is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker

__all__ = ["BackgroundFailed", "in_thread", "start_in_thread"]

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


def start_in_thread(node: DOMNode, group: str, task: Callable[[], None], *, exclusive: bool = False) -> Worker[None]:
    """Do something in a thread. It touches no widget and posts messages; what a person can fix, it says itself.

    Args:
        node: whose work it is; it ends with it.
        group: what the work is called, in a word or two.
        task: what is done.
        exclusive: whether a newer call takes the place of one that still waits or runs.
    """

    def reporting() -> None:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - the one place where it is told
            node.app.post_message(BackgroundFailed(error, group))

    return node.run_worker(reporting, group=group, exclusive=exclusive, thread=True)


def in_thread(
    group: str, *, exclusive: bool = False
) -> Callable[[Callable[Concatenate[Node, P], None]], Callable[Concatenate[Node, P], Worker[None]]]:
    """Make a widget's method one that runs in a thread, as `start_in_thread` has it."""

    def decorate(method: Callable[Concatenate[Node, P], None]) -> Callable[Concatenate[Node, P], Worker[None]]:
        @wraps(method)
        def started(self: Node, /, *arguments: P.args, **named: P.kwargs) -> Worker[None]:
            return start_in_thread(self, group, partial(method, self, *arguments, **named), exclusive=exclusive)

        return started

    return decorate
