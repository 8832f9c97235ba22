"""Marked steps of a board, and the passages that are found alike to them by a process with torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.plotting.alike import alike_caption, alike_pictures, alike_words, compared
from workbench.tui.requests import AskModel, GiveUp

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.plotting.pictures import Picture
    from workbench.plotting.probes import Look
    from workbench.tui.requests import ModelAnswered
    from workbench.tui.run.data import RunData

__all__ = ["AlikeSearch"]


class AlikeSearch:
    """What a person has marked, what is looked for, and what was found.

    Args:
        board: who is told what was found.

    Attributes:
        mark: the first and the last marked step of the sequence, or None.
        found: what was found alike to marked steps, see `workbench.training.alike`; None while that is not shown.
        waiting: the question that has no answer yet, or None.
    """

    def __init__(self, board: Widget) -> None:
        self._board = board
        self.mark: tuple[int, int] | None = None
        self.found: Mapping[str, Any] | None = None
        self.waiting: AskModel | None = None
        self._pictures: Sequence[Picture] = ()

    @property
    def has_something(self) -> bool:
        """Whether there is something to take back."""
        return self.mark is not None or self.found is not None or self.waiting is not None

    @property
    def caption(self) -> str:
        """What the passages are of, or ""."""
        return "" if self.found is None else alike_caption(self.found)

    @property
    def stem(self) -> str:
        """What the names of files with the passages end in, or ""."""
        query = self.found["query"] if self.found is not None else None
        return "" if query is None else f"-alike-{query['first']}-{query['last']}"

    def ask(self, look: Look, run: RunData, unit: int | None) -> str:
        """Look for passages that are alike to the marked steps in all units or in one; what hinders it, in words, or ""."""
        before = [step for step in run.checkpoints if step <= look.snapshot.step]
        if self.mark is None or look.index is None:
            return "Nothing says which samples these are: no passages can be looked for."
        if not before:
            return (
                f"No checkpoint at or before step {look.snapshot.step:,}: nothing can be computed there. Choose a later moment."
            )
        first, last = self.mark
        arguments = {
            "kind": look.row.kind,
            "name": look.chosen.name,
            "index": look.index,
            "first": first,
            "last": last,
            "unit": unit,
        }
        self.waiting = AskModel(self._board, run.folder, before[-1], "alike", arguments)
        self._board.app.post_message(self.waiting)
        return ""

    def take(self, message: ModelAnswered) -> bool:
        """Keep an answer, if it is the one that is waited for."""
        if message.request is not self.waiting:
            return False
        self.waiting = None
        if message.answer is not None:
            self.found = message.answer
            self._pictures = alike_pictures(message.answer)
        return True

    def back(self) -> None:
        """Take back the last thing: what is looked for, else what is shown, else the mark."""
        if self.waiting is not None:
            self._board.app.post_message(GiveUp(self._board))
            self.waiting = None
        elif self.found is not None:
            self.found = None
        else:
            self.mark = None

    def forget(self, *, mark: bool) -> None:
        """Something else is looked at: nothing is looked for and nothing shown any more, and with `mark` nothing is marked."""
        if self.waiting is not None:
            self._board.app.post_message(GiveUp(self._board))
        self.waiting = self.found = None
        self.mark = None if mark else self.mark

    def pictures(self, own: Sequence[Picture]) -> Sequence[Picture]:
        """What the board draws: its own pictures with the mark, and what was found before them, beside the one that is marked."""
        marked = own if self.mark is None else [picture.marked(*self.mark) for picture in own]
        if self.found is None:
            return marked
        with_steps = [picture for picture in marked if min(picture.shape) and picture.step_at(0) is not None][:1]
        listed, *others = self._pictures
        return [listed, *with_steps, *others, *(picture for picture in marked if picture not in with_steps)]

    def words(self) -> list[str]:
        """What is marked, looked for or found, or nothing."""
        if self.waiting is not None:
            asked = self.waiting.arguments
            unit = "" if asked["unit"] is None else f" in unit {asked['unit']}"
            return [f"Looking for passages alike to steps {asked['first']} to {asked['last']}{unit} ... escape gives up"]
        if self.found is not None:
            return [alike_words(self.found), compared(self.found)]
        if self.mark is not None:
            first, last = self.mark
            return [f"steps {first} to {last} marked" if first < last else f"step {first} marked"]
        return []
