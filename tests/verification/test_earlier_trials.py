"""Which runs of a folder spare a trial, and which do not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.verification.making import preset
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.verification import earlier_trials as module
from workbench.verification.claims import Trial
from workbench.verification.earlier_trials import kept_outcomes


def _forget(database: sqlite3.Connection) -> None:
    database.execute("delete from meta")


def _no_experiment(database: sqlite3.Connection) -> None:
    database.execute("delete from meta where key = 'experiment'")


def _other_shape(database: sqlite3.Connection) -> None:
    database.execute("update meta set value = ? where key = 'seed'", (json.dumps({"a": [1]}),))


def _no_table(database: sqlite3.Connection) -> None:
    database.execute("drop table meta")


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Trial, Experiment, RunFolder]:
    """A trial, and a run that has done it with the present code."""
    monkeypatch.setattr(module, "_same_code", lambda _meta: True)
    name = preset(tmp_path, "tiny", ("test/loss", "<=", 9.0))
    experiment = Experiment.load(Path(name))
    folder = RunFolder.create(tmp_path / "runs", experiment)
    with closing(RunWriter(folder)) as writer:
        writer.log(3, {"test/loss": 0.5}, 0.1, 12)
        writer.set_status("finished", step=3, total=3)
    return Trial(name, experiment.training.seed), experiment, folder


def test_a_run_of_the_same_settings_spares_the_trial(finished: tuple[Trial, Experiment, RunFolder]) -> None:
    """Its values are the trial's."""
    trial, experiment, folder = finished
    found = kept_outcomes([trial], {trial.preset: experiment}, folder.path.parent)
    assert found[trial].values["test/loss"] == 0.5
    assert kept_outcomes([Trial(trial.preset, trial.seed + 1)], {trial.preset: experiment}, folder.path.parent) == {}


@pytest.mark.parametrize("damage", [_forget, _no_experiment, _other_shape, _no_table])
def test_a_run_that_lost_what_it_was_is_no_evidence(
    damage: Callable[[sqlite3.Connection], None], finished: tuple[Trial, Experiment, RunFolder]
) -> None:
    """Its trial is run again; nothing ends for it."""
    trial, experiment, folder = finished
    with closing(sqlite3.connect(folder.database_path)) as database:
        damage(database)
        database.commit()
    assert kept_outcomes([trial], {trial.preset: experiment}, folder.path.parent) == {}
