"""The one validated configuration: what a preset, the form, `--set` and a run's `experiment.toml` all become.

    title, about      what a person reads
    [model]           name and settings of an architecture card
    [data]            name and settings of a dataset card
    [optimizer]       name and settings of an optimiser card, with the learning-rate schedule
    [training]        the loop
    [claim]           optional: what the experiment shows

Every problem of an experiment is reported at once, each with file, line, table, key and how to mend it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench import catalog
from workbench.cards import ArchitectureCard, DatasetCard, OptimizerCard
from workbench.errors import ExperimentError, Problem, WorkbenchError
from workbench.explaining import explain, line_numbers
from workbench.fitting import misfits
from workbench.settings import Claim, TrainingConfig
from workbench.task import Task

__all__ = ["TABLES", "Choice", "Experiment", "parse_assignment", "parse_value"]

TABLES = ("model", "data", "optimizer", "training", "claim")
_CHOICES: dict[str, Callable[[], Mapping[str, type[Any]]]] = {
    "model": catalog.architectures,
    "data": catalog.datasets,
    "optimizer": catalog.optimizers,
}


@dataclass(frozen=True)
class Choice:
    """A card chosen by name, with its settings.

    Attributes:
        name: the card's name.
        config: its validated settings.
    """

    name: str
    config: Any

    def to_dict(self) -> dict[str, Any]:
        """Name and every setting, defaults included."""
        return {"name": self.name, **self.config.model_dump(exclude_none=True)}


@dataclass(frozen=True)
class Experiment:
    """A complete experiment that has been found valid. Make one with `Experiment.load` or `Experiment.from_dict`."""

    model: Choice
    data: Choice
    optimizer: Choice
    training: TrainingConfig
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
        return catalog.architectures()[self.model.name]

    @property
    def dataset_card(self) -> type[DatasetCard[Any]]:
        """The dataset's card."""
        return catalog.datasets()[self.data.name]

    @property
    def optimizer_card(self) -> type[OptimizerCard[Any]]:
        """The optimiser's card."""
        return catalog.optimizers()[self.optimizer.name]

    @property
    def metrics(self) -> tuple[str, ...]:
        """What an evaluation measures: the task's metrics and those that the model takes of itself, tags without their split."""
        flow = ("gradient_ratio",) if self.architecture.recurrent else ()
        return (*self.task.metrics, *self.architecture.measures, *flow)

    @classmethod
    def load(cls, path: Path, changes: Mapping[str, Any] | None = None) -> Experiment:
        """The experiment of a TOML file, with `changes` ("table.key" -> value) laid over it.

        Raises:
            ExperimentError: with every problem found.
        """
        where = _short(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ExperimentError([Problem(where, "", "", f"cannot be read: {reason}. Name a TOML file.")]) from error
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ExperimentError([Problem(where, "", "", f"not valid TOML: {error}.")]) from error
        return cls.from_dict(values, where=where, lines=line_numbers(text), changes=changes)

    @classmethod
    def from_dict(
        cls,
        values: Mapping[str, Any],
        *,
        where: str = "",
        lines: Mapping[tuple[str, str], int] | None = None,
        changes: Mapping[str, Any] | None = None,
        changed_by: str = "--set",
    ) -> Experiment:
        """The experiment of plain values.

        Args:
            values: tables as dictionaries, with top-level `title` and `about`.
            where: what the values come from, for messages.
            lines: line of each (table, key), for messages.
            changes: "table.key" -> value, laid over the values.
            changed_by: where the changes come from, for messages.
        Raises:
            ExperimentError: with every problem found.
        """
        return _Reading(values, where, lines or {}, changes or {}, changed_by).experiment()

    def with_changes(self, changes: Mapping[str, Any], changed_by: str = "--set") -> Experiment:
        """This experiment with "table.key" -> value laid over it; problems are told to lie in `changed_by`.

        Raises:
            ExperimentError: with every problem found.
        """
        return type(self).from_dict(self.to_dict(), changes=changes, changed_by=changed_by)

    def full_key(self, name: str) -> str:
        """The "table.key" that a setting's name means: a bare key stands for the one table that has it."""
        homes = _Reading(self.to_dict(), "", {}, {}).homes(name)
        return homes[0] if len(homes) == 1 else name

    def to_dict(self) -> dict[str, Any]:
        """Plain values, every default written out; `from_dict` gives the same experiment back."""
        values: dict[str, Any] = {"title": self.title, "about": self.about}
        for table in ("model", "data", "optimizer"):
            values[table] = getattr(self, table).to_dict()
        values["training"] = self.training.model_dump()
        if self.claim is not None:
            values["claim"] = self.claim.model_dump(mode="json", exclude_none=True)
            if not self.claim.also:
                del values["claim"]["also"]
        return values

    def to_toml(self) -> str:
        """The experiment as TOML text that `load` reads back."""
        import tomlkit

        return tomlkit.dumps(self.to_dict())

    def live_settings(self) -> tuple[str, ...]:
        """The "table.key" of every setting that may change while the run goes on."""
        tables = {"model": self.model.config, "optimizer": self.optimizer.config, "training": self.training}
        return tuple(
            f"{table}.{key}"
            for table, config in tables.items()
            for key, info in type(config).model_fields.items()
            if isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("applies") == "live"
        )


def parse_assignment(text: str, where: str = "--set") -> tuple[str, Any]:
    """`table.key=value` as ("table.key", value); the value is read as TOML where it is TOML, else as a word.

    A bare key, where only one table has it, is enough: `lr=3e-4`.

    Raises:
        ExperimentError: the text is not of that form.
    """
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"\s*[a-z_]+(\.[a-z_]+)?\s*", key):
        message = f"got '{text}'; expected table.key=value, for example model.hidden_size=64."
        raise ExperimentError([Problem(where, "", "", message)])
    return key.strip(), parse_value(value.strip())


