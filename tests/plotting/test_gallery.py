"""Small pictures with words below them: how many are seen, where they stand, and what is written of them."""

from __future__ import annotations

from typing import get_args
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from workbench.plotting.pictures import Gallery, Mode, Scale, Tile

SIZES = [(1, 1), (7, 3), (30, 5), (54, 12), (100, 30)]


def images(count: int, side: int = 28) -> Gallery:
    """Pictures that are dark but for their last row."""
    values = np.zeros((side, side))
    values[-1] = 255.0
    tiles = [Tile((f"{number} → 9", f"#{number} at 50%"), f"sample {number}", values) for number in range(count)]
    return Gallery("worst", tiles, Scale(0.0, 255.0))


def series(count: int) -> Gallery:
    """Ramps of two lines, every second step kept, the seventh step marked."""
    values = np.stack((np.arange(10.0), np.full(10, np.nan)), axis=1)
    return Gallery(
        "worst", [Tile(("a → b",), f"sample {number}", values, 7) for number in range(count)], Scale(0.0, 1.0), True, 2
    )


@pytest.mark.parametrize("gallery", [images(5), series(5), images(0)], ids=["images", "series", "none"])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_drawn_at_any_size(gallery: Gallery, size: tuple[int, int]) -> None:
    """Exactly as large as asked for, ASCII where asked for; a cursor finds each picture that is seen, and no other."""
    for mode in get_args(Mode):
        for start in range(max(1, len(gallery.tiles))):
            drawn = gallery.draw(*size, mode, (0, start))
            text = drawn.canvas.text().plain
            assert (drawn.canvas.width, drawn.canvas.height) == size
            assert mode != "ascii" or text.isascii()
            seen = {place[1] for line in range(size[1]) for at in range(size[0]) if (place := drawn.at(line, at)) is not None}
            assert seen == set(range(start, start + drawn.seen[1]))


def test_all_are_seen_where_there_is_room() -> None:
    """As few rows as will do; otherwise the title says which ones, and the next page begins behind them."""
    wide = images(6).draw(180, 18, "colour")
    assert wide.seen == (1, 6)
    assert "of 6" not in wide.canvas.text().plain
    narrow = images(9).draw(60, 17, "colour")
    count = narrow.seen[1]
    assert 1 < count < 9
    assert f"(1 to {count} of 9)" in narrow.canvas.text().plain
    later = images(9).draw(60, 17, "colour", (0, count)).canvas.text().plain
    assert f"#{count} at 50%" in later
    assert "#0 at 50%" not in later
    assert "worst (1 of 9)" in images(9).draw(18, 12, "colour").canvas.text().plain


def test_a_picture_stands_above_its_words() -> None:
    """28 rows of half blocks take 14 lines; the bright row is the last one of them."""
    drawn = images(1).draw(40, 17, "colour")
    lines = [list(drawn.canvas.runs(row)) for row in range(17)]
    bright = Scale(0.0, 255.0).colour(31)
    assert [row for row, runs in enumerate(lines) if any(bright in style for _, style in runs)] == [14]
    assert [row for row, text in enumerate(drawn.canvas.text().plain.split("\n")) if text.startswith("0 → 9")] == [15]


def test_the_wrong_step_is_marked() -> None:
    """Below the axis of the series, in the third quarter of its 19 steps."""
    text = series(1).draw(26, 10, "plain").canvas.text().plain
    (line,) = [line for line in text.split("\n") if "▲" in line]
    assert 7 <= line.index("▲") <= 12


def test_it_is_written_as_svg_and_records() -> None:
    """A rectangle for each stretch of one shade, a line for each series; every number with its sample and place."""
    height, document = images(5).svg("white", "a run")
    root = ET.fromstring(document)  # noqa: S314 - our own
    assert int(root.get("height") or 0) == height
    assert document.count("<rect") == 1 + 5 * 28
    assert document.count("#4 at 50%") == 1
    _, lines = series(2).svg("dark", "a run")
    assert lines.count("<polyline") == 4
    assert lines.count("stroke-dasharray") == 2
    records = list(series(1).records())
    assert records[0] == ("sample 0", "1 1", 0.0)
    assert records[-1] == ("sample 0", "19 1", 9.0), "gaps are left out"
