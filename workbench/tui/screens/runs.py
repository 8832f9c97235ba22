"""Runs: every run of the runs folder in a table, to sort, filter, mark, tag, resume, delete and open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable, Input
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.plotting.canvas import clean
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs, name_run, namesakes, note_run, remove_run, shared_name, tag_run
from workbench.runs.names import name_problem
from workbench.runs.summary import RunSummary
from workbench.tui.background import in_thread
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of
from workbench.tui.plain import Words, as_is
from workbench.tui.requests import OpenRun, ResumeRun
from workbench.tui.steady_screen import SteadyScreen
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.runs_table import RunsTable
from workbench.tui.widgets.title_bar import TitleBar
from workbench.tui.wording import folded

__all__ = ["RunsScreen"]

_EVERY_S = 2.0


class RunsScreen(SteadyScreen[None]):
    """A table of runs that keeps itself up to date."""

    HELP = """
    ## Runs

    `enter` opens a run on Bench, live or finished. `space` marks runs, then `t` tags and `del` deletes all marked ones.
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

    @dataclass
    class Done(Message):
        """Something was done to runs."""

        said: str
        problem: str = ""

    def __init__(self, runs_dir: Path) -> None:
        """Make the table, empty.

        Args:
            runs_dir: where the runs live that it shows.
        """
        super().__init__()
        self._runs_dir = runs_dir
        self.runs: list[RunSummary] = []
        self.marked: set[str] = set()
        self._sort, self._reverse = "age", False
        self._query = ""

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
            self._list(self._query)

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
        if message.query != self._query:
            return
        field = self.query_one("#filter", Input)
        field.border_subtitle = as_is(message.problem)
        field.set_class(bool(message.problem), "-wrong")
        if not message.problem:
            self.runs = message.runs
            self.marked &= {run.id for run in message.runs}
            self._show()

    def _show(self) -> None:
        self.query_one(RunsTable).show(self.runs, frozenset(self.marked), self._sort, reverse=self._reverse)
        self._about()

    # Cursor ------------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        run_id = self.query_one(RunsTable).current_id
        return next((run for run in self.runs if run.id == run_id), None)

    def _chosen(self) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""
        if self.marked:
            return [run for run in self.runs if run.id in self.marked]
        return [self.current] if self.current else []

    @on(RunsTable.Fitted)
    @on(DataTable.RowHighlighted)
    def _about(self) -> None:
        run = self.current
        about = self.query_one("#about", Words)
        if run is None:
            empty = f"No run in {self._runs_dir}. F5 on Bench starts one." if not self._query else "No run matches the filter."
            about.update(empty)
            return
        dot = f" {glyphs_of(self.app).dot} "
        marked = [f"{len(self.marked)} marked"] if self.marked else []
        baseline = [f"{run.metric} against {run.baseline}"] if run.baseline else []
        facts = dot.join(marked + baseline + self.query_one(RunsTable).hidden(run) + ([clean(run.note)] if run.note else []))
        path = folded(str(run.path), max(1, about.content_size.width))
        about.update(f"{facts}\n{path}" if facts else path)

    @on(DataTable.HeaderSelected)
    def _sort_by(self, event: DataTable.HeaderSelected) -> None:
        name = event.column_key.value
        if name == self._sort:
            self._reverse = not self._reverse
        elif name and name != "mark":
            self._sort, self._reverse = name, False
        self._show()

    # Keys --------------------------------------------------------------------------------------------------------------

    @on(DataTable.RowSelected)
    def action_open_run(self) -> None:
        """Show the run on Bench."""
        if self.current is not None:
            self.app.post_message(OpenRun(RunFolder(self.current.path)))

    def action_mark(self) -> None:
        """Mark the run or take its mark away, and go on to the next."""
        run = self.current
        if run is not None:
            self.marked ^= {run.id}
            self._show()
            self.query_one(RunsTable).action_cursor_down()

    def action_sort(self) -> None:
        """Sort by the next column."""
        names = self.query_one(RunsTable).telling
        after = names.index(self._sort) + 1 if self._sort in names else 0
        self._sort, self._reverse = names[after % len(names)], False
        self._show()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reverse = not self._reverse
        self._show()

    def action_filter(self) -> None:
        """Move the focus to the filter."""
        self.add_class("-filtering")
        self.query_one("#filter", Input).focus()

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        self._query = event.value.strip()
        self.reload()

    @on(Input.Submitted, "#filter")
    def _to_table(self) -> None:
        self.query_one(RunsTable).focus()
        self.set_class(bool(self._query), "-filtering")

    def key_escape(self) -> None:
        """From the filter to the table; from the table: no filter, no marks."""
        field = self.query_one("#filter", Input)
        if not field.has_focus:
            field.value = ""
            self.marked.clear()
            self._show()
        self._to_table()

    def action_tag(self) -> None:
        """Add and remove tags of the chosen runs."""
        from workbench.tui.dialogs.prompts import TextDialog

        runs = self._chosen()
        if runs:
            dialog = TextDialog("Tags", f"{_count(runs)}: +word adds, -word removes", "", None, "+good -old")

            def answered(text: str | None) -> None:
                if text:
                    self._tag(runs, text)

            self.app.push_screen(dialog, answered)

    def action_note(self) -> None:
        """Write a note on the run under the cursor."""
        from workbench.tui.dialogs.prompts import TextDialog

        run = self.current
        if run is not None:
            dialog = TextDialog("Note", run.label, run.note)

            def answered(text: str | None) -> None:
                if text is not None:
                    self._note(run, text)

            self.app.push_screen(dialog, answered)

    def action_name_run(self) -> None:
        """Name the run under the cursor."""
        from workbench.tui.dialogs.prompts import TextDialog

        run = self.current
        if run is not None:
            dialog = TextDialog("Name", f"{run.id}: a name by which commands find it", run.name, name_problem, "empty for none")

            def answered(text: str | None) -> None:
                if text is not None:
                    self._give_name(run, text)

            self.app.push_screen(dialog, answered)

    def action_resume(self) -> None:
        """Go on with the run under the cursor, and show it."""
        if self.current is not None:
            self.app.post_message(ResumeRun(RunFolder(self.current.path)))

    def action_delete(self) -> None:
        """Delete the chosen runs, once confirmed."""
        from workbench.tui.dialogs.prompts import ConfirmDialog

        runs = self._chosen()
        if runs:
            size = sum(run.size for run in runs) / 1e6
            question = f"{_count(runs)}, {size:.1f} MB, with checkpoints and exports. This cannot be undone."
            dialog = ConfirmDialog("Delete?", question, "Delete", "Keep")

            def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
                if yes:
                    self._delete(runs)

            self.app.push_screen(dialog, answered)

    @in_thread("change")
    def _tag(self, runs: list[RunSummary], text: str) -> None:
        words = text.replace(",", " ").split()
        add = [word.removeprefix("+") for word in words if not word.startswith("-")]
        remove = [word[1:] for word in words if word.startswith("-")]
        self._do(runs, "tagged", lambda folder: tag_run(folder, add, remove))

    @in_thread("change")
    def _note(self, run: RunSummary, text: str) -> None:
        self._do([run], "noted", lambda folder: note_run(folder, text))

    @in_thread("change")
    def _give_name(self, run: RunSummary, text: str) -> None:
        self._do([run], "named" if text.strip() else "without a name now", lambda folder: name_run(folder, text))
        others = [other for other in namesakes(self._runs_dir, text.strip()) if other != run.id]
        if others:
            self.post_message(self.Done(shared_name(text.strip(), others)))

    @in_thread("change")
    def _delete(self, runs: list[RunSummary]) -> None:
        self._do(runs, "deleted", lambda folder: remove_run(folder, folder.path.parent))

    def _do(self, runs: list[RunSummary], done: str, change: Callable[[RunFolder], object]) -> None:
        """In a thread: change each run, and say what came of it."""
        problems = []
        for run in runs:
            try:
                change(RunFolder(run.path))
            except WorkbenchError as error:
                problems.append(str(error))
        count = len(runs) - len(problems)
        self.post_message(self.Done(f"{count} {'run' if count == 1 else 'runs'} {done}." if count else "", "\n".join(problems)))

    @on(Done)
    def _done(self, message: Done) -> None:
        message.stop()
        if message.problem:
            self.notify(message.problem, severity="error", timeout=8)
        if message.said:
            self.notify(message.said)
        self.marked.clear()
        self.reload()


def _count(runs: list[RunSummary]) -> str:
    return runs[0].label if len(runs) == 1 else f"{len(runs)} runs"
