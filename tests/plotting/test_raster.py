"""Lines as cells, against a drawing dot by dot in plain Python and pictures written down by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workbench.plotting.raster import raster

Cell = tuple[str, int]
shares = st.one_of(st.floats(0, 1), st.just(math.nan))
BITS = {0: (0x01, 0x08), 1: (0x02, 0x10), 2: (0x04, 0x20), 3: (0x40, 0x80)}


def dots(x: list[float], y: list[float], width: int, height: int) -> set[tuple[int, int]]:
    """(row, column) of each dot of a line: the points, and between two of them as many steps as the longer way has."""
    places = [
        None
        if math.isnan(across) or math.isnan(up)
        else (height - 1 - int(min(up * height, height - 1)), int(min(across * width, width - 1)))
        for across, up in zip(x, y, strict=True)
    ]
    drawn = {place for place in places if place is not None}
    for start, stop in pairwise(places):
        if start is None or stop is None:
            continue
        down, right = stop[0] - start[0], stop[1] - start[1]
        count = max(abs(down), abs(right))
        drawn |= {(round(start[0] + n / count * down), round(start[1] + n / count * right)) for n in range(count)}
    return drawn


def expected(
    lines: list[tuple[np.ndarray, np.ndarray]], markers: list[str], width: int, height: int
) -> dict[tuple[int, int], Cell]:
    """Character and line of each cell that is not empty, by (row, column)."""
    cells: dict[tuple[int, int], Cell] = {}
    for index, ((x, y), marker) in enumerate(zip(lines, markers, strict=True)):
        if marker != "braille":
            cells |= dict.fromkeys(dots(x.tolist(), y.tolist(), width, height), (marker, index))
            continue
        bits: dict[tuple[int, int], int] = {}
        for row, column in dots(x.tolist(), y.tolist(), 2 * width, 4 * height):
            cell = (row // 4, column // 2)
            bits[cell] = bits.get(cell, 0) | BITS[row % 4][column % 2]
        cells |= {cell: (chr(0x2800 + bit), index) for cell, bit in bits.items()}
    return cells


def rows(cells: list[tuple[int, int, str, int]], width: int, height: int) -> list[str]:
    """The cells as lines of text."""
    picture = [[" "] * width for _ in range(height)]
    for row, column, char, _ in cells:
        picture[row][column] = char
    return ["".join(line) for line in picture]


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(
        st.integers(0, 30).flatmap(
            lambda n: st.tuples(*[hnp.arrays(np.float64, n, elements=shares)] * 2, st.sampled_from(["braille", "*", "."]))
        ),
        max_size=4,
    ),
    width=st.integers(1, 60),
    height=st.integers(1, 20),
)
def test_every_cell_is_as_drawn_dot_by_dot(lines: list[tuple[np.ndarray, np.ndarray, str]], width: int, height: int) -> None:
    """The cells, their characters and their lines are those of a drawing dot by dot, each once, row by row."""
    parts, markers = [(x, y) for x, y, _ in lines], [marker for _, _, marker in lines]
    cells = raster(parts, markers, width, height)
    assert {(row, column): (char, index) for row, column, char, index in cells} == expected(parts, markers, width, height)
    places = [cell[:2] for cell in cells]
    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("marker", "picture"),
    [("braille", ["⠱⡀   ⢀⠎", " ⠘⡄ ⢀⠎ ", "  ⠈⢆⠎  "]), ("*", ["*     *", " ** ** ", "   *   "])],
)
def test_a_valley(marker: str, picture: list[str]) -> None:
    """A line that falls and rises, in both alphabets."""
    valley = (np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.0, 1.0]))
    assert rows(raster([valley], [marker], 7, 3), 7, 3) == picture


def test_a_diagonal() -> None:
    """A line from corner to corner of a square of dots."""
    assert rows(raster([(np.array([0.0, 1.0]), np.array([1.0, 0.0]))], ["braille"], 4, 2), 4, 2) == ["⠑⢄  ", "  ⠑⢄"]


def test_a_gap_is_left_empty_and_the_later_line_lies_on_top() -> None:
    """Nothing joins the points beside a NaN, and where two lines cross the cell is the later one's."""
    x, level = np.linspace(0, 1, 5), np.full(5, 0.5)
    broken = (x, np.array([0.5, 0.5, np.nan, 0.5, 0.5]))
    cells = raster([broken], ["*"], 9, 1)
    assert rows(cells, 9, 1) == ["***   ***"]
    assert {index for *_, index in raster([broken, (x, level)], ["*", "o"], 9, 1)} == {1}
