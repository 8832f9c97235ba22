"""What the model answers on validation samples at the newest evaluation, right or wrong marked by a sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from workbench.tui.glyphs import glyphs_of, is_ascii
from workbench.tui.widgets.halfblock import Mode, pictures

if TYPE_CHECKING:
    from workbench.runs.records import Probe

__all__ = ["Predictions"]

_IMAGE_WIDTH = 20
_LONGEST_INPUT = 600
"""Characters of an input that are shown; a series of thousands of numbers tells nobody more."""


class Predictions(VerticalScroll):
    """Samples of the validation set with target and answer."""

    HELP = """
    ## Predictions

    The same validation samples after every evaluation: what goes in, what should come out, what the model answers.
    A sign stands before each answer: right or wrong; beside a number stands its error. `up` `down` scroll.
    """
    DEFAULT_CSS: ClassVar[str] = """
    Predictions {
        padding: 0 1; scrollbar-size-vertical: 1;
        & > Static { height: auto; }
        & > .summary { color: $text-muted; margin-bottom: 1; }
    }
    """
    HINT = "Answers on validation samples appear here after the first evaluation."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._probe: Probe | None = None

    def compose(self) -> ComposeResult:
        """A line on the whole, and the samples."""
        yield Static(self.HINT, classes="summary", markup=False)
        yield Static(classes="items")

    def show(self, probe: Probe | None) -> None:
        """Show another set of answers."""
        if probe is not self._probe:
            self._probe = probe
            self._draw()

    def on_resize(self) -> None:
        """Answers are drawn to the width."""
        self._draw()

    def _draw(self) -> None:
        if not self.children:
            return
        summary, body = self.query_one(".summary", Static), self.query_one(".items", Static)
        items: Sequence[Mapping[str, Any]] = self._probe.info.get("items", ()) if self._probe else ()
        if self._probe is None or not items:
            summary.update(self.HINT)
            body.update("")
            return
        signs = glyphs_of(self.app)
        judged = [bool(item["correct"]) for item in items if item.get("correct") is not None]
        score = f" {signs.dot} {sum(judged)} of {len(judged)} right" if judged else ""
        summary.update(f"step {self._probe.step:,} {signs.dot} {self._probe.name}{score}")
        if self._probe.array is not None:
            mode: Mode = "ascii" if is_ascii(self.app) else ("plain" if self.app.no_color else "colour")
            captions = [self._caption(item) for item in items]
            images = list(zip(self._probe.array, captions, strict=False))
            body.update(pictures(images, max(1, self.scrollable_content_region.width), mode, _IMAGE_WIDTH))
        else:
            body.update(self._table(items))

    def _sign(self, item: Mapping[str, Any]) -> str:
        signs = glyphs_of(self.app)
        return {True: signs.right, False: signs.wrong}.get(item.get("correct"), signs.dot)  # type: ignore[arg-type]  # None: not judged

    def _caption(self, item: Mapping[str, Any]) -> str:
        arrow = glyphs_of(self.app).arrow
        answer = "" if item.get("correct") else f" {arrow} {item.get('predicted', '')}"
        return f"{self._sign(item)} {item.get('target', '')}{answer}"

    def _table(self, items: Sequence[Mapping[str, Any]]) -> Table:
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style="bold")
        numbers = [_numbers(item) for item in items]
        if all(pair is not None for pair in numbers):
            for name in ("predicted", "target", "error"):
                table.add_column(name, justify="right", no_wrap=True)
            table.add_column("input", ratio=1, overflow="ellipsis", no_wrap=True)
            for item, pair in zip(items, numbers, strict=True):
                if pair is not None:
                    predicted, target = pair
                    cells = [f"{predicted:.4f}", f"{target:.4f}", f"{predicted - target:+.4f}"]
                    table.add_row(cells[0], Text(cells[1], "dim"), Text(cells[2], "bold"), _input(item))
            return table
        table.add_column("", width=2)
        table.add_column("predicted", ratio=2, overflow="fold")
        table.add_column("target", ratio=2, overflow="fold")
        table.add_column("input", ratio=3, overflow="ellipsis", no_wrap=True)
        colours = self.app.theme_variables
        for item in items:
            colour = {True: colours.get("success", ""), False: colours.get("error", "")}.get(item.get("correct"), "")  # type: ignore[arg-type]  # None: not judged
            table.add_row(
                Text(self._sign(item), colour),
                Text(str(item.get("predicted", ""))),
                Text(str(item.get("target", "")), "dim"),
                _input(item),
            )
        return table


def _numbers(item: Mapping[str, Any]) -> tuple[float, float] | None:
    """Answer and target where they are numbers that nobody judges right or wrong, else None."""
    if item.get("correct") is not None:
        return None
    try:
        return float(item.get("predicted", "")), float(item.get("target", ""))
    except ValueError:
        return None


def _input(item: Mapping[str, Any]) -> Text:
    return Text(str(item.get("input", ""))[:_LONGEST_INPUT], "dim")
