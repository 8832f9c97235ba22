"""Long short-term memory, step by step and as one fast call."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.recurrent import Kernel, RecurrentLayer, State

__all__ = ["LSTMLayer"]


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
        kernel: `torch` runs all steps in one call, `loop` runs the equations step by step with the same parameters.

    Reference:
        Hochreiter and Schmidhuber 1997; Gers et al. 2000; Goodfellow et al. 2016, eq. 10.40-10.44.
        Forget bias: Jozefowicz et al. 2015.
    """

    num_states = 2

    def __init__(self, input_size: int, hidden_size: int, *, forget_bias: float | None = None, kernel: Kernel = "torch") -> None:
        super().__init__(input_size, hidden_size)
        self.kernel = kernel
        self.rnn = nn.LSTM(input_size, hidden_size, batch_first=True)
        if forget_bias is not None:
            forget_gate = slice(hidden_size, 2 * hidden_size)
            _, _, bias_ih, bias_hh = self.rnn.all_weights[0]
            with torch.no_grad():
                bias_ih[forget_gate] = forget_bias
                bias_hh[forget_gate] = 0

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(batch, length, input_size) -> outputs (batch, length, hidden_size), final state (h, c)."""
        if self.kernel == "loop":
            return self._loop(inputs, state or self.initial_state(inputs))
        outputs, (h, c) = self.rnn(inputs, None if state is None else (state[0][None], state[1][None]))
        return outputs, (h[0], c[0])

    def _loop(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The definition."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[0]
        h, c = state
        outputs = []
        for x in inputs.unbind(1):  # (B, F)
            gates = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
            i, f, g, o = gates.chunk(4, -1)  # (B, H) each
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs, 1), (h, c)
