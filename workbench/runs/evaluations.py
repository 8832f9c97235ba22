"""What a checkpoint was measured at in full, kept with its run: `evaluations/<step>-<split>-<digest>.json`.

An evaluation holds the score of every sample, so that two models that answered the same samples can be compared pair by pair
without loading either of them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self, get_args

from workbench.cards import Split
from workbench.errors import StoreError
from workbench.runs.folder import RunFolder
from workbench.runs.schema import translate
from workbench.saying import one_line

__all__ = [
    "Evaluation",
    "Group",
    "Measure",
    "Reliability",
    "SampleScores",
    "evaluation_stem",
    "evaluations_of",
    "save_evaluation",
]

_VERSION = 1


@dataclass(frozen=True)
class Measure:
    """A metric's value on a set of samples.

    Attributes:
        name: the metric, without its split.
        value: what it came to.
        low, high: an interval of 95 %; None where there is none.
        method: how that was worked out, "" for none.
        baseline: a trivial predictor's score in the metric, or None.
        baseline_is: what that predictor does, or "".
        lower_is_better: which direction is the better one.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    method: str = ""
    baseline: float | None = None
    baseline_is: str = ""
    lower_is_better: bool = False


@dataclass(frozen=True)
class Group:
    """The score of a part of what was measured: of a class, of a range of lengths, of a position.

    Attributes:
        name: which part (`7`, `11 to 20`).
        count: samples, or steps, that count.
        value, low, high: score and its interval.
        method: how the interval was worked out.
    """

    name: str
    count: float
    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Reliability:
    """How often the model is right where it is how sure, see `workbench.uncertainty.Calibration`; None in an empty range."""

    counts: tuple[int, ...]
    confidence: tuple[float | None, ...]
    accuracy: tuple[float | None, ...]
    error: float


@dataclass(frozen=True)
class SampleScores:
    """A metric of each sample: sums over counts, (n,) each."""

    sums: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True)
class Evaluation:
    """A checkpoint, measured in full.

    Attributes:
        run, step: the run's id, and the checkpoint.
        weights: SHA-256 of the checkpoint's file: a run that went back has another checkpoint of the same step.
        split: held-out set.
        changes: settings of the data that were other than in the training, "data.length" -> value.
        samples: how many were measured.
        digest: SHA-256 of the samples themselves: equal digests mean the same samples in the same order.
        score: the metric that the groups and the worst samples are about.
        measures: all metrics.
        classes: names of the classes, or ().
        confusion: counts, true class x predicted class, or None.
        reliability: calibration, or None where there are no probabilities.
        by_class, by_length, by_position: the score of parts; () where there are none.
        worst: samples with the worst score, each with `place` (from 0), `input`, `target`, `predicted`, `score`.
        scores: metric -> the score of every sample.
        created: Unix time.
        seconds: time that it took.
    """

    run: str
    step: int
    weights: str
    split: Split
    changes: dict[str, Any]
    samples: int
    digest: str
    score: str
    measures: tuple[Measure, ...]
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] | None = None
    reliability: Reliability | None = None
    by_class: tuple[Group, ...] = ()
    by_length: tuple[Group, ...] = ()
    by_position: tuple[Group, ...] = ()
    worst: tuple[dict[str, Any], ...] = ()
    scores: dict[str, SampleScores] = field(default_factory=dict, repr=False)
    created: float = 0.0
    seconds: float = 0.0

    def measure(self, name: str) -> Measure | None:
        """One of its metrics, or None."""
        return next((one for one in self.measures if one.name == name), None)

    def to_dict(self, *, scores: bool = True) -> dict[str, Any]:
        """Plain values; without `scores` the samples' own are left out."""
        values = asdict(self)
        if not scores:
            del values["scores"]
        return values

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> Self:
        """What `to_dict` gave.

        Raises:
            ValueError: it is not that.
        """
        try:
            made = cls(
                **{
                    **known,
                    "measures": tuple(Measure(**one) for one in known["measures"]),
                    "classes": tuple(known["classes"]),
                    "confusion": None if known["confusion"] is None else tuple(tuple(row) for row in known["confusion"]),
                    "reliability": None if known["reliability"] is None else _reliability(known["reliability"]),
                    **{name: tuple(Group(**one) for one in known[name]) for name in ("by_class", "by_length", "by_position")},
                    "worst": tuple(known["worst"]),
                    "scores": {
                        name: SampleScores(tuple(map(float, one["sums"])), tuple(map(float, one["counts"])))
                        for name, one in known["scores"].items()
                    },
                }
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(str(error) or type(error).__name__) from error
        if made.split not in get_args(Split) or type(made.step) is not int or type(made.digest) is not str:
            raise ValueError("got other values; expected a split, a step and a digest")
        for one in made.scores.values():
            if not len(one.sums) == len(one.counts) == made.samples:
                raise ValueError(f"got {len(one.sums)} scores; expected {made.samples}")
        return made


def _reliability(values: Mapping[str, Any]) -> Reliability:
    return Reliability(tuple(values["counts"]), tuple(values["confidence"]), tuple(values["accuracy"]), float(values["error"]))


def evaluation_stem(step: int, split: Split) -> str:
    """How the files of a checkpoint's evaluations on a held-out set begin."""
    return f"{step:08d}-{split}-"


def save_evaluation(folder: RunFolder, evaluation: Evaluation) -> Path:
    """Keep an evaluation with its run, in place of an older one of the same checkpoint on the same data.

    Raises:
        StoreError: the folder cannot be written.
    """
    changes = json.dumps(evaluation.changes, sort_keys=True, default=str)
    digest = hashlib.sha256(changes.encode()).hexdigest()[:8]
    path = folder.own(folder.evaluations_path) / f"{evaluation_stem(evaluation.step, evaluation.split)}{digest}.json"
    text = json.dumps({"version": _VERSION, **_finite(evaluation.to_dict())}, ensure_ascii=False, allow_nan=False)
    with translate(path):
        folder.evaluations_path.mkdir(exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)  # noqa: PTH105 - what an older one of the same name is for
    return path


def evaluations_of(folder: RunFolder, which: str = "") -> list[Evaluation]:
    """What is kept with a run, the newest last. Those of another version of this program are left out.

    Args:
        folder: the run.
        which: how the names of their files begin, see `evaluation_stem`; others are not read.

    Raises:
        StoreError: one of them is damaged.
    """
    kept = []
    with translate(folder.evaluations_path):
        paths = sorted(folder.own(folder.evaluations_path).glob(f"{which or '[!.]'}*.json"))
        texts = [(path, path.read_bytes()) for path in paths]
    for path, text in texts:
        try:
            values = _numbers(json.loads(text))
            version = values.pop("version", None) if isinstance(values, dict) else None
            if version == _VERSION or not isinstance(version, int):
                kept.append(Evaluation.from_dict(values))
        except (ValueError, RecursionError) as error:
            reason = one_line(str(error))
            raise StoreError(
                f"{path}: damaged: {reason}; expected an evaluation. Remove the file, and evaluate again."
            ) from error
    return sorted(kept, key=lambda one: one.created)


_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _finite(value: Any) -> Any:
    """The values with words for numbers that JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(one) for one in value]
    return value


def _numbers(value: Any) -> Any:
    """What `_finite` was given."""
    if isinstance(value, dict):
        if value.keys() == {"number"} and value["number"] in _NOT_FINITE:
            return _NOT_FINITE[value["number"]]
        return {key: _numbers(one) for key, one in value.items()}
    return [_numbers(one) for one in value] if isinstance(value, list) else value
