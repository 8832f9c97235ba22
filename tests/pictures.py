"""Pictures of the interface for the documentation, taken of the running app.

    python -m tests.pictures            makes all of them anew, in a few minutes
    python -m tests.pictures graph      that of one panel, or of several, with the runs that are needed for them

Small real runs are trained in a folder that goes afterwards, and every panel is shown of one that has it. A new panel needs
nothing here where one of the runs has its data.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Tabs

from tests.tui.running import opened, quiet, until
from workbench.api import train
from workbench.runs.folder import RunFolder
from workbench.tui.app import WorkbenchApp
from workbench.tui.bench.panel_area import Panels
from workbench.tui.panels import make_panels
from workbench.tui.run.data import RunFeed
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.evaluate import EvaluateScreen
from workbench.tui.screens.playground import PlaygroundScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.session import CONFIG_ENV
from workbench.tui.widgets.runs_table import RunsTable

__all__ = ["PICTURES", "SCREENSHOT", "Shown", "chosen_runs", "take_pictures"]

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
"""One `<name>.svg` for each panel, and for some screens."""
SCREENSHOT = ROOT / "screenshot.svg"
"""All of Bench, on the first page that a visitor reads."""
_PANEL_SIZE, _BENCH_SIZE = (100, 30), (120, 40)


@dataclass(frozen=True)
class Shown:
    """A run of which pictures are taken.

    Attributes:
        preset: what is trained.
        panels: panels that are shown of this run; one that no run names is shown of the first that has it.
        changes: other settings.
    """

    preset: str
    panels: Sequence[str] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.preset.rpartition("/")[2]


_ALL = {"inspect.share": 1.0}
"""Every snapshot is taken, however little is trained between two."""
RUNS = (
    Shown("seq2seq/translate_attention", changes={"training.steps": 900, "training.eval_every": 150, **_ALL}),
    Shown(
        "gated/adding_gru", ("gradient_flow", "gradient_through_time"), {"training.steps": 900, "training.eval_every": 60, **_ALL}
    ),
    Shown("gated/rows_lstm", ("concept", "graph", "metrics")),
    Shown("feedforward/mnist_cnn", ("confusion", "events", "units"), {"training.steps": 300, "training.eval_every": 50, **_ALL}),
    Shown("trees/trees_boolean", changes={"training.steps": 200, "training.eval_every": 50}),
    Shown("generation/stop_end_symbol", changes={"training.steps": 600, "training.eval_every": 100}),
    Shown("reservoir/esn_mackey_glass"),
)
OTHER = Shown("gated/adding_elman", changes={"training.steps": 900, "training.eval_every": 60})
"""What the GRU is compared with."""
SCREENS = ("compare", "evaluate", "playground")
"""Screens besides Bench of which there are pictures."""
BENCH = RUNS[2]
"""The run that is seen on the picture of Bench."""
_CELL = 12.2
"""Pixels of a column in the pictures that Textual writes."""
_TEXT = re.compile(
    r'<text class="(?P<style>[^"]*)" x="(?P<x>[^"]*)" (?P<y>y="[^"]*") textLength="[^"]*"(?P<rest>[^>]*)>(?P<words>[^<]*)</text>'
)


def chosen_runs(runs: Mapping[str, RunFolder], wanted: Iterable[Shown] = RUNS) -> dict[str, str]:
    """Name of each panel that any of the runs has -> name of the run that it is shown of.

    Args:
        runs: the runs by their names, in the order in which they are tried.
        wanted: which panels are shown of which run.
    """
    asked = {panel: shown.name for shown in wanted for panel in shown.panels}
    data = {}
    for name, folder in runs.items():
        feed = RunFeed(folder)
        data[name] = feed.poll()
        feed.close()
    chosen = {}
    for panel in make_panels():
        having = [name for name in runs if panel.exists(data[name])]
        if having:
            chosen[panel.name] = asked[panel.name] if asked.get(panel.name) in having else having[0]
    return chosen


async def take_pictures(folder: RunFolder, preset: str | None, panels: Sequence[str], into: Path) -> None:
    """Write a picture of each of these panels, with the whole screen to itself, as `<name>.svg`."""
    async with opened(folder.path.parent, run=folder, size=_PANEL_SIZE, preset=preset) as (pilot, app, bench):
        for name in panels:
            await _turn_to(pilot, bench, name)
            await pilot.press("m")
            await until(pilot, lambda: bench.maximized is not None, "the whole screen")
            await quiet(pilot)
            _write(into / f"{name}.svg", app.export_screenshot(simplify=True))
            await pilot.press("m")
            await until(pilot, lambda: bench.maximized is None, "the charts again")


async def _take_bench(folder: RunFolder, preset: str, path: Path) -> None:
    """Write a picture of Bench with both charts."""
    async with opened(folder.path.parent, run=folder, size=_BENCH_SIZE, preset=preset) as (pilot, app, bench):
        await _turn_to(pilot, bench, "predictions")
        _write(path, app.export_screenshot(simplify=True))


async def take_screens(root: Path, into: Path) -> None:
    """Write pictures of Compare, Evaluate and the playground, of the runs of a folder."""
    async with opened(root, size=_BENCH_SIZE, preset=BENCH.preset) as (pilot, app, _bench):

        async def filtered(words: str, count: int) -> None:
            await pilot.press("f3")
            await until(pilot, lambda: isinstance(app.screen, RunsScreen), "Runs")
            app.screen.query_one("#filter", Input).value = words
            app.screen.query_one(RunsTable).focus()
            await until(pilot, lambda: isinstance(app.screen, RunsScreen) and len(app.screen.view.runs) == count, words)
            await quiet(pilot)

        def take(name: str) -> None:
            _write(into / f"{name}.svg", app.export_screenshot(simplify=True))

        await filtered("data:adding", 2)
        await pilot.press("space", "space", "x")
        compared = cast("CompareScreen", app.screen) if await _shown(pilot, app, CompareScreen) else None
        await until(pilot, lambda: compared is not None and _is_tested(compared), "the test")
        await quiet(pilot)
        take("compare")
        await filtered("arch:cnn", 1)
        await pilot.press("E")
        measured = cast("EvaluateScreen", app.screen) if await _shown(pilot, app, EvaluateScreen) else None
        await until(pilot, lambda: measured is not None and bool(measured.evaluations), "the evaluation")
        await quiet(pilot)
        take("evaluate")
        await filtered("translate", 1)
        await pilot.press("f6")
        played = cast("PlaygroundScreen", app.screen) if await _shown(pilot, app, PlaygroundScreen) else None
        await until(pilot, lambda: played is not None and bool(played.views) and bool(played.views[0].pictures), "an answer")
        await quiet(pilot)
        take("playground")


async def _shown(pilot: Pilot[None], app: WorkbenchApp, kind: type[Screen[Any]]) -> bool:
    await until(pilot, lambda: isinstance(app.screen, kind), kind.__name__)
    return True


def _is_tested(screen: CompareScreen) -> bool:
    return screen.comparison is not None and any(verdict.test for verdict in screen.comparison.verdicts)


async def _turn_to(pilot: Pilot[None], bench: BenchScreen, name: str) -> None:
    """Show a panel, read and drawn."""
    panels = bench.query_one(Panels)
    panels.query_one(Tabs).focus()  # as a click on the tab does
    panels.active = name
    await until(pilot, lambda: panels.shown == name, f"the panel {name}")
    await quiet(pilot)


def _write(path: Path, picture: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (line.rstrip() for line in _TEXT.sub(_placed, picture).splitlines())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name}\n")


def _placed(text: re.Match[str]) -> str:
    """Words that stand where they belong in every viewer: some drop the blanks at a line's beginning, so there are none."""
    line = unescape(text["words"])
    placed = []
    for words in re.finditer(r"[^\xa0]+(?:\xa0[^\xa0]+)*", line):
        x, width = float(text["x"]) + _CELL * cell_len(line[: words.start()]), _CELL * cell_len(words[0])
        place = f'x="{x:.1f}" {text["y"]} textLength="{width:.1f}"'
        placed.append(f'<text class="{text["style"]}" {place}{text["rest"]}>{escape(words[0])}</text>')
    return "".join(placed)


