"""Two-dimensional convolution, forward and backward written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from workbench.nn.ablation import overwritten
from workbench.nn.names import ConvolutionKernel

__all__ = ["Conv2d", "convolve"]


class _Convolution(torch.autograd.Function):
    """All patches as columns, so that the sum over channel and window is one matrix product."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:  # noqa: PLR0917 - autograd passes by position
        size = weight.shape[-1]
        height, width = ((n + 2 * padding - size) // stride + 1 for n in inputs.shape[2:])
        columns = F.unfold(inputs, size, padding=padding, stride=stride)  # (B, C k k, L), L = height width
        # the same matrix for each picture; written as weight @ columns, torch would first copy all columns into one matrix
        matrix = weight.flatten(1).expand(len(inputs), -1, -1)  # (B, N, C k k)
        outputs = torch.baddbmm(bias[:, None], matrix, columns)  # (B, N, L)
        ctx.save_for_backward(columns, weight)
        ctx.geometry = (inputs.shape[2:], stride, padding)
        return outputs.view(*outputs.shape[:2], height, width)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None, None]:
        columns, weight = ctx.saved_tensors
        shape, stride, padding = ctx.geometry
        gradient = gradient.flatten(2)  # (B, N, L)
        # a product for each picture, then their sum: three times as fast as one einsum over both
        to_weight = torch.bmm(gradient, columns.transpose(1, 2)).sum(0).view_as(weight)
        to_bias = gradient.sum((0, 2))
        to_inputs = None
        if ctx.needs_input_grad[0]:
            matrix = weight.flatten(1).T.expand(len(gradient), -1, -1)
            patches = torch.bmm(matrix, gradient)  # (B, C k k, L)
            to_inputs = F.fold(patches, shape, weight.shape[-1], padding=padding, stride=stride)
        return to_inputs, to_weight, to_bias, None, None


def convolve(inputs: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """Every output channel as a sum of windows over every input channel.

        out(N)[y, x] = bias(N) + sum_C sum_ij weight(N, C)[i, j] * input(C)[y s + i - p, x s + j - p]

    Args:
        inputs: (batch, channels, height, width).
        weight: (filters, channels, k, k).
        bias: (filters,).
        stride: s, steps of the window.
        padding: p, zeros around the picture.

    Returns:
        (batch, filters, (height + 2 p - k) // s + 1, (width + 2 p - k) // s + 1).

    Reference:
        Goodfellow et al. 2016, eq. 9.6 (cross-correlation, called convolution); LeCun et al. 1998.
    """
    outputs: Tensor = _Convolution.apply(inputs, weight, bias, stride, padding)  # type: ignore[no-untyped-call]  # torch's
    return outputs


@final
class Conv2d(nn.Module):
    """A convolution with its weights.

    Args:
        in_channels: channels that come in.
        num_filters: channels that go out.
        kernel_size: width and height of the window.
        stride: steps of the window.
        padding: zeros around the picture.
        kernel: `manual` runs `convolve` on a CPU, `torch` torch's own; same parameters, same result.
    """

    def __init__(
        self,
        in_channels: int,
        num_filters: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        kernel: ConvolutionKernel = "manual",
    ) -> None:
        super().__init__()
        self.stride = stride
        self.padding = padding
        self.kernel = kernel
        self.weight = nn.Parameter(torch.empty(num_filters, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(num_filters))
        nn.init.kaiming_uniform_(self.weight, nonlinearity="relu")

    @property
    def called(self) -> str:
        """The size of its window with it."""
        size = self.weight.shape[-1]
        return f"convolution {size} x {size}"

    def parts(self) -> Mapping[str, int]:
        """Its filters."""
        return {"filter": len(self.weight)}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:  # noqa: ARG002 - there is one kind of part
        """A filter's map is 0."""
        return overwritten((self.weight[number], 0.0), (self.bias[number], 0.0))

    def filters(self) -> Tensor:
        """The windows, (filters, in_channels, kernel_size, kernel_size)."""
        return self.weight.detach()

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, in_channels, height, width) -> (batch, num_filters, height', width')."""
        if self.kernel == "torch" or not inputs.is_cpu:  # the one by hand is made for a CPU
            return F.conv2d(inputs, self.weight, self.bias, self.stride, self.padding)
        return convolve(inputs, self.weight, self.bias, self.stride, self.padding)
