"""`workbench predict`: a checkpoint's answers to what a person types."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli.options import Json, RunReference, RunsDir, runs_root
from workbench.cli.output import console, message, print_json, table

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
    """Ask a trained model: a sentence to translate, numbers of a sequence, test:12 for a sample of the test set."""
    from workbench.runs.listing import find_run, split_reference
    from workbench.training.opened import open_model
    from workbench.training.opened import predict as answers

    name, which = split_reference(run)
    folder = find_run(runs_root(runs_dir), name)
    opened = open_model(folder, which)
    items = answers(opened, inputs or [])
    for notice in dict.fromkeys(item["notice"] for item in items if "notice" in item):
        message(notice)
    if as_json:
        print_json({"run": folder.id, "step": opened.step, "items": items})
        return
    message(f"{folder.id} at step {opened.step:,}")
    console().print(_table(items))


def _table(items: list[dict[str, Any]]) -> Any:
    with_sample = any("sample" in item for item in items)
    with_input = any(item["input"] != item.get("sample") for item in items)  # a picture has no text
    with_target = any("target" in item for item in items)
    with_classes = any("probabilities" in item for item in items)
    columns = [*(["sample"] if with_sample else []), *(["input"] if with_input else []), *(["target"] if with_target else [])]
    columns += ["predicted", *([""] if with_target else []), *(["probabilities"] if with_classes else [])]
    rows = []
    for item in items:
        row = [item.get("sample", "")] if with_sample else []
        row += [item["input"]] if with_input else []
        row += [item.get("target", "")] if with_target else []
        row.append(item["predicted"])
        if with_target:
            row.append("" if item.get("correct") is None else "✓" if item["correct"] else "✗")
        if with_classes:
            likely = list(item.get("probabilities", {}).items())[:_TOP_CLASSES]
            row.append("  ".join(f"{name} {share:.3f}" for name, share in likely))
        rows.append(row)
    return table(columns, rows)


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(rich_help_panel="Use")(predict)
