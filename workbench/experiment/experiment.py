"""The one validated configuration: what a preset, the form, `--set` and a run's `experiment.toml` all become.

    title, about      what a person reads
    [model]           name and settings of an architecture card
    [data]            name and settings of a dataset card
    [optimizer]       name and settings of an optimiser card, with the learning-rate schedule
    [training]        the loop
    [inspect]         looks inside the model while it trains
    [claim]           optional: what the experiment shows

Every problem of an experiment is reported at once, each with file, line, table, key and how to fix it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.cards import ArchitectureCard, Carried, Dataset, DatasetCard, Metric, OptimizerCard, Task, catalog
from workbench.cards.own_code import CodeFile, offer, offered_in
from workbench.experiment.reading import TABLES, Choice, Reading
from workbench.experiment.settings import Claim, InspectConfig, TrainingConfig
from workbench.experiment.toml_text import read_toml, written
from workbench.experiment.without_effect import effectless
from workbench.paths import checked_path, resolved
from workbench.saying import said

__all__ = ["TABLES", "Choice", "Experiment"]

_LONGEST_SHOWN = 200
"""Letters of a path that a message gives in full."""


@dataclass(frozen=True)
class Experiment:
    """A complete experiment that has been found valid. Make one with `Experiment.load` or `Experiment.from_dict`."""

    model: Choice
    data: Choice
    optimizer: Choice
    training: TrainingConfig
    inspect: InspectConfig = field(default_factory=InspectConfig)
    claim: Claim | None = None
    title: str = ""
    about: str = ""
    _task: Task | None = field(default=None, repr=False, compare=False)

    @cached_property
    def task(self) -> Task:
        """What the data ask of the model."""
        return self._task if self._task is not None else self.dataset_card.task(self.data.config)

    @property
    def architecture(self) -> type[ArchitectureCard[Any]]:
        """The architecture's card."""
        card: type[ArchitectureCard[Any]] = self.model.card
        return card

    @property
    def dataset_card(self) -> type[DatasetCard[Any]]:
        """The dataset's card."""
        card: type[DatasetCard[Any]] = self.data.card
        return card

    @property
    def optimizer_card(self) -> type[OptimizerCard[Any]]:
        """The optimiser's card."""
        card: type[OptimizerCard[Any]] = self.optimizer.card
        return card

    @property
    def metrics(self) -> tuple[str, ...]:
        """What an evaluation measures: the task's metrics and those that the model takes of itself, tags without their split."""
        flow = ("gradient_ratio",) if self.architecture.recurrent else ()
        return (*catalog.task_kind(self.task).measured(self.task), *Metric.names(self.architecture.measures), *flow)

    @classmethod
    def load(
        cls, path: Path, changes: Mapping[str, Any] | None = None, *, changed_by: str = "--set", task: Task | None = None
    ) -> Experiment:
        """The experiment of a TOML file, with `changes` ("table.key" -> value) laid over it; the others as in `from_dict`.

        Raises:
            ExperimentError: with every problem found.
        """
        where = _short(path)
        values, lines = read_toml(Path(path), where)
        base = resolved(Path(path)).parent
        offer(offered_in(base / "code"))
        return cls.from_dict(values, where=where, lines=lines, changes=changes, changed_by=changed_by, task=task, base=base)

    @classmethod
    def from_dict(  # noqa: PLR0913 - what is read, and what is said of it
        cls,
        values: Mapping[str, Any],
        *,
        where: str = "",
        lines: Mapping[tuple[str, str], int] | None = None,
        changes: Mapping[str, Any] | None = None,
        changed_by: str = "--set",
        task: Task | None = None,
        base: Path | None = None,
    ) -> Experiment:
        """The experiment of plain values.

        Args:
            values: tables as dictionaries, with top-level `title` and `about`.
            where: what the values come from, for messages.
            lines: line of each (table, key), for messages.
            changes: "table.key" -> value, laid over the values.
            changed_by: where the changes come from, for messages.
            task: what the data ask, where it is known: then no file of theirs is read, unless a change concerns the data.
            base: the folder of the file that the values come from, in which files of cards may lie that it names.
        Raises:
            ExperimentError: with every problem found.
        """
        parts = Reading(values, where, lines or {}, {} if changes is None else changes, changed_by, task=task, base=base).parts()
        return cls(**parts)

    def with_changes(self, changes: Mapping[str, Any], changed_by: str = "changes") -> Experiment:
        """This experiment with "table.key" -> value laid over it; problems are told to lie in `changed_by`.

        Raises:
            ExperimentError: with every problem found.
        """
        return type(self).from_dict(self.to_dict(), changes=changes, changed_by=changed_by, task=self._task)

    def with_absolute_paths(self) -> Experiment:
        """This experiment with the paths of its data absolute, so that it means the same files wherever it is read.

        Raises:
            UsageError: a path cannot be one.
        """
        settings = {key: getattr(self.data.config, key) for key in self.dataset_card.paths}
        made = {key: str(checked_path(value, f"data.{key}").absolute()) for key, value in settings.items() if value}
        if not made:
            return self
        return replace(self, data=replace(self.data, config=self.data.config.model_copy(update=made)))

    def open_data(self, carried: Carried | None = None, *, accept_changed: bool = False) -> Dataset:
        """The data: as a model knows them that carries them, or as the settings and files say now.

        Raises:
            DataError: a file is missing, damaged or, where that is not accepted, changed.
        """
        card, config = self.dataset_card, self.data.config
        return card.open(config) if carried is None else card.open_carried(config, carried, accept_changed=accept_changed)

    def full_key(self, name: str) -> str:
        """The "table.key" that a setting's name means: a bare key stands for the one table that has it."""
        homes = Reading(self.to_dict(), "", {}, {}).homes(name)
        return homes[0] if len(homes) == 1 else name

    def value(self, name: str) -> Any:
        """The value of the setting "table.key"; of "table.name" the card's."""
        table, _, key = name.partition(".")
        part = getattr(self, table)
        if not isinstance(part, Choice):
            return getattr(part, key)
        return part.name if key == "name" else getattr(part.config, key)

    @property
    def own_code(self) -> tuple[CodeFile, ...]:
        """The files of the user's own that its cards come from, each once."""
        codes = [choice.card.code for choice in (self.model, self.data, self.optimizer)]
        return tuple({code.sha256: code for code in codes if code is not None}.values())

    def to_dict(self, *, pinned: bool = True) -> dict[str, Any]:
        """Plain values, every default written out; `from_dict` gives the same experiment back.

        Args:
            pinned: whether a file of the user's own means the text that it held; else what it holds when it is read again.
        """
        values: dict[str, Any] = {"title": self.title, "about": self.about}
        for table in ("model", "data", "optimizer"):
            values[table] = getattr(self, table).to_dict(pinned=pinned)
        values["training"] = self.training.model_dump(mode="json")
        values["inspect"] = self.inspect.model_dump(mode="json")
        if self.claim is not None:
            values["claim"] = self.claim.model_dump(mode="json", exclude_none=True)
            if not self.claim.also:
                del values["claim"]["also"]
        return values

    def to_toml(self, *, pinned: bool = True) -> str:
        """The experiment as TOML text that `load` reads back. `pinned`: see `to_dict`."""
        return written(self.to_dict(pinned=pinned))

    @property
    def effectless(self) -> tuple[tuple[str, str, str], ...]:
        """Settings that are allowed and yet hardly meant: table, key, and what comes of it with how to fix it."""
        return tuple(effectless(self.optimizer.config, self.training, self.architecture, self.task))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The same, one line each: `table.key: got ...; <what comes of it>. <how to fix>`."""
        tables = {"optimizer": self.optimizer.config, "training": self.training}
        return tuple(f"{table}.{key}: got {said(getattr(tables[table], key))}; {why}" for table, key, why in self.effectless)

    def live_settings(self) -> tuple[str, ...]:
        """The "table.key" of every setting that may change while the run goes on."""
        tables = {
            "model": self.model.config,
            "optimizer": self.optimizer.config,
            "training": self.training,
            "inspect": self.inspect,
        }
        return tuple(
            f"{table}.{key}"
            for table, config in tables.items()
            for key, info in type(config).model_fields.items()
            if isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("applies") == "live"
        )


def _short(path: Path) -> str:
    """The path as a person would write it: relative where it lies below the current folder; always one printable line."""
    try:
        text = str(resolved(path).relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):  # elsewhere, or no path at all: who reads the file says which
        text = str(path)
    return text if text.isprintable() and len(text) <= _LONGEST_SHOWN else said(text)
