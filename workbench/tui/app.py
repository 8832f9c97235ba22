"""The terminal interface: one app with the screens Bench, Runs and Presets. It draws; training happens in other processes."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on
from textual.binding import BindingType
from textual.message import Message

from workbench.errors import ChangedDataError, WorkbenchError
from workbench.system import notice
from workbench.tui.background import BackgroundFailed, in_thread
from workbench.tui.bindings import bindings
from workbench.tui.deferred import PALETTE, concepts_screen, presets_screen, runs_screen
from workbench.tui.fault import InterfaceError, reset_terminal
from workbench.tui.leaving import Leaving
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.settings import Session, load_settings
from workbench.tui.themes import THEMES
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.training.launch import WarmWorker

__all__ = ["WorkbenchApp", "run_tui"]

_ANSWER_S = 30.0
"""How long an answer to a command is waited for; a long step may keep a worker busy."""


class WorkbenchApp(Leaving):
    """The workbench in a terminal.

    Args:
        preset: name of the preset to load; by default the last session's experiment, at the first start the default preset.
        attach: a run to show at once, by any name that `find_run` knows.
        runs_dir: where runs live.
        warm: whether a worker is warmed up in the background (tests that need none leave it out).
    """

    TITLE = "workbench"
    CSS_PATH = Path(__file__).parent / "styles" / "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    COMMANDS = PALETTE
    MODES = {  # noqa: RUF012 - Textual's name and type
        "bench": BenchScreen,
        "runs": runs_screen,
        "presets": presets_screen,
        "concepts": concepts_screen,
    }
    DEFAULT_MODE = "bench"
    NOTIFICATION_TIMEOUT = 3
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (170, "-wide")]  # noqa: RUF012 - Textual's name and type

    @dataclass
    class Loaded(Message):
        """An experiment has been read and is to be shown in the form."""

        experiment: Experiment
        typed: Mapping[str, Any] | None = None

    @dataclass
    class Prepared(Message):
        """Whatever is shown first has been read, or could not be."""

    @dataclass
    class Found(Message):
        """The run asked for at the start has been found."""

        folder: RunFolder

    @dataclass
    class Started(Message):
        """A worker has been started on a run."""

        folder: RunFolder

    @dataclass
    class NotBegun(Message):
        """A run could not be started or resumed."""

        problem: str
        title: str
        folder: RunFolder | None = None
        changed_data: str = ""

    class NotChanged(Message):
        """A run did not take a change."""

    @dataclass
    class Described(Message):
        """The warm worker has measured a model, or could not (None)."""

        experiment: Experiment
        parameters: int | None
        step_seconds: float | None
        other_seconds: float = 0.0

    @dataclass
    class Said(Message):
        """A word to the person."""

        text: str
        title: str = ""
        problem: bool = False
        lasting: bool = False

    def __init__(
        self,
        preset: str | None = None,
        attach: str | None = None,
        runs_dir: Path | None = None,
        *,
        warm: bool = True,
    ) -> None:
        super().__init__()
        self.settings = load_settings()
        self.ascii_only = self.settings.ascii
        self.runs_dir = runs_dir or Path("runs")
        self._preset, self._run_name, self._warm = preset, attach, warm
        self._describe_wanted: Experiment | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.session.theme if self.session.theme in self.available_themes else Session.theme
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))

    # Opening -----------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """After the first frame: fill the form, open the run asked for, warm up a worker."""
        self.set_class(self.ascii_only, "-ascii")
        self.theme_changed_signal.subscribe(self, lambda theme: self.remember(theme=theme.name))
        if self.settings.problem:
            self.notify(self.settings.problem, severity="warning", timeout=10)
        if words := notice():  # what the command said lies behind the interface
            self.notify(words, severity="warning", timeout=10)
        self.call_after_refresh(gc.enable)  # off while the first frame was on its way
        self.call_after_refresh(self._prepare)

    @in_thread("prepare")
    def _prepare(self) -> None:
        import workbench.tui.widgets.workspace  # noqa: F401 - imported here, in a thread, it does not hold up the first keys
        from workbench.presets import DEFAULT_PRESET
        from workbench.runs.listing import find_run

        try:
            if self._run_name is not None:
                folder = find_run(self.runs_dir, self._run_name)
                self.post_message(self.Found(folder))
            else:
                self._read_experiment(self._preset, DEFAULT_PRESET)
        except WorkbenchError as error:
            self.post_message(self.Said(str(error), problem=True))
            if self._run_name is not None or self._preset is not None:
                with suppress(WorkbenchError):
                    self._read_experiment(None, DEFAULT_PRESET)
        finally:
            self.post_message(self.Prepared())
        if self._warm:
            self._worker().warm_up()

    def _read_experiment(self, preset: str | None, default: str) -> None:
        from workbench.experiment import Experiment
        from workbench.presets import load_preset

        if preset is None and self.session.experiment is not None:
            with suppress(WorkbenchError):  # written by another version: begin anew
                self.post_message(self.Loaded(Experiment.from_dict(self.session.experiment), self.session.typed))
                return
        self.post_message(self.Loaded(load_preset(preset or default)))

    def _worker(self) -> WarmWorker:
        if self.worker is None:
            from workbench.training.launch import WarmWorker

            self.worker = WarmWorker()
        return self.worker

    # Experiments and runs ----------------------------------------------------------------------------------------------

    @property
    def bench(self) -> BenchScreen | None:
        """The Bench screen, whether or not it is on top."""
        stack = self._screen_stacks.get("bench", [])
        return next((screen for screen in stack if isinstance(screen, BenchScreen)), None)

    @on(Loaded)
    async def _loaded(self, message: Loaded) -> None:
        await self.show_experiment(message.experiment)
        if message.typed is not None and self.bench is not None and self.bench.form is not None:
            self.remember(typed=None)
            self._save_session()  # should it be what the interface fails at, the next start goes without it
            self.bench.form.restore(message.typed)

    @on(Found)
    async def _found(self, message: Found) -> None:
        await self.open_run(message.folder)

    @on(Prepared)
    def _prepared(self) -> None:
        if self.bench is not None and not self.bench.awaits_form:
            self.furnished(self.bench)

    def remember_form(self) -> None:
        """What stands in the form, right or wrong."""
        if self.bench is not None and self.bench.form is not None:
            self.remember(typed=self.bench.form.typed)

    async def show_experiment(self, experiment: Experiment) -> None:
        """Go to Bench and show an experiment in the form; a run that was shown there goes, and may well go on."""
        await self.action_go("bench")
        if self.bench is not None:
            if self.bench.live_run:
                self.notify(f"{self.bench.live_run} goes on; F3 shows it again.")
            self.bench.action_close_run()
            await self.bench.load(experiment)

    async def on_presets_screen_chosen(self, message: Any) -> None:
        """A preset was chosen in the gallery."""
        await self.show_experiment(message.experiment)

    @in_thread("load", exclusive=True)
    def load_preset(self, name: str) -> None:
        """Read a preset in a thread and show it on Bench."""
        from workbench.presets import load_preset

        try:
            self.post_message(self.Loaded(load_preset(name)))
        except WorkbenchError as error:
            self.post_message(self.Said(str(error), problem=True))

    async def choose_card(self, table: str, name: str) -> None:
        """Choose an architecture (`model`) or a dataset (`data`) in the form."""
        await self.action_go("bench")
        if self.bench is not None and self.bench.form is not None:
            self.bench.form.choose(table, name)

    async def point_at_setting(self, name: str) -> None:
        """Go to a setting of the form ("optimizer.lr")."""
        await self.action_go("bench")
        if self.bench is not None:
            self.bench.point_at(name)

    def start_experiment(self, experiment: Experiment, name: str = "") -> None:
        """Start a run of the experiment, under a name or without one, and show it on Bench."""
        self.beginning = True
        self._start(experiment, name)

    @in_thread("start", exclusive=True)
    def _start(self, experiment: Experiment, name: str) -> None:
        from workbench.runs.folder import RunFolder
        from workbench.runs.listing import namesakes, shared_name
        from workbench.runs.names import checked_name

        try:
            name = checked_name(name)
            older = namesakes(self.runs_dir, name) if name else []
            if older:
                self.post_message(self.Said(shared_name(name, older), lasting=True))
            folder = RunFolder.create(self.runs_dir, experiment, name)
            self._worker().train(folder)
        except WorkbenchError as error:
            self.post_message(self.NotBegun(str(error), "Not started"))
        else:
            self.post_message(self.Started(folder))

    def resume_run(self, folder: RunFolder, *, accept_changed_data: bool = False) -> None:
        """Go on with a run that no process works on, and show it; where its data have changed, ask whether to accept that."""
        self.beginning = True
        self._resume(folder, accept_changed_data)

    @in_thread("start", exclusive=True)
    def _resume(self, folder: RunFolder, accept_changed_data: bool) -> None:  # noqa: FBT001 - given by place alone
        from workbench.training import launch

        try:
            launch.resume(folder, accept_changed_data=accept_changed_data)
        except ChangedDataError as error:
            self.post_message(self.NotBegun(str(error), "Not resumed", folder, changed_data=error.path))
        except WorkbenchError as error:
            self.post_message(self.NotBegun(str(error), "Not resumed", folder))
        else:
            self.post_message(self.Started(folder))

    @on(Started)
    async def _started(self, message: Started) -> None:
        await self.open_run(message.folder)
        await self.begun(message.folder)

    @on(BackgroundFailed)
    def _start_failed(self, message: BackgroundFailed) -> None:
        if message.group == "start":
            self.post_message(self.NotBegun(str(message.error) or type(message.error).__name__, "Not started"))

    @on(NotBegun)
    async def _not_begun(self, message: NotBegun) -> None:
        if not message.changed_data:
            self.notify(message.problem, title=message.title, severity="error", timeout=8)
        if self.bench is not None:
            self.bench.not_begun()
        if message.folder is not None:
            await self.open_run(message.folder)
        await self.begun(None)
        if message.changed_data and message.folder is not None:
            self._ask_changed_data(message.folder, message.changed_data)

    def _ask_changed_data(self, folder: RunFolder, path: str) -> None:
        """Whether a run goes on with data that have changed, and what that means."""
        from workbench.tui.screens.prompts import ConfirmDialog

        question = (
            f"{path} is another file than the one that the model was trained on.\n\n"
            "Going on keeps the model's vocabulary and draws the split into training, validation and test anew: what is tested "
            "from now on may have been trained on before, so scores before and after cannot be compared."
        )
        dialog = ConfirmDialog("The data have changed", question, "Go on with the file as it is now", "Leave the run as it is")

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self.resume_run(folder, accept_changed_data=True)

        self.push_screen(dialog, answered)

    async def open_run(self, folder: RunFolder) -> None:
        """Show a run on Bench, live or ended."""
        await self.action_go("bench")
        if self.bench is not None:
            await self.bench.show_run(folder)

    def send_command(self, folder: RunFolder, verb: str, **arguments: Any) -> None:
        """Ask a run's worker for something; the answer is shown when it comes."""
        self._send(folder, verb, arguments)

    @in_thread("command")
    def _send(self, folder: RunFolder, verb: str, arguments: Mapping[str, Any]) -> None:
        from workbench.runs import control

        what = ", ".join(f"{name} = {value}" for name, value in arguments.items()) or verb
        try:
            outcome = control.wait(folder, control.send(folder, verb, **arguments), timeout_s=_ANSWER_S)
        except WorkbenchError as error:
            self.post_message(self.Said(str(error), problem=True))
        else:
            done = outcome == "done"
            if not done and verb == "set":
                self.post_message(self.NotChanged())
            self.post_message(self.Said(f"{what}: {outcome}", problem=not done))

    @on(NotChanged)
    def _not_changed(self) -> None:
        if self.bench is not None:
            self.bench.not_changed()

    def describe(self, experiment: Experiment) -> None:
        """Measure the experiment's model in the warm worker; the answer goes to the form."""
        self._describe_wanted = experiment
        if self._warm:
            self._describe(experiment)

    @in_thread("describe")
    def _describe(self, experiment: Experiment) -> None:
        if experiment is not self._describe_wanted:
            return  # a newer one is on its way
        try:
            answer = self._worker().request("describe", experiment=experiment.to_dict())
        except WorkbenchError:  # the form names what is wrong itself; a worker that died is started again at the next request
            self.post_message(self.Described(experiment, None, None))
            return
        seconds = float(answer["step_seconds"]), float(answer["other_seconds"])
        self.post_message(self.Described(experiment, int(answer["parameters"]), *seconds))

    @on(Described)
    def _described(self, message: Described) -> None:
        form = self.bench.form if self.bench else None
        if form is not None and message.experiment is self._describe_wanted:
            form.show_description(message.parameters, message.step_seconds, message.other_seconds)

    def export_run(self, folder: RunFolder) -> None:
        """Open the export dialog on a run."""
        from workbench.tui.screens.dialogs import ExportDialog

        self.push_screen(ExportDialog(folder))

    # Screens -----------------------------------------------------------------------------------------------------------

    async def action_go(self, screen: str) -> None:
        """Show a screen by name; an open dialog stays where it is."""
        if self.current_mode != screen:
            await self.switch_mode(screen)
        self.show_in_title()

    async def action_concepts(self, name: str = "") -> None:
        """Show a concept page: by name, by architecture or preset, or that of the experiment in the form."""
        from workbench.tui.screens.concepts import open_concepts

        await open_concepts(self, name)

    def show_in_title(self) -> None:
        """Show the run on Bench in the title of whichever screen is seen, also behind a dialog."""
        run = self.bench.run_data if self.bench is not None else None
        starting = self.bench.starting if self.bench is not None else ""
        for screen in self.screen_stack:
            for bar in screen.query(TitleBar):
                bar.show_run(run, starting)

    def action_help(self) -> None:
        """Show what the focused part is for, and every key."""
        from workbench.tui.screens.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.focused, self.current_mode, self.settings.keys))

    @on(Said)
    def _said(self, message: Said) -> None:
        severity: Literal["error", "information"] = "error" if message.problem else "information"
        self.notify(message.text, title=message.title, severity=severity, timeout=8 if message.problem or message.lasting else 3)


def run_tui(preset: str | None = None, attach: str | None = None, runs_dir: Path | None = None) -> None:
    """Open the interface and stay in it until the person leaves.

    Args:
        preset: a preset to load, by name.
        attach: a run to show, by id, unique prefix, name or `latest`.
        runs_dir: where runs live; ./runs or WORKBENCH_RUNS by default.
    Raises:
        InterfaceError: the interface ended by a fault of its own.
    """
    if runs_dir is None:
        from workbench.runs.root import default_root

        runs_dir = default_root()
    app = WorkbenchApp(preset, attach, runs_dir)
    try:
        app.run()
    except BaseException:
        reset_terminal()
        raise
    if app.fault:
        reset_terminal()
        raise InterfaceError(f"{app.fault} What stood in the form is kept, and runs go on.")
