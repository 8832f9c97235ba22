"""The terminal interface: one app with Bench, Runs, Presets, Concepts and Lessons. It draws; training happens elsewhere.

The app holds the parts together. Screens and widgets ask it by messages (`requests.py`), work in other processes tells it by
messages what came of it (`run_control.py`), and it gives each message to the part that answers it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.binding import BindingType
from textual.events import Click, Key
from textual.message import Message
from textual.worker import WorkerFailed

from workbench.errors import WorkbenchError
from workbench.paths import config_folder
from workbench.system import notice
from workbench.tui.attention import Attention
from workbench.tui.base.background import BackgroundFailed, in_thread
from workbench.tui.base.fault import InterfaceError, fault_line, reset_terminal, write_traceback
from workbench.tui.base.guarded import Guarded
from workbench.tui.bindings import bindings
from workbench.tui.copying import Copying, TextCopied
from workbench.tui.navigation import PALETTE, Navigation
from workbench.tui.quitting import Quitting
from workbench.tui.requests import (
    AskModel,
    ChooseCard,
    CompareRuns,
    CopyText,
    DescribeModel,
    EvaluateRun,
    ExportRun,
    FindInForm,
    ForkRun,
    GiveUp,
    GoTo,
    KeepContents,
    LoadPreset,
    Notice,
    OpenBeside,
    OpenRun,
    PointAtSetting,
    Request,
    ResumeRun,
    RewindRun,
    ScreenReady,
    SendCommand,
    ShowConcept,
    ShowExperiment,
    ShowInTitle,
    ShowLesson,
    StartRun,
)
from workbench.tui.run.alerting import RunAlerted, RunAlerts
from workbench.tui.run.control import (
    START,
    ChangeRefused,
    ModelDescribed,
    OthersAtWork,
    RunControl,
    RunNotStarted,
    RunOutcome,
    RunRewound,
    RunStarted,
    RunWoken,
)
from workbench.tui.session import Session, SessionStore, load_settings
from workbench.tui.themes import THEMES
from workbench.tui.typed_keys import TypedKeys

if TYPE_CHECKING:
    from textual import events

    from workbench.runs.folder import RunFolder
    from workbench.tui.form.fields import Field

__all__ = ["WorkbenchApp", "run_tui"]

_SAVE_AFTER_S = 1.0
_NEW_OBJECTS = 20_000
"""Python looks for garbage after so many. Drawing makes thousands that go by themselves: with Python's own 700 a third of the
interface's time is looking through them."""


