"""`workbench predict`: a checkpoint's answers to what a person types."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli.options import Json, RunReference, RunsDir, runs_root
from workbench.cli.output import console, message, number, print_json, table

__all__ = ["register"]

_TOP_CLASSES = 3


def predict(
    run: RunReference,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...", help="What the model is asked, as its dataset writes it; without any, samples of the test set."
        ),
    ] = None,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Ask a trained model: a sentence to translate, numbers of a sequence, test:12 for an image of the test set."""
    from workbench.runs.listing import find_run, split_reference
    from workbench.training.opened import open_model
    from workbench.training.opened import predict as answers

    name, which = split_reference(run)
    folder = find_run(runs_root(runs_dir), name)
    opened = open_model(folder, which)
    items = answers(opened, inputs or [])
    if as_json:
        print_json({"run": folder.id, "step": opened.step, "items": items})
        return
    message(f"{folder.id} at step {opened.step:,}")
    console().print(_table(items))


def _table(items: list[dict[str, Any]]) -> Any:
    with_target = any("target" in item for item in items)
    with_classes = any("probabilities" in item for item in items)
    columns = ["input", *(["target"] if with_target else []), "predicted"]
    columns += [""] if with_target else []
    columns += ["probabilities"] if with_classes else []
    rows = []
    for item in items:
        row = [item.get("input", ""), *([item.get("target", "")] if with_target else []), item.get("predicted", "")]
        if with_target:
            row.append("" if item.get("correct") is None else "✓" if item["correct"] else "✗")
        if with_classes:
            likely = sorted(item.get("probabilities", {}).items(), key=lambda pair: -pair[1])[:_TOP_CLASSES]
            row.append("  ".join(f"{name} {number(round(share, 4))}" for name, share in likely))
        rows.append(row)
    return table(columns, rows)


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(rich_help_panel="Use")(predict)
