"""Whether the loop waits between two steps, and which steps it takes all the same because somebody asked for them."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from workbench.saying import said
from workbench.training.events import Control, Event, Paused, Request, Resumed, StepsTaken

__all__ = ["Pause"]


class Pause:
    """The pause of a run: on or off, and while it is on the steps that are asked for, each series in its turn.

    Args:
        control: where requests are answered.
    Attributes:
        on: whether the run is paused.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self.on = False
        self._asked: list[tuple[Request, int]] = []

    @property
    def waits(self) -> bool:
        """Whether no step may be taken now."""
        return self.on and not self._asked

    def ask(self, request: Request) -> str:
        """Note steps to be taken; they are answered once they are done.

        Args:
            request: of the verb `step`; its `count` is the number of steps, 1 where it says none.
        Returns:
            Why they are not taken, "" when they are.
        """
        count = request.arguments.get("count", 1)
        if not self.on:
            return "the run is not paused; pause it first"
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            return f"got count {said(count)}; expected a whole number from 1"
        self._asked.append((request, count))
        return ""

    def step_taken(self, step: int) -> Iterator[Event]:
        """One step is done, `step` in all; tells of the request whose last one it was."""
        if not self._asked:
            return
        request, left = self._asked.pop(0)
        if left > 1:
            self._asked.insert(0, (request, left - 1))
        else:
            yield StepsTaken(step, request)
            self._control.answer(request, "done")

    def turn(self, verb: str, step: int) -> Generator[Event, None, str]:
        """Begin the pause (`pause`) or end it (`resume`) after `step` steps; steps that are still asked for are given up.

        Returns:
            "done", or why nothing is changed by it.
        """
        begins = verb == "pause"
        if begins and self.waits:
            return "the run is already paused"
        if not (begins or self.on):
            return "the run is not paused"
        for request in self.give_up():
            self._control.answer(request, f"given up at step {step:,}: the run was {verb}d")
        self.on = begins
        yield Paused(step) if begins else Resumed(step)
        return "done"

    def give_up(self) -> list[Request]:
        """The requests whose steps are not all taken, and will not be."""
        requests, self._asked = [request for request, _ in self._asked], []
        return requests
