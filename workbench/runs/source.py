"""Which code computes a run: a digest of this package's own source."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

__all__ = ["source_digest"]

_COMPUTES = (
    "nn",
    "architectures",
    "datasets",
    "optimizers",
    "training",
    "cards.py",
    "experiment.py",
    "settings.py",
    "task.py",
)
"""What decides a run's numbers. Who only looks at runs or shows them is left out, so that a new picture spoils no result."""


@functools.cache
def source_digest() -> str:
    """The first 16 hex digits of the SHA-256 of the source files that decide what a run gives, in the order of their paths."""
    root = Path(__file__).parent.parent
    found = hashlib.sha256()
    for part in _COMPUTES:
        path = root / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            content = file.read_bytes()
            found.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            found.update(content)
    return found.hexdigest()[:16]
