"""What of a run can be claimed: the last value of every series, and the highest one."""

from __future__ import annotations

from workbench.runs.reader import RunReader

__all__ = ["HIGHEST", "run_values"]

HIGHEST = "max "
"""What stands before a series' tag when its highest value is meant (`max train/loss`)."""


def run_values(reader: RunReader) -> dict[str, float]:
    """The last value of every series by its tag, and the highest one by `max` and its tag.

    A value that was not a number counts as infinite there: a loss becomes one when it has left the range of numbers.
    """
    return {**reader.latest_values(), **{HIGHEST + tag: value for tag, value in reader.highest_values().items()}}
