"""One figure of a probe, drawn to the size that it has; drawn again only when size, data or theme change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.charts.paint import strips
from workbench.tui.glyphs import is_ascii

if TYPE_CHECKING:
    from workbench.plotting.probes import Plot

__all__ = ["ProbePlot"]

_STYLES = ("train", "validation", "other", "axis", "label", "mark", "title")


class ProbePlot(Widget):
    """A figure that nobody moves about in; the charts above are for that."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plot--{name}" for name in _STYLES}
    DEFAULT_CSS: ClassVar[str] = """
    ProbePlot {
        & > .plot--train { color: $primary; }
        & > .plot--validation { color: $accent; }
        & > .plot--other { color: $success; }
        & > .plot--axis { color: $border; }
        & > .plot--label { color: $secondary; }
        & > .plot--mark { color: $warning; }
        & > .plot--title { color: $foreground; text-style: bold; }
    }
    """

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._plot: Plot | None = None
        self._drawn: tuple[tuple[object, ...], list[Strip]] | None = None

    def show(self, plot: Plot | None) -> None:
        """Draw another figure."""
        self._plot, self._drawn = plot, None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the figure."""
        width, height = self.content_size
        key = (width, height, self.app.theme, is_ascii(self.app))
        if self._plot is None or width < 1 or height < 1:
            return Strip.blank(max(0, width))
        if self._drawn is None or self._drawn[0] != key:
            from workbench.plotting.probes import draw_plot

            styles = {name: self.get_component_rich_style(f"plot--{name}") for name in _STYLES}
            styles[""] = self.rich_style
            canvases = draw_plot(self._plot, width, height, ascii_only=is_ascii(self.app))
            self._drawn = (key, [strip for canvas in canvases for strip in strips(canvas, styles)])
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Strip.blank(width)
