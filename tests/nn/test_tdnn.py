"""The time-delay network against its formula and torch's convolution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from workbench.cards import catalog
from workbench.nn.tdnn import TimeDelayNetwork

CASES: list[dict[str, Any]] = [
    {"kernel_size": 3},
    {"kernel_size": 5, "dilation": 2},
    {"kernel_size": 2, "causal": True},
    {"kernel_size": 3, "causal": True, "dilation": 3},
]
each_case = pytest.mark.parametrize("settings", CASES, ids=str)


def network(settings: dict[str, Any]) -> TimeDelayNetwork:
    """Two layers, three features, four units."""
    torch.manual_seed(0)
    return TimeDelayNetwork(3, 4, 2, **settings).double()


def by_formula(model: TimeDelayNetwork, features: Tensor, *, kernel_size: int, dilation: int = 1, causal: bool = False) -> Tensor:
    """Every sum written out."""
    below = features
    for number, layer in enumerate(model.layers):
        weight, bias = layer.weight, layer.bias  # (H, F, k)
        assert isinstance(weight, Tensor)
        assert isinstance(bias, Tensor)
        middle = kernel_size - 1 if causal else (kernel_size - 1) // 2
        steps = below.shape[1]
        rows = []
        for t in range(steps):
            total = bias + torch.zeros(len(below), 4, dtype=torch.float64)
            for i in range(kernel_size):
                place = t + (i - middle) * dilation**number
                if 0 <= place < steps:
                    total = total + below[:, place] @ weight[:, :, i].T
            rows.append(torch.relu(total))
        below = torch.stack(rows, 1)
    return below


@each_case
def test_it_is_the_formula(settings: dict[str, Any]) -> None:
    """Windows, dilation and what counts as outside."""
    model, features = network(settings), torch.randn(2, 9, 3, dtype=torch.float64)
    torch.testing.assert_close(model(features), by_formula(model, features, **settings))


def test_one_layer_is_torch_s_convolution() -> None:
    """F.conv1d with padding on both sides."""
    torch.manual_seed(0)
    model, features = TimeDelayNetwork(3, 4, 1, kernel_size=5).double(), torch.randn(2, 9, 3, dtype=torch.float64)
    weight, bias = model.state_dict().values()
    expected = F.conv1d(features.mT, weight, bias, padding=2).relu().mT
    torch.testing.assert_close(model(features), expected)


@each_case
def test_an_output_sees_its_window_and_no_more(settings: dict[str, Any]) -> None:
    """The gradient of one output reaches as many steps as the window has; of a causal one, none that come later."""
    model = network(settings)
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 0.1)  # all units at work
    features = torch.ones(1, 61, 3, dtype=torch.float64, requires_grad=True)
    model(features)[0, 30].sum().backward()
    assert features.grad is not None
    seen = features.grad[0].abs().sum(1).nonzero()[:, 0].tolist()
    assert seen[-1] - seen[0] + 1 == model.window
    assert (seen[-1] == 30) is settings.get("causal", False)


def test_a_window_has_a_middle_unless_it_is_causal() -> None:
    """An even width is an error of the settings only where the middle is needed."""
    card = catalog.architectures()["tdnn"]
    with pytest.raises(ValueError, match="odd kernel_size"):
        card.Config.model_validate({"kernel_size": 4})
    card.Config.model_validate({"kernel_size": 4, "causal": True})


def test_patterns_stand_at_other_places_in_held_out_data() -> None:
    """Without noise the first step that is not zero is the place: in training in the first half, held out in the second."""
    card = catalog.datasets()["shifted_pattern"]
    dataset = card.open(card.Config.model_validate({"noise": 0.0}))
    trained, held = dataset.train_batch(0, 0, 500), dataset.held_out("test")
    places = [set((np.abs(batch.inputs[:, :, 0]) > 0).argmax(axis=1).tolist()) for batch in (trained, held)]
    assert places[0] == set(range(16))
    assert places[1] == set(range(17, 33))
    np.testing.assert_array_equal(held.inputs, dataset.held_out("test").inputs)
