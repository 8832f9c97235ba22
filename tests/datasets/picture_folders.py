"""Folders of made-up pictures, opened as the card does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray
from PIL import Image as Pillow

from workbench.cards import Batch, Split
from workbench.datasets.images import Images, ImagesDataset
from workbench.errors import DataError

__all__ = ["COLOUR", "GREY", "SPLITS", "config", "contents", "noise", "opened", "refused", "same_folder", "table", "write"]

SPLITS: tuple[Split, ...] = ("validation", "test")
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
GREY = np.random.default_rng(2).integers(0, 256, (6, 9), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (6, 9, 3), dtype=np.uint8)


def config(path: Path | str, **values: Any) -> Any:
    return Images.Config.model_validate({"path": str(path), "height": 8, "width": 8, **values})


def opened(path: Path | str, **values: Any) -> ImagesDataset:
    return Images.open(config(path, **values))


def noise(rng: np.random.Generator, height: int = 8, width: int = 8) -> NDArray[np.uint8]:
    return rng.integers(0, 256, (height, width), dtype=np.uint8)


def write(folder: Path, number: int = 12, classes: tuple[str, ...] = ("cat", "dog", "owl"), seed: int = 0) -> Path:
    """Class folders of grey noise, every picture another one."""
    rng = np.random.default_rng([seed, len(str(folder.name))])
    for name in classes:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(number):
            Pillow.fromarray(noise(rng)).save(folder / name / f"{index}.png")
    return folder


def refused(path: Path | str, **values: Any) -> str:
    """The one line with which the data are refused."""
    with pytest.raises(DataError) as caught:
        opened(path, **values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def contents(batch: Batch) -> list[bytes]:
    return [row.tobytes() for row in batch.inputs]


def table(folder: Path, lines: list[str], name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
