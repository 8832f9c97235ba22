"""After which evaluations there are snapshots: what the first one costs decides, and every life of a run keeps to it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.training.driving import experiment
from tests.training.test_lives import Asking, Killed, life
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import kept_snapshots
from workbench.training.evaluation import Measured
from workbench.training.events import Evaluated, Request
from workbench.training.inspecting import Inspection
from workbench.training.rewinding import rewind
from workbench.training.snapshot_plan import SnapshotPlan

SHARED: dict[str, Any] = {
    "inspect__share": 0.05,
    "inspect__views": ["units"],
    "training__eval_every": 2,
    "training__eval_samples": 10,
    "training__checkpoint_every": 10,
    "training__keep_best": 0,
    "training__steps": 40,
}


def taken(plan: SnapshotPlan, **changes: Any) -> list[int]:
    """The steps with a snapshot."""
    wanted = experiment(**{**SHARED, **changes})
    return [step for step in range(wanted.training.steps + 1) if plan.wants(wanted, step)]


def snapshots_of(folder: RunFolder) -> list[int]:
    """The steps whose snapshots a run has."""
    with RunReader(folder) as reader:
        return reader.probe_steps("samples")


@pytest.mark.parametrize(("cost", "every"), [(0.09, 1), (0.1, 1), (0.101, 2), (1.0, 10), (0.0, 1)])
def test_the_cost_of_one_says_how_often(cost: float, every: int) -> None:
    """With a twentieth of two seconds for each: the smallest number of evaluations that pays for one."""
    plan = SnapshotPlan()
    assert plan.settle(experiment(**SHARED), 2, cost_s=cost, between_s=2.0) == every
    number = list(range(2 * every, 41, 2 * every))
    assert taken(plan) == sorted({2, *number, 40}), "besides the first and the last one"


def test_other_settings_have_a_cost_of_their_own() -> None:
    """What was settled before holds again with the settings of then."""
    plan = SnapshotPlan()
    plan.settle(experiment(**SHARED), 2, cost_s=1.0, between_s=2.0)
    more = experiment(**SHARED, inspect__samples=8)
    assert plan.is_open(more, 12)
    assert not plan.is_open(experiment(**SHARED), 12)
    plan.settle(more, 12, cost_s=0.4, between_s=2.0)
    assert taken(plan, inspect__samples=8) == [8, 12, 16, 24, 32, 40]
    assert taken(plan) == [2, 20, 40]


def test_without_a_limit_nothing_is_settled() -> None:
    """Every evaluation has one that the settings say."""
    plan = SnapshotPlan()
    assert not plan.is_open(experiment(inspect__share=1.0), 10)
    assert taken(plan, inspect__share=1.0, inspect__every=5) == [10, 20, 30, 40]


def test_a_plan_is_read_as_it_was_written() -> None:
    """What is no plan is left out: the run's database may be somebody else's work."""
    plan = SnapshotPlan()
    plan.settle(experiment(**SHARED), 2, cost_s=1.0, between_s=2.0)
    again = SnapshotPlan({**plan.to_dict(), "odd": [0, 1], "words": "few", "three": [1, 2, 3], "part": [1, 0.5]})
    assert again.to_dict() == plan.to_dict()


def test_half_as_many_are_those_of_twice_the_distance() -> None:
    """The first one stays; of those that were taken with other settings every second one goes."""
    plan = SnapshotPlan()
    assert plan.halve(experiment(**SHARED), [2, 4, 6, 8, 10]) == [6, 10]
    assert taken(plan)[:4] == [2, 4, 8, 12]
    assert plan.halve(experiment(**SHARED), [1, 2, 3, 4, 5, 8, 12]) == [3, 4, 12]
    assert taken(plan)[:4] == [2, 8, 16, 24]
    later = SnapshotPlan()
    later.settle(experiment(**SHARED), 10, cost_s=0.2, between_s=2.0)
    assert later.halve(experiment(**SHARED), [6, 8, 10, 12, 14]) == [12, 14], "the first of all stays, whatever was settled since"


def costing(monkeypatch: pytest.MonkeyPatch, *seconds: float) -> None:
    """Let snapshots take these times, one after the other, and steps a second each."""
    left, real = list(seconds), Inspection._timed

    def timed(self: Inspection, measured: Measured, update: Any, views: Any) -> Any:
        return real(self, measured, update, views)[0], left.pop(0) if left else 1e3

    monkeypatch.setattr(Inspection, "_timed", timed)
    monkeypatch.setattr(Inspection, "_step_seconds", lambda self: 1.0)


def test_the_first_of_a_process_is_measured_again_when_dear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It pays for what all later ones find loaded; why there are few is told once."""
    costing(monkeypatch, 5.0, 0.3)
    folder = RunFolder.create(tmp_path, experiment(**SHARED))
    list(life(folder, Asking({})))
    assert snapshots_of(folder) == [2, 6, 12, 18, 24, 30, 36, 40], "0.3 s of 2 s: with a twentieth one in three"
    with RunReader(folder) as reader:
        told = [event.message for event in reader.events() if event.kind == "notice"]
    (words,) = told
    assert words.startswith("a snapshot of the model's inside takes 300 ms: one in 3 is taken, which keeps within inspect.share")


def test_a_later_life_keeps_to_what_was_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long its own snapshots take: killed, resumed, brought back and gone on with, it has those of a run left alone."""
    costing(monkeypatch, 0.15)
    alone = RunFolder.create(tmp_path, experiment(**SHARED))
    list(life(alone, Asking({})))
    expected = [2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]
    assert snapshots_of(alone) == expected
    costing(monkeypatch, 0.15)
    folder = RunFolder.create(tmp_path, experiment(**SHARED))
    for end_at in (12, 15):
        with pytest.raises(Killed):
            list(life(folder, Asking({}), end_at))
    list(life(folder, Asking({25: [Request("stop")]})))
    assert snapshots_of(folder) == [step for step in expected if step <= 25]
    rewind(folder, 3)
    list(life(folder, Asking({})))
    assert snapshots_of(folder) == expected


def test_too_many_are_thinned_alike_in_every_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was killed after it had thinned them ends with the same ones as a run left alone."""
    monkeypatch.setattr(kept_snapshots, "MOST_SNAPSHOTS", 6)
    expected = [2, 8, 16, 24, 32, 40]
    costing(monkeypatch, 0.05)
    alone = RunFolder.create(tmp_path, experiment(**SHARED))
    list(life(alone, Asking({})))
    assert snapshots_of(alone) == expected
    for step in (14, 26):  # the first thinning, and after the second one
        costing(monkeypatch, 0.05)
        folder = RunFolder.create(tmp_path, experiment(**SHARED))
        with closing(life(folder, Asking({}))) as first:
            next(event for event in first if isinstance(event, Evaluated) and event.step >= step)
        list(life(folder, Asking({})))
        assert snapshots_of(folder) == expected
