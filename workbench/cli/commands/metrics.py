"""`workbench metrics`: a run's numbers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, RunName, RunsDir, runs_root
from workbench.cli.output import console, print_json, table
from workbench.cli.series import TAG_HELP, chosen_tags
from workbench.cli.signs import exact
from workbench.saying import number

if TYPE_CHECKING:
    from workbench.runs.reader import RunReader

__all__ = ["PANEL", "command"]

PANEL = "Look"


def command(
    run: RunName,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help=f"{TAG_HELP} Repeatable; all by default.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every value as CSV: step,tag,value.")] = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Print a run's metrics: a summary of each series, or every value with --csv or --json."""
    from workbench.errors import UsageError
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader
    from workbench.runs.schema import examine_database

    if as_csv and as_json:
        raise UsageError("workbench metrics: got --csv and --json; expected one of them. Leave one out.")
    folder = find_run(runs_root(runs_dir), run)
    if as_csv or as_json:
        examine_database(folder.database_path)  # whoever computes with the numbers sees no gap and no odd one
    with RunReader(folder) as reader:
        chosen = chosen_tags(folder.id, reader.tags(), tags) if tags else reader.tags()
        if as_json:
            series = {tag: reader.scalars(tag) for tag in chosen}
            print_json(
                [{"tag": tag, "steps": steps.tolist(), "values": values.tolist()} for tag, (steps, values) in series.items()]
            )
        elif as_csv:
            _print_csv(reader, chosen)
        else:
            _print_summary(reader, chosen)


def _print_csv(reader: RunReader, tags: list[str]) -> None:
    writer = csv.writer(exact(), lineterminator="\n")
    writer.writerow(("step", "tag", "value"))
    for tag in tags:
        steps, values = reader.scalars(tag)
        writer.writerows((step, tag, repr(value)) for step, value in zip(steps.tolist(), values.tolist(), strict=True))


def _print_summary(reader: RunReader, tags: list[str]) -> None:
    import numpy as np

    from workbench.cards.catalog import known_metrics

    baselines = reader.meta().get("baselines", {})
    rows: list[tuple[Any, ...]] = []
    for tag in tags:
        steps, values = reader.scalars(tag)
        finite = values[np.isfinite(values)]
        low, high = (finite.min(), finite.max()) if finite.size else (None, None)
        odd = len(values) - len(finite)
        if not len(steps):
            rows.append((tag, "0", "-", "-", "-", "-", "no rows: they are missing from the database", ""))
            continue
        numbers = (number(x if x is None else float(x)) for x in (values[-1], low, high))
        rows.append(
            (
                tag,
                f"{len(steps):,}",
                f"{steps[-1]:,}",
                *numbers,
                f"{odd:,} not finite (NaN or infinite)" if odd else "",
                baselines.get(tag.rpartition("/")[2], ""),
            )
        )
    columns = ["series", "values", "last step", "last", "lowest", "highest", "missing", "baseline"]
    right = columns[1:-2]
    for title in ("baseline", "missing"):
        index = columns.index(title)
        if not any(row[index] for row in rows):  # a column in which nothing stands is left out
            del columns[index]
            rows = [(*row[:index], *row[index + 1 :]) for row in rows]
    out = console()
    out.print(table(columns, rows, right=right))
    known = known_metrics()
    names = dict.fromkeys(tag.rpartition("/")[2] for tag in tags)
    out.print(table(["metric", "what it is"], [(name, known[name].meaning) for name in names if name in known]))
