"""`workbench presets`: experiments that are ready to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, complete_preset
from workbench.cli.output import console, print_json, table

if TYPE_CHECKING:
    from workbench.experiment.presets import Preset

__all__ = ["PANEL", "command"]

PANEL = "Choose"


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[PRESET]", help="One preset, shown in full.", autocompletion=complete_preset)
    ] = None,
    as_json: Json = False,
) -> None:
    """List the presets by chapter, or show one."""
    from workbench.experiment.presets import find_preset, list_presets

    shown = list_presets()
    if name is not None:
        path = find_preset(name)
        shown = [preset for preset in shown if preset.path == path]
    rows = [_preset_values(preset) for preset in shown]
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
