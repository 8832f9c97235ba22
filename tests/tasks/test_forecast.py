"""The metrics of forecasts against plain formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workbench.cards import Batch, FreeRun, Task, Vectors
from workbench.cards.catalog import task_kind
from workbench.nn.decoding import GREEDY
from workbench.nn.tensor_batch import TensorBatch

LENGTH, WASHOUT, WARMUP = 100, 10, 16


class Constant(nn.Module):
    """Answers with the same vector at every step."""

    def __init__(self, answer: list[float]) -> None:
        super().__init__()
        self.answer = nn.Parameter(torch.tensor(answer))

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.answer.expand(len(inputs), inputs.shape[1], 2)

    def free_run(self, inputs: Tensor, horizon: int) -> Tensor:
        assert inputs.shape[1] == WARMUP
        return self.answer.expand(len(inputs), horizon, 2)


def make(lengths: Any = None) -> tuple[Task, TensorBatch]:
    rng = np.random.default_rng(3)
    targets = rng.normal([1, -2], [2, 0.5], (6, LENGTH, 2)).astype(np.float32)
    task = Task("forecast", Vectors(2), Vectors(2), (), WASHOUT, FreeRun(WARMUP, 84))
    return task, TensorBatch.of(Batch(targets, targets, lengths), torch.device("cpu"))


def test_predicting_the_mean_scores_one() -> None:
    """NRMSE of the mean is 1, and the 84th free-running step is compared with the target 84 steps after the warm-up."""
    task, batch = make()
    counted = batch.targets[:, WASHOUT:].flatten(0, 1)
    objective = task_kind(task)(task)
    model = Constant(counted.mean(0).tolist())
    with torch.no_grad():
        totals, _ = objective.score(model, batch)
    metrics = objective.totalled({key: total / count for key, (total, count) in totals.items()})
    variance = counted.var(0, correction=0).mean()
    at_step = (batch.targets[:, WARMUP + 82] - model.answer).square().mean()
    assert set(metrics) == set(task_kind(task).measured(task))
    np.testing.assert_allclose(metrics["nrmse"], 1, rtol=1e-5)
    np.testing.assert_allclose(metrics["nrmse84"], (at_step / variance).sqrt().item(), rtol=1e-5)
    np.testing.assert_allclose(metrics["mse"], variance.item(), rtol=1e-5)


def test_washout_and_padding_do_not_count() -> None:
    """The loss is that of the steps from the washout to each series' end."""
    lengths = np.array([100, 50, 11, 80, 99, 10])
    task, batch = make(lengths)
    model = Constant([0.0, 0.0])
    loss = task_kind(task)(task).loss(model, batch, 1.0)
    rows = [batch.targets[row, WASHOUT:length] for row, length in enumerate(lengths.tolist())]
    torch.testing.assert_close(loss, torch.cat(rows).square().mean())


def test_a_drawing_holds_truth_forecast_and_free_run() -> None:
    """Two series of the first component; the free run begins with the answer to the warm-up's last input."""
    task, batch = make()
    with torch.no_grad():
        drawing = task_kind(task)(task).probes(Constant([0.5, 9.0]), batch)["forecast"]
    assert drawing.shape == (3, 2, LENGTH)
    torch.testing.assert_close(drawing[0], batch.targets[:2, :, 0])
    assert (drawing[1] == 0.5).all()
    assert drawing[2, :, : WARMUP - 1].isnan().all()
    assert (drawing[2, :, WARMUP - 1 : WARMUP - 1 + 84] == 0.5).all()


def test_people_see_the_datas_own_numbers() -> None:
    """Answers, texts and what is drawn are scaled back; the model's own outputs are not."""
    signal = Vectors(2, shift=(100.0, -5.0), scale=(10.0, 0.5))
    task = Task("forecast", signal, signal, (), 0, FreeRun(WARMUP, 84))
    targets = np.zeros((3, LENGTH, 2), dtype=np.float32)
    batch = TensorBatch.of(Batch(targets, targets), torch.device("cpu"))
    model = Constant([0.5, -1.0])
    kind = task_kind(task)(task)
    with torch.no_grad():
        answer = kind.answer(model, TensorBatch.of(Batch(targets[:1, :2], targets[:1, :2]), torch.device("cpu")), GREEDY, None)
        drawn = kind.probes(model, batch)["forecast"].numpy()
    assert answer.told["value"] == [[105.0, -5.5]] * 2
    np.testing.assert_array_equal(answer.predicted, [[0.5, -1.0]] * 2)
    assert signal.target_text(answer.predicted) == "105 -5.5 105 -5.5"
    assert (drawn[0] == 100).all()  # the true values, of the first component
    assert (drawn[1] == 105).all()
    assert signal.scaled(np.array(answer.told["value"])).tolist() == answer.predicted.tolist()
