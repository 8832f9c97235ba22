"""The table of runs and groups of runs: as many columns as the width has room for, the most telling ones longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable

from workbench.plotting.canvas import clean, fit
from workbench.plotting.saving import Contents, sheet_contents
from workbench.plotting.signs import STATE_SIGNS
from workbench.runs.groups import RunGroup
from workbench.runs.lineage import family_tree
from workbench.runs.listing import PINNED
from workbench.runs.summary import RunSummary
from workbench.tui.base.keepable import Keepable
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of, is_ascii
from workbench.tui.themes import rich_style
from workbench.tui.widgets.runs_columns import COLUMNS, Column, Row, row_id
from workbench.tui.widgets.runs_view import RunsView

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
_KEYS = ("runs.open", "runs.unfold", "runs.close")
_ROLES = {"running": "success", "failed": "error", "lost": "error", "damaged": "error", "paused": "warning"}


def _is_pinned(row: Row) -> bool:
    """Whether a run, or one of a group, is to stand first."""
    return any(PINNED in run.tags for run in (row.runs if isinstance(row, RunGroup) else (row,)))


class RunsTable(Keepable, DataTable[Text]):
    """Runs as rows. What has no room in the row is told by `hidden`, for a line below the table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list"),
        *bindings("keep"),
        *(key for key in bindings("runs") if key.id in _KEYS),
    ]
    """Keys of the screen once more here, where a table has keys of its own that would hide them."""

    @dataclass
    class Unfold(Message):
        """The group under the cursor is to be opened, or closed."""

        to_open: bool

    @dataclass
    class Fitted(Message):
        """Other columns are shown than before."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - textual's own name for it
        super().__init__(cursor_type="row", zebra_stripes=False, id=id)
        self._rows: Sequence[Row] = ()
        self._depths: Mapping[str, int] = {}
        self._opened: frozenset[str] = frozenset()
        self._marked: frozenset[str] = frozenset()
        self._sort, self._reverse = "age", False
        self._cells: dict[str, tuple[Text, ...]] = {}
        self._widths: dict[str, int] = {}

    # What others call --------------------------------------------------------------------------------------------------

    def show(self, view: RunsView) -> None:
        """Show runs, sorted; only what is different is drawn anew, so that cursor and scrolling stay where they are."""
        key = next(column.place for column in COLUMNS if column.key == view.sort)

        def ordered(rows: Sequence[Row]) -> list[Row]:
            those = sorted(rows, key=lambda row: (key(row), row_id(row)), reverse=view.reverse)
            return sorted(those, key=lambda row: not _is_pinned(row))

        self._depths = {}
        if view.is_folded:
            self._rows = []
            for row in ordered([group if len(group.runs) > 1 else group.runs[0] for group in view.groups]):
                members = ordered(row.runs) if isinstance(row, RunGroup) and row.key in view.opened else []
                self._rows += [row, *members]
                self._depths |= dict.fromkeys(map(row_id, members), 1)
        else:
            self._rows = ordered(view.runs)
        if view.sort == "from" and not view.is_folded:
            tree = family_tree([row for row in self._rows if isinstance(row, RunSummary)])
            self._rows, self._depths = [run for run, _ in tree], {run.id: depth for run, depth in tree}
        self._marked, self._opened = frozenset(view.marked), frozenset(view.opened)
        self._sort, self._reverse = view.sort, view.reverse
        self._update()

    @property
    def current(self) -> Row | None:
        """The run or group under the cursor."""
        key = self._current_key
        return next((row for row in self._rows if row_id(row) == key), None)

    @property
    def _current_key(self) -> str | None:
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key((self.cursor_row, 0)).row_key.value  # type: ignore[arg-type]  # a pair is a Coordinate

    def go_to(self, row: Row) -> None:
        """Put the cursor on a row, where it is shown."""
        ids = [row_id(each) for each in self._rows]
        if row_id(row) in ids:
            self.move_cursor(row=ids.index(row_id(row)), animate=False)

    @property
    def telling(self) -> list[str]:
        """Keys of the columns in which a row has anything to say; the name always."""
        return [column.key for column in COLUMNS if column.key == "name" or any(column.says(row) for row in self._rows)]

    def hidden(self, row: Row) -> list[str]:
        """What a row has no room for, each with its heading."""
        facts = []
        for column in COLUMNS:
            text = self._text(column, row)
            if text and column.key not in self._widths:
                facts.append(f"{column.title} {text}")
            elif column.key == "name" and cell_len(text) > self._widths["name"]:
                facts.insert(0, clean(column.says(row)))
            elif text and column.key == "differs" and cell_len(text) > self._widths["differs"]:
                facts.append(f"{column.title} {text}")
        return facts

    def contents(self) -> Contents | None:
        """All rows in their order, with every column in which a run has anything to say, and ids by which commands find them."""
        columns = [column for column in COLUMNS if column.key in self.telling]
        rows = [
            (row.name if isinstance(row, RunGroup) else row.id, *(column.says(row) for column in columns)) for row in self._rows
        ]
        return sheet_contents("Runs", "runs", ["id", *(column.title for column in columns)], rows) if rows else None

    def action_scroll_home(self) -> None:
        """To the first row: in a table of rows that is where `home` leads."""
        self.action_scroll_top()

    def action_scroll_end(self) -> None:
        """To the last row."""
        self.action_scroll_bottom()

    def action_open_run(self) -> None:
        """Choose the row under the cursor."""
        self.action_select_cursor()

    def action_unfold(self, to_open: bool) -> None:  # noqa: FBT001 - a key's argument
        """Open or close the group under the cursor."""
        self.post_message(self.Unfold(to_open))

    # Drawing -----------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Another width has room for other columns."""
        self._update()

    def _update(self) -> None:
        widths = self._fitting(self.scrollable_content_region.width or self.size.width)
        rows = {row_id(row): self._row(row, widths) for row in self._rows}
        if widths != self._widths or list(rows) != list(self._cells):
            self._fill(widths, rows)
        else:
            for row, cells in rows.items():
                for key, cell, old in zip(("mark", *widths), cells, self._cells[row], strict=True):
                    if cell != old:
                        self.update_cell(row, key, cell)
        self._cells = rows
        for name, column in ((key.value, column) for key, column in self.columns.items()):
            if name in widths:
                column.label = Text(self._heading(name))
        self.refresh()

    def _fill(self, widths: Mapping[str, int], rows: Mapping[str, tuple[Text, ...]]) -> None:
        current = self._current_key
        if widths != self._widths or not self.columns:
            self._widths = dict(widths)
            self.clear(columns=True)
            self.add_column("", key="mark", width=1)
            for key, width in widths.items():
                self.add_column(self._heading(key), key=key, width=width)
            self.post_message(self.Fitted())
        else:
            self.clear()
        for row, cells in rows.items():
            self.add_row(*cells, key=row)
        if current is not None and current in rows:
            self.move_cursor(row=list(rows).index(current), animate=False)

    def _fitting(self, room: int) -> dict[str, int]:
        """The columns that fit, with their widths.

        The lowest rank goes first, that by which rows are sorted after all but name and state; name and differences take what is
        left.
        """
        natural = {
            column.key: max([cell_len(self._heading(column.key)), *(cell_len(self._text(column, row)) for row in self._rows)])
            for column in COLUMNS
        }
        natural["state"] += 1 + cell_len(STATE_SIGNS["finished"][is_ascii(self.app)])
        telling = self.telling
        widths = {key: width for key, width in natural.items() if key in telling or not self._rows}
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

    def _row(self, row: Row, widths: Mapping[str, int]) -> tuple[Text, ...]:
        cells = [Text(self._mark(row), rich_style(self.app, "primary"))]
        return (*cells, *(self._cell(row, column, widths[column.key]) for column in COLUMNS if column.key in widths))

    def _mark(self, row: Row) -> str:
        """The sign of a marked run; a group of which only some are has another one."""
        ids = {run.id for run in row.runs} if isinstance(row, RunGroup) else {row.id}
        if not ids & self._marked:
            return ""
        whole, some = "*+" if is_ascii(self.app) else "●◐"
        return whole if ids <= self._marked else some

    def _text(self, column: Column, row: Row) -> str:
        """What a cell says, made safe to show; a name below its parent's, or its group's, is set in."""
        depth = self._depths.get(row_id(row), 0) if column.key == "name" else 0
        branch = "  " * (depth - 1) + ("`- " if is_ascii(self.app) else "└ ") if depth else ""
        return branch + clean(column.says(row))

    def _cell(self, row: Row, column: Column, width: int) -> Text:
        text = self._text(column, row)
        style = {"name": "bold", "tags": rich_style(self.app, "primary")}.get(column.key, "")
        if column.key == "state" and isinstance(row, RunGroup):
            glyphs = glyphs_of(self.app)
            text = f"{glyphs.opened if row.key in self._opened else glyphs.folded} {text}"
        elif column.key == "state" and isinstance(row, RunSummary):
            text = f"{STATE_SIGNS.get(row.state, ('!', '!'))[is_ascii(self.app)]} {text}"
            style = rich_style(self.app, _ROLES.get(row.state, "foreground"))
        return Text(fit(text, width), style, justify="right" if column.right else "left")
