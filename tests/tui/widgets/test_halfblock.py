"""Pictures in text."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from rich.cells import cell_len
from rich.text import Text

from workbench.plotting.pictures import Mode
from workbench.tui.widgets.halfblock import picture, pictures

MODES = get_args(Mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (3, 7, 5), (1, 1, 1), (8, 1)])
def test_a_picture_has_a_column_a_pixel_and_half_as_many_lines(mode: Mode, shape: tuple[int, ...]) -> None:
    """Two rows of pixels make a line of text, for grey and for coloured images."""
    lines = picture(np.random.default_rng(0).random(shape), mode).plain.split("\n")
    assert len(lines) == -(-shape[-2] // 2)
    assert {cell_len(line) for line in lines} == {shape[-1]}


def test_pixels_become_colours_above_and_below() -> None:
    """The upper pixel is the foreground and the lower the background, unchanged for bytes."""
    text = picture(np.array([[10, 20], [30, 40]], dtype=np.uint8))
    styles = [span.style for span in text.spans]
    assert [str(style) for style in styles] == ["#0a0a0a on #1e1e1e", "#141414 on #282828"]


def test_without_colour_the_shape_can_still_be_read() -> None:
    """Light pixels are blocks where there is no colour, and letters in ASCII."""
    image = np.array([[0, 255, 0, 255], [0, 0, 255, 255]], dtype=np.uint8)
    assert picture(image, "plain").plain == " ▀▄█"
    assert picture(image, "ascii").plain == " ==@"
    assert picture(np.eye(8), "ascii").plain.isascii()


@pytest.mark.parametrize("mode", MODES)
def test_values_that_are_not_finite_are_survived(mode: Mode) -> None:
    """NaN, infinities and a constant image draw something."""
    assert picture(np.array([[np.nan, np.inf], [-np.inf, 1.0]]), mode).plain
    assert picture(np.zeros((2, 2)), mode).plain


def test_a_large_image_is_averaged_down() -> None:
    """Half the width keeps the mean brightness of each quarter."""
    image = np.zeros((8, 8), dtype=np.uint8)
    image[:4, :4] = 255
    assert picture(image, "plain", width=4).plain.split("\n") == ["██  ", "    "]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", [1, 9, 20, 64])
def test_pictures_side_by_side_stay_within_the_width(mode: Mode, width: int) -> None:
    """As many as fit stand in a row, captions below them, and nothing is wider than asked."""
    images = [(np.ones((6, 6), dtype=np.uint8) * 200, [Text(f"label number {index}"), Text("more")]) for index in range(5)]
    lines = pictures(images, width, mode, image_width=6).plain.split("\n")
    assert max(cell_len(line) for line in lines) <= width
    letters = "".join("".join(lines).split())
    assert all(letters.count(part) == 5 for part in ("more",) if width >= len(part))
