"""The small dialogs: every way in and out of them."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tests.tui.harness import Harness
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog, ConfirmDialog, QuitDialog, TextDialog

NOTHING = object()


async def answer(dialog: ModalScreen[Any], *keys: str, size: tuple[int, int] = (80, 24)) -> Any:
    """What a dialog returns after keys; NOTHING while it is still open."""
    app = Harness()
    answers: list[Any] = [NOTHING]
    async with app.run_test(size=size) as pilot:
        await app.push_screen(dialog, answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return answers[-1]


CHOICES = [Choice("a", "First", "what it means"), Choice("b", "Second")]


@pytest.mark.parametrize(("keys", "expected"), [(["enter"], "a"), (["down", "enter"], "b"), (["escape"], None)])
async def test_a_choice_is_made_by_arrows_and_enter(keys: list[str], expected: str | None) -> None:
    """Enter returns the value under the cursor, escape nothing."""
    assert await answer(ChoiceDialog("Title", "Which?", CHOICES), *keys) == expected


@pytest.mark.parametrize(
    ("keys", "expected"), [(["enter"], False), (["up", "enter"], True), (["y"], True), (["n"], False), (["escape"], None)]
)
async def test_a_confirmation_starts_at_no(keys: list[str], expected: object) -> None:
    """Enter alone never does what cannot be undone."""
    assert await answer(ConfirmDialog("Delete", "Delete two runs?", "Delete"), *keys) is expected


@pytest.mark.parametrize(
    ("keys", "expected"), [(["enter"], "detach"), (["down", "enter"], "stop"), (["end", "enter"], None), (["escape"], None)]
)
async def test_leaving_offers_to_detach_first(keys: list[str], expected: str | None) -> None:
    """The first answer leaves the run going; staying and escape are the same."""
    assert await answer(QuitDialog(["lstm-adding-7f3a"]), *keys) == expected


def number(text: str) -> str | None:
    return None if text.isdigit() else f"got {text!r}; expected a number."


@pytest.mark.parametrize(
    ("keys", "expected"), [(["enter"], "12"), (["7", "enter"], "7"), (["x", "enter"], NOTHING), (["x", "escape"], None)]
)
async def test_a_line_of_text_is_checked_before_it_is_taken(keys: list[str], expected: object) -> None:
    """The given text is replaced by typing; a wrong one is not taken."""
    assert await answer(TextDialog("Rate", "New rate", "12", number), *keys) == expected


async def test_a_wrong_line_is_explained_as_it_is_typed() -> None:
    """The problem stands below the line and goes when the text is right."""
    app = Harness()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = TextDialog("Rate", "New rate", "12", number)
        await app.push_screen(dialog)
        await pilot.press("x")
        await pilot.pause()
        assert "expected a number" in str(dialog.query_one(".problem", Static).render())
        dialog.query_one(Input).value = "3"
        await pilot.pause()
        assert str(dialog.query_one(".problem", Static).render()) == ""


async def test_a_click_beside_the_box_leaves_it() -> None:
    """The mouse can say no as well."""
    app = Harness()
    answers: list[Any] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ConfirmDialog("Delete", "Sure?"), answers.append)
        await pilot.pause()
        await pilot.click(offset=(0, 0))
        await pilot.pause()
    assert answers == [None]


@pytest.mark.parametrize("size", [(30, 8), (10, 4), (1, 1)])
async def test_dialogs_survive_any_size(size: tuple[int, int]) -> None:
    """A box larger than the terminal still answers to keys."""
    assert await answer(QuitDialog(["one", "two"]), "enter", size=size) == "detach"
