"""A stand-in for a device without double precision: the CPU, where making a double of a single raises, as MPS does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        found = func(*args, **kwargs)
        if isinstance(found, Tensor) and (func is Tensor.cpu or (func is Tensor.to and "cpu" in map(str, args[1:]))):
            return found.detach().as_subclass(OnCpu)
        if _on_device(found, torch.float64) and _on_device((args, kwargs), torch.float32):
            raise TypeError(f"{func}: Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
        return found


def _on_device(values: Any, dtype: torch.dtype) -> bool:
    """Whether there is a tensor of the type among them. Most of what is called gives one tensor, or none."""
    if isinstance(values, Tensor):
        return not isinstance(values, OnCpu) and values.dtype is dtype
    if isinstance(values, list | tuple | dict):
        return any(_on_device(leaf, dtype) for leaf in tree_leaves(values))
    return False
