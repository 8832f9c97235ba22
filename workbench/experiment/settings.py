"""Settings that belong to no card: the training loop, the claim."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import AfterValidator

from workbench.cards import Config, setting

__all__ = [
    "LASTING_VIEWS",
    "SNAPSHOT_VIEWS",
    "Claim",
    "Condition",
    "InspectConfig",
    "Measure",
    "Operator",
    "SnapshotView",
    "TrainingConfig",
]

_PATTERN = re.compile(r"[\w.*?!\[\]-]{1,200}", re.ASCII)


def _as_pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        raise ValueError("expected a parameter's name with * for what may stand there, such as encoder.*")
    return text


ParameterPattern: TypeAlias = Annotated[str, AfterValidator(_as_pattern)]
"""Names of parameters: `*` and `?` stand for any signs, as in names of files."""
Operator: TypeAlias = Literal["<", "<=", ">", ">="]
Measure: TypeAlias = Literal["value", "ratio", "difference"]
SnapshotView: TypeAlias = Literal[
    "states",
    "gates",
    "attention",
    "gradient_through_time",
    "spectrum",
    "weights",
    "units",
    "filters",
    "feature_maps",
    "confusion",
    "tree",
    "graph",
]
SNAPSHOT_VIEWS: tuple[SnapshotView, ...] = get_args(SnapshotView)
"""What snapshots hold; which of it a model has, its layers decide."""
LASTING_VIEWS: tuple[SnapshotView, ...] = ("graph",)
"""What is the same at every step of training: the first snapshot of a run that may holds it, and no other."""


class TrainingConfig(Config):
    """Settings of the training loop."""

    steps: int = setting(1000, "Number of optimiser steps.", ge=1, le=100_000_000, unit="steps")
    batch_size: int = setting(32, "Samples per batch.", ge=1, le=65_536, unit="samples")
    seed: int = setting(0, "Random seed of initialisation, batches and dropout.", ge=0, lt=2**63)
    clip_norm: float = setting(
        0.0,
        "Gradient clipping by norm: a gradient with a larger norm is scaled down to this one; 0 turns it off.",
        ge=0,
        live=True,
    )
    clip_value: float = setting(
        0.0,
        "Gradient clipping by value: each component is limited to plus or minus this value; 0 turns it off.",
        ge=0,
        live=True,
        advanced=True,
    )
    truncate: int = setting(
        0,
        "Truncated BPTT: number of steps after which the gradient is cut while the state is carried on; 0 for full BPTT.",
        ge=0,
        unit="steps",
        live=True,
        advanced=True,
    )
    flow_regularizer: float = setting(
        0.0,
        "Weight of the penalty on gradients that grow or shrink from step to step back through time; 0 turns it off.",
        ge=0,
        live=True,
        advanced=True,
    )
    accumulate: int = setting(
        1,
        "Gradient accumulation: batches that make up one optimiser step.",
        ge=1,
        le=4096,
        unit="batches",
        advanced=True,
    )
    label_smoothing: float = setting(
        0.0,
        "Label smoothing of the cross-entropy: probability taken from the target and spread evenly over all classes.",
        ge=0,
        lt=1,
        advanced=True,
    )
    teacher_forcing: float = setting(
        1.0,
        "Teacher forcing: probability that a step's input is the true previous output instead of the model's own.",
        ge=0,
        le=1,
        live=True,
        advanced=True,
    )
    sampling_schedule: Literal["constant", "linear"] = setting(
        "constant",
        "Teacher-forcing probability over the run: constant, or falling linearly from 1 to it (scheduled sampling).",
        advanced=True,
    )
    eval_every: int = setting(
        200, "Steps between two evaluations on the validation set; 0 evaluates only at the end.", ge=0, unit="steps", live=True
    )
    eval_samples: int = setting(
        1000,
        "Number of validation samples per evaluation during training; the test set is always used in full.",
        ge=1,
        unit="samples",
        advanced=True,
    )
    log_every: int = setting(
        1, "Steps between two logged values of the training metrics.", ge=1, unit="steps", live=True, advanced=True
    )
    monitor: str = setting("loss", "Validation metric that decides which checkpoint is the best.", advanced=True)
    early_stopping: int = setting(
        0,
        "Early stopping: evaluations without improvement of the monitored metric before the run ends; 0 turns it off.",
        ge=0,
        unit="evaluations",
        advanced=True,
    )
    min_delta: float = setting(
        0.0,
        "Improvement of the monitored metric that early stopping requires; a smaller one does not count.",
        ge=0,
        advanced=True,
    )
    checkpoint_every: int = setting(
        500, "Steps between two checkpoints; 0 saves one only at the end.", ge=0, unit="steps", live=True
    )
    keep_last: int = setting(2, "Number of most recent checkpoints that are kept.", ge=1, le=1000, advanced=True)
    keep_best: int = setting(
        1, "Number of best checkpoints that are kept, by the monitored metric.", ge=0, le=1000, advanced=True
    )
    on_nonfinite: Literal["stop", "skip", "rewind"] = setting(
        "stop",
        "When the loss or gradient is NaN or infinite: stop, skip the step, or rewind to the last checkpoint.",
        advanced=True,
    )
    freeze: tuple[ParameterPattern, ...] = setting(
        (),
        "Patterns of names of parameters that are not trained, such as encoder.*; none by default.",
        advanced=True,
    )
    threads: int = setting(
        1,
        "CPU threads; 0 chooses by model size and cores. Results with other numbers of threads differ in the last digits.",
        ge=0,
        le=1024,
        advanced=True,
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = setting(
        "auto", "Device to train on; auto uses CUDA or MPS if available, but the CPU for small models.", advanced=True
    )


class InspectConfig(Config):
    """Settings of the snapshots: looks inside the model on a few validation samples. They have no effect on training."""

    every: int = setting(
        1,
        "Evaluations from one snapshot of the model's inside to the next; 0 takes none.",
        ge=0,
        le=1_000_000,
        unit="evaluations",
        live=True,
        advanced=True,
    )
    samples: int = setting(
        4, "Validation samples on which snapshots are taken.", ge=1, le=64, unit="samples", live=True, advanced=True
    )
    views: tuple[SnapshotView, ...] = setting(
        (),
        "What snapshots hold (states, gates, attention ...); empty for everything that the model has.",
        live=True,
        advanced=True,
    )
    share: float = setting(
        0.05,
        "Largest share of the training time that snapshots may take, the first and the last apart; what the first one costs "
        "settles how often they are taken. 1 sets no limit.",
        gt=0,
        le=1,
        live=True,
        advanced=True,
    )


class Condition(Config):
    """A further bound of a claim, on the runs that it needs anyway."""

    metric: str = setting(..., "Tag of the scalar that is tested (test/length_tv).")
    operator: Operator = setting(..., "Comparison of the metric with the threshold.")
    threshold: float = setting(..., "Value that the metric is compared with.")
    of: Literal["preset", "contrast"] = setting("preset", "Whose metric is tested: this preset's or its contrast's.")
    measure: Measure = setting(
        "value", "For a contrast: its metric, or per seed this preset's metric divided by it (ratio) or minus it (difference)."
    )


class Claim(Config):
    """What an experiment shows, as a test on final metrics."""

    sentence: str = setting(..., "The claim in words.")
    metric: str = setting(..., "Tag of the scalar that is tested (test/accuracy), or its maximum over the run (max train/loss).")
    operator: Operator = setting(..., "Comparison of the metric with the threshold.")
    threshold: float = setting(..., "Value that the metric is compared with.")
    against: str | None = setting(None, "Preset of the contrast.")
    against_operator: Operator | None = setting(None, "Comparison of the contrast's metric with its threshold.")
    against_threshold: float | None = setting(None, "Threshold of the contrast's metric.")
    against_measure: Measure = setting(
        "value",
        "What is compared with the contrast's threshold: its metric, or per seed this preset's metric divided by it or minus it.",
    )
    also: tuple[Condition, ...] = setting((), "Further conditions, each a table [[claim.also]]; all of them must hold.")
