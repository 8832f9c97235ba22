"""Whether the recurrence keeps, forgets or magnifies: eigenvalues, singular values and the Lyapunov exponent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, final

import numpy as np

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Picture, Plot, Points, Scatter
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._over_training import curves_over_training
from workbench.plotting.probes._view import ProbeView

if TYPE_CHECKING:
    from workbench.runs.records import Probe

__all__ = ["SpectrumView"]

_EIGENVALUES, _SINGULAR, _LYAPUNOV = "eigenvalues/", "singular_values", "lyapunov"
_SIGNS = (("train", "●"), ("validation", "○"), ("other", "◆"), ("mark", "◇"))


@final
class SpectrumView(ProbeView):
    """Eigenvalues of each matrix (n, 2), singular values (samples, steps, values), Lyapunov exponents (samples,)."""

    title = "Spectrum"
    about = (
        "Eigenvalues of the recurrent matrices about the unit circle, largest first: inside it what they hold fades, "
        "outside it grows. Their largest modulus is drawn over training. Singular values are those of dh_t/dh_{t-1} at some "
        "steps: how much a step stretches a small change. The Lyapunov exponent is the mean growth of a small change in "
        "nats a step: below 0 it dies out."
    )
    axes = ("value", "part")

    @classmethod
    def axes_of(cls, name: str) -> tuple[str, ...]:
        """By what is measured."""
        rest = name.partition("/")[2]
        return {_SINGULAR: ("sample", "step", "value"), _LYAPUNOV: ("sample",)}.get(rest, cls.axes)

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """One of the three forms."""
        rest = name.partition("/")[2]
        if rest.startswith(_EIGENVALUES):
            return super().fits(name, shape) and shape[1] == 2  # noqa: PLR2004 - real and imaginary part
        return rest in (_SINGULAR, _LYAPUNOV) and super().fits(name, shape)

    @classmethod
    def over_training(cls, name: str) -> bool:
        """Radius and exponent are drawn over training."""
        return name.partition("/")[2].startswith(_EIGENVALUES) or name.endswith(f"/{_LYAPUNOV}")

    @classmethod
    def summary(cls, look: Look) -> str:
        """Spectral radii, the largest singular value and the exponent."""
        words = []
        if (row := look.rows.get(_LYAPUNOV)) is not None:  # first: of the rest less is lost where the line is cut
            words.append(f"Lyapunov exponent {float(numbers(row)[look.chosen.sample]):.3g} nats a step")
        if (row := look.rows.get(_SINGULAR)) is not None:
            words.append(f"largest singular value {float(np.nan_to_num(look.of_sample(row)).max(initial=0.0)):.3g}")
        radii = [f"{name.removeprefix(_EIGENVALUES)} {_radius(row):.4g}" for name, row in _matrices(look)]
        words += [f"spectral radius of {', '.join(radii)}"] if radii else []
        return ", ".join(words)

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """Eigenvalues in the plane, radius over training, singular values."""
        pictures: list[Picture] = []
        matrices = _matrices(look)
        if matrices:
            groups = tuple(
                Points(name.removeprefix(_EIGENVALUES), numbers(row), *_SIGNS[place % len(_SIGNS)])
                for place, (name, row) in enumerate(matrices)
            )
            pictures.append(Scatter(f"eigenvalues of {', '.join(group.name for group in groups)}", groups))
            lines = []
            for place, (name, _) in enumerate(matrices):
                taken = look.history(name)
                steps = np.array([row.step for row in taken], dtype=np.float64)
                radii = np.array([_radius(row) for row in taken])
                lines.append(Series(name.removeprefix(_EIGENVALUES), steps, radii, *_SIGNS[place % len(_SIGNS)]))
            pictures.append(curves_over_training("radius by training step", look, lines))
        if (row := look.rows.get(_SINGULAR)) is not None:
            pictures.append(_singular_values(look, row))
        if not pictures:
            taken = look.history(_LYAPUNOV)
            exponents = [float(numbers(row)[min(look.chosen.sample, len(numbers(row)) - 1)]) for row in taken]
            steps = np.array([row.step for row in taken], dtype=np.float64)
            line = Series("exponent", steps, np.array(exponents), "train", "●")
            pictures.append(curves_over_training("Lyapunov exponent by training step", look, (line,)))
        return pictures


def _matrices(look: Look) -> list[tuple[str, Probe]]:
    return [(name, row) for name, row in look.rows.items() if name.startswith(_EIGENVALUES)]


def _radius(row: Probe) -> float:
    """The largest modulus."""
    values = numbers(row)
    moduli = np.hypot(values[:, 0], values[:, 1]) if values.ndim == 2 else np.zeros(0)  # noqa: PLR2004 - (n, 2)
    known = moduli[np.isfinite(moduli)]
    return float(known.max()) if known.size else float("nan")


def _singular_values(look: Look, row: Probe) -> Plot:
    """The singular values of the chosen sample, a line for each step at which they were taken."""
    values = numbers(row)[look.chosen.sample]
    given = row.info.get("steps")
    steps = given if isinstance(given, list) and len(given) == len(values) else range(1, len(values) + 1)
    places = np.arange(1, values.shape[1] + 1, dtype=np.float64)
    lines = tuple(
        Series(f"t = {step}", places, line, *_SIGNS[place % len(_SIGNS)])
        for place, (step, line) in enumerate(zip(steps, values, strict=True))
    )
    return Plot("singular values of dh_t/dh_{t-1}", lines, log_y=True, x_name="value")
