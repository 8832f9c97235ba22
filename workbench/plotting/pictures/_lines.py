"""Lines that turn, branch and cross, made of the signs for drawing boxes."""

from __future__ import annotations

from workbench.plotting.canvas import Canvas

__all__ = ["Lines"]

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_SIGNS = " │││─╯╮┤─╰╭├─┴┬┼"
"""The sign for each set of ends, by the sum of the numbers above."""


class Lines:
    """Horizontal and vertical lines, with the right sign wherever they meet."""

    def __init__(self) -> None:
        self._ends: dict[tuple[int, int], int] = {}
        self._styles: dict[tuple[int, int], str] = {}

    def across(self, row: int, first: int, last: int, style: str = "label") -> None:
        """From one column to another one, either way."""
        first, last = sorted((first, last))
        for column in range(first, last):
            self._add(row, column, _RIGHT, style)
            self._add(row, column + 1, _LEFT, style)

    def down(self, column: int, first: int, last: int, style: str = "label") -> None:
        """From one row to a lower one."""
        for row in range(first, last):
            self._add(row, column, _DOWN, style)
            self._add(row + 1, column, _UP, style)

    def stub(self, row: int, column: int, style: str = "label", *, down: bool) -> None:
        """An end that leads to what stands below, or above."""
        self._add(row, column, _DOWN if down else _UP, style)

    def _add(self, row: int, column: int, end: int, style: str) -> None:
        self._ends[row, column] = self._ends.get((row, column), 0) | end
        self._styles[row, column] = style

    def draw(self, canvas: Canvas) -> None:
        """Put them onto a canvas."""
        for (row, column), ends in self._ends.items():
            canvas.put(row, column, _SIGNS[ends], self._styles[row, column])
