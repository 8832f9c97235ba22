"""What is wrong with a setting, in the workbench's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo

from workbench.saying import nearest, said
from workbench.typed import Bounds, number_hint

__all__ = ["explain"]

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
    "int_parsing_size": "a whole number of at most 64 bits",
    "string_type": "text",
    "tuple_type": 'a list, such as ["a", "b"]',
    "string_unicode": "text in UTF-8",
}


def explain(item: Any, fields: Mapping[str, FieldInfo]) -> str:
    """One pydantic error as `got ...; expected ....`; `fields` are the settings that there are."""
    if item["type"] == "extra_forbidden":
        return f"unknown key. {nearest(str(item['loc'][-1]), list(fields))}"
    if item["type"] == "missing":
        return "missing; expected a value."
    got = said(item["input"])
    if item["type"] in _EXPECTED:
        hint = _hint(item["type"], item["input"], fields.get(str(item["loc"][0])) if item["loc"] else None)
        return f"got {got}; expected {_EXPECTED[item['type']].format(**item.get('ctx', {}))}.{hint and ' '}{hint}"
    message = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
    message = f"{message[:1].lower()}{message[1:]}".replace("input should be", "expected")
    return f"got {got}; {message}." if item["loc"] else f"{message}."  # of a table as a whole


def _hint(kind: str, given: Any, setting: FieldInfo | None) -> str:
    """How to write it, as a sentence, or ""."""
    if isinstance(given, str) and kind in ("int_parsing", "float_parsing"):
        return number_hint(given, whole=kind == "int_parsing", bounds=Bounds.of(setting) if setting is not None else None)
    if kind == "string_type" and isinstance(given, int | float):
        return "Write it between quotes."
    return ""
