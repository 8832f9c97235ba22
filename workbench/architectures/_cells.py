"""The recurrent layers that serve as `cell` in architectures made of recurrent layers. Not a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import ValidationError

from workbench.architectures._composition import RecurrentCard
from workbench.cards import catalog
from workbench.cards.messages import explain

if TYPE_CHECKING:
    from workbench.nn.recurrent import LayerFactory

__all__ = ["Cell", "cell_layer", "refuse_cell"]

Cell: TypeAlias = Literal["elman", "gru", "lstm", "mgu", "delayed", "leaky", "clockwork"]
"""Every `RecurrentCard`, by its name."""


def cell_layer(cell: Cell) -> LayerFactory:
    """One layer of this kind, with the default settings of its card."""
    card = _card(cell)
    return card.layer(card.Config())


def refuse_cell(cell: Cell, hidden_size: int) -> str | None:
    """Why there is no layer of this kind and size, or None. The answer says what to choose instead."""
    try:
        _card(cell).Config.model_validate({"hidden_size": hidden_size})
    except ValidationError as error:
        return f"a layer of {cell} is refused: {explain(error.errors()[0], {})} Choose a larger hidden_size."
    return None


def _card(cell: Cell) -> type[RecurrentCard[Any]]:
    card = catalog.architectures()[cell]
    if not issubclass(card, RecurrentCard):
        raise TypeError(f"{cell} has no recurrent layer to give")
    return card
