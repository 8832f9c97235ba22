"""Long short-term memory, step by step and as one fast call, with its variants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.kernels.lstm import run_lstm
from workbench.nn.names import Kernel, MissingLSTMGate
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recurrent_weights import RecurrentWeights, spread

__all__ = ["LSTMLayer"]

_OPEN = (math.inf, math.inf, 0.0, math.inf)
"""The sums of i, f, g, o for which a gate is 1; there is always a candidate."""


@final
class LSTMLayer(RecurrentLayer):
    """A cell c with a linear self-loop whose weight is a gate.

        i = sigmoid(W_i x_t + b_i + U_i h_{t-1} + c_i)      input gate
        f = sigmoid(W_f x_t + b_f + U_f h_{t-1} + c_f)      forget gate
        g =    tanh(W_g x_t + b_g + U_g h_{t-1} + c_g)      candidate
        o = sigmoid(W_o x_t + b_o + U_o h_{t-1} + c_o)      output gate
        c_t = f * c_{t-1} + i * g
        h_t = o * tanh(c_t)

    The four are stacked in the order i, f, g, o in one matrix, as torch.nn.LSTM does.

    Args:
        input_size: size of the input at each step.
        hidden_size: size of h and of c.
        forget_bias: start value of the forget gate's bias b_f + c_f (b_f takes it all, c_f is 0); None leaves both random.
        peephole: the gates also see the cell: i and f get p * c_{t-1}, o gets p * c_t, p being a number for each unit.
        coupled: i is 1 - f, so what is written takes the place of what is forgotten; three quarters of the weights.
        without: a gate that is left out, with its weights: it is 1 at all times.
        kernel: `torch` runs all steps in one call, `manual` with gradients by hand, `loop` runs the equations step by step; all
            with the same parameters. torch has no variants: these run by `manual` instead.

    Raises:
        ValueError: a gate that coupling needs is left out.
    Reference:
        Hochreiter and Schmidhuber 1997; Gers et al. 2000; Goodfellow et al. 2016, eq. 10.40-10.44.
        Forget bias: Jozefowicz et al. 2015. Peepholes: Gers et al. 2002. Coupled, and without gates: Greff et al. 2017,
        arXiv:1503.04069.
    """

    num_states = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        forget_bias: float | None = None,
        peephole: bool = False,
        coupled: bool = False,
        without: MissingLSTMGate = "nothing",
        kernel: Kernel = "torch",
    ) -> None:
        super().__init__(input_size, hidden_size)
        if coupled and without in ("input_gate", "forget_gate"):
            raise ValueError(f"without: got {without} beside coupled; expected nothing or output_gate")
        self.coupled = coupled
        self.present = (not coupled and without != "input_gate", without != "forget_gate", True, without != "output_gate")
        whole = all(self.present)
        self.at_once = whole and not peephole
        self.kernel: Kernel = "manual" if kernel == "torch" and not self.at_once else kernel
        self.rnn: nn.LSTM | RecurrentWeights
        if whole:
            self.rnn = nn.LSTM(input_size, hidden_size, batch_first=True)
        else:
            self.rnn = RecurrentWeights(input_size, hidden_size, sum(self.present))
        self.peephole = None
        if peephole:
            seeing = self.present[:2] + self.present[3:]
            bound = 1 / math.sqrt(hidden_size)
            self.peephole = nn.Parameter(torch.empty(sum(seeing) * hidden_size).uniform_(-bound, bound))
        if forget_bias is not None and self.present[1]:
            place = sum(self.present[:1]) * hidden_size
            forget_gate = slice(place, place + hidden_size)
            _, _, bias_ih, bias_hh = self.rnn.parameters()
            with torch.no_grad():
                bias_ih[forget_gate] = forget_bias
                bias_hh[forget_gate] = 0

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h, c)."""
        if self.kernel_on(inputs.device) == "torch":
            outputs, (h, c) = self.rnn(inputs, None if state is None else (state[0][None], state[1][None]))
            return outputs, (h[0], c[0])
        h, c = state or self.initial_state(inputs)
        return self._loop(inputs, h, c) if self.kernel == "loop" else self._manual(inputs, h, c)

    @torch.no_grad()
    def gates(self, inputs: Tensor, before: State) -> Mapping[str, Tensor]:
        """`input`, `forget` and `output`, those that there are; a coupled input gate is 1 - forget."""
        h, c = before
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.parameters()
        peephole = self._peepholes()
        to_i, to_f, to_o = (0, 0, 0) if peephole is None else peephole
        sums = inputs @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
        i, f, g, o = spread(sums.movedim(-1, 0), self.present, _OPEN).movedim(0, -1).chunk(4, -1)
        f = (f + to_f * c).sigmoid()
        i = 1 - f if self.coupled else (i + to_i * c).sigmoid()
        o = (o + to_o * (f * c + i * g.tanh())).sigmoid()
        here = (self.present[0] or self.coupled, self.present[1], self.present[3])
        return {name: gate for name, gate, there in zip(("input", "forget", "output"), (i, f, o), here, strict=True) if there}

    @property
    def called(self) -> str:
        """Its variant with it."""
        known = {"peepholes": self.peephole is not None, "coupled gates": self.coupled}
        there = (self.present[0] or self.coupled, self.present[1], self.present[3])
        known |= {f"no {name} gate": not here for name, here in zip(("input", "forget", "output"), there, strict=True)}
        return ", ".join(["LSTM layer", *(words for words, true in known.items() if true)])

    def gate_rows(self) -> Mapping[str, tuple[int, float]]:
        """A gate that is left out is 1; a coupled input gate goes with the forget gate."""
        there = [name for name, present in zip(("input", "forget", "", "output"), self.present, strict=True) if present]
        return {f"{name}_gate": (place, math.inf) for place, name in enumerate(there) if name}

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """U of each gate and of the candidate."""
        _, weight_hh, *_ = self.rnn.parameters()
        names = [f"U_{name}" for name, there in zip("ifgo", self.present, strict=True) if there]
        return dict(zip(names, weight_hh.detach().chunk(len(names)), strict=True))

    def _manual(self, inputs: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, State]:
        """See `workbench.nn.kernels.lstm`."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.parameters()
        to_input, to_state = (spread(weight, self.present, (0, 0, 0, 0)) for weight in (weight_ih, weight_hh))
        bias = spread(bias_ih + bias_hh, self.present, _OPEN)
        weights = (to_input, bias, to_state)
        hs, c = run_lstm(inputs.transpose(0, 1), (h, c), weights, self._peepholes(), coupled=self.coupled)
        return hs.transpose(0, 1), (hs[-1], c)

    def _peepholes(self) -> Tensor | None:
        """Weights from the cell to i, f, o, (3, H); a gate that is left out has zeros."""
        if self.peephole is None:
            return None
        return spread(self.peephole, self.present[:2] + self.present[3:], (0, 0, 0)).view(3, -1)

    def _loop(self, inputs: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, State]:
        """The definition."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.parameters()
        peephole = self._peepholes()
        to_i, to_f, to_o = (0, 0, 0) if peephole is None else peephole
        outputs = []
        for x in inputs.unbind(1):  # (B, F)
            sums = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
            i, f, g, o = spread(sums.T, self.present, _OPEN).T.chunk(4, -1)  # (B, H) each
            f = (f + to_f * c).sigmoid()
            i = 1 - f if self.coupled else (i + to_i * c).sigmoid()
            c = f * c + i * g.tanh()
            h = (o + to_o * c).sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs, 1), (h, c)
