"""What a person is told of a folder of pictures before all of them are read, and settings that fit them. Not a card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from workbench.datasets._picture_files import check_pillow, look_at
from workbench.datasets._picture_folders import PART_NAMES, Found, Part
from workbench.errors import DataError
from workbench.saying import one_line

__all__ = ["Size", "look", "proposed_settings", "sentence_of"]

Size: TypeAlias = tuple[int, int, bool]
"""Height, width, and whether there are colours."""
_PROPOSED = 64
"""Pixels of the longer side of what is proposed for large pictures."""
_SMALLEST = 8
_NEARLY_SQUARE = 1.1
_NAMED = 5


def look(places: Sequence[str]) -> tuple[list[Size], list[str]]:
    """Sizes and colours of some pictures, and what is odd in them; nothing where Pillow is not installed."""
    sizes, odd = [], []
    try:
        check_pillow()
    except DataError as error:
        return [], [str(error)]
    for place in places:
        try:
            sizes.append(look_at(Path(place)))
        except DataError as error:
            odd.append(one_line(str(error)))
    if odd:
        odd = [odd[0], f"{len(odd)} of {len(places)} pictures that were looked at cannot be read; such are skipped"]
    if len({size[:2] for size in sizes}) > 1:
        odd.append("the pictures have different sizes; each is scaled, and its middle cut out where its shape differs")
    return sizes, odd


def proposed_settings(sizes: Sequence[Size]) -> dict[str, object]:
    """Settings for pictures of such sizes: their own where they are small and all alike."""
    if not sizes:
        return {}
    colour = "rgb" if any(coloured for *_, coloured in sizes) else "grey"
    heights, widths = (sorted(size[axis] for size in sizes) for axis in (0, 1))
    height, width = heights[len(heights) // 2], widths[len(widths) // 2]
    alike = len({size[:2] for size in sizes}) == 1
    if not alike and max(height, width) < _NEARLY_SQUARE * min(height, width):
        height = width = min(height, width)
    scale = min(1.0, _PROPOSED / max(height, width))
    height, width = (max(_SMALLEST, round(side * scale)) for side in (height, width))
    return {"height": height, "width": width, "colour": colour, "fit": "stretch" if alike else "crop"}


def sentence_of(found: Found, sizes: Sequence[Size]) -> str:
    """Classes, how many pictures of which part, and the sizes and colours of those that were looked at."""
    return f"pictures in {len(found.classes):,} classes{_names(found.classes)}: {_counts(found)}{_sizes(sizes)}"


def _names(classes: Sequence[str]) -> str:
    shown = ", ".join(classes[:_NAMED])
    return f" ({shown}{', ...' if len(classes) > _NAMED else ''})" if len(shown) < 100 else ""  # noqa: PLR2004


def _counts(found: Found) -> str:
    if len(found.pictures) == 1:
        return f"{len(found.pictures['train']):,}"
    words: dict[Part, str] = {"train": "for training", "validation": "for validation", "test": "for the test"}
    return ", ".join(f"{len(found.pictures[part]):,} {words[part]}" for part in PART_NAMES if part in found.pictures)


def _sizes(sizes: Sequence[Size]) -> str:
    if not sizes:
        return ""
    by_area = sorted(sizes, key=lambda size: size[0] * size[1])
    small, large = (f"{height} x {width}" for height, width, _ in (by_area[0], by_area[-1]))
    colour = "in colour" if any(coloured for *_, coloured in sizes) else "grey"
    return f"; {small if small == large else f'{small} to {large}'} pixels, {colour}"
