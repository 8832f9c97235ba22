"""Scores on held-out data next to what trivial predictors reach, and with which weights they were measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from workbench.cards.catalog import known_metrics
from workbench.plotting.canvas import clean
from workbench.plotting.saving import Contents, sheet_contents
from workbench.saying import exact
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.panels._panel import Panel
from workbench.tui.panels._scrolled import Scrolled

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.tui.run.data import Line, RunData
    from workbench.tui.run.moment import Moment

__all__ = ["MetricsPanel"]


_SPLITS = ("validation", "test", "test_best")
"""What a tag may begin with; others are rows of their own."""


class MetricsTable(Keepable, Scrolled):
    """One row for each metric: on validation data newest, lowest and highest, on test data with the last and the best weights."""

    HELP = """
    ## Metrics

    What the model scores, beside the score of a trivial predictor. On validation data: newest (or at the moment that `[` and
    `]` move), lowest and highest value. On test data, measured once at the end: with the weights of the last step, and with
    those that were best on validation, which export and predict take. Below the table, what each metric is.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("keep")]
    DEFAULT_CSS: ClassVar[str] = "MetricsTable { padding: 0 1; & > Words { height: auto; } }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: Mapping[str, Line] = {}
        self._baselines: Mapping[str, str] = {}
        self._best_step: int | None = None
        self._at: int | None = None

    def compose(self) -> ComposeResult:
        """The table."""
        yield Words()

    def show(self, lines: Mapping[str, Line], baselines: Mapping[str, str], best_step: int | None, at: int | None) -> None:
        """Show other values; lines that have not grown are the same objects, and nothing is drawn again for them.

        Args:
            lines: series by tag.
            baselines: a trivial predictor's score in words, by metric.
            best_step: the step whose weights were best on validation, where that is known.
            at: the step of training whose values stand in the first column; None for the newest.
        """
        if at == self._at and lines.keys() == self._lines.keys() and all(lines[tag] is self._lines[tag] for tag in lines):
            return
        self._lines, self._baselines, self._best_step, self._at = lines, baselines, best_step, at
        self._draw()

    def contents(self) -> Contents | None:
        """The table, with its numbers as exactly as they are known."""
        if not self._lines:
            return None
        newest = "validation" if self._at is None else f"validation at {self._at}"
        columns = ("metric", newest, "lowest", "highest", "test, last weights", "test, best weights", "baseline")
        rows = []
        for name, row in _rows(self._lines).items():
            held = row.get("validation")
            cells = [None] * 3 if held is None else [_value(held, self._at), float(held.values.min()), float(held.values.max())]
            cells += [float(row[split].values[-1]) if split in row else None for split in _SPLITS[1:]]
            rows.append((name, *cells, self._baselines.get(name.rpartition("/")[2], "")))
        return sheet_contents("Metrics", "metrics", columns, rows)

    def on_mount(self) -> None:
        """Draw what was given before."""
        self._draw()

    def _draw(self) -> None:
        lines, baselines, best_step = self._lines, self._baselines, self._best_step
        if not self.children or not lines:
            return
        notes = Table.grid(padding=(0, 2, 0, 0))
        notes.add_column(no_wrap=True)
        notes.add_column(overflow="fold", style="dim")
        tests = {split: line for split in _SPLITS[1:] for tag, line in lines.items() if tag.startswith(f"{split}/")}
        if "test" in tests:
            notes.add_row("last", f"test data with the weights of the last step, {int(tests['test'].steps[-1]):,}")
        if "test_best" in tests:
            step = "" if best_step is None else f" (step {best_step:,})"
            notes.add_row("best", f"test data with the weights that were best on validation{step}; export and predict take these")
        known = known_metrics()
        for name in dict.fromkeys(tag.rpartition("/")[2] for tag in lines):
            if name in known:
                notes.add_row(name, known[name].meaning)
        self.query_one(Words).update(Group(_table(lines, baselines, self._at), "", notes))


def _rows(lines: Mapping[str, Line]) -> dict[str, dict[str, Line]]:
    """The series of each metric, by where it was measured."""
    rows: dict[str, dict[str, Line]] = {}
    for tag, line in lines.items():
        split, _, metric = tag.partition("/")
        name, place = (metric, split) if split in _SPLITS else (tag, _SPLITS[0])
        rows.setdefault(name, {})[place] = line
    return rows


def _table(lines: Mapping[str, Line], baselines: Mapping[str, str], at: int | None) -> Table:
    rows = _rows(lines)
    tested = [split for split in _SPLITS[1:] if any(split in row for row in rows.values())]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("\nmetric", no_wrap=True)
    for title in ("validation\nnewest" if at is None else f"validation\nat {at:,}", "\nlowest", "\nhighest"):
        table.add_column(title, justify="right", no_wrap=True)
    for index, split in enumerate(tested):
        table.add_column(
            f"{'' if index else 'test'}\n{split.removeprefix('test_').replace('test', 'last')}", justify="right", no_wrap=True
        )
    words = {name: baselines.get(name.rpartition("/")[2], "") for name in rows}
    if any(words.values()):
        table.add_column("\nbaseline", overflow="fold")
    for name, row in rows.items():
        held = row.get("validation")
        newest = _value(held, at) if held is not None else None
        cells = ["" if held is None else "-" if newest is None else exact(newest)]
        cells += [""] * 2 if held is None else [exact(float(held.values.min())), exact(float(held.values.max()))]
        cells += [exact(float(row[split].values[-1])) if split in row else "" for split in tested]
        table.add_row(
            clean(name), Text(cells[0], "bold"), *cells[1:], *([Text(words[name], "dim")] if any(words.values()) else [])
        )
    return table


def _value(line: Line, at: int | None) -> float | None:
    """The value of the last measurement up to a step, or the newest one; None before the first."""
    count = len(line.steps) if at is None else int(np.searchsorted(line.steps, at, side="right"))
    return float(line.values[count - 1]) if count else None


class MetricsPanel(Panel):
    """Held-out metrics, there from the first evaluation on."""

    title = "Metrics"
    place = 35
    opens = True

    def __init__(self) -> None:
        self._table = MetricsTable()

    def widget(self) -> Widget:
        """The table."""
        return self._table

    def exists(self, run: RunData | None) -> bool:
        """Whether anything was measured on held-out data."""
        return bool(_held_out(run))

    def show_run(self, run: RunData | None, moment: Moment) -> None:
        """The scores so far, and those of that moment."""
        if run is not None:
            best = run.meta.get("best")
            step = best.get("step") if isinstance(best, Mapping) else None
            self._table.show(_held_out(run), run.meta.get("baselines", {}), step if isinstance(step, int) else None, moment.step)


def _held_out(run: RunData | None) -> dict[str, Line]:
    lines = run.lines if run is not None else {}
    return {tag: line for tag, line in lines.items() if not tag.startswith("train/") and len(line.values)}
