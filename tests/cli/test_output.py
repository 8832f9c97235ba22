"""How tables are written to the terminal."""

from __future__ import annotations

import io

from rich.console import Console

from workbench.cli.output import table


def test_brackets_are_shown() -> None:
    """A formula in brackets is text, not markup."""
    console = Console(file=io.StringIO(), width=60)
    console.print(table(["input"], [["[and 1 [or 0 1 ] ]"]]))
    assert isinstance(console.file, io.StringIO)
    assert "[and 1 [or 0 1 ] ]" in console.file.getvalue()
