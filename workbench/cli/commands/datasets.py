"""`workbench datasets`: the data to choose from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from workbench.cli.card_listing import card_values, chosen_cards, print_cards, tell_broken
from workbench.cli.options import Json

__all__ = ["PANEL", "command"]

PANEL = "Choose"


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One dataset, shown in full.", autocompletion=complete_dataset)
    ] = None,
    as_json: Json = False,
) -> None:
    """List the datasets, or show one with its settings."""
    from workbench.cards import catalog

    cards = chosen_cards("data", "datasets", name, catalog.datasets())
    rows = [{**card_values(card), "tasks": _tasks(card), "held_out": asdict(card.held_out)} for card in cards.values()]
    print_cards("dataset", rows, cards, full=name is not None, as_json=as_json)
    tell_broken("data")


def complete_dataset(incomplete: str) -> list[tuple[str, str]]:
    """Datasets that start with what was typed."""
    from workbench.cards import catalog

    return [(name, card.title) for name, card in catalog.datasets().items() if name.startswith(incomplete)]


def _tasks(card: Any) -> list[str]:
    """The kinds of task that a dataset asks, with its default settings."""
    if card.kind is not None:
        return [card.kind]
    try:
        return [card.task(card.Config()).kind]
    except Exception:  # noqa: BLE001 - it needs a file, or is somebody else's card and fails: the list goes on
        return []
