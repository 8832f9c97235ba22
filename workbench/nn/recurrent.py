"""What recurrent layers have in common, and how they are stacked and run in both directions.

A layer carries its state as a tuple of (batch, hidden_size) tensors: `(h,)`, or `(h, c)` for an LSTM. All batches are
right-padded, and a recurrence sees only the past: so a state at a real step never depends on padding, and no packing
is needed. A backward layer reads the real steps in reverse, with the padding left at the end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TypeAlias, cast, final

import torch
from torch import Tensor, nn

from workbench.nn.ablation import altered, overwritten
from workbench.nn.lengths import last_valid, reverse_valid
from workbench.nn.names import Kernel, Side, Skip

__all__ = [
    "BidirectionalStack",
    "LayerFactory",
    "LayerRun",
    "LayerRunner",
    "RecurrentLayer",
    "RecurrentStack",
    "State",
]

State: TypeAlias = tuple[Tensor, ...]
LayerRun: TypeAlias = Callable[[Tensor, State | None], tuple[Tensor, State]]
"""(inputs, state) -> outputs, next state, over all steps"""
LayerRunner: TypeAlias = Callable[[LayerRun, Tensor, State | None], tuple[Tensor, State]]
"""The same by another way of calling the first argument, such as a few steps at a time (`workbench.nn.windows`)"""


class RecurrentLayer(nn.Module, ABC):
    """One recurrent layer over a whole sequence.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of the state.

    Attributes:
        num_states: number of tensors in its state.
        kernel: how its steps are run; `loop` where there is one way only.
        at_once: whether torch has a call over all steps for it, as it is set up.
        runner: how a call is run when not in one go.
        backwards: whether it is given its sequences in reverse.
        endless: whether there is no last step.
    """

    num_states: int = 1
    kernel: Kernel = "loop"
    at_once: bool = False
    runner: LayerRunner | None = None
    backwards: bool = False
    endless: bool = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    def __call__(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """`forward`, in one go or as the `runner` has it."""
        run: LayerRun = super().__call__
        return run(inputs, state) if self.runner is None else self.runner(run, inputs, state)

    @abstractmethod
    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """All steps.

        Args:
            inputs: (batch, length, input_size).
            state: the state before the first step; zeros when None.

        Returns:
            The outputs h of all steps, (batch, length, hidden_size), and the state after the last step.
        """

    @property
    def called(self) -> str:
        """What it is, in a few plain words."""
        return "recurrent layer"

    def steps_back(self) -> Sequence[int]:
        """How many steps back the states lie of which a new one is made."""
        return (1,)

    def kernel_on(self, device: torch.device) -> Kernel:
        """How its steps are run there.

        Gradients by hand are made for a CPU; elsewhere every little step would be a launch of its own, so torch's one call takes
        their place where there is one.
        """
        return "torch" if self.kernel == "manual" and self.at_once and device.type != "cpu" else self.kernel

    def gate_rows(self) -> Mapping[str, tuple[int, float]]:
        """Each gate as `without` calls it: its place among the blocks of the weights, and the sum at which it has no effect."""
        return {}

    def parts(self) -> Mapping[str, int]:
        """Its gates, and its units."""
        return {**dict.fromkeys(self.gate_rows(), 0), "unit": self.hidden_size}

    @contextmanager
    def without(self, part: str, number: int) -> Iterator[None]:
        """A unit is silent for the rest of the network and for its own layer; a gate is what it is where it is left out."""
        if part == "unit":
            with altered(self, runner=partial(_silent, self, number)):
                yield
            return
        block, open_at = self.gate_rows()[part]
        rows = slice(block * self.hidden_size, (block + 1) * self.hidden_size)
        weight_ih, weight_hh, bias_ih, bias_hh = self.get_submodule("rnn").parameters()
        off = ((weight_ih[rows], 0.0), (weight_hh[rows], 0.0), (bias_ih[rows], open_at), (bias_hh[rows], 0.0))
        with overwritten(*off):
            yield

    def initial_state(self, inputs: Tensor) -> State:
        """The state of zeros, for a batch of the size, type and device of `inputs`."""
        return tuple(inputs.new_zeros(len(inputs), self.hidden_size) for _ in range(self.num_states))

    @property
    def start_size(self) -> int:
        """Number of values that `start` takes."""
        return self.num_states * self.hidden_size

    def start(self, values: Tensor) -> State:
        """A first state that something else decides, such as a context: (batch, start_size)."""
        return values.chunk(self.num_states, -1)


LayerFactory: TypeAlias = Callable[[int, int], RecurrentLayer]
"""(input_size, hidden_size) -> layer"""


def _silent(layer: RecurrentLayer, unit: int, run: LayerRun, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
    """All steps, one at a time, with one unit at 0 after each."""
    state = state or layer.initial_state(inputs)
    outputs = []
    for step in torch.split(inputs, 1, 1):
        _, (h, *others) = run(step, state)
        h = h.index_fill(1, torch.tensor([unit], device=h.device), 0.0)
        state = (h, *others)
        outputs.append(h)
    return torch.stack(outputs, 1), state


@final
class RecurrentStack(nn.Module):
    """Layers on top of each other, with dropout in between.

        none      layer l reads h^{l-1}                             output h^L
        residual  layer l reads h^1 + ... + h^{l-1}                 output h^1 + ... + h^L
        dense     layer l reads [x; h^1; ...; h^{l-1}]              output [h^1; ...; h^L]

    at every step, where h^l is the state of layer l. The first layer reads the input x, which no sum contains.

    Args:
        layer: makes one layer from (input_size, hidden_size).
        input_size: size of the input at each step.
        hidden_size: size of each layer's state.
        num_layers: number of layers.
        dropout: share of the outputs dropped between layers.
        skip: skip connections: none, around each layer above the first, or from the input and all layers below.

    Attributes:
        output_size: size of the outputs.
        side: which sequence it goes along, where whoever made it says so (see `workbench.nn.watching`).
        num_states: number of tensors in each layer's state.
        start_size: number of values that `start` takes.

    Reference:
        Graves, Mohamed and Hinton 2013, arXiv:1303.5778, eq. 11; dense: Graves 2013, arXiv:1308.0850, section 2; residual: Wu et
        al. 2016, arXiv:1609.08144, section 3.1; Goodfellow et al. 2016, section 10.5.
    """

    def __init__(  # noqa: PLR0917 - the settings of a stack
        self,
        layer: LayerFactory,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        dropout: float = 0.0,
        skip: Skip = "none",
    ) -> None:
        super().__init__()
        self.skip = skip
        self.skipping = True
        self.side: Side | None = None
        dense = skip == "dense"
        self.output_size = num_layers * hidden_size if dense else hidden_size
        below = [input_size + index * hidden_size if dense else hidden_size for index in range(num_layers)]
        layers = [layer(size if index else input_size, hidden_size) for index, size in enumerate(below)]
        self.num_states = layers[0].num_states
        self.start_size = sum(one.start_size for one in layers)
        self.layers = nn.ModuleList(layers)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:  # noqa: ARG002 - see the module's docstring
        """(batch, length, input_size) -> outputs, (batch, length, output_size)."""
        outputs, _ = self.run(inputs, None)
        return outputs

    def run(self, inputs: Tensor, states: Sequence[State] | None) -> tuple[Tensor, list[State]]:
        """The same from given states of all layers; also returns the states after the last step."""
        read, outputs_below, after = inputs, list[Tensor](), list[State]()
        for index, layer in enumerate(self.layers):
            if index:
                read = self._above(read, outputs_below[-1], index)
            outputs, state = layer(read, None if states is None else states[index])
            outputs_below.append(outputs)
            after.append(state)
        if self.skip == "residual" and self.skipping and len(outputs_below) > 1:
            return read + outputs_below[-1], after
        if self.skip == "dense":
            passed = outputs_below if self.skipping else [*map(torch.zeros_like, outputs_below[:-1]), outputs_below[-1]]
            return torch.cat(passed, -1), after
        return outputs_below[-1], after

    def _above(self, read: Tensor, outputs: Tensor, index: int) -> Tensor:
        """What layer `index` reads, from what the layer below it read and gave."""
        outputs = self.dropout(outputs)
        match self.skip:
            case "none":
                return outputs
            case "residual":
                return read + outputs if index > 1 and self.skipping else outputs
            case "dense":
                return torch.cat((read if self.skipping else torch.zeros_like(read), outputs), -1)

    def parts(self) -> Mapping[str, int]:
        """The skip connections, all at once."""
        return {} if self.skip == "none" or len(self.layers) == 1 else {"skip": 0}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one part
        """Each layer reads what the layer below it gives, and nothing else; only the last one's output goes on."""
        return altered(self, skipping=False)

    def start(self, values: Tensor) -> list[State]:
        """First states of all layers that something else decides, such as a context: (batch, start_size)."""
        layers = self._layers()
        return [layer.start(part) for layer, part in zip(layers, values.chunk(len(layers), -1), strict=True)]

    @property
    def endless(self) -> bool:
        """Whether it can go on for as long as one likes, see `workbench.nn.sequence_model.CarriesState`."""
        return all(layer.endless for layer in self._layers())

    def initial_states(self, inputs: Tensor) -> list[State]:
        """All layers' states of zeros, for a batch of the size, type and device of `inputs`."""
        return [layer.initial_state(inputs) for layer in self._layers()]

    def grouped(self, parts: Sequence[Tensor]) -> list[State]:
        """All layers' states from their tensors in a row."""
        return [tuple(parts[start : start + self.num_states]) for start in range(0, len(parts), self.num_states)]

    def _layers(self) -> list[RecurrentLayer]:
        return cast("list[RecurrentLayer]", list(self.layers))


