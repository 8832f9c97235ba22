"""Groups of runs: those that differ in nothing but the seed are one experiment, tried several times.

Two runs are of one group where all of this is the same: the settings in force, apart from the seed and from what has no effect on
the result (looking inside); the live changes with their steps; the files that the data were read from; and what the run began
with, which for a fork is a run and a step. Groups by other settings can be asked for.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.runs.differences import as_words, differences, has_effect, same
from workbench.runs.records import STATES
from workbench.saying import nearest, said
from workbench.uncertainty import Spread, spread

if TYPE_CHECKING:
    from workbench.runs.summary import RunSummary

__all__ = ["SEED", "RunGroup", "group_runs", "identity", "member_name", "spread_as_json", "stem_name"]

SEED = "training.seed"
_SPLITS = ("test", "test_best", "validation")
"""What was measured on them is told of a group, in this order; a value of a single training batch says little."""
_LISTED = 2
"""Seeds up to which each is said; longer rows of them by their ends."""
_STATES = (*STATES, "lost", "damaged")


@dataclass(frozen=True)
class RunGroup:
    """Runs that are looked at together.

    Attributes:
        key: the same for the same group in whatever listing, and for no other one; says nothing to a person.
        name: what a person calls it: the name that its members share, else their experiment's title, else their cards; of a
            group by chosen settings, these with their values.
        runs: the members, by seed, then from the oldest to the newest.
        settings: "table.key" -> value, what is the same in all members that have it.
        varying: names of the settings in which members differ, sorted; the seed among them.
        differs: what sets the group apart from the other groups on the same data, in words, as `hidden_size=128 lr=0.02`.
    """

    key: str
    name: str
    runs: tuple[RunSummary, ...]
    settings: Mapping[str, Any]
    varying: tuple[str, ...] = ()
    differs: str = ""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The members' seeds, each once, ascending."""
        return tuple(sorted({run.settings[SEED] for run in self.runs if isinstance(run.settings.get(SEED), int)}))

    @property
    def seed_words(self) -> str:
        """The seeds for a person: `0-4`, `0, 3, 7`; "" where none is known."""
        seeds = self.seeds
        if len(seeds) > _LISTED and seeds[-1] - seeds[0] == len(seeds) - 1:
            return f"{seeds[0]}-{seeds[-1]}"
        return ", ".join(map(str, seeds))

    @property
    def state_words(self) -> str:
        """Its members' states for a person: `4 finished, 1 failed`."""
        return ", ".join(f"{count} {state}" for state, count in self.states.items())

    @property
    def trials(self) -> tuple[RunSummary, ...]:
        """The members that tell something of their own: of several with equal settings and seed one that finished.

        Those give equal numbers. In a group by chosen settings members may differ in others, and all of them count.
        """
        if not set(self.varying) <= {SEED}:
            return self.runs
        ordered = sorted(self.runs, key=lambda run: run.state == "finished")  # of each seed the last one stays: finished, newest
        of_seed = {run.settings.get(SEED, run.id): run for run in ordered}
        return tuple(run for run in self.runs if of_seed[run.settings.get(SEED, run.id)] is run)

    @property
    def states(self) -> dict[str, int]:
        """How many members are in which state, in the order of a run's life; states that none is in are left out."""
        counted = Counter(run.state for run in self.runs)
        return {state: counted[state] for state in (*_STATES, *sorted(counted)) if counted[state]}

    @property
    def metric(self) -> str:
        """Tag of the metric that counts most: what stands for most of those members that got furthest; "" before any value.

        A test value comes before one on validation, and that before one of training: it is what the members are to end with.
        """
        counted = Counter(run.metric for run in self.runs if run.metric)
        return min(counted, key=lambda tag: (_rank(tag), -counted[tag], tag), default="")

    @property
    def baseline(self) -> str:
        """A trivial predictor's score in that metric, in words, or ""."""
        metric = self.metric
        return next((run.baseline for run in self.runs if run.metric == metric), "")

    @property
    def headline(self) -> Spread:
        """The spread of that metric; of members that are listed with it their listed value, for validation the best."""
        metric = self.metric
        return spread([run.value if run.metric == metric else run.values.get(metric) for run in self.trials])

    @property
    def tags(self) -> tuple[str, ...]:
        """Series of test and validation metrics that at least one member has."""
        told = {tag for run in self.runs for tag in run.values if tag.partition("/")[0] in _SPLITS}
        return tuple(sorted(told, key=lambda tag: (_rank(tag), tag)))

    def spread(self, tag: str, *, finished: bool = False) -> Spread:
        """The spread of a series' newest values over the members, each seed once; those without a finite one are `missing`.

        Args:
            tag: the series.
            finished: whether what a member measured counts only once it has finished; until then it is missing.
        """
        return spread([run.values.get(tag) if run.state == "finished" or not finished else None for run in self.trials])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        return {
            "group": self.name,
            "key": self.key,
            "differs": self.differs,
            "seeds": list(self.seeds),
            "states": self.states,
            "settings": dict(self.settings),
            "varying": list(self.varying),
            "metric": self.metric,
            "headline": spread_as_json(self.headline),
            "metrics": {tag: spread_as_json(self.spread(tag)) for tag in self.tags},
            "runs": [{**run.to_dict(), "run": run.id} for run in self.runs],
        }


