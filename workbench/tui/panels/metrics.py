"""Scores on held-out data next to what trivial predictors reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from workbench.plotting import exact
from workbench.plotting.canvas import clean
from workbench.task import MEANINGS
from workbench.tui.panels._panel import Panel
from workbench.tui.plain import Words

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.tui.run_data import Line, RunData

__all__ = ["MetricsPanel"]


class MetricsTable(VerticalScroll):
    """One row for each metric: newest, lowest and highest value, and the trivial predictor's score; below, what each one is."""

    HELP = """
    ## Metrics

    What the model scores on validation and test data, newest, lowest and highest, beside the score of a trivial predictor;
    below the table, what each metric is. `up` `down` scroll.
    """
    DEFAULT_CSS: ClassVar[str] = "MetricsTable { padding: 0 1; & > Words { height: auto; } }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: Mapping[str, Line] = {}

    def compose(self) -> ComposeResult:
        """The table."""
        yield Words()

    def show(self, lines: Mapping[str, Line], baselines: Mapping[str, str]) -> None:
        """Show other values; lines that have not grown are the same objects, and nothing is drawn again for them."""
        if lines.keys() == self._lines.keys() and all(lines[tag] is self._lines[tag] for tag in lines):
            return
        self._lines = lines
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column("metric", no_wrap=True)
        for name in ("newest", "lowest", "highest"):
            table.add_column(name, justify="right", no_wrap=True)
        words = {tag: baselines.get(tag.rpartition("/")[2], "") for tag in lines}
        if any(words.values()):
            table.add_column("baseline", overflow="fold")
        for tag, line in lines.items():
            values = line.values
            numbers = [exact(float(value)) for value in (values[-1], values.min(), values.max())]
            row: list[str | Text] = [clean(tag), Text(numbers[0], "bold"), *numbers[1:], Text(words[tag], "dim")]
            table.add_row(*row[: len(table.columns)])
        meanings = Table.grid(padding=(0, 2, 0, 0))
        meanings.add_column(no_wrap=True)
        meanings.add_column(overflow="fold", style="dim")
        if any(tag.startswith("test_best/") for tag in lines):
            meanings.add_row("test", "measured with the last weights")
            meanings.add_row("test_best", "measured with the best weights on validation, which export and predict take")
        for name in dict.fromkeys(tag.rpartition("/")[2] for tag in lines):
            if name in MEANINGS:
                meanings.add_row(name, MEANINGS[name])
        self.query_one(Words).update(Group(table, "", meanings))


class MetricsPanel(Panel):
    """Held-out metrics, there from the first evaluation on."""

    title = "Metrics"
    place = 35

    def __init__(self) -> None:
        self._table = MetricsTable()

    def widget(self) -> Widget:
        """The table."""
        return self._table

    def exists(self, run: RunData | None) -> bool:
        """Whether anything was measured on held-out data."""
        return bool(_held_out(run))

    def show_run(self, run: RunData | None) -> None:
        """The scores so far."""
        if run is not None:
            self._table.show(_held_out(run), run.meta.get("baselines", {}))


def _held_out(run: RunData | None) -> dict[str, Line]:
    lines = run.lines if run is not None else {}
    return {tag: line for tag, line in lines.items() if not tag.startswith("train/") and len(line.values)}
