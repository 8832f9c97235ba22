"""Several runs in the same charts: how many, and the sign and the role by which each is known."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MEDIAN", "MOST_MEMBERS", "MOST_RUNS", "TRACE", "distinct_names", "race_role", "race_sign"]

MOST_RUNS = 6
"""Runs that can be told apart in one chart."""
MOST_MEMBERS = 20
"""Runs of a group in one chart, where they need not be told apart."""
MEDIAN, TRACE = "median", "trace"
"""Roles that name the colours of a group's median, and of its range and the runs behind it."""


def race_sign(number: int) -> str:
    """What stands on the lines of a run, and before its name: its number, from 1."""
    return str(number)


def race_role(number: int) -> str:
    """The name of a run's colour."""
    return f"run-{number}"


def distinct_names(runs: Sequence[tuple[str, str]]) -> list[str]:
    """What each run is called beside the others: its name, with the end of its id where another one has the same.

    Args:
        runs: id and name of each.
    """
    names = [name or run_id for run_id, name in runs]
    return [
        f"{name} ({run_id.rpartition('-')[2]})" if names.count(name) > 1 else name
        for (run_id, _), name in zip(runs, names, strict=True)
    ]
