"""Time-delay network: convolution over time as a backbone for sequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.nn.ablation import overwritten
from workbench.nn.lengths import valid_steps
from workbench.nn.watching import Show

__all__ = ["TimeDelayNetwork"]


@final
class TimeDelayNetwork(nn.Module):
    """Layers of units that see a window of the steps below, with the same weights at every step.

        h_l[t] = relu(b_l + sum_i W_l[i] h_{l-1}[t + (i - m) d_l])      i = 0 .. k-1

    where m = k - 1 for a causal layer (only the past) and m = (k - 1) / 2 otherwise. The dilation d_l is d^(l-1), so that with
    d > 1 the window grows exponentially with depth. Steps outside the sequence count as zero.

    Args:
        input_size: features of a step.
        hidden_size: units of each layer.
        num_layers: number of layers.
        kernel_size: k, steps in a window; odd unless causal.
        dilation: d, factor by which the steps of a window move apart from layer to layer.
        causal: whether a step sees only itself and the past.
        dropout: share of each layer's outputs dropped.

    Attributes:
        output_size: units of the top layer.

    Reference:
        Lang and Hinton 1988; Waibel et al. 1989; dilation: van den Oord et al. 2016, arXiv:1609.03499; Bai et al. 2018,
        arXiv:1803.01271; Goodfellow et al. 2016, section 10 (introduction).
    """

    show: Show | None = None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 2,
        *,
        kernel_size: int = 5,
        dilation: int = 1,
        causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.causal = causal
        self.layers = nn.ModuleList(
            nn.Conv1d(hidden_size if index else input_size, hidden_size, kernel_size, dilation=dilation**index)
            for index in range(num_layers)
        )
        self.dropout = nn.Dropout(dropout)

    @property
    def window(self) -> int:
        """Steps of the input that one output sees."""
        return 1 + sum(reach for _, reach in self._layers())

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, length, input_size) -> (batch, length, hidden_size). Padding is taken for zeros, like all that lies outside."""
        real = None if lengths is None else valid_steps(lengths.to(features.device), features.shape[1])[:, None]  # (B, 1, T)
        x = features.transpose(1, 2)  # (B, F, T)
        for index, (layer, reach) in enumerate(self._layers()):
            x = x if real is None else x.where(real, 0)
            before = reach if self.causal else reach // 2
            x = torch.relu(layer(F.pad(x, (before, reach - before))))
            if self.show is not None:
                self.show(f"states/layers.{index}", x.transpose(1, 2))
            x = self.dropout(x)
        return x.transpose(1, 2)

    def parts(self) -> Mapping[str, int]:
        """Units of each hidden layer."""
        return {f"unit_of_layer_{index}": layer.out_channels for index, (layer, _) in enumerate(self._layers(), 1)}

    def without(self, part: str, number: int) -> AbstractContextManager[None]:
        """What a unit says goes no further."""
        layer, _ = self._layers()[int(part.rpartition("_")[2]) - 1]
        if layer.bias is None:
            raise RuntimeError("its layers have biases")
        return overwritten((layer.weight[number], 0.0), (layer.bias[number], 0.0))

    @property
    def endless(self) -> bool:
        """See `workbench.nn.sequence_model.CarriesState`."""
        return self.causal

    def run(self, features: Tensor, states: Sequence[Tensor] | None) -> tuple[Tensor, list[Tensor]]:
        """Further steps of a causal sequence, from what each layer still sees of the steps before (None for the start).

        Returns:
            Outputs (batch, length, hidden_size) of the steps given, and the last steps of each layer's input.
        """
        if not self.causal:
            raise TypeError("only a causal network can go on from where it was")
        x, after = features.transpose(1, 2), []
        for index, (layer, reach) in enumerate(self._layers()):
            seen = F.pad(x, (reach, 0)) if states is None else torch.cat((states[index], x), 2)
            after.append(seen[:, :, seen.shape[2] - reach :])
            x = self.dropout(torch.relu(layer(seen)))
        return x.transpose(1, 2), after

    def _layers(self) -> list[tuple[nn.Conv1d, int]]:
        """Each layer with the steps that its window reaches beyond the one."""
        convolutions = [layer for layer in self.layers if isinstance(layer, nn.Conv1d)]
        return [(layer, (layer.kernel_size[0] - 1) * layer.dilation[0]) for layer in convolutions]
