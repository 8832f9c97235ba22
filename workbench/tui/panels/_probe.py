"""The panel of one kind of probe: a line of words and up to two figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from workbench.tui.base.plain import Words, as_is
from workbench.tui.charts.probe_plot import ProbePlot
from workbench.tui.glyphs import glyphs_of
from workbench.tui.panels._panel import Panel
from workbench.tui.wording import weights_words

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.plotting.probes import ProbeView
    from workbench.runs.records import Probe
    from workbench.tui.run.data import RunData

__all__ = ["ProbePanel"]

_BESIDE_FROM = 72
"""Columns from which two figures stand side by side; below that they do while there are too few lines for both."""
_BELOW_FROM = 18
"""Lines from which two figures can stand one below the other."""

_LEADS, _FOLLOWS = 25, 40
"""Places of tabs, before and behind the predictions."""
_WORDS_FROM = 8
"""Lines from which the words may take two."""


class ProbeBoard(Vertical, can_focus=True):
    """Summary and figures of the newest probe of a kind.

    Args:
        view: how the probe is drawn.
    """

    DEFAULT_CSS: ClassVar[str] = """
    ProbeBoard {
        padding: 0 1;
        & > .summary { height: auto; max-height: 2; color: $text-muted; }
        & > .plots { layout: horizontal; height: 1fr; }
        & > .plots > ProbePlot { width: 1fr; height: 1fr; }
        & > .plots > .second { margin-left: 2; }
        &.-low > .summary { max-height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-below > .plots { layout: vertical; }
        &.-below > .plots > .second { margin-left: 0; margin-top: 1; }
    }
    """

    def __init__(self, view: type[ProbeView]) -> None:
        super().__init__()
        self.view = view
        self.HELP = f"## {view.title}\n\n{view.about}\n\n`m` gives the panel the whole screen, and takes it back."  # type: ignore[misc]  # each board helps with its own view
        self._probe: Probe | None = None
        self._experiment: Mapping[str, Any] = {}

    def compose(self) -> ComposeResult:
        """A line of words, and two figures of which one may stay away."""
        yield Words(classes="summary")
        with Container(classes="plots"):
            yield ProbePlot(classes="first")
            yield ProbePlot(classes="second")

    def show(self, probe: Probe | None, experiment: Mapping[str, Any]) -> None:
        """Draw another probe."""
        if probe is not self._probe:
            self._probe, self._experiment = probe, experiment
            self._draw()

    def on_mount(self) -> None:
        """Draw what was given before."""
        self._draw()

    def _draw(self) -> None:
        probe, experiment = self._probe, self._experiment
        if probe is None or probe.array is None or not self.children:
            return
        dot = glyphs_of(self.app).dot
        words = self.view.summary(probe.array, experiment)
        summary = self.query_one(".summary", Words)
        said = f"step {probe.step:,} {dot} {probe.name}{weights_words(probe.name)} {dot} {words}"
        summary.update(said)
        summary.tooltip = as_is(said)  # all of it where there is room for one line only
        plots = self.view.plots(probe.array, experiment)
        for index, place in enumerate(self.query(ProbePlot)):
            place.display = index < len(plots)
            place.show(plots[index] if index < len(plots) else None)

    def on_resize(self) -> None:
        """Two figures stand where there is more room for them; few lines are left to them."""
        self.set_class(self.size.height < _WORDS_FROM, "-low")
        self.set_class(self.size.width < _BESIDE_FROM and self.size.height >= _BELOW_FROM, "-below")


class ProbePanel(Panel):
    """The tab of one kind of probe.

    Args:
        view: how the probe is drawn.
    """

    def __init__(self, view: type[ProbeView]) -> None:
        self.name, self.title = view.name, view.title
        self.place, self.opens = (_LEADS if view.leads else _FOLLOWS), view.leads
        self._board = ProbeBoard(view)

    def widget(self) -> Widget:
        """Summary and figures."""
        return self._board

    def exists(self, run: RunData | None) -> bool:
        """Whether the run has such a probe, in a form that can be drawn."""
        return self._probe(run) is not None

    def show_run(self, run: RunData | None) -> None:
        """The newest probe."""
        self._board.show(self._probe(run), run.meta.get("experiment", {}) if run is not None else {})

    def _probe(self, run: RunData | None) -> Probe | None:
        probe = run.probes.get(self.name) if run is not None else None
        return probe if probe is not None and probe.array is not None and self._board.view.fits(probe.array) else None
