"""Parts of a model that can be switched off while it answers, to see what they are good for. Nothing is retrained.

A module takes part by having `parts` and `without`; who ablates asks for nothing else, so that a layer of another package can be
taken apart like ours. A part is written `<path of the module>/<part>`, one of several alike `<path>/<part>:<number>`.

Reference:
    Meyes et al. 2019, arXiv:1901.08644.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

__all__ = ["Ablatable", "altered", "overwritten", "parts_of", "without"]


@runtime_checkable
class Ablatable(Protocol):
    """A module with parts that can be switched off."""

    def parts(self) -> Mapping[str, int]:
        """Name of a part -> how many there are of it; 0 where it is a single one."""

    def without(self, part: str, number: int) -> AbstractContextManager[None]:
        """While it lasts, a part that `parts` names is switched off; of several alike the one of this number, from 0."""


@contextmanager
def overwritten(*changes: tuple[Tensor, float]) -> Iterator[None]:
    """While it lasts, views of parameters hold a number; afterwards what they held, bit for bit."""
    with torch.no_grad():
        held = [(view, view.clone()) for view, _ in changes]
        for view, value in changes:
            view.fill_(value)
    try:
        yield
    finally:
        with torch.no_grad():
            for view, values in reversed(held):
                view.copy_(values)


@contextmanager
def altered(module: nn.Module, **attributes: Any) -> Iterator[None]:
    """While it lasts, a module has other attributes."""
    held = {name: getattr(module, name) for name in attributes}
    for name, value in attributes.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in held.items():
            setattr(module, name, value)


def parts_of(model: nn.Module) -> dict[str, int]:
    """Everything that can be switched off: `<path>/<part>` -> how many there are; 0 where it is a single one."""
    return {
        f"{path}/{part}".lstrip("/"): count
        for path, module in model.named_modules()
        if isinstance(module, Ablatable)
        for part, count in module.parts().items()
    }


def without(model: nn.Module, part: str, number: int = 0) -> AbstractContextManager[None]:
    """While it lasts, a part that `parts_of` names is switched off; of several alike the one of this number."""
    path, _, name = part.rpartition("/")
    module: Any = model.get_submodule(path)
    switched_off: AbstractContextManager[None] = module.without(name, number)
    return switched_off
