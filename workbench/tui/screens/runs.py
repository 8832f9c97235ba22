"""Runs: every run of the runs folder in a table, to sort, filter, mark, tag, resume, delete and open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable, Input
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.plotting.canvas import clean
from workbench.runs.folder import RunFolder
from workbench.runs.groups import group_runs
from workbench.runs.listing import list_runs
from workbench.runs.records import LIVE_STATES
from workbench.runs.summary import RunSummary
from workbench.tui.base.background import in_thread
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of
from workbench.tui.requests import CompareRuns, EvaluateRun, OpenBeside, OpenRun, ResumeRun
from workbench.tui.run.changes import RunChanges, RunsChanged
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.runs_table import RunsTable
from workbench.tui.widgets.runs_view import RunsView
from workbench.tui.widgets.title_bar import TitleBar
from workbench.tui.wording import folded

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

__all__ = ["RunsScreen"]

_EVERY_S = 2.0


class RunsScreen(SteadyScreen[None]):
    """A table of runs that keeps itself up to date."""

    HELP = """
    ## Runs

    `enter` opens a run on Bench, live or finished. `space` marks runs: `enter` then opens all marked ones in the same charts, the
    one under the cursor in front, `x` compares, `t` tags, `X` stops and `del` deletes them. `b` draws them into the charts of the
    run on Bench. `E` measures the checkpoint of the run under the cursor in full.
    `waiting #1` is a run that waits for a free core, the first of those that do; `X` takes it out of the queue.
    `N` gives a run a name. Where several have the same one, the end of the id stands behind it: commands then need the id.
    `differs in` has the settings on which the listed runs of a dataset do not agree; filter to compare the runs that you mean.
    `s` sorts by the next column, `S` turns the order round, a click on a heading sorts by it.
    Behind a test score stands which weights it is of: the last, the best on validation, or both where they score the same.
    `/` filters: `adding lstm`, `state:finished`, `tag:good`, `loss<0.1`, `-state:lost`.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("runs")]

    @dataclass
    class Listed(Message):
        """The runs folder has been read."""

        query: str
        runs: list[RunSummary]
        problem: str

        def can_replace(self, message: Message) -> bool:
            """Only the newest state counts."""
            return isinstance(message, RunsScreen.Listed)

    def __init__(self, runs_dir: Path) -> None:
        """Make the table, empty.

        Args:
            runs_dir: where the runs live that it shows.
        """
        super().__init__()
        self._runs_dir, self._changes = runs_dir, RunChanges(self, runs_dir)
        self.view = RunsView()

    def compose(self) -> ComposeResult:
        """Filter, table, and a line on the run under the cursor."""
        yield TitleBar("runs")
        yield Input(placeholder="filter: words, state:finished, tag:good, loss<0.1", id="filter")
        yield RunsTable(id="table")
        yield Words("", id="about")
        yield KeyLine()

    def on_mount(self) -> None:
        """The rows come from a thread."""
        self.query_one(RunsTable).focus()
        self.set_interval(_EVERY_S, self.reload)

    def on_screen_resume(self) -> None:
        """Read at once when the screen is shown."""
        self.reload()

    # Reading -----------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the runs folder in a thread, unless the screen is hidden."""
        if self.is_current:
            self._list(self.view.query)

    @in_thread("list", exclusive=True)
    def _list(self, query: str) -> None:
        try:
            message = self.Listed(query, list_runs(self._runs_dir, query), "")
        except WorkbenchError as error:
            message = self.Listed(query, [], str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Listed)
    def _listed(self, message: Listed) -> None:
        message.stop()
        if message.query != self.view.query:
            return
        field = self.query_one("#filter", Input)
        field.border_subtitle = as_is(message.problem)
        field.set_class(bool(message.problem), "-wrong")
        if not message.problem:
            self.view.take(message.runs)
            self._show()

    def _show(self) -> None:
        view = self.view
        self.query_one(RunsTable).show(view.runs, frozenset(view.marked), view.sort, reverse=view.reverse)
        self._about()

    # Cursor ------------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        return self.view.run(self.query_one(RunsTable).current_id)

    @on(RunsTable.Fitted)
    @on(DataTable.RowHighlighted)
    def _about(self) -> None:
        run = self.current
        about = self.query_one("#about", Words)
        if run is None:
            empty = (
                f"No run in {self._runs_dir}. F5 on Bench starts one." if not self.view.query else "No run matches the filter."
            )
            about.update(empty)
            return
        dot = f" {glyphs_of(self.app).dot} "
        marked = [f"{len(self.view.marked)} marked"] if self.view.marked else []
        baseline = [f"{run.metric} against {run.baseline}"] if run.baseline else []
        facts = dot.join(marked + baseline + self.query_one(RunsTable).hidden(run) + ([clean(run.note)] if run.note else []))
        path = folded(str(run.path), max(1, about.content_size.width))
        about.update(f"{facts}\n{path}" if facts else path)

    @on(DataTable.HeaderSelected)
    def _sort_by(self, event: DataTable.HeaderSelected) -> None:
        name = event.column_key.value
        if name and name != "mark":
            self.view.sort_by(name)
        self._show()

    # Keys --------------------------------------------------------------------------------------------------------------

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now; where several runs are marked, `enter` says that it opens them together."""
        bindings_now = super().active_bindings
        if (count := len(self.view.marked)) > 1:
            for key, active in bindings_now.items():
                if active.binding.id == "runs.open":
                    bindings_now[key] = active._replace(binding=replace(active.binding, description=f"Open {count} together"))
        return bindings_now

    @on(DataTable.RowSelected)
    def action_open_run(self) -> None:
        """Show the run on Bench; where several are marked, all of them in the same charts."""
        runs = self.view.together(self.current)
        if runs:
            front, *beside = (RunFolder(run.path) for run in runs)
            self.app.post_message(OpenRun(front, tuple(beside)))

    def action_beside(self) -> None:
        """Draw the chosen runs into the charts of the run on Bench."""
        if runs := self.view.chosen(self.current):
            self.app.post_message(OpenBeside(tuple(RunFolder(run.path) for run in runs)))

    def action_compare(self) -> None:
        """Compare the chosen runs."""
        if runs := self.view.chosen(self.current):
            self.app.post_message(CompareRuns(tuple(group for run in runs for group in group_runs([run]))))

    def action_evaluate(self) -> None:
        """Measure the checkpoint of the run under the cursor."""
        if self.current is not None:
            self.app.post_message(EvaluateRun(RunFolder(self.current.path)))

    def action_mark(self) -> None:
        """Mark the run or take its mark away, and go on to the next."""
        run = self.current
        if run is not None:
            self.view.marked ^= {run.id}
            self._show()
            self.refresh_bindings()
            self.query_one(RunsTable).action_cursor_down()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.view.sort_by_next(self.query_one(RunsTable).telling)
        self._show()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.view.reverse = not self.view.reverse
        self._show()

    def action_filter(self) -> None:
        """Move the focus to the filter."""
        self.add_class("-filtering")
        self.query_one("#filter", Input).focus()

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        self.view.query = event.value.strip()
        self.reload()

    @on(Input.Submitted, "#filter")
    def _to_table(self) -> None:
        self.query_one(RunsTable).focus()
        self.set_class(bool(self.view.query), "-filtering")

    def key_escape(self) -> None:
        """From the filter to the table; from the table: no filter, no marks."""
        field = self.query_one("#filter", Input)
        if not field.has_focus:
            field.value = ""
            self.view.marked.clear()
            self._show()
            self.refresh_bindings()
        self._to_table()

    def action_tag(self) -> None:
        """Add and remove tags of the chosen runs."""
        if runs := self.view.chosen(self.current):
            self._changes.ask_tags(runs)

    def action_note(self) -> None:
        """Write a note on the run under the cursor."""
        if self.current is not None:
            self._changes.ask_note(self.current)

    def action_name_run(self) -> None:
        """Name the run under the cursor."""
        if self.current is not None:
            self._changes.ask_name(self.current)

    def action_resume(self) -> None:
        """Go on with the run under the cursor, and show it."""
        if self.current is not None:
            self.app.post_message(ResumeRun(RunFolder(self.current.path)))

    def action_stop(self) -> None:
        """End the chosen runs that go on, once confirmed."""
        runs = [run for run in self.view.chosen(self.current) if run.state in LIVE_STATES]
        if runs:
            self._changes.ask_stop(runs)
        else:
            self.notify("No process works on it: there is nothing to stop.")

    def action_delete(self) -> None:
        """Delete the chosen runs, once confirmed."""
        if runs := self.view.chosen(self.current):
            self._changes.ask_delete(runs)

    @on(RunsChanged)
    def _changed(self, message: RunsChanged) -> None:
        message.stop()
        if message.problem:
            self.notify(message.problem, severity="error", timeout=8)
        if message.said:
            self.notify(message.said)
        self.view.marked.clear()
        self.refresh_bindings()
        self.reload()
