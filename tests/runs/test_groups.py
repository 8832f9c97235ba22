"""Groups of runs."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runs.making import finished_run, new_run
from workbench.errors import UsageError
from workbench.runs.groups import RunGroup, group_runs, member_name, spread_as_json
from workbench.runs.listing import list_runs
from workbench.runs.summary import RunSummary
from workbench.runs.writer import RunWriter

SETTINGS = {"model.name": "gru", "model.size": 64, "data.name": "adding", "optimizer.lr": 0.01, "training.seed": 0}


def run(number: int, *, settings: dict[str, Any] | None = None, **more: Any) -> RunSummary:
    """A listed run."""
    name = f"r{number}"
    there = {**SETTINGS, **(settings or {})}
    return RunSummary(name, Path(name), created=float(number), architecture="gru", dataset="adding", settings=there, **more)


def ids(groups: list[RunGroup]) -> list[list[str]]:
    """The members of each."""
    return [[member.id for member in group.runs] for group in groups]


def test_runs_that_differ_in_the_seed_alone_are_one_group() -> None:
    """The group with the newest run comes first, its members by seed."""
    runs = [run(1, settings={"training.seed": 2}), run(2, settings={"training.seed": 0}), run(3, settings={"optimizer.lr": 0.1})]
    groups = group_runs(runs)
    assert ids(groups) == [["r3"], ["r2", "r1"]]
    assert groups[1].seeds == (0, 2)
    assert groups[1].varying == ("training.seed",)
    assert [group.differs for group in groups] == ["lr=0.1", "lr=0.01"]
    assert groups[1].name == "gru on adding"


@pytest.mark.parametrize(
    ("other", "together"),
    [
        ({"settings": {"inspect.every": 0}}, True),
        ({"settings": {"optimizer.lr": 0.010}}, True),
        ({"settings": {"model.size": 64.0}}, True),
        ({"name": "x", "tags": ("a",), "state": "failed", "title": "t", "preset": "p"}, True),
        ({"settings": {"training.threads": 2}}, False),
        ({"settings": {"training.device": "cuda"}}, False),
        ({"settings": {"training.eval_every": 10}}, False),
        ({"settings": {"model.size": True}}, False),
        ({"parent": {"run": "p", "step": 3, "changes": {}, "weights_only": False}}, False),
        ({"sources": {"/a": "1"}}, False),
        ({"changes": ({"step": 3, "values": {"optimizer.lr": 0.01}},)}, False),
        ({"changes": ({"step": 3, "values": {"inspect.every": 1}},)}, True),
    ],
)
def test_what_counts(other: dict[str, Any], *, together: bool) -> None:
    """What has an effect on the result or may have one: settings, live changes, data files and the start; no words about it."""
    assert len(group_runs([run(1), run(2, **other)])) == (1 if together else 2)


def test_the_same_start_is_a_run_and_a_step() -> None:
    """Forks of one moment are one group, with whatever words their parent noted the changes."""
    parent = {"run": "p", "step": 3, "changes": {}, "weights_only": True}
    starts = [parent, {**parent, "changes": {"training.seed": 2}}, {**parent, "step": 4}, {**parent, "weights_only": False}]
    assert ids(group_runs([run(number, parent=start) for number, start in enumerate(starts)])) == [["r3"], ["r2"], ["r0", "r1"]]


def test_a_setting_that_is_missing_is_not_one_that_is_none() -> None:
    """Such as in a run that an older version made."""
    assert len(group_runs([run(1), run(2, settings={"model.extra": None})])) == 2
    assert len(group_runs([run(1), run(2, settings={"model.extra": None})], ["model.extra"])) == 2


def test_runs_that_cannot_be_read_are_no_group() -> None:
    """Nothing is known of two damaged runs, so nothing says that they are the same."""
    damaged = [replace(run(number), settings={}, state="damaged", architecture="") for number in (1, 2)]
    assert ids(group_runs(damaged)) == [["r2"], ["r1"]]
    assert group_runs(damaged)[0].name == "r2"


def test_groups_by_chosen_settings() -> None:
    """Whatever else differs; a bare key is enough where one table has it. The group is called by its values."""
    runs = [run(1), run(2, settings={"model.name": "lstm"}), run(3, settings={"optimizer.lr": 0.1, "model.size": 8})]
    groups = group_runs(runs, ["model.name", "lr"])
    assert [group.name for group in groups] == [
        "model.name=gru optimizer.lr=0.1",
        "model.name=lstm optimizer.lr=0.01",
        "model.name=gru optimizer.lr=0.01",
    ]
    by_model = group_runs(runs, ["model.name"])
    assert ids(by_model) == [["r1", "r3"], ["r2"]]
    assert by_model[0].varying == ("model.size", "optimizer.lr")
    assert "model.size" not in by_model[0].settings


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("hiden", "setting that a listed run has"),
        ("name", "Write data.name or model.name"),
        ("model.sice", "Did you mean 'model.size'"),
    ],
)
def test_a_setting_that_is_none_is_refused(key: str, words: str) -> None:
    """In one line, with what there is."""
    with pytest.raises(UsageError, match=words) as told:
        group_runs([run(1)], [key])
    assert "\n" not in str(told.value)


def test_the_name_that_members_share_is_the_groups() -> None:
    """Else the title of their experiment, else their cards."""
    seeds = [run(seed, settings={"training.seed": seed}, name=member_name("wide", seed), title="Adding") for seed in range(3)]
    assert seeds[1].name == "wide seed 1"
    assert group_runs(seeds)[0].name == "wide"
    assert group_runs([*seeds, run(4, title="Adding")])[0].name == "Adding"
    assert member_name("", 3) == ""


def test_states_and_metrics_with_what_is_missing() -> None:
    """A finished member has a test value, which the others are still to have; NaN is no value."""
    finished = [
        run(
            seed,
            settings={"training.seed": seed},
            state="finished",
            metric="test/accuracy",
            value=value,
            values={"test/accuracy": value, "train/loss": 1.0},
        )
        for seed, value in enumerate((0.5, 0.9, 0.7))
    ]
    going = run(
        5,
        settings={"training.seed": 5},
        state="running",
        metric="validation/accuracy",
        value=0.8,
        values={"validation/accuracy": 0.6},
    )
    broken = run(
        6,
        settings={"training.seed": 6},
        state="failed",
        metric="test/accuracy",
        value=float("nan"),
        values={"test/accuracy": float("nan")},
    )
    group = group_runs([*finished, going, broken])[0]
    assert group.states == {"running": 1, "finished": 3, "failed": 1}
    assert group.metric == "test/accuracy"
    assert group.tags == ("test/accuracy", "validation/accuracy")
    head = group.headline
    assert (head.low, head.median, head.high, head.count, head.missing) == (0.5, 0.7, 0.9, 3, 2)
    assert group.spread("validation/accuracy").missing == 4
    # by hand: mean 0.7, deviation sqrt((0.04 + 0.04 + 0) / 2) = 0.2, half width 4.302653 * 0.2 / sqrt(3) = 0.496828
    told = spread_as_json(group.spread("test/accuracy"))
    assert told.pop("method") == "Student's t"
    assert told == pytest.approx(
        {
            "mean": 0.7,
            "sd": 0.2,
            "low": 0.203172,
            "high": 1.196828,
            "median": 0.7,
            "min": 0.5,
            "max": 0.9,
            "n": 3,
            "missing": 2,
        },
        abs=1e-6,
    )


def test_on_validation_the_listed_value_counts() -> None:
    """Which is the best, as in the listing of single runs."""
    runs = [
        run(n, settings={"training.seed": n}, metric="validation/loss", value=best, values={"validation/loss": 9.0})
        for n, best in ((1, 1.0), (2, 3.0))
    ]
    assert (group_runs(runs)[0].headline.low, group_runs(runs)[0].headline.high) == (1.0, 3.0)


def test_without_an_interval_there_is_none() -> None:
    """Of one value; without any there is nothing at all."""
    told = spread_as_json(group_runs([run(1, values={"test/a": 2.0})])[0].spread("test/a"))
    assert (told["mean"], told["low"], told["sd"], told["method"], told["n"]) == (2.0, None, None, None, 1)
    assert spread_as_json(group_runs([run(1)])[0].headline)["mean"] is None


MEMBERS = st.lists(
    st.tuples(st.sampled_from(["gru", "lstm"]), st.sampled_from([0.1, 0.2]), st.integers(0, 2), st.booleans()), max_size=9
)


@given(MEMBERS, st.sampled_from([None, ["model.name"], ["lr", "model.name"]]), st.randoms(use_true_random=False))
def test_grouping_is_a_partition_and_knows_no_order(
    members: list[tuple[str, float, int, bool]], keys: list[str] | None, shuffle: random.Random
) -> None:
    """Each run is in exactly one group, together with those that are the same in what counts and no others."""
    runs = [
        run(
            number,
            settings={"model.name": name, "optimizer.lr": lr, "training.seed": seed},
            parent={"run": "p", "step": 1, "weights_only": True} if forked else {},
        )
        for number, (name, lr, seed, forked) in enumerate(members)
    ]
    groups = group_runs(runs, keys)
    assert sorted(member for group in ids(groups) for member in group) == sorted(one.id for one in runs)
    homes = {member: place for place, group in enumerate(ids(groups)) for member in group}

    def what_counts(member: tuple[str, float, int, bool]) -> object:
        name, lr, _, forked = member
        return (name, lr, forked) if keys is None else (name,) if keys == ["model.name"] else (name, lr)

    for number, one in enumerate(members):
        for place, other in enumerate(members):
            assert (homes[f"r{number}"] == homes[f"r{place}"]) == (what_counts(one) == what_counts(other))
    shuffled = list(runs)
    shuffle.shuffle(shuffled)
    assert group_runs(shuffled, keys) == groups


def test_runs_of_a_folder(tmp_path: Path) -> None:
    """As a listing reads them: two seeds with other looks inside, and one whose learning rate was changed on its way."""
    finished_run(tmp_path, "a", training__seed=1)
    finished_run(tmp_path, "b", training__seed=2, inspect__every=0)
    for name, step in (("early", 1), ("late", 2)):
        writer = RunWriter(new_run(tmp_path, name))
        for now in (1, 2):
            writer.log(now, {"train/loss": 1.0}, 0.1, 1)
        writer.event("changed", "lr", step, {"optimizer.lr": 0.5})
        writer.event("changed", "lr", 2, {"optimizer.lr": 0.5})
        writer.set_status("stopped", step=2)
        writer.close()
    groups = group_runs(list_runs(tmp_path))
    assert {frozenset(member.name for member in group.runs) for group in groups} == {
        frozenset({"a", "b"}),
        frozenset({"early"}),
        frozenset({"late"}),
    }
    early = next(member for member in list_runs(tmp_path) if member.name == "early")
    assert early.changes == ({"step": 1, "values": {"optimizer.lr": 0.5}},)
    together = next(group for group in groups if len(group.runs) == 2)
    # by hand: both end at validation/loss 1.0 / 10
    assert (together.headline.median, together.metric) == (0.5, "validation/accuracy")
    assert together.spread("validation/loss").median == pytest.approx(0.1)
