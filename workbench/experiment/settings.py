"""Settings that belong to no card: the training loop, the claim."""

from __future__ import annotations

from typing import Literal, TypeAlias

from workbench.cards import Config, setting

__all__ = ["Claim", "Condition", "Measure", "Operator", "TrainingConfig"]

Operator: TypeAlias = Literal["<", "<=", ">", ">="]
Measure: TypeAlias = Literal["value", "ratio", "difference"]


class TrainingConfig(Config):
    """Settings of the training loop."""

    steps: int = setting(1000, "Optimiser steps in all.", ge=1, le=100_000_000, unit="steps")
    batch_size: int = setting(32, "Samples in a batch.", ge=1, le=65_536, unit="samples")
    seed: int = setting(0, "Seed of initialisation, batches and dropout.", ge=0, lt=2**63)
    clip_norm: float = setting(0.0, "Scale the gradient down to this norm where it is larger; 0 turns it off.", ge=0, live=True)
    clip_value: float = setting(
        0.0, "Cut each gradient component to plus or minus this; 0 turns it off.", ge=0, live=True, advanced=True
    )
    truncate: int = setting(
        0,
        "Steps of a sequence after which the gradient through time is cut while the state is carried on; 0 cuts nothing.",
        ge=0,
        unit="steps",
        live=True,
        advanced=True,
    )
    flow_regularizer: float = setting(
        0.0,
        "Weight of the penalty on a gradient that grows or shrinks from step to step on its way back; 0 turns it off.",
        ge=0,
        live=True,
        advanced=True,
    )
    accumulate: int = setting(
        1,
        "Batches whose gradients make one step, as those of one large batch would.",
        ge=1,
        le=4096,
        unit="batches",
        advanced=True,
    )
    label_smoothing: float = setting(
        0.0, "Share of the target's probability spread over all classes (cross-entropy).", ge=0, lt=1, advanced=True
    )
    teacher_forcing: float = setting(
        1.0,
        "Probability that a step of a sequence is fed the true symbol instead of the model's own.",
        ge=0,
        le=1,
        live=True,
        advanced=True,
    )
    sampling_schedule: Literal["constant", "linear"] = setting(
        "constant",
        "How that share goes: the same all along, or falling from 1 to it over the run (scheduled sampling).",
        advanced=True,
    )
    eval_every: int = setting(
        200, "Steps between two evaluations on validation data; 0 means only at the end.", ge=0, unit="steps", live=True
    )
    eval_samples: int = setting(
        1000, "Validation samples used while training (the test set is always used whole).", ge=1, unit="samples", advanced=True
    )
    log_every: int = setting(1, "Steps between two logged values.", ge=1, unit="steps", live=True, advanced=True)
    monitor: str = setting("loss", "Validation metric that decides which checkpoint is best.", advanced=True)
    early_stopping: int = setting(
        0,
        "Evaluations without a better monitored metric before the run ends; 0 turns it off.",
        ge=0,
        unit="evaluations",
        advanced=True,
    )
    min_delta: float = setting(
        0.0,
        "Smallest gain in the monitored metric that early stopping takes for better.",
        ge=0,
        advanced=True,
    )
    checkpoint_every: int = setting(500, "Steps between two checkpoints; 0 means only at the end.", ge=0, unit="steps", live=True)
    keep_last: int = setting(2, "Newest checkpoints kept.", ge=1, le=1000, advanced=True)
    keep_best: int = setting(1, "Best checkpoints kept, by the monitored metric.", ge=0, le=1000, advanced=True)
    on_nonfinite: Literal["stop", "skip", "rewind"] = setting(
        "stop",
        "What to do at a NaN or infinite loss or gradient: stop, skip the step, or go back to the last checkpoint.",
        advanced=True,
    )
    threads: int = setting(
        1,
        "CPU threads of the worker; 0 chooses by model size and cores. Other numbers of threads give other last digits.",
        ge=0,
        le=1024,
        advanced=True,
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = setting(
        "auto", "Where to train; auto takes CUDA or MPS where there is one, and keeps small models on the CPU.", advanced=True
    )


class Condition(Config):
    """A further bound of a claim, on the runs that it needs anyway."""

    metric: str = setting(..., "Tag of the scalar that decides (test/length_tv).")
    operator: Operator = setting(..., "How the metric compares with the threshold.")
    threshold: float = setting(..., "The value it is compared with.")
    of: Literal["preset", "contrast"] = setting("preset", "Whose metric: this preset's or its contrast's.")
    measure: Measure = setting(
        "value", "Of a contrast: its metric, or this preset's metric divided by it or minus it, seed by seed."
    )


class Claim(Config):
    """What an experiment shows, as a test on final metrics."""

    sentence: str = setting(..., "The claim in words.")
    metric: str = setting(
        ..., "Tag of the scalar that decides (test/accuracy), or its highest value of the whole run (max train/loss)."
    )
    operator: Operator = setting(..., "How the metric compares with the threshold.")
    threshold: float = setting(..., "The value it is compared with.")
    against: str | None = setting(None, "Preset that shows the contrast.")
    against_operator: Operator | None = setting(None, "How the contrast's metric compares.")
    against_threshold: float | None = setting(None, "The contrast's threshold.")
    against_measure: Measure = setting(
        "value",
        "What the contrast's threshold bounds: its metric, or this preset's metric divided by it or minus it, seed by seed.",
    )
    also: tuple[Condition, ...] = setting((), "Further conditions, each a table [[claim.also]]; all must hold.")
