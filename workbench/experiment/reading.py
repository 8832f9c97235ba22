"""Reads plain values into the parts of an experiment: what a TOML file, the form, `--set` and the Python API go through alike.

Whatever the values are, what comes of them is either the parts or an ExperimentError with one problem a line. A problem lies with
what brought it about: with the file where the file has it by itself, else with what was laid over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from workbench.cards import Config, Task, catalog
from workbench.cards.messages import explain
from workbench.cards.own_code import code_of, read_code
from workbench.errors import CardError, ExperimentError, Problem, WorkbenchError
from workbench.experiment.compatibility import misfits
from workbench.experiment.settings import Claim, InspectConfig, TrainingConfig
from workbench.saying import close, nearest, one_line, said
from workbench.typed import Typed

__all__ = ["TABLES", "Choice", "Reading"]

TABLES = ("model", "data", "optimizer", "training", "inspect", "claim")
_TEXTS = ("title", "about")
_CHOICES: dict[str, Callable[[], Mapping[str, type[Any]]]] = {
    "model": catalog.architectures,
    "data": catalog.datasets,
    "optimizer": catalog.optimizers,
}
_LONGEST_KEY = 60
"""Letters of a key that a message repeats as they are."""
_NAMED = 8
"""Cards that a message names."""
_MOST = 50
"""Problems that are told of one table; nobody fixes more at once."""


@dataclass(frozen=True)
class Choice:
    """A card chosen by name, with its settings.

    Attributes:
        name: the card's name.
        config: its validated settings.
        card: the card.
    """

    name: str
    config: Any
    card: Any = field(repr=False, compare=False)

    def to_dict(self, *, pinned: bool = True) -> dict[str, Any]:
        """Name and every setting, defaults included.

        Args:
            pinned: of a card in the user's own file also the digest of its text, so that it means that text for ever.
        """
        code = self.card.code
        own = {} if code is None else {"file": code.path, **({"code": code.sha256} if pinned else {})}
        return {"name": self.name, **own, **self.config.model_dump(exclude_none=True)}


class _Found(NamedTuple):
    """A problem before it is known whom to blame."""

    table: str
    key: str
    message: str


class Reading:
    """One reading of plain values.

    Args:
        values: tables as dictionaries, with top-level `title` and `about`; anything else is a problem, not an exception.
        where: what the values come from, for messages.
        lines: line of each (table, key).
        changes: "table.key" -> value, laid over the values.
        changed_by: where the changes come from, for messages.
        task: what the data ask, where it is known; not looked at where a change concerns the data.
        base: the folder of the file that the values come from: where files of cards may lie that it names.
    """

    def __init__(  # noqa: PLR0913 - what is read, and what is said of it
        self,
        values: Any,
        where: str,
        lines: Mapping[tuple[str, str], int],
        changes: Any,
        changed_by: str = "--set",
        *,
        task: Task | None = None,
        base: Path | None = None,
    ) -> None:
        self.base = base
        self.given, self.where, self.lines, self.changed_by = values, where, lines, changed_by
        self.known_task = task
        self.changed: set[tuple[str, str]] = set()
        self.values: dict[str, Any] = {}
        self._found: list[_Found] = []
        self._refused: list[Problem] = []  # changes that could not be laid over the values
        self._misshapen: set[str] = set()
        self._take(values)
        if isinstance(changes, Mapping):
            for name, value in changes.items():
                self._change(name, value)
            self._read_typed()
        else:
            self._refuse("", f"got {said(changes)}; expected a mapping of table.key to value.")

    def parts(self) -> dict[str, Any]:
        """The experiment's parts by name.

        Raises:
            ExperimentError: with every problem found.
        """
        model, data, optimizer = (self._choice(table, cards()) for table, cards in _CHOICES.items())
        training = self._config("training", TrainingConfig, self.values.get("training", {}))
        inspect = self._config("inspect", InspectConfig, self.values.get("inspect", {}))
        claim = self._config("claim", Claim, self.values["claim"]) if "claim" in self.values else None
        task = self._fits(model, data, training)
        if problems := self._problems():
            raise ExperimentError(problems)
        texts = {key: self.values.get(key, "") for key in _TEXTS}
        return {
            "model": model,
            "data": data,
            "optimizer": optimizer,
            "training": training,
            "inspect": inspect,
            "claim": claim,
            **texts,
            "_task": task,
        }

    def homes(self, name: str) -> list[str]:
        """Every "table.key" that a name can mean: itself, or for a bare key the ones in the tables that have it."""
        if name in ("training.lr", "lr"):  # people look for it there
            return ["optimizer.lr"]
        if "." in name:
            return [name]
        return [f"{table}.{name}" for table in TABLES if table != "claim" and name in self._keys(table)]

    def _take(self, values: Any) -> None:
        """Take what has an experiment's shape; what has not is a problem each."""
        if not isinstance(values, Mapping):
            self._problem("", "", f"got {said(values)}; expected the tables [model], [data] and [optimizer].")
            return
        known = [*_TEXTS, *TABLES]
        for key, value in list(values.items())[:_MOST]:
            if key in TABLES:
                self._take_table(key, value)
            elif key not in _TEXTS:
                self._problem("", key, f"unknown key. {nearest(str(key), sorted(known))}")
            elif not isinstance(value, str):
                self._problem("", key, f"got {said(value)}; expected text.")
            elif any("\ud800" <= sign <= "\udfff" for sign in value):
                self._problem("", key, f"got {said(value)}; expected text in UTF-8.")
            else:
                self.values[key] = value

    def _take_table(self, table: str, value: Any) -> None:
        self.values[table] = {}
        if isinstance(value, Mapping):
            for key in [key for key in value if not isinstance(key, str)][:_MOST]:
                self._problem(table, key, "got a key that is no text; expected text.")
            self.values[table] = {key: item for key, item in value.items() if isinstance(key, str)}
            return
        self._misshapen.add(table)
        advice = f"Write [{table}] on a line of its own, once, and its settings below it."
        if isinstance(value, str) and table in _CHOICES:
            advice = f"Write [{table}] on a line of its own and below it name = {said(value)}."
        self._problem(table, "", f"got {said(value)}; expected a table [{table}]. {advice}")

    def _change(self, name: Any, value: Any) -> None:
        if not isinstance(name, str):
            self._refuse("", f"got {said(name)}; expected a key as text, such as 'model.hidden_size'.")
            return
        table, _, key = name.rpartition(".")
        if table and table not in TABLES:
            self._refuse(name, f"unknown table {said(table)}. {nearest(table, TABLES)}")
            return
        homes = self.homes(name)
        if len(homes) != 1 or not key or name.startswith("."):
            options = ", ".join(homes) if len(homes) > 1 else self._nearest_keys(name)
            problem = "stands in more than one table" if len(homes) > 1 else "unknown key"
            self._refuse(name, f"{problem}. Write table.key. {options}")
            return
        table, _, key = homes[0].partition(".")
        section = self.values.setdefault(table, {})
        if key in ("name", "file") and isinstance(value, Typed):
            value = value.read(str)
        if key in ("name", "file") and table in _CHOICES and section.get(key) != value:
            # another card: what the old one alone understands goes, what both have stays
            same_file = {k: section[k] for k in ("file", "code") if key == "name" and k in section}
            wanted = {k: v for k, v in section.items() if k in ("name", "file") and (table, k) in self.changed} | {key: value}
            card = self._card_of(table, {**same_file, **wanted})
            if card is None:
                card, same_file = self._card_of(table, wanted), {}
            fields = {**(card.Config.model_fields if card is not None else {}), **same_file}
            if table in ("model", "data"):  # title, text and claim spoke of the old one
                self.values = {k: v for k, v in self.values.items() if k not in ("title", "about", "claim")}
            section = {k: v for k, v in section.items() if k in fields or (table, k) in self.changed}
            self.values[table] = section
        section[key] = value
        self.changed.add((table, key))

    def _read_typed(self) -> None:
        """Read what was typed as the kind of value that its setting takes, now that every table's card is known."""
        for table, key in self.changed:
            fields = self._fields(table)
            if isinstance(typed := self.values.get(table, {}).get(key), Typed):
                self.values[table][key] = typed.read(fields[key].annotation if key in fields else None)

    def _fields(self, table: str) -> Mapping[str, FieldInfo]:
        """The settings of a table, by key; none where its card is unknown."""
        own: dict[str, type[Config]] = {"training": TrainingConfig, "inspect": InspectConfig, "claim": Claim}
        config: type[Config] | None = own.get(table) or getattr(self._card(table), "Config", None)
        return config.model_fields if config else {}

    def _keys(self, table: str) -> list[str]:
        return [*(["name", "file"] if table in _CHOICES else []), *self._fields(table)]

    def _card(self, table: str) -> Any:
        """The card that a table names, or None."""
        return self._card_of(table, self.values.get(table, {}))

    def _card_of(self, table: str, section: Mapping[str, Any]) -> Any:
        """The card that some settings of a table name, or None."""
        if table not in _CHOICES:
            return None
        if "file" in section:
            try:
                return self._own_card(table, section)
            except CardError:
                return None
        name = section.get("name")
        return _CHOICES[table]().get(name) if isinstance(name, str) else None

    def _own_card(self, table: str, section: Mapping[str, Any]) -> Any:
        """The card in a file of the user's own: as the file is now, or as it was where its digest is given.

        Raises:
            CardError: there is none that can be used.
        """
        file, digest, name = section["file"], section.get("code"), section.get("name", "")
        where = f"{table}.file"
        if not isinstance(file, str) or not isinstance(name, str) or not (digest is None or isinstance(digest, str)):
            raise CardError(f"{where}: got {said(file)}; expected the path of a file, as text. Write it between quotes.")
        if not file.rstrip().endswith(".py"):
            elsewhere = " A file of data belongs in data.path." if table == "data" else ""
            raise CardError(f"{where}: got {said(file)}; expected a file of Python, whose name ends in .py.{elsewhere}")
        code = read_code(file, where, self.base) if digest is None else code_of(digest, file, where)
        return catalog.own_card(table, code, name, where, newest=digest is None)

    def _nearest_keys(self, name: str) -> str:
        """What may have been meant by a key that no table has; a bare one is compared with keys without their tables."""
        keys = [f"{table}.{key}" for table in TABLES for key in self._keys(table)]
        alike = keys if "." in name else [key for key in keys if close(name, [key.partition(".")[2]])]
        return f"Did you mean {' or '.join(repr(key) for key in alike)}?" if alike != keys and alike else nearest(name, keys)

    def _choice(self, table: str, cards: Mapping[str, type[Any]]) -> Choice | None:
        settings = dict(self.values.get(table, {}))
        if table in self._misshapen and "name" not in settings:
            return None
        if "file" in settings:
            return self._own_choice(table, settings)
        settings.pop("code", None)
        if "name" not in settings:
            self._problem(table, "name", f"missing. {nearest('', cards)}")
            return None
        name = settings.pop("name")
        if not isinstance(name, str):
            self._problem(table, "name", f"got {said(name)}; expected one name as text. {nearest('', cards)}")
            return None
        if name not in cards:
            reason = catalog.why_missing(table, name)
            self._problem(table, "name", reason or f"got {said(name)}; expected one of the known names. {nearest(name, cards)}")
            return None
        config = self._config(table, cards[name].Config, settings)
        return None if config is None else Choice(name, config, cards[name])

    def _own_choice(self, table: str, settings: dict[str, Any]) -> Choice | None:
        try:
            card = self._own_card(table, settings)
        except CardError as error:
            self._problem(table, "file", str(error))
            return None
        settings = {key: value for key, value in settings.items() if key not in ("name", "file", "code")}
        config = self._config(table, card.Config, settings)
        return None if config is None else Choice(card.name, config, card)

    def _config(self, table: str, kind: type[Any], settings: Mapping[str, Any]) -> Any:
        try:
            return kind.model_validate(settings)
        except ValidationError as error:
            for item in error.errors()[:_MOST]:
                key = ".".join(str(part) for part in item["loc"])
                self._problem(table, key, explain(item, kind.model_fields) + _elsewhere(table, key, item["type"]))
        except Exception as error:  # noqa: BLE001 - a stranger's card: its fault is named, and the others go on
            self._problem(table, "", catalog.failed_card(str(settings.get("name", kind.__qualname__)), error))
        return None

    def _fits(self, model: Choice | None, data: Choice | None, training: TrainingConfig | None) -> Task | None:
        if data is None:
            self._fits_in_kind(model)
            return None
        try:
            known = None if any(table == "data" for table, _ in self.changed) else self.known_task
            task = known or data.card.task(data.config)
        except WorkbenchError as error:
            self._problem("data", "", str(error))
            self._fits_in_kind(model)
            return None
        except Exception as error:  # noqa: BLE001 - a stranger's card
            self._problem("data", "", catalog.failed_card(data.name, error))
            return None
        card = None
        if model is not None:
            reason = catalog.refusal(model.card, model.config, task)
            if reason is None:
                card = model.card
            else:
                self._pair_problem(model.name, data.name, reason)
        for key, message in misfits(training, card, task) if training else ():
            self._problem("training", key, message)
        return task

    def _fits_in_kind(self, model: Choice | None) -> None:
        """Tell an impossible pair beside the settings of its data that are wrong: fixing those would not help."""
        card = self._card("data")
        if card is None or model is None:
            return
        try:
            kind = card.kind or card.task(card.Config()).kind
        except Exception:  # noqa: BLE001 - it needs a file, which its settings do not name yet, or is broken, which is told
            return
        reason = catalog.refused_kind(model.card, kind)
        if reason is not None:
            self._pair_problem(model.name, card.name, reason)

    def _pair_problem(self, model: str, data: str, reason: str) -> None:
        """It lies with the one that was changed, if only one was: the file's own pair fitted."""
        table = "data" if ("data", "name") in self.changed and ("model", "name") not in self.changed else "model"
        self._problem(table, "name", f"'{model}' cannot be trained on '{data}': {reason}")

    def _problem(self, table: str, key: Any, message: str) -> None:
        key = key if isinstance(key, str) and key.isprintable() and len(key) <= _LONGEST_KEY else said(key)
        self._found.append(_Found(table, key, one_line(message)))

    def _refuse(self, name: str, message: str) -> None:
        name = name if name.isprintable() and len(name) <= _LONGEST_KEY else said(name)
        self._refused.append(Problem(self.changed_by, "", name, message))

    def _problems(self) -> list[Problem]:
        """Every problem with whom to blame. What the values have by themselves lies with them, all else with the changes."""
        blamed = list(self._refused)
        own: set[_Found] | None = None
        for fault in self._found:
            by_change = (fault.table, fault.key) in self.changed
            if not by_change and self.changed:
                own = self._own_problems() if own is None else own
                by_change = fault not in own
            for key in [fault.key] if fault.key else self._meant(fault, by_change=by_change):
                where = self.changed_by if by_change else self._place(fault.table, key)
                # a dataset's own error names the setting once more, or names one that was not given
                named = re.match(rf"{re.escape(fault.table)}\.(\w+): ", fault.message) if fault.table else None
                message = fault.message[named.end() :] if named and key in ("", named[1]) else fault.message
                blamed.append(Problem(where, fault.table, key or (named[1] if named else ""), message))
        return blamed

    def _own_problems(self) -> set[_Found]:
        """What is wrong with the values before anything is laid over them."""
        alone = Reading(self.given, self.where, self.lines, {}, task=self.known_task)
        with suppress(ExperimentError):
            alone.parts()
        return set(alone._found)

    def _meant(self, fault: _Found, *, by_change: bool) -> list[str]:
        """The keys that a problem of a table as a whole speaks of: by their value or their name, else those that were changed."""
        settings = self.values.get(fault.table, {})
        keys = [key for key in settings if key != "name" and (not by_change or (fault.table, key) in self.changed)]
        texts = [key for key in keys if isinstance(text := settings[key], str) and len(text) > 1 and text in fault.message]
        if texts:
            return [max(texts, key=lambda key: len(settings[key]))]
        names = [key for key in sorted(keys) if re.search(rf"\b{re.escape(key)}\b", fault.message)]
        return (names or sorted(keys) or [""]) if by_change else [""]

    def _place(self, table: str, key: str) -> str:
        """File and line of a key, of the nearest key around it, or of its table."""
        if not self.where:
            return ""
        home, rest = (table, key) if table else (key, "")
        while (line := self.lines.get((home, rest))) is None and rest:
            rest = rest.rpartition(".")[0]
        return f"{self.where}:{line}" if line else self.where


def _elsewhere(table: str, key: str, fault: str) -> str:
    """Of a key that the chosen card does not know: which other cards do, as a sentence after a blank, or ""."""
    if fault != "extra_forbidden" or table not in _CHOICES:
        return ""
    names = [name for name, card in _CHOICES[table]().items() if key in card.Config.model_fields]
    more = ", ..." if len(names) > _NAMED else ""
    return f" It is a setting of other values of {table}.name: {', '.join(names[:_NAMED])}{more}." if names else ""
