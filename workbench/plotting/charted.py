"""What of a run can be charted: its metrics, each with the tags that measure it on one split of the data or another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.cards import Task
from workbench.cards.catalog import known_metrics, task_kinds

__all__ = [
    "SPLITS",
    "ChartedMetric",
    "Split",
    "baseline_level",
    "bound_level",
    "charted_metrics",
    "direction",
    "metric_of",
    "spans_decades",
    "title_of",
]


@dataclass(frozen=True)
class Split:
    """Data that a metric was measured on.

    Attributes:
        name: what stands before the metric in a tag (`validation`).
        label: what a legend calls its line.
        role: names its colour: `train`, `validation` or `other`.
        marker: sign put on its points while these are few; "" for a line of many.
    """

    name: str
    label: str
    role: str
    marker: str = ""


SPLITS = (
    Split("train", "train", "train"),
    Split("validation", "validation", "validation", "●"),
    Split("test", "test", "other", "■"),
    Split("test_best", "test (best)", "other", "□"),
)
"""What a run measures on, in the order of a chart's lines."""

_TITLES = {"grad_norm": "gradient norm", "lr": "learning rate"}
_MAGNITUDES = ("_norm", "_ratio")


@dataclass(frozen=True)
class ChartedMetric:
    """One metric of a run.

    Attributes:
        name: the metric without a split (`mse`), or the whole tag of a series whose split is unknown.
        tags: the series that measure it, in the order of `SPLITS`.
    """

    name: str
    tags: tuple[str, ...]

    @property
    def splits(self) -> tuple[Split, ...]:
        """What it was measured on; none for a series whose split is unknown."""
        return tuple(split for split in SPLITS if f"{split.name}/{self.name}" in self.tags)

    @property
    def meaning(self) -> str:
        """What it is, in one line, as its card says; "" where no card knows it."""
        metric = known_metrics().get(self.name)
        return metric.meaning if metric is not None else ""


def metric_of(tag: str) -> str:
    """The metric that a tag is about: what follows a known split, else the whole tag. `max train/loss` is about `loss`."""
    split, _, name = tag.removeprefix("max ").partition("/")
    return name if name and any(split == known.name for known in SPLITS) else tag


def charted_metrics(tags: Iterable[str]) -> list[ChartedMetric]:
    """The metrics of a run's tags: the task's own first, then those of training and architecture, then the unknown ones."""
    by_name: dict[str, set[str]] = {}
    for tag in tags:
        by_name.setdefault(metric_of(tag), set()).add(tag)
    known = list(known_metrics())
    names = sorted(by_name, key=lambda name: (known.index(name) if name in known else len(known), name))
    return [
        ChartedMetric(name, tuple(tag for split in SPLITS if (tag := f"{split.name}/{name}") in by_name[name]) or (name,))
        for name in names
    ]


def title_of(name: str) -> str:
    """What a chart of a metric is called."""
    return _TITLES.get(name, name)


def direction(name: str) -> str:
    """Which values of a metric are better, in words; "" where that cannot be said (a learning rate)."""
    metric = known_metrics().get(name)
    if metric is None:
        return ""
    if metric.lower_is_better:
        return "lower is better"
    scored = any(metric.name == name for kind in task_kinds().values() for metric in kind.metrics)
    return "higher is better" if scored else ""


def spans_decades(name: str) -> bool:
    """Whether a metric is best seen on a logarithmic axis at first: an error, a norm, a ratio; not a share or a rate."""
    return direction(name) == "lower is better" or name.endswith(_MAGNITUDES)


def baseline_level(name: str, task: Task) -> tuple[float, str] | None:
    """What a trivial predictor reaches in a metric, with its name; None where the data say nothing of it."""
    measured = {name, "mse"} if name == "loss" else {name}  # a squared error is the loss of its tasks
    baseline = next((base for base in task.baselines if base.metric in measured), None)
    return None if baseline is None else (baseline.value, f"{baseline.value:.3g} {baseline.sentence}")


def bound_level(name: str, metric: str, operator: str, threshold: float, whose: str = "claim") -> tuple[float, str] | None:
    """What a claim asks of a metric, with its name (`claim: test < 0.01`); None where it is about another metric.

    Args:
        name: the metric that is charted.
        metric: the tag that the claim is about, with `max` before it for its highest value.
        operator, threshold: what the claim asks.
        whose: whose bound it is.
    """
    if metric_of(metric) != name:
        return None
    return threshold, f"{whose}: {metric.removesuffix(name).rstrip('/')} {operator} {threshold:g}"
