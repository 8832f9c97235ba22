"""How much of the loss's gradient reaches each step of the past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Plot
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._view import ProbeView

__all__ = ["GradientFlowView"]


@final
class GradientFlowView(ProbeView):
    """The norm of dL/dh_t for t = 1..T, shape (T,)."""

    title = "Gradient flow"
    about = (
        "The norm of the loss's gradient with respect to the state of each step, on a logarithmic axis. A line that falls "
        "towards small t means that the gradient vanishes on its way back: the first steps are not learnt from. One that "
        "rises towards small t means that it explodes. A gap is a gradient of exactly 0, or one that is not finite."
    )
    axes = ("step",)
    named = "data"

    @classmethod
    def summary(cls, look: Look) -> str:
        """The two ends and their ratio."""
        array = look.array
        first, last = float(array[0]), float(array[-1])
        ratio = f", ratio {first / last:.3g}" if np.isfinite(first) and np.isfinite(last) and last > 0 else ""
        return f"norm of dL/dh_t at t = 1: {first:.3g}, at t = {len(array)}: {last:.3g}{ratio}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Plot]:
        """The norm over t."""
        array = look.array
        steps = np.arange(1, len(array) + 1, dtype=np.float64)
        return (Plot("norm of dL/dh_t over t", (Series("norm", steps, array, "train"),), log_y=True, x_name="t"),)
