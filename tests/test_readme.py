"""What the README says of cards and presets is what there is."""

from __future__ import annotations

from pathlib import Path

from tests.what_there_is import CLAIMS, claims, presets, tables
from workbench.verification.claims import claims_of

README = Path(__file__).parents[1] / "README.md"


def test_the_tables_are_those_of_the_cards() -> None:
    """The README's tables are what `python -m tests.what_there_is` prints."""
    assert tables() in README.read_text(encoding="utf-8")


def test_the_presets_are_listed_with_their_pages() -> None:
    """presets/README.md is what `python -m tests.what_there_is presets` prints."""
    assert (README.parent / "presets" / "README.md").read_text(encoding="utf-8") == presets()


def test_the_claims_are_those_that_were_tested() -> None:
    """The README has the whole file that `workbench verify` wrote, whatever it says."""
    assert claims() in README.read_text(encoding="utf-8")


def test_every_claim_was_tested_as_it_is_now() -> None:
    """No bound of a preset has changed since."""
    rows = [line for line in CLAIMS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    tested = {tuple(cell.strip() for cell in row.split(" | ")[0:3:2]) for row in rows}
    sides = [side for claim in claims_of() for side in claim.conditions]
    assert {(f"| `{side.preset}`", f"`{side.needed}`") for side in sides} == tested


def test_its_picture_is_there() -> None:
    """The picture that the README shows is in the checkout."""
    assert (README.parent / "screenshot.svg").is_file()
