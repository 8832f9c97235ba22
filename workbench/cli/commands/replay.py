"""`workbench replay`: whether a run comes out the same when it is computed once more."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from workbench.cli.options import Json, RunName, RunsDir, runs_root
from workbench.cli.output import console, message, print_json
from workbench.cli.working import StepsTold

__all__ = ["PANEL", "command"]

PANEL = "Look"


def command(
    run: RunName,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="STEP", min=1, max=2**63 - 1, help="End after this step; by default where it stands."),
    ] = None,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Compute a run once more, with every live change at its step, and compare losses, metrics and weights bit for bit.

    The run stays as it is. How far it is goes to stderr.
    The exit code is 1 when something differs; the first difference is named.
    """
    from workbench.cli.following import leave
    from workbench.runs.listing import find_run

    folder = find_run(runs_root(runs_dir), run)
    message(f"{folder.id}: computed once more ...")
    with StepsTold(": the same so far") as told:
        from workbench.training.replay import replay  # torch

        result = replay(folder, until, told)
    if as_json:
        print_json({"run": folder.id, "same": result.same, **dataclasses.asdict(result)})
    else:
        out = console()
        for line in (result.verdict, *(f"Note: {note}." for note in result.notes)):
            out.print(line, markup=False, soft_wrap=True)
    leave(0 if result.same else 1)
