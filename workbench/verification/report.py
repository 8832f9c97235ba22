"""What a verification found, as values for programs and as a Markdown table for people."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.runs.folder import current_versions
from workbench.verification.claims import CheckedClaim, Outcome, Side, Trial, Verdict

__all__ = ["claim_holds", "claims_hold", "entries", "markdown", "show_number", "verdicts_of", "versions"]


def verdicts_of(claim: CheckedClaim, outcomes: Mapping[Trial, Outcome], seeds: Sequence[int]) -> list[Verdict]:
    """A verdict for each condition of a claim, its own side's first."""

    def verdict(side: Side) -> Verdict:
        own, here = (tuple(outcomes[Trial(name, seed)] for seed in seeds) for name in (claim.own.preset, side.preset))
        return Verdict(claim, side, tuple(seeds), here, own)

    return [verdict(side) for side in claim.conditions]


def claim_holds(verdicts: Sequence[Verdict]) -> bool:
    """Whether a claim holds: every condition, on its own side and, where there is one, on the contrast's."""
    return all(verdict.holds for verdict in verdicts)


def entries(results: Sequence[Sequence[Verdict]]) -> list[dict[str, Any]]:
    """One flat dictionary for each side of each claim.

    `holds` of a claim's own entry is the whole claim's; that of its contrast's entry (`contrast_of` names the claim's preset)
    is whether the contrast keeps its bounds. `values` are compared with `threshold`: the metric itself or, where `measure` is
    `ratio` or `difference`, the claim's own metric divided by the contrast's or minus it; `metric_values` are the side's own.
    Both have None where a run gave none, with the reason in `problems`. `also` lists the further conditions on the same runs.
    """
    return [_entry(side, verdicts) for verdicts in results for side in verdicts if not side.is_further]


def _entry(side: Verdict, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The entry of one side, with what all verdicts of the claim say of its runs."""
    here = [verdict for verdict in verdicts if verdict.side.preset == side.side.preset]
    return {
        "preset": side.side.preset,
        "claim": side.claim.sentence,
        "contrast_of": side.claim.own.preset if side.is_contrast else None,
        **_bound(side),
        "seeds": list(side.seeds),
        "holds": claim_holds(here if side.is_contrast else verdicts),
        "seconds": round(side.seconds, 2),
        "problems": [problem for verdict in here for problem in verdict.problems],
        "also": [{**_bound(verdict), "holds": verdict.holds} for verdict in here if verdict.is_further],
    }


def _bound(verdict: Verdict) -> dict[str, Any]:
    """What is asked of a metric, and what it was."""
    bound = verdict.side.bound
    return {
        "metric": bound.metric,
        "operator": bound.operator,
        "threshold": bound.threshold,
        "measure": verdict.side.measure,
        "values": list(verdict.values),
        "metric_values": list(verdict.metric_values),
        "baseline": verdict.side.trivial,
    }


def versions() -> dict[str, str]:
    """Versions of what computes a run, and the machine, without importing any of it."""
    return {**current_versions(), "machine": f"{platform.system()} {platform.machine()}"}


def claims_hold(holding: int, total: int) -> str:
    """How many claims hold, in words."""
    return f"{holding} of {total} {'claim holds' if total == 1 else 'claims hold'}"


def markdown(results: Sequence[Sequence[Verdict]], command: str) -> str:
    """A table of everything that was found, with the command that gives it again and the versions that gave it."""
    holding = sum(claim_holds(verdicts) for verdicts in results)
    used = {outcome.instructions for verdicts in results for verdict in verdicts for outcome in verdict.outcomes} - {""}
    machine = [*(f"{name} {version}" for name, version in versions().items()), *sorted(used)]
    lines = [
        "# Claims, tested",
        "",
        f"{claims_hold(holding, len(results))}. Every value is a run's own. A claim holds when every seed keeps its bounds and,",
        "where it has a contrast, every seed of the contrast keeps that one's. `-` is a run that gave no value.",
        "Seconds are the training of all of a row's runs together, also where several ran at a time.",
        "",
        f"    {command}",
        "",
        f"{', '.join(machine)}. `workbench run PRESET --seed S` gives the same values on such a machine; the last digits, and",
        "with them what long training makes of them, depend on the versions and on the processor's instructions.",
        "",
        "| preset | claim | needed | values by seed | verdict | seconds |",
        "|---|---|---|---|---|--:|",
    ]
    for verdicts in results:
        lines += [_row(verdict) for verdict in verdicts]
    problems = [problem for verdicts in results for verdict in verdicts for problem in verdict.problems]
    if problems:
        lines += ["", "Runs that gave no value:", "", *(f"- {_cell(problem)}" for problem in problems)]
    return "\n".join(lines) + "\n"


def _row(verdict: Verdict) -> str:
    words = f"contrast to `{verdict.claim.own.preset}`" if verdict.is_contrast else verdict.claim.sentence
    if verdict.is_further:
        words = "and, of the same runs"
    values = " ".join(show_number(value) for value in verdict.values)
    if verdict.side.measure != "value":
        values += f" (of {' '.join(show_number(value) for value in verdict.metric_values)})"
    if verdict.side.trivial:
        values += f" ({verdict.side.trivial})"
    cells = [
        f"`{verdict.side.preset}`",
        words,
        f"`{verdict.side.needed}`",
        values,
        "holds" if verdict.holds else "**fails**",
        "" if verdict.is_further else f"{verdict.seconds:.0f}",
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
