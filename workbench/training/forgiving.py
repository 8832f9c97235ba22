"""Streams of a worker that nothing can break."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TextIO

__all__ = ["Forgiving"]


class Forgiving:
    """A stream whose writing never fails: a full disk under worker.log, or a closed one, must not end the training."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()
        return len(text)

    def flush(self) -> None:
        """Written lines are flushed already."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
