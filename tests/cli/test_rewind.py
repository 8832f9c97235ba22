"""`workbench rewind`: what it refuses, what it ends first, and what it says and prints."""

from __future__ import annotations

import json

import pytest

from tests.cli.commands import Command
from tests.cli.test_steering import Live, answering
from workbench.runs.folder import RunFolder
from workbench.runs.records import Command as Asked
from workbench.training import rewinding
from workbench.training.rewinding import Rewound


@pytest.fixture
def rewound(monkeypatch: pytest.MonkeyPatch, finished: RunFolder) -> list[tuple[RunFolder, int]]:
    """The runs and steps with which the work was called; what is kept is called like another run."""
    called: list[tuple[RunFolder, int]] = []

    def rewind(folder: RunFolder, step: int, _done: object) -> Rewound:
        called.append((folder, step))
        return Rewound(100, step, finished)

    monkeypatch.setattr(rewinding, "rewind", rewind)
    return called


def test_it_says_where_the_run_stands_and_prints_what_is_kept(
    command: Command, finished: RunFolder, rewound: list[tuple[RunFolder, int]]
) -> None:
    """The id on stdout alone, or all of it as JSON."""
    answer = command("rewind", "first", "60")
    assert (answer.code, answer.out) == (0, f"{finished.id}\n")
    going, done = answer.err.splitlines()
    assert going == f"{finished.id}: going back to step 60 ..."
    assert done.startswith(f"{finished.id}: stopped at step 60; it was at 100, which is kept as {finished.id}.")
    told = json.loads(command("rewind", "first", "60", "--json").out)
    assert told == {"run": finished.id, "step": 60, "before": 100, "branch": finished.id}
    assert rewound == [(finished, 60)] * 2


def test_a_paused_process_is_ended_first(command: Command, live: Live, rewound: list[tuple[RunFolder, int]]) -> None:
    """It is asked to stop, and nothing is done before it is gone."""
    folder, writer = live
    writer.set_status("paused", step=10)

    def obey(_: Asked) -> str:
        writer.set_status("stopped", step=10)
        return "done"

    with answering(writer, obey) as taken:
        assert command("rewind", "live", "4").code == 0
    assert [asked.verb for asked in taken] == ["stop"]
    assert rewound == [(folder, 4)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("first 100", "cannot go back, got step 100 and it stands at step 100; expected a step from 0 to 99."),
        ("first -1", "STEP: got '-1'; expected a number of at least 0."),
        ("first x", "STEP: got 'x'; expected a whole number."),
        ("live 4", "cannot go back while it is running; expected a run that is paused or has ended. Pause it first"),
    ],
)
@pytest.mark.usefixtures("finished", "live")
def test_it_is_refused_in_one_line(command: Command, rewound: list[tuple[RunFolder, int]], words: str, expected: str) -> None:
    """Nothing is asked of anybody."""
    answer = command("rewind", "--", *words.split())
    assert answer.code == 2
    assert expected in answer.err
    assert rewound == []
