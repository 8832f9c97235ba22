"""The runs that are drawn together: which one is in front, which number each has, and whose scores do not compare."""

from __future__ import annotations

from pathlib import Path

from workbench.plotting.race import MOST_RUNS
from workbench.runs.folder import RunFolder
from workbench.runs.records import Status
from workbench.tui.run.data import RunData
from workbench.tui.run.race import Race

RUNS = [RunFolder(Path(f"/runs/2026-run-{name * 4}")) for name in "abcdefgh"]


def read(folder: RunFolder, name: str = "", length: int = 10) -> RunData:
    experiment = {"model": {"name": "gru"}, "data": {"name": "echo", "length": length}}
    return RunData(
        folder, Status("running", 5, 10, 0.0, 1, alive=True), {"name": name, "title": "Echo", "experiment": experiment}
    )


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


def test_there_is_room_for_six() -> None:
    """Those in front of the list are drawn, and none twice."""
    race = Race()
    race.show(RUNS[0], [RUNS[0], *RUNS[1:], RUNS[2]])
    assert [racer.folder for racer in race.runs] == RUNS[:MOST_RUNS]


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
