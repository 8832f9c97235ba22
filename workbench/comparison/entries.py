"""What is compared: runs, and groups of runs that differ in the seed alone, each with a number by which it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RunNotFoundError, UsageError
from workbench.runs.groups import RunGroup, group_runs, stem_name
from workbench.runs.listing import find_run, list_runs
from workbench.runs.summary import RunSummary
from workbench.saying import said
from workbench.uncertainty import Spread

__all__ = ["MOST_ENTRIES", "Entry", "chosen_entries", "entries_of"]

MOST_ENTRIES = 20
"""Runs and groups of one comparison."""


@dataclass(frozen=True)
class Entry:
    """One side of a comparison.

    Attributes:
        number: by which it is known in tables and on its lines, from 1.
        name: what it is called beside the others.
        group: its runs; of a single run a group of one.
    """

    number: int
    name: str
    group: RunGroup

    @property
    def runs(self) -> tuple[RunSummary, ...]:
        """Its runs."""
        return self.group.runs

    @property
    def is_group(self) -> bool:
        """Whether it has several runs."""
        return len(self.group.runs) > 1

    @property
    def settings(self) -> dict[str, object]:
        """The settings that its runs have in common; of a single run all of them."""
        return dict(self.group.settings) if self.is_group else dict(self.group.runs[0].settings)

    @property
    def steps(self) -> tuple[int, int]:
        """The fewest and the most steps that its runs have done."""
        done = [run.step for run in self.group.runs]
        return min(done), max(done)

    def spread(self, tag: str) -> Spread:
        """The values of a series' end over its runs."""
        return self.group.spread(tag)


def chosen_entries(root: Path, names: Sequence[str], query: str = "", *, grouped: bool = False) -> list[Entry]:
    """What a person names, in that order, each once.

    Args:
        root: folder of all runs.
        names: runs, as `find_run` takes them, and groups by name.
        query: as `--filter` has it: the runs that it finds come after those that were named.
        grouped: fold runs that differ in nothing but the seed.
    Raises:
        RunNotFoundError: nothing, or more than one thing, answers to a name.
        UsageError: nothing was named, or too much, or the query cannot be read.
    """
    runs = list_runs(root)
    every = group_runs(runs)
    chosen: list[RunGroup] = []
    for name in names:
        try:
            folder = find_run(root, name)
        except RunNotFoundError:
            # those that were started as a group of that name, whatever other runs have the same settings
            members = [run for run in runs if run.name != name and stem_name(run) == name]
            named = group_runs(members) or [group for group in every if name in (group.name, group.key) and len(group.runs) > 1]
            if len(named) != 1:
                raise
            chosen.append(named[0])
        else:
            chosen += group_runs([_summary(folder.path, runs, root)])
    if query:
        chosen += [group for run in list_runs(root, query) for group in group_runs([run])]
    if grouped:
        chosen = group_runs(list({run.path: run for group in chosen for run in group.runs}.values()))
    return entries_of(chosen)


def entries_of(groups: Sequence[RunGroup]) -> list[Entry]:
    """Groups of runs as the sides of a comparison, each once.

    Raises:
        UsageError: there is none, or there are too many.
    """
    groups = list({tuple(run.path for run in group.runs): group for group in groups}.values())
    if not groups:
        raise UsageError("runs: got none; expected one or more. Name them, or give a --filter that finds some.")
    if len(groups) > MOST_ENTRIES:
        raise UsageError(f"runs: got {len(groups)} runs and groups; expected at most {MOST_ENTRIES}. Name fewer of them.")
    names = [_name(group) for group in groups]
    many = Counter(names)
    ends = [group.runs[0].id.rpartition("-")[2] for group in groups]
    told = [f"{name} ({end})" if many[name] > 1 else name for name, end in zip(names, ends, strict=True)]
    return [Entry(number, name, group) for number, (name, group) in enumerate(zip(told, groups, strict=True), 1)]


def _name(group: RunGroup) -> str:
    if len(group.runs) > 1:
        return (
            f"{group.name}, {len(group.runs)} seeds"
            if len(group.seeds) == len(group.runs)
            else f"{group.name}, {len(group.runs)} runs"
        )
    return group.runs[0].name or group.runs[0].title or group.runs[0].id


def _summary(path: Path, runs: Sequence[RunSummary], root: Path) -> RunSummary:
    """The summary of a run, which may lie in another folder."""
    elsewhere = list_runs(path.parent) if path.parent != root else []
    for run in [*runs, *elsewhere]:
        if run.path == path or run.path.resolve() == path.resolve():
            return run
    raise RunNotFoundError(f"run {said(str(path))}: not found. 'workbench runs' lists all.")
