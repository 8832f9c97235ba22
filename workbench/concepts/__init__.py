"""Concept pages: for every system of the workbench a short page with idea, equation, what to try, what to look at, pitfalls.

concepts/lstm.md is the page `lstm`. It begins with its title and says what it is about, in words that are looked up:

    # Long short-term memory (长短期记忆网络)

    - Chapter: Gates; Goodfellow et al. 2016, section 10.10.1
    - Architectures: `lstm`
    - Presets: `adding_lstm`, `adding_elman`
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from workbench.errors import UsageError
from workbench.experiment.presets import chapter_place, chapters
from workbench.saying import nearest

__all__ = ["SECTIONS", "Page", "find_page", "list_pages", "page_for"]

SECTIONS = ("Idea", "Equation", "What to try", "What to look at", "Pitfalls", "Reference")
"""The parts of every page, in this order."""


@dataclass(frozen=True)
class Page:
    """One concept page.

    Attributes:
        name: the file's name without suffix.
        title: what it is about, with the Chinese term.
        chapter: the folder of presets that it belongs to.
        section: the section of Goodfellow et al. 2016, chapter 10, that it follows (`10.2.1`), or "".
        architectures: cards that it explains, the main one first; none for a technique that any of them can be shown with.
        presets: last parts of the names of presets that show it, the main one first.
        text: the page as Markdown, title included.
    """

    name: str
    title: str
    chapter: str
    section: str
    architectures: tuple[str, ...]
    presets: tuple[str, ...]
    text: str


@cache
def list_pages() -> tuple[Page, ...]:
    """All pages by chapter, in the order of the book's sections; what has no section there comes after."""
    markdown = [file for file in files(__name__).iterdir() if file.name.endswith(".md")]
    pages = [_read(file.name.removesuffix(".md"), file.read_text(encoding="utf-8")) for file in markdown]
    return tuple(sorted(pages, key=_place))


def _place(page: Page) -> tuple[int, bool, list[int], bool, str]:
    numbers = [int(number) for number in page.section.split(".") if number]
    return chapter_place(page.chapter), not numbers, numbers, not page.architectures, page.title.lower()


def page_for(architecture: str, preset: str = "") -> Page | None:
    """The page that explains best what is shown: the one that the preset leads, any with it, then the same for the architecture.

    Args:
        architecture: name of a card, or "".
        preset: name of a preset (`gated/adding_lstm` or `adding_lstm`), or "".
    """
    last = preset.rpartition("/")[2]
    ways: tuple[Callable[[Page], bool], ...] = (
        lambda page: page.presets[:1] == (last,),
        lambda page: bool(last) and last in page.presets,
        lambda page: page.architectures[:1] == (architecture,),
        lambda page: architecture in page.architectures,
    )
    return next((page for fits in ways for page in list_pages() if fits(page)), None)


def find_page(name: str) -> Page:
    """A page by its own name, or by that of an architecture or a preset.

    Raises:
        UsageError: there is none, with the nearest names.
    """
    own = next((page for page in list_pages() if page.name == name), None)
    page = own or page_for(name, name)
    if page is None:
        known = {word for page in list_pages() for word in (page.name, *page.architectures, *page.presets)}
        near = nearest(name, sorted(known), "workbench concepts")
        raise UsageError(f"concepts: got '{name}'; expected a page, an architecture or a preset. {near}")
    return page


def _read(name: str, text: str) -> Page:
    title = text.partition("\n")[0].removeprefix("# ").strip()
    chapter = re.search(r"^- Chapter: ([^;\n]*)(?:; .*, section ([0-9.]+))?$", text, re.MULTILINE)
    heading, section = chapter.groups(default="") if chapter else ("", "")
    folder = next((folder for folder, title in chapters().items() if title == heading), "")
    return Page(
        name,
        title,
        folder,
        section,
        _names(text, "Architectures"),
        _names(text, "Presets"),
        text,
    )


def _names(text: str, label: str) -> tuple[str, ...]:
    """The names in backquotes on the line that begins with a label."""
    line = re.search(rf"^- {label}: (.*)$", text, re.MULTILINE)
    return tuple(re.findall(r"`([^`]+)`", line.group(1))) if line else ()
