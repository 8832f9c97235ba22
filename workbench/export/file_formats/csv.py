"""All metrics of a run as one table."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from workbench.errors import ExportError
from workbench.export.export_format import ExportFormat, ExportSource
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader

__all__ = ["Csv", "compare_metrics", "write_metrics"]


class Csv(ExportFormat):
    """One row a step, one column a series; empty where a series has no value, `nan` and `inf` where it has such a one."""

    title = "CSV of all metrics"
    summary = "One row a step: step, seconds, samples, then one column for every series. Numbers are written in full precision."
    suffix = ".csv"
    needs_checkpoint = False

    @classmethod
    def write(cls, source: ExportSource, path: Path) -> None:
        """Write the table."""
        write_metrics(source.folder, source.step, path)

    @classmethod
    def verify(cls, source: ExportSource, path: Path) -> dict[str, str]:
        """Read the table and compare every value."""
        return {"metrics": compare_metrics(source.folder, source.step, path)}


Table = tuple[list[str], dict[int, dict[str, float]]]


def write_metrics(folder: RunFolder, last_step: int, path: Path) -> None:
    """Write all series of a run up to a step; a run that goes on meanwhile does not change what is written."""
    columns, rows = _from_run(folder, last_step)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", *columns])
        for step in sorted(rows):
            row = rows[step]
            # repr gives the shortest text that reads back as the same number
            writer.writerow([step, *(repr(row[column]) if column in row else "" for column in columns)])


def compare_metrics(folder: RunFolder, last_step: int, path: Path) -> str:
    """Read the table again and compare it with the run's database; what was found, in words.

    Raises:
        ExportError: they differ.
    """
    columns, expected = _from_run(folder, last_step)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        got = {int(row[0]): {name: float(cell) for name, cell in zip(header[1:], row[1:], strict=True) if cell} for row in reader}
    if header != ["step", *columns] or got.keys() != expected.keys():
        raise ExportError("the table's steps or columns differ from the run's. Nothing was kept; export again.")
    for step, row in expected.items():
        if row.keys() != got[step].keys() or any(not _equal(value, got[step][name]) for name, value in row.items()):
            raise ExportError(f"the table's values of step {step} differ from the run's. Nothing was kept; export again.")
    count = sum(len(row) for row in expected.values())
    return f"{count:,} values of {len(expected):,} steps equal"


def _equal(first: float, second: float) -> bool:
    return first == second or (math.isnan(first) and math.isnan(second))


def _from_run(folder: RunFolder, last_step: int) -> Table:
    """Column names, and of each step the value by column."""
    rows: dict[int, dict[str, float]] = {}
    with RunReader(folder) as reader:
        for step, seconds, samples in zip(*(array.tolist() for array in reader.timing()), strict=True):
            rows[step] = {"seconds": seconds, "samples": samples}
        tags = reader.tags()
        for tag in tags:
            for step, value in zip(*(array.tolist() for array in reader.scalars(tag)), strict=True):
                rows.setdefault(step, {})[tag] = value
    exported = {step: row for step, row in rows.items() if step <= last_step}
    columns = set[str]().union(*exported.values())  # a series that began later is not there yet
    return ["seconds", "samples", *(tag for tag in tags if tag in columns)], exported
