"""The app as a whole: opening, settings, themes, palette, help, leaving, and what must never be imported."""

from __future__ import annotations

import gc
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, Static

from tests.tui.harness import example, fixed_cards
from tests.tui.running import fill, make_run, opened, until
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs
from workbench.runs.writer import RunWriter
from workbench.tui import session
from workbench.tui.app import WorkbenchApp, _collect_again
from workbench.tui.base.untrusted_text import Words
from workbench.tui.charts.options import ChartOptions, XAxis
from workbench.tui.dialogs.prompts import QuitDialog, TextDialog
from workbench.tui.palette import CardCommands, KeyCommands, PresetCommands, RunCommands, SettingCommands
from workbench.tui.requests import ShowInTitle
from workbench.tui.screens.help import HelpScreen
from workbench.tui.session import Session, Settings, load_session, load_settings, save_session
from workbench.tui.widgets.title_bar import TitleBar


@pytest.fixture
def cards() -> Iterator[None]:
    """The same small cards in every picture."""
    with fixed_cards():
        yield


def test_the_interface_never_imports_torch() -> None:
    """A process that has every module of the interface loaded has no torch; it opens without numpy and pydantic."""
    code = (
        "import sys, pkgutil, importlib, workbench.tui.app\n"
        "light = [name for name in ('numpy', 'pydantic', 'plotext') if name in sys.modules]\n"
        "import workbench.tui\n"
        "for module in pkgutil.walk_packages(workbench.tui.__path__, 'workbench.tui.'): importlib.import_module(module.name)\n"
        "print(light, 'torch' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[] False"


@pytest.mark.slow
@pytest.mark.usefixtures("cards")
async def test_the_last_session_is_restored(tmp_path: Path) -> None:
    """Experiment, theme and the way charts are drawn come back."""
    options = ChartOptions(log_y=False, smoothing=0.95, axis=XAxis.STEP)
    save_session(Session(example(model__hidden_size=48).to_dict(), theme="nord", charts={"loss": options}))
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        assert app.theme == "nord"
        assert bench.form is not None
        await until(pilot, lambda: bench.form is not None and bench.form.experiment is not None, "the experiment")
        assert bench.form.experiment is not None
        assert bench.form.experiment.model.config.hidden_size == 48
        assert bench.workspace is not None
        assert bench.workspace.charts.first.view.options == options
        app.theme = "workbench"
        await pilot.pause()
    assert load_session().theme == "workbench"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"theme": 3, "charts": {"loss": []}, "metrics": ["loss"], "experiment": "x"}',
        "\x00\xff",
        '{"theme": "gone"}',
    ],
)
@pytest.mark.usefixtures("cards")
def test_a_damaged_session_is_as_none(content: str, config_folder: Path) -> None:
    """Whatever stands in the session file, the app can be made, with defaults for what cannot be read."""
    config_folder.mkdir()
    (config_folder / "session.json").write_text(content, encoding="latin-1")
    assert load_session().charts.get("loss", ChartOptions()) == ChartOptions()
    assert WorkbenchApp(runs_dir=config_folder, warm=False).theme == "workbench"


def test_settings(config_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refresh rate, keys and ASCII are read; wrong ones are named and defaults used; SSH refreshes once a second."""
    assert load_settings().refresh_hz == 4
    monkeypatch.setenv("SSH_CONNECTION", "somewhere")
    assert load_settings().refresh_hz == 1
    config_folder.mkdir()
    path = config_folder / "settings.toml"
    path.write_text('refresh_hz = 2\nascii = true\n[keys]\n"bench.pause" = "p"\n')
    settings = load_settings()
    assert (settings.refresh_hz, settings.ascii, dict(settings.keys), settings.problem) == (2, True, {"bench.pause": "p"}, "")
    path.write_text("refresh_hz = 1000")
    assert "expected 0.1 to 30" in load_settings().problem
    path.write_text("refresh_hz = ")
    assert "not read" in load_settings().problem


@pytest.mark.usefixtures("cards")
async def test_keys_can_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key given in the settings works in place of the table's."""
    monkeypatch.setattr("workbench.tui.app.load_settings", lambda: Settings(keys={"app.runs": "f9"}))
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        await pilot.press("f9")
        assert app.current_mode == "runs"
        await pilot.press("f4")
        assert app.current_mode == "presets"
        await pilot.press("f2")
        assert app.current_mode == "bench"


@pytest.mark.usefixtures("cards")
async def test_help_for_the_focused_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`?` opens a page with help for what has the focus and the keys of its screen first, as they are in force."""
    monkeypatch.setattr("workbench.tui.app.load_settings", lambda: Settings(keys={"app.runs": "f9"}))
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        assert bench.workspace is not None
        bench.workspace.charts.first.focus()
        for closes in ("question_mark", "escape"):
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the help")
            await until(pilot, lambda: "Everywhere" in str(app.screen.query_one(Words).render()), "its text")
            page = str(app.screen.query_one(Words).render())
            assert page.index("Chart") < page.index("On Bench") < page.index("Everywhere") < page.index("In Runs")
            assert "F9       All runs" in page
            await pilot.press(closes)
            await until(pilot, lambda: app.screen is bench, "Bench")


@pytest.mark.usefixtures("cards")
async def test_the_title_is_kept_up_behind_a_dialog(tmp_path: Path) -> None:
    """A run that ends while help is open is shown as ended when help is closed."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        bar = bench.query_one(TitleBar)
        await until(pilot, lambda: "finished" in str(bar.render()), "the run in the title")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), "the help")
        app.post_message(ShowInTitle(None))
        await until(pilot, lambda: "finished" not in str(bar.render()), "the title without it")


