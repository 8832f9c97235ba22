"""Pictures in text: two pixels in a character, the upper one its foreground and the lower one its background.

Without colour a character shows which of its two pixels are light; in ASCII a ramp of letters shows their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from workbench.plotting.pictures import Mode

__all__ = ["picture", "pictures"]

_RAMP = " .:-=+*#%@"
_HALVES = (" ", "▄", "▀", "█")  # neither, lower, upper, both


def picture(image: NDArray[Any], mode: Mode = "colour", width: int | None = None) -> Text:
    """One image as text, half as many lines as it has rows of pixels.

    Args:
        image: (height, width), (1, height, width) or (3, height, width); uint8, or floats that are scaled to their range.
        mode: colours; light and dark alone; or ASCII.
        width: columns at most; a larger image is averaged down to that.
    """
    pixels = _grey_or_rgb(image)  # (height, width, 3) uint8
    if width is not None and pixels.shape[1] > max(1, width):
        pixels = _shrink(pixels, max(1, width))
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.zeros_like(pixels[:1])])
    upper, lower = pixels[0::2], pixels[1::2]
    draw = {"colour": _coloured, "plain": _halves, "ascii": _letters}[mode]
    text = Text(no_wrap=True, end="")
    for index, (top, bottom) in enumerate(zip(upper, lower, strict=True)):
        if index:
            text.append("\n")
        text.append_text(draw(top, bottom))
    return text


def pictures(
    images: Sequence[tuple[NDArray[Any], Sequence[Text]]], width: int, mode: Mode = "colour", image_width: int = 28
) -> Text:
    """Images in rows with the lines of its caption below each, as many side by side as the width holds."""
    image_width = max(1, min(image_width, width))
    column = min(width, max([image_width, *(line.cell_len for _, caption in images for line in caption)]))
    a_row = max(1, (width + 2) // (column + 2))
    text = Text(no_wrap=True, end="")
    for start in range(0, len(images), a_row):
        shown = images[start : start + a_row]
        drawn = [picture(image, mode, image_width).split("\n", allow_blank=True) for image, _ in shown]
        tall = max(map(len, drawn))
        captions = [_folded(caption, column) for _, caption in shown]
        below = [[*[Text()] * (tall - len(lines)), *caption] for lines, caption in zip(drawn, captions, strict=True)]
        cells = [[*lines, *rest] for lines, rest in zip(drawn, below, strict=True)]
        for row in range(max(map(len, cells))):
            for place, cell in enumerate(cells):
                line = cell[row].copy() if row < len(cell) else Text()
                line.pad_right(column - line.cell_len)
                text.append("  " if place else "").append_text(line)
            text.append("\n")
        text.append("\n" if start + a_row < len(images) else "")
    text.rstrip()
    return text


def _folded(caption: Sequence[Text], width: int) -> list[Text]:
    """A caption in lines of at most `width` columns, all of them in its middle."""
    lines = [part for line in caption for part in (line.divide(range(width, len(line), width)) if len(line) > width else [line])]
    left = max(0, (width - max(line.cell_len for line in lines)) // 2) if lines else 0
    return [Text.assemble(" " * left, line) for line in lines]


def _grey_or_rgb(image: NDArray[Any]) -> NDArray[np.uint8]:
    """The image as (height, width, 3) bytes; what is not finite is black."""
    pixels: NDArray[Any] = np.asarray(image)
    pixels = pixels[None] if pixels.ndim == 2 else pixels  # noqa: PLR2004 - no channels: (height, width)
    pixels = np.moveaxis(pixels[: 3 if len(pixels) == 3 else 1], 0, -1)  # noqa: PLR2004 - red, green, blue or the first alone
    if pixels.dtype != np.uint8:
        values = np.nan_to_num(pixels.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = (values.min(), values.max()) if values.size else (0.0, 1.0)
        pixels = (values - low) / ((high - low) or 1.0) * 255
    return np.asarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)), dtype=np.uint8)


def _shrink(pixels: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Average down to `width` columns, and rows in proportion."""
    height = max(1, round(pixels.shape[0] * width / pixels.shape[1]))
    rows = np.linspace(0, pixels.shape[0], height + 1).astype(int)
    columns = np.linspace(0, pixels.shape[1], width + 1).astype(int)
    summed = np.add.reduceat(np.add.reduceat(pixels.astype(np.float64), rows[:-1], axis=0), columns[:-1], axis=1)
    area = np.diff(rows)[:, None, None] * np.diff(columns)[None, :, None]
    mean: NDArray[np.float64] = summed / area
    return mean.astype(np.uint8)


def _coloured(top: NDArray[np.uint8], bottom: NDArray[np.uint8]) -> Text:
    text = Text()
    for upper, lower in zip(top.tolist(), bottom.tolist(), strict=True):
        text.append("▀", Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
    return text


def _halves(top: NDArray[np.uint8], bottom: NDArray[np.uint8]) -> Text:
    light = (top.mean(axis=-1) > 96) * 2 + (bottom.mean(axis=-1) > 96)  # noqa: PLR2004 - ink that reads as ink
    return Text("".join(_HALVES[index] for index in light.tolist()))


def _letters(top: NDArray[np.uint8], bottom: NDArray[np.uint8]) -> Text:
    mean = (top.mean(axis=-1) + bottom.mean(axis=-1)) / 2
    return Text("".join(_RAMP[int(value * (len(_RAMP) - 1) / 255)] for value in mean.tolist()))
