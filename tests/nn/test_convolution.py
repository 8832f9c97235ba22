"""Convolution by hand against torch's, forward and backward."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from workbench.nn.cnn import ConvolutionalNetwork
from workbench.nn.convolution import Conv2d, convolve

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)
GEOMETRIES = [(1, 1, 0), (3, 1, 0), (3, 1, 1), (3, 2, 1), (5, 1, 2), (5, 3, 0), (4, 2, 3)]


@pytest.mark.parametrize(("size", "stride", "padding"), GEOMETRIES)
def test_it_equals_torch_forward_and_backward(size: int, stride: int, padding: int) -> None:
    """Outputs and all three gradients are those of F.conv2d, also for pictures that are not square."""
    torch.manual_seed(size)
    arguments = [
        torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in ((2, 3, 9, 7), (4, 3, size, size), (4,))
    ]
    inputs, weight, bias = arguments
    found = convolve(inputs, weight, bias, stride, padding)
    expected = F.conv2d(inputs, weight, bias, stride, padding)
    close(found, expected)
    direction = torch.randn_like(expected)
    close(torch.autograd.grad(found, arguments, direction), torch.autograd.grad(expected, arguments, direction))


def test_its_gradient_is_the_slope() -> None:
    """Finite differences agree with the backward pass."""
    torch.manual_seed(0)
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((1, 2, 5, 4), (2, 2, 3, 3), (2,))]
    assert torch.autograd.gradcheck(partial(convolve, stride=2, padding=1), arguments)


def test_one_output_by_the_sum_of_its_window() -> None:
    """out(N)[y, x] is the bias and the sum over channels and window, written out."""
    torch.manual_seed(0)
    inputs, weight, bias = torch.randn(1, 2, 4, 4), torch.randn(3, 2, 3, 3), torch.randn(3)
    window = inputs[0, :, 1:4, 0:3]
    expected = bias[2] + sum(float((weight[2, c] * window[c]).sum()) for c in range(2))
    assert float(convolve(inputs, weight, bias)[0, 2, 1, 0]) == pytest.approx(float(expected), rel=1e-5)


def test_the_first_layer_does_not_work_out_what_nobody_asks() -> None:
    """Pictures that need no gradient get none."""
    layer = Conv2d(1, 2, 3)
    inputs = torch.randn(2, 1, 5, 5)
    layer(inputs).sum().backward()
    assert inputs.grad is None
    assert layer.weight.grad is not None


def test_both_kernels_make_the_same_network() -> None:
    """With the same weights, the network with the convolution by hand gives the logits of the one with torch's."""
    torch.manual_seed(0)
    manual = ConvolutionalNetwork((1, 28, 28), 10).double()
    fast = ConvolutionalNetwork((1, 28, 28), 10, kernel="torch").double()
    fast.load_state_dict(manual.state_dict())
    pictures = torch.randn(2, 1, 28, 28, dtype=torch.float64)
    close(manual(pictures), fast(pictures))
