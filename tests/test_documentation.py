"""What the documentation says of commands, cards, presets and claims is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documentation import PAGES, ROOT
from tests.pictures import PICTURES, SCREENS
from workbench.plotting.probes import probe_views
from workbench.tui.panels import make_panels
from workbench.verification.claims import claims_of

CLAIMS = ROOT / "presets" / "CLAIMS.md"
"""Written by `workbench verify --markdown presets/CLAIMS.md`."""
_WRITTEN_BY_HAND = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/extending.md", "docs/run-folder.md")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_reference_is_that_of_the_declarations(path: Path) -> None:
    """Each page is what `python -m tests.documentation` writes."""
    assert path.read_text(encoding="utf-8") == PAGES[path]()


def test_every_claim_was_tested_as_it_is_now() -> None:
    """No bound of a preset has changed since."""
    rows = [line for line in CLAIMS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    tested = {tuple(cell.strip() for cell in row.split(" | ")[0:3:2]) for row in rows}
    sides = [side for claim in claims_of() for side in claim.conditions]
    assert {(f"| `{side.preset}`", f"`{side.needed}`") for side in sides} == tested


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_link_leads_somewhere(path: Path) -> None:
    """What a page links to or shows is in the checkout."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_readme_counts_what_there_is() -> None:
    """The numbers of architectures, datasets and presets are those of today."""
    from workbench.cards import catalog
    from workbench.experiment.presets import list_presets

    words = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{len(catalog.architectures())} architectures and {len(catalog.datasets())} datasets" in words
    assert f"{len(list_presets())} presets" in words


def test_every_kind_of_probe_is_described() -> None:
    """The page on run folders says of each what its arrays are."""
    text = (ROOT / "docs" / "run-folder.md").read_text(encoding="utf-8")
    # in a row of the table, or in the sentence on what each evaluation measures
    assert [kind for kind in probe_views() if not re.search(rf"(^\| `{kind}` \||`{kind}`\s\()", text, re.MULTILINE)] == []


def test_every_panel_has_a_picture() -> None:
    """`python -m tests.pictures` took it of the running app: the panel's own tab, small enough to be loaded with a page."""
    panels = {panel.name: panel.title for panel in make_panels()}
    assert {path.stem for path in PICTURES.glob("*.svg")} == {*panels, *SCREENS}
    for name, title in panels.items():
        picture = PICTURES / f"{name}.svg"
        words = picture.read_text(encoding="utf-8").replace("\xa0", " ")
        assert title in words, name
        assert picture.stat().st_size < 150_000, name
