"""`workbench concepts`: what the systems are, what to try and what to look at."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.cli.options import Json
from workbench.cli.output import console, print_json, table

__all__ = ["PANEL", "command"]

PANEL = "Choose"

_READABLE = 100
"""Columns beyond which lines of prose are hard to follow."""


def complete_concept(incomplete: str) -> list[tuple[str, str]]:
    """Pages that start with what was typed."""
    from workbench.concepts import list_pages

    return [(page.name, page.title) for page in list_pages() if page.name.startswith(incomplete)]


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A page, an architecture or a preset.", autocompletion=complete_concept),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the concept pages, or read one: idea, equation, what to try, what to look at, pitfalls."""
    from workbench.concepts import find_page, list_pages

    if name is None:
        pages = list_pages()
        if as_json:
            print_json([asdict(page) for page in pages])
            return
        out = console()
        rows = [(page.name, page.title, ", ".join(page.architectures)) for page in pages]
        out.print(table(("page", "title", "architectures"), rows))
        out.print("'workbench concepts NAME' shows one; NAME may also be an architecture or a preset.", style="dim")
        return
    _check_page(name)
    page = find_page(name)
    if as_json:
        print_json(asdict(page))
        return
    from rich.markdown import Markdown

    out = console()
    out.print(Markdown(page.text), width=min(out.width, _READABLE))


def _check_page(name: str) -> None:
    """Tell a preset without a page from a word that nobody knows.

    Raises:
        UsageError: it is such a preset; its architecture's page is named.
    """
    from workbench.concepts import list_pages, page_for
    from workbench.errors import UsageError
    from workbench.experiment.presets import list_presets

    if any(page.name == name for page in list_pages()) or page_for(name, name) is not None:
        return
    for preset in list_presets():
        if name in (preset.name, preset.name.rpartition("/")[2]):
            model = str(preset.values.get("model", {}).get("name", ""))
            other = f" 'workbench concepts {model}' explains its model." if page_for(model, "") is not None else ""
            raise UsageError(f"concepts: preset '{name}' has no page of its own.{other}")
