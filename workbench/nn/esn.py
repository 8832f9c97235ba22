"""The echo state network: a fixed random recurrent network, of which only the readout is fitted, in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.adapters import as_steps
from workbench.nn.lengths import last_valid, mean_valid, valid_steps
from workbench.nn.names import ReadoutName
from workbench.nn.reservoir import DTYPE, Reservoir
from workbench.nn.ridge import Sums, ridge_solutions

__all__ = ["EchoStateNetwork"]

RIDGES = (1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)
WASHOUTS = (0, 25, 50, 100, 200)
TABLE_SERIES = 64
"""Held-out series on which the table of ridge and washout is measured."""
NUM_STARTS = 8
SERIES_AT_ONCE = 25
"""Series whose states are in memory at a time: 400 units over 1,000 steps take 80 MB; fewer are no faster."""


@final
class EchoStateNetwork(nn.Module):
    """A reservoir with a linear readout of state and input.

        h_t = (1 - a) h_{t-1} + a tanh(W h_{t-1} + W_in u_t + W_fb y_{t-1} + b)
        y_t = V [h_t; u_t] + c           V, c by ridge regression

    Args:
        reservoir: the fixed part.
        num_outputs: size of the output.
        num_tokens: number of tokens when inputs are indices; they are read as unit vectors. None for vectors.
        readout: one answer at `every` step, or one from the `last` state or the `mean` of all.
        ridge: penalty on the squared weights.
        washout: first steps of each series that are not fitted.
        dtype: type of states and solution.

    Reference:
        Jaeger 2001, GMD report 148; Lukosevicius & Jaeger 2009.
    """

    def __init__(
        self,
        reservoir: Reservoir,
        num_outputs: int,
        *,
        num_tokens: int | None = None,
        readout: ReadoutName | Literal["every"] = "every",
        ridge: float = 1e-8,
        washout: int = 0,
    ) -> None:
        super().__init__()
        self.reservoir = reservoir
        self.num_tokens = num_tokens
        self.readout = readout
        self.ridge = ridge
        self.washout = washout
        features = reservoir.size + reservoir.input_size
        self.linear = nn.Linear(features, num_outputs, dtype=DTYPE)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.gram: Tensor
        self.cross: Tensor
        self.sum_x: Tensor
        self.sum_y: Tensor
        self.count: Tensor
        sizes: dict[str, tuple[int, ...]] = {
            "gram": (features, features),
            "cross": (features, num_outputs),
            "sum_x": (features,),
            "sum_y": (num_outputs,),
            "count": (),
        }
        for name, shape in sizes.items():
            self.register_buffer(name, torch.zeros(shape, dtype=DTYPE))
        self._harvest: tuple[Tensor, Tensor, Tensor] | None = None

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length, size) or (batch, length) -> (batch, outputs), or (batch, length, outputs) with `every`."""
        u = _slices(self._vectors(inputs))
        parts = [None] * len(u) if lengths is None else _slices(lengths)
        outputs = torch.cat([self._outputs(some, part) for some, part in zip(u, parts, strict=True)])
        return outputs.to(inputs.dtype) if inputs.is_floating_point() else outputs.float()

    def _outputs(self, u: Tensor, lengths: Tensor | None) -> Tensor:
        features = torch.cat((self._states(u, None)[0], u), -1)
        outputs: Tensor = self.linear(self._read(features, lengths))
        return outputs

    def free_run(self, inputs: Tensor, horizon: int) -> Tensor:
        """What follows the inputs when each output is fed back as the next input: (batch, horizon, size)."""
        return torch.cat([self._run_on(u, horizon) for u in _slices(self._vectors(inputs))]).to(inputs.dtype)

    def _run_on(self, u: Tensor, horizon: int) -> Tensor:
        states, fed = self._states(u, None)
        matrix = self.reservoir.matrix()
        h, last = states[:, -1], u[:, -1]
        outputs = []
        for _ in range(horizon):
            fed = self.linear(torch.cat((h, last), -1))
            outputs.append(fed)
            last = fed.detach()
            h = self.reservoir.step(last, h, last, matrix)
        return torch.stack(outputs, 1)

    def fit(self, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None) -> Tensor:
        """See `ClosedForm`; the states are harvested once, with the true outputs fed back where there is feedback."""
        with torch.no_grad():
            features, y, counted = self._harvest = self._gather(inputs, targets, lengths)
            rows = counted.clone()
            if self.readout == "every":
                rows[:, : self.washout] = False
            x, wanted = features[rows], y[rows]
            sums = Sums(self.gram, self.cross, self.sum_x, self.sum_y, self.count) + Sums.of(x, wanted)
            weight, bias = ridge_solutions(sums, [self.ridge])[0]
            for stored, value in (
                (self.gram, sums.gram),
                (self.cross, sums.cross),
                (self.sum_x, sums.x),
                (self.sum_y, sums.y),
                (self.count, sums.count),
                (self.linear.weight, weight),
                (self.linear.bias, bias),
            ):
                stored.copy_(value)
            return F.mse_loss(self.linear(x), wanted)

    def recall(self, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None) -> None:
        """See `Recalling`."""
        with torch.no_grad():
            self._harvest = self._gather(inputs, targets, lengths)

    def _gather(self, inputs: Tensor, targets: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """What the readout is fitted to, what it should answer, and which of the answers count."""
        u, y = self._vectors(inputs), self._answers(targets)
        counted = self._counted(targets, lengths)
        teacher = F.pad(y, (0, 0, 1, -1)) if y.ndim == 3 else None  # noqa: PLR2004 - (batch, length, outputs)
        return self._read(torch.cat((self._states(u, teacher)[0], u), -1), lengths), y, counted

    def measure(
        self, inputs: Tensor, targets: Tensor, lengths: Tensor | None
    ) -> tuple[Mapping[str, float], Mapping[str, Tensor]]:
        """`start_distance`, and in a run that fits it the table `ridge` (see `_table`)."""
        with torch.no_grad():
            few = slice(0, TABLE_SERIES)
            u = self._vectors(inputs[few])
            distance = {"start_distance": self.reservoir.start_distance(u[:NUM_STARTS])}
            if self._harvest is None or self.readout != "every":
                return distance, {}
            lengths = None if lengths is None else lengths[few]
            features = torch.cat((self._states(u, None)[0], u), -1)
            return distance, {"ridge": self._table(features, targets[few], lengths)}

    def _table(self, features: Tensor, targets: Tensor, lengths: Tensor | None) -> Tensor:
        """Errors for each ridge and washout, the model's own among them: rows of (ridge, washout, NRMSE, NRMSE of the fitted).

        The third column is measured on these held-out series, the fourth on the steps that were fitted; one harvest serves all.
        """
        if self._harvest is None:
            raise RuntimeError("nothing was fitted")
        fitted, y, counted = self._harvest
        rows = self._counted(targets, lengths)
        rows[:, : self.washout] = False
        x, truth = features[rows], self._answers(targets)[rows]
        ridges = sorted({*RIDGES, self.ridge})
        rows_of_table = []
        for washout in sorted({*WASHOUTS, self.washout}):
            late = counted.clone()
            late[:, :washout] = False
            if not late.any():
                continue
            late_x, late_y = fitted[late], y[late]
            for ridge, (weight, bias) in zip(ridges, ridge_solutions(Sums.of(late_x, late_y), ridges), strict=True):
                errors = [_nrmse(z @ weight.T + bias, true) for z, true in ((x, truth), (late_x, late_y))]
                rows_of_table.append(torch.stack([x.new_tensor(ridge), x.new_tensor(float(washout)), *errors]))
        return torch.stack(rows_of_table)

    def _read(self, features: Tensor, lengths: Tensor | None) -> Tensor:
        """What the readout sees of the features of all steps (batch, length, features)."""
        match self.readout:
            case "every":
                return features
            case "last":
                return last_valid(features, lengths)
            case "mean":
                return mean_valid(features, lengths)

    def _vectors(self, inputs: Tensor) -> Tensor:
        """The inputs as vectors of the reservoir's type, (batch, length, size)."""
        if self.num_tokens is not None:
            inputs = F.one_hot(inputs, self.num_tokens)
        return as_steps(inputs).to(self.linear.weight.dtype)

    def _answers(self, targets: Tensor) -> Tensor:
        """The targets as vectors; a class is a unit vector."""
        if not targets.is_floating_point():
            targets = F.one_hot(targets.clamp_min(0), self.linear.out_features)
        return targets.to(self.linear.weight.dtype)

    def _counted(self, targets: Tensor, lengths: Tensor | None) -> Tensor:
        """Which answers count, (batch,) or (batch, length): those that are there, at real steps."""
        if self.readout != "every":
            return torch.ones(len(targets), dtype=torch.bool, device=targets.device)
        there = torch.ones(targets.shape[:2], dtype=torch.bool, device=targets.device)
        if not targets.is_floating_point():
            there &= targets >= 0
        return there if lengths is None else there & valid_steps(lengths.to(targets.device), targets.shape[1])

    def _states(self, u: Tensor, teacher: Tensor | None) -> tuple[Tensor, Tensor]:
        """States of all steps, (batch, length, units), and the last output fed back; no gradient but that of inputs."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and u.requires_grad):
            if not self.reservoir.feedback or self.readout != "every":
                return self.reservoir.states(u), u[:, -1]
            if teacher is not None:
                return self.reservoir.states(u, teacher), teacher[:, -1]
            h = u.new_zeros(len(u), self.reservoir.size)
            fed = u.new_zeros(len(u), self.linear.out_features)
            states, matrix = [], self.reservoir.matrix()
            for now in u.unbind(1):
                h = self.reservoir.step(now, h, fed, matrix)
                fed = self.linear(torch.cat((h, now), -1))
                states.append(h)
            return torch.stack(states, 1), fed


def _slices(rows: Tensor) -> tuple[Tensor, ...]:
    slices: tuple[Tensor, ...] = rows.split(SERIES_AT_ONCE)  # type: ignore[no-untyped-call]  # torch's
    return slices


def _nrmse(predicted: Tensor, true: Tensor) -> Tensor:
    """Root of the mean squared error over the standard deviation of the true values (rows, outputs), shape ()."""
    return ((predicted - true).square().mean() / (true - true.mean(0)).square().mean()).sqrt()
