"""Compare: runs and groups beside each other: their curves in one plot, what differs, what came out, and what can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from workbench.comparison.compared import Comparison, compare
from workbench.comparison.curves import drawable_tags, overlaid
from workbench.comparison.entries import entries_of
from workbench.errors import WorkbenchError
from workbench.plotting.canvas import clean
from workbench.plotting.clock import X_NAMES
from workbench.plotting.pictures import Picture, Plot, Sheet, text_of
from workbench.plotting.saving import Contents, picture_contents
from workbench.runs.folder import RunFolder
from workbench.runs.groups import RunGroup
from workbench.runs.listing import list_runs
from workbench.runs.records import LIVE_STATES
from workbench.tui.base.background import in_thread
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.panels._pane import PicturePane
from workbench.tui.requests import AskModel, GiveUp, GoTo, ModelAnswered, OpenRun
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.title_bar import TitleBar

__all__ = ["CompareScreen"]

_EVERY_S = 2.0
_PARTS = ("results", "settings", "said")
_WIDE = 110
"""Columns from which all tables stand beside each other."""
_TEXT_WIDTH, _TEXT_LINES = 120, 20
"""Columns of what is kept as text, and lines of the curves in it."""
_FEWEST = 2
"""A comparison of one run is none."""


class CompareScreen(Keepable, SteadyScreen[None]):
    """Runs and groups beside each other."""

    HELP = """
    ## Compare

    The runs that were marked in Runs, each with its number. The first one is tested against each other one: on the same test
    samples by McNemar's test where an answer is right or wrong, else by a bootstrap of the differences; groups by Student's t
    over their seeds. Runs whose test samples have not been measured yet are measured meanwhile.

    - `v` `V` turn to the next series, and back; `b` counts x in steps, epochs, seconds or samples; `y` makes y logarithmic
    - `tab` goes from part to part, arrow keys read off values there, `m` gives one the whole screen
    - `p` turns from results to settings and to what can be said, where there is no room for all
    - `o` opens the runs on Bench; `e` keeps curves, tables and words as text, SVG or CSV; `esc` goes back to Runs
    """
    AUTO_FOCUS = "#curves"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare"), *bindings("keep")]
    DEFAULT_CSS = """
    CompareScreen {
        layout: vertical;
        & #curves { height: 1fr; }
        & #tables { height: 1fr; layout: horizontal; }
        & #results { width: 3fr; }
        & #beside { width: 2fr; }
        & #settings { height: 1fr; }
        & #said { height: 1fr; }
        & PicturePane, & #said {
            border: round $border-blurred; border-title-color: $text-muted; padding: 0 1;
            &:focus { border: round $primary; border-title-color: $text-primary; }
        }
        &.-narrow {
            & #results, & #beside { width: 1fr; display: none; }
            & #settings, & #said { display: none; }
        }
        &.-narrow.-results #results { display: block; }
        &.-narrow.-settings { & #beside { display: block; } & #settings { display: block; } }
        &.-narrow.-said { & #beside { display: block; } & #said { display: block; } }
    }
    """

    @dataclass
    class Compared(Message):
        """The runs have been read.

        Attributes:
            of: what was to be compared.
            groups: the same as they are now.
            comparison: what came of it, or None.
            tags: the series that can be drawn.
            missing: runs without evaluation, each with the step of its best checkpoint.
            problem: why nothing can be compared, or "".
        """

        of: tuple[RunGroup, ...]
        groups: tuple[RunGroup, ...] = ()
        comparison: Comparison | None = None
        tags: tuple[str, ...] = ()
        missing: tuple[tuple[Path, int], ...] = ()
        problem: str = ""

        def can_replace(self, message: Message) -> bool:
            """Only the newest state counts."""
            return isinstance(message, CompareScreen.Compared)

    @dataclass
    class Drawn(Message):
        """The curves of a series have been read."""

        of: tuple[str, str]
        plot: Plot | None
        problem: str = ""

        def can_replace(self, message: Message) -> bool:
            """Only the newest drawing counts."""
            return isinstance(message, CompareScreen.Drawn)

    def __init__(self, runs_dir: Path) -> None:
        """Make the screen, empty.

        Args:
            runs_dir: where the runs live.
        """
        super().__init__()
        self._runs_dir = runs_dir
        self.groups: tuple[RunGroup, ...] = ()
        self.comparison: Comparison | None = None
        self.tags: tuple[str, ...] = ()
        self.tag, self.axis = "", "step"
        self._log: bool | None = None
        self._plot: Plot | None = None
        self._waiting: list[tuple[Path, int]] = []
        self._asked: dict[Path, str] = {}
        """Runs whose evaluation was asked for, with what kept it from being made, or ""."""
        self._measuring = False
        self._part = 0

    def compose(self) -> ComposeResult:
        """Curves above, tables below."""
        yield TitleBar("compare")
        yield self._pane("curves", "Curves")
        with Horizontal(id="tables"):
            yield self._pane("results", "Results")
            with Vertical(id="beside"):
                yield self._pane("settings", "Settings that differ")
                said = VerticalScroll(Words("", id="words"), id="said", can_focus=True)
                said.border_title = "What can be said"
                yield said
        yield KeyLine()

    @staticmethod
    def _pane(name: str, title: str) -> PicturePane:
        pane = PicturePane()
        pane.id, pane.border_title = name, as_is(title)
        pane.held = True  # escape leaves the screen
        return pane

    def on_mount(self) -> None:
        """Runs that go on are read again and again."""
        self.set_interval(_EVERY_S, self._again)

    def on_resize(self) -> None:
        """Where there are too few columns, one table at a time."""
        self.set_class(self.size.width < _WIDE, "-narrow")
        self._show_part()

    def on_screen_resume(self) -> None:
        """Notes, names and runs may have changed."""
        self.reload()

    # Reading -----------------------------------------------------------------------------------------------------------

    def show(self, groups: Sequence[RunGroup]) -> None:
        """Compare runs and groups."""
        self.groups, self.comparison, self.tags, self._plot = tuple(groups), None, (), None
        self._asked.clear()
        self._waiting.clear()
        self._measuring = False
        self.app.post_message(GiveUp(self))
        for name in ("curves", "results", "settings"):
            self.query_one(f"#{name}", PicturePane).show(None)
        self.query_one("#words", Words).update("Reading the runs ...")
        self.reload()

    def reload(self) -> None:
        """Read the runs in a thread."""
        if self.groups and self.is_current:
            self._read(self.groups)

    def _again(self) -> None:
        live = any(run.state in LIVE_STATES for group in self.groups for run in group.runs)
        if live or (self.comparison is None and self.groups):
            self.reload()

    @in_thread("compare", exclusive=True)
    def _read(self, groups: tuple[RunGroup, ...]) -> None:
        try:
            now = {run.path: run for run in list_runs(self._runs_dir)}
            fresh = tuple(
                replace(group, runs=runs)
                for group in groups
                if (runs := tuple(now[run.path] for run in group.runs if run.path in now))
            )
            entries = entries_of(fresh)
            told = compare(entries)
            steps = told.unmeasured if len(entries) >= _FEWEST else {}
            missing = tuple((entry.runs[0].path, steps[entry.number]) for entry in entries if entry.number in steps)
            message = self.Compared(groups, fresh, told, tuple(drawable_tags(entries)), missing)
        except WorkbenchError as error:
            message = self.Compared(groups, problem=str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Compared)
    def _compared(self, message: Compared) -> None:
        message.stop()
        if message.of is not self.groups:
            return
        if message.problem or message.comparison is None:
            self.query_one("#words", Words).update(Content(clean(message.problem)))
            return
        self.groups, self.comparison, self.tags = message.groups, message.comparison, message.tags
        if self.tag not in self.tags:
            self.tag = self.tags[0] if self.tags else ""
        self._waiting = [pair for pair in message.missing if pair[0] not in self._asked]
        self._ask_next()
        self._show_tables()
        self._draw()

    def _ask_next(self) -> None:
        """Have the next run measured on its test samples; one after the other."""
        if self._waiting and not self._measuring:
            self._measuring = True
            path, step = self._waiting.pop(0)
            self._asked[path] = ""
            self.app.post_message(AskModel(self, RunFolder(path), step, "evaluate"))

    @on(ModelAnswered)
    def _answered(self, message: ModelAnswered) -> None:
        """A run has been measured, or cannot be: that is said in place of the test."""
        message.stop()
        self._measuring = False
        self._asked[message.request.folder.path] = message.problem
        self._ask_next()
        self.reload()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def _show_tables(self) -> None:
        comparison = self.comparison
        if comparison is None:
            return
        head = [str(entry.number) for entry in comparison.entries]  # the curves' legend names them
        results = Sheet("* best of its line", ("metric", *head, "baseline"), comparison.result_rows())
        settings = Sheet("", ("setting", *head), comparison.setting_rows(), paths=False)
        self.query_one("#results", PicturePane).show(results)
        self.query_one("#settings", PicturePane).show(settings)
        self.query_one("#words", Words).update(Content("\n".join(self._said())))

    def _said(self) -> list[str]:
        """What can be said of the runs, a line each."""
        comparison = self.comparison
        if comparison is None:
            return []
        lines = [verdict.words for verdict in comparison.verdicts]
        if measuring := len(self._waiting) + self._measuring:
            lines.append(f"Measuring the test samples of {measuring} of the runs ...")
        lines += [f"{path.name}: not measured: {problem}" for path, problem in self._asked.items() if problem]
        lines += comparison.notes
        if len(comparison.entries) < _FEWEST:
            lines.append("There is nothing to compare with: mark two or more runs or groups in Runs, then x.")
        return [clean(line) for line in lines]

    def contents(self) -> Contents | None:
        """Curves, both tables, and what can be said."""
        if self.comparison is None:
            return None
        panes = [self.query_one(f"#{name}", PicturePane) for name in ("curves", "results", "settings")]
        pictures = [pane.picture for pane in panes if pane.picture is not None]
        drawn = [picture.draw(_TEXT_WIDTH, picture.lines_wanted(_TEXT_WIDTH) or _TEXT_LINES, "ascii") for picture in pictures]
        text = "\n\n".join([*map(text_of, drawn), "\n".join(self._said())]) + "\n"
        names = ", ".join(f"{entry.number} {entry.name}" for entry in self.comparison.entries)
        return picture_contents("Compare", "compare", f"{clean(names)}\n\n{text}", pictures, names)

    def _draw(self) -> None:
        if self.tag and self.comparison is not None:
            self._read_curves(self.comparison, self.tag, self.axis)

    @in_thread("curves", exclusive=True)
    def _read_curves(self, comparison: Comparison, tag: str, axis: str) -> None:
        try:
            figures = overlaid(comparison.entries, [tag], axis)
            message = self.Drawn((tag, axis), Plot.of(figures[0]) if figures else None)
        except WorkbenchError as error:
            message = self.Drawn((tag, axis), None, str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Drawn)
    def _drawn(self, message: Drawn) -> None:
        message.stop()
        if message.of != (self.tag, self.axis):
            return
        if message.problem:
            if self.axis == "step":
                self.notify(message.problem, severity="error", markup=False)
            else:  # these runs cannot be counted so: on to the next way
                self.action_turn_axis()
            return
        self._plot = message.plot
        self._show_curves()

    def _show_curves(self) -> None:
        pane = self.query_one("#curves", PicturePane)
        plot: Picture | None = self._plot
        if self._plot is not None and self._log is not None:
            plot = replace(self._plot, log_y=self._log)
        pane.show(plot)
        place = self.tags.index(self.tag) + 1 if self.tag in self.tags else 0
        counted = {"step": "steps", "epoch": "epochs"}.get(self.axis, X_NAMES[self.axis])
        pane.border_subtitle = as_is(f"{place} of {len(self.tags)}, over {counted}")

    # Keys --------------------------------------------------------------------------------------------------------------

    def action_turn_metric(self, by: int) -> None:
        """Draw the next series, or the one before."""
        if self.tags:
            self.tag = self.tags[(self.tags.index(self.tag) + by) % len(self.tags)] if self.tag in self.tags else self.tags[0]
            self._log = None
            self._draw()

    def action_turn_axis(self) -> None:
        """Count x in another way."""
        names = list(X_NAMES)
        self.axis = names[(names.index(self.axis) + 1) % len(names)]
        self._draw()

    def action_log(self) -> None:
        """Turn to a logarithmic y axis, and back."""
        if self._plot is not None:
            self._log = not (self._plot.log_y if self._log is None else self._log)
            self._show_curves()

    def action_turn_part(self) -> None:
        """Show the next table where there is room for one."""
        self._part = (self._part + 1) % len(_PARTS)
        self._show_part()

    def _show_part(self) -> None:
        for place, name in enumerate(_PARTS):
            self.set_class(place == self._part, f"-{name}")

    def action_maximise(self) -> None:
        """Give the focused part the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            self.maximize(self.focused, container=False)

    def action_open_runs(self) -> None:
        """Show the runs on Bench, in the same charts."""
        folders = [RunFolder(run.path) for group in self.groups for run in group.runs]
        if folders:
            self.app.post_message(OpenRun(folders[0], tuple(folders[1:])))

    def action_back(self) -> None:
        """Leave what is maximised, else go back to Runs."""
        if self.maximized is not None:
            self.minimize()
        else:
            self.app.post_message(GoTo("runs"))
