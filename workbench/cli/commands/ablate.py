"""`workbench ablate`: what a checkpoint scores with a part of its model switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli.options import Json, RunReference, RunsDir, runs_root
from workbench.cli.output import console, message, print_json, table

if TYPE_CHECKING:
    from workbench.training.ablation import Ablated

from workbench.cli.working import Working

__all__ = ["PANEL", "command"]

PANEL = "Look"


def command(
    run: RunReference,
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PART...",
            help="What to switch off, one at a time: update_gate, head:0, unit:3, skip, encoding; without any, what there is.",
        ),
    ] = None,
    split: Annotated[
        Literal["validation", "test"], typer.Option("--split", help="Held-out set on which it is measured.")
    ] = "validation",
    samples: Annotated[
        int | None, typer.Option("--samples", metavar="N", min=1, max=1_000_000, help="Use N samples at most; all by default.")
    ] = None,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Switch off a gate, a unit, a head, skip connections or the positional encoding, and compare with the intact model.

    The run stays as it is, and nothing is trained anew: a gate is what it is where the network is built without it (an LSTM's
    and a GRU's reset gate 1), a unit, a head or a filter gives 0. A part is written with its path, or with the end of it where
    that is enough.
    """
    from workbench.runs.listing import find_reference

    folder, which = find_reference(runs_root(runs_dir), run)
    with Working(f"{folder.id}: loading the model") as told:
        from workbench.training.ablation import ablate, find_part, model_parts  # torch
        from workbench.training.inference import load_model

        loaded = load_model(folder, which)
        chosen = [find_part(loaded, text) for text in parts or []]
        told.say(f"{folder.id}: measuring, intact and without each part")
        measured = list(told.over(ablate(loaded, chosen, split, samples), len(chosen) + 1)) if chosen else []
    if not measured:
        _list(folder.id, model_parts(loaded), as_json=as_json)
        return
    intact, *others = measured
    if as_json:
        values = {"run": folder.id, "step": loaded.step, "split": split, "intact": intact.to_dict()}
        print_json({**values, "ablated": [other.to_dict() for other in others]})
        return
    of = len(loaded.dataset.held_out(split))
    used = of if samples is None else min(samples, of)
    message(f"{folder.id} at step {loaded.step:,}, {used:,} of {of:,} samples of the {split} set")
    _show(intact, others)


def _list(run: str, parts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json([{"part": name, "count": max(1, count), "numbered": count > 0} for name, count in parts.items()])
        return
    out = console()
    if not parts:
        out.print(f"{run}: its model has no part that can be switched off.", markup=False)
        return
    rows = [(name if not count else f"{name}:0" if count == 1 else f"{name}:0 to :{count - 1}",) for name, count in parts.items()]
    out.print(table(("part",), rows))
    out.print(f"'workbench ablate {run} PART' switches one off.", style="dim", soft_wrap=True, markup=False)


def _show(intact: Ablated, others: list[Ablated]) -> None:
    """Metrics side by side, then the answers to the first samples."""
    from workbench.saying import number

    out = console()
    titles = ("switched off", *intact.metrics)
    rows: list[tuple[Any, ...]] = [("nothing", *map(number, intact.metrics.values()))]
    rows += [(str(other.part), *(number(other.metrics[metric]) for metric in intact.metrics)) for other in others]
    out.print(table(titles, rows, right=tuple(intact.metrics)))
    answers = [
        (
            item["input"] or f"sample {index}",
            item["target"],
            item["predicted"],
            *(other.items[index]["predicted"] for other in others),
        )
        for index, item in enumerate(intact.items)
    ]
    if answers:
        ends = [str(other.part).rpartition("/")[2] for other in others]
        names = ends if len(set(ends)) == len(ends) else [str(other.part) for other in others]
        heads = ("input", "target", "intact", *(f"without {name}" for name in names))
        out.print(table(heads, answers))
