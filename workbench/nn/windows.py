"""Recurrent layers run in windows of a few steps: truncated back-propagation through time, and a record of every state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import torch
from torch import Tensor, nn

from workbench.nn.recurrent import LayerRun, LayerRunner, RecurrentLayer, State

__all__ = ["Memory", "Record", "carried", "recorded", "recurrent_layers", "truncated"]

Memory: TypeAlias = dict[int, State]
"""Place of a recurrent layer in its model -> its state after the last step."""


@dataclass
class Record:
    """One call of a recurrent layer, step by step.

    Attributes:
        layer: the layer.
        inputs: what it read, (batch, length, input_size).
        states: its state before the first step and after each one, length + 1 in all. Everything that follows from a state
            follows from these tensors, so the gradient with respect to one of them is the whole gradient of that state.
    """

    layer: RecurrentLayer
    inputs: Tensor
    states: list[State] = field(default_factory=list)


def recurrent_layers(model: nn.Module) -> list[RecurrentLayer]:
    """The recurrent layers of a model, in the order in which it was built."""
    return [module for module in model.modules() if isinstance(module, RecurrentLayer)]


@contextmanager
def truncated(model: nn.Module, num_steps: int) -> Iterator[None]:
    """While it lasts, the model's recurrent layers are trained by truncated back-propagation through time.

    The sequence is divided into windows of k steps; states are carried from window to window, gradients are not:

        h_k, h_2k, ... are constants for the steps that follow them

    Args:
        model: any model.
        num_steps: k, steps of a window; 0 cuts nothing.

    Reference:
        Williams and Zipser 1990, Gradient-based learning algorithms for recurrent networks; Williams and Peng 1990.
    """
    layers = recurrent_layers(model) if num_steps else []
    with _run_by([(layer, partial(_cut, num_steps)) for layer in layers]):
        yield


@contextmanager
def carried(model: nn.Module, memory: Memory) -> Iterator[None]:
    """While it lasts, the model's recurrent layers go on from the states in which they ended, of which no gradient is taken.

    Layers that have a last step, and batches of another size than that before, begin with zeros.

    Args:
        model: any model.
        memory: the states before; those after take their place.
    """
    layers = [(place, layer) for place, layer in enumerate(recurrent_layers(model)) if layer.endless]
    with _run_by([(layer, partial(_going_on, memory, place, layer.runner)) for place, layer in layers]):
        yield


@contextmanager
def recorded(model: nn.Module, *, frozen: bool = False) -> Iterator[list[Record]]:
    """While it lasts, the model's recurrent layers run one step at a time and every state is kept; yields the records.

    Args:
        model: any model.
        frozen: whether states are to have gradients also where no weight before them is trained.
    """
    records: list[Record] = []
    with _run_by([(layer, partial(_recording, layer, records, frozen)) for layer in recurrent_layers(model)]):
        yield records


@contextmanager
def _run_by(runners: list[tuple[RecurrentLayer, LayerRunner]]) -> Iterator[None]:
    before = [layer.runner for layer, _ in runners]
    for layer, runner in runners:
        layer.runner = runner
    try:
        yield
    finally:
        for (layer, _), runner_before in zip(runners, before, strict=True):
            layer.runner = runner_before


def _going_on(  # noqa: PLR0917 - what is bound, then what a runner gets
    memory: Memory, place: int, inner: LayerRunner | None, run: LayerRun, inputs: Tensor, state: State | None
) -> tuple[Tensor, State]:
    """See `carried`."""
    known = memory.get(place)
    if state is None and known is not None and all(len(part) == len(inputs) for part in known):
        state = tuple(part.to(inputs) for part in known)
    outputs, after = run(inputs, state) if inner is None else inner(run, inputs, state)
    memory[place] = tuple(part.detach() for part in after)
    return outputs, after


def _cut(num_steps: int, run: LayerRun, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
    """See `truncated`."""
    if inputs.shape[1] <= num_steps:
        return run(inputs, state)
    first, *others = torch.split(inputs, num_steps, 1)
    outputs, state = run(first, state)
    windows = [outputs]
    for part in others:
        outputs, state = run(part, tuple(value.detach() for value in state))
        windows.append(outputs)
    return torch.cat(windows, 1), state


def _recording(  # noqa: PLR0917 - what is bound, then what a runner gets
    layer: RecurrentLayer,
    records: list[Record],
    frozen: bool,  # noqa: FBT001 - bound by `recorded`
    run: LayerRun,
    inputs: Tensor,
    state: State | None,
) -> tuple[Tensor, State]:
    """See `recorded`."""
    state = state or layer.initial_state(inputs)
    record = Record(layer, inputs, [state])
    records.append(record)
    for step in torch.split(inputs, 1, 1):
        _, after = run(step, state)
        # a node of its own for each part: h follows from c within an LSTM's step, and is yet a state beside c
        state = tuple(value.view_as(value) for value in after)
        if frozen and not any(value.requires_grad for value in state):
            state = tuple(value.requires_grad_() for value in state)
        record.states.append(state)
    return torch.stack([h for h, *_ in record.states[1:]], 1), state
