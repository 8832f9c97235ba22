"""What a view of a probe is, and how one of its plots is drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from workbench.plotting.canvas import Canvas, fit
from workbench.plotting.figure import Mark, Palette, Series, draw_figure

__all__ = ["Plot", "ProbeView", "draw_plot"]

_PALETTE = Palette(axis="axis", label="label", crosshair="crosshair")
_LEGEND_FROM = 5
"""Rows from which a plot has its title and legend above it."""


@dataclass(frozen=True, eq=False)
class Plot:
    """One figure of a probe.

    Attributes:
        title: what over what ("error over ridge").
        series: the lines; their colours are roles (`train`, `validation`, `other`).
        log_x, log_y: logarithmic axes.
        marks: signs on the x axis.
    """

    title: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    marks: tuple[Mark, ...] = ()


class ProbeView(ABC):
    """How one kind of probe is drawn. Importing its file imports neither torch nor textual."""

    name: ClassVar[str]
    """The kind of probe; set from the file's name."""
    title: ClassVar[str]
    """Its name for people, in a word or two."""
    about: ClassVar[str]
    """What is seen and how it is read, in two or three sentences."""
    leads: ClassVar[bool] = False
    """Whether it says more of a run than answers on single samples: the interface then opens it first."""

    @classmethod
    @abstractmethod
    def fits(cls, array: NDArray[np.generic]) -> bool:
        """Whether an array is of the form that is drawn here; another version may have written another one."""

    @classmethod
    @abstractmethod
    def summary(cls, array: NDArray[np.generic], experiment: Mapping[str, Any]) -> str:
        """What the array says, in a line.

        Args:
            array: the probe's numbers.
            experiment: the run's experiment as plain values; empty where it is not known.
        """

    @classmethod
    @abstractmethod
    def plots(cls, array: NDArray[np.generic], experiment: Mapping[str, Any]) -> Sequence[Plot]:
        """The array as figures, the first one the most important. Arguments as of `summary`."""


def draw_plot(plot: Plot, width: int, height: int, *, ascii_only: bool = False) -> tuple[Canvas, ...]:
    """A plot as canvases that stand one below the other, `height` rows in all; styles are names of roles.

    Args:
        plot: what to draw.
        width, height: size in cells; where there are few rows, title and legend are left out.
        ascii_only: use no character outside ASCII.
    """
    legend = (_legend(plot, width, ascii_only=ascii_only),) if height >= _LEGEND_FROM else ()
    drawing = draw_figure(
        plot.series,
        width,
        height - len(legend),
        log_x=plot.log_x,
        log_y=plot.log_y,
        marks=plot.marks,
        palette=_PALETTE,
        ascii_only=ascii_only,
    )
    return (*legend, drawing.canvas)


def _legend(plot: Plot, width: int, *, ascii_only: bool) -> Canvas:
    """The title, then each line's sign and name (not those of faint ones); where room is short they stand closer first."""
    canvas = Canvas(width, 1)
    title = fit(plot.title, width)
    canvas.put(0, 0, title, "title")
    lines = [line for line in plot.series if not line.faint]
    column = cell_len(title) + 2
    gap = 2 if column + sum(cell_len(line.name) + 4 for line in lines) - 2 <= width else 1
    for line in lines:
        if column + 2 + cell_len(line.name) > width:
            break
        canvas.put(0, column, ("o" if line.marker else "-") if ascii_only else (line.marker or "━"), line.colour)
        canvas.put(0, column + 2, line.name, "label")
        column += cell_len(line.name) + 2 + gap
    return canvas
