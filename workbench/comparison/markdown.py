"""Texts and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.plotting.canvas import clean

__all__ = ["markdown_table", "plain"]


def plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    told = clean(text).replace("\\", "\\\\")
    for sign in "|*_`<>[]":
        told = told.replace(sign, f"\\{sign}")
    return told


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
