"""`workbench architectures`: the models to choose from."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.card_listing import card_values, chosen_cards, print_cards, tell_broken
from workbench.cli.options import Json

__all__ = ["PANEL", "command"]

PANEL = "Choose"


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One architecture, shown in full.", autocompletion=complete_architecture),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the architectures, or show one with its equation and settings."""
    from workbench.cards import catalog

    cards = chosen_cards("model", "architectures", name, catalog.architectures())
    rows = [
        {**card_values(card), "tasks": sorted(card.tasks), "equation": card.equation, "drawing": card.drawing}
        for card in cards.values()
    ]
    print_cards("architecture", rows, cards, full=name is not None, as_json=as_json)
    tell_broken("model")


def complete_architecture(incomplete: str) -> list[tuple[str, str]]:
    """Architectures that start with what was typed."""
    from workbench.cards import catalog

    return [(name, card.title) for name, card in catalog.architectures().items() if name.startswith(incomplete)]
