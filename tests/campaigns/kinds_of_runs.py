"""The runs that the campaign of kills tries: small, of different mathematics, each with what may be changed while it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """A kind of run.

    Attributes:
        values: the experiment.
        live: values to which its settings are set while it goes on, by "table.key".
        around: step near which it ends.
    """

    values: Mapping[str, Any]
    live: Mapping[str, Sequence[float]]
    around: int


_OFTEN = {"training.log_every": (1, 2, 3), "training.clip_norm": (0, 0.05, 0.5), "training.clip_value": (0, 0.01)}

KINDS: dict[str, Kind] = {
    # generated data, dropout, a schedule of the whole run
    "generated": Kind(
        {
            "model": {"name": "lstm", "hidden_size": 8, "num_layers": 2, "dropout": 0.2},
            "data": {"name": "echo", "length": 10, "delay": 3},
            "optimizer": {"name": "adam", "lr": 5e-3, "schedule": "cosine", "warmup_steps": 50},
            "training": {"steps": 500, "batch_size": 8, "eval_every": 110, "eval_samples": 100, "checkpoint_every": 40},
        },
        {**_OFTEN, "optimizer.lr": (1e-3, 2e-2), "model.dropout": (0, 0.4), "training.checkpoint_every": (0, 25, 60)},
        500,
    ),
    # data from files, checkpoints in the middle of an epoch, momentum
    "stored": Kind(
        {
            "model": {"name": "bp", "hidden_size": 8},
            "data": {"name": "mnist"},
            "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "schedule": "step", "decay_every": 200},
            "training": {"steps": 1200, "batch_size": 64, "eval_every": 300, "eval_samples": 500, "checkpoint_every": 130},
        },
        {**_OFTEN, "optimizer.lr": (0.01, 0.3), "training.eval_every": (0, 170), "training.checkpoint_every": (70, 400)},
        1200,
    ),
    # random draws at every step of a sequence
    "scheduled sampling": Kind(
        {
            "model": {"name": "seq2seq", "hidden_size": 8},
            "data": {"name": "reversal", "min_length": 2, "max_length": 5},
            "optimizer": {"name": "adam", "lr": 5e-3, "schedule": "linear"},
            "training": {
                "steps": 180,
                "batch_size": 8,
                "eval_every": 50,
                "eval_samples": 60,
                "checkpoint_every": 20,
                "teacher_forcing": 0.4,
                "sampling_schedule": "linear",
            },
        },
        {**_OFTEN, "optimizer.lr": (1e-3, 2e-2), "training.teacher_forcing": (0.1, 0.8), "model.dropout": (0.1, 0.3)},
        180,
    ),
    # fitted in closed form
    "closed form": Kind(
        {
            "model": {"name": "esn", "hidden_size": 60},
            "data": {"name": "narma10", "length": 60},
            "optimizer": {"name": "adam"},
            "training": {"steps": 300, "batch_size": 4, "eval_every": 60, "eval_samples": 50, "checkpoint_every": 25},
        },
        {"training.log_every": (1, 2, 5), "training.eval_every": (0, 25, 80), "training.checkpoint_every": (0, 15, 50)},
        300,
    ),
    # what an evaluation changes: learning rate, patience, the best checkpoints
    "plateau": Kind(
        {
            "model": {"name": "gru", "hidden_size": 6},
            "data": {"name": "echo", "length": 8, "delay": 2},
            "optimizer": {"name": "adam", "lr": 3e-2, "schedule": "plateau", "patience": 2},
            "training": {
                "steps": 900,
                "batch_size": 8,
                "eval_every": 10,
                "eval_samples": 40,
                "checkpoint_every": 35,
                "early_stopping": 20,
                "min_delta": 1e-4,
                "keep_best": 3,
            },
        },
        {**_OFTEN, "optimizer.lr": (1e-2, 6e-2), "training.eval_every": (7, 10, 15), "training.checkpoint_every": (0, 20, 50)},
        500,
    ),
    # several batches a step, the gradient cut on its way back through time
    "truncated": Kind(
        {
            "model": {"name": "elman", "hidden_size": 8, "dropout": 0.1},
            "data": {"name": "adding", "length": 12},
            "optimizer": {"name": "rmsprop", "lr": 3e-3},
            "training": {
                "steps": 300,
                "batch_size": 5,
                "accumulate": 3,
                "truncate": 5,
                "clip_norm": 0.5,
                "eval_every": 70,
                "eval_samples": 60,
                "checkpoint_every": 45,
            },
        },
        {**_OFTEN, "training.truncate": (0, 3, 8), "optimizer.lr": (1e-3, 1e-2), "training.eval_every": (30, 100)},
        300,
    ),
    # goes back by itself after values that are not finite
    "rewound": Kind(
        {
            "model": {"name": "elman", "hidden_size": 8, "activation": "relu"},
            "data": {"name": "echo", "length": 10, "delay": 2},
            "optimizer": {"name": "sgd", "lr": 0.05},
            "training": {
                "steps": 600,
                "batch_size": 8,
                "eval_every": 90,
                "eval_samples": 60,
                "checkpoint_every": 30,
                "on_nonfinite": "rewind",
            },
        },
        {
            **_OFTEN,
            "optimizer.lr": (0.02, 0.1, 1000),
            "training.flow_regularizer": (0, 0.1),
            "training.checkpoint_every": (15, 40),
        },
        600,
    ),
}
