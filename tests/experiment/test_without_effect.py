"""Settings without effect are said before the start."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.experiment.presets import list_presets, load_preset


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"warmup_steps": 500, "steps": 100}, "optimizer.warmup_steps: got 500; the run ends after 100 steps"),
        ({"decay_every": 7}, "optimizer.decay_every: got 7; it has no effect with schedule 'constant'"),
        ({"schedule": "linear", "patience": 7}, "optimizer.patience: got 7; it has no effect with schedule 'linear'"),
        ({"schedule": "step", "decay_every": 100, "steps": 100}, "before the first decay"),
        ({"schedule": "plateau", "eval_every": 0}, "optimizer.patience: got 3; the run evaluates 0 times on the way"),
        ({"clip_norm": 1e6}, "training.clip_norm: got 1000000.0; gradients do not come near it"),
        ({"clip_norm": 1.0, "clip_value": 2.0}, "training.clip_value: got 2.0; it is never reached"),
        ({"early_stopping": 3, "eval_every": 0}, "training.early_stopping: got 3; the run evaluates 0 times"),
        ({"keep_best": 3, "eval_every": 0}, "training.keep_best: got 3; the run evaluates 1 times in all"),
        ({"log_every": 200, "steps": 100}, "training.log_every: got 200"),
        ({"min_delta": 0.1}, "training.min_delta: got 0.1; it has no effect without early stopping"),
        ({"label_smoothing": 0.1}, "training.label_smoothing: got 0.1; it has no effect on regress"),
        ({"on_nonfinite": "rewind", "checkpoint_every": 0}, "training.on_nonfinite: got 'rewind'; the run has no checkpoint"),
        ({"truncate": 100}, "training.truncate: got 100; no sequence is longer than 100 steps"),
        ({"model.name": "seq2seq", "data.name": "reversal", "truncate": 15}, "no sequence is longer than 15 steps"),
        (
            {"model.name": "esn", "data.name": "mackey_glass", "data.length": 500, "clip_norm": 2.0},
            "training.clip_norm: got 2.0; it has no effect on 'esn'",
        ),
    ],
)
def test_a_setting_without_effect_is_said(changes: dict[str, Any], told: str) -> None:
    """With what comes of it, and what to set instead."""
    assert [line for line in load_preset("adding_gru", changes).warnings if told in line]


def test_an_experiment_at_its_defaults_is_not_warned_of() -> None:
    """Only what somebody chose is spoken of."""
    assert not load_preset("adding_gru", {"steps": 1000}).warnings
    assert not load_preset("adding_gru", {"truncate": 99}).warnings


@pytest.mark.parametrize("preset", [preset.name for preset in list_presets() if "path" not in preset.values.get("data", {})])
def test_no_preset_has_a_setting_without_effect(preset: str) -> None:
    """What the workbench ships is meant."""
    assert load_preset(preset).warnings == ()
