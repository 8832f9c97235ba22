"""The score of every sample by itself, at once for all: the same as one sample after the other, and together the batch's."""

from __future__ import annotations

import pytest
import torch

from tests.contracts.pairs import TASKS, build, each_pair, make_data
from workbench.cards.catalog import task_kind
from workbench.cards.task_kind import TaskKind
from workbench.nn.tensor_batch import TensorBatch


@each_pair
def test_scores_of_samples_are_those_of_one_after_the_other_and_add_up_to_the_score_of_the_batch(name: str, task: str) -> None:
    data = make_data(TASKS[task])
    model = build(name, TASKS[task]).eval()
    kind = task_kind(TASKS[task])(TASKS[task])
    batch = TensorBatch(data.inputs, data.targets, data.lengths)

    with torch.no_grad():
        together = kind.sample_totals(model, batch)
        one_by_one = TaskKind.sample_totals(kind, model, batch)
        score, _ = kind.score(model, batch)

    assert together.keys() == one_by_one.keys() == score.keys()
    for metric, (sums, counts) in together.items():
        assert sums == pytest.approx(one_by_one[metric][0], rel=1e-6, abs=1e-9), metric
        assert counts == pytest.approx(one_by_one[metric][1]), metric
        assert sums.sum() == pytest.approx(score[metric][0], rel=1e-6, abs=1e-9), metric
        assert counts.sum() == pytest.approx(score[metric][1]), metric
