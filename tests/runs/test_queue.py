"""Whose turn it is among runs that wait for a core."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.making import new_run
from workbench.runs.control import claim
from workbench.runs.listing import list_runs
from workbench.runs.queue import QUEUED, Place, place_in_queue, runs_at_work
from workbench.runs.writer import RunWriter


@pytest.mark.parametrize(
    ("place", "wanted", "turn"),
    [
        (Place((), 0, ()), 1, True),
        (Place((), 0, ()), 9, True),
        (Place(("a",), 1, ()), 1, True),
        (Place(("a",), 1, ()), 2, False),
        (Place(("a", "b"), 2, ()), 1, False),
        (Place((), 0, ("c",)), 1, False),
    ],
)
def test_a_run_begins_where_its_threads_have_room(place: Place, wanted: int, turn: bool) -> None:  # noqa: FBT001 - what is expected
    """On two cores: beside others as long as all threads have a core, alone in any case, and never before who came first."""
    assert place.is_turn(wanted, 2) is turn


def test_runs_at_work_and_those_ahead_are_told_apart(tmp_path: Path) -> None:
    """What computes takes its threads; what is paused or has ended takes none; who has waited longer comes first."""
    runs = {name: new_run(tmp_path, name) for name in ("me", "busy", "paused", "over", "older", "younger")}
    writers = {name: RunWriter(folder) for name, folder in runs.items() if name != "me"}
    for name, state in (("busy", "running"), ("paused", "paused"), ("over", "finished")):
        writers[name].set_meta("threads", 3)
        writers[name].set_status(state)
    writers["older"].set_meta(QUEUED, 5.0)
    writers["younger"].set_meta(QUEUED, 15.0)
    place = place_in_queue(runs["me"], 10.0)
    for writer in writers.values():
        writer.close()
    assert (place.at_work, place.threads, place.ahead) == ([runs["busy"].id], 3, [runs["older"].id])


def test_why_a_run_waits_is_said_in_ids_or_names() -> None:
    """Commands take ids; on a screen names are read."""
    place = Place(["a-1", "b-2"], 2, ["c-3"], {"a-1": "first", "b-2": "second", "c-3": "third"})
    assert place.words(2) == "2 of 2 taken by a-1, b-2; c-3 comes first"
    assert place.words(4, by_name=True) == "2 of 4 taken by first, second; third comes first"
    assert Place([], 0, []).words(2) == "0 of 2 taken by none"


def test_a_listing_has_the_places_of_those_that_wait(tmp_path: Path) -> None:
    """By how long they have waited, whatever else is asked for; a run whose process is gone waits no more."""
    writers = {name: RunWriter(new_run(tmp_path, name)) for name in ("second", "first", "at work", "gone")}
    for name, since in (("second", 20.0), ("first", 10.0), ("gone", 5.0)):
        writers[name].set_meta(QUEUED, since)
    for name, writer in writers.items():
        writer.set_status("starting" if name != "gone" else "stopped")
    listed = {run.name: run for run in list_runs(tmp_path)}
    assert {name: (run.place, run.standing) for name, run in listed.items()} == {
        "first": (1, "waiting #1"),
        "second": (2, "waiting #2"),
        "at work": (0, "starting"),
        "gone": (0, "stopped"),
    }
    assert [run.place for run in list_runs(tmp_path, "name:second")] == [2]
    assert [run.name for run in runs_at_work(list(listed.values()))] == ["at work"]
    for writer in writers.values():
        writer.close()


def test_a_run_that_is_resumed_waits_no_more(tmp_path: Path) -> None:
    """Its process was killed while it waited; who goes on with it is not counted among those that wait."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.set_meta(QUEUED, 5.0)
    writer.set_status("stopped")
    writer.close()
    claim(folder)
    assert [(run.state, run.waits) for run in list_runs(tmp_path)] == [("starting", False)]
