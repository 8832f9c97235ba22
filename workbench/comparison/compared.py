"""A comparison as a whole, and as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from io import StringIO
from typing import Any

from workbench.comparison.entries import Entry
from workbench.comparison.markdown import markdown_table, plain
from workbench.comparison.results import Result, differing_settings, notes, results
from workbench.comparison.significance import Verdict, kept_evaluation, verdicts
from workbench.runs.evaluations import Evaluation
from workbench.runs.folder import RunFolder
from workbench.runs.summary import RunSummary
from workbench.saying import clean, took

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """Runs and groups beside each other.

    Attributes:
        entries: the runs and groups.
        settings: those on which they differ, with each one's value.
        results: a line for each metric.
        verdicts: the first entry against each other one.
        notes: what makes it unfair or incomplete.
        evaluations: of single runs on their test samples, by the entry's number.
        unmeasured: the steps of their checkpoints, for single runs that have one and no evaluation, by the entry's number.
    """

    entries: tuple[Entry, ...]
    settings: tuple[tuple[str, tuple[str, ...]], ...]
    results: tuple[Result, ...]
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]
    evaluations: Mapping[int, Evaluation] = field(default_factory=dict, repr=False)
    unmeasured: Mapping[int, int] = field(default_factory=dict)

    @property
    def lineage(self) -> tuple[str, ...]:
        """Where each entry comes from: the run and step that it was forked from, or "" for one of its own."""
        return tuple(", ".join(dict.fromkeys(run.origin for run in entry.runs if run.origin)) for entry in self.entries)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        return {
            "entries": [
                {
                    "number": entry.number,
                    "name": entry.name,
                    "runs": [run.id for run in entry.runs],
                    "seeds": list(entry.group.seeds),
                    "states": entry.group.states,
                    "steps": list(entry.steps),
                    "from": origin,
                }
                for entry, origin in zip(self.entries, self.lineage, strict=True)
            ],
            "settings": {name: list(values) for name, values in self.settings},
            "results": [
                {**asdict(result), "best": [self.entries[place].number for place in result.best]} for result in self.results
            ],
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
            "notes": list(self.notes),
        }

    def head(self) -> list[str]:
        """The entries' titles for a table: `1 lstm`."""
        return [f"{entry.number} {clean(entry.name)}" for entry in self.entries]

    def setting_rows(self) -> list[tuple[str, ...]]:
        """The table of the settings that differ, with steps, time and origin."""
        rows = [(name, *values) for name, values in self.settings]
        rows.append(("training time", *(took(sum(run.seconds for run in e.runs) / len(e.runs)) for e in self.entries)))
        if any(self.lineage):
            rows.append(("from", *(origin or "-" for origin in self.lineage)))
        return rows

    def result_rows(self, mark: str = "*") -> list[tuple[str, ...]]:
        """The table of results, the best marked."""
        return [
            (
                result.tag,
                *(
                    f"{cell.words} {mark}".rstrip() if place in result.best else cell.words
                    for place, cell in enumerate(result.cells)
                ),
                result.baseline,
            )
            for result in self.results
        ]

    def markdown(self) -> str:
        """The comparison as a Markdown text."""
        head = [plain(title) for title in self.head()]
        parts = [markdown_table(["setting", *head], ([plain(cell) for cell in row] for row in self.setting_rows()))]
        rows = [
            [
                f"**{plain(cell)}**" if column - 1 in result.best and column <= len(self.entries) else plain(cell)
                for column, cell in enumerate(row)
            ]
            for row, result in zip(self.result_rows(""), self.results, strict=True)
        ]
        parts.append(markdown_table(["result (**best**)", *head, "baseline"], rows))
        lines = [*(verdict.words for verdict in self.verdicts), *self.notes]
        if lines:
            parts.append("\n".join(f"- {plain(line)}" for line in lines))
        return "\n\n".join(parts) + "\n"

    def csv(self) -> str:
        """The results as CSV: one row for each metric and entry."""
        buffer = StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(("metric", "number", "name", "value", "low", "high", "runs", "missing", "best", "baseline"))
        for result in self.results:
            for place, (entry, cell) in enumerate(zip(self.entries, result.cells, strict=True)):
                numbers = ["" if one is None else f"{one:.17g}" for one in (cell.value, cell.low, cell.high)]
                base = "" if result.baseline_value is None else f"{result.baseline_value:.17g}"
                best = int(place in result.best)
                writer.writerow((result.tag, entry.number, clean(entry.name), *numbers, cell.count, cell.missing, best, base))
        return buffer.getvalue()


def compare(entries: Sequence[Entry], evaluate: Callable[[RunSummary], object] | None = None) -> Comparison:
    """Runs and groups beside each other.

    Args:
        entries: what is compared.
        evaluate: makes the evaluation of a single run that has a checkpoint and none yet; None where that is not wanted.
    Raises:
        StoreError: a run cannot be read.
    """
    evaluations: dict[int, Evaluation] = {}
    unmeasured: dict[int, int] = {}
    for entry in entries:
        run = entry.runs[0]
        if entry.is_group or run.state == "damaged":
            continue
        step, kept = kept_evaluation(RunFolder(run.path))
        if kept is None and step is not None and evaluate is not None:
            evaluate(run)
            step, kept = kept_evaluation(RunFolder(run.path))
        if kept is not None:
            evaluations[entry.number] = kept
        elif step is not None:
            unmeasured[entry.number] = step
    return Comparison(
        tuple(entries),
        tuple(differing_settings(entries)),
        tuple(results(entries)),
        tuple(verdicts(entries, evaluations, unmeasured)),
        tuple(notes(entries)),
        evaluations,
        unmeasured,
    )
