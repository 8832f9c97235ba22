"""Settings that a model or a task has no use for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.cards import ArchitectureCard, Task
from workbench.cards.catalog import task_kind
from workbench.experiment.settings import TrainingConfig

__all__ = ["misfits", "unused"]

_THROUGH_TIME = ("truncate", "flow_regularizer")
"""Training settings for the gradient's way through time."""
_OF_A_GRADIENT = ("clip_norm", "clip_value", "label_smoothing", "teacher_forcing", "sampling_schedule")
"""Training settings that only a search along a gradient has."""


def misfits(training: TrainingConfig, card: type[ArchitectureCard[Any]] | None, task: Task) -> Iterator[tuple[str, str]]:
    """The settings that do not fit: key and what is wrong, as `got <value>; expected <constraint>`.

    Args:
        training: the settings.
        card: the architecture, or None where it is not known, or not one for the task.
        task: what the data ask.
    """
    measured = task_kind(task).measured(task)
    if training.monitor not in measured:
        yield "monitor", f"got {training.monitor!r}; expected a metric of {task.kind}: {', '.join(measured)}."
    if card is None:
        return
    forcing = training.teacher_forcing
    if forcing < 1 and not _runs_freely(card, task):
        yield "teacher_forcing", f"got {forcing:g}; expected 1, since '{card.name}' is not trained on its own output."
    for key in _THROUGH_TIME:
        value = getattr(training, key)
        if value and not card.recurrent:
            yield key, f"got {value:g}; expected 0, since '{card.name}' has no recurrent layer. Choose a recurrent architecture."
        elif value and forcing < 1:
            yield key, f"got {value:g}; expected 0 beside teacher_forcing below 1, where each step is a run of its own."
    if training.truncate and training.flow_regularizer:
        yield "truncate", f"got {training.truncate}; expected 0 beside flow_regularizer, which looks at the whole way back."


def unused(card: type[ArchitectureCard[Any]], table: str, key: str) -> str:
    """Why a setting that may stand there has no effect with an architecture, or "".

    Args:
        card: the architecture.
        table: `optimizer` or `training`; those of the other tables always have one.
        key: the setting.
    """
    if card.closed_form and (table == "optimizer" or (table == "training" and key in _OF_A_GRADIENT)):
        return "its weights are fitted in closed form"
    if table == "training" and key in _THROUGH_TIME and not card.recurrent:
        return "it has no recurrent layer"
    return ""


def _runs_freely(card: type[ArchitectureCard[Any]], task: Task) -> bool:
    """Whether it can be trained on its own output: by itself, or because the task's outputs are its next inputs."""
    return card.free_running or (task.free_run is not None and not card.closed_form)
