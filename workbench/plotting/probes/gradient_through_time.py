"""How the loss's gradient fares on its way back through the steps of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Heatmap, Names, Picture, Plot, Scale
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._order import units_over_steps
from workbench.plotting.probes._over_training import shades_over_training
from workbench.plotting.probes._view import ProbeView
from workbench.saying import exact

__all__ = ["GradientThroughTimeView"]

_NORM, _UNIT = "norm", "unit"


@final
class GradientThroughTimeView(ProbeView):
    """dL/dh_t: its norm, `<layer>/norm` (samples, steps), and its shares by unit, `<layer>/unit` (samples, steps, units)."""

    title = "Gradient through time"
    about = (
        "The gradient of the loss with respect to the state of each step. The curve is its norm on a logarithmic axis: "
        "falling towards small t it vanishes on its way back, rising it explodes. The first heatmap has one line for each "
        "snapshot, so that one sees when in training the past began to be learnt from. The second has the sign and share of "
        "each unit."
    )
    axes = ("sample", "step")

    @classmethod
    def axes_of(cls, name: str) -> tuple[str, ...]:
        """Of units there is one axis more."""
        return (*cls.axes, _UNIT) if name.endswith(f"/{_UNIT}") else cls.axes

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """A norm, or shares by unit."""
        return name.rpartition("/")[2] in (_NORM, _UNIT) and super().fits(name, shape)

    @classmethod
    def over_training(cls, name: str) -> bool:
        """Norms are drawn over training."""
        return name.endswith(f"/{_NORM}")

    @classmethod
    def summary(cls, look: Look) -> str:
        """Both ends and their ratio."""
        row = look.rows.get(_NORM)
        if row is None:
            return "shares by unit"
        values, steps = look.of_sample(row), look.steps(row)
        first, last = float(values[0]), float(values[-1])
        ratio = f", ratio {exact(first / last, 3)}" if np.isfinite(first) and np.isfinite(last) and last > 0 else ""
        return f"norm of dL/dh_t at t = {steps[0]}: {exact(first, 3)}, at t = {steps[-1]}: {exact(last, 3)}{ratio}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The curve, the norm over training, and the shares of the units."""
        pictures: list[Picture] = []
        if (row := look.rows.get(_NORM)) is not None:
            steps = look.steps(row)
            line = Series("norm", np.array(steps, dtype=np.float64), look.of_sample(row), "train")
            pictures.append(Plot("norm of dL/dh_t by t", (line,), log_y=True, x_name="t"))
            pictures.append(_over_training(look, steps))
        if (row := look.rows.get(_UNIT)) is not None:
            values, everything = look.of_sample(row), numbers(row)
            order = look.order(everything.reshape(-1, everything.shape[-1]))
            title = "dL/dh_t, units by steps (1: the largest)"
            scale = Scale(-1.0, 1.0, diverging=True)
            pictures.append(units_over_steps(title, values, order, look.steps(row), look.words(row), scale))
        return pictures


def _over_training(look: Look, steps: list[int]) -> Heatmap:
    """log10 of the norm: one row a snapshot, one column a step of the sequence."""
    sample, moments = look.chosen.sample, []
    for row in look.history(_NORM):
        if row.array is not None and row.array.ndim == 2:  # noqa: PLR2004 - samples, steps
            values = numbers(row)
            moments.append((row.step, values[sample] if sample < len(values) else np.zeros(0)))
    return shades_over_training("log10 norm, training by t", moments, Names("t", list(map(str, steps))), log="norm")
