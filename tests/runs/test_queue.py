"""Whose turn it is among runs that wait for a core."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.making import new_run
from workbench.runs.queue import QUEUED, Place, place_in_queue
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
