"""A stand-in for a device without double precision: the CPU, where making a double of a single raises, as MPS does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

__all__ = ["AsOnMps", "OnCpu"]


class OnCpu(Tensor):
    """A tensor that was brought to the CPU, where doubles are allowed; so is all that is made of it."""


class AsOnMps(TorchFunctionMode):
    """While it lasts, tensors count as being on the device, until `cpu()` or `to("cpu")` brings them from there."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call the function; then see what became of single precision."""
        kwargs = kwargs or {}
        given = list(_tensors((args, kwargs)))
        found = func(*args, **kwargs)
        if isinstance(found, Tensor) and (func is Tensor.cpu or (func is Tensor.to and "cpu" in map(str, args[1:]))):
            return found.detach().as_subclass(OnCpu)
        on_device = [tensor for tensor in given if not isinstance(tensor, OnCpu) and tensor.dtype is torch.float32]
        if on_device and any(tensor.dtype is torch.float64 for tensor in _tensors(found) if not isinstance(tensor, OnCpu)):
            raise TypeError(f"{func}: Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
        return found


def _tensors(values: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor))