@final
class BidirectionalStack(nn.Module):
    """Layers that read the sequence forwards and backwards; each reads both outputs of the one below.

        g_t = cell(x_t, g_{t+1})   h_t = cell(x_t, h_{t-1})   output_t = [h_t; g_t]

    Args:
        layer: makes one layer from (input_size, hidden_size).
        input_size: size of the input at each step.
        hidden_size: size of each layer's state in each direction; outputs are twice as wide.
        num_layers: number of layers.
        dropout: share of the outputs dropped between layers.

    Reference:
        Schuster and Paliwal 1997; Goodfellow et al. 2016, section 10.3.
    """

    def __init__(self, layer: LayerFactory, input_size: int, hidden_size: int, num_layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.output_size = 2 * hidden_size
        sizes = [2 * hidden_size if index else input_size for index in range(num_layers)]
        self.forwards = nn.ModuleList(layer(size, hidden_size) for size in sizes)
        backwards = [layer(size, hidden_size) for size in sizes]
        for one in backwards:
            one.backwards = True
        self.backwards = nn.ModuleList(backwards)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length, input_size) -> (batch, length, 2 hidden_size)."""
        outputs = inputs
        for index, (ahead, back) in enumerate(zip(self.forwards, self.backwards, strict=True)):
            if index:
                outputs = self.dropout(outputs)
            past, _ = ahead(outputs)
            future, _ = back(reverse_valid(outputs, lengths))
            outputs = torch.cat((past, reverse_valid(future, lengths)), -1)
        return outputs

    def final(self, outputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Both directions' last states, (batch, 2 hidden_size): forwards at the last real step, backwards at the first."""
        half = self.output_size // 2
        return torch.cat((last_valid(outputs[..., :half], lengths), outputs[:, 0, half:]), -1)
