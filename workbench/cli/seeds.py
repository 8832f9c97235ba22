"""`run --seeds`: the runs of several seeds, started in turn and followed to their end, and the table of what they came to."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from workbench.cli.following import INTERRUPTED, POLL_EVERY_S, end_words, run_as_json
from workbench.cli.output import message, print_json
from workbench.cli.progress import Progress
from workbench.cli.seed_views import Member, SeedsView, choose_seeds_view
from workbench.cli.spread_table import print_spreads
from workbench.errors import WorkbenchError
from workbench.experiment import Experiment
from workbench.names import checked_name
from workbench.runs.control import send
from workbench.runs.folder import RunFolder
from workbench.runs.groups import SEED, RunGroup, group_runs, member_name, spread_as_json
from workbench.runs.listing import list_runs
from workbench.saying import took
from workbench.system import cores
from workbench.training import launch

__all__ = ["Group", "follow_seeds", "start_seeds"]


class Group:
    """The runs that are to be: one experiment on several seeds.

    Args:
        root: folder of all runs.
        experiment: what they train; its seed is the first one.
        count: how many seeds.
        name: a person's name for the group, or "".
        create: makes the folder of a run with a name.
    Raises:
        UsageError: the name could be mistaken for something else.
        ExperimentError: a seed is too large.
    """

    def __init__(
        self, root: Path, experiment: Experiment, count: int, name: str, create: Callable[[Experiment, str], RunFolder]
    ) -> None:
        self.root, self.experiment = root, experiment
        first = experiment.training.seed
        self.seeds = range(first, first + count)
        self._name, self._create = checked_name(name), create
        for seed in (self.seeds[0], self.seeds[-1]):  # what could only fail after some of them have been trained
            self._of(seed)

    @property
    def fitting(self) -> int:
        """Runs at a time that the cores are enough for."""
        return max(1, cores() // max(1, self.experiment.training.threads))

    def begin(self, seed: int, *, queued: bool = False) -> tuple[RunFolder, int]:
        """Make and start the run of a seed: its folder, and the process id of its worker.

        Raises:
            WorkbenchError: it cannot be made or started.
        """
        folder = self._create(*self._of(seed))
        return folder, launch.enqueue(folder) if queued else launch.start(folder)

    def _of(self, seed: int) -> tuple[Experiment, str]:
        name = checked_name(member_name(self._name, seed))
        return self.experiment.with_changes({SEED: seed}), name


@dataclass
class _Following:
    """The runs while they go on.

    Attributes:
        begin: starts the run of a seed.
        waiting: seeds whose runs are still to be started.
        jobs: runs at a time.
        members: the runs that were started.
        interrupts: how often Ctrl-C was pressed.
        failure: why a run could not be started; no other one is then.
    """

    begin: Callable[[int], tuple[RunFolder, int]]
    waiting: list[int]
    jobs: int
    stack: ExitStack
    members: list[Member] = field(default_factory=list)
    interrupts: int = 0
    failure: WorkbenchError | None = None

    @property
    def going(self) -> list[Member]:
        """Runs that have not ended."""
        return [member for member in self.members if not member.last.ended]

    def start_next(self) -> None:
        """Start as many runs as may go on at a time."""
        while self.waiting and len(self.going) < self.jobs and not self.interrupts and self.failure is None:
            try:
                folder, worker = self.begin(self.waiting[0])
                progress = self.stack.enter_context(Progress(folder, worker=worker))
                self.members.append(Member(self.waiting.pop(0), progress, progress.snapshot()))
            except WorkbenchError as error:
                self.failure = error

    def look(self) -> None:
        """See how far each run is."""
        for member in self.going:
            member.last = member.progress.snapshot()

    def stop(self) -> None:
        """Ask each run to stop, which keeps a checkpoint."""
        for member in self.going:
            with suppress(WorkbenchError):  # it ended in the same moment
                send(member.progress.folder, "stop")


def follow_seeds(
    group: Group, jobs: int, *, queued: bool, quiet: bool, as_json: bool, finish: Callable[[RunFolder], None]
) -> int:
    """Start a run for each seed, at most `jobs` at a time, show them until they end, then say what they came to.

    The first Ctrl-C asks all that go on to stop, with a checkpoint, and starts no other one; a second one does not wait for that.

    Args:
        group: the runs.
        jobs: runs at a time.
        queued: whether each waits for a free core by itself.
        quiet: show nothing but the end.
        as_json: print one JSON object on stdout, everything else on stderr.
        finish: done with each run that has finished well, before the end is told.
    Returns:
        The exit code.
    Raises:
        WorkbenchError: a run could not be started; what was started is followed to its end before.
    """
    experiment, seeds = group.experiment, group.seeds
    heading = experiment.title or f"{experiment.model.name} on {experiment.data.name}"
    with ExitStack() as stack:
        following = _Following(partial(group.begin, queued=queued), list(seeds), jobs, stack)
        view = choose_seeds_view(heading, len(seeds), quiet=quiet, as_json=as_json)
        stack.enter_context(_interrupts_counted(following))
        with view:
            _watch(following, view)
    _tell_end(following, quiet=quiet, as_json=as_json)
    members = following.members
    for member in members:
        if member.last.state == "finished":
            finish(member.progress.folder)
    folders = [member.progress.folder for member in members]
    if folders:
        _tell_group(group.root, folders, experiment, quiet=quiet, as_json=as_json)
    if following.failure is not None:
        raise following.failure
    if any(member.last.state in ("failed", "lost") for member in members):
        return 1
    is_cut = len(members) < len(seeds) or any(member.last.state != "finished" for member in members)
    return INTERRUPTED if following.interrupts and is_cut else 0


def start_seeds(group: Group, *, quiet: bool, as_json: bool) -> None:
    """Start all runs and leave them: those that find no free core wait for one. Their ids (or the JSON) come last on stdout.

    Raises:
        WorkbenchError: a run could not be started; those before it go on.
    """
    folders = [group.begin(seed, queued=True)[0] for seed in group.seeds]
    if not quiet:
        message("Those that find no free core wait for one. 'workbench runs --group' shows how far they are.")
    if as_json:
        print_json(_as_json(_group(group.root, folders), folders))
    else:
        sys.stdout.write("".join(f"{folder.id}\n" for folder in folders))


def _watch(following: _Following, view: SeedsView) -> None:
    told = 0
    while True:
        following.start_next()
        following.look()
        if following.interrupts > told:
            told = following.interrupts
            if told > 1:
                return
            view.tell("Stopping all runs after this step, with checkpoints. Ctrl-C again does not wait for it.")
            following.stop()
        view.show(following.members, 0 if following.interrupts else len(following.waiting))
        if not following.going and (not following.waiting or following.interrupts or following.failure):
            return
        time.sleep(POLL_EVERY_S)


@contextmanager
def _interrupts_counted(following: _Following) -> Iterator[None]:
    """Ctrl-C is counted instead of raised: a run that is being made just then is made, and stopped like the others."""

    def count(number: int, frame: object) -> None:
        del number, frame
        following.interrupts += 1

    before = signal.signal(signal.SIGINT, count)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell_end(following: _Following, *, quiet: bool, as_json: bool) -> None:
    """Say of each run how it ended, where that is not as it should, and which were not started."""
    members = following.members
    for member in members:
        if words := end_words(member.progress.folder, member.last):
            message(f"{member.name}: {words}")
    if following.waiting:
        message(f"Not started: {_seeds(following.waiting)}.")
    if members and not quiet:
        finished = sum(member.last.state == "finished" for member in members)
        seconds = took(sum(member.last.seconds for member in members))
        told = _seeds([member.seed for member in members])
        line = f"{finished} of {len(members) + len(following.waiting)} runs finished ({told}), {seconds} of training in all."
        (sys.stderr if as_json else sys.stdout).write(f"{line}\n")


def _tell_group(root: Path, folders: Sequence[RunFolder], experiment: Experiment, *, quiet: bool, as_json: bool) -> None:
    """The table of the metrics, then the ids or the JSON on stdout."""
    group = _group(root, folders)
    if not quiet:
        spreads = {tag: group.spread(tag, finished=True) for tag in group.tags if not _is_told(group, tag)}
        baselines = {tag: baseline.words for tag in spreads if (baseline := experiment.task.baseline(tag)) is not None}
        if any(spread.count for spread in spreads.values()):
            print_spreads(spreads, baselines, stderr=as_json)
        if len(group_runs(group.runs)) > 1:
            message("The runs differ in more than the seed: settings of some were changed while they went on.")
    if as_json:
        print_json(_as_json(group, folders))
    else:
        sys.stdout.write("".join(f"{folder.id}\n" for folder in folders))


def _is_told(group: RunGroup, tag: str) -> bool:
    """Whether a score of the best weights is the one of the last weights in every run."""
    last = tag.replace("test_best/", "test/", 1)
    return last != tag and all(run.values.get(tag) == run.values.get(last) for run in group.runs)


def _group(root: Path, folders: Sequence[RunFolder]) -> RunGroup:
    wanted = {folder.id for folder in folders}
    (group,) = group_runs([run for run in list_runs(root) if run.id in wanted], [])
    return group


def _as_json(group: RunGroup, folders: Sequence[RunFolder]) -> dict[str, Any]:
    """What `run --seeds --json` prints; a metric of a run that did not finish is missing."""
    metrics = {tag: spread_as_json(group.spread(tag, finished=True)) for tag in group.tags}
    return {"group": group.name, "runs": [run_as_json(folder) for folder in folders], "metrics": metrics}


def _seeds(seeds: Sequence[int]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    return f"seeds {seeds[0]} to {seeds[-1]}"
