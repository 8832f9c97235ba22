"""Draws the pictures that the card `images` includes: `python -m tests.datasets.shapes` writes them anew, byte for byte.

360 pictures of 28 x 28 grey values: circles, squares and triangles, filled or as outlines, of many sizes, places and shades,
a little turned, lighter than what is behind them. Sixteen shades and no noise keep each file near 200 bytes.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from workbench.datasets.images import SHAPES, SHIPPED

__all__ = ["draw"]

SIZE, FINE, OF_EACH = 28, 8, 120
_CORNERS = {"square": 4, "triangle": 3}
_UPRIGHT = {"square": math.pi / 4, "triangle": -math.pi / 2}


def draw(shape: str, rng: np.random.Generator) -> Image.Image:
    """One picture of a shape."""
    behind = int(rng.integers(0, 8)) * 17
    before = int(rng.integers(behind // 17 + 6, 16)) * 17
    radius = rng.uniform(6, 10)
    middle = rng.uniform(radius + 1, SIZE - radius - 1, 2)
    turn = _UPRIGHT.get(shape, 0.0) + rng.uniform(-0.35, 0.35)
    picture = Image.new("L", (SIZE * FINE, SIZE * FINE), behind)
    pen = ImageDraw.Draw(picture)
    number = _CORNERS.get(shape, 90)
    corners = [
        (
            FINE * (middle[0] + radius * math.cos(turn + 2 * math.pi * corner / number)),
            FINE * (middle[1] + radius * math.sin(turn + 2 * math.pi * corner / number)),
        )
        for corner in range(number)
    ]
    if rng.random() < 0.5:
        pen.polygon(corners, fill=before)
    else:
        pen.line([*corners, *corners[:2]], fill=before, width=2 * FINE, joint="curve")
    small = np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BOX), dtype=np.float64)
    return Image.fromarray((np.rint(small / 17) * 17).astype(np.uint8))


def main() -> None:
    """Write all of them."""
    for number, shape in enumerate(SHAPES):
        folder: Path = SHIPPED / shape
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        for index in range(OF_EACH):
            draw(shape, rng).save(folder / f"{index:03}.png", optimize=True)


if __name__ == "__main__":
    main()
