"""Settings that are allowed and do nothing, or never come to do it: said before the start, as warnings.

What cannot be meant at all is an error (`compatibility`). Only settings that differ from their defaults are spoken of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.cards import ArchitectureCard, OptimizerSettings, Task, Tokens
from workbench.cards.catalog import task_kind
from workbench.experiment.compatibility import unused
from workbench.experiment.settings import TrainingConfig

__all__ = ["effectless"]

_NEVER_REACHED = 1e4
"""Norm of a gradient, or size of a component, above which nothing is left to train."""
_OF_SCHEDULES = {
    "decay_every": ("step",),
    "decay_factor": ("step", "plateau"),
    "patience": ("plateau",),
    "final_fraction": ("linear", "cosine"),
}

Finding = tuple[str, str, str]
"""Table, key, and what comes of the setting with how to fix it."""


def effectless(
    optimizer: OptimizerSettings, training: TrainingConfig, card: type[ArchitectureCard[Any]], task: Task
) -> Iterator[Finding]:
    """The settings of a valid experiment that have no effect, each once.

    Args:
        optimizer: the optimiser's settings.
        training: the loop's.
        card: the architecture.
        task: what the data ask.
    """
    told = set()
    for table, key, why in (
        *_of_the_card(optimizer, training, card, task),
        *_of_the_schedule(optimizer, training),
        *_of_clipping(training),
        *_of_evaluations(training),
        *_of_truncation(training, task),
    ):
        if (table, key) not in told:
            told.add((table, key))
            yield table, key, why


def _chosen(config: Any, key: str) -> bool:
    """Whether a setting differs from its default."""
    info = type(config).model_fields.get(key)
    return info is not None and getattr(config, key) != info.get_default(call_default_factory=True)


def _of_the_card(
    optimizer: OptimizerSettings, training: TrainingConfig, card: type[ArchitectureCard[Any]], task: Task
) -> Iterator[Finding]:
    for table, config in (("optimizer", optimizer), ("training", training)):
        for key in type(config).model_fields:
            if _chosen(config, key) and key != "lr" and (why := unused(card, table, key)):
                yield table, key, f"it has no effect on '{card.name}': {why}. Leave it out."
    if training.label_smoothing and (why := task_kind(task).not_smoothed):
        yield "training", "label_smoothing", f"it has no effect on {task.kind}: {why}. Leave it out."
    if training.sampling_schedule != "constant" and training.teacher_forcing == 1:
        yield (
            "training",
            "sampling_schedule",
            "it has no effect while teacher_forcing is 1. Set training.teacher_forcing below 1.",
        )


def _of_the_schedule(optimizer: OptimizerSettings, training: TrainingConfig) -> Iterator[Finding]:
    if optimizer.warmup_steps >= training.steps:
        yield (
            "optimizer",
            "warmup_steps",
            f"the run ends after {training.steps:,} steps, before the learning rate has risen to {optimizer.lr:g}. Set fewer.",
        )
    for key, schedules in _OF_SCHEDULES.items():
        if _chosen(optimizer, key) and optimizer.schedule not in schedules:
            needed = " or ".join(f"'{name}'" for name in schedules)
            yield "optimizer", key, f"it has no effect with schedule '{optimizer.schedule}'. Set optimizer.schedule to {needed}."
    if optimizer.schedule == "step" and optimizer.decay_every >= training.steps:
        yield "optimizer", "decay_every", f"the run ends after {training.steps:,} steps, before the first decay. Set fewer."
    if optimizer.schedule == "step" and optimizer.decay_factor == 1:
        yield "optimizer", "decay_factor", "a decay by 1 changes nothing. Set it below 1."
    if optimizer.schedule in ("linear", "cosine") and optimizer.final_fraction == 1:
        yield "optimizer", "final_fraction", "the learning rate stays as it is. Set it below 1."
    if optimizer.schedule == "plateau" and (evaluations := _evaluations(training)) <= optimizer.patience:
        yield (
            "optimizer",
            "patience",
            f"the run evaluates {evaluations} times on the way, too few for a decay. Set training.eval_every or patience lower.",
        )


def _of_clipping(training: TrainingConfig) -> Iterator[Finding]:
    for key in ("clip_norm", "clip_value"):
        if getattr(training, key) >= _NEVER_REACHED:
            yield "training", key, "gradients do not come near it, so nothing is cut. Set about 1, or 0 for no clipping."
    if 0 < training.clip_norm <= training.clip_value:
        why = f"it is never reached, since the norm is cut to {training.clip_norm:g} first. Set it lower, or clip_norm to 0."
        yield "training", "clip_value", why


def _of_evaluations(training: TrainingConfig) -> Iterator[Finding]:
    evaluations = _evaluations(training)
    if training.early_stopping and evaluations <= training.early_stopping:
        yield (
            "training",
            "early_stopping",
            f"the run evaluates {evaluations} times on the way, too few to be stopped. Set training.eval_every or it lower.",
        )
    if training.min_delta and not training.early_stopping:
        yield "training", "min_delta", "it has no effect without early stopping. Set training.early_stopping."
    if _chosen(training, "keep_best") and training.keep_best > evaluations + 1:
        yield "training", "keep_best", f"the run evaluates {evaluations + 1} times in all. Set training.eval_every lower."
    if training.log_every > training.steps:
        yield "training", "log_every", f"the run ends after {training.steps:,} steps, before the first logged value. Set fewer."
    if training.on_nonfinite == "rewind" and not 0 < training.checkpoint_every < training.steps:
        yield (
            "training",
            "on_nonfinite",
            "the run has no checkpoint to go back to. Set training.checkpoint_every between 1 and training.steps.",
        )


def _of_truncation(training: TrainingConfig, task: Task) -> Iterator[Finding]:
    written = task.outputs if isinstance(task.outputs, Tokens) else None  # outputs of other kinds are one, or one a step
    longest = max(task.inputs.longest, written.longest if written is not None else 0)
    if training.truncate and training.truncate >= longest > 0:
        yield "training", "truncate", f"no sequence is longer than {longest:,.0f} steps, so nothing is cut. Set fewer, or 0."


def _evaluations(training: TrainingConfig) -> int:
    """Evaluations before the last step."""
    return (training.steps - 1) // training.eval_every if training.eval_every else 0
