"""Runs: every run of the runs folder in a table, to sort, filter, mark, tag, resume, delete and open."""

from __future__ import annotations

from collections.abc import Sequence
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
from workbench.runs.filters import filter_name_problem, save_filter, saved_filters
from workbench.runs.folder import RunFolder
from workbench.runs.groups import RunGroup, group_runs
from workbench.runs.listing import list_runs
from workbench.runs.records import LIVE_STATES
from workbench.runs.summary import RunSummary
from workbench.tui.base.background import in_thread
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog, TextDialog
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
    `g` folds runs that differ in nothing but the seed into one row, with median and range of the main metric. `right` and `left`
    open and close it, `space` marks all its runs, `enter` draws them on Bench: median, range and each run thin behind.
    `!` pins runs, which then stand first. `ctrl+s` saves a filter by a name, `F` chooses a saved one; in filters it is `@name`.
    `/` filters: `adding lstm`, `state:finished`, `tag:good`, `loss<0.1`, `-state:lost`.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("runs")]

    @dataclass
    class Listed(Message):
        """The runs folder has been read."""

        query: str
        runs: list[RunSummary]
        groups: list[RunGroup] | None
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
        self._is_to_fold = False

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
            self._list(self.view.query, is_folded=self._is_to_fold)

    @in_thread("list", exclusive=True)
    def _list(self, query: str, *, is_folded: bool) -> None:
        runs, problem = list[RunSummary](), ""
        try:
            runs = list_runs(self._runs_dir, query)
        except WorkbenchError as error:
            problem = str(error)
        message = self.Listed(query, runs, group_runs(runs) if is_folded else None, problem)
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(Listed)
    def _listed(self, message: Listed) -> None:
        message.stop()
        if message.query != self.view.query or (message.groups is not None) != self._is_to_fold:
            return
        field = self.query_one("#filter", Input)
        field.border_subtitle = as_is(message.problem)
        field.set_class(bool(message.problem), "-wrong")
        if message.problem:
            return
        before = self.pointed[:1] if self.view.is_folded != self._is_to_fold else ()
        self.view.take(message.runs, message.groups)
        self._show()
        for run in before:
            self._point_at(run)

    def _point_at(self, run: RunSummary) -> None:
        """Put the cursor on a run, or on the group that it is folded into."""
        home = self.view.home(run)
        self.query_one(RunsTable).go_to(run if home is None or home.key in self.view.opened else home)
        self.refresh_bindings()

    def _show(self) -> None:
        self.query_one(RunsTable).show(self.view)
        self._about()

    # Cursor ------------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor; None where a group is."""
        row = self.query_one(RunsTable).current
        return row if isinstance(row, RunSummary) else None

    @property
    def group(self) -> RunGroup | None:
        """The group under the cursor; None where a run is."""
        row = self.query_one(RunsTable).current
        return row if isinstance(row, RunGroup) else None

    @property
    def pointed(self) -> Sequence[RunSummary]:
        """The run under the cursor, or the runs of the group."""
        row = self.query_one(RunsTable).current
        return row.runs if isinstance(row, RunGroup) else [row] if row is not None else []

    @property
    def chosen(self) -> list[RunFolder]:
        """The marked runs, else the one under the cursor."""
        return [RunFolder(run.path) for run in self.view.together(self.pointed)]

    @on(RunsTable.Fitted)
    @on(DataTable.RowHighlighted)
    def _about(self) -> None:
        row = self.query_one(RunsTable).current
        about = self.query_one("#about", Words)
        if row is None:
            empty = (
                f"No run in {self._runs_dir}. F5 on Bench starts one." if not self.view.query else "No run matches the filter."
            )
            about.update(empty)
            return
        dot = f" {glyphs_of(self.app).dot} "
        marked = [f"{len(self.view.marked)} marked"] if self.view.marked else []
        baseline = [f"{row.metric} against {row.baseline}"] if row.baseline else []
        if isinstance(row, RunGroup):
            note, last = [], f"seeds {row.seed_words}: {', '.join(run.id for run in row.runs)}"
        else:
            note, last = [clean(row.note)] if row.note else [], str(row.path)
        facts = dot.join(marked + baseline + self.query_one(RunsTable).hidden(row) + note)
        last = folded(last, max(1, about.content_size.width))
        about.update(f"{facts}\n{last}" if facts else last)

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
        runs = self.view.together(self.pointed)
        if runs:
            front, *beside = (RunFolder(run.path) for run in runs)
            self.app.post_message(OpenRun(front, tuple(beside), as_group=len(group_runs(runs)) == 1))

    def action_beside(self) -> None:
        """Draw the chosen runs into the charts of the run on Bench."""
        if runs := self.view.chosen(self.pointed):
            self.app.post_message(OpenBeside(tuple(RunFolder(run.path) for run in runs)))

    def action_compare(self) -> None:
        """Compare the chosen runs; where runs are folded, the groups that they are of."""
        if runs := self.view.chosen(self.pointed):
            parts = [runs] if self.view.is_folded else [[run] for run in runs]
            self.app.post_message(CompareRuns(tuple(group for part in parts for group in group_runs(part))))

    def action_evaluate(self) -> None:
        """Measure the checkpoint of the run under the cursor."""
        if self.current is not None:
            self.app.post_message(EvaluateRun(RunFolder(self.current.path)))
        elif self.group is not None:
            self.notify("A single run is measured: right opens the group, then choose one of its runs.")

    def action_mark(self) -> None:
        """Mark the run or take its mark away, of a group those of all its runs, and go on to the next row."""
        if runs := self.pointed:
            self.view.turn_marks(runs)
            self._show()
            self.refresh_bindings()
            self.query_one(RunsTable).action_cursor_down()

    def action_fold(self) -> None:
        """Fold runs that differ in nothing but the seed into one row, or show each again; the cursor stays on its run."""
        self._is_to_fold = not self._is_to_fold
        self.reload()

    @on(RunsTable.Unfold)
    def _unfold(self, message: RunsTable.Unfold) -> None:
        self.action_unfold(message.to_open)

    def action_unfold(self, to_open: bool) -> None:  # noqa: FBT001 - a key's argument
        """Show the runs of the group under the cursor below it, or hide them; of a run in a group its group is closed."""
        group = self.group
        if group is None and self.current is not None and not to_open:
            group = self.view.home(self.current)
        if group is None:
            return
        self.view.opened = self.view.opened | {group.key} if to_open else self.view.opened - {group.key}
        self._show()
        self.query_one(RunsTable).go_to(group)

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

    def action_pin(self) -> None:
        """Pin the chosen runs, or take their pins off."""
        if runs := self.view.chosen(self.pointed):
            self._changes.pin(runs)

    def action_saved_filters(self) -> None:
        """Choose one of the saved filters."""
        try:
            saved = saved_filters()
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if not saved:
            self.notify("No filter is saved: type one after /, then ctrl+s saves it by a name.")
            return
        choices = [Choice(name, f"@{name}", query) for name, query in saved.items()]
        self.app.push_screen(ChoiceDialog("Saved filters", "", choices), self._filter_by)

    def _filter_by(self, name: str | None) -> None:
        if name is not None:
            self.add_class("-filtering")
            self.query_one("#filter", Input).value = f"@{name}"

    def action_save_filter(self) -> None:
        """Save what stands in the filter by a name; a name of a filter that is there takes its place."""
        query = self.view.query
        if not query or self.query_one("#filter", Input).has_class("-wrong"):
            self.notify("There is no filter to save: / types one.", severity="warning")
            return

        def keep(name: str | None) -> None:
            if name is None:
                return
            try:
                save_filter(name, query)
            except WorkbenchError as error:
                self.notify(str(error), severity="error", markup=False)
            else:
                self.notify(f"Saved: @{name} stands for it, here and in --filter.", markup=False)

        dialog = TextDialog("Save the filter", query, "", filter_name_problem, "a name, as best-gru")
        self.app.push_screen(dialog, keep)

    def action_tag(self) -> None:
        """Add and remove tags of the chosen runs."""
        if runs := self.view.chosen(self.pointed):
            self._changes.ask_tags(runs)

    def action_note(self) -> None:
        """Write a note on the run under the cursor."""
        if (run := self._single()) is not None:
            self._changes.ask_note(run)

    def action_name_run(self) -> None:
        """Name the run under the cursor."""
        if (run := self._single()) is not None:
            self._changes.ask_name(run)

    def action_resume(self) -> None:
        """Go on with the run under the cursor, and show it."""
        if (run := self._single()) is not None:
            self.app.post_message(ResumeRun(RunFolder(run.path)))

    def _single(self) -> RunSummary | None:
        """The run under the cursor, for what is done to one alone; where a group is, how to choose one of it is said."""
        if self.group is not None:
            self.notify("This is done to a single run: right opens the group, then choose one.")
        return self.current

    def action_stop(self) -> None:
        """End the chosen runs that go on, once confirmed."""
        runs = [run for run in self.view.chosen(self.pointed) if run.state in LIVE_STATES]
        if runs:
            self._changes.ask_stop(runs)
        else:
            self.notify("No process works on it: there is nothing to stop.")

    def action_delete(self) -> None:
        """Delete the chosen runs, once confirmed."""
        if runs := self.view.chosen(self.pointed):
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
