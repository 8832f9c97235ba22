"""Which cards go together: each architecture with the chosen data, each dataset with the chosen architecture, and what helps.

Nothing here draws. What may read files takes plain values, so that it can run in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from workbench.cards import Task, catalog
from workbench.tui.form.fields import fields_of
from workbench.tui.form.state import Values, cards_of, with_card

__all__ = ["Fit", "Fits", "fits"]


@dataclass(frozen=True)
class Fit:
    """Whether a card goes with the other card that is chosen.

    Attributes:
        reason: why it does not as things stand, or "".
        changes: settings that would make it fit ("data.view" -> "rows"), empty where none would.
    """

    reason: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """No setting of either card makes the pair possible."""
        return bool(self.reason) and not self.changes


@dataclass(frozen=True)
class Fits:
    """How every architecture goes with the chosen data, and every dataset with the chosen architecture."""

    model: Mapping[str, Fit]
    data: Mapping[str, Fit]


def fits(values: Values) -> Fits:
    """How each card goes with the other one chosen. May read files. Settings that are wrong count as their defaults."""
    for table in ("model", "data"):
        values = with_card(values, table, values[table]["name"])
    tasks: dict[str, Task | None] = {}
    return Fits(
        {name: _fit(with_card(values, "model", name), tasks) for name in cards_of("model")},
        {name: _fit(with_card(values, "data", name), tasks) for name in cards_of("data")},
    )


def _fit(values: Values, tasks: dict[str, Task | None]) -> Fit:
    reason = _refusal(values, tasks)
    if not reason:
        return Fit()
    for table in ("data", "model"):
        config = cards_of(table)[values[table]["name"]].Config
        for setting in fields_of(table, config):
            for choice in setting.choices:
                changed = {**values, table: {**values[table], setting.key: choice}}
                if not _refusal(changed, tasks):
                    return Fit(reason, {setting.name: choice})
    return Fit(reason)


def _refusal(values: Values, tasks: dict[str, Task | None]) -> str:
    """Why the pair is impossible, or "" where it is possible or cannot be known (settings that are wrong for another reason)."""
    settings = {key: value for key, value in values["model"].items() if key != "name"}
    task = _task(values["data"], tasks)
    try:
        config = cards_of("model")[values["model"]["name"]].Config.model_validate(settings)
    except ValidationError:
        return ""
    if task is None:  # a path is not set yet, or its file cannot be read: the kind of task may be known all the same
        kind = cards_of("data")[values["data"]["name"]].kind
        return "" if kind is None else catalog.refused_kind(cards_of("model")[values["model"]["name"]], kind) or ""
    return catalog.refusal(cards_of("model")[values["model"]["name"]], config, task) or ""


def _task(section: Mapping[str, Any], tasks: dict[str, Task | None]) -> Task | None:
    key = repr(sorted(section.items()))
    if key not in tasks:
        card = cards_of("data")[section["name"]]
        try:
            config = card.Config.model_validate({key: value for key, value in section.items() if key != "name"})
            tasks[key] = card.task(config)
        except Exception:  # noqa: BLE001 - it needs a file, or is somebody else's card and fails: it counts as unknown
            tasks[key] = None
    return tasks[key]
