"""Reports: what stands in them, that HTML and Markdown show it as it is, and that a browser finds nothing wrong."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.comparison.test_comparison import a_run, evaluated
from workbench.cli.app import run as run_command
from workbench.cli.options import assignments
from workbench.comparison.compared import compare
from workbench.comparison.entries import chosen_entries, entries_of
from workbench.errors import UsageError
from workbench.experiment.presets import load_preset
from workbench.plotting import Series
from workbench.plotting.pictures import Sheet
from workbench.plotting.svg import Figure
from workbench.reports.content import Drawing, Items, Lines, Report, Section, Table, Words, repeating, report_of
from workbench.reports.writing import html_of, markdown_of, write_report
from workbench.runs.folder import RunFolder
from workbench.runs.groups import group_runs
from workbench.runs.listing import list_runs, note_run
from workbench.runs.pins import Pin, pin_panel, pins_of
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter

GOLDEN = Path(__file__).parent / "golden"
LINE = Figure("loss", [Series("a & b", np.arange(3.0), np.array([1.0, 0.5, 0.25]), colour="train")], "a <run>")
REPORT = Report(
    "Gates <script>alert(1)</script> & *stars*",
    0.0,
    (
        Section("Question", (Words("Is 1 < 2?\x1b[31m"), Items(("first | one", "second")))),
        Section("Results", (Table(("metric", "[1]"), (("test/loss", "0.25"), ("x", "-")), frozenset({(0, 1)})),)),
        Section(
            "Curves", (Drawing("curve-1", "loss", figure=LINE), Drawing("sheet", "a sheet", picture=Sheet("t", ("c",), [("v",)])))
        ),
        Section("Settings", (Table(("setting",), (("lr",),), folded="All settings"),)),
        Section("How to repeat it", (Lines(("workbench run 'a b'",)),)),
    ),
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of summaries of its own, and one zone of time."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class _Parsed(HTMLParser):
    """Tags that are not closed, scripts, links to anywhere, and texts."""

    EMPTY = ("meta", "link", "br", "path", "rect", "line", "circle", "polyline", "polygon")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def parsed(text: str) -> _Parsed:
    """The document, which must be well formed."""
    reader = _Parsed()
    reader.feed(text)
    assert reader.open == []
    return reader


def _without_time(text: str) -> str:
    return re.sub(r"on \d{4}-\d\d-\d\d \d\d:\d\d\.", "on TIME.", text)


@pytest.mark.parametrize(("name", "write"), [("report.html", html_of), ("report.md", markdown_of)])
def test_a_report_is_written_as_it_was_looked_at(name: str, write: Any) -> None:
    """The files in golden/ were opened in a browser; after a change that is meant, look again and store them anew."""
    assert _without_time(write(REPORT)) == (GOLDEN / name).read_text(encoding="utf-8")


def test_nothing_in_a_report_is_markup_or_asks_for_another_file() -> None:
    document = parsed(html_of(REPORT))

    assert "script" not in document.tags
    assert document.links == ["data:,"]
    assert "Gates <script>alert(1)</script> & *stars*" in document.words
    assert "\x1b" not in html_of(REPORT)


def test_runs_with_their_claim_results_curves_settings_and_commands(tmp_path: Path) -> None:
    a, b = a_run(tmp_path, "a", {"test/accuracy": 0.9}), a_run(tmp_path, "b", {"test/accuracy": 0.6}, model__hidden_size=16)
    evaluated(a, "accuracy", [1.0] * 90 + [0.0] * 10)
    evaluated(b, "accuracy", [1.0] * 60 + [0.0] * 40)
    note_run(a, "Are eight units enough?")

    report = report_of(compare(chosen_entries(tmp_path, ["a", "b"])))

    assert report.title == "a against b"
    blocks = {section.heading: section.blocks for section in report.sections}
    assert blocks["Question"][0] == Words("Are eight units enough?")
    table, _, said = blocks["Results"]
    assert isinstance(table, Table)
    assert ("test/accuracy", "0.9", "0.6", "random guess: 0.5") in table.rows
    assert (table.rows.index(("test/accuracy", "0.9", "0.6", "random guess: 0.5")), 1) in table.strong
    assert isinstance(said, Items)
    assert "1 is better than 2: accuracy higher by" in said.texts[0]
    assert any(isinstance(one, Drawing) and one.figure is not None for one in blocks["Curves"])
    assert "Only what differs:" in str(blocks["Settings"][0])
    commands = blocks["How to repeat it"][0]
    assert isinstance(commands, Lines)
    assert len(commands.texts) == 2
    words = parsed(html_of(report)).words
    assert "Are eight units enough?" in words


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"training.steps": 7, "optimizer.lr": 0.02},
        {"model.hidden_size": 5, "optimizer.name": "sgd", "training.clip_norm": 0.5},
    ],
)
def test_the_command_that_repeats_a_run_gives_the_same_experiment(tmp_path: Path, changes: dict[str, Any]) -> None:
    experiment = load_preset("gated/adding_gru", changes)
    RunFolder.create(tmp_path, experiment, preset="gated/adding_gru")
    (run,) = list_runs(tmp_path)

    command = shlex.split(repeating(run))

    assert command[:3] == ["workbench", "run", "gated/adding_gru"]
    assert set(command[3::2]) <= {"--set"}
    assert load_preset(command[2], assignments(command[4::2])).to_dict() == experiment.to_dict()
    assert len(command[4::2]) >= len(changes)


def test_a_run_of_no_preset_is_repeated_from_its_own_file(tmp_path: Path) -> None:
    folder = a_run(tmp_path, "a", {})
    (run,) = list_runs(tmp_path)

    assert shlex.split(repeating(run)) == ["workbench", "run", str(folder.experiment_path)]


def test_what_was_pinned_stands_in_the_report_until_it_is_taken_off(tmp_path: Path) -> None:
    folder = a_run(tmp_path, "a", {"test/accuracy": 0.9})
    writer = RunWriter(folder)
    writer.probe(10, "confusion", "validation", np.array([[5, 1], [2, 4]]), {"classes": ["no", "yes"]})
    writer.close()
    pin = Pin("confusion", 10)

    assert pin_panel(folder, pin)
    drawn = [
        section
        for section in report_of(compare(chosen_entries(tmp_path, ["a"]))).sections
        if section.heading == "Inside the model"
    ]
    assert not pin_panel(folder, pin)

    (section,) = drawn
    assert isinstance(section.blocks[0], Drawing)
    assert "9 of 12 right" in section.blocks[0].caption
    with RunReader(folder) as reader:
        assert pins_of(reader) == []


def test_a_report_is_not_written_over_another_one(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path / "out")

    with pytest.raises(UsageError, match="a report is there already"):
        write_report(REPORT, tmp_path / "out")
    paths = write_report(REPORT, tmp_path / "out", overwrite=True)

    assert [str(path.relative_to(tmp_path / "out")) for path in paths] == [
        "report.html",
        "report.md",
        "figures/curve-1.svg",
        "figures/sheet.svg",
    ]
    linked = re.findall(r"\]\((figures/[^)]+)\)", paths[1].read_text())
    assert all((tmp_path / "out" / name).is_file() for name in linked)
    assert len(linked) == 2


@pytest.mark.parametrize(("raster", "begins"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_curves_are_painted_by_matplotlib(tmp_path: Path, raster: Any, begins: bytes) -> None:
    pytest.importorskip("matplotlib")

    paths = write_report(REPORT, tmp_path, raster=raster)

    (painted,) = [path for path in paths if path.suffix == f".{raster}"]
    assert painted.name == f"curve-1.{raster}"
    assert painted.read_bytes().startswith(begins)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium (Debian: apt install chromium)")
def test_a_browser_opens_it_without_a_complaint_and_shows_every_picture(tmp_path: Path) -> None:
    a = a_run(tmp_path / "runs", "a", {"test/accuracy": 0.9, "validation/accuracy": 0.8})
    evaluated(a, "accuracy", [1.0, 0.0])
    assert (
        run_command(("report", "a", "--no-evaluate", "--out", str(tmp_path / "out"), "--runs-dir", str(tmp_path / "runs"))) == 0
    )
    page = tmp_path / "out" / "report.html"
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]

    shown = subprocess.run(
        [shutil.which("chromium") or "", *options, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "CONSOLE" not in shown.stderr
    assert shown.stdout.count("<svg") == page.read_text().count("<svg") == len(list((tmp_path / "out" / "figures").iterdir())) > 0
    assert shown.stdout.count("<path") + shown.stdout.count("<polyline") > 0


def test_a_claim_of_a_preset_that_was_changed_is_told_to_be_anothers(tmp_path: Path) -> None:
    RunFolder.create(tmp_path, load_preset("gated/adding_gru", {"training.steps": 7}), preset="gated/adding_gru")

    (claim,) = [one for one in report_of(compare(entries_of(group_runs(list_runs(tmp_path))))).sections if one.heading == "Claim"]

    assert any(
        isinstance(block, Words) and "these runs have other settings: training.steps=7" in block.text for block in claim.blocks
    )


@pytest.mark.parametrize("out", ["", "."])
def test_the_current_folder_is_not_filled_with_a_report(tmp_path: Path, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(("report", "a", "--out", out, "--runs-dir", str(tmp_path))) == 2
    assert "expected a folder of the report's own" in capsys.readouterr().err
