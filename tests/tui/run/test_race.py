"""The runs that are drawn together: which one is in front, which number each has, and whose scores do not compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.plotting.race import MOST_MEMBERS
from workbench.runs.folder import RunFolder
from workbench.runs.records import Event, Status
from workbench.tui.run.data import RunData
from workbench.tui.run.race import Race

RUNS = [RunFolder(Path(f"/runs/2026-run-{name * 4}")) for name in "abcdefghijklmnopqrstuvw"]


def read(folder: RunFolder, name: str = "", length: int = 10, seed: int = 0, **more: Any) -> RunData:
    experiment = {"model": {"name": "gru"}, "data": {"name": "echo", "length": length}, "training": {"seed": seed}}
    meta = {"name": name, "title": "Echo", "experiment": experiment, "seed": seed}
    return RunData(folder, Status("running", 5, 10, 0.0, 1, alive=True), meta, **more)


def numbers(race: Race) -> dict[str, int]:
    return {racer.folder.id[-1]: racer.number for racer in race.runs}


def test_numbers_stay_whoever_comes_and_goes() -> None:
    """A run keeps its number and what is known of it; a new one takes the lowest that is free."""
    race = Race()
    assert [racer.folder for racer in race.show(RUNS[0], RUNS[1:3])] == RUNS[:3]
    assert numbers(race) == {"a": 1, "b": 2, "c": 3}
    known = race.of(RUNS[2])
    assert known is not None
    known.data = read(RUNS[2])
    assert [racer.folder for racer in race.show(RUNS[2], [RUNS[0], RUNS[3]])] == [RUNS[3]]
    assert numbers(race) == {"a": 1, "c": 3, "d": 2}
    assert race.front is known
    assert race.folders == (RUNS[2], RUNS[0], RUNS[3])
    assert race.front.data is not None
    race.show(None)
    assert not race.runs
    assert race.front is None
    assert (race.folders, race.is_on) == ((), False)


def test_the_front_goes_round() -> None:
    """By number; a single run stays in front."""
    race = Race()
    assert race.turn(1) is None
    race.show(RUNS[0], RUNS[1:3])
    assert [racer.number for _ in range(4) if (racer := race.turn(1))] == [2, 3, 1, 2]
    assert (racer := race.turn(-1)) is not None
    assert racer.number == 1


def test_there_is_room_for_a_group() -> None:
    """Those in front of the list are drawn, and none twice."""
    race = Race()
    race.show(RUNS[0], [RUNS[0], *RUNS[1:], RUNS[2]])
    assert [racer.folder for racer in race.runs] == RUNS[:MOST_MEMBERS]


def test_each_has_a_name_of_its_own() -> None:
    """The given one, else the experiment's title; of two alike the end of the id stands behind it."""
    race = Race()
    race.show(RUNS[0], RUNS[1:4])
    for racer, name in zip(race.runs, ("fast", "", ""), strict=False):
        racer.data = read(racer.folder, name)
    race.call()
    assert [racer.name for racer in race.runs] == ["fast", "Echo (bbbb)", "Echo (cccc)", RUNS[3].id]


def test_scores_on_other_data_do_not_compare() -> None:
    """Seen from the run in front; a run that has not been read yet is not judged."""
    race = Race()
    race.show(RUNS[0], RUNS[1:4])
    for racer, length in zip(race.runs, (10, 20, 10), strict=False):
        racer.data = read(racer.folder, length=length)
    assert [(racer.number, data) for racer, data in race.foreign()] == [(2, "length=20")]
    race.turn(1)
    assert [(racer.number, data) for racer, data in race.foreign()] == [(1, "length=10"), (3, "length=10")]


def test_it_goes_on_while_one_of_them_does() -> None:
    """Whichever it is."""
    race = Race()
    race.show(RUNS[0], RUNS[1:2])
    assert not race.live
    race.runs[1].data = read(RUNS[1])
    assert race.live


def test_runs_that_differ_in_the_seed_alone_are_a_group() -> None:
    """They are called by their seeds; two runs of one seed are none, nor is one whose settings were changed on its way."""
    race = Race()
    race.show(RUNS[0], RUNS[1:3])
    for seed, racer in enumerate(race.runs):
        racer.data = read(racer.folder, "wide", seed=seed)
    race.call()
    assert race.is_group
    assert [racer.name for racer in race.runs] == ["seed 0", "seed 1", "seed 2"]
    last = race.runs[2]
    changed = (Event(1, 3, 0.0, "changed", "lr", {"optimizer.lr": 0.5}),)
    for other in (read(last.folder, length=11, seed=2), read(last.folder, seed=2, events=changed)):
        last.data = other
        race.call()
        assert not race.is_group
        assert race.runs[0].name.startswith("wide")
    for racer in race.runs:
        racer.data = read(racer.folder)
    race.call()
    assert not race.is_group
