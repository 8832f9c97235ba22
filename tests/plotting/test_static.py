"""Figures that are drawn once, by plotext."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.plotting import Series
from workbench.plotting.static import static_figure


def figure(
    y: object, size: tuple[int, int] = (40, 10), marker: str = "", *, log_y: bool = False, ascii_only: bool = False
) -> list[str]:
    """One line over 0, 1, 2 ... as lines of text."""
    values = np.asarray(y, dtype=np.float64)
    line = Series("loss", np.arange(len(values), dtype=np.float64), values, "cyan", marker)
    return static_figure([line], *size, log_y=log_y, ascii_only=ascii_only).plain.split("\n")


@pytest.mark.parametrize("size", [(20, 6), (33, 7), (120, 30)])
@pytest.mark.parametrize("values", [[0.5], [np.nan, np.inf], [1e300, -1e300, 0.0], np.linspace(3, 1e-6, 5000)], ids=str)
@pytest.mark.parametrize("log_y", [False, True])
def test_any_data_at_any_size(size: tuple[int, int], values: object, *, log_y: bool) -> None:
    """Exactly the size asked for, whatever the data and the terminal; with ASCII nothing else."""
    for ascii_only in (False, True):
        lines = figure(values, size, marker="●", log_y=log_y, ascii_only=ascii_only)
        assert len(lines) == size[1]
        assert {len(line) for line in lines} == {size[0]}
        assert not ascii_only or "".join(lines).isascii()


def test_the_ticks_are_those_of_a_logarithmic_axis() -> None:
    """Decades stand at the left, equally far from each other, and a curve that falls exponentially is straight."""
    lines = figure(10.0 ** -np.arange(5.0), (40, 16), log_y=True)
    labels = {line.partition("┤")[0].strip(): row for row, line in enumerate(lines) if "┤" in line}
    assert list(labels) == ["1e0", "1e-2", "1e-4"]
    assert labels["1e-2"] - labels["1e0"] == pytest.approx(labels["1e-4"] - labels["1e-2"], abs=1)
    first = [line.find(next((char for char in line if "⠀" < char <= "⣿"), "?")) for line in lines[:-2]]
    drawn = np.array([column for column in first if column >= 0])
    straight = np.linspace(drawn[0], drawn[-1], len(drawn))
    assert np.abs(drawn - straight).max() < 3


def test_gaps_and_markers() -> None:
    """A NaN parts a line, each of few points has its marker, of many none; the colour is the line's."""
    lines = figure([1, 1, 1, np.nan, np.nan, 1, 1], marker="●")
    (row,) = [line for line in lines if "●" in line]
    assert row.count("●") == 5
    gap = row[: row.rindex("●")].rindex("●")
    assert row[row[:gap].rindex("●") + 1 : gap].isspace()
    assert not any("●" in line for line in figure(np.ones(100), marker="●"))
    line = Series("loss", np.arange(3.0), np.arange(3.0), "cyan")
    assert {span.style.color.number for span in static_figure([line], 40, 10).spans} == {6}  # type: ignore[union-attr]
