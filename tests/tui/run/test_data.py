"""Reading a run again and again: by cursor, whole after a resume, in bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill
from workbench.runs.folder import RunFolder
from workbench.runs.rewinding import REWOUND_TO
from workbench.runs.writer import RunWriter
from workbench.training.checkpoint_files import checkpoint_path
from workbench.tui.charts.run_charts import clip_norm, metric_chart
from workbench.tui.run import data as run_data
from workbench.tui.run.data import RunFeed
from workbench.tui.run.watcher import RunFacts


def _writer(root: Path) -> RunWriter:
    with fixed_cards():
        writer = RunWriter(RunFolder.create(root, example(training__steps=500, training__clip_norm=2.0)))
    writer.set_status("running", step=0, total=500)
    return writer


def test_only_new_rows_are_read(tmp_path: Path) -> None:
    """A line grows by what was logged meanwhile; a line without news stays the same object."""
    writer = _writer(tmp_path)
    feed = RunFeed(writer.folder)
    fill(writer, 1, 30)
    first = feed.poll()
    fill(writer, 31, 39)
    second = feed.poll()
    assert first.lines["train/loss"].steps.tolist() == list(range(1, 31))
    assert second.lines["train/loss"].steps.tolist() == list(range(1, 40))
    assert second.lines["validation/loss"] is first.lines["validation/loss"]
    assert second.steps_per_second == pytest.approx(50)
    assert second.samples_per_second == pytest.approx(1600)
    feed.close()
    writer.close()


def test_rows_taken_back_are_gone(tmp_path: Path) -> None:
    """After a resume from an earlier step the line holds the rewritten rows and no zigzag."""
    writer = _writer(tmp_path)
    feed = RunFeed(writer.folder)
    fill(writer, 1, 30)
    feed.poll()
    writer.truncate_after(10)
    fill(writer, 11, 20)
    steps = feed.poll().lines["train/loss"].steps
    assert steps.tolist() == list(range(1, 21))
    feed.close()
    writer.close()


def test_checkpoints_are_those_that_there_are(tmp_path: Path) -> None:
    """Their steps in order, looked up when something has happened; not those of a way that the run has left."""
    writer = _writer(tmp_path)
    feed = RunFeed(writer.folder)
    assert feed.poll().checkpoints == ()
    writer.folder.checkpoints_path.mkdir(exist_ok=True)
    for step in (10, 5, 20):
        checkpoint_path(writer.folder, step).touch()
    checkpoint_path(writer.folder, 30).with_suffix(".tmp").touch()
    assert feed.poll().checkpoints == ()
    writer.event("checkpoint", "step 20", 20)
    writer.flush()
    assert feed.poll().checkpoints == (5, 10, 20)
    writer.set_meta(REWOUND_TO, 12)
    writer.event("rewound", "back to step 12", 12)
    writer.flush()
    assert feed.poll().checkpoints == (5, 10)
    feed.close()
    writer.close()


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without end keeps a bounded number of points, its extremes among them."""
    monkeypatch.setattr(run_data, "_MOST_POINTS", 100)
    monkeypatch.setattr(run_data, "_BUCKETS", 20)
    writer = _writer(tmp_path)
    feed = RunFeed(writer.folder)
    for start in range(1, 1000, 50):
        for step in range(start, start + 50):
            writer.log(step, {"train/loss": 99.0 if step == 333 else 1.0}, step * 0.01, step)
        writer.flush()
        data = feed.poll()
    assert len(data.lines["train/loss"].steps) <= 150
    assert data.lines["train/loss"].values.max() == 99.0
    writer.set_status("running", step=1000, total=2000)
    again = RunFeed(writer.folder)
    line = again.poll().lines["train/loss"]
    assert len(line.steps) <= 70
    assert line.values.max() == 99.0
    assert (np.diff(line.steps) > 0).all()
    for clock in (data, again.poll()):
        assert len(clock.clock_steps) == len(clock.clock_samples) <= 150
        np.testing.assert_array_equal(clock.clock_samples, clock.clock_steps, "a sample a step")
    for reader in (feed, again, writer):
        reader.close()


def test_charts_of_a_run(tmp_path: Path) -> None:
    """The gradient chart draws the threshold, a live change moves it and leaves a mark, as do checkpoints that are left."""
    writer = _writer(tmp_path)
    feed = RunFeed(writer.folder)
    fill(writer, 1, 60)
    with fixed_cards():
        facts = RunFacts(writer.folder.experiment())
    data = feed.poll()
    assert metric_chart("grad_norm", data, facts).levels == ((2.0, "clip 2"),)
    writer.event("changed", "training.clip_norm = 0.5", 60, {"training.clip_norm": 0.5})
    later = feed.poll()
    assert clip_norm(later, facts) == 0.5
    assert [mark.kind for mark in metric_chart("loss", later, facts).marks] == ["changed"], "no checkpoint is left"
    path = checkpoint_path(writer.folder, 50)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    writer.event("note", "anything", 60)  # files are looked at when something happens
    assert [mark.kind for mark in metric_chart("loss", feed.poll(), facts).marks] == ["checkpoint", "changed"]
    assert metric_chart("loss", later, facts).lines[0].values is metric_chart("loss", data, facts).lines[0].values
    feed.close()
    writer.close()
