"""What modules show of their inside while somebody looks on. Nobody does while they train, and then it costs nothing.

A module takes part by having what one of the protocols names; who looks asks for nothing else, so that a layer of another package
is seen like ours. Values that exist during a call only are shown by `show`:

    class MyAttention(nn.Module):
        show: Show | None = None

        def forward(self, ...):
            ...
            if self.show is not None:
                self.show("attention", weights)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeAlias, runtime_checkable

from torch import Tensor, nn

from workbench.nn.names import Side
from workbench.nn.recurrent import State

__all__ = [
    "Described",
    "Gated",
    "HasFilters",
    "HasRecurrentMatrices",
    "Show",
    "Showing",
    "Shown",
    "ThroughTime",
    "key_side_of",
    "side_of",
    "sides",
    "watched",
]

Show: TypeAlias = Callable[[str, Tensor], None]
"""(kind, values), once for each call of the module; (kind/part, values) for a part of it. Kinds with the shapes that they have:

    attention      (batch, heads, queries, keys), each row a distribution over the keys
    states         (batch, length, units)
    activations    (batch, ..., units), of units that may be dead
    feature_maps   (batch, filters, height, width)
    tree           in parts, over the nodes of all samples with children before their parents: `tokens` (nodes,), `left` and
                   `right` (nodes,) counted from 1, 0 for none, `roots` (batch,) likewise, and `outputs` (nodes, outputs)
"""

Shown: TypeAlias = dict[tuple[str, str], list[Tensor]]
"""(kind, path of the module and its part) -> what each call has shown, in order."""


@runtime_checkable
class Showing(Protocol):
    """A module with values to show during a call."""

    show: Show | None
    """None while nobody looks."""


@runtime_checkable
class Gated(Protocol):
    """A recurrent layer with gates."""

    def gates(self, inputs: Tensor, before: State) -> Mapping[str, Tensor]:
        """Its gates at steps whose input and previous state are known.

        Args:
            inputs: what the layer reads, (..., input_size).
            before: its state before each of these steps, each tensor (..., hidden_size).

        Returns:
            Name of the gate -> (..., hidden_size) from 0 to 1.
        """


@runtime_checkable
class HasRecurrentMatrices(Protocol):
    """A recurrent layer whose state goes through matrices into the next one."""

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """Name as in the layer's equations -> (units, units), without a gradient."""


@runtime_checkable
class HasFilters(Protocol):
    """A layer of convolution over pictures."""

    def filters(self) -> Tensor:
        """(filters, channels, height, width), without a gradient."""


@runtime_checkable
class Described(Protocol):
    """A module that is one box in the drawing of its model, with all that it is made of."""

    @property
    def called(self) -> str:
        """What it is, in a few plain words: `LSTM layer`."""


@runtime_checkable
class ThroughTime(Protocol):
    """A layer whose state goes from step to step."""

    backwards: bool
    """Whether it reads its sequences from their ends."""

    def steps_back(self) -> Sequence[int]:
        """How many steps back the states lie of which a new one is made: (1,); with a connection that skips steps (1, 8)."""


@contextmanager
def watched(model: nn.Module, kinds: Collection[str] | None = None) -> Iterator[Shown]:
    """While it lasts, what the model's modules show is kept; yields where.

    Args:
        model: any model.
        kinds: the kinds that are kept; all by default.
    """
    shown: Shown = {}

    def keep(path: str, kind: str, values: Tensor) -> None:
        kind, _, part = kind.partition("/")
        if kinds is None or kind in kinds:
            shown.setdefault((kind, ".".join(filter(None, (path, part)))), []).append(values)

    showing = [(path, module) for path, module in model.named_modules() if isinstance(module, Showing)]
    for path, module in showing:
        module.show = partial(keep, path)
    try:
        yield shown
    finally:
        for _, module in showing:
            module.show = None


def side_of(model: nn.Module, path: str) -> Side:
    """Which sequence a module goes along: what it says as `side`, or the nearest module around it that says so; else the inputs.

    Args:
        model: the whole.
        path: of the module, as `named_modules` has it, or of a part of one.
    """
    return _said(sides(model), path) or "inputs"


def key_side_of(model: nn.Module, path: str) -> Side:
    """Which sequence the keys of an attention are of: what it says as `key_side`; else that of its queries."""
    return _said(sides(model, "key_side"), path) or side_of(model, path)


def sides(model: nn.Module, name: str = "side") -> dict[str, Side | None]:
    """What each module of a model, or the nearest one around it, says under a name, by its path; None where none does."""
    said: dict[str, Side | None] = {}
    for path, module in model.named_modules():
        said[path] = getattr(module, name, None) or (said.get(path.rpartition(".")[0]) if path else None)
    return said


def _said(said: Mapping[str, Side | None], path: str) -> Side | None:
    """What holds for the innermost module on a path."""
    while path not in said:
        path = path.rpartition(".")[0]
    return said[path]
