"""What the axes of a tensor are, told by their sizes: samples, steps of the input or the output, nodes of trees, features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from workbench.cards import TaskKind
from workbench.cards.task_kind import Interface
from workbench.nn.tensor_batch import TensorBatch

__all__ = ["Axes", "Time"]

Time: TypeAlias = Literal["T", "U"]
"""Steps of the input, or of an output that has its own."""

_ALONG_INPUTS = (Interface.EVERY_STEP, Interface.FREE_RUNNING)
"""Interfaces whose targets go along the steps of the input."""
_PICTURE = ("", "channels", "height", "width")
_OTHER: dict[Time, Time] = {"T": "U", "U": "T"}


@dataclass(frozen=True)
class Axes:
    """Sizes by which axes are known.

    Attributes:
        num_samples: N.
        num_steps: T, and U where the output has steps of its own.
        num_nodes: nodes of all trees; 0 where there are none.
        longest: place of the sample with the most steps, and their number.
    """

    num_samples: int
    num_steps: dict[Time, int]
    num_nodes: int
    longest: tuple[int, int]

    @classmethod
    def of(cls, objective: TaskKind, batch: TensorBatch, num_nodes: int = 0) -> Axes:
        """From a batch; a picture has as many steps as rows, for who reads it so."""
        inputs, targets, steps = batch.inputs, batch.targets, dict[Time, int]()
        if inputs.ndim > 1 and inputs.numel():
            steps["T"] = inputs.shape[2 if inputs.ndim == len(_PICTURE) else 1]
        in_steps = targets.ndim == 3 or (targets.ndim == 2 and not targets.is_floating_point())  # noqa: PLR2004 - (N, U), (N, U, F)
        if in_steps and objective.interface not in _ALONG_INPUTS:
            steps["U"] = targets.shape[1]
        lengths = batch.lengths
        longest = (0, steps.get("T", 1)) if lengths is None else (int(lengths.argmax()), int(lengths.max()))
        return cls(len(inputs), steps, num_nodes, longest)

    def names(self, shape: Sequence[int] | None, time: Time, *, whole: bool = False) -> list[str]:
        """What each axis is: `N`, `T`, `U`, `nodes`, `channels`, `height`, `width`, or "" for features.

        Args:
            shape: the sizes, samples first as a rule.
            time: which steps are meant where both fit.
            whole: whether the numbers are whole ones, such as tokens: then there are no features.
        """
        if not shape:
            return []
        times = {self.num_steps[one]: one for one in (_OTHER[time], time) if one in self.num_steps}
        names = [""] * len(shape)
        if len(shape) > 1 and shape[1] == self.num_samples != shape[0] and shape[0] in times:
            names[:2] = [times[shape[0]], "N"]  # steps first
            return names
        joined = {self.num_samples * steps: f"N {one}" for steps, one in times.items()}
        others = joined | ({self.num_nodes: "nodes"} if self.num_nodes else {})
        names[0] = "N" if shape[0] == self.num_samples else others.get(shape[0], "")
        if len(shape) == len(_PICTURE):
            return [names[0], *_PICTURE[1:]]
        after = range(1, len(shape)) if len(shape) == 3 or whole else ()  # noqa: PLR2004 - (N, T, F)
        axis = next((axis for axis in after if shape[axis] in times), None)
        if axis is not None:
            names[axis] = times[shape[axis]]
        return names