@pytest.mark.usefixtures("cards")
async def test_the_palette_finds_everything(tmp_path: Path) -> None:
    """Keys, presets, cards and runs are found by name, and a choice is carried out."""
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent) as (pilot, app, bench):
        kinds = (KeyCommands, SettingCommands, PresetCommands, CardCommands, RunCommands)
        found = {kind: kind(app.screen).entries() for kind in kinds}
        assert all(found.values())
        assert any(entry.line == "Run: demo" for entry in found[RunCommands])
        assert any(entry.line == "Dataset: Digits" for entry in found[CardCommands])
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
        await pilot.press("escape")
        open_run = next(entry.action for entry in found[RunCommands] if entry.title == "demo")
        open_run()
        await until(pilot, lambda: bench.run.data is not None, "the run")


@pytest.mark.usefixtures("cards")
async def test_quit_asks_while_a_run_goes_on(tmp_path: Path) -> None:
    """With a live run that was started here `q` asks; staying stays, detaching leaves and the run is untouched."""
    writer = RunWriter(RunFolder.create(tmp_path / "runs", example(), name="live"))
    fill(writer, 1, 5)
    writer.set_status("running", step=5, total=200)
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        app.quitting.started.append(writer.folder)
        app.action_ask_quit()
        await until(pilot, lambda: isinstance(app.screen, QuitDialog), "the question")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, QuitDialog), "staying")
        assert app.is_running
        app.action_ask_quit()
        await until(pilot, lambda: isinstance(app.screen, QuitDialog), "the question")
        await pilot.press("enter")
        await until(pilot, lambda: app._exit, "leaving")
    assert writer.take_commands() == []
    writer.close()


class Waiting:
    """A warm worker that takes its time: the run begins when it is told."""

    def __init__(self) -> None:
        self.asked, self.told = threading.Event(), threading.Event()

    def train(self, folder: RunFolder) -> int:
        """See `WarmWorker`."""
        self.asked.set()
        assert self.told.wait(60)
        self.writer = RunWriter(folder)
        self.writer.set_status("running", step=0, total=200)
        return 1


@pytest.mark.usefixtures("cards")
async def test_leaving_waits_for_a_run_that_is_only_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`q` right after the start leaves nothing half begun: the question comes with the run; a second `q` does not wait."""
    worker = Waiting()
    async with opened(tmp_path / "runs") as (pilot, app, _bench):
        monkeypatch.setattr(app.run_control, "warm_worker", lambda: worker)
        await pilot.press("f5")
        await until(pilot, worker.asked.is_set, "the start")
        await pilot.press("q")
        await until(pilot, lambda: any("leaves at once" in note.message for note in app._notifications), "the word")
        assert not app._exit
        worker.told.set()
        await until(pilot, lambda: isinstance(app.screen, QuitDialog), "the question")
        await pilot.press("escape")
        worker.writer.close()
        app.quitting.beginning = True
        app.action_ask_quit()
        assert not app._exit
        app.action_ask_quit()
        await until(pilot, lambda: app._exit, "leaving")


@pytest.mark.usefixtures("cards")
async def test_a_run_is_started_with_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`N` asks for it, refuses in a line what is none, and says where an older run has it; `F5` never asks."""
    old = make_run(tmp_path / "runs", name="mine")
    worker = Waiting()
    worker.told.set()
    async with opened(tmp_path / "runs") as (pilot, app, bench):
        monkeypatch.setattr(app.run_control, "warm_worker", lambda: worker)
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, TextDialog), "the question")
        field = app.screen.query_one(Input)
        field.value = "a/b"
        await pilot.press("enter")
        assert "separates folders" in str(app.screen.query_one(".problem", Static).render())
        field.value = "mine"
        await pilot.press("enter")
        await until(pilot, lambda: bench.run.data is not None, "the run")
        assert {run.name for run in list_runs(tmp_path / "runs") if run.id != old.id} == {"mine"}
        assert any(f"is named 'mine' as well: {old.id}" in note.message for note in app._notifications)
        worker.writer.close()


