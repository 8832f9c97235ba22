"""Listings of cards: architectures and datasets, all of them or one in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.cli.output import console, message, print_json, table
from workbench.cli.setting_rows import HEADS, setting_rows

__all__ = ["card_values", "chosen_cards", "print_cards", "tell_broken"]


def tell_broken(table: str) -> None:
    """Name the cards that were found and cannot be used, on stderr."""
    from workbench.cards import catalog

    for card in catalog.broken_cards(table):
        message(f"'{card.name}' is left out: {card.reason}")


def chosen_cards(table: str, command: str, name: str | None, cards: Mapping[str, Any]) -> dict[str, Any]:
    """All cards, or the named one.

    Args:
        table: table of an experiment that the cards are for.
        command: the command that asks, for messages.
        name: what was typed.
        cards: the cards by name.

    Raises:
        CardError: it is there and cannot be used.
        UsageError: there is none of that name; near ones are named.
    """
    from workbench.cards.catalog import why_missing
    from workbench.errors import CardError, UsageError
    from workbench.saying import nearest, said

    if name is None:
        return dict(cards)
    if name not in cards and (reason := why_missing(table, name)):
        raise CardError(f"workbench {command}: {reason}")
    if name not in cards:
        near = nearest(name, cards, f"workbench {command}")
        raise UsageError(f"workbench {command}: got {said(name)}; expected one of the known names. {near}")
    return {name: cards[name]}


def card_values(card: Any) -> dict[str, Any]:
    """What a listing as JSON says of any card."""
    return {
        "name": card.name,
        "title": card.title,
        "group": card.group,
        "summary": " ".join(card.summary.split()),
        "reference": " ".join(card.reference.split()),
        "schema": card.Config.model_json_schema(),
    }


def print_cards(kind: str, rows: list[dict[str, Any]], cards: Mapping[str, Any], *, full: bool, as_json: bool) -> None:
    """Print cards as JSON, in full, or a line each; `kind` is `architecture` or `dataset`, `rows` what JSON says of each."""
    if as_json:
        print_json(rows)
    elif full:
        for row in rows:
            _show_card(kind, row, cards[row["name"]])
    else:
        ordered = sorted(rows, key=lambda row: (row["group"], row["name"]))
        lines = [(row["name"], row["title"], row["group"], ", ".join(row["tasks"])) for row in ordered]
        out = console()
        out.print(table((kind, "title", "group", "tasks"), lines))
        out.print(f"'workbench {kind}s NAME' shows one with its settings.", style="dim")


def _show_card(kind: str, row: dict[str, Any], card: Any) -> None:
    from rich.text import Text

    out = console()
    out.print(Text.assemble((row["title"], "bold"), f"  {row['group']} · {', '.join(row['tasks'])}"))
    out.print(row["summary"], markup=False)
    for part in ("equation", "drawing"):
        if row.get(part):
            out.print()
            out.print(Text("\n".join(f"  {line}" for line in row[part].strip("\n").splitlines())))
    if kind == "dataset":
        out.print(card.held_out.words, markup=False)
    out.print()
    out.print(Text(row["reference"], style="dim"))
    table_name = {"architecture": "model", "dataset": "data"}[kind]
    lines = setting_rows(table_name, card.Config)
    if lines:
        out.print(table(HEADS, lines))
