"""What is said of an ablation in a line, and what of it is written into files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plotting.ablated import prediction_sheet, score_sheet
from workbench.saying import duration
from workbench.tui.run.ablations import short_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.plotting.pictures import Picture
    from workbench.training.parts import Part
    from workbench.tui.run.ablations import Ablations
    from workbench.tui.run.data import RunData

__all__ = ["checkpoint_words", "finding_words", "label_of", "progress_words", "sheets"]


def label_of(part: Part, names: Iterable[str]) -> str:
    """A part without the beginning that the names of all parts have in common."""
    name = short_names(list({*names, part.name}))[part.name]
    return name if part.number is None else f"{name}:{part.number}"


def checkpoint_words(step: int, newest: int, at: int | None, run: RunData) -> str:
    """How the checkpoint in view stands to what else is shown, or "".

    Args:
        step: of the checkpoint in view.
        newest: step of the one that would be measured now.
        at: the moment that panels show, None for the newest.
        run: the run.
    """
    if newest != step:
        return f"r measures step {newest:,}"
    if at is not None and at != step:
        return f"the newest checkpoint up to {at:,}" if step < at else f"the first checkpoint, past {at:,}"
    if at is None and run.status.alive and run.status.step > step:
        return f"the run is at {run.status.step:,}, s saves a checkpoint"
    return ""


def progress_words(shown: Ablations, names: Iterable[str], took_s: float) -> str:
    """What is being measured, and how much is left, or "".

    Args:
        shown: the checkpoint.
        names: of all parts.
        took_s: what the last measurement took.
    """
    if not shown.busy:
        return ""
    left = len(shown.waiting) + len(shown.now)
    part = next(iter((*shown.now, *shown.waiting)))
    more = f", {left - 1} to go" if left > 1 else ""
    more += f", {duration(took_s * left)} left" if left > 2 else ""  # noqa: PLR2004 - a few are soon done
    return f"measuring {'the intact model' if part is None else label_of(part, names)}{more} (esc stops)"


def finding_words(shown: Ablations, metric: str, names: Iterable[str]) -> list[str]:
    """On what was measured, by which metric parts are ranked, and which one is missed most."""
    if shown.intact is None:
        return []
    words = [f"{shown.intact.samples:,} validation samples"]
    words += [f"by {metric}"] if len(shown.metrics) > 1 else []
    worst = next(iter(shown.ranked(shown.off, metric)), None)
    change = shown.change(worst, metric) if worst is not None else None
    if len(shown.off) > 1 and worst is not None and change is not None:
        words.append(f"missed most: {label_of(worst, names)} {change.words}" if change.harm > 0 else "none is missed")
    elif not shown.off and not shown.busy:
        words.append("enter switches off")
    return words


def sheets(shown: Ablations, metric: str) -> list[Picture]:
    """All that was measured as tables: a row for each part, and the predictions of each model; none before the intact one."""
    if shown.intact is None:
        return []
    off = [(str(part), shown.off[part]) for part in shown.ranked(shown.off, metric)]
    scores = {name: shown.intact.metrics[name] for name in shown.metrics}
    tables: list[Picture] = [score_sheet("scores without a part", scores, [(name, each.metrics) for name, each in off])]
    if shown.intact.items:
        told = [(name, each.items) for name, each in off]
        tables.append(prediction_sheet("predictions without a part", shown.intact.items, told))
    return tables