def _trained(shown: Shown) -> RunFolder:
    """A run, from its first step to its end."""
    folder = train(shown.preset, name=shown.name, runs_dir="runs", **shown.changes).folder
    sys.stdout.write(f"trained {shown.preset}\n")
    return folder


def _runs_for(panels: set[str]) -> dict[str, RunFolder]:
    """Runs that have all of these panels, in the order of RUNS: those that name one, and of the others as many as it takes."""
    asked = [shown for shown in RUNS if panels & set(shown.panels)]
    runs: dict[str, RunFolder] = {}
    for shown in [*asked, *(shown for shown in RUNS if shown not in asked)]:
        if len(runs) >= len(asked) and panels <= chosen_runs(runs).keys():
            break
        runs[shown.name] = _trained(shown)
    return {shown.name: runs[shown.name] for shown in RUNS if shown.name in runs}


def main(names: Sequence[str]) -> None:
    """Train what is needed, take the pictures, and remove those of panels that are no more."""
    panels = {panel.name for panel in make_panels()}
    if unknown := sorted(set(names) - panels):
        sys.exit(f"tests.pictures: got {', '.join(unknown)}; expected some of {', '.join(sorted(panels))}.")
    with TemporaryDirectory() as place, chdir(place):  # no picture shows where that is
        os.environ[CONFIG_ENV] = str(Path(place) / "config")
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        if names:
            runs = _runs_for(set(names))
        else:
            with ThreadPoolExecutor(2) as pool:
                runs = dict(zip((shown.name for shown in RUNS), pool.map(_trained, RUNS), strict=True))
            for old in PICTURES.glob("*.svg"):
                if old.stem not in panels | set(SCREENS):
                    old.unlink()
            _trained(OTHER)
            asyncio.run(take_screens(Path("runs"), PICTURES))
            asyncio.run(_take_bench(runs[BENCH.name], BENCH.preset, SCREENSHOT))
        chosen = chosen_runs(runs)
        wanted = set(names) or panels
        for shown in RUNS:
            taken = [panel for panel, name in chosen.items() if name == shown.name and panel in wanted]
            if taken:
                asyncio.run(take_pictures(runs[shown.name], shown.preset, taken, PICTURES))
        if missing := sorted(wanted - chosen.keys()):
            sys.exit(f"tests.pictures: no run has what {', '.join(missing)} shows. Add one to RUNS.")


if __name__ == "__main__":
    main(sys.argv[1:])
