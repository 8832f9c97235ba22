"""What is wrong with a setting, in the workbench's words, and in which line of its file it stands."""

from __future__ import annotations

import re
from typing import Any

from workbench.catalog import nearest

__all__ = ["explain", "line_numbers"]

_EXPECTED = {
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "literal_error": "{expected}",
    "finite_number": "a finite number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
}

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")


def explain(item: Any, fields: list[str]) -> str:
    """One pydantic error as `got ...; expected ....`."""
    if item["type"] == "extra_forbidden":
        return f"unknown key. {nearest(str(item['loc'][-1]), fields)}"
    if item["type"] == "missing":
        return "missing; expected a value."
    if item["type"] in _EXPECTED:
        return f"got {item['input']!r}; expected {_EXPECTED[item['type']].format(**item.get('ctx', {}))}."
    message = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
    message = f"{message[:1].lower()}{message[1:]}".replace("input should be", "expected")
    return f"got {item['input']!r}; {message}." if item["loc"] else f"{message}."  # of a table as a whole


def line_numbers(text: str) -> dict[tuple[str, str], int]:
    """Line (from 1) of each (table, key) of a TOML text; (table, "") is the header's."""
    lines: dict[tuple[str, str], int] = {}
    table, quote = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if not quote:
            if header := _HEADER.match(line):
                table = header.group(1)
                lines[table, ""] = number
            elif key := _KEY.match(line):
                lines.setdefault((table, key.group(1)), number)
        for mark in ('"""', "'''"):  # text over several lines is not keys
            if line.count(mark) % 2 and quote in ("", mark):
                quote = "" if quote else mark
    return lines
