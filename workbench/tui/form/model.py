"""What the form knows besides the values: what the check said of them, the run that goes on, what the model amounts to.

Nothing here draws: the form's widgets ask it what to show.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.errors import Problem
from workbench.tui.form.state import ROWS, START, FormState
from workbench.tui.form.validation import Validation

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.tui.form.fields import Field

__all__ = ["FormModel", "ModelDescription"]

_TOLD = 3
"""Problems of a text that are told beside the form; the editor's next look at it has them in the order of lines."""


@dataclass
class ModelDescription:
    """What the chosen model amounts to.

    Attributes:
        parameters: how many it has, or None where that is not known.
        step_seconds: what a step takes, in seconds, or None.
        other_seconds: what the run takes besides its steps, in seconds.
        counting: the numbers are on their way.
    """

    parameters: int | None = None
    step_seconds: float | None = None
    other_seconds: float = 0.0
    counting: bool = False

    def forgotten(self, *, live: bool) -> ModelDescription:
        """Numbers of another model are not shown; where there were some, new ones are on their way unless a run goes on."""
        return ModelDescription(counting=not live and (self.counting or self.parameters is not None))


class FormModel:
    """The state of the form.

    Attributes:
        values: the values as they stand, right or wrong.
        validation: what the last check said of them.
        experiment_before: the last experiment that was right in all.
        live: a run goes on, so that only settings that can reach it may change.
        description: what the model amounts to.
        refused_text: what is wrong with a text that was edited and could not be taken over, line by line.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.values = FormState(experiment)
        self.validation = Validation(experiment)
        self.experiment_before = experiment
        self.live = False
        self.description = ModelDescription()
        self.refused_text: tuple[str, ...] = ()
        self._told: tuple[Problem, ...] = ()

    def load(self, experiment: Experiment) -> None:
        """Take another experiment; "changed" is meant against it from now on."""
        self.values = FormState(experiment)
        self.validation = Validation(experiment, fits=self.validation.fits)
        self.experiment_before = experiment
        self.refused_text = ()
        self.forget_description()

    def take(self, validation: Validation) -> bool:
        """Take what a check of these values said; whether it is anything new."""
        self.validation = validation
        before, self._told = self._told, self.problems
        new = validation.experiment != self.experiment_before or self._told != before
        if validation.experiment is not None:
            if _other_model(validation.experiment, self.experiment_before):
                self.forget_description()
            self.experiment_before = validation.experiment
        if validation.problems:
            self.description = replace(self.description, counting=False)
        return new

    def follow_run(self, *, live: bool) -> bool:
        """A run goes on, or none does any more; whether that is new."""
        if live == self.live:
            return False
        self.live = live
        if live:
            self.description = replace(self.description, counting=False)
        self.values.in_force = {}
        return True

    def forget_description(self) -> None:
        """The model may be another one now."""
        self.description = self.description.forgotten(live=self.live)

    # What is wrong, and what has no effect -------------------------------------------------------------------------------

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong: with the experiment, as the last check said, and with how it is started."""
        fields = self.values.fields(START)
        said = [(field.key, field.problem(self.values.value(field))) for field in fields]
        return (*self.validation.problems, *(Problem("", START, key, problem) for key, problem in said if problem is not None))

    @property
    def experiment(self) -> Experiment | None:
        """The experiment of the form, or None while something is wrong."""
        return None if self.problems else self.experiment_before

    @property
    def seeds(self) -> int:
        """How many seeds it is started with; 1 while something is wrong with that."""
        (field,) = self.values.fields(START)
        value = self.values.value(field)
        return 1 if field.problem(value) else int(value)

    @property
    def fields(self) -> dict[str, Field]:
        """All settings that there are now by name, folded ones included."""
        return {field.name: field for table in ROWS for field in self.values.fields(table)}

    @property
    def first_wrong(self) -> str:
        """The first setting that is wrong ("optimizer.lr"), or ""."""
        fields = self.fields
        return next((name for problem in self.problems if (name := _field_name(problem, fields))), "")

    def row_problems(self) -> dict[tuple[str, str], str]:
        """What is wrong at a setting: (table, key) -> message."""
        fields = self.fields
        named = {problem: _field_name(problem, fields) for problem in self.problems}
        return {(fields[name].table, fields[name].key): problem.message for problem, name in named.items() if name}

    def effectless(self, first: str = "") -> Mapping[str, str]:
        """Settings without effect and why, by name; nothing while a run goes on, for which it is too late.

        Args:
            first: the setting that comes before the others, where it is among them.
        """
        if self.live:
            return {}
        return dict(sorted(self.validation.effectless.items(), key=lambda item: item[0] != first))

    def notes(self, first: str = "") -> tuple[Sequence[str], Sequence[str]]:
        """What is wrong at no one setting, and what has no effect, in sentences."""
        fields = self.fields
        rest = [str(problem) for problem in self.problems if not _field_name(problem, fields)]
        refused = self.refused_text
        if refused:
            more = f" {len(refused) - _TOLD} more." if len(refused) > _TOLD else ""
            rest = [*refused[:_TOLD], f"The text is kept.{more} T goes on with it.", *rest]
        return rest, [f"{fields[name].label}: {why}" for name, why in self.effectless(first).items() if name in fields]

    def change_live(self, name: str, value: Any) -> None:
        """The run has another value of a setting; the form's own is the next run's."""
        self.values.in_force = {**self.values.in_force, name: value}


def _other_model(new: Experiment, old: Experiment) -> bool:
    """Whether the model may be of another size."""
    return (new.model, new.data) != (old.model, old.data)


def _field_name(problem: Problem, fields: Collection[str]) -> str:
    """The setting that a problem is about ("data.path"), or "": a dataset's own error names it in its words."""
    name = f"{problem.table}.{problem.key}"
    if problem.key:
        return name if name in fields else ""
    return next((field for field in fields if field in problem.message), "")
