"""Optimizers without torch's compiler, which they load at their first step to tell it to leave them alone.

Nothing here is compiled, and loading `torch._dynamo` takes as long as loading torch itself: about a second before the first step
of every run. Of torch's own optimizers what is done is the same to the bit. Any other optimizer, or a torch that is made in
another way, is used as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import torch
from torch import _compile
from torch.optim import Optimizer, optimizer

__all__ = ["leave_out_compiler", "take_step"]

_DISABLED = "__dynamo_disable"
"""Where `torch._compile` keeps the function to call, once the compiler has been loaded to make it."""


def leave_out_compiler() -> None:
    """Before an optimizer is built: let its methods be called as they are."""
    for method in vars(Optimizer).values():
        plain = getattr(method, "__wrapped__", None)
        if plain is not None and _is_of(method, _compile.__file__) and not hasattr(plain, _DISABLED):
            setattr(plain, _DISABLED, plain)


def take_step(taken: Optimizer) -> None:
    """Update the parameters by their gradients, as `taken.step()` does."""
    plain = _plain_step(taken)
    if plain is None:
        taken.step()
        return
    with torch.no_grad():
        plain(taken)


def _plain_step(taken: Optimizer) -> Callable[[Optimizer], object] | None:
    """The step of one of torch's own optimizers without what is put around it; None where something of that is wanted."""
    if not type(taken).__module__.startswith("torch.optim.") or "step" in vars(taken) or taken.defaults.get("differentiable"):
        return None
    if taken._optimizer_step_pre_hooks or taken._optimizer_step_post_hooks:  # noqa: SLF001 - torch has no other way to ask
        return None
    plain = inspect.unwrap(type(taken).step, stop=lambda function: not _is_of(function, optimizer.__file__))
    return None if hasattr(plain, "__wrapped__") else plain


def _is_of(function: object, path: str) -> bool:
    """Whether a function's code is in a file."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename == path
