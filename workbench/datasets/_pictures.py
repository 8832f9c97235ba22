"""A picture as a model reads it: whole, row by row or pixel by pixel. What cards of pictures share; not a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.cards import Image, Vectors

__all__ = ["PictureForm", "View", "shades_text", "signal_of"]

View: TypeAlias = Literal["image", "rows", "pixels"]
_SCALE = np.float32(1 / 255)
_SHADES = " ░▒▓█"


def signal_of(view: View, channels: int, height: int, width: int) -> Image | Vectors:
    """What goes into a model: the picture, its rows from top to bottom, or its pixels in the order of reading."""
    match view:
        case "image":
            return Image(channels, height, width)
        case "rows":
            return Vectors(width * channels, height)
        case "pixels":
            return Vectors(channels, height * width)


@dataclass(frozen=True)
class PictureForm:
    """How pictures of one size are given to a model, and got back from that.

    Attributes:
        view: whole, by rows or by pixels.
        channels: 1 for grey values, 3 for red, green and blue.
        order: a permutation of the pixels (only by pixels), or None.
    """

    view: View
    channels: int = 1
    order: NDArray[np.intp] | None = None

    def viewed(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Bytes, (n, height, width) or (n, height, width, channels), as numbers 0..1 in the view."""
        number, height, width = pictures.shape[:3]
        viewed: NDArray[np.uint8]
        match self.view:
            case "image" if self.channels == 1:
                viewed = pictures.reshape(number, 1, height, width)
            case "image":
                viewed = pictures.transpose(0, 3, 1, 2)
            case "rows":
                viewed = pictures.reshape(number, height, width * self.channels)
            case "pixels":
                viewed = pictures.reshape(number, height * width, self.channels)
                if self.order is not None:
                    viewed = viewed[:, self.order]
        return np.ascontiguousarray(np.multiply(viewed, _SCALE, dtype=np.float32))

    def grey(self, inputs: NDArray[np.generic], height: int, width: int) -> NDArray[np.uint8]:
        """The picture behind an input of any view as grey values (height, width), shuffled pixels put back in their places."""
        values = inputs.astype(np.float32)
        match self.view:
            case "image":
                values = values.reshape(self.channels, height, width).mean(axis=0)
            case "rows":
                values = values.reshape(height, width, self.channels).mean(axis=2)
            case "pixels":
                values = values.reshape(height * width, self.channels).mean(axis=1)
                if self.order is not None:
                    ordered = np.empty_like(values)
                    ordered[self.order] = values
                    values = ordered
        shades: NDArray[np.uint8] = np.rint(values.reshape(height, width) * 255).astype(np.uint8)
        return shades


def shades_text(inputs: NDArray[np.generic], numbers: int) -> str:
    """A sequence as one shade for so many numbers of it each: of a row, or of as many pixels as a row has."""
    means = np.asarray(inputs, dtype=np.float32).reshape(-1, numbers).mean(axis=1)
    top = max(float(means.max(initial=0)), 1e-6)
    return "".join(_SHADES[round(float(mean) / top * (len(_SHADES) - 1))] for mean in means)
