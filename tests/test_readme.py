"""What the README says of cards and presets is what there is."""

from __future__ import annotations

from pathlib import Path

from tests.what_there_is import tables

README = Path(__file__).parents[1] / "README.md"


def test_the_tables_are_those_of_the_cards() -> None:
    """The README's tables are what `python -m tests.what_there_is` prints."""
    assert tables() in README.read_text(encoding="utf-8")


def test_its_picture_is_there() -> None:
    """The picture that the README shows is in the checkout."""
    assert (README.parent / "screenshot.svg").is_file()
