"""The one place that knows the screens: makes them, goes from one to another, and brings to a screen what is meant for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.plotting.race import MOST_MEMBERS, MOST_RUNS
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.runs.groups import RunGroup
    from workbench.tui.base.guarded import Guarded
    from workbench.tui.form.fields import Field
    from workbench.tui.requests import KeepContents, KeepWay, Way
    from workbench.tui.run.control import OthersAtWork, RunRewound, RunStarted
    from workbench.tui.run.data import RunData
    from workbench.tui.session import SessionStore, Settings

__all__ = ["PALETTE", "Navigation"]

_KEPT = Path("kept")
"""Where is kept what belongs to no run, below the current folder."""

# Screens but Bench, dialogs and the palette's providers are imported when they are asked for: the first frame does not need them.


class Navigation:
    """Goes from screen to screen.

    Args:
        app: the app whose screens they are.
        runs_dir: where runs live.
        settings: what the person has set.
        store: what the next session begins with.
    """

    def __init__(self, app: Guarded, runs_dir: Path, settings: Settings, store: SessionStore) -> None:
        self._app, self._runs_dir, self._settings, self._store = app, runs_dir, settings, store
        self._in_title: tuple[RunData | None, str] = (None, "")
        self.bench: BenchScreen | None = None
        """The Bench screen, whether or not it is on top; None before the first moment."""
        for mode, make in (
            ("bench", self._make_bench),
            ("runs", self._make_runs),
            ("presets", self._make_presets),
            ("concepts", self._make_concepts),
            ("lessons", self._make_lessons),
            ("compare", self._make_compare),
            ("evaluate", self._make_evaluate),
            ("playground", self._make_playground),
        ):
            app.add_mode(mode, make)

    def _make_bench(self) -> Screen[Any]:
        self.bench = BenchScreen(self._app, self._store, self._settings.refresh_hz)
        return self.bench

    def _make_runs(self) -> Screen[Any]:
        from workbench.tui.screens.runs import RunsScreen

        return RunsScreen(self._runs_dir)

    @staticmethod
    def _make_presets() -> Screen[Any]:
        from workbench.tui.screens.presets import PresetsScreen

        return PresetsScreen()

    @staticmethod
    def _make_concepts() -> Screen[Any]:
        from workbench.tui.screens.concepts import ConceptsScreen

        return ConceptsScreen()

    @staticmethod
    def _make_lessons() -> Screen[Any]:
        from workbench.tui.screens.lessons import LessonsScreen

        return LessonsScreen()

    def _make_compare(self) -> Screen[Any]:
        from workbench.tui.screens.compare import CompareScreen

        return CompareScreen(self._runs_dir)

    @staticmethod
    def _make_evaluate() -> Screen[Any]:
        from workbench.tui.screens.evaluate import EvaluateScreen

        return EvaluateScreen()

    def _make_playground(self) -> Screen[Any]:
        from workbench.tui.screens.playground import PlaygroundScreen

        return PlaygroundScreen(self._runs_dir)

    # Going ---------------------------------------------------------------------------------------------------------------

    async def go(self, mode: str) -> None:
        """Show a screen by the name of its mode, and nothing over it."""
        self._app.uncover()
        await self._show(mode)

    async def _show(self, mode: str) -> None:
        """Show a screen; what is open over another one is left, what is open over this one stays."""
        if self._app.current_mode != mode:
            self._app.uncover()
            await self._app.switch_mode(mode)
        self._draw_titles()

    def show_in_title(self, run: RunData | None, starting: str) -> None:
        """Show a run, or words on one that is on its way, in the title of whichever screen is seen, also behind a dialog."""
        self._in_title = (run, starting)
        self._draw_titles()

    def _draw_titles(self) -> None:
        for screen in self._app.screen_stack:
            for bar in screen.query(TitleBar):
                bar.show_run(*self._in_title)

    # Bench ---------------------------------------------------------------------------------------------------------------

    async def show_experiment(self, experiment: Experiment) -> None:
        """Go to Bench and show an experiment in the form; a run that was shown there goes, and may well go on."""
        await self.go("bench")
        if self.bench is not None:
            if self.bench.run.live_name:
                self._app.notify(f"{self.bench.run.live_name} goes on; F3 shows it again.")
            self.bench.run_display.close()
            await self.bench.load(experiment)

    async def open_run(self, folder: RunFolder, beside: Sequence[RunFolder] = (), *, as_group: bool = False) -> None:
        """Show a run on Bench, live or ended, and others in its charts; a dialog over Bench stays.

        Args:
            folder: the run in front.
            beside: the others.
            as_group: whether they are all of one group, of which more can be drawn.
        """
        runs = list(dict.fromkeys((folder, *beside)))
        most = MOST_MEMBERS if as_group else MOST_RUNS
        await self._show("bench")
        if self.bench is not None:
            await self.bench.run_display.show(folder, runs[1:most])
        if (left := len(runs) - most) > 0:
            can = "be drawn" if as_group else "be told apart"
            self._app.notify(f"{most} runs can {can} in one chart; {left} of {len(runs)} are not drawn.", severity="warning")

    async def open_beside(self, folders: Sequence[RunFolder]) -> None:
        """Draw runs into the charts of the run on Bench, which stays in front; without one, the first of them is."""
        shown = self.bench.workspace.race.folders if self.bench is not None and self.bench.workspace is not None else ()
        front, *others = (*shown, *folders)
        await self.open_run(front, others)

    async def compare(self, groups: Sequence[RunGroup]) -> None:
        """Go to the comparison of runs and groups."""
        from workbench.tui.screens.compare import CompareScreen

        await self.go("compare")
        if isinstance(self._app.screen, CompareScreen):
            self._app.screen.show(groups)

    async def evaluate(self, folder: RunFolder) -> None:
        """Go to the evaluation of a run's checkpoint."""
        from workbench.tui.screens.evaluate import EvaluateScreen

        back = self._app.current_mode
        await self.go("evaluate")
        if isinstance(self._app.screen, EvaluateScreen):
            self._app.screen.show(folder, back)

    async def open_started(self, started: RunStarted) -> None:
        """Show a run that was started or resumed; one that is among several in the charts stays among them."""
        front, *others = started.shown
        race = self.bench.workspace.race if self.bench is not None and self.bench.workspace is not None else None
        if race is not None and not others and race.of(front) is not None:
            others = [folder for folder in race.folders if folder != front]
        await self.open_run(front, others, as_group=bool(started.seeds) or (race is not None and race.is_group))

    def say_going_back(self, folder: RunFolder, step: int) -> None:
        """A run is being brought back to a step."""
        if self.bench is not None and self.bench.run.folder == folder:
            self.bench.run_display.say_doing(f"going back to step {step:,} ...")

    def rewound(self, outcome: RunRewound) -> None:
        """A run has gone back, or could not: its newest moment is shown."""
        if self.bench is not None and self.bench.run.folder == outcome.folder:
            self.bench.run_display.say_doing("")
            if self.bench.workspace is not None:
                self.bench.workspace.show_moment(self.bench.workspace.moment.live)

    async def choose_card(self, table: str, name: str) -> None:
        """Choose an architecture (`model`) or a dataset (`data`) in the form."""
        await self.go("bench")
        if self.bench is not None and self.bench.form is not None:
            self.bench.form.cards.choose(table, name)

    async def point_at_setting(self, name: str) -> None:
        """Go to a setting of the form ("optimizer.lr")."""
        await self.go("bench")
        if self.bench is not None:
            self.bench.point_at(name)

    @property
    def form_fields(self) -> Sequence[Field]:
        """The settings that the form has now; none before it is there."""
        form = self.bench.form if self.bench is not None else None
        return tuple(form.model.fields.values()) if form is not None else ()

    async def find_in_form(self) -> None:
        """Open a palette of architectures, datasets and settings."""
        from workbench.tui.palette import CardCommands, SettingCommands

        await self._app.open_palette("Architecture, dataset or setting", SettingCommands, CardCommands)

    # Pages and dialogs ---------------------------------------------------------------------------------------------------

    async def show_concept(self, name: str) -> None:
        """Go to the concept pages and show one.

        Args:
            name: a page, an architecture or a preset; "" for what is before one's eyes: the preset under the cursor in the
                gallery, else the architecture of the experiment in the form.
        """
        from workbench.tui.screens.concepts import ConceptsScreen

        name = name or self._in_view()
        back = self._app.current_mode
        await self.go("concepts")
        screen = self._app.screen
        if isinstance(screen, ConceptsScreen):
            if back != "concepts":
                screen.back = back
            screen.show_page(name)

    async def show_lesson(self, name: str) -> None:
        """Go to the lessons and show one."""
        from workbench.tui.screens.lessons import LessonsScreen

        await self.go("lessons")
        if isinstance(self._app.screen, LessonsScreen):
            self._app.screen.show_lesson(name)

    async def show_playground(self) -> None:
        """Go to the playground and ask the runs in view: those that are marked in Runs, or the one on Bench."""
        from workbench.tui.screens.playground import PlaygroundScreen

        folders, back = self._runs_in_view(), self._app.current_mode
        await self.go("playground")
        screen = self._app.screen
        if isinstance(screen, PlaygroundScreen) and back != "playground":
            screen.back = back
            screen.show_runs(folders)

    def _runs_in_view(self) -> Sequence[RunFolder]:
        """What a person who asks for a run's model is looking at; none where that is nothing."""
        from workbench.tui.screens.runs import RunsScreen

        screen = self._app.screen
        if isinstance(screen, RunsScreen):
            return screen.chosen
        return (self.bench.run.folder,) if self.bench is not None and self.bench.run.folder is not None else ()

    def _in_view(self) -> str:
        """What a person who asks for an explanation is looking at: a page or an architecture, or ""."""
        from workbench.concepts import page_for
        from workbench.tui.screens.presets import PresetsScreen

        screen = self._app.screen
        if isinstance(screen, PresetsScreen):
            preset = screen.current
            page = page_for(str(preset.values.get("model", {}).get("name", "")), preset.name) if preset is not None else None
            return page.name if page is not None else ""
        form = self.bench.form if self.bench is not None else None
        return form.experiment.model.name if form is not None and form.experiment is not None else ""

    def export(self, folder: RunFolder) -> None:
        """Open the export dialog on a run."""
        from workbench.tui.dialogs.export_dialog import ExportDialog

        self._app.push_screen(ExportDialog(folder))

    def keep(self, wanted: KeepContents) -> None:
        """Keep what is shown, in the folder of the run in front; where it is not said how, ask."""
        from workbench.tui.dialogs.keep_dialog import RUN, KeepDialog
        from workbench.tui.keeping import keep

        run = wanted.run
        if run is None and self.bench is not None and self._app.current_mode == "bench":
            run = self.bench.run.folder
        folder = run.exports_path if run is not None else _KEPT.absolute()
        if wanted.way:
            keep(self._app, wanted.contents, folder, wanted.way)
            return

        def answered(way: str | None) -> None:
            if way == RUN and run is not None:
                self.export(run)
            elif way is not None:
                keep(self._app, wanted.contents, folder, cast("KeepWay", way))

        self._app.push_screen(KeepDialog(wanted.contents, folder, of_run=run is not None), answered)

    def help(self) -> None:
        """Show what the focused part is for, and every key; over a dialog too, which waits meanwhile."""
        from workbench.tui.screens.help import HelpScreen

        if not isinstance(self._app.screen, HelpScreen):
            self._app.push_screen(HelpScreen(self._app.focused, self._app.current_mode, self._settings.keys))

    def ask_how(self, found: OthersAtWork) -> None:
        """Ask how a run begins while others go on, and start it so; until that is answered none is on its way.

        Args:
            found: what was to be started, and the runs that go on.
        """
        from workbench.tui.bench.starting import way_choices
        from workbench.tui.dialogs.prompts import ChoiceDialog

        if self.bench is None:
            return
        display, run = self.bench.run_display, self.bench.run
        display.not_begun()
        bound = (
            run.live and not display.form_is_free and found.request.made is None
        )  # what is started for somebody stays as it is
        same = bound and run.facts.experiment == found.request.experiment
        question, choices = way_choices(found.names, found.threads, same=same, bound=bound)

        def answered(way: str | None) -> None:
            if way == "form":
                display.free_form()
            elif way is not None:
                self._app.post_message(replace(found.request, way=cast("Way", way)))

        self._app.push_screen(ChoiceDialog("Another run goes on", question, choices), answered)

    def ask_changed_data(self, path: str, accepted: Callable[[], None]) -> None:
        """Ask whether a run goes on with data that have changed, and say what that means.

        Args:
            path: the file that is another one now.
            accepted: what is done after a yes.
        """
        from workbench.tui.dialogs.prompts import ConfirmDialog

        question = (
            f"{path} is another file than the one that the model was trained on.\n\n"
            "Going on keeps the model's vocabulary and draws the split into training, validation and test anew: what is tested "
            "from now on may have been trained on before, so scores before and after cannot be compared."
        )
        dialog = ConfirmDialog("The data have changed", question, "Go on with the file as it is now", "Leave the run as it is")

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                accepted()

        self._app.push_screen(dialog, answered)


def _provider(name: str) -> Callable[[], type[Provider]]:
    def load() -> type[Provider]:
        from workbench.tui import palette

        provider: type[Provider] = getattr(palette, name)
        return provider

    return load


PALETTE: set[type[Provider] | Callable[[], type[Provider]]] = {
    _provider(name)
    for name in (
        "KeyCommands",
        "SettingCommands",
        "PresetCommands",
        "CardCommands",
        "ConceptCommands",
        "LessonCommands",
        "RunCommands",
    )
}
"""What the command palette finds; not Textual's own commands, for which there are keys of ours, and ours ask before they quit."""
