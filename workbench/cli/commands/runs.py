"""`workbench runs`: what was trained."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from workbench.cli.options import Json, RunsDir, runs_root
from workbench.cli.output import console, print_json, state_text, table, with_room
from workbench.paths import resolved
from workbench.saying import age, clock, number

__all__ = ["PANEL", "command"]

_COLUMNS = ("run", "state", "name", "steps", "metric", "time", "age", "from", "tags", "baseline", "differs in")
_OPTIONAL = ("metric", "steps", "from", "time", "age", "tags", "differs in", "baseline")
"""Columns that are left out where there is no room for all, the most useful one first."""
_MAY_BE_EMPTY = ("from", "tags", "baseline", "differs in")
_FOLDS = {"name": 12, "differs in": 24}
"""Columns that may fold, with the fewest cells that they need."""

PANEL = "Look"


def command(
    query: Annotated[
        str,
        typer.Option(
            "--filter",
            metavar="QUERY",
            help="Words, state:finished arch:lstm data:adding tag:x, comparisons such as accuracy>0.9, and -word for not.",
        ),
    ] = "",
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """List the runs, newest first.

    `time` is the time spent in training steps: evaluations and pauses are left out. `differs in` has the settings on which the
    listed runs of a dataset do not agree. With --json, `run` is the id (as `id` is) as in every other command, `name` a person's
    name for the run.
    """
    from workbench.runs.listing import list_runs

    root = runs_root(runs_dir)
    listed = list_runs(root, query)
    if as_json:
        print_json([{**run.to_dict(), "run": run.id} for run in listed])
        return
    out = console()
    if not listed:
        if query:
            out.print(f"No run matches '{query}' in {resolved(root)}.", markup=False, soft_wrap=True)
        else:
            out.print(f"No runs in {resolved(root)}. 'workbench run PRESET' starts one.", markup=False, soft_wrap=True)
        return
    now = time.time()
    rows = [
        (
            run.id,
            state_text(run.state, run.standing),
            run.label,
            f"{run.step:,}/{run.total:,}",
            f"{run.metric} {number(run.value)}" if run.metric else "-",
            clock(run.seconds),
            age(now - run.created),
            run.origin,
            " ".join(run.tags),
            run.baseline or "",
            run.differs,
        )
        for run in listed
    ]
    told = [title for place, title in enumerate(_COLUMNS) if title not in _MAY_BE_EMPTY or any(row[place] for row in rows)]
    cells = [tuple(row[_COLUMNS.index(title)] for title in told) for row in rows]
    shown = with_room(told, cells, out.width, _OPTIONAL, _FOLDS)
    made = table(
        shown,
        [tuple(row[told.index(title)] for title in shown) for row in cells],
        right=("steps", "time", "age"),
        whole=[title for title in shown if title not in _FOLDS],
    )
    out.print(made)
    if left_out := [title for title in told if title not in shown]:
        out.print(f"No room for {', '.join(left_out)}: a wider terminal or --json has them.", style="dim", markup=False)
