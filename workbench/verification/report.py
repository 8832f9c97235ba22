"""What a verification found, as values for programs and as a Markdown table for people."""

from __future__ import annotations

import importlib.metadata
import math
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import workbench
from workbench.verification.claims import CheckedClaim, Outcome, Side, Trial, Verdict

__all__ = ["claim_holds", "entries", "markdown", "show_number", "verdicts_of", "versions"]


def verdicts_of(claim: CheckedClaim, outcomes: Mapping[Trial, Outcome], seeds: Sequence[int]) -> list[Verdict]:
    """A verdict for each side of a claim, its own first."""

    def verdict(side: Side) -> Verdict:
        own, here = (tuple(outcomes[Trial(name, seed)] for seed in seeds) for name in (claim.own.preset, side.preset))
        return Verdict(claim, side, tuple(seeds), here, own)

    return [verdict(side) for side in claim.sides]


def claim_holds(verdicts: Sequence[Verdict]) -> bool:
    """Whether a claim holds: on its own side and, where there is one, on the contrast's."""
    return all(verdict.holds for verdict in verdicts)


def entries(found: Sequence[Sequence[Verdict]]) -> list[dict[str, Any]]:
    """One flat dictionary for each side of each claim.

    `holds` of a claim's own entry is the whole claim's; that of its contrast's entry (`contrast_of` names the claim's preset)
    is whether the contrast keeps its bound. `values` are compared with `threshold`: the metric itself or, where `measure` is
    `ratio` or `difference`, the claim's own metric divided by the contrast's or minus it; `metric_values` are the side's own.
    Both have None where a run gave none, with the reason in `problems`.
    """
    return [
        {
            "preset": verdict.side.preset,
            "claim": verdict.claim.sentence,
            "contrast_of": verdict.claim.own.preset if verdict.is_contrast else None,
            "metric": verdict.side.bound.metric,
            "operator": verdict.side.bound.operator,
            "threshold": verdict.side.bound.threshold,
            "seeds": list(verdict.seeds),
            "measure": verdict.side.measure,
            "values": list(verdict.values),
            "metric_values": list(verdict.metric_values),
            "holds": verdict.holds if verdict.is_contrast else claim_holds(verdicts),
            "seconds": round(verdict.seconds, 2),
            "problems": verdict.problems,
        }
        for verdicts in found
        for verdict in verdicts
    ]


def versions() -> dict[str, str]:
    """Versions of what computes a run, and the machine, without importing any of it."""
    found = {"workbench": workbench.__version__, "python": platform.python_version()}
    for name in ("torch", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return {**found, "machine": f"{platform.system()} {platform.machine()}"}


def markdown(found: Sequence[Sequence[Verdict]], command: str) -> str:
    """A table of everything that was found, with the command that gives it again and the versions that gave it."""
    kept = sum(claim_holds(verdicts) for verdicts in found)
    lines = [
        "# Claims, tested",
        "",
        f"{kept} of {len(found)} claims hold. Every value is a run's own. A claim holds when every seed keeps its bound and,",
        "where it has a contrast, every seed of the contrast keeps that one's. `-` is a run that gave no value.",
        "",
        f"    {command}",
        "",
        ", ".join(f"{name} {version}" for name, version in versions().items()),
        "",
        "| preset | claim | needed | values by seed | verdict | seconds |",
        "|---|---|---|---|---|--:|",
    ]
    for verdicts in found:
        lines += [_row(verdict) for verdict in verdicts]
    problems = [problem for verdicts in found for verdict in verdicts for problem in verdict.problems]
    if problems:
        lines += ["", "Runs that gave no value:", "", *(f"- {_cell(problem)}" for problem in problems)]
    return "\n".join(lines) + "\n"


def _row(verdict: Verdict) -> str:
    words = f"contrast to `{verdict.claim.own.preset}`" if verdict.is_contrast else verdict.claim.sentence
    values = " ".join(show_number(value) for value in verdict.values)
    if verdict.side.measure != "value":
        values += f" (of {' '.join(show_number(value) for value in verdict.metric_values)})"
    cells = [
        f"`{verdict.side.preset}`",
        words,
        f"`{verdict.side.needed}`",
        values,
        "holds" if verdict.holds else "**fails**",
        f"{verdict.seconds:.0f}",
    ]
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    """Text that keeps to its cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())


def show_number(value: float | None) -> str:
    """A value in four significant digits; `-` for none."""
    if value is None:
        return "-"
    return f"{value:.4g}" if math.isfinite(value) else str(value)
