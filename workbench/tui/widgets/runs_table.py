"""The table of runs: as many columns as the width has room for, the most telling ones longest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable

from workbench.cards.catalog import lower_is_better
from workbench.plotting.canvas import clean, fit
from workbench.plotting.signs import STATE_SIGNS
from workbench.runs.lineage import family_tree
from workbench.runs.summary import RunSummary
from workbench.saying import age, clock, exact
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import is_ascii
from workbench.tui.themes import rich_style

__all__ = ["RunsTable"]

_PADDING = 2
"""Columns that a cell has beside its text."""
_NAME_AT_LEAST = 18
_NAME_SHARE = 4
"""The name has at least this part of the width (one in four) before another column has any."""
_DIFFERS_AT_LEAST = 20
"""Columns that the differences have at least; they are cut where they are longer, and stand in full below the table."""
_SORTED_RANK = 9.5
"""Of the column that rows are sorted by: it goes before state and name only."""
_ROLES = {"running": "success", "failed": "error", "lost": "error", "damaged": "error", "paused": "warning"}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: its name in code and for sorting.
        title: its heading.
        text: what a cell says.
        sort: what rows are ordered by.
        rank: how long it is kept where there is little room.
        right: whether numbers end at the right edge.
    """

    key: str
    title: str
    text: Callable[[RunSummary], str]
    sort: Callable[[RunSummary], Any]
    rank: int
    right: bool = False


def _steps(run: RunSummary) -> str:
    return f"{run.step:,}" + (f" {100 * run.step // max(1, run.total)}%" if run.total else "")


def _metric(run: RunSummary) -> str:
    """Tag and value; of a test score which weights it is of (`both` where these score the same), of others which value it is."""
    if run.value is None:
        return ""
    split, _, metric = run.metric.partition("/")
    which = {"test": "last", "test_best": "best", "validation": "lowest" if lower_is_better(metric) else "highest"}.get(split, "")
    if split == "test" and run.values.get(f"test_best/{metric}") == run.value:
        which = "both"
    return " ".join(filter(None, (run.metric, exact(run.value), which)))


COLUMNS: tuple[Column, ...] = (
    Column("state", "state", lambda run: run.standing, lambda run: (run.state, run.place), 10),
    Column("name", "name", lambda run: run.label, lambda run: run.label.lower(), 11),
    Column("differs", "differs in", lambda run: run.differs, lambda run: run.differs, 7),
    Column("architecture", "architecture", lambda run: run.architecture, lambda run: run.architecture, 5),
    Column("dataset", "dataset", lambda run: run.dataset, lambda run: run.dataset, 4),
    Column("steps", "steps", _steps, lambda run: run.step / max(1, run.total), 8, right=True),
    Column("metric", "main metric", _metric, lambda run: (run.value is None, run.metric, run.value or 0.0), 9),
    Column("age", "age", lambda run: age(time.time() - run.created), lambda run: -run.created, 6, right=True),
    Column("time", "time", lambda run: clock(run.seconds), lambda run: run.seconds, 1, right=True),
    Column("from", "from", lambda run: run.origin, lambda run: -run.created, 3),
    Column("tags", "tags", lambda run: " ".join(run.tags), lambda run: run.tags, 2),
)
"""All columns, in the order in which they stand and are sorted by. By `from`, runs stand as a tree, each below its parent."""


