"""The fixed random network of an echo state network, fast enough to be driven by one long series or by many at once."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from workbench.nn.watching import Show

__all__ = ["Reservoir"]

DTYPE = torch.float64
"""Ridge regression squares the states' condition, for which single precision is too coarse."""
SPARSE_SHARE = 8
"""Rows with at most one weight in so many are multiplied as a sparse matrix, which is then the faster way."""


@final
class Reservoir(nn.Module):
    """Leaky tanh units with fixed random connections.

        h_t = (1 - a) h_{t-1} + a tanh(W h_{t-1} + W_in u_t + W_fb y_{t-1} + b)

    Args:
        input_size: size of u.
        size: number of units.
        spectral_radius: largest absolute eigenvalue of W.
        leak: a, 0 to 1.
        input_scaling: W_in is drawn from U(-1, 1) times this.
        bias_scaling: b likewise.
        connections: units that each unit hears; their weights are drawn from U(-1, 1) and then scaled to the radius.
        output_size: size of y.
        feedback_scaling: W_fb is drawn from U(-1, 1) times this; 0 leaves the feedback out.
        dtype: type of weights and states.

    Reference:
        Jaeger 2001, GMD report 148, eq. 1; leaky units: Jaeger et al. 2007, Neural Networks 20, eq. 3.
    """

    show: Show | None = None
    called = "reservoir, weights fixed"
    backwards: bool = False

    def __init__(
        self,
        input_size: int,
        size: int,
        *,
        spectral_radius: float = 0.9,
        leak: float = 1.0,
        input_scaling: float = 1.0,
        bias_scaling: float = 0.0,
        connections: int = 10,
        output_size: int = 0,
        feedback_scaling: float = 0.0,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.size = size
        self.leak = leak
        self.feedback = feedback_scaling > 0
        connections = min(connections, size)

        def draw(*shape: int) -> Tensor:
            return torch.rand(shape, dtype=DTYPE) * 2 - 1

        self.sources: Tensor
        self.weights: Tensor
        while True:  # a sparse matrix of few units may have no cycle, and so no radius
            sources = torch.stack([torch.randperm(size)[:connections].sort().values for _ in range(size)])
            self.register_buffer("sources", sources)  # (N, k)
            self.register_buffer("weights", draw(size, connections))
            radius = float(torch.linalg.eigvals(self.dense()).abs().max())
            if radius > 1e-6:  # noqa: PLR2004 - anything that can be scaled
                break
        self.weights.mul_(spectral_radius / radius)
        self.register_buffer("input_weights", draw(size, input_size) * input_scaling)
        self.register_buffer("bias", draw(size) * bias_scaling)
        self.register_buffer("feedback_weights", draw(size, output_size) * feedback_scaling if self.feedback else None)
        self.input_weights: Tensor
        self.bias: Tensor
        self.feedback_weights: Tensor | None

    def dense(self) -> Tensor:
        """W as a full matrix, (units, units)."""
        full = self.weights.new_zeros(self.size, self.size)
        return full.scatter_(1, self.sources, self.weights)

    def steps_back(self) -> Sequence[int]:
        """The state of the step before."""
        return (1,)

    def recurrent_matrices(self) -> Mapping[str, Tensor]:
        """The linear part of a step: what the leak keeps, and what it lets in through W."""
        matrix = self.dense()
        if self.leak == 1:
            return {"W": matrix}
        return {"W": matrix, "(1 - a) I + a W": self.leak * matrix + (1 - self.leak) * torch.eye(self.size).to(matrix)}

    def states(self, u: Tensor, fed: Tensor | None = None, start: Tensor | None = None, matrix: Tensor | None = None) -> Tensor:
        """All states; with a gradient where one is asked for, which training never does.

        Args:
            u: inputs, (batch, length, input_size).
            fed: outputs fed back, already one step late, (batch, length, output_size), or None.
            start: the state before the first step, (batch, units); zeros when None.
            matrix: W as `matrix` gives it, for who calls this step by step; made here when None.

        Returns:
            (batch, length, units).
        """
        if torch.is_grad_enabled() and any(part is not None and part.requires_grad for part in (u, fed, start)):
            return self._states_with_gradient(u, fed, start)
        with torch.no_grad():
            drive = u @ self.input_weights.T + self.bias
            if fed is not None and self.feedback_weights is not None:
                drive += fed @ self.feedback_weights.T
            # the drive becomes the states in place; with the batch last, W can be a sparse matrix
            states = drive.permute(1, 2, 0).contiguous()  # (T, N, B)
            h = torch.zeros_like(states[0]) if start is None else start.T.contiguous()
            matrix = self.matrix() if matrix is None else matrix
            if len(u) == 1:
                self._run(states[:, :, 0], matrix, h[:, 0])
            else:
                self._run(states, matrix, h)
            if self.show is not None:
                self.show("states", states.permute(2, 0, 1))
            return states.permute(2, 0, 1)

    def step(self, u: Tensor, h: Tensor, fed: Tensor | None, matrix: Tensor) -> Tensor:
        """One step: u (batch, input_size), h (batch, units), fed (batch, output_size) -> next h.

        `matrix` is W as the method of this name gives it.
        """
        late = None if fed is None else fed[:, None]
        return self.states(u[:, None], late, h, matrix)[:, 0]

    def start_distance(self, u: Tensor) -> float:
        """Mean Euclidean distance that is left, after reading u, between states that began at two random places.

        Near zero the network has the echo state property for these inputs: its state is a function of what it read.
        """
        generator = torch.Generator().manual_seed(0)  # not the run's, which measuring must leave alone
        shape = (2, len(u), self.size)
        starts = (torch.rand(shape, generator=generator, dtype=DTYPE) * 2 - 1).to(u)
        first, second = (self.states(u, None, start)[:, -1] for start in starts)
        return float((first - second).norm(dim=1).mean())

    def _states_with_gradient(self, u: Tensor, fed: Tensor | None, start: Tensor | None) -> Tensor:
        """The same step by step, each in a place of its own, so that gradients go back through the states to what was read."""
        drive = u @ self.input_weights.T + self.bias
        if fed is not None and self.feedback_weights is not None:
            drive = drive + fed @ self.feedback_weights.T
        h = u.new_zeros(len(u), self.size) if start is None else start
        matrix, states = self.dense().T, list[Tensor]()
        for now in drive.unbind(1):
            h = (1 - self.leak) * h + self.leak * (now + h @ matrix).tanh()
            states.append(h)
        stacked = torch.stack(states, 1)
        if self.show is not None:
            self.show("states", stacked)
        return stacked

    def _run(self, states: Tensor, matrix: Tensor, h: Tensor) -> None:
        """Turn the drives (length, units[, batch]) into states, in place."""
        multiply = torch.Tensor.addmv_ if states.ndim == 2 else torch.Tensor.addmm_  # noqa: PLR2004 - one series
        for now in states.unbind(0):
            multiply(now, matrix, h).tanh_()
            if self.leak != 1:
                now.mul_(self.leak).add_(h, alpha=1 - self.leak)
            h = now

    def matrix(self) -> Tensor:
        """W in the form in which it is multiplied fastest."""
        connections = self.sources.shape[1]
        if connections * SPARSE_SHARE > self.size:
            return self.dense()
        rows = torch.arange(self.size + 1, dtype=torch.int32, device=self.sources.device) * connections
        columns = self.sources.flatten().to(torch.int32)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta state")
            return torch.sparse_csr_tensor(rows, columns, self.weights.flatten(), (self.size, self.size), check_invariants=False)