def group_runs(runs: Sequence[RunSummary], keys: Sequence[str] | None = None) -> list[RunGroup]:
    """Every run in exactly one group; the group with the newest run comes first. The order of `runs` does not matter.

    A run whose settings cannot be read is a group of its own.

    Args:
        runs: a listing.
        keys: settings (`model.name`, or `lr` where one table alone has it): runs that agree on these are one group, whatever else
            differs; with none of them all runs are. By default on everything but the seed.
    Raises:
        UsageError: no run has such a setting, or several tables have it.
    """
    chosen = None if keys is None else [_setting(key, runs) for key in keys]
    members: dict[str, list[RunSummary]] = defaultdict(list)
    for run in runs:
        members[_key(run) if chosen is None else _digest(_chosen(run, chosen))].append(run)
    groups = [_group(key, tuple(sorted(those, key=_place)), chosen) for key, those in members.items()]
    groups.sort(key=lambda group: max((run.created, run.id) for run in group.runs), reverse=True)
    told = differences([group.settings for group in groups])
    return [
        RunGroup(group.key, group.name, group.runs, group.settings, group.varying, words)
        for group, words in zip(groups, told, strict=True)
    ]


def member_name(group: str, seed: int) -> str:
    """What a run of a group that a person named is called: `wide seed 3`; "" in a group without a name."""
    return f"{group}{_tail(seed)}" if group else ""


def spread_as_json(values: Spread) -> dict[str, Any]:
    """A spread as every `--json` prints it: `low` and `high` are the ends of the interval of the mean, `method` how it was found.

    What does not exist (an interval of one value) is None.
    """
    interval = values.interval
    numbers = {"mean": values.mean, "sd": values.deviation}
    numbers |= {"low": interval.low, "high": interval.high} if interval else {"low": math.nan, "high": math.nan}
    numbers |= {"median": values.median, "min": values.low, "max": values.high}
    told = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {**told, "n": values.count, "missing": values.missing, "method": interval.method if interval else None}


def _rank(tag: str) -> int:
    split = tag.partition("/")[0]
    return _SPLITS.index(split) if split in _SPLITS else len(_SPLITS)


def _place(run: RunSummary) -> tuple[int, float, str]:
    seed = run.settings.get(SEED)
    return seed if isinstance(seed, int) else -1, run.created, run.id


def identity(
    settings: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]] = (),
    parent: Mapping[str, Any] | None = None,
    sources: Mapping[str, str] | None = None,
) -> str:
    """What two runs have in common that are of one group, and no other two; says nothing to a person.

    Args:
        settings: those in force.
        changes: live changes, as `LiveChanges.effective` gives them.
        parent: what it began with, as `Parent.to_dict` gives it; nothing for a run of its own.
        sources: digests of its data files, by path.
    """
    start = [parent.get(key) for key in ("run", "step", "weights_only")] if parent else None
    told = [[change["step"], values] for change in changes if (values := _counted(change["values"]))]
    return _digest({"settings": _counted(settings), "changes": told, "sources": sources or {}, "start": start})


def _counted(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that tell one group from another."""
    return {name: value for name, value in settings.items() if has_effect(name) and name != SEED}


def _key(run: RunSummary) -> str:
    if not run.settings:
        return _digest({"run": run.id})
    return identity(run.settings, run.changes, run.parent, run.sources)


def _chosen(run: RunSummary, keys: Sequence[str]) -> Any:
    """The values of some settings; one that a run does not have is no value, which is another thing than None."""
    return {key: [run.settings[key]] if key in run.settings else [] for key in keys}


def _digest(identity: Any) -> str:
    return hashlib.sha256(same(identity).encode()).hexdigest()[:16]


def _group(key: str, runs: tuple[RunSummary, ...], keys: Sequence[str] | None) -> RunGroup:
    names = {name for run in runs for name in run.settings}
    values = {name: {same(run.settings[name]) for run in runs if name in run.settings} for name in names}
    varying = tuple(sorted(name for name in names if len(values[name]) > 1))
    settings = {name: value for run in runs for name, value in run.settings.items() if len(values[name]) == 1}
    if keys is None:
        settings.pop(SEED, None)  # of a single run it is the same in all members
    name = as_words({key: runs[0].settings.get(key) for key in keys or ()}) or _name(runs)
    return RunGroup(key, name, runs, settings, varying)


def _name(runs: Sequence[RunSummary]) -> str:
    for names in ({stem_name(run) for run in runs}, {run.title for run in runs}):
        if len(names) == 1 and (name := names.pop()):
            return name
    newest = max(runs, key=lambda run: (run.created, run.id))
    return f"{newest.architecture} on {newest.dataset}" if newest.architecture else newest.label


def stem_name(run: RunSummary) -> str:
    """A run's name without what `member_name` put behind it."""
    seed = run.settings.get(SEED)
    return run.name.removesuffix(_tail(seed)) if isinstance(seed, int) else run.name


def _tail(seed: int) -> str:
    return f" seed {seed}"


def _setting(key: str, runs: Sequence[RunSummary]) -> str:
    """The setting that a person means by a key, as "table.key".

    Raises:
        UsageError: none has it, or several tables have it.
    """
    known = sorted({name for run in runs for name in run.settings})
    meant = [name for name in known if key in (name, name.partition(".")[2])]
    if key in meant or not known:
        return key
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise UsageError(f"groups: got {said(key)}; expected one setting. Write {' or '.join(meant)}.")
    raise UsageError(f"groups: got {said(key)}; expected a setting that a listed run has. {nearest(key, known)}")
