"""An experiment while it is being written: plain values that may be wrong, and what they change. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ValidationError

from workbench.cards import Config, catalog, setting
from workbench.experiment import Experiment
from workbench.experiment.compatibility import unused
from workbench.experiment.settings import InspectConfig, TrainingConfig
from workbench.plotting.race import MOST_MEMBERS
from workbench.tui.form.fields import Field, fields_of
from workbench.typed import Bounds

__all__ = ["CARD_TABLES", "ROWS", "SECTIONS", "START", "FormState", "Values", "cards_of", "with_card"]

CARD_TABLES = ("model", "data", "optimizer")
SECTIONS = ("model", "data", "optimizer", "training", "inspect")
START = "start"
"""What is said of the start alone: no table of the experiment, so nothing that is kept of it has it."""
ROWS = (*SECTIONS[:-1], START, SECTIONS[-1])
"""The sections of the form, from top to bottom."""

Values = dict[str, Any]
"""Tables of an experiment as plain values."""
_WORDS = ("title", "about", "claim")


class StartConfig(Config):
    """How often an experiment is started."""

    seeds: int = setting(
        1,
        "Runs that Start begins: with the seed above and those that follow it. Those that find no free core wait for one.",
        ge=1,
        le=MOST_MEMBERS,
        unit="runs",
    )


_OWN: Mapping[str, type[BaseModel]] = {"training": TrainingConfig, "inspect": InspectConfig, START: StartConfig}
"""Tables in which no card stands."""


def cards_of(table: str) -> Mapping[str, type[Any]]:
    """The cards that can stand in a table."""
    finders = {"model": catalog.architectures, "data": catalog.datasets, "optimizer": catalog.optimizers}
    return finders[table]()


def with_card(values: Values, table: str, name: str, preferred: Mapping[str, Any] | None = None) -> Values:
    """The values with another card in a table: what both cards understand stays, the rest is the new card's own.

    Args:
        values: tables as dictionaries.
        table: `model`, `data` or `optimizer`.
        name: the new card.
        preferred: settings to start from instead of the card's defaults (the preset's).
    """
    config = cards_of(table)[name].Config
    shared = {
        key: value for key, value in values.get(table, {}).items() if key in config.model_fields and _accepts(config, key, value)
    }
    section = {**(preferred or {}), **shared, "name": name}
    return {**values, table: section}


def _accepts(config: type[Any], key: str, value: Any) -> bool:
    try:
        config.model_validate({key: value})
    except ValidationError as error:
        return all(item["loc"][:1] != (key,) for item in error.errors())
    return True


class _Named(BaseModel):
    """Holds the name of a card that is chosen in a row instead of a list."""

    name: str


def _name_field(table: str, label_help: str) -> Field:
    return Field(
        table=table,
        key="name",
        kind="choice",
        default="",
        help=label_help,
        unit="",
        live=False,
        advanced=False,
        choices=tuple(cards_of(table)),
        bounds=Bounds(),
        config=_Named,
    )


class FormState:
    """The values of the form.

    Attributes:
        baseline: the experiment that was loaded, as plain values; "changed" is meant against it.
        values: the values as they stand; a run that is started has these.
        in_force: what a run that goes on has instead ("table.key" -> value), from changes made to it while it goes on.
        start: how it is started; no part of the experiment.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.baseline: Values = experiment.to_dict(pinned=False)
        self.values: Values = deepcopy(self.baseline)
        self.in_force: Values = {}
        self.start: Values = {}

    def name(self, table: str) -> str:
        """The card chosen in a table."""
        return str(self.values[table]["name"])

    def fields(self, table: str) -> tuple[Field, ...]:
        """The settings of a table, for the card that is chosen; the optimiser itself is the first of its settings."""
        if table in _OWN:
            return fields_of(table, _OWN[table])
        card = cards_of(table)[self.name(table)]
        if table == "optimizer":
            return (_name_field(table, card.summary), *fields_of(table, card.Config))
        return fields_of(table, card.Config)

    def value(self, setting: Field) -> Any:
        """The value of a setting as it stands; a wrong one is kept as it was typed."""
        return self.section(setting.table).get(setting.key, setting.default)

    def section(self, table: str) -> Values:
        """The values of a table as they stand."""
        section: Values = self.start if table == START else self.values[table]
        return section

    def shown(self, setting: Field) -> Any:
        """What is in force in the run that goes on, else the value as it stands."""
        return self.in_force.get(setting.name, self.value(setting))

    def original(self, setting: Field) -> Any:
        """The value that the loaded experiment has, or the default where another card was chosen since."""
        section = self.baseline.get(setting.table, {})
        if setting.key == "name":
            return section["name"]
        same_card = section.get("name") == self.section(setting.table).get("name")
        return section.get(setting.key, setting.default) if same_card else setting.default

    def unused(self, setting: Field) -> str:
        """Why a setting has no effect with the architecture that is chosen, or ""."""
        return unused(cards_of("model")[self.name("model")], setting.table, setting.key)

    def is_changed(self, setting: Field) -> bool:
        """Whether a setting differs from the loaded experiment's."""
        return bool(self.value(setting) != self.original(setting))

    def changes(self) -> dict[str, Any]:
        """Everything that differs from the loaded experiment, as "table.key" -> value."""
        changed = {f"{table}.name": self.name(table) for table in CARD_TABLES if self.name(table) != self.baseline[table]["name"]}
        for table in SECTIONS:
            changed |= {setting.name: self.value(setting) for setting in self.fields(table) if self.is_changed(setting)}
        return changed

    def set(self, name: str, value: Any) -> None:
        """Give "table.key" a value, right or wrong; None takes it back to the default."""
        table, _, key = name.partition(".")
        if key == "name":
            self.choose(table, value)
        elif value is None:
            self.section(table).pop(key, None)
        else:
            self.section(table)[key] = value

    def choose(self, table: str, name: str) -> None:
        """Put another card into a table."""
        original = self.baseline[table]
        self.values = with_card(self.values, table, name, original if original["name"] == name else None)

    def restore(self, values: Mapping[str, Any]) -> None:
        """Take values that an earlier session left, right or wrong; tables that name no card of now stay as they are."""
        for table in SECTIONS:
            section = values.get(table)
            if isinstance(section, Mapping) and (table in _OWN or section.get("name") in list(cards_of(table))):
                self.values[table] = deepcopy(dict(section))

    def is_version(self, experiment: Experiment) -> bool:
        """Whether an experiment is the loaded one with other settings: the same words, architecture and data."""
        values = experiment.to_dict(pinned=False)
        same_words = all(values.get(key) == self.baseline.get(key) for key in _WORDS)
        return same_words and all(values[table]["name"] == self.baseline[table]["name"] for table in ("model", "data"))

    def copy(self) -> FormState:
        """A form state of its own with the same values, to try something on."""
        twin = object.__new__(FormState)
        twin.baseline, twin.values, twin.in_force, twin.start = self.baseline, deepcopy(self.values), {}, dict(self.start)
        return twin

    def snapshot(self) -> Values:
        """A copy for a thread; without title, text and claim once another architecture or dataset makes them untrue."""
        values = deepcopy(self.values)
        if any(self.name(table) != self.baseline[table]["name"] for table in ("model", "data")):
            for key in _WORDS:
                values.pop(key, None)
        return values
