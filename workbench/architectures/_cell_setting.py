"""The recurrent layers that serve as `cell` in architectures made of recurrent layers. Not a card.

Every `RecurrentCard` is one. They are looked up when a setting is read, since the cards that have a `cell` are found in the same
folder as those that give one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import PydanticKnownError, core_schema

from workbench.architectures._recurrent_card import RecurrentCard
from workbench.cards import catalog
from workbench.cards.messages import explain

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory

__all__ = ["Cell", "cell_layer", "refuse_cell"]


class Cell(str):
    """The type of a setting that names a kind of recurrent layer; its values are plain texts."""

    __slots__ = ()

    @classmethod
    def choices(cls) -> tuple[str, ...]:
        """The names of all `RecurrentCard`s, sorted."""
        return tuple(name for name, card in catalog.architectures().items() if issubclass(card, RecurrentCard))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._checked)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(cls.choices()), "type": "string"}

    @classmethod
    def _checked(cls, value: Any) -> str:
        names = cls.choices()
        if value in names:
            return str(value)
        *others, last = map(repr, names)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(others)} or {last}"})


def cell_layer(cell: str) -> LayerFactory:
    """One layer of this kind, with the default settings of its card."""
    card = _card(cell)
    return card.layer(card.Config())


def refuse_cell(cell: str, hidden_size: int) -> str | None:
    """Why there is no layer of this kind and size, or None. The answer says what to choose instead."""
    try:
        _card(cell).Config.model_validate({"hidden_size": hidden_size})
    except ValidationError as error:
        return f"a layer of {cell} is refused: {explain(error.errors()[0], {})} Choose a larger hidden_size."
    return None


def _card(cell: str) -> type[RecurrentCard[Any]]:
    card = catalog.architectures()[cell]
    if not issubclass(card, RecurrentCard):
        raise TypeError(f"{cell} has no recurrent layer to give")
    return card
