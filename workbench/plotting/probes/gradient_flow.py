"""How much of the loss's gradient reaches each step of the past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Names, Picture, Plot
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._over_training import shades_over_training
from workbench.plotting.probes._view import ProbeView

__all__ = ["GradientFlowView"]


@final
class GradientFlowView(ProbeView):
    """The norm of dL/dh_t for t = 1..T, shape (T,)."""

    title = "Gradient flow"
    about = (
        "The norm of the loss's gradient with respect to the state of each step, on a logarithmic axis. A line that falls "
        "towards small t means that the gradient vanishes on its way back: the first steps are not learnt from. One that "
        "rises towards small t means that it explodes. A gap is a gradient of exactly 0, or one that is not finite. The shades "
        "have one line for each evaluation, so that one sees when in training the past began to be learnt from."
    )
    axes = ("step",)
    named = "data"

    @classmethod
    def over_training(cls, name: str) -> bool:
        """The norms are."""
        del name
        return True

    @classmethod
    def summary(cls, look: Look) -> str:
        """The two ends and their ratio."""
        array = look.array
        first, last = float(array[0]), float(array[-1])
        ratio = f", ratio {first / last:.3g}" if np.isfinite(first) and np.isfinite(last) and last > 0 else ""
        return f"norm of dL/dh_t at t = 1: {first:.3g}, at t = {len(array)}: {last:.3g}{ratio}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The norm over t, and over t and training."""
        array = look.array
        steps = np.arange(1, len(array) + 1, dtype=np.float64)
        curve = Plot("norm of dL/dh_t over t", (Series("norm", steps, array, "train"),), log_y=True, x_name="t")
        moments = [(row.step, numbers(row)) for row in look.history()]
        columns = Names.counted("t", len(array), 1)
        return curve, shades_over_training("log10 norm, training by t", moments, columns, log="norm")
