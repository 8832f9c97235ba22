"""Exponential moving average for long, noisy curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ema"]

_BLOCK = 64


def ema(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Debiased exponential moving average; where a value is NaN the average is NaN and takes no notice of it.

        s_t = weight * s_{t-1} + (1 - weight) * v_t,   n_t = the same sum over ones,   result_t = s_t / n_t

    Args:
        values: shape (n,).
        weight: 0 (no smoothing) up to, but not including, 1.
    Returns:
        Smoothed values, shape (n,).
    Reference:
        Kingma and Ba 2015, arXiv:1412.6980, section 3 (the bias correction).
    """
    if weight <= 0 or len(values) == 0:
        return values
    finite = np.isfinite(values)
    count = _filter(finite.astype(np.float64), weight)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = _filter(np.where(finite, values, 0.0), weight)
        return np.where(finite, total / count, np.nan)


def _filter(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """s_t = weight * s_{t-1} + v_t in O(n) numpy: all blocks side by side, then the same filter over the blocks' ends."""
    n = len(values)
    blocks = -(-n // _BLOCK)
    local = np.zeros((_BLOCK, blocks))  # (place in block, block), each block begun at zero
    padded = np.zeros(blocks * _BLOCK)
    padded[:n] = values
    local[:] = padded.reshape(blocks, _BLOCK).T
    for place in range(1, _BLOCK):
        local[place] += weight * local[place - 1]
    if blocks > 1:
        ends = _filter(local[-1], weight**_BLOCK)
        powers = weight ** np.arange(1, _BLOCK + 1)
        local[:, 1:] += powers[:, None] * ends[None, :-1]
    return local.T.reshape(-1)[:n]