class WorkbenchApp(Guarded):
    """The workbench in a terminal.

    Args:
        preset: name of the preset to load; by default the last session's experiment, at the first start the default preset.
        attach: runs to show at once, by any names that `find_run` knows; the first one is in front.
        runs_dir: where runs live.
        notify: command that is called when a run of this session has something to tell; by default that of the settings.
        warm: whether a worker is warmed up in the background (tests that need none leave it out).

    Attributes:
        settings: what the person has set.
        store: what the next session begins with.
        navigation: the screens.
        run_control: what is asked of workers.
        alerts: what runs have to tell, on the screen or not.
        copying: the way to the clipboard.
        attention: how whoever looks elsewhere is called.
        keys: passes on what is typed, in order.
        quitting: every way to leave.
        fault: what the interface itself failed at, as a line; "" as long as it is well.
    """

    TITLE = "workbench"
    CSS_PATH = Path(__file__).parent / "styles" / "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    COMMANDS = PALETTE
    DEFAULT_MODE = "bench"
    ALLOW_IN_MAXIMIZED_VIEW = "KeyLine"
    NOTIFICATION_TIMEOUT = 3
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (170, "-wide")]  # noqa: RUF012 - Textual's name and type

    @dataclass
    class Prepared(Message):
        """Whatever is shown first has been read, or could not be."""

    def __init__(
        self,
        preset: str | None = None,
        attach: Sequence[str] = (),
        runs_dir: Path | None = None,
        *,
        notify: str = "",
        warm: bool = True,
    ) -> None:
        super().__init__()
        self.runs_dir = runs_dir or Path("runs")
        self.settings, self.store = load_settings(), SessionStore()
        self.navigation = Navigation(self, self.runs_dir, self.settings, self.store)
        self.run_control = RunControl(self, self.runs_dir, warm=warm, notify=notify or self.settings.notify)
        self.alerts, self.attention = RunAlerts(self, self.runs_dir, self._on_bench), Attention(self)
        self.copying = Copying(self)
        self.keys, self.quitting = TypedKeys(self), Quitting(self)
        self.fault = ""
        if "TEXTUAL_ANIMATIONS" not in os.environ:
            self.animation_level = "none"  # a key's answer is there at once; over SSH each picture of a slide is sent
        self.ascii_only = self.settings.ascii
        self._preset, self._run_names = preset, tuple(attach)
        for theme in THEMES:
            self.register_theme(theme)
        theme_name = self.store.session.theme
        self.theme = theme_name if theme_name in self.available_themes else Session.theme
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))

    @property
    def escape_to_minimize(self) -> bool:
        """Whether escape gives the whole screen back: not as long as the part in use goes back a step of its own by it."""
        within = self.focused.ancestors_with_self if self.focused is not None else ()
        return super().escape_to_minimize and not any(getattr(node, "takes_escape", False) for node in within)

    # Opening and ending --------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """After the first frame: fill the form, open the run asked for, warm up a worker. From now on the session is saved."""
        self.theme_changed_signal.subscribe(self, lambda theme: self.store.remember(theme=theme.name))
        if self.settings.problem:
            self.notify(self.settings.problem, severity="warning", timeout=10)
        if words := notice():  # what the command said lies behind the interface
            self.notify(words, severity="warning", timeout=10)
        self.call_after_refresh(_collect_again)
        self.call_after_refresh(self._prepare)
        self.set_interval(_SAVE_AFTER_S, self.store.save)
        self.quitting.watch_signals(self.on_unmount)
        self.alerts.begin()

    def on_unmount(self) -> None:
        """Save the session, and let the waiting worker go; runs go on."""
        self.store.save()
        self.run_control.close()
        self.alerts.close()

    async def on_event(self, event: events.Event) -> None:
        """Keys are kept while there is nothing that could take them, and while another one is on its way."""
        if isinstance(event, Key | Click):
            self.attention.noticed()
        if not self.keys.keeps(event):
            await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """End after a fault of our own: what was being done is kept, and where the fault came from is written down."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            with suppress(Exception):  # whatever is broken, the rest is kept
                self._remember_form()
            self.store.save()
            cause = error.error if isinstance(error, WorkerFailed) else error
            self.fault = fault_line(cause, "the interface", write_traceback(cause, config_folder()))
        self._close_messages_no_wait()

    def _remember_form(self) -> None:
        """What stands in the form, right or wrong."""
        bench = self.navigation.bench
        if bench is not None and bench.form is not None:
            self.store.remember(typed=bench.form.typed)

    @in_thread("prepare")
    def _prepare(self) -> None:
        import workbench.tui.bench.workspace  # noqa: F401 - imported here, in a thread, it does not hold up the first keys
        from workbench.experiment.presets import DEFAULT_PRESET
        from workbench.runs.listing import find_run

        try:
            if self._run_names:
                front, *beside = (find_run(self.runs_dir, name) for name in self._run_names)
                for folder in (front, *beside):
                    self.run_control.attach(folder)
                self.post_message(OpenRun(front, tuple(beside)))
            else:
                self._read_experiment(self._preset, DEFAULT_PRESET)
        except WorkbenchError as error:
            self.post_message(Notice(str(error), problem=True))
            if self._run_names or self._preset is not None:
                with suppress(WorkbenchError):
                    self._read_experiment(None, DEFAULT_PRESET)
        finally:
            self.post_message(self.Prepared())
        self.run_control.warm_up()

    def _read_experiment(self, preset: str | None, default: str) -> None:
        from workbench.experiment import Experiment

        session = self.store.session
        if preset is None and session.experiment is not None:
            with suppress(WorkbenchError):  # written by another version: begin anew
                self.post_message(ShowExperiment(Experiment.from_dict(session.experiment), session.typed))
                return
        self._show_named(preset or default)

    def _show_named(self, name: str) -> None:
        """Show a preset, or the experiment that is proposed for a data file, with what that was taken for. Called in a thread.

        Raises:
            WorkbenchError: there is none, or no card can read the file.
        """
        from workbench.experiment.presets import load_preset
        from workbench.experiment.proposal import is_data_file, propose

        if not is_data_file(name):
            self.post_message(ShowExperiment(load_preset(name)))
            return
        proposal = propose(name)
        self.post_message(ShowExperiment(proposal.experiment))
        words = "\n".join((f"{proposal.path.name}: {proposal.recognised.sentence}.", *proposal.recognised.odd))
        self.post_message(Notice(words, title=f"Read as {proposal.dataset}", lasting=True))

    @on(Prepared)
    def _prepared(self) -> None:
        bench = self.navigation.bench
        if bench is not None and not bench.awaits_form:
            self.keys.ready(bench)

    # What is asked of the app --------------------------------------------------------------------------------------------

    @property
    def form_fields(self) -> Sequence[Field]:
        """The settings that the form has now, for the palette."""
        return self.navigation.form_fields

    @on(Request)
    async def _carry_out(self, request: Request) -> None:  # noqa: C901, PLR0912, PLR0915 - each thing that can be asked
        """Give what is asked to the part that does it."""
        match request:
            case Notice():
                self._say(request)
            case KeepContents():
                self.navigation.keep(request)
            case CopyText():
                self._clipboard = request.text
                self.copying.copy(request)
            case ShowInTitle(run, starting):
                self.attention.show_run(run)
                self.navigation.show_in_title(run, starting)
            case ScreenReady(screen):
                self.keys.ready(screen)
            case DescribeModel(experiment):
                self.run_control.describe(experiment)
            case AskModel():
                self.run_control.asking.ask(request)
            case GiveUp(asker):
                self.run_control.asking.give_up(asker)
            case SendCommand(folder, verb, arguments):
                self.run_control.send(folder, verb, arguments)
            case StartRun():
                self._start(request)
            case ResumeRun(folder):
                self._resume(folder)
            case ForkRun():
                self.run_control.fork(request)
            case RewindRun(folder, step):
                self.navigation.say_going_back(folder, step)
                self.run_control.rewind(folder, step)
            case OpenRun(folder, beside, as_group):
                await self.navigation.open_run(folder, beside, as_group=as_group)
            case CompareRuns(groups):
                await self.navigation.compare(groups)
            case EvaluateRun(folder):
                await self.navigation.evaluate(folder)
            case OpenBeside(folders):
                await self.navigation.open_beside(folders)
            case ExportRun(folder):
                self.navigation.export(folder)
            case GoTo(mode):
                await self.navigation.go(mode)
            case ShowExperiment():
                await self._show_experiment(request)
            case LoadPreset(name):
                self._load_preset(name)
            case ShowConcept(name):
                await self.navigation.show_concept(name)
            case ShowLesson(name):
                await self.navigation.show_lesson(name)
            case ChooseCard(table, name):
                await self.navigation.choose_card(table, name)
            case PointAtSetting(name):
                await self.navigation.point_at_setting(name)
            case FindInForm():
                await self.navigation.find_in_form()

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own fields and marked text go the same way as everything that is copied here."""
        self.post_message(CopyText(text))

    @on(TextCopied)
    def _copied(self, message: TextCopied) -> None:
        self.copying.tell(message)

    def _start(self, request: StartRun) -> None:
        self.quitting.beginning = True
        self.run_control.start(request)

    def _say(self, words: Notice) -> None:
        severity: Literal["error", "information"] = "error" if words.problem else "information"
        self.notify(words.text, title=words.title, severity=severity, timeout=8 if words.problem or words.lasting else 3)

    async def _show_experiment(self, shown: ShowExperiment) -> None:
        await self.navigation.show_experiment(shown.experiment)
        bench = self.navigation.bench
        if shown.typed is not None and bench is not None and bench.form is not None:
            self.store.remember(typed=None)
            self.store.save()  # should it be what the interface fails at, the next start goes without it
            bench.form.restore(shown.typed)

    @in_thread("load", exclusive=True)
    def _load_preset(self, name: str) -> None:
        try:
            self._show_named(name)
        except WorkbenchError as error:
            self.post_message(Notice(str(error), problem=True))

    def _resume(self, folder: RunFolder, *, accept_changed_data: bool = False) -> None:
        self.quitting.beginning = True
        self.run_control.resume(folder, accept_changed_data=accept_changed_data)

    # What came of it -----------------------------------------------------------------------------------------------------

    @on(RunOutcome)
    async def _came_of_it(self, outcome: RunOutcome) -> None:
        """Show what came of something that a worker was asked for."""
        bench = self.navigation.bench
        match outcome:
            case RunStarted(folder, after=after):
                self.alerts.expect(folder, after)
                await self.navigation.open_started(outcome)
                for seed in outcome.seeds:
                    self.alerts.expect(seed, 0)
                self.quitting.begun(folder, *outcome.seeds)
            case RunWoken(folder, after):
                self.alerts.expect(folder, after)
                self.quitting.begun(folder)
            case RunNotStarted():
                await self._not_started(outcome)
            case OthersAtWork():
                self.quitting.begun()
                self.navigation.ask_how(outcome)
            case RunRewound(words=words, problem=problem):
                self.navigation.rewound(outcome)
                self._say(Notice(words, "Not gone back" if problem else "", problem=problem, lasting=True))
            case ChangeRefused() if bench is not None:
                bench.run_display.show_changes()
            case ModelDescribed(experiment) if bench is not None and bench.form is not None:
                if self.run_control.is_wanted(experiment):
                    bench.form.show_description(outcome.parameters, outcome.step_seconds, outcome.other_seconds)

    @on(RunAlerted)
    def _alerted(self, message: RunAlerted) -> None:
        self.attention.alert(message.alert)

    def _on_bench(self) -> Sequence[RunFolder]:
        """The runs that Bench shows."""
        bench = self.navigation.bench
        return bench.workspace.race.folders if bench is not None and bench.workspace is not None else ()

    async def _not_started(self, outcome: RunNotStarted) -> None:
        """Where a run's data have changed, ask whether to accept that; say why in every other case."""
        folder = outcome.folder
        if not outcome.changed_data:
            self.notify(outcome.problem, title=outcome.title, severity="error", timeout=8)
        if self.navigation.bench is not None:
            self.navigation.bench.run_display.not_begun()
        if folder is not None:
            await self.navigation.open_run(folder)
        self.quitting.begun()
        if outcome.changed_data and folder is not None:
            self.navigation.ask_changed_data(outcome.changed_data, lambda: self._resume(folder, accept_changed_data=True))

    @on(BackgroundFailed)
    def _background_failed(self, message: BackgroundFailed) -> None:
        """Work in a thread failed at something unforeseen: say so, and go on."""
        if message.group == START:
            self.post_message(RunNotStarted(str(message.error) or type(message.error).__name__, "Not started"))
        words = fault_line(
            message.error, f"work in the background ({message.group})", write_traceback(message.error, config_folder())
        )
        self.notify(words, severity="error", timeout=15)

    # Keys ----------------------------------------------------------------------------------------------------------------

    async def action_go(self, mode: str) -> None:
        """Show a screen by the name of its mode, and nothing over it."""
        await self.navigation.go(mode)

    async def action_playground(self) -> None:
        """Ask the models of the runs that are marked or shown."""
        await self.navigation.show_playground()

    async def action_concepts(self, name: str = "") -> None:
        """Show a concept page: by name, by architecture or preset, or that of the experiment in the form."""
        await self.navigation.show_concept(name)

    def action_help(self) -> None:
        """Show what the focused part is for, and every key."""
        self.navigation.help()

    def action_ask_quit(self) -> None:
        """Leave; where runs started here go on, ask what becomes of them."""
        self.quitting.ask()


def _collect_again() -> None:
    """Let garbage be collected, which the command turned off until the first frame stands.

    What has been loaded until then stays: going through it again and again would hold up drawing for 20 to 40 ms each time.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()


def run_tui(preset: str | None = None, attach: Sequence[str] = (), runs_dir: Path | None = None, notify: str = "") -> None:
    """Open the interface and stay in it until the person leaves.

    Args:
        preset: a preset to load, by name.
        attach: runs to show in the same charts, each by id, unique beginning or end of it, name or `latest`.
        runs_dir: where runs live; ./runs or WORKBENCH_RUNS by default.
        notify: command that is called when a run has something to tell; by default that of the settings.
    Raises:
        InterfaceError: the interface ended by a fault of its own.
    """
    if runs_dir is None:
        from workbench.runs.root import default_root

        runs_dir = default_root()
    app = WorkbenchApp(preset, attach, runs_dir, notify=notify)
    try:
        app.run()
    except BaseException:
        reset_terminal()
        raise
    finally:
        app.attention.leave()
    if app.fault:
        reset_terminal()
        raise InterfaceError(f"{app.fault} What stood in the form is kept, and runs go on.")
