"""The interface: time to the first frame, a chart with a million points, and how late the loop runs while charts are live.

first frame        from the start of a process in a pseudo-terminal to the title and the frames of both charts; best of 5,
                   next to a Textual app that shows one line, so that the machine's own speed can be seen
chart refresh      a new row arrives in a run of a million steps: read it, take it over, smooth, decimate, draw; median of 20
drawing            the same chart by plotext, as `workbench snap` draws it, and by the live raster, in turns; processor time
loop lag p95       how much later than asked a 10 ms timer fires, while a real training process writes and both charts draw
"""

from __future__ import annotations

import asyncio
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.result import Result
from workbench.experiment import Experiment
from workbench.plotting import Series, draw_figure, ema
from workbench.plotting.static import static_figure
from workbench.runs.control import send
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter
from workbench.training import launch
from workbench.tui.app import WorkbenchApp
from workbench.tui.charts.chart import Chart
from workbench.tui.charts.options import ChartOptions
from workbench.tui.charts.run_charts import metric_chart
from workbench.tui.charts.view import ChartView
from workbench.tui.run.data import RunFeed
from workbench.tui.run.watcher import RunFacts
from workbench.tui.session import CONFIG_ENV

STEPS = 1_000_000
WATCHED_S = 10.0
PERIOD_S = 0.01
OURS = "import sys; sys.argv = ['workbench', '--runs-dir', {!r}]; from workbench.cli import main; main()"
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("Hyperparameters")
Bare().run()
"""


def seconds_to_first_frame(code: str, folder: Path) -> float:
    """Seconds from the start of Python to the word "Hyperparameters" on a terminal of 120x40."""
    terminal, far_end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40", CONFIG_ENV: str(folder)}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], stdin=far_end, stdout=far_end, stderr=far_end, env=environment)
    os.close(far_end)
    output = b""
    while b"Hyperparameters" not in output:
        output += os.read(terminal, 65_536)
    seconds = time.perf_counter() - began
    process.kill()
    process.wait()
    os.close(terminal)
    return seconds


def first_frame(folder: Path) -> list[Result]:
    """The first frame, and that of a bare app for comparison."""
    code = OURS.format(str(folder))
    ours = min(seconds_to_first_frame(code, folder) for _ in range(5))
    bare = min(seconds_to_first_frame(BARE, folder) for _ in range(5))
    return [Result.below(f"first frame (a bare Textual app: {bare:.2f} s)", ours, 0.5, "s")]


def long_run(folder: Path) -> RunWriter:
    """A run of a million steps, its writer still open."""
    experiment = Experiment.from_dict(_values(STEPS + 1000))
    writer = RunWriter(RunFolder.create(folder, experiment))
    noise = np.random.default_rng(0).random(STEPS + 1)
    for step in range(1, STEPS + 1):
        writer.log(step, {"train/loss": 1.0 / step + 0.1 * float(noise[step])}, step * 1e-3, step)
    writer.set_status("running", step=STEPS, total=STEPS + 1000)
    writer.flush()
    return writer


def chart_refresh(folder: Path) -> list[Result]:
    """One refresh of the loss chart of a million steps, in milliseconds."""
    writer = long_run(folder)
    feed = RunFeed(writer.folder)
    view, facts = ChartView(ChartOptions(), (100, 30)), RunFacts()
    feed.poll()
    times = []
    for step in range(STEPS + 1, STEPS + 21):
        writer.log(step, {"train/loss": 0.1}, step * 1e-3, step)
        writer.flush()
        began = time.perf_counter()
        view.show(metric_chart("loss", feed.poll(), facts))
        assert view.drawing.height
        times.append((time.perf_counter() - began) * 1e3)
    feed.close()
    writer.close()
    return [Result.below("chart refresh, a million points", statistics.median(times), 30.0, "ms")]


def chart_drawing() -> list[Result]:
    """How many times faster the live chart is drawn than plotext draws the same lines: the median over rounds."""
    x = np.arange(1, 100_001, dtype=np.float64)
    noisy = 1 / x + 0.1 * np.random.default_rng(0).random(len(x))
    lines = [Series("raw", x, noisy, "cyan", faint=True), Series("train", x, ema(noisy, 0.8), "cyan")]
    lines.append(Series("validation", x[::500], noisy[::500], "magenta", "●"))
    ratios = []
    for _ in range(20):
        spent = []
        for draw in (static_figure, draw_figure):
            began = time.process_time()
            draw(lines, 100, 30, log_y=True)
            spent.append(time.process_time() - began)
        ratios.append(spent[0] / spent[1])
    return [Result.above("drawing a chart: plotext / live raster", statistics.median(ratios), 5.0, "x")]


async def _lags(app: WorkbenchApp, folder: RunFolder) -> tuple[list[float], int]:
    """How late each tick of a timer was, in seconds, and how many points the chart gained meanwhile."""
    lags: list[float] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await app.navigation.open_run(folder)
        bench = app.navigation.bench
        assert bench is not None
        while bench.run.data is None or bench.workspace is None or bench.form is None:
            await pilot.pause(0.05)
        loss: Chart = bench.workspace.charts.first
        before = len(loss.view.data.lines[0].steps)
        end = time.perf_counter() + WATCHED_S
        while (now := time.perf_counter()) < end:
            await asyncio.sleep(PERIOD_S)
            lags.append(time.perf_counter() - now - PERIOD_S)
        gained = len(loss.view.data.lines[0].steps) - before
    return lags, gained


def loop_lag(folder: Path) -> list[Result]:
    """The loop's lag while a real worker trains."""
    run = RunFolder.create(folder, Experiment.from_dict(_values(1_000_000)))
    launch.start(run)
    with RunReader(run) as reader:
        while reader.status().step < 20:  # under way
            time.sleep(0.05)
    os.environ[CONFIG_ENV] = str(folder)
    lags, gained = asyncio.run(_lags(WorkbenchApp(runs_dir=folder, warm=False), run))
    send(run, "stop")
    p95 = statistics.quantiles(lags, n=20)[-1] * 1e3
    return [Result.below(f"loop lag p95 ({gained} steps drawn meanwhile)", p95, 50.0, "ms")]


def _values(steps: int) -> dict[str, object]:
    return {
        "model": {"name": "elman", "hidden_size": 32},
        "data": {"name": "adding", "length": 20},
        "optimizer": {"name": "adam"},
        "training": {"steps": steps, "batch_size": 32, "eval_every": 500, "checkpoint_every": 0, "threads": 1},
    }


def main() -> list[Result]:
    """All four."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        return [*first_frame(folder), *chart_refresh(folder / "long"), *chart_drawing(), *loop_lag(folder / "live")]
