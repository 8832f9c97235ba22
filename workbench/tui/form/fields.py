"""What a settings row knows of its setting, read from the card's schema: kind, bounds, words, and how a step up or down goes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from workbench.typed import Bounds, Kind, kind_of, number_hint, read_as

__all__ = ["Field", "fields_of", "show_value"]

_LABELS = {"lr": "learning rate", "num_layers": "layers", "num_heads": "heads", "clip_norm": "clip norm"}
_POWER_FROM = 8
_SINGLE_STEPS_BELOW = 20
_LONGEST_SAID = 80
_MOST = 1e300
"""Up to here a float counts in ones."""


def show_value(value: Any) -> str:
    """A value as a person reads and types it: `5e-3`, `on`, `64`, `8, 16`; empty for none."""
    match value:
        case None:
            return ""
        case bool():
            return "on" if value else "off"
        case float():
            return _show_float(value) if math.isfinite(value) else repr(value)
        case list() | tuple():
            return ", ".join(show_value(item) for item in value)
        case _:
            return str(value)


def _show_float(value: float) -> str:
    text = f"{value:g}"
    if value and (abs(value) < 0.01 or abs(value) >= 1e5):  # noqa: PLR2004 - where digits in a row get hard to count
        mantissa, _, exponent = f"{value:e}".partition("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    return text if float(text) == value else repr(value)


@dataclass(frozen=True)
class Field:
    """One setting of a card.

    Attributes:
        table, key: where it stands in the experiment.
        kind: what its values are.
        default: the schema's default.
        help: one sentence on what it does.
        unit: what it is counted in, or "".
        live: it may change while a run goes on.
        advanced: folded away at first.
        choices: the values of a choice.
        bounds: the numbers that it takes.
        config: the model that holds the field, which validates it.
    """

    table: str
    key: str
    kind: Kind
    default: Any
    help: str
    unit: str
    live: bool
    advanced: bool
    choices: tuple[str, ...]
    bounds: Bounds
    config: type[BaseModel]

    @property
    def name(self) -> str:
        """`table.key`, as `--set` takes it."""
        return f"{self.table}.{self.key}"

    @property
    def label(self) -> str:
        """The key in words."""
        if self.key == "name":
            return self.table
        return _LABELS.get(self.key, self.key.replace("_", " "))

    @property
    def steppable(self) -> bool:
        """Whether left and right change the value."""
        return self.kind in ("int", "float", "bool", "choice")

    @property
    def range_text(self) -> str:
        """The values allowed, in words: `1 to 4096`, `above 0`, `constant, linear`; empty when anything goes."""
        if self.kind == "bool":
            return "on or off"
        if self.choices:
            return ", ".join(self.choices)
        low = "" if self.bounds.low is None else f"{'above ' if self.bounds.open_low else ''}{show_value(self.bounds.low)}"
        high = "" if self.bounds.high is None else f"{'below ' if self.bounds.open_high else ''}{show_value(self.bounds.high)}"
        if low and high:
            return f"{low}, up to {high}" if self.bounds.open_low else f"{low} to {high}"
        if low:
            return low if self.bounds.open_low else f"{low} or more"
        return high and (high if self.bounds.open_high else f"up to {high}")

    def parse(self, text: str) -> Any:
        """The value of what was typed; what cannot be read as the field's kind comes back as text, for the check to refuse."""
        text = text.strip()
        if not text and self.kind not in ("text", "list"):
            return self.default if self.default is None else text
        return read_as(self.kind, text)

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value taken alone, in words, or None. Quick enough for every key press."""
        try:
            self.config.model_validate({self.key: value})
        except ValidationError as error:
            for item in error.errors():
                if item["loc"][:1] == (self.key,):
                    hint = ""
                    if isinstance(value, str) and self.kind in ("int", "float"):
                        hint = number_hint(value, whole=self.kind == "int", bounds=self.bounds)
                    return " ".join(
                        [f"got {show_value(value)[:_LONGEST_SAID] or 'nothing'}; {_expected(self, str(item['msg']))}.", hint]
                    ).rstrip()
        return None

    def step(self, value: Any, direction: int) -> Any:
        """The next value up (+1) or down (-1): the next choice, the next round number, kept within the bounds."""
        if self.kind == "bool":
            return not value
        if self.kind == "choice":
            at = self.choices.index(value) if value in self.choices else 0
            return self.choices[(at + direction) % len(self.choices)]
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST:
            return self.default
        stepped = self._next_int(int(value), direction) if self.kind == "int" else self._next_float(float(value), direction)
        return value if self.problem(self._bounded(stepped)) else self._bounded(stepped)

    def _next_int(self, value: int, direction: int) -> int:
        if self.key == "seed" or abs(value) + (direction > 0) <= _POWER_FROM - (direction < 0):
            return value + direction
        if value >= _POWER_FROM and value & (value - 1) == 0:
            return value * 2 if direction > 0 else value // 2
        if value < _SINGLE_STEPS_BELOW:
            return value + direction
        return int(_round_step(float(value), direction))

    def _next_float(self, value: float, direction: int) -> float:
        if self.bounds.low == 0 and self.bounds.high is not None and self.bounds.high <= 1 and not self.bounds.open_low:
            return round(value + 0.05 * direction, 10)  # a share: dropout, teacher forcing
        if value == 0:
            return 1.0 if direction > 0 else 0.0
        stepped = _round_step(value, direction)
        return 0.0 if stepped < 1e-3 and self.bounds.low == 0 and not self.bounds.open_low else stepped  # noqa: PLR2004 - small enough for off

    def _bounded(self, value: float) -> float:
        if self.bounds.low is not None and not self.bounds.open_low:
            value = max(value, self.bounds.low)
        if self.bounds.high is not None and not self.bounds.open_high:
            value = min(value, self.bounds.high)
        return int(value) if self.kind == "int" else value


def _round_step(value: float, direction: int) -> float:
    """The next of ... 0.1 0.2 0.5 1 2 5 10 ... above or below a positive value."""
    exponent = math.floor(math.log10(max(abs(value), 1e-300)) + 1e-9)
    rounds = [float(f"{digit}e{power}") for power in range(exponent - 1, exponent + 2) for digit in (1, 2, 5)]
    if direction > 0:
        return next(item for item in rounds if item > value * (1 + 1e-9))
    return next(item for item in reversed(rounds) if item < value * (1 - 1e-9))


def _expected(field: Field, message: str) -> str:
    if field.kind in ("int", "float"):
        what = "a whole number" if field.kind == "int" else "a number"
        return f"expected {what}{', ' + field.range_text if field.range_text else ''}"
    if field.range_text:
        return f"expected {field.range_text}"
    message = message.removeprefix("Value error, ").rstrip(".")
    return message[:1].lower() + message[1:]


@cache
def fields_of(table: str, config: type[BaseModel]) -> tuple[Field, ...]:
    """The settings of a card's Config (or of the training section) in the order of their declaration."""
    return tuple(_field(table, key, info, config) for key, info in config.model_fields.items())


def _field(table: str, key: str, info: FieldInfo, config: type[BaseModel]) -> Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    kind, choices = kind_of(info.annotation)
    return Field(
        table=table,
        key=key,
        kind=kind,
        default=info.get_default(call_default_factory=True),
        help=info.description or "",
        unit=str(extra.get("unit", "")),
        live=extra.get("applies") == "live",
        advanced=bool(extra.get("advanced", False)),
        choices=choices,
        bounds=Bounds.of(info),
        config=config,
    )