class RunsTable(DataTable[Text]):
    """Runs as rows. What has no room in the row is told by `hidden`, for a line below the table."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *(key for key in bindings("runs") if key.id == "runs.open")]
    """`enter` once more here: the table's own key for a row would hide the screen's from the bottom line."""

    @dataclass
    class Fitted(Message):
        """Other columns are shown than before."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - textual's own name for it
        super().__init__(cursor_type="row", zebra_stripes=False, id=id)
        self._runs: Sequence[RunSummary] = ()
        self._depths: Mapping[str, int] = {}
        self._marked: frozenset[str] = frozenset()
        self._sort, self._reverse = "age", False
        self._cells: dict[str, tuple[Text, ...]] = {}
        self._widths: dict[str, int] = {}

    # What others call --------------------------------------------------------------------------------------------------

    def show(self, runs: Sequence[RunSummary], marked: frozenset[str], sort: str, *, reverse: bool) -> None:
        """Show runs, sorted; only what is different is drawn anew, so that cursor and scrolling stay where they are."""
        key = next(column.sort for column in COLUMNS if column.key == sort)
        self._runs = sorted(runs, key=lambda run: (key(run), run.id), reverse=reverse)
        self._depths = {}
        if sort == "from":
            tree = family_tree(self._runs)
            self._runs, self._depths = [run for run, _ in tree], {run.id: depth for run, depth in tree}
        self._marked, self._sort, self._reverse = marked, sort, reverse
        self._update()

    @property
    def current_id(self) -> str | None:
        """The id of the run under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key((self.cursor_row, 0)).row_key.value  # type: ignore[arg-type]  # a pair is a Coordinate

    @property
    def telling(self) -> list[str]:
        """Keys of the columns in which a run has anything to say; the name always."""
        return [column.key for column in COLUMNS if column.key == "name" or any(column.text(run) for run in self._runs)]

    def hidden(self, run: RunSummary) -> list[str]:
        """What the row of a run has no room for, each with its heading."""
        facts = []
        for column in COLUMNS:
            text = self._text(column, run)
            if text and column.key not in self._widths:
                facts.append(f"{column.title} {text}")
            elif column.key == "name" and cell_len(text) > self._widths["name"]:
                facts.insert(0, clean(run.label))
            elif text and column.key == "differs" and cell_len(text) > self._widths["differs"]:
                facts.append(f"{column.title} {text}")
        return facts

    def action_scroll_home(self) -> None:
        """To the first row: in a table of rows that is where `home` leads."""
        self.action_scroll_top()

    def action_scroll_end(self) -> None:
        """To the last row."""
        self.action_scroll_bottom()

    def action_open_run(self) -> None:
        """Choose the row under the cursor."""
        self.action_select_cursor()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Another width has room for other columns."""
        self._update()

    def _update(self) -> None:
        widths = self._fitting(self.scrollable_content_region.width or self.size.width)
        rows = {run.id: self._row(run, widths) for run in self._runs}
        if widths != self._widths or list(rows) != list(self._cells):
            self._fill(widths, rows)
        else:
            for run_id, cells in rows.items():
                for key, cell, old in zip(("mark", *widths), cells, self._cells[run_id], strict=True):
                    if cell != old:
                        self.update_cell(run_id, key, cell)
        self._cells = rows
        for name, column in ((key.value, column) for key, column in self.columns.items()):
            if name in widths:
                column.label = Text(self._heading(name))
        self.refresh()

    def _fill(self, widths: Mapping[str, int], rows: Mapping[str, tuple[Text, ...]]) -> None:
        current = self.current_id
        if widths != self._widths or not self.columns:
            self._widths = dict(widths)
            self.clear(columns=True)
            self.add_column("", key="mark", width=1)
            for key, width in widths.items():
                self.add_column(self._heading(key), key=key, width=width)
            self.post_message(self.Fitted())
        else:
            self.clear()
        for run_id, cells in rows.items():
            self.add_row(*cells, key=run_id)
        if current is not None and current in rows:
            self.move_cursor(row=list(rows).index(current), animate=False)

    def _fitting(self, room: int) -> dict[str, int]:
        """The columns that fit, with their widths.

        The lowest rank goes first, that by which rows are sorted after all but name and state; name and differences take what is
        left.
        """
        natural = {
            column.key: max([cell_len(self._heading(column.key)), *(cell_len(self._text(column, run)) for run in self._runs)])
            for column in COLUMNS
        }
        natural["state"] += 1 + cell_len(STATE_SIGNS["finished"][is_ascii(self.app)])
        telling = self.telling
        widths = {key: width for key, width in natural.items() if key in telling or not self._runs}
        widths["name"] = min(natural["name"], max(_NAME_AT_LEAST, room // _NAME_SHARE))
        if "differs" in widths:
            widths["differs"] = min(natural["differs"], max(_DIFFERS_AT_LEAST, room // _NAME_SHARE))
        room -= 1 + _PADDING  # the mark
        for column in sorted(COLUMNS, key=lambda column: max(column.rank, _SORTED_RANK * (column.key == self._sort))):
            if sum(widths.values()) + _PADDING * len(widths) <= room or column.key == "name":
                break
            widths.pop(column.key, None)
        for key in ("name", "differs"):
            if key in widths:
                left = room - sum(widths.values()) - _PADDING * len(widths)
                widths[key] = max(1, min(natural[key], widths[key] + left))
        return widths

    def _heading(self, key: str) -> str:
        title = next(column.title for column in COLUMNS if column.key == key)
        signs = "v^" if is_ascii(self.app) else "▾▴"
        return f"{title} {signs[self._reverse]}" if key == self._sort else title

    def _row(self, run: RunSummary, widths: Mapping[str, int]) -> tuple[Text, ...]:
        mark = ("*" if is_ascii(self.app) else "●") if run.id in self._marked else ""
        cells = [Text(mark, rich_style(self.app, "primary"))]
        return (*cells, *(self._cell(run, column, widths[column.key]) for column in COLUMNS if column.key in widths))

    def _text(self, column: Column, run: RunSummary) -> str:
        """What a cell says, made safe to show; a name below its parent's is set in."""
        depth = self._depths.get(run.id, 0) if column.key == "name" else 0
        branch = "  " * (depth - 1) + ("`- " if is_ascii(self.app) else "└ ") if depth else ""
        return branch + clean(column.text(run))

    def _cell(self, run: RunSummary, column: Column, width: int) -> Text:
        text = self._text(column, run)
        style = {"name": "bold", "tags": rich_style(self.app, "primary")}.get(column.key, "")
        if column.key == "state":
            text = f"{STATE_SIGNS.get(run.state, ('!', '!'))[is_ascii(self.app)]} {text}"
            style = rich_style(self.app, _ROLES.get(run.state, "foreground"))
        return Text(fit(text, width), style, justify="right" if column.right else "left")