@pytest.mark.usefixtures("cards")
async def test_an_unknown_run_or_preset_is_one_line(tmp_path: Path) -> None:
    """A wrong name given at the start is said, and the app opens all the same."""
    save_session(Session(experiment=example().to_dict()))
    app = WorkbenchApp(preset="nonsense", runs_dir=tmp_path, warm=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(app._notifications), "the line")
        assert any("nonsense" in note.message for note in app._notifications)


@pytest.mark.parametrize("variable", ["NO_COLOR", "WORKBENCH_ASCII"])
@pytest.mark.usefixtures("cards")
async def test_without_colour_and_with_ascii_alone(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All three screens are drawn without colour, and with ASCII alone."""
    monkeypatch.setenv(variable, "1")
    run = make_run(tmp_path / "runs")
    async with opened(run.path.parent, run=run) as (pilot, app, bench):
        assert bench.workspace is not None
        assert app.ascii_only is (variable == "WORKBENCH_ASCII")
        bench.workspace.charts.first.focus()
        for keys in (("left",), ("f3",), ("f4",), ("question_mark",), ("f2",), ("d",), ("ctrl+p",)):
            await pilot.press(*keys)
            await pilot.pause()
            lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
            assert not app.ascii_only or [line for line in lines if not line.isascii()] == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 128 + signal.SIGHUP)])
def test_signals_end_it_quietly(number: signal.Signals, code: int, tmp_path: Path) -> None:
    """A closed terminal or a polite kill ends the interface, with the session saved and no traceback."""
    process, terminal = _in_a_terminal(tmp_path)
    process.send_signal(number)
    output = _read_to_end(terminal)
    assert process.wait(timeout=30) == code
    assert b"Traceback" not in output
    assert json.loads((tmp_path / "config" / "session.json").read_text())["experiment"]["model"]["name"]


@pytest.mark.usefixtures("cards")
def test_a_signal_in_the_midst_of_saving_saves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A signal that comes while the session is being written leaves a whole session behind."""
    app = WorkbenchApp(runs_dir=tmp_path, warm=False)
    app.store.remember(experiment=example(model__hidden_size=48).to_dict())
    to_dict = asdict

    def interrupted(_: Session) -> dict[str, object]:
        monkeypatch.setattr(session, "asdict", to_dict)
        app.on_unmount()  # what the handler does before the process ends
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "asdict", interrupted)
    with pytest.raises(KeyboardInterrupt):
        app.store.save()
    assert load_session().experiment == example(model__hidden_size=48).to_dict()


@pytest.mark.slow
def test_ctrl_c_leaves(tmp_path: Path) -> None:
    """Ctrl-C leaves at once where no run goes on."""
    process, terminal = _in_a_terminal(tmp_path)
    os.write(terminal, b"\x03")
    output = _read_to_end(terminal)
    assert process.wait(timeout=30) == 0
    assert b"Traceback" not in output


def _in_a_terminal(tmp_path: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The interface in a pseudo-terminal, once its form is there."""
    code = (
        "from pathlib import Path; from workbench.tui.app import WorkbenchApp;"
        f"WorkbenchApp(runs_dir=Path({str(tmp_path)!r}), warm=False).run()"
    )
    terminal, far_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=far_end,
        stdout=far_end,
        stderr=far_end,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
    )
    os.close(far_end)
    output = b""
    while b"Hyperparameters" not in output or b"hidden" not in output:
        output += os.read(terminal, 65_536)
    return process, terminal


def _read_to_end(terminal: int) -> bytes:
    output = b""
    try:
        while chunk := os.read(terminal, 65_536):
            output += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(terminal)
    return output


def test_garbage_is_collected_seldom_once_the_first_frame_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command turned that off. What is loaded by then is left out, and one screen's lines are too few to begin with."""
    thresholds = gc.get_threshold()
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    gc.set_threshold(700, 10, 10)
    gc.disable()
    try:
        _collect_again()
        assert gc.isenabled()
        assert gc.get_threshold() == (20_000, 10, 10)
        assert frozen == [True]
    finally:
        gc.enable()
        gc.set_threshold(*thresholds)
