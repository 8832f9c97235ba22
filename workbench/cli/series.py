"""Which of a run's series are meant by the words of `--tag`."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.errors import UsageError
from workbench.saying import nearest

__all__ = ["TAG_HELP", "chosen_tags"]

TAG_HELP = "A series (train/loss), or its last part (loss)."


def chosen_tags(run_id: str, known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The series meant by whole tags or their last parts, each once.

    Args:
        run_id: whose series they are, for the error.
        known: every series of the run.
        wanted: what was given.
    Raises:
        UsageError: one of them names no series.
    """
    chosen: list[str] = []
    for word in wanted:
        named = [tag for tag in known if word in (tag, tag.rpartition("/")[2])]
        if not named:
            raise UsageError(f"{run_id}: got --tag {word}; expected one of the run's series. {nearest(word, known)}")
        chosen += [tag for tag in named if tag not in chosen]
    return chosen
