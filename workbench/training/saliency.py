"""What an answer hangs on: the gradient of one number of it with respect to each part of the input.

The number is the one that the kind of task names (`TaskKind.explained`): the logit of a class, a forecast, the log-probability of
what was written. Of real numbers its derivative is told, of symbols, which have none, how it changes with their vectors:

    numbers    s_i = d(answer) / d(x_i), both in the data's own numbers
    symbols    s_t = e_t . d(answer) / d(e_t), e_t the vector that stands for symbol t (its embedding, or a unit vector)

The second is what the answer would lose, to first order, if the vector were 0. Where a model has no such gradient, the reason is
told.

Reference:
    Simonyan et al. 2014, arXiv:1312.6034 (gradient); Shrikumar et al. 2017, arXiv:1605.01713, section 2 (gradient times input).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from workbench.cards import Dataset, Explained, NoInput, Vectors
from workbench.cards.catalog import task_kind
from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Saliency", "saliency_of"]


@dataclass(frozen=True, eq=False)
class Saliency:
    """What an answer hangs on.

    Attributes:
        of: the number of which the gradient is taken ("logit of the class 7"), or "".
        values: (length,) of symbols, (length, size) of a series, (channels, height, width) of a picture; None for none.
        reason: why there are none, in one line, or "".
    """

    of: str
    values: NDArray[np.float64] | None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain values: `of` and `values`, or `reason`."""
        if self.values is None:
            return {"reason": self.reason}
        return {"of": self.of, "values": self.values.tolist()}


def saliency_of(model: nn.Module, dataset: Dataset, batch: TensorBatch, predicted: NDArray[np.generic]) -> Saliency:
    """What the model's answer to one input hangs on. Neither a parameter's `grad` nor a random generator is touched.

    Args:
        model: in eval mode, on the CPU.
        dataset: what it was trained on.
        batch: the one input.
        predicted: the answer, as `Answer.predicted` has it.
    """
    signal = dataset.task.inputs
    if isinstance(signal, NoInput):
        return _none("there is no input")
    explain = partial(task_kind(dataset.task)(dataset.task).explained, model, predicted=predicted)
    found = _of_numbers(explain, batch) if batch.inputs.is_floating_point() else _of_symbols(explain, batch)
    if found.values is None:
        return found
    values = found.values[: len(found.values) if batch.lengths is None else int(batch.lengths[0])]
    if isinstance(signal, Vectors) and signal.scale:
        values = values / np.array(signal.scale)
    return Saliency(found.of, values) if np.isfinite(values).all() else _none("its gradient is not finite")


def _none(reason: str) -> Saliency:
    return Saliency("", None, reason)


def _of_numbers(explain: Callable[..., Explained | None], batch: TensorBatch) -> Saliency:
    inputs = batch.inputs.clone().requires_grad_()
    with torch.enable_grad():
        explained = explain(TensorBatch(inputs, batch.targets, batch.lengths))
    if explained is None:
        return _none("this kind of task names no number to explain")
    if not explained.number.requires_grad:
        return _none("no gradient goes through this model to its input")
    (gradient,) = torch.autograd.grad(explained.number, inputs, allow_unused=True)
    if gradient is None:
        return _none("no gradient goes through this model to its input")
    return Saliency(explained.words, gradient[0].double().numpy())


def _of_symbols(explain: Callable[..., Explained | None], batch: TensorBatch) -> Saliency:
    reading = _Reading(batch.inputs)
    with torch.enable_grad(), reading:
        explained = explain(TensorBatch(batch.inputs, batch.targets, batch.lengths))
    if explained is None:
        return _none("this kind of task names no number to explain")
    if not reading.vectors:
        return _none("this model reads its symbols together, not as a vector for each")
    if not explained.number.requires_grad:
        return _none("no gradient goes through this model to its input")
    gradients = torch.autograd.grad(explained.number, [vectors for vectors, _ in reading.vectors], allow_unused=True)
    if all(gradient is None for gradient in gradients):
        return _none("no gradient goes through this model to its input")
    total = torch.zeros(batch.inputs.numel(), dtype=torch.float64)
    for (vectors, places), gradient in zip(reading.vectors, gradients, strict=True):
        if gradient is not None:
            total.index_add_(0, places.flatten(), (gradient * vectors.detach()).double().sum(-1).flatten())
    return Saliency(explained.words, total.numpy())


class _Reading(TorchFunctionMode):
    """While it lasts, the vectors that stand for the input's symbols are kept, each with the place in the input that it is of.

    A lookup is one of the input where its indices are the input's own memory, or a part of it; a copy may be of anything.
    """

    def __init__(self, inputs: Tensor) -> None:
        super().__init__()
        self.vectors: list[tuple[Tensor, Tensor]] = []
        self._inputs = inputs
        self._places = torch.arange(inputs.numel())

    def __torch_function__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a function of torch; what a lookup of the input gives is where the gradient ends."""
        result = func(*args, **(kwargs or {}))
        if func not in (F.embedding, torch.embedding, F.one_hot):
            return result
        places = self._places_of(args[1] if func is torch.embedding else args[0])
        if places is None:
            return result
        vectors = result.detach().to(result.dtype if result.is_floating_point() else torch.get_default_dtype()).requires_grad_()
        self.vectors.append((vectors, places))
        return vectors

    def _places_of(self, indices: Any) -> Tensor | None:
        """Which places of the input some indices are, in their shape; None where they are not the input's memory."""
        ours = self._inputs
        if not isinstance(indices, Tensor) or indices.untyped_storage().data_ptr() != ours.untyped_storage().data_ptr():
            return None
        return self._places.as_strided(indices.shape, indices.stride(), indices.storage_offset() - ours.storage_offset())
