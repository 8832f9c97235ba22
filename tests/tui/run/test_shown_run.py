"""What can be done to the run that Bench shows, without a screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.runs.folder import RunFolder
from workbench.runs.records import Event, Status
from workbench.tui.run.data import RunData
from workbench.tui.run.shown_run import News, ShownRun

FOLDER = RunFolder(Path("runs/none"))
KEYS = ("start", "pause", "steer", "learning_rate", "export", "close_run", "drawer")


def moment(state: str, *, alive: bool, changes: int = 0) -> RunData:
    """A run in a state, after some changes made to it."""
    events = tuple(Event(number, 5, 0.0, "changed", "lr 0.1", {}) for number in range(changes))
    return RunData(FOLDER, Status(state, 40, 100, 0.0, None, alive, 0), events=events)


def shown(data: RunData) -> ShownRun:
    """Bench, once this has been read."""
    run = ShownRun()
    run.show(FOLDER)
    run.read(data)
    return run


@pytest.mark.parametrize(
    ("run", "allowed"),
    [
        (ShownRun(), {"start", "drawer"}),
        (shown(moment("running", alive=True)), {"start", "pause", "steer", "learning_rate", "export", "close_run", "drawer"}),
        (shown(moment("finished", alive=False)), {"start", "export", "close_run", "drawer"}),
        (shown(moment("stopped", alive=False)), {"start", "pause", "export", "close_run", "drawer"}),
    ],
    ids=["none", "running", "finished", "stopped"],
)
def test_only_what_does_something_is_allowed(run: ShownRun, allowed: set[str]) -> None:
    """Without a process there is nothing to steer; what cannot go on is not paused."""
    assert {key for key in KEYS if run.allows(key)} == allowed


def test_keys_pressed_too_early_are_let_through_to_be_answered() -> None:
    """While a run is on its way its keys are taken, so that words can say that it is."""
    run = shown(moment("finished", alive=False))
    run.begin("starting ...")
    assert run.data is None
    assert {key for key in KEYS if run.allows(key)} == {"start", "pause", "steer", "learning_rate", "drawer"}


def test_each_reading_tells_what_is_new() -> None:
    """The first state is new, the same one is not; an end counts where the run was seen going on."""
    run = ShownRun()
    run.show(FOLDER)
    run.starting = "starting ..."
    assert run.read(moment("running", alive=True)) == News(changed=False, state=True, ended=False)
    assert (run.starting, run.live) == ("", True)
    assert run.read(moment("running", alive=True, changes=1)) == News(changed=True, state=False, ended=False)
    assert run.read(moment("paused", alive=True, changes=1)) == News(changed=False, state=True, ended=False)
    assert (run.paused, run.resumable) == (True, True)
    assert run.read(moment("finished", alive=False, changes=1)) == News(changed=False, state=True, ended=True)
    run.show(FOLDER)
    assert run.read(moment("finished", alive=False)) == News(changed=False, state=True, ended=False)
