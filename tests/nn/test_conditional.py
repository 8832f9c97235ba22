"""The labelling network against torch's own layers."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from workbench.nn.adapters import VectorInput
from workbench.nn.conditional import ConditionalModel
from workbench.nn.gru import GRULayer


@pytest.mark.parametrize("feedback", [True, False])
def test_true_labels_are_one_more_input_one_step_late(feedback: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The logits are those of torch.nn.GRU over [x_t; e(y_{t-1})], or over x_t alone."""
    torch.manual_seed(0)
    model = ConditionalModel(VectorInput(2), GRULayer, 3, label_feedback=feedback, embedding_size=4, hidden_size=5).double()
    inputs, labels = torch.randn(2, 6, 2, dtype=torch.float64), torch.randint(0, 3, (2, 6))
    labels[0, 1] = -100  # a label that is missing stands for nothing, as before the first
    oracle = torch.nn.GRU(model.stack.layers[0].input_size, 5, batch_first=True).double()
    oracle.load_state_dict(
        {key.rpartition(".")[2]: value for key, value in model.state_dict().items() if key.startswith("stack.layers.0.")}
    )
    features = inputs
    if feedback:
        assert model.labels is not None
        before = torch.where(labels < 0, 3, labels)[:, :-1]
        embedded = F.embedding(F.pad(before, (1, 0), value=3), model.labels.weight)
        features = torch.cat((inputs, embedded), -1)
    states, _ = oracle(features)
    torch.testing.assert_close(model.forced(inputs, None, labels), model.output(states))
