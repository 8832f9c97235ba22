"""Settings of a card: one declaration behind the form's field, `--set model.hidden_size=64`, the help text and the validation."""

from __future__ import annotations

from os import PathLike, fspath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from workbench.paths import path_problem
from workbench.typed import kind_of, read_as

__all__ = ["ColumnText", "Config", "PathText", "setting"]

_MOST_BITS = 63
"""Of a whole number that is written to a file, besides its sign."""


def _as_path(text: str) -> str:
    """A path that some file system takes, or "" for none."""
    if text and (problem := path_problem(text)):
        raise ValueError(problem.partition("; ")[2])
    return text


def _as_text(given: Any) -> Any:
    return fspath(given) if isinstance(given, PathLike) else given


PathText = Annotated[str, BeforeValidator(_as_text), AfterValidator(_as_path)]
"""The type of a setting that names a file or a folder, "" for none. It is kept as it was typed."""


def _as_word(given: Any) -> Any:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


ColumnText = Annotated[str, BeforeValidator(_as_word)]
"""The type of a setting that names a column of a file, or several: by name or by number from 1."""


class Config(BaseModel):
    """Settings of one card. Unknown keys are errors; instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _is_of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        """Read a text as typed, and refuse what pydantic takes for a number, and the mathematics or a file could not."""
        kind, _ = kind_of(cls.model_fields[info.field_name].annotation) if info.field_name is not None else ("other", ())
        if isinstance(value, str) and kind in ("int", "float", "bool"):
            value = read_as(kind, value)
            if isinstance(value, str):
                raise PydanticCustomError(f"{kind}_parsing", "expected another value")
        if isinstance(value, bool) and kind in ("int", "float"):
            raise PydanticCustomError(f"{kind}_type", "expected a number")
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise PydanticCustomError("int_parsing_size", "expected a smaller number")
        return value


def setting(  # noqa: PLR0913 - the parts of a setting; every call names them
    default: Any,
    help: str,  # noqa: A002 - the word that the form and the command line use
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    unit: str = "",
    live: bool = False,
    advanced: bool = False,
) -> Any:
    """Declare one setting of a card.

    Args:
        default: value when none is given.
        help: one sentence on what it does, shown in the form and in `--help`.
        ge, gt, le, lt: bounds.
        unit: what it is counted in ("steps", "1/step"), or "".
        live: it can change while a run goes on; otherwise a change needs a new run (`fork`).
        advanced: the form folds it away at first.
    """
    extra: dict[str, Any] = {"unit": unit, "applies": "live" if live else "fork", "advanced": advanced}
    return Field(default=default, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=extra)
