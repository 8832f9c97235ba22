"""A network of somebody's own between an input adapter and a task: it may know nothing of either."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor, nn

from workbench.nn.forcing import drawn_forcing
from workbench.nn.lengths import last_valid

__all__ = ["OwnModule", "check_own_module"]

_STEPS = 3  # axes of an output at every step: batch, length, size
_VECTORS = 2
_UNLIKE = 1e-4
"""Share of its size by which an output differs that is another one; less is what single precision rounds."""
_SMALLEST = 0.1
"""Size below which an output counts as one of this size: what cancels to nothing is rounded all the same."""


@final
class OwnModule(nn.Module):
    """inputs -> features -> the module's output, in the form that the task wants.

    Args:
        adapter: turns inputs into features, (batch, length, features); None where the module reads the inputs themselves.
        module: called with (features) or (features, lengths); gives (batch, size), or (batch, length, size), or a tuple that
            begins with that, as torch's recurrent layers do.
        output_size: what it gives for each sample or step.
        every_step: whether an output is wanted at every step; else the one of the last real step counts where it gives several.
        takes_lengths: whether it is given the lengths.
    """

    def __init__(
        self, adapter: nn.Module | None, module: nn.Module, output_size: int, *, every_step: bool, takes_lengths: bool
    ) -> None:
        super().__init__()
        self.adapter = adapter
        self.module = module
        self.output_size = output_size
        self.every_step = every_step
        self.takes_lengths = takes_lengths

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits or vectors, (batch, outputs) or (batch, length, outputs).

        Args:
            inputs: (batch, length, size) float32, (batch, length) int64, or pictures (batch, channels, height, width).
            lengths: number of real steps, (batch,), or None when nothing is padded.
        Raises:
            ValueError: the module gives something else.
        """
        features = inputs if self.adapter is None else self.adapter(inputs)
        given: Any = self.module(features, lengths) if self.takes_lengths else self.module(features)
        outputs: Any = given[0] if isinstance(given, tuple) else given
        wanted = "(batch, length, outputs)" if self.every_step else "(batch, outputs)"
        if not isinstance(outputs, Tensor):
            raise ValueError(f"forward gave {type(outputs).__name__}; expected a tensor {wanted}")  # noqa: TRY004 - one kind of error
        if not self.every_step and outputs.ndim == _STEPS:
            outputs = last_valid(outputs, lengths)
        shape = (*features.shape[:2], self.output_size) if self.every_step else (len(inputs), self.output_size)
        if tuple(outputs.shape) != shape:
            raise ValueError(f"forward gave {tuple(outputs.shape)}; expected {wanted} = {shape}")
        checked: Tensor = outputs
        return checked

    def free_run(self, inputs: Tensor, horizon: int) -> Tensor:
        """What follows the inputs when each output is fed back, (batch, horizon, size). All steps are read again for each one."""
        read = inputs
        for _ in range(horizon):
            read = torch.cat((read, self(read)[:, -1:]), 1)
        return read[:, inputs.shape[1] :]

    def scheduled(self, inputs: Tensor, teacher_forcing: float) -> Tensor:
        """Outputs where a share of the inputs is the module's own output of the step before, as `SequenceModel.scheduled`.

        Reference:
            Bengio et al. 2015, arXiv:1506.03099.
        """
        true = drawn_forcing(inputs, teacher_forcing)
        true[:, 0] = True
        read, outputs = inputs[:, :0], []
        output = inputs[:, :1]
        for step in range(inputs.shape[1]):
            chosen = torch.where(true[:, step, None, None], inputs[:, step : step + 1], output.detach())
            read = torch.cat((read, chosen), 1)
            output = self(read)[:, -1:]
            outputs.append(output)
        return torch.cat(outputs, 1)


def check_own_module(model: OwnModule, inputs: Tensor, *, only_past: bool) -> None:
    """Try a module on a few made-up inputs; its mode and torch's random numbers stay as they are.

    Args:
        model: with fresh parameters.
        inputs: of the task's form, at least two samples.
        only_past: whether an output may not depend on later inputs.
    Raises:
        ValueError: it gives the wrong form, mixes samples, or looks ahead.
    """
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            outputs = model(inputs)
            if not bool(torch.isfinite(outputs).all()):
                raise ValueError("forward gave numbers that are not finite for ordinary inputs; expected finite ones")
            if not _close(
                model(inputs[-1:]), outputs[-1:]
            ):  # the first one would be the first step of a layer that takes steps first
                raise ValueError(
                    "forward gives another output to a sample that is alone in its batch; expected (batch, ...) as the first "
                    "axis: recurrent layers of torch need batch_first=True"
                )
            if only_past and inputs.ndim >= _VECTORS and inputs.shape[1] > 1:
                later = inputs.clone()
                later[:, -1] = torch.flip(inputs, (0,))[:, -1] + (1 if inputs.is_floating_point() else 0)
                if not _close(model(later)[:, :-1], outputs[:, :-1]):
                    raise ValueError(
                        "an output depends on inputs of later steps, among which is its target; expected a module that sees the "
                        "past alone"
                    )
    finally:
        model.train(was_training)


def _close(first: Tensor, second: Tensor) -> bool:
    size = float(second.abs().max()) if second.numel() else 0.0
    return bool(((first - second).abs() <= _UNLIKE * max(size, _SMALLEST)).all())
