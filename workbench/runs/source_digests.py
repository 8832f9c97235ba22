"""Which code computed a run: digests of the source files that its process had loaded."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["is_unchanged", "loaded_sources"]

_ROOT = Path(__file__).parent.parent

_COMPUTE = ("nn", "training", "cards", "experiment")
"""Parts of the package that decide a run's numbers. Who only keeps or shows runs is left out: a new picture spoils no result."""

_CHOSEN = ("architectures", "datasets", "optimizers", "tasks")
"""Folders of cards, of which a run depends on those that it uses; all of them are loaded to list them."""


def loaded_sources(cards: tuple[str, ...]) -> dict[str, str]:
    """Digests of the source files loaded in this process that decide a run's numbers, by path below the package.

    Args:
        cards: names of the cards that the run uses.
    """
    below = f"{_ROOT}{os.sep}"  # compared as text: paths of thousands of modules take longer than all else here
    loaded = [str(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    paths = {Path(file).relative_to(_ROOT) for file in loaded if file.startswith(below)}
    return {path.as_posix(): _digest(_ROOT / path) for path in sorted(paths) if _computes(path, cards)}


def is_unchanged(sources: Mapping[str, str]) -> bool:
    """Whether every file that a run depended on is here with the same content."""
    return bool(sources) and all((_ROOT / path).is_file() and _digest(_ROOT / path) == digest for path, digest in sources.items())


def _computes(path: Path, cards: tuple[str, ...]) -> bool:
    part = path.parts[0]
    if part in _CHOSEN:
        return len(path.parts) > 2 or path.stem.startswith("_") or path.stem in cards  # noqa: PLR2004 - in a folder of its own
    return part in _COMPUTE


@functools.cache
def _digest(path: Path) -> str:
    """The first 16 hex digits of the file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
