"""What holds for every concept page, and how one is found."""

from __future__ import annotations

import re
import shlex
from itertools import groupby

import pytest
from rich.console import Console
from rich.markdown import Markdown

from workbench.cards import catalog
from workbench.cli.commands import command_names
from workbench.cli.options import assignments
from workbench.concepts import SECTIONS, Page, find_page, list_pages, page_for
from workbench.errors import UsageError
from workbench.experiment.presets import chapters, list_presets, load_preset

PAGES = list_pages()
PRESETS = {preset.name.rpartition("/")[2] for preset in list_presets()}
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


def commands(page: Page) -> list[list[str]]:
    """The words of every `workbench ...` that a page names."""
    return [shlex.split(command) for command in re.findall(r"`(workbench [^`]+)`", page.text)]


@every_page
def test_page_has_its_parts_in_order(page: Page) -> None:
    """Title with a Chinese term, then the six sections, each with something in it."""
    assert re.search(r"[\u4e00-\u9fff]", page.title)
    parts = re.split(r"^## (.*)$", page.text, flags=re.MULTILINE)
    assert tuple(parts[1::2]) == SECTIONS
    assert all(len(words.split()) >= 5 for words in parts[2::2])
    assert re.search(r"\n    \S", parts[4]), "the equation is set as a block"


@every_page
def test_page_speaks_of_what_there_is(page: Page) -> None:
    """Its architectures and presets exist, and so do the pages that it links to. A technique has presets alone."""
    assert page.architectures or page.presets
    assert set(page.architectures) <= set(catalog.architectures())
    assert set(page.presets) <= PRESETS
    assert set(re.findall(r"\]\((\w+)\.md\)", page.text)) <= {other.name for other in PAGES}


@every_page
def test_page_belongs_to_the_chapter_of_one_of_its_presets(page: Page) -> None:
    """The heading that it names is a chapter's, and a section is one of the book's chapter 10."""
    assert page.chapter in {preset.chapter for preset in list_presets() if preset.name.rpartition("/")[2] in page.presets}
    assert not page.section or page.section.startswith("10.")


def test_pages_stand_in_the_order_of_the_book() -> None:
    """Chapter by chapter, and in each by section; what the book's chapter 10 does not have comes after."""
    used = [chapter for chapter, _ in groupby(PAGES, key=lambda page: page.chapter)]
    assert used == [chapter for chapter in chapters() if chapter in used]
    for _, members in groupby(PAGES, key=lambda page: page.chapter):
        sections = [[int(number) for number in page.section.split(".")] if page.section else [99] for page in members]
        assert sections == sorted(sections)


@every_page
def test_commands_on_a_page_can_be_given(page: Page) -> None:
    """Each begins with a command or a preset; presets exist and take the changes that are proposed."""
    assert commands(page)
    for _, first, *rest in commands(page):
        if first not in command_names():
            assert (first in PRESETS, rest) == (True, [])
        elif first == "run":
            assert rest[1::2] == ["--set"] * (len(rest) // 2)
            load_preset(rest[0], assignments(rest[2::2]))
        elif first == "verify":
            assert all(load_preset(name).claim is not None for name in rest if not name.startswith("-") and not name.isdigit())


@every_page
def test_page_renders(page: Page) -> None:
    """As text for a terminal, without a mark of Markdown left over."""
    out = Console(width=100, record=True, file=None, quiet=True)
    with out.capture() as captured:
        out.quiet = False
        out.print(Markdown(page.text))
    text = captured.get()
    assert all(section in text for section in SECTIONS)
    assert "##" not in text
    assert "`" not in text


@every_page
def test_lines_of_a_page_fit_an_editor(page: Page) -> None:
    """Sources keep to 150 columns, equations to 72, so that they are not wrapped."""
    assert all(len(line) <= 150 for line in page.text.splitlines() if not line.startswith("- Presets: "))
    assert all(len(line) <= 76 for line in page.text.splitlines() if line.startswith("    "))


def test_every_architecture_of_a_preset_has_a_page() -> None:
    """Whatever a preset trains is explained."""
    used = {preset.values["model"]["name"] for preset in list_presets()}
    assert {name for name in used if page_for(name) is None} == set()


def test_a_page_is_found_by_its_own_name_an_architecture_or_a_preset() -> None:
    """The preset's page comes before its architecture's."""
    assert find_page("lstm").name == "lstm"
    assert find_page("elman").name == "recurrent_network"
    assert find_page("gated/rows_lstm").name == "single_output"
    assert find_page("rows_lstm").name == "single_output"
    assert page_for("lstm", "rows_lstm") is find_page("single_output")
    assert page_for("nothing") is None


def test_an_unknown_name_gets_the_nearest() -> None:
    """One line, with what may have been meant."""
    with pytest.raises(UsageError, match=r"got 'lstmm'; expected a page.*Did you mean 'lstm'"):
        find_page("lstmm")
