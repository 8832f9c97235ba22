"""What is known of a checkpoint's model with parts switched off, and what is still to be measured. Nothing here draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.cards.catalog import main_metric
from workbench.plotting.ablated import Change
from workbench.training.parts import Part

__all__ = ["Ablations", "Measured", "headed_names", "numbered", "short_names"]


@dataclass(frozen=True, eq=False)
class Measured:
    """What the model scored once.

    Attributes:
        metrics: metric -> value.
        samples, of: how many validation samples were measured, and how many there are.
        items: the first samples with the model's predictions.
        answers: what a prediction is made of, see `AnswerForm`.
        images: their pictures (n, height, width), or None.
    """

    metrics: Mapping[str, float]
    samples: int
    of: int
    items: Sequence[Mapping[str, Any]]
    answers: str
    images: Sequence[Any] | None


@dataclass(eq=False)
class Ablations:
    """One checkpoint.

    Attributes:
        step: of the checkpoint.
        intact: what the model scores with all its parts, once that is known.
        off: what it scores without each part that was switched off.
        waiting: parts that are still to be measured, in this order; None stands for the intact model.
        now: what is being measured, as a list of one, or of none.
    """

    step: int
    intact: Measured | None = None
    off: dict[Part, Measured] = field(default_factory=dict)
    waiting: list[Part | None] = field(default_factory=list)
    now: list[Part | None] = field(default_factory=list)
    _changes: dict[tuple[Part, str], Change] = field(default_factory=dict, repr=False)

    @property
    def busy(self) -> bool:
        """Whether anything is being measured, or to be."""
        return bool(self.now or self.waiting)

    def want(self, parts: Iterable[Part], *, first: bool = False) -> None:
        """Have parts measured that are not yet; the intact model before all of them.

        Args:
            parts: the parts.
            first: whether they come before what waits.
        """
        known = (*self.off, *self.now)
        wanted = [part for part in parts if part not in known]
        rest = [part for part in self.waiting if part is not None and part not in wanted]
        self.waiting = [*wanted, *rest] if first else [*rest, *wanted]
        if self.intact is None and None not in self.now:
            self.waiting.insert(0, None)

    def begin(self) -> bool:
        """Go on to what waits first; whether there is anything, and nothing is being measured."""
        if self.now or not self.waiting:
            return False
        self.now = [self.waiting.pop(0)]
        return True

    def take(self, measured: Measured) -> None:
        """What was being measured is known."""
        (part,) = self.now
        self.now = []
        if part is None:
            self.intact = measured
        else:
            self.off[part] = measured

    def stop(self) -> None:
        """Measure nothing more."""
        self.waiting, self.now = [], []

    # What it comes to ----------------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[str]:
        """Names of what is measured; the one that stands for the others first, and last what is 0 with nothing switched off.

        A score that even the intact model does not get ranks no part.
        """
        values = self.intact.metrics if self.intact is not None else {}
        main = main_metric(list(values))
        return sorted(values, key=lambda name: (not values[name], name != main))

    def change(self, part: Part, metric: str) -> Change | None:
        """How a metric changes without a part, where both are known."""
        known = self._changes.get((part, metric))
        measured = self.off.get(part)
        if known is not None or self.intact is None or measured is None or metric not in self.intact.metrics:
            return known
        change = Change.of(metric, self.intact.metrics[metric], measured.metrics.get(metric, math.nan))
        self._changes[part, metric] = change
        return change

    def ranked(self, parts: Iterable[Part], metric: str) -> list[Part]:
        """Parts with the one that is missed most first; those that are not measured stand behind, in their own order."""
        changes = {part: self.change(part, metric) for part in parts}
        known = [part for part, change in changes.items() if change is not None]
        harms = {part: change.harm for part, change in changes.items() if change is not None}
        return [*sorted(known, key=lambda part: -harms[part]), *(part for part, change in changes.items() if change is None)]


def numbered(name: str, count: int) -> list[Part]:
    """All parts of a name: one without a number where there is a single one."""
    return [Part(name, number) for number in range(count)] if count else [Part(name)]


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Names without the beginning of their paths that all have in common; the part itself always stays."""
    paths = {name: _path(name) for name in names}
    shared = _shared(list(paths.values()))
    return {name: "/".join(filter(None, (".".join(path[shared:]), _end(name)))) for name, path in paths.items()}


def headed_names(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Each name as the heading of its layer and the rest: `layers.0`, `attention/head`; "" where there is one heading alone."""
    paths = {name: _path(name) for name in names}
    cuts = {name: _layer(path) for name, path in paths.items()}
    shared = _shared([path[: cuts[name]] for name, path in paths.items()])
    heads = {name: ".".join(path[shared : cuts[name]]) for name, path in paths.items()}
    several = len(set(heads.values())) > 1
    return {
        name: ((heads[name] or "model") if several else "", "/".join(filter(None, (".".join(path[cuts[name] :]), _end(name)))))
        for name, path in paths.items()
    }


def _path(name: str) -> list[str]:
    """The modules that lead to a part."""
    return name.rpartition("/")[0].split(".") if "/" in name else []


def _end(name: str) -> str:
    return name.rpartition("/")[2]


def _shared(paths: Sequence[Sequence[str]]) -> int:
    """How many names at the beginning all paths have in common; a number keeps the name before it (`layers.0`)."""
    shared = 0
    while paths and all(len(path) > shared and path[shared] == paths[0][shared] for path in paths):
        shared += 1
    numbered_next = any(len(path) > shared and path[shared].isdigit() for path in paths)
    return shared - 1 if shared and numbered_next else shared


def _layer(path: Sequence[str]) -> int:
    """Up to where a path names a layer: its last number, else all but the module itself."""
    return next((place + 1 for place in reversed(range(len(path))) if path[place].isdigit()), max(0, len(path) - 1))
