"""Room on the disk that a run holds back, so that it can say why it waits when the disk is full."""

from __future__ import annotations

from pathlib import Path

__all__ = ["Room"]

_BYTES = 128 * 1024


class Room:
    """A file that is given up when its space is needed.

    Args:
        folder: the run's.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".room"

    def keep(self) -> bool:
        """Hold the room; False when there is none to hold."""
        try:
            if not self._path.exists():
                self._path.write_bytes(b"\1" * _BYTES)
        except OSError:
            self.give()
            return False
        return True

    def give(self) -> None:
        """Let others have it."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return
