"""The settings of a card as rows of a table: name, default, accepted values, meaning. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["HEADS", "setting_rows"]

_SIGNS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
HEADS = ("setting", "default", "values", "what it does")


def setting_rows(table: str, config: type[BaseModel]) -> list[tuple[str, str, str, str]]:
    """One row a setting, in the order of declaration.

    Args:
        table: the table of an experiment that the settings stand in, such as `model`.
        config: the settings of a card, or of the training loop.
    """
    schema = config.model_json_schema()["properties"]
    return [
        (f"{table}.{key}", _value(field.default), _bounds(schema.get(key, {})), field.description or "")
        for key, field in config.model_fields.items()
    ]


def _value(default: Any) -> str:
    from pydantic_core import PydanticUndefined

    if default is PydanticUndefined:
        return "needed"
    if default is None:
        return "none"
    return str(default).lower() if isinstance(default, bool) else str(default)


def _bounds(schema: Mapping[str, Any]) -> str:
    """What a setting accepts, from its JSON schema: choices or bounds."""
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"])
    if schema.get("type") == "boolean":
        return "true | false"
    unit = f" {schema['unit']}" if schema.get("unit") else ""
    if "minimum" in schema and "maximum" in schema:
        return f"{_number(schema['minimum'])} to {_number(schema['maximum'])}{unit}"
    parts = [f"{sign} {_number(schema[key])}" for key, sign in _SIGNS.items() if key in schema]
    return f"{', '.join(parts)}{unit}".strip()


def _number(value: float) -> str:
    """A bound as people write it: 100,000,000, 0.5, 2^63."""
    whole = int(value)
    if whole == value and whole.bit_count() == 1 and whole >= 2**31:
        return f"2^{whole.bit_length() - 1}"
    return f"{whole:,}" if whole == value else f"{value:g}"
