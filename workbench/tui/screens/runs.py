"""Runs: every run of the runs folder in a table, to sort, filter, mark, tag, resume, delete and open."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Input, Static
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.plotting import exact
from workbench.plotting.canvas import clean
from workbench.runs.folder import RunFolder
from workbench.runs.listing import list_runs, note_run, remove_run, tag_run
from workbench.runs.summary import RunSummary
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of, is_ascii
from workbench.tui.widgets.title_bar import TitleBar
from workbench.tui.wording import STATE_SIGNS, age, clock

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

__all__ = ["RunsScreen"]

_EVERY_S = 2.0


def _name(run: RunSummary) -> str:
    return run.name or run.title or run.preset or run.id


_COLUMNS: tuple[tuple[str, str, Callable[[RunSummary], Any]], ...] = (
    ("state", "state", lambda run: run.state),
    ("name", "name", lambda run: _name(run).lower()),
    ("architecture", "architecture", lambda run: run.architecture),
    ("dataset", "dataset", lambda run: run.dataset),
    ("steps", "steps", lambda run: run.step / max(1, run.total)),
    ("metric", "best metric", lambda run: (run.value is None, run.metric, run.value or 0.0)),
    ("age", "age", lambda run: -run.created),
    ("time", "time", lambda run: run.seconds),
    ("tags", "tags", lambda run: run.tags),
)
"""Key, heading and sort key of each column."""


class RunsScreen(Screen[None]):
    """A table of runs that keeps itself up to date."""

    HELP = """
    ## Runs

    `enter` opens a run on Bench, live or finished. `space` marks runs, then `t` tags and `del` deletes all marked ones.
    `s` sorts by the next column, `S` turns the order round, a click on a heading sorts by it.
    `/` filters: `adding lstm`, `state:finished`, `tag:good`, `loss<0.1`, `-state:lost`.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("runs")]
    app: WorkbenchApp

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

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunSummary] = []
        self.marked: set[str] = set()
        self._sort, self._reverse = "age", False
        self._query = ""
        self._cells: dict[str, tuple[Any, ...]] = {}

    def compose(self) -> ComposeResult:
        """Filter, table, and a line on the run under the cursor."""
        yield TitleBar("runs")
        yield Input(placeholder="filter: words, state:finished, tag:good, loss<0.1", id="filter")
        yield DataTable[Text](cursor_type="row", zebra_stripes=False, id="table")
        yield Static("", id="about", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The table's columns; the rows come from a thread."""
        table = self.query_one("#table", DataTable)
        table.add_column("", key="mark", width=2)
        for key, title, _ in _COLUMNS:
            table.add_column(f"{title}  ", key=key)
        table.focus()
        self.set_interval(_EVERY_S, self.reload)

    def on_screen_resume(self) -> None:
        """Read at once when the screen is shown."""
        self.reload()

    # Reading -----------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the runs folder in a thread, unless the screen is hidden."""
        if self.is_current:
            self._list(self._query)

    @work(thread=True, exclusive=True, group="list", exit_on_error=False)
    def _list(self, query: str) -> None:
        try:
            message = self.Listed(query, list_runs(self.app.runs_dir, query), "")
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
        field.border_subtitle = message.problem
        field.set_class(bool(message.problem), "-wrong")
        if not message.problem:
            self.runs = message.runs
            self.marked &= {run.id for run in message.runs}
            self._show()

    def _show(self) -> None:
        """Change only what is different, so that cursor and scrolling stay where they are."""
        table = self.query_one("#table", DataTable)
        key = next(sort_key for name, _, sort_key in _COLUMNS if name == self._sort)
        ordered = sorted(self.runs, key=lambda run: (key(run), run.id), reverse=self._reverse)
        rows = {run.id: self._row(run) for run in ordered}
        if list(rows) != list(self._cells):
            current = self._current_id()
            table.clear()
            for run_id, cells in rows.items():
                table.add_row(*cells, key=run_id)
            if current in rows:
                table.move_cursor(row=list(rows).index(current), animate=False)
        else:
            for run_id, cells in rows.items():
                for column, cell, old in zip(
                    ("mark", *(name for name, _, _ in _COLUMNS)), cells, self._cells[run_id], strict=True
                ):
                    if cell != old:
                        table.update_cell(run_id, column, cell)
        self._cells = rows
        for name, title, _ in _COLUMNS:
            arrow = ("^" if self._reverse else "v") if is_ascii(self.app) else ("▴" if self._reverse else "▾")
            table.columns[_key(table, name)].label = Text(f"{title} {arrow}" if name == self._sort else f"{title}  ")
        table.refresh()
        self._about()

    def _row(self, run: RunSummary) -> tuple[Text, ...]:
        ascii_only = is_ascii(self.app)
        colours = self.app.theme_variables
        sign = STATE_SIGNS.get(run.state, ("!", "!"))[ascii_only]
        role = {"running": "success", "failed": "error", "lost": "error", "damaged": "error", "paused": "warning"}
        mark = ("*" if ascii_only else "●") if run.id in self.marked else ""
        percent = f" {100 * run.step // max(1, run.total)}%" if run.total else ""
        return (
            Text(mark, colours.get("primary", "")),
            Text(f"{sign} {run.state}", colours.get(role.get(run.state, "foreground"), "")),
            Text(clean(_name(run)), "bold"),
            Text(run.architecture),
            Text(run.dataset),
            Text(f"{run.step:,}{percent}", justify="right"),
            Text(f"{run.metric} {exact(run.value)}" if run.value is not None else ""),
            Text(age(time.time() - run.created), justify="right"),
            Text(clock(run.seconds), justify="right"),
            Text(" ".join(run.tags), colours.get("primary", "")),
        )

    # Cursor ------------------------------------------------------------------------------------------------------------

    def _current_id(self) -> str | None:
        table = self.query_one("#table", DataTable)
        if not table.is_valid_row_index(table.cursor_row):
            return None
        return table.coordinate_to_cell_key((table.cursor_row, 0)).row_key.value  # type: ignore[arg-type]  # a pair is a Coordinate

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        run_id = self._current_id()
        return next((run for run in self.runs if run.id == run_id), None)

    def _chosen(self) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""
        if self.marked:
            return [run for run in self.runs if run.id in self.marked]
        return [self.current] if self.current else []

    @on(DataTable.RowHighlighted)
    def _about(self) -> None:
        run = self.current
        about = self.query_one("#about", Static)
        if run is None:
            empty = f"No run in {self.app.runs_dir}. F5 on Bench starts one." if not self._query else "No run matches the filter."
            about.update(empty)
            return
        dot = glyphs_of(self.app).dot
        marked = f"{len(self.marked)} marked {dot} " if self.marked else ""
        about.update(f"{marked}{run.path}" + (f" {dot} {clean(run.note)}" if run.note else ""))

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
    async def action_open_run(self) -> None:
        """Show the run on Bench."""
        if self.current is not None:
            await self.app.open_run(RunFolder(self.current.path))

    def action_mark(self) -> None:
        """Mark the run or take its mark away, and go on to the next."""
        run = self.current
        if run is not None:
            self.marked ^= {run.id}
            self._show()
            self.query_one("#table", DataTable).action_cursor_down()

    def action_sort(self) -> None:
        """Sort by the next column."""
        names = [name for name, _, _ in _COLUMNS]
        self._sort, self._reverse = names[(names.index(self._sort) + 1) % len(names)], False
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
        self.query_one("#table", DataTable).focus()
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
        from workbench.tui.screens.prompts import TextDialog

        runs = self._chosen()
        if runs:
            dialog = TextDialog("Tags", f"{_count(runs)}: +word adds, -word removes", "", None, "+good -old")

            def answered(text: str | None) -> None:
                if text:
                    self._tag(runs, text)

            self.app.push_screen(dialog, answered)

    def action_note(self) -> None:
        """Write a note on the run under the cursor."""
        from workbench.tui.screens.prompts import TextDialog

        run = self.current
        if run is not None:
            dialog = TextDialog("Note", _name(run), run.note)

            def answered(text: str | None) -> None:
                if text is not None:
                    self._note(run, text)

            self.app.push_screen(dialog, answered)

    def action_resume(self) -> None:
        """Go on with the run under the cursor, and show it."""
        if self.current is not None:
            self.app.resume_run(RunFolder(self.current.path))

    def action_delete(self) -> None:
        """Delete the chosen runs, once confirmed."""
        from workbench.tui.screens.prompts import ConfirmDialog

        runs = self._chosen()
        if runs:
            size = sum(run.size for run in runs) / 1e6
            question = f"{_count(runs)}, {size:.1f} MB, with checkpoints and exports. This cannot be undone."
            dialog = ConfirmDialog("Delete?", question, "Delete", "Keep")

            def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
                if yes:
                    self._delete(runs)

            self.app.push_screen(dialog, answered)

    @work(thread=True, group="change", exit_on_error=False)
    def _tag(self, runs: list[RunSummary], text: str) -> None:
        words = text.replace(",", " ").split()
        add = [word.removeprefix("+") for word in words if not word.startswith("-")]
        remove = [word[1:] for word in words if word.startswith("-")]
        self._do(runs, "tagged", lambda folder: tag_run(folder, add, remove))

    @work(thread=True, group="change", exit_on_error=False)
    def _note(self, run: RunSummary, text: str) -> None:
        self._do([run], "noted", lambda folder: note_run(folder, text))

    @work(thread=True, group="change", exit_on_error=False)
    def _delete(self, runs: list[RunSummary]) -> None:
        self._do(runs, "deleted", remove_run)

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


def _key(table: DataTable[Text], name: str) -> Any:
    return next(key for key in table.columns if key.value == name)


def _count(runs: list[RunSummary]) -> str:
    return _name(runs[0]) if len(runs) == 1 else f"{len(runs)} runs"
