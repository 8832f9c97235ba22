"""What differs between listed runs: the settings that are not equal among those on the same data, as short words."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.saying import clean

__all__ = ["as_words", "differences", "has_effect", "other_data", "same", "settings_in_force", "short_value", "unequal"]

_TABLES = ("model", "data", "optimizer", "training", "inspect")
_WITHOUT_EFFECT = "inspect."
"""Looking inside has no effect on what comes out."""
_UNTOLD = ("model.name", "data.name", _WITHOUT_EFFECT)
"""Cards have columns of their own."""
_EXACT = 2**53
"""The largest whole number up to which a float holds each."""
_LONGEST = 24
"""Letters of a value; the end of a longer one is shown, which says more of a path."""


def settings_in_force(start: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run as "table.key" -> value.

    Args:
        start: the experiment that it was started with, as plain values.
        changes: "table.key" -> value, what was changed while it went on.
    """
    tables = {table: start.get(table) for table in _TABLES} if isinstance(start, Mapping) else {}
    in_force = {
        f"{table}.{key}": value
        for table, section in tables.items()
        if isinstance(section, Mapping)
        for key, value in section.items()
    }
    return {**in_force, **changes}


def has_effect(name: str) -> bool:
    """Whether what comes out of a run may depend on the setting "table.key" at all."""
    return not name.startswith(_WITHOUT_EFFECT)


def same(value: Any) -> str:
    """A text that two values have in common where they are the same as settings: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_as_settings(value), sort_keys=True, default=str)


def as_words(settings: Mapping[str, Any]) -> str:
    """Settings with their values on a line, as `model.name=gru optimizer.lr=0.02`."""
    return " ".join(f"{name}={short_value(value)}" for name, value in settings.items())


def differences(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """For each run what sets it apart from the others on the same dataset, as `hidden_size=128 lr=0.02`.

    A setting counts where two runs that have it do not agree on it. Architecture and dataset are left out: they have columns of
    their own. A key that stands in several tables is given with its table.

    Args:
        runs: the settings of each, as `settings_in_force` gives them.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for index, settings in enumerate(runs):
        groups[str(settings.get("data.name"))].append(index)
    words_of = [""] * len(runs)
    for members in groups.values():
        told = unequal([runs[index] for index in members])
        words = _words(told)
        for index in members:
            words_of[index] = " ".join(f"{words[name]}={short_value(runs[index][name])}" for name in told if name in runs[index])
    return words_of


def other_data(run: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What the data of another run are in place of a run's, as `echo` or `length=20`; "" where they are the same.

    Scores on other data do not compare: another task, or the same one of another difficulty.

    Args:
        run, other: settings, as `settings_in_force` gives them.
    """
    if run.get("data.name") != other.get("data.name"):
        return short_value(other.get("data.name"))
    names = [name for name in unequal([run, other]) if name.startswith("data.")]
    names += [name for name in sorted(run.keys() ^ other.keys()) if name.startswith("data.")]
    return " ".join(f"{name.partition('.')[2]}={short_value(other.get(name))}" for name in names)


def unequal(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings on which the runs do not agree, in the order of the tables."""
    values: dict[str, set[str]] = defaultdict(set)
    for settings in runs:
        for name, value in settings.items():
            values[name].add(same(value))
    told = [name for name, seen in values.items() if len(seen) > 1 and not name.startswith(_UNTOLD)]
    return sorted(told, key=lambda name: _TABLES.index(table) if (table := name.partition(".")[0]) in _TABLES else len(_TABLES))


def _as_settings(value: Any) -> Any:
    """A value with whole numbers as floats, all the way down, where a float holds them exactly."""
    match value:
        case bool():
            return value
        case int():
            return float(value) if abs(value) <= _EXACT else value
        case list() | tuple():
            return [_as_settings(item) for item in value]
        case Mapping():
            return {str(key): _as_settings(item) for key, item in value.items()}
        case _:
            return value


def _words(names: Sequence[str]) -> dict[str, str]:
    """A setting's name without its table where that is enough; the optimiser itself is called so."""
    keys = {name: name.partition(".")[2] for name in names}
    many = Counter(keys.values())
    words = {name: key if many[key] == 1 else name for name, key in keys.items()}
    return {name: "optimizer" if name == "optimizer.name" else word for name, word in words.items()}


def short_value(value: Any) -> str:
    """A setting's value in few letters."""
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case list() | tuple():
            return ",".join(short_value(item) for item in value)
        case _:
            text = clean(str(value)).replace(os.linesep, " ")
            return text if len(text) <= _LONGEST else f"...{text[3 - _LONGEST :]}"
