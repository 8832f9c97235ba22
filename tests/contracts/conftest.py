"""What the contract tests share: small settings for every card, also for those that need a file of the user's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

EXAMPLE_PAIRS = "\n".join(
    f"the {adjective} {noun} {verb}\tle {nom} {adjectif} {verbe}"
    for noun, nom in (("cat", "chat"), ("dog", "chien"), ("boy", "garçon"), ("king", "roi"), ("hero", "héros"))
    for adjective, adjectif in (("black", "noir"), ("tired", "fatigué"), ("free", "libre"), ("sick", "malade"))
    for verb, verbe in (("sleeps", "dort"), ("runs", "court"), ("sings", "chante"), ("leaves", "part"))
)
"""A parallel text of eighty sentences."""


def write_pictures(folder: Path) -> None:
    """Thirty pictures in each of two class folders."""
    rng = np.random.default_rng(0)
    for name in ("dark", "light"):
        (folder / name).mkdir(parents=True)
        for index in range(30):
            values = rng.integers(0, 128, (8, 8)) + (128 if name == "light" else 0)
            Image.fromarray(values.astype(np.uint8)).save(folder / name / f"{index}.png")


@pytest.fixture(scope="session")
def example_settings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """The settings with which a dataset can be opened here, by its name; none where its defaults do."""
    folder: Path = tmp_path_factory.mktemp("data")
    pairs = folder / "pairs.tsv"
    pairs.write_text(EXAMPLE_PAIRS + "\n", encoding="utf-8")
    write_pictures(folder / "pictures")
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(400, 9, 2))
    np.savez(folder / "arrays.npz", inputs=samples, targets=(samples.sum((1, 2)) > 0).astype(np.int64))
    needed: dict[str, dict[str, Any]] = {
        "arrays": {"path": str(folder / "arrays.npz")},
        "images": {"path": str(folder / "pictures"), "height": 8, "width": 8},
        "sentence_pairs": {"path": str(pairs)},
        "toy_translation": {"num_sentences": 2000},
    }
    return lambda name: dict(needed.get(name, {}))
