"""Bars of named shares: as long as the share, at any size, and the same numbers in every form."""

from __future__ import annotations

import csv
from io import StringIO

import numpy as np
import pytest

from workbench.plotting.pictures import Shares, csv_text, svg_document, text_of

SHARES = Shares("probability", ["cat", "a very long name of a class", "dog"], np.array([0.75, 0.2, 0.05]), chosen=0)


def test_a_bar_is_as_long_as_its_share() -> None:
    """Whole cells and eighths of one, against the room that there is; the number stands behind."""
    lines = text_of(SHARES.draw(41, 6, "plain")).splitlines()
    assert lines[0] == "probability"
    room = 41 - 14 - 1 - 6  # name, blank, number
    for line, share in zip(lines[1:4], SHARES.shares.tolist(), strict=True):
        assert line.endswith(f"{share:.3f}")
        bar = line[15:-5].rstrip()
        assert bar.count("\N{FULL BLOCK}") == round(share * room * 8) // 8
    assert text_of(SHARES.draw(41, 6, "ascii")).isascii()


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 2), (12, 3), (41, 2), (200, 60)])
@pytest.mark.parametrize("mode", ["colour", "plain", "ascii"])
def test_any_size_will_do(size: tuple[int, int], mode: str) -> None:
    """What has no room is on another page, which begins where one asks."""
    drawn = SHARES.draw(*size, mode)  # type: ignore[arg-type]  # one of the modes
    assert (drawn.canvas.width, drawn.canvas.height) == size
    if size == (41, 2):
        assert drawn.seen == (2, 1)
        assert "dog" in text_of(SHARES.draw(*size, "plain", (2, 0)))


def test_the_numbers_are_the_same_in_every_form() -> None:
    """Under the cursor, in the table, in the figure."""
    assert SHARES.words(1, 0) == "a very long name of a class: 0.2"
    rows = list(csv.reader(StringIO(csv_text([SHARES]))))[1:]
    assert [(row[1], float(row[3])) for row in rows] == list(zip(SHARES.names, SHARES.shares.tolist(), strict=True))
    figure = svg_document([SHARES], "step 20")
    assert figure.count("<rect") >= 3
    assert "0.750" in figure
    assert "dog" in figure
