"""`workbench runs`: what was trained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, RunsDir, runs_root
from workbench.cli.output import console, message, print_json, state_text, table, tell_left_out, with_room
from workbench.paths import resolved
from workbench.saying import age, clock, number

if TYPE_CHECKING:
    from workbench.runs.groups import RunGroup

__all__ = ["PANEL", "command"]

_COLUMNS = ("run", "state", "name", "steps", "metric", "time", "age", "from", "tags", "baseline", "differs in")
_OPTIONAL = ("metric", "steps", "from", "time", "age", "tags", "differs in", "baseline")
"""Columns that are left out where there is no room for all, the most useful one first."""
_MAY_BE_EMPTY = ("from", "tags", "baseline", "differs in")
_GROUP_COLUMNS = (
    "group",
    "runs",
    "states",
    "seeds",
    "metric",
    "median",
    "min",
    "max",
    "values",
    "baseline",
    "newest run",
    "age",
    "differs in",
)
_GROUP_OPTIONAL = ("differs in", "seeds", "values", "states", "baseline", "newest run", "age")
_GROUP_FOLDS = {"group": 16, "states": 12, "differs in": 24}
_FOLDS = {"name": 12, "differs in": 24}
"""Columns that may fold, with the fewest cells that they need."""

PANEL = "Look"


def command(
    query: Annotated[
        str,
        typer.Option(
            "--filter",
            metavar="QUERY",
            help="Words, state:finished arch:lstm data:adding tag:x, comparisons such as accuracy>0.9, -word for not, @name for "
            "one that was saved.",
        ),
    ] = "",
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME", help="Save the filter: @NAME stands for it; without --filter NAME is forgotten."),
    ] = None,
    group: Annotated[
        bool, typer.Option("--group", help="Fold the runs that differ in nothing but the seed into a row each.")
    ] = False,
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by",
            metavar="KEY[,KEY]",
            help="Fold the runs that agree on these settings instead, whatever else differs: model.name,optimizer.lr.",
        ),
    ] = None,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """List the runs, newest first.

    `time` is the time spent in training steps: evaluations and pauses are left out. `differs in` has the settings on which the
    listed runs of a dataset do not agree. With --json, `run` is the id (as `id` is) as in every other command, `name` a person's
    name for the run.

    A group has the median, the smallest and the largest value of the metric that counts most, and `values` says of how many runs.
    Runs are of one group where they have the same settings but for the seed and for `inspect`, the same live changes at the same
    steps, the same data files, and began with the same weights.
    """
    from workbench.runs.filters import save_filter
    from workbench.runs.groups import group_runs
    from workbench.runs.listing import list_runs

    root = runs_root(runs_dir)
    listed = list_runs(root, query)
    if save is not None:
        save_filter(save, query)
        message(f"@{save} stands for '{query}' from now on." if query else f"@{save} is forgotten.")
    folded = group_runs(listed, _keys(group_by)) if group or group_by is not None else None
    if as_json and folded is not None:
        print_json([one.to_dict() for one in folded])
        return
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
    if folded is not None:
        _print_groups(folded)
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
    tell_left_out(out, told, shown)


def _keys(text: str | None) -> list[str] | None:
    """The settings of `--group-by`."""
    from workbench.errors import UsageError
    from workbench.saying import said

    if text is None:
        return None
    keys = [key for word in text.split(",") if (key := word.strip())]
    if not keys:
        raise UsageError(f"--group-by: got {said(text)}; expected settings. Write one, as in --group-by model.name.")
    return keys


def _print_groups(groups: Sequence[RunGroup]) -> None:
    """A row for each group: its members' states and the least, middle and greatest value of the metric that counts most."""
    now = time.time()
    rows = []
    for group in groups:
        newest = max(group.runs, key=lambda run: (run.created, run.id))
        spread = group.headline
        values = [number(value) if spread.count else "-" for value in (spread.median, spread.low, spread.high)]
        measured = f"{spread.count} of {len(group.runs)}" if spread.missing else f"{spread.count}"
        rows.append(
            (
                group.name,
                f"{len(group.runs)}",
                group.state_words,
                group.seed_words,
                group.metric or "-",
                *values,
                measured,
                group.baseline,
                newest.id,
                age(now - newest.created),
                group.differs,
            )
        )
    out = console()
    told = [title for place, title in enumerate(_GROUP_COLUMNS) if title not in _MAY_BE_EMPTY or any(row[place] for row in rows)]
    cells = [tuple(row[_GROUP_COLUMNS.index(title)] for title in told) for row in rows]
    shown = with_room(told, cells, out.width, _GROUP_OPTIONAL, _GROUP_FOLDS)
    made = table(
        shown,
        [tuple(row[told.index(title)] for title in shown) for row in cells],
        right=("runs", "median", "min", "max", "values", "age"),
        whole=[title for title in shown if title not in _GROUP_FOLDS],
    )
    out.print(made)
    tell_left_out(out, told, shown)
