"""The interface: time to the first frame, a chart with a million points, and how late the loop runs while charts are live.

first frame        from the start of a process in a pseudo-terminal to the title and the frames of both charts; best of 5,
                   next to a Textual app that shows one line, so that the machine's own speed can be seen
chart refresh      a new row arrives in a run of a million steps: read it, take it over, smooth, decimate, draw; median of 20
drawing            the same chart by plotext, as `workbench snap` draws it, and by the live raster, in turns; processor time
opening snapshots  a run of 2,000 evaluations with 200 snapshots of 1 MB: opened and read for the first time; best of 5
scrubbing          one of its snapshots, read, made a picture and drawn, for each of six kinds; p95 of 60 each, the slowest kind
loop lag p95       how much later than asked a 10 ms timer fires, while a real training process writes and both charts draw
"""

from __future__ import annotations

import asyncio
import gc
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
from workbench.plotting.probes import Chosen, probe_views
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
EVALUATIONS, SNAPSHOTS = 2_000, 200
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


def run_with_snapshots(folder: Path) -> RunFolder:
    """A run at rest: 2,000 evaluations with answers, 200 of them with a snapshot of about 1 MB."""
    run = RunFolder.create(folder, Experiment.from_dict(_values(EVALUATIONS * 10)))
    writer = RunWriter(run)
    rng = np.random.default_rng(0)
    waves = rng.normal(size=(4, 200, 128)).astype(np.float16)
    steps = {"every": 1, "steps": list(range(1, 201))}
    for evaluation in range(1, EVALUATIONS + 1):
        step = evaluation * 10
        writer.log(step, {"train/loss": 1.0 / step, "validation/loss": 1.0 / step}, step * 1e-3, step)
        writer.probe(step, "predictions", "validation", None, {"items": [{"input": "1", "target": "2", "predicted": "2"}] * 12})
        writer.probe(step, "gradient_flow", "validation", np.ones(200), {})
        if evaluation % (EVALUATIONS // SNAPSHOTS) == 0:
            info = {"lengths": [200] * 4, "inputs": [None] * 4, "targets": ["1"] * 4, "outputs": [None] * 4}
            writer.probe(step, "samples", "validation", None, info)
            for layer in ("layers.0", "layers.1"):
                writer.probe(step, "states", layer, waves, steps)
                writer.probe(step, "gates", f"{layer}/update", waves**2 % 1, steps)
                writer.probe(step, "gradient_through_time", f"{layer}/norm", np.abs(waves[:, :, 0]).astype(np.float32), steps)
                eigenvalues = rng.normal(size=(128, 2)).astype(np.float32)
                writer.probe(step, "spectrum", f"{layer}/eigenvalues/U", eigenvalues, {})
            for parameter in range(24):
                named = {"edges": [[-1.0, 1.0]] * 3, "norms": [1.0] * 3, "ratio": 1e-3}
                writer.probe(step, "weights", f"layers.{parameter}.weight", np.ones((3, 40), np.float32), named)
            writer.probe(step, "attention", "attention", np.full((4, 4, 60, 60), 1 / 60, np.float16), {})
    writer.set_status("finished", step=EVALUATIONS * 10, total=EVALUATIONS * 10)
    writer.close()
    return run


def snapshots(folder: Path) -> list[Result]:
    """Opening a run with many snapshots, in seconds, and going from one to another, in milliseconds."""
    run = run_with_snapshots(folder)
    opened = []
    for _ in range(5):
        began = time.perf_counter()
        feed = RunFeed(run)
        data = feed.poll()
        opened.append(time.perf_counter() - began)
        feed.close()
    slowest, of_kind = 0.0, ""
    gc.freeze()  # as the app does after its first frame
    for kind in ("states", "gates", "gradient_through_time", "gradient_flow", "spectrum", "weights"):
        times, view = [], probe_views()[kind]
        for step in np.random.default_rng(1).choice(data.probes[kind].steps, 60).tolist():
            began = time.perf_counter()
            with RunReader(run) as reader:
                snapshot = view.read(reader, step)
            assert snapshot is not None
            for picture in view.pictures(view.look(snapshot, Chosen())):
                picture.draw(60, 24, "colour")
            times.append((time.perf_counter() - began) * 1e3)
        slowest, of_kind = max((slowest, of_kind), (statistics.quantiles(times, n=20)[-1], kind))
    size = run.database_path.stat().st_size / 1e6
    return [
        Result.below(f"opening a run with snapshots ({size:.0f} MB)", min(opened), 0.5, "s"),
        Result.below(f"scrubbing p95 ({of_kind}, the slowest)", slowest, 50.0, "ms"),
    ]


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
    """All of them."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        return [
            *first_frame(folder),
            *chart_refresh(folder / "long"),
            *chart_drawing(),
            *snapshots(folder / "seen"),
            *loop_lag(folder / "live"),
        ]
