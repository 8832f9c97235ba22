"""What a person types for a setting: `table.key=value`, a value as TOML or a bare word, and the one reading of numbers.

The command line, the commands to a live run and the fields of the interface all read numbers here, so that `10,000` is nowhere
taken for ten: it is refused, with how to write it.
"""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any

from workbench.errors import ExperimentError, Problem
from workbench.saying import said

__all__ = ["number_hint", "number_of", "parse_assignment", "parse_value"]

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([,.' \u00a0\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_WITH_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
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


def number_hint(text: str) -> str:
    """How to write what looks like a number but is none, as a sentence, or ""."""
    text = text.strip()
    if _GROUPED.fullmatch(text):
        digits = re.sub(r"[^0-9+-]", "", text)
        point = f", or {text.replace(',', '.')} for a fraction" if text.count(",") == 1 else ""
        return f"Write {digits} without marks between thousands{point}."
    if _WITH_COMMA.fullmatch(text):
        return f"Write {text.replace(',', '.')}, with a point."
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        return "Write it with the digits 0 to 9."
    return ""


def parse_value(text: str) -> Any:
    """A value as a person types it: a number, else TOML where it is TOML, else a word."""
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


def parse_assignment(text: str, where: str = "--set") -> tuple[str, Any]:
    """`table.key=value` as ("table.key", value); the value is read as TOML where it is TOML, else as a word.

    A bare key, where only one table has it, is enough: `lr=3e-4`.

    Raises:
        ExperimentError: the text is not of that form.
    """
    key, equals, value = text.partition("=")
    found = _ASSIGNMENT.fullmatch(key)
    if not equals or not found:
        message = f"got {said(text)}; expected table.key=value, for example model.hidden_size=64."
        raise ExperimentError([Problem(where, "", "", message)])
    read = parse_value(value.strip())
    if isinstance(read, float) and math.isinf(read) and "inf" not in value:
        message = f"got {said(value.strip())}; expected a finite number, at most about 1.8e308."
        raise ExperimentError([Problem(where, "", found[1], message)])
    return found[1], read