def parse_value(text: str) -> Any:
    """A value as a person types it: TOML where it is TOML, else a word."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


class _Reading:
    """Reads plain values into an Experiment and gathers the problems on the way."""

    def __init__(
        self,
        values: Mapping[str, Any],
        where: str,
        lines: Mapping[tuple[str, str], int],
        changes: Mapping[str, Any],
        changed_by: str = "--set",
    ) -> None:
        self.where = where
        self.changed_by = changed_by
        self.lines = lines
        self.problems: list[Problem] = []
        self.changed: set[tuple[str, str]] = set()
        self.values = {key: dict(value) if isinstance(value, Mapping) else value for key, value in values.items()}
        for name, value in changes.items():
            self._change(name, value)

    def experiment(self) -> Experiment:
        known = {"title", "about", *TABLES}
        for key, value in self.values.items():
            if key not in known:
                self._problem("", key, f"unknown key. {catalog.nearest(key, sorted(known))}")
            elif key in TABLES and not isinstance(value, dict):
                self._problem("", key, f"got {value!r}; expected a table [{key}].")
                self.values[key] = {}
            elif key not in TABLES and not isinstance(value, str):
                self._problem("", key, f"got {value!r}; expected text.")
        model, data, optimizer = (self._choice(table, cards()) for table, cards in _CHOICES.items())
        training = self._config("training", TrainingConfig, self.values.get("training", {}))
        claim = self._config("claim", Claim, self.values["claim"]) if "claim" in self.values else None
        task = self._fits(model, data, training)
        if self.problems or model is None or data is None or optimizer is None or training is None:
            raise ExperimentError(self.problems)
        title, about = str(self.values.get("title", "")), str(self.values.get("about", ""))
        return Experiment(model, data, optimizer, training, claim, title, about, task)

    def _change(self, name: str, value: Any) -> None:
        table, _, key = name.rpartition(".")
        if table and table not in TABLES:
            reason = f"unknown table '{table}'. {catalog.nearest(table, TABLES)}"
            self.problems.append(Problem(self.changed_by, "", name, reason))
            return
        homes = self.homes(name)
        if len(homes) != 1:
            options = ", ".join(homes) or self._nearest_keys(name)
            problem = "stands in more than one table" if homes else "unknown key"
            self.problems.append(Problem(self.changed_by, "", name, f"{problem}. Write table.key. {options}"))
            return
        table, _, key = homes[0].partition(".")
        section = self.values.setdefault(table, {})
        if key == "name" and section.get("name") != value:
            # another card: what the old one alone understands goes, what both have stays
            cards = _CHOICES[table]() if table in _CHOICES else {}
            fields = cards[value].Config.model_fields if value in cards else {}
            if table in ("model", "data"):  # title, text and claim spoke of the old one
                self.values = {k: v for k, v in self.values.items() if k not in ("title", "about", "claim")}
            section = {k: v for k, v in section.items() if k in fields or (table, k) in self.changed}
            self.values[table] = section
        section[key] = value
        self.changed.add((table, key))

    def homes(self, name: str) -> list[str]:
        """Every "table.key" that a name can mean: itself, or for a bare key the ones in the tables that have it."""
        if name in ("training.lr", "lr"):  # people look for it there
            return ["optimizer.lr"]
        if "." in name:
            return [name]
        return [f"{table}.{name}" for table in TABLES if table != "claim" and name in self._keys(table)]

    def _keys(self, table: str) -> list[str]:
        if table == "training":
            return list(TrainingConfig.model_fields)
        if table == "claim":
            return list(Claim.model_fields)
        card = _CHOICES[table]().get(self.values.get(table, {}).get("name", ""))
        return ["name", *card.Config.model_fields] if card else ["name"]

    def _nearest_keys(self, name: str) -> str:
        """What may have been meant by a key that no table has; a bare one is compared with keys without their tables."""
        keys = self._all_keys()
        alike = keys if "." in name else [key for key in keys if catalog.close(name, [key.partition(".")[2]])]
        return (
            f"Did you mean {' or '.join(repr(key) for key in alike)}?" if alike != keys and alike else catalog.nearest(name, keys)
        )

    def _all_keys(self) -> list[str]:
        return [f"{table}.{key}" for table in TABLES for key in self._keys(table)]

    def _choice(self, table: str, cards: Mapping[str, type[Any]]) -> Choice | None:
        settings = dict(self.values.get(table, {}))
        if "name" not in settings:
            self._problem(table, "name", f"missing. {catalog.nearest('', cards)}")
            return None
        name = settings.pop("name")
        if name not in cards:
            self._problem(table, "name", f"got {name!r}; expected one of the known names. {catalog.nearest(str(name), cards)}")
            return None
        config = self._config(table, cards[name].Config, settings)
        return None if config is None else Choice(name, config)

    def _config(self, table: str, kind: type[Any], settings: Mapping[str, Any]) -> Any:
        try:
            return kind.model_validate(settings)
        except ValidationError as error:
            for item in error.errors():
                key = ".".join(str(part) for part in item["loc"])
                explanation = explain(item, list(kind.model_fields))
                if key:
                    self._problem(table, key, explanation)
                else:
                    self._table_problem(table, explanation)
            return None

    def _fits(self, model: Choice | None, data: Choice | None, training: TrainingConfig | None) -> Task | None:
        if data is None:
            self._fits_in_kind(model)
            return None
        try:
            task = catalog.datasets()[data.name].task(data.config)
        except WorkbenchError as error:
            self._problem("data", "", str(error))
            return None
        card = None
        if model is not None:
            reason = catalog.refusal(model.name, model.config, task)
            if reason is None:
                card = catalog.architectures()[model.name]
            else:
                self._pair_problem(model.name, data.name, reason)
        for key, message in misfits(training, card, task) if training else ():
            self._problem("training", key, message)
        return task

    def _fits_in_kind(self, model: Choice | None) -> None:
        """Tell an impossible pair beside the settings of its data that are wrong: mending those would not help."""
        card = catalog.datasets().get(self.values.get("data", {}).get("name", ""))
        if card is None or model is None:
            return
        try:
            kind = card.kind or card.task(card.Config()).kind
        except (WorkbenchError, ValidationError):  # it needs a file, which its settings do not name yet
            return
        reason = catalog.refused_kind(model.name, kind)
        if reason is not None:
            self._pair_problem(model.name, card.name, reason)

    def _pair_problem(self, model: str, data: str, reason: str) -> None:
        """It lies with the one that was changed, if only one was: the file's own pair fitted."""
        table = "data" if ("data", "name") in self.changed and ("model", "name") not in self.changed else "model"
        self._problem(table, "name", f"'{model}' cannot be trained on '{data}': {reason}")

    def _table_problem(self, table: str, message: str) -> None:
        """A problem of several settings together lies with those that were changed, if any: the file's own fitted."""
        changed = sorted(key for home, key in self.changed if home == table and key != "name")
        named = [key for key in changed if re.search(rf"\b{key}\b", message)] or changed
        for key in named or [""]:
            self._problem(table, key, message)

    def _problem(self, table: str, key: str, message: str) -> None:
        if (table, key) in self.changed:
            self.problems.append(Problem(self.changed_by, table, key, message))
            return
        line = self.lines.get((table, key)) or self.lines.get((table or key, ""))
        where = f"{self.where}:{line}" if self.where and line else self.where
        self.problems.append(Problem(where, table, key, message))


def _short(path: Path) -> str:
    """The path as a person would write it: relative where it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
