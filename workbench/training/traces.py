"""One pass of a model over some samples, with every state of its recurrent layers, what its modules show, and the gradient."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from workbench.cards import TaskKind
from workbench.nn.hand_trained import HandTrained
from workbench.nn.lengths import reverse_valid
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.watching import Gated, Shown, watched
from workbench.nn.windows import Record, recorded

__all__ = ["LayerTrace", "Pass", "gates_of", "states_of", "trace"]


@dataclass(frozen=True)
class LayerTrace:
    """A recurrent layer's way through the samples.

    Attributes:
        path: where it stands in the model.
        layer: the layer.
        inputs: (N, T, input size), in the order in which it read them.
        states: each tensor of its state before the first step and after each one, (N, T + 1, H), in that order.
        lengths: real steps of each sample, (N,), where they are those of the input.
    """

    path: str
    layer: RecurrentLayer
    inputs: Tensor
    states: tuple[Tensor, ...]
    lengths: Tensor | None

    @classmethod
    def of(cls, path: str, records: Sequence[Record], lengths: Tensor | None) -> LayerTrace:
        """Its calls one after the other: most layers are called once, decoders may be once a step."""
        inputs = torch.cat([record.inputs.detach() for record in records], 1)
        first, *_ = records
        states = [first.states[0], *(state for record in records for state in record.states[1:])]
        parts = tuple(torch.stack([part.detach() for part in column], 1) for column in zip(*states, strict=True))
        fits = lengths is not None and int(lengths.max()) <= inputs.shape[1] and len(lengths) == len(inputs)
        return cls(path, records[0].layer, inputs, parts, lengths if fits else None)

    @property
    def before(self) -> State:
        """The state before each step, each tensor (N, T, H)."""
        return tuple(part[:, :-1] for part in self.states)

    def in_order(self, values: Tensor) -> Tensor:
        """Values of each step (N, T, ...) in the order of the sequence, also for a layer that reads it from its end."""
        return reverse_valid(values, self.lengths) if self.layer.backwards else values


@dataclass(frozen=True)
class Pass:
    """What was seen on the way.

    Attributes:
        layers: the recurrent layers, in the order in which they ran.
        shown: what modules have shown, without gradients.
        gradients: path of a recurrent layer -> dL/dh_t, (N, T, H), in the order in which it read; L is one sample's loss.
        num_samples: N.
    """

    layers: tuple[LayerTrace, ...]
    shown: Shown
    gradients: Mapping[str, Tensor]
    num_samples: int


def trace(
    model: nn.Module, objective: TaskKind, batch: TensorBatch, *, backward: bool, kinds: Collection[str] | None = None
) -> Pass:
    """Run the model, which is in eval mode, over a batch. Neither a parameter's `grad` nor a random generator is touched.

    Args:
        model: the model.
        objective: loss of the task.
        batch: the samples.
        backward: whether gradients are asked for.
        kinds: of what modules show, the kinds that are kept; all by default.
    """
    watching, recording = watched(model, kinds), recorded(model, frozen=backward)
    # cuDNN gives no gradients in eval mode
    with torch.set_grad_enabled(backward), torch.backends.cudnn.flags(enabled=False), recording as records, watching as shown:
        # a model with gradients by hand has no loss that torch could follow, nor recurrent layers
        loss = objective.outputs(model, batch) if isinstance(model, HandTrained) else objective.loss(model, batch, 1.0)
    paths = {id(module): path for path, module in model.named_modules()}
    groups = _by_layer(records)
    gradients: dict[str, Tensor] = {}
    if backward and records and loss.requires_grad:
        states = [state[0] for group in groups for record in group for state in record.states[1:]]
        values = iter(torch.autograd.grad(loss, states, materialize_grads=True))
        for group in groups:
            steps = [next(values) for record in group for _ in record.states[1:]]
            gradients[paths[id(group[0].layer)]] = torch.stack(steps, 1) * len(batch.inputs)
    layers = tuple(LayerTrace.of(paths[id(group[0].layer)], group, batch.lengths) for group in groups)
    return Pass(layers, {key: [value.detach() for value in calls] for key, calls in shown.items()}, gradients, len(batch.inputs))


def states_of(seen: Pass) -> Iterator[tuple[str, Tensor]]:
    """h_t of everything with steps: path and (N, T, H), in the order of the sequence."""
    for layer in seen.layers:
        yield layer.path, layer.in_order(layer.states[0][:, 1:])
    for (kind, path), calls in seen.shown.items():
        if kind == "states":
            # steps are shown one after the other, or samples are
            yield path, torch.cat(calls, 0 if seen.num_samples == sum(map(len, calls)) else 1)


def gates_of(seen: Pass) -> Iterator[tuple[str, Tensor]]:
    """Every gate: `<path of its layer>/<its name>` and (N, T, H) from 0 to 1, in the order of the sequence."""
    for layer in seen.layers:
        if isinstance(layer.layer, Gated):
            for name, gate in layer.layer.gates(layer.inputs, layer.before).items():
                yield f"{layer.path}/{name}", layer.in_order(gate)


def _by_layer(records: Sequence[Record]) -> list[list[Record]]:
    groups: dict[int, list[Record]] = {}
    for record in records:
        groups.setdefault(id(record.layer), []).append(record)
    return list(groups.values())
