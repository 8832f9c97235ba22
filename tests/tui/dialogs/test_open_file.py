"""Choosing a data file: in the tree, by its path, and what comes of it in the form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from tests.tui.dialogs.test_prompts import NOTHING
from tests.tui.harness import Harness
from tests.tui.running import until
from workbench.tui.dialogs.open_file import FileTree, OpenFileDialog

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, one with a name that is markup and one that is hidden."""
    for name in ("[red]a.txt", "b.txt", ".hidden"):
        (tmp_path / name).write_text("words")
    return tmp_path


async def opened(folder: Path, size: tuple[int, int], *keys: str, typed: str | None = None) -> tuple[Any, list[str], str]:
    """What the dialog returns after keys, the names in its tree, and what is said to be wrong."""
    app, answers = Harness(), [NOTHING]
    async with app.run_test(size=size) as pilot:
        dialog = OpenFileDialog(folder)
        await app.push_screen(dialog, answers.append)
        tree = dialog.query_one(FileTree)
        await until(pilot, lambda: bool(tree.root.children), "the files")  # read by a worker that never ends
        names = [str(node.label) for node in tree.root.children]
        if typed is not None:
            dialog.query_one(Input).focus()
            dialog.query_one(Input).value = typed
        await pilot.press(*keys)
        await pilot.pause()
        problem = str(dialog.query_one(".problem", Static).render()) if answers[-1] is NOTHING else ""
        return answers[-1], names, problem


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_is_taken_from_the_tree(folder: Path, size: tuple[int, int]) -> None:
    """By arrows and enter; hidden files are not there, and names are shown as they are."""
    answer, names, _ = await opened(folder, size, "down", "down", "enter")
    assert names == ["[red]a.txt", "b.txt"]
    assert answer == str(folder / "b.txt")


async def test_a_path_can_be_typed(folder: Path) -> None:
    """Of a file, a folder or an experiment, from the folder that is shown; what is not there is told."""
    assert (await opened(folder, (80, 24), "enter", typed="b.txt"))[0] == str(folder / "b.txt")
    assert (await opened(folder, (80, 24), "enter", typed=str(folder)))[0] == str(folder)
    (folder / "shared.toml").touch()
    assert (await opened(folder, (80, 24), "enter", typed="shared.toml"))[0] == str(folder / "shared.toml")
    answer, _, problem = await opened(folder, (80, 24), "enter", typed="missing.txt")
    assert answer is NOTHING
    assert "no such file or folder" in problem


async def test_it_can_be_left(folder: Path) -> None:
    """Escape leaves things as they are."""
    assert (await opened(folder, (80, 24), "escape"))[0] is None
