"""Residual blocks against their formula, and what the way around them does to signal and gradient."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from workbench.cards import Classes, Image, Task, Vectors, catalog
from workbench.nn.names import Shortcut
from workbench.nn.residual import ResidualBlock, ResidualNetwork

SHORTCUTS: tuple[Shortcut, ...] = ("none", "identity", "projection")


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_a_block_is_its_formula(shortcut: Shortcut) -> None:
    """It gives y = h(x) + W_2 relu(W_1 relu(x) + b_1) + b_2."""
    torch.manual_seed(0)
    block = ResidualBlock(5, shortcut).double()
    x = torch.randn(3, 5, dtype=torch.float64)
    weights = block.state_dict()
    hidden = torch.relu(torch.relu(x) @ weights["first.weight"].T + weights["first.bias"])
    expected = hidden @ weights["second.weight"].T + weights["second.bias"]
    if shortcut == "identity":
        expected = expected + x
    if shortcut == "projection":
        expected = expected + x @ weights["projection.weight"].T + weights["projection.bias"]
    torch.testing.assert_close(block(x), expected)


def test_a_block_of_convolutions_is_torch_s() -> None:
    """3 x 3 in the block, 1 x 1 around it; the picture keeps its size."""
    torch.manual_seed(0)
    block = ResidualBlock(4, "projection", picture=True).double()
    x = torch.randn(2, 4, 6, 6, dtype=torch.float64)
    w = block.state_dict()
    hidden = torch.relu(F.conv2d(torch.relu(x), w["first.weight"], w["first.bias"], padding=1))
    expected = F.conv2d(hidden, w["second.weight"], w["second.bias"], padding=1)
    torch.testing.assert_close(block(x), expected + F.conv2d(x, w["projection.weight"], w["projection.bias"]))


def first_gradient(shortcut: Shortcut) -> float:
    """Size of the gradient that reaches the input through thirty layers."""
    torch.manual_seed(0)
    model = ResidualNetwork(16, 10, hidden_size=32, shortcut=shortcut)
    x = torch.randn(8, 16, requires_grad=True)
    return float(torch.autograd.grad(F.cross_entropy(model(x), torch.arange(8)), x)[0].norm())


def test_the_gradient_passes_blocks_by_on_the_way_around() -> None:
    """Through a plain stack it fades by many orders of magnitude."""
    assert first_gradient("identity") > 1e-2
    assert first_gradient("none") < 1e-8


def test_weights_of_the_right_size_keep_the_signal() -> None:
    """With init = he the outputs of thirty layers, plain or not, have the size of those of two, within a factor of ten."""
    x = torch.randn(64, 16, generator=torch.Generator().manual_seed(0))
    for shortcut in ("none", "identity"):
        sizes = []
        for num_layers in (2, 30):
            torch.manual_seed(0)
            model = ResidualNetwork(16, 10, hidden_size=128, num_layers=num_layers, shortcut=shortcut, init="he")
            sizes.append(float(model(x).detach().std()))
        assert 0.1 < sizes[1] / sizes[0] < 10


def refusal(inputs: Any, **settings: Any) -> str:
    """The reason, or "" when there is none."""
    card = catalog.architectures()["resnet"]
    return catalog.refusal(card, card.Config.model_validate(settings), Task("classify", inputs, Classes(("a", "b")))) or ""


def test_convolutions_need_pictures_and_matrices_a_fixed_size() -> None:
    """Each refusal says what to set or choose."""
    assert refusal(Image(1, 8, 8), layers="convolution") == ""
    assert "model.layers = dense" in refusal(Vectors(2, 7), layers="convolution")
    assert "differ in length" in refusal(Vectors(2))
    with pytest.raises(ValueError, match="even num_layers"):
        refusal(Vectors(2, 7), num_layers=7)


@pytest.mark.parametrize("shortcut", ["identity", "projection"])
def test_convolutions_answer_for_pictures(shortcut: str) -> None:
    """The card builds them, with one output for each class."""
    card = catalog.architectures()["resnet"]
    config = card.Config.model_validate({"layers": "convolution", "shortcut": shortcut, "num_layers": 4, "hidden_size": 4})
    model = card.build(config, Task("classify", Image(1, 9, 8), Classes(("a", "b"))))
    assert model(torch.randn(3, 1, 9, 8)).shape == (3, 2)
