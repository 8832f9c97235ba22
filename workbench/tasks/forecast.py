"""Series -> a vector at every step: mean squared error; NRMSE, and the error of the 84th step that the model runs by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, final

import numpy as np
from numpy.typing import NDArray

from workbench.cards.metric import Metric
from workbench.cards.signals import Vectors
from workbench.cards.task import Task
from workbench.cards.task_kind import Answer, AnswerForm, Explained, Interface, TaskKind
from workbench.tasks._shared_metrics import LOSS, MSE

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from workbench.nn.decoding import Decoding
    from workbench.nn.tensor_batch import TensorBatch

__all__ = ["NRMSE_STEP", "Forecast"]

NRMSE_STEP = 84
"""Step of the free run at which `nrmse84` looks, the literature's choice for the Mackey-Glass series (Jaeger 2001)."""

_NUM_PLOTTED = 2
"""Series whose forecasts are plotted."""
_AT_STEP = f"nrmse{NRMSE_STEP}"


@final
class Forecast(TaskKind):
    """Mean squared error over all steps after the washout.

    `nrmse` is the root of the mean squared error over the standard deviation of the targets, so 1 is what predicting the mean
    gives. `nrmse84` is the same of the 84th step of a free run: after the warm-up with true inputs the model is fed its
    own outputs.

    Reference:
        Jaeger 2001, The echo state approach to analysing and training recurrent neural networks, GMD report 148, section 4.
    """

    title = "series -> a vector at every step, then running on its own outputs"
    interface = Interface.FREE_RUNNING
    metrics = (
        LOSS,
        MSE,
        Metric(
            "nrmse",
            "root mean squared error divided by the targets' standard deviation; always predicting the mean gives 1",
            lower_is_better=True,
        ),
        Metric(
            _AT_STEP, f"NRMSE at step {NRMSE_STEP} of a free run, in which the model is fed its own outputs", lower_is_better=True
        ),
    )
    headline = "nrmse"
    not_smoothed = "the loss is a squared error"

    @classmethod
    def measured(cls, task: Task) -> tuple[str, ...]:
        """`nrmse84` only where the free run is that long."""
        long = task.free_run is not None and task.free_run.horizon >= NRMSE_STEP
        return tuple(name for name in Metric.names(cls.metrics) if long or name != _AT_STEP)

    @classmethod
    def answer_form(cls, task: Task) -> AnswerForm:  # noqa: ARG003 - the same for all
        """See `TaskKind`."""
        return AnswerForm.NUMBERS

    def loss(self, model: nn.Module, batch: TensorBatch, teacher_forcing: float) -> Tensor:
        """See `TaskKind`; below 1 a share of the inputs is replaced by the model's own outputs of the step before."""
        from torch.nn import functional as F

        if teacher_forcing < 1 and self.task.free_run is not None:
            scheduled: Any = model.scheduled
            outputs: Tensor = scheduled(batch.inputs, teacher_forcing)
        else:
            outputs = model(batch.inputs, batch.lengths)
        predicted, wanted = self._counted(outputs, batch), self._counted(batch.targets, batch)
        return F.mse_loss(predicted, wanted) if len(wanted) else predicted.sum()

    def num_counted(self, batch: TensorBatch) -> int:
        """Steps after the washout."""
        return len(self._counted(batch.targets, batch))

    def score(self, model: nn.Module, batch: TensorBatch) -> tuple[dict[str, tuple[float, float]], NDArray[np.generic]]:
        """See `TaskKind`; what is named `target ...` is what the variance is worked out from."""
        from workbench.nn.precision import exact

        outputs = model(batch.inputs, batch.lengths)
        wanted = exact(self._counted(batch.targets, batch))  # (steps, size)
        squares = float((exact(self._counted(outputs, batch)) - wanted).square().sum())
        count = float(wanted.numel())
        totals = {
            "loss": (squares, count),
            "mse": (squares, count),
            "target square": (float(wanted.square().sum()), count),
        }
        for component, total in enumerate(wanted.sum(0).tolist()):
            totals[f"target mean {component}"] = (total, float(len(wanted)))
        if _AT_STEP in self.measured(self.task):
            wrong = self._free_run_error(model, batch)
            totals[_AT_STEP] = (float(wrong.square().sum()), float(wrong.numel()))
        return totals, outputs.cpu().numpy()

    def sample_totals(self, model: nn.Module, batch: TensorBatch) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """See `TaskKind`; all samples at once."""
        import torch

        from workbench.nn.lengths import valid_steps
        from workbench.nn.precision import exact

        outputs, wanted = exact(model(batch.inputs, batch.lengths)), exact(batch.targets)  # (B, T, size)
        lengths = torch.full((len(wanted),), wanted.shape[1]) if batch.lengths is None else batch.lengths.cpu()
        counted = valid_steps(lengths, wanted.shape[1])
        counted[:, : self.task.washout] = False
        steps = counted.sum(dim=1).double()
        count = (steps * wanted.shape[2]).numpy()

        def over_steps(values: Tensor) -> NDArray[np.float64]:
            return torch.where(counted[..., None], values, 0.0).sum(dim=1).numpy()

        squares = over_steps((outputs - wanted).square()).sum(axis=1)
        totals = {"loss": (squares, count), "mse": (squares, count)}
        totals["target square"] = (over_steps(wanted.square()).sum(axis=1), count)
        for component, total in enumerate(over_steps(wanted).T):
            totals[f"target mean {component}"] = (total, steps.numpy())
        if _AT_STEP in self.measured(self.task):
            wrong = self._free_run_error(model, batch)
            totals[_AT_STEP] = (wrong.square().sum(dim=1).numpy(), np.full(len(wrong), float(wrong.shape[1])))
        return totals

    def totalled(self, means: Mapping[str, float]) -> dict[str, float]:
        """See `TaskKind`."""
        size = cast("Vectors", self.task.outputs).size
        variance = means["target square"] - sum(means[f"target mean {k}"] ** 2 for k in range(size)) / size
        variance = max(variance, 1e-12)
        metrics = {"loss": means["loss"], "mse": means["mse"], "nrmse": math.sqrt(means["mse"] / variance)}
        if _AT_STEP in means:
            metrics[_AT_STEP] = math.sqrt(means[_AT_STEP] / variance)
        return metrics

    def probes(self, model: nn.Module, batch: TensorBatch) -> Mapping[str, Tensor]:
        """`forecast`: the first component of a few series, (rows, series, steps).

        In the data's own numbers. Row 0 holds the true values, row 1 the forecasts; where the task has a free run, row 2 holds
        that, NaN before its start.
        """
        import torch

        few = slice(0, _NUM_PLOTTED)
        targets = batch.targets[few]
        lengths = None if batch.lengths is None else batch.lengths[few]
        rows = [targets, model(batch.inputs[few], lengths)]
        if (run := self.task.free_run) is not None:
            runner: Any = model
            free = torch.full_like(targets, torch.nan)
            start = run.warmup - 1  # the first output answers the warm-up's last input
            horizon = min(run.horizon, targets.shape[1] - start)
            free[:, start : start + horizon] = runner.free_run(batch.inputs[few, : run.warmup], horizon)
            rows.append(free)
        outputs = cast("Vectors", self.task.outputs)
        shift, scale = (outputs.shift[0], outputs.scale[0]) if outputs.scale else (0.0, 1.0)
        return {"forecast": torch.stack([row[..., 0].float() for row in rows]) * scale + shift}

    def answer(self, model: nn.Module, batch: TensorBatch, decoding: Decoding, generator: torch.Generator | None) -> Answer:  # noqa: ARG002
        """The vector at every step."""
        return Answer.of_vectors(self.outputs(model, batch)[0].numpy(), cast("Vectors", self.task.outputs))

    def explained(self, model: nn.Module, batch: TensorBatch, predicted: NDArray[np.generic]) -> Explained:  # noqa: ARG002
        """What is forecast after the last step, its first number, in the data's own."""
        outputs = cast("Vectors", self.task.outputs)
        scale = outputs.scale[0] if outputs.scale else 1.0
        words = f"the forecast of {outputs.columns[0]}" if outputs.columns else "the forecast"
        return Explained(self.outputs(model, batch)[0, -1, 0] * scale, f"{words} after the last step")

    def continued(self, model: nn.Module, inputs: Tensor, num_steps: int) -> Tensor | None:
        """The free run, where the task has one."""
        if self.task.free_run is None:
            return None
        runner: Any = model
        outputs: Tensor = runner.free_run(inputs, num_steps)
        return outputs

    def at_counted(
        self, predicted: NDArray[np.generic], target: NDArray[np.generic]
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """See `TaskKind`; the washout is left out."""
        return predicted[self.task.washout :], target[self.task.washout :]

    def correct(self, predicted: NDArray[np.generic], target: NDArray[np.generic]) -> bool | None:  # noqa: ARG002
        """A matter of degree."""
        return None

    def _counted(self, values: Tensor, batch: TensorBatch) -> Tensor:
        """The vectors (batch, length, size) at the steps that count, (steps, size)."""
        if batch.lengths is None:
            return values[:, self.task.washout :].flatten(0, 1)
        from workbench.nn.lengths import valid_steps

        counted = valid_steps(batch.lengths.to(values.device), values.shape[1])
        counted[:, : self.task.washout] = False
        return values[counted]

    def _free_run_error(self, model: nn.Module, batch: TensorBatch) -> Tensor:
        """What the 84th output of the free run is off by, (batch, size)."""
        from workbench.nn.precision import exact

        run = self.task.free_run
        if run is None:
            raise TypeError("the task has no free run")
        free_run: Any = model.free_run
        outputs = free_run(batch.inputs[:, : run.warmup], NRMSE_STEP)  # (B, 84, size)
        truth = batch.targets[:, run.warmup - 1 + NRMSE_STEP - 1]  # the first output answers the warm-up's last input
        wrong: Tensor = exact(outputs[:, -1]) - exact(truth)
        return wrong
