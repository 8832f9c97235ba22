"""The terminal interface: one app with the screens Bench, Runs and Presets. It draws; training happens in other processes."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.system import notice
from workbench.tui.background import in_thread
from workbench.tui.bindings import bindings
from workbench.tui.deferred import PALETTE, concepts_screen, presets_screen, runs_screen
from workbench.tui.fault import InterfaceError, reset_terminal
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.settings import Session, load_settings
from workbench.tui.themes import THEMES
from workbench.tui.working import Working

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder

__all__ = ["WorkbenchApp", "run_tui"]


class WorkbenchApp(Working):
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

    def __init__(
        self,
        preset: str | None = None,
        attach: str | None = None,
        runs_dir: Path | None = None,
        *,
        warm: bool = True,
    ) -> None:
        super().__init__(runs_dir or Path("runs"), warm=warm)
        self.settings = load_settings()
        self.ascii_only = self.settings.ascii
        self._preset, self._run_name = preset, attach
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.session.theme if self.session.theme in self.available_themes else Session.theme
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))

    # Opening -----------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """After the first frame: fill the form, open the run asked for, warm up a worker."""
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
        from workbench.experiment.presets import DEFAULT_PRESET
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
        from workbench.experiment.presets import load_preset

        if preset is None and self.session.experiment is not None:
            with suppress(WorkbenchError):  # written by another version: begin anew
                self.post_message(self.Loaded(Experiment.from_dict(self.session.experiment), self.session.typed))
                return
        self.post_message(self.Loaded(load_preset(preset or default)))

    # Experiments and runs ----------------------------------------------------------------------------------------------

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
        from workbench.experiment.presets import load_preset

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

    def export_run(self, folder: RunFolder) -> None:
        """Open the export dialog on a run."""
        from workbench.tui.dialogs.export_dialog import ExportDialog

        self.push_screen(ExportDialog(folder))

    # Screens -----------------------------------------------------------------------------------------------------------

    async def action_concepts(self, name: str = "") -> None:
        """Show a concept page: by name, by architecture or preset, or that of the experiment in the form."""
        from workbench.tui.screens.concepts import open_concepts

        await open_concepts(self, name)

    def action_help(self) -> None:
        """Show what the focused part is for, and every key; over a dialog too, which waits meanwhile."""
        from workbench.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.focused, self.current_mode, self.settings.keys))


def run_tui(preset: str | None = None, attach: str | None = None, runs_dir: Path | None = None) -> None:
    """Open the interface and stay in it until the person leaves.

    Args:
        preset: a preset to load, by name.
        attach: a run to show, by id, unique beginning or end of it, name or `latest`.
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
