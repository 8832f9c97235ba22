"""What a person types for a setting: `table.key=value`, and the one reading of numbers, of true and false, and of text.

What a text means is decided by the kind of value that its setting takes: `2024_01` is a folder's name where a path is asked, and
a number where a number is. The command line, the commands to a live run, the fields of the interface, the inputs of a model and
texts in the Python API are all read here, so that `10,000` is nowhere taken for ten: it is refused, with how to write it.
"""

from __future__ import annotations

import math
import re
import shlex
import tomllib
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, get_args, get_origin

from workbench.errors import ExperimentError, Problem, UsageError
from workbench.saying import said

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "Bounds",
    "Kind",
    "Typed",
    "checked_command",
    "kind_of",
    "number_hint",
    "number_of",
    "parse_assignment",
    "parse_steps",
    "parse_value",
    "read_as",
]

Kind: TypeAlias = Literal["int", "float", "bool", "choice", "text", "list", "other"]
"""What the values of a setting are: numbers, true or false, one of some words, any text, several of these, or something else."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([,.' \u00a0\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_WITH_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
_TRUTH = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
_KINDS: dict[Any, Kind] = {int: "int", float: "float", bool: "bool", str: "text"}
_EXACT = 2**53
"""Up to here a number with a point is the whole number that it looks like."""
_ASSIGNMENT = re.compile(r"[ \t]*([a-z0-9_]+(?:\.[a-z0-9_]+)?)[ \t]*")


def number_of(text: str) -> int | float | None:
    """The number that a text is, or None: digits with a point, an exponent or `_` between them, and TOML's `0x10`, `0b1`, `0o7`.

    Only digits 0 to 9 count. A number too large for a float is infinite, which every setting refuses.
    """
    text = text.strip(" \t")
    value = _toml(text)
    if isinstance(value, int | float) and not isinstance(value, bool) and "#" not in text:
        return value
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:  # a point, an exponent, or more digits than Python reads
        return float(text)


@dataclass(frozen=True)
class Bounds:
    """The numbers that a setting takes.

    Attributes:
        low, high: its bounds, or None; `open_low` and `open_high` say that the bound itself is excluded.
    """

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False

    @classmethod
    def of(cls, setting: FieldInfo) -> Bounds:
        """Those that a setting declares."""
        limits = {
            name: getattr(item, name) for item in setting.metadata for name in ("ge", "gt", "le", "lt") if hasattr(item, name)
        }
        return cls(limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt")), "gt" in limits, "lt" in limits)

    def hint(self, number: float) -> str:
        """What to write in place of a number that a float cannot hold: infinite, or zero where another was written."""
        if number == 0:
            without_zero = self.low is not None and (self.low > 0 or (self.low == 0 and self.open_low))
            return f"It is too near to zero. Write {'' if without_zero else '0, or '}a larger number."
        bound, is_open = (self.high, self.open_high) if number > 0 else (self.low, self.open_low)
        if bound is None:
            return "Write at most about 1.79e308." if number > 0 else "Write at least about -1.79e308."
        if is_open:
            return f"Write a number {'below' if number > 0 else 'above'} {_plain(bound)}."
        return f"Write at {'most' if number > 0 else 'least'} {_plain(bound)}."


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) and abs(bound) <= _EXACT else f"{bound:g}"


def number_hint(text: str, *, whole: bool = False, bounds: Bounds | None = None) -> str:
    """How to write what looks like a number but is none, as a sentence, or "".

    Args:
        text: what was typed.
        whole: fractions are not asked for.
        bounds: what numbers are asked for.
    """
    text = text.strip()
    if _GROUPED.fullmatch(text):
        digits = re.sub(r"[^0-9+-]", "", text)
        point = f", or {text.replace(',', '.')} for a fraction" if text.count(",") == 1 and not whole else ""
        return f"Write {digits} without marks between thousands{point}."
    if _WITH_COMMA.fullmatch(text):
        return f"Write {text.replace(',', '.')}, with a point."
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        return "Write it with the digits 0 to 9."
    number = number_of(text)
    if number is not None and _is_lost(number, text):
        return (bounds or Bounds()).hint(number)
    return ""


def kind_of(annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    """The kind of values that a type of a setting stands for, and the words of a choice; None may be one of them besides.

    A type whose words are known only when they are asked for names them by its `choices()`.
    """
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return kind_of(inner[0]) if len(inner) == 1 else ("other", ())
    if get_origin(annotation) is Literal and all(isinstance(item, str) for item in get_args(annotation)):
        return "choice", tuple(get_args(annotation))
    if get_origin(annotation) in (tuple, list):
        return "list", ()
    if hasattr(annotation, "choices"):
        return "choice", tuple(annotation.choices())
    return _KINDS.get(annotation, "other"), ()


def read_as(kind: Kind, text: str) -> Any:
    """A text as a value of a kind; where it is none, or cannot be held exactly, the text itself, for the check to refuse."""
    text = text.strip()
    match kind:
        case "text" | "choice":
            value = _toml(text) if text[:1] in ("'", '"') else None
            return value if isinstance(value, str) else text
        case "bool":
            return _TRUTH.get(text.lower(), text)
        case "int" | "float":
            number = number_of(text)
            if number is None or not abs(number) < math.inf or _is_lost(number, text):
                return text
            whole = kind == "int" and number == int(number) and (isinstance(number, int) or abs(number) <= _EXACT)
            return int(number) if whole else number
        case "list":
            value = _toml(text)
            parts = text.removeprefix("[").removesuffix("]").split(",")
            return value if isinstance(value, list) else [parse_value(part.strip()) for part in parts if part.strip()]
        case "other":
            return parse_value(text)


def _is_lost(number: float, text: str) -> bool:
    """Whether a finite number other than zero was written, and became zero or infinite."""
    return (number == 0 and any(digit in "123456789" for digit in text.lower().partition("e")[0])) or (
        abs(number) == math.inf and "inf" not in text
    )


@dataclass(frozen=True)
class Typed:
    """What a person typed for a setting, before it is known what kind of value that takes."""

    text: str

    def read(self, annotation: Any) -> Any:
        """The value for a setting of this type (`int`, `str | None` ...); what is none stays text."""
        return read_as(kind_of(annotation)[0], self.text)


def parse_value(text: str) -> Any:
    """A value of which nothing is known: a number, else TOML where it is TOML, else a word."""
    number = number_of(text)
    if number is not None:
        return number
    value = _toml(text)
    return text if value is None else value


def _toml(text: str) -> Any:
    """The one TOML value that a text is, or None."""
    try:
        values = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # besides no TOML: a number of ten thousand digits, a list a thousand deep
        return None
    return values["value"] if len(values) == 1 else None  # a line break began another key or table


def parse_assignment(text: str, where: str = "--set") -> tuple[str, Typed]:
    """`table.key=value` as ("table.key", what was typed); the setting's kind decides how the value is read.

    A bare key, where only one table has it, is enough: `lr=3e-4`.

    Raises:
        ExperimentError: the text is not of that form.
    """
    key, equals, value = text.partition("=")
    match = _ASSIGNMENT.fullmatch(key)
    if not equals or not match:
        message = f"got {said(text)}; expected table.key=value, for example model.hidden_size=64."
        raise ExperimentError([Problem(where, "", "", message)])
    return match[1], Typed(value.strip())


def parse_steps(text: str, where: str) -> tuple[int, int]:
    """`A:B` as the first and the last of some steps of a sequence, from 1, both included.

    Args:
        text: what was typed.
        where: what it was typed for, as it is named in the message.

    Raises:
        UsageError: the text is not of that form.
    """
    match [number_of(part) for part in text.split(":")]:
        case [int(first), int(last)] if 1 <= first <= last:
            return first, last
    raise UsageError(f"{where}: got {said(text)}; expected A:B, the first and the last step, from 1. Write for example 3:7.")


def checked_command(command: str, where: str) -> str:
    """A command that is called later, once it is sure that its words can be taken apart as a shell does; "" for none.

    Raises:
        UsageError: there is no word in it, or a quotation is not closed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        problem = str(error).lower()
    else:
        problem = "" if words or not command else "nothing in it"
    if problem:
        raise UsageError(
            f"{where}: {problem}, got {said(command)}; expected a command and its words. It is run without a shell; "
            "'sh -c \"...\"' runs one."
        )
    return command
