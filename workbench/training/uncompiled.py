"""Optimizers without torch's compiler, which they load at their first step to tell it to leave them alone.

Nothing here is compiled, and loading `torch._dynamo` takes as long as loading torch itself: about a second before the first step
of every run. Of torch's own optimizers what is done is the same to the bit. Any other optimizer, or a torch that is made in
another way, is used as it is.
"""

from __future__ import annotations

import functools
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
    plain = _plain_step(type(taken))  # type: ignore[arg-type]  # mypy takes a class's __hash__ for that of its instances
    if plain is None or _is_wrapped(taken):
        taken.step()
        return
    with torch.no_grad():
        plain(taken)


def _is_wrapped(taken: Optimizer) -> bool:
    """Whether something that is put around its step is wanted."""
    hooks = (taken._optimizer_step_pre_hooks, taken._optimizer_step_post_hooks)  # noqa: SLF001 - torch has no other way to ask
    return any(hooks) or "step" in vars(taken) or bool(taken.defaults.get("differentiable"))


@functools.cache
def _plain_step(kind: type[Optimizer]) -> Callable[[Optimizer], object] | None:
    """The step of one of torch's own optimizers without what is put around it; None for any other one."""
    if not kind.__module__.startswith("torch.optim."):
        return None
    plain = inspect.unwrap(kind.step, stop=lambda function: not _is_of(function, optimizer.__file__))
    return None if hasattr(plain, "__wrapped__") else plain


def _is_of(function: object, path: str) -> bool:
    """Whether a function's code is in a file."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename == path
