"""`workbench presets`, `architectures` and `datasets`: what there is to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, complete_preset
from workbench.cli.output import console, message, print_json, table
from workbench.cli.setting_rows import HEADS, setting_rows

if TYPE_CHECKING:
    from workbench.experiment.presets import Preset

__all__ = ["register"]


def complete_architecture(incomplete: str) -> list[tuple[str, str]]:
    """Architectures that start with what was typed."""
    from workbench.cards import catalog

    return [(name, card.title) for name, card in catalog.architectures().items() if name.startswith(incomplete)]


def complete_dataset(incomplete: str) -> list[tuple[str, str]]:
    """Datasets that start with what was typed."""
    from workbench.cards import catalog

    return [(name, card.title) for name, card in catalog.datasets().items() if name.startswith(incomplete)]


def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="[PRESET]", help="One preset, shown in full.", autocompletion=complete_preset)
    ] = None,
    as_json: Json = False,
) -> None:
    """List the presets by chapter, or show one."""
    from workbench.experiment.presets import find_preset, list_presets

    found = list_presets()
    if name is not None:
        path = find_preset(name)
        found = [preset for preset in found if preset.path == path]
    rows = [_preset_values(preset) for preset in found]
    if as_json:
        print_json(rows)
    elif name is not None:
        _show_preset(name)
    else:
        out = console()
        out.print(
            table(
                ("preset", "title", "architecture", "dataset", "steps"),
                [(row["name"], row["title"], row["architecture"], row["dataset"], row["steps"]) for row in rows],
                right=("steps",),
            )
        )
        out.print("'workbench PRESET' opens one, 'workbench run PRESET' trains it here.", style="dim")


def _preset_values(preset: Preset) -> dict[str, Any]:
    values = preset.values
    return {
        "name": preset.name,
        "title": preset.title,
        "chapter": preset.chapter,
        "about": preset.about,
        "architecture": values.get("model", {}).get("name", ""),
        "dataset": values.get("data", {}).get("name", ""),
        "steps": values.get("training", {}).get("steps"),
        "claim": preset.claim,
        "path": str(preset.path),
    }


def _show_preset(name: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from workbench.experiment.presets import find_preset, load_preset

    experiment = load_preset(name)
    out = console()
    out.print(Text(experiment.title, style="bold"))
    for baseline in experiment.task.baselines:
        out.print(f"Baseline {baseline.metric}: {baseline.words}", markup=False, style="dim")
    out.print()
    out.print(Padding(Text(find_preset(name).read_text(encoding="utf-8").rstrip()), (0, 0, 0, 2)))


def architectures(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One architecture, shown in full.", autocompletion=complete_architecture),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the architectures, or show one with its equation and settings."""
    from workbench.cards import catalog

    cards = _chosen("model", "architectures", name, catalog.architectures())
    rows = [
        {**_card_values(card), "tasks": sorted(card.tasks), "equation": card.equation, "drawing": card.drawing}
        for card in cards.values()
    ]
    _print_cards("architecture", rows, cards, full=name is not None, as_json=as_json)
    _tell_broken("model")


def datasets(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One dataset, shown in full.", autocompletion=complete_dataset)
    ] = None,
    as_json: Json = False,
) -> None:
    """List the datasets, or show one with its settings."""
    from workbench.cards import catalog

    cards = _chosen("data", "datasets", name, catalog.datasets())
    rows = [{**_card_values(card), "tasks": _tasks(card), "held_out": asdict(card.held_out)} for card in cards.values()]
    _print_cards("dataset", rows, cards, full=name is not None, as_json=as_json)
    _tell_broken("data")


def _tell_broken(table: str) -> None:
    """Name the cards that were found and cannot be used, on stderr."""
    from workbench.cards import catalog

    for card in catalog.broken_cards(table):
        message(f"'{card.name}' is left out: {card.reason}")


def _chosen(table: str, command: str, name: str | None, cards: Mapping[str, Any]) -> dict[str, Any]:
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


def _card_values(card: Any) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "group": card.group,
        "summary": " ".join(card.summary.split()),
        "reference": " ".join(card.reference.split()),
        "schema": card.Config.model_json_schema(),
    }


def _tasks(card: Any) -> list[str]:
    """The kinds of task that a dataset asks, with its default settings."""
    if card.kind is not None:
        return [card.kind]
    try:
        return [card.task(card.Config()).kind]
    except Exception:  # noqa: BLE001 - it needs a file, or is somebody else's card and fails: the list goes on
        return []


def _print_cards(kind: str, rows: list[dict[str, Any]], cards: Mapping[str, Any], *, full: bool, as_json: bool) -> None:
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


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (presets, architectures, datasets):
        app.command(rich_help_panel="Choose")(command)
