"""`e` on a chart, a panel and a table: text, SVG, CSV or the clipboard, by one dialog."""

from __future__ import annotations

import base64
import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.tui.harness import fixed_cards
from tests.tui.running import make_run, opened, quiet, until
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.tui.app import WorkbenchApp
from workbench.tui.base.guarded import Guarded
from workbench.tui.dialogs.export_dialog import ExportDialog
from workbench.tui.dialogs.keep_dialog import KeepDialog
from workbench.tui.panels.metrics import MetricsTable
from workbench.tui.widgets.event_log import EventList
from workbench.tui.widgets.runs_table import RunsTable


@pytest.fixture(autouse=True)
def cards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fixed cards, and a machine without a clipboard of its own."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    with fixed_cards():
        yield


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return make_run(tmp_path / "runs", name="kept")


def lines_of(app: WorkbenchApp) -> list[str]:
    """What the dialog offers, each line's first."""
    assert isinstance(app.screen, KeepDialog)
    options = app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(place).prompt).partition("\n")[0] for place in range(options.option_count)]


def said(app: WorkbenchApp) -> list[str]:
    return [f"{notification.title}: {notification.message}" for notification in app._notifications]


FILES = [
    "Copy as text",
    "Copy the data as CSV",
    "Text file",
    "Figure on white (SVG)",
    "Figure on dark ground (SVG)",
    "Data (CSV)",
]


async def test_a_chart(run: RunFolder, config_folder: Path) -> None:
    """Each way does what it says, in the run's folder; the last line leads to the export of the run itself."""
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()

        async def choose(line: str) -> None:
            await pilot.press("e")
            await until(pilot, lambda: isinstance(app.screen, KeepDialog), "the dialog")
            await pilot.press(*["down"] * lines_of(app).index(line), "enter")

        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, KeepDialog), "the dialog")
        assert lines_of(app) == [*FILES, "The run itself ..."]
        await pilot.press("escape")
        await choose("Data (CSV)")
        path = run.exports_path / "loss.csv"
        await until(pilot, path.exists, "the data")
        await quiet(pilot)
        assert list(run.exports_path.iterdir()) == [path]
        with RunReader(run) as reader:
            steps, losses = reader.scalars("train/loss")
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        raw = [(float(row["step"]), float(row["value"])) for row in rows if row["series"] == "train (raw)"]
        assert raw == list(zip(steps.tolist(), losses.tolist(), strict=True))

        for line, suffix, begin in (("Figure on dark ground (SVG)", "-dark.svg", "<svg"), ("Text file", ".txt", "loss - kept\n")):
            await choose(line)
            file = path.with_name(f"{path.stem}{suffix}")
            await until(pilot, file.exists, line)
            assert file.read_text(encoding="utf-8").startswith(begin)
        await until(pilot, lambda: f"loss written: {run.exports_path}: loss.txt" in said(app), "where it is")

        await choose("Copy the data as CSV")
        copied = config_folder / "copied.txt"  # a test has neither a clipboard nor a terminal
        await until(pilot, lambda: f"loss, data: Written to {copied}." in said(app), "what is known")
        assert copied.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
        assert app.clipboard == copied.read_text(encoding="utf-8")

        await choose("The run itself ...")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog), "the export")


async def test_panels(run: RunFolder) -> None:
    """The table of metrics and the events, whose CSV has their rows."""
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        bench.workspace.panels.query_one("TabbedContent").active = "metrics"  # type: ignore[attr-defined]
        await until(pilot, lambda: bench.query_one(MetricsTable).contents() is not None, "the scores")
        bench.query_one(MetricsTable).focus()
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, KeepDialog), "the dialog")
        assert lines_of(app) == [*FILES, "The run itself ..."]
        await pilot.press("escape", "w")
        path = run.exports_path / "metrics.csv"
        await until(pilot, path.exists, "the scores")
        await quiet(pilot)
        with RunReader(run) as reader:
            _, values = reader.scalars("validation/mse")
        (row,) = (row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if row["metric"] == "mse")
        assert [float(row[name]) for name in ("validation", "lowest", "highest")] == [values[-1], values.min(), values.max()]
        assert "mse" in path.with_suffix(".txt").read_text(encoding="utf-8")
        assert path.with_suffix(".svg").read_text(encoding="utf-8").startswith("<svg")

        contents = bench.query_one(EventList).contents()
        if contents is None:  # its tab has not been in front
            bench.workspace.panels.query_one("TabbedContent").active = "events"  # type: ignore[attr-defined]
            await until(pilot, lambda: bench.query_one(EventList).contents() is not None, "the events")
            contents = bench.query_one(EventList).contents()
        assert contents is not None
        kinds = [row["kind"] for row in csv.DictReader(contents.files(("csv",))["events.csv"].splitlines())]
        assert kinds == ["started", *["checkpoint"] * 4, "finished"]


async def test_the_table_of_runs(run: RunFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All rows with all columns, below the current folder; where nothing takes the text but a terminal, that is said."""
    other = make_run(run.path.parent, name="another", done=60, state="failed")
    orders: list[str] = []
    monkeypatch.setattr(Guarded, "order", lambda _, text: orders.append(text))
    monkeypatch.setattr(WorkbenchApp, "is_headless", property(lambda _: False))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.chdir(tmp_path)
    async with opened(run.path.parent, size=(80, 24)) as (pilot, app, _bench):
        await pilot.press("f3")
        await until(pilot, lambda: app.current_mode == "runs" and app.screen.query_one(RunsTable).row_count == 2, "the table")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, KeepDialog), "the dialog")
        assert lines_of(app) == FILES
        await pilot.press(*["down"] * FILES.index("Data (CSV)"), "enter")
        path = tmp_path / "kept" / "runs.csv"
        await until(pilot, path.exists, "the rows")
        rows = {row["id"]: row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}
        assert {run_id: (row["name"], row["state"], row["steps"]) for run_id, row in rows.items()} == {
            run.id: ("kept", "finished", "200 100%"),
            other.id: ("another", "failed", "60 30%"),
        }
        await pilot.press("C")
        words = "Runs, text: Sent to the terminal (OSC 52); not every terminal takes it."
        await until(pilot, lambda: words in said(app), "what is known")
        (order,) = (text for text in orders if "]52;" in text)
        sent = base64.b64decode(order.removeprefix("\x1b]52;c;").removesuffix("\x07")).decode()
        assert sent == app.clipboard
        assert run.id in sent
        assert other.id in sent
