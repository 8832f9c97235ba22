"""Presets of three steps with claims that hold, fail or cannot be measured, in a folder of the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["preset"]

_TINY = """
title = "A tiny Elman network"
about = "Three steps, for tests."

[model]
name = "elman"
hidden_size = 4

[data]
name = "echo"
length = 8
delay = 2

[optimizer]
name = "sgd"
lr = {lr}

[training]
steps = {steps}
batch_size = 4
eval_every = 0
checkpoint_every = 0
"""

_CLAIM = """
[claim]
sentence = "It is {operator} {threshold}."
metric = "{metric}"
operator = "{operator}"
threshold = {threshold}
"""


def preset(  # noqa: PLR0913 - what a preset may differ in
    folder: Path,
    name: str,
    claim: tuple[str, str, float] | None = None,
    *,
    against: tuple[str, str, float] | None = None,
    also: tuple[dict[str, Any], ...] = (),
    steps: int = 3,
    lr: float = 0.1,
) -> str:
    """Write a preset's file and return its path.

    Args:
        folder: where it goes.
        name: the file's name.
        claim: metric, operator and threshold.
        against: file of the contrast, operator and threshold.
        also: further conditions, by their keys.
        steps, lr: of its training.
    """
    text = _TINY.format(steps=steps, lr=lr)
    if claim is not None:
        text += _CLAIM.format(metric=claim[0], operator=claim[1], threshold=claim[2])
    if against is not None:
        text += f'against = "{against[0]}"\nagainst_operator = "{against[1]}"\nagainst_threshold = {against[2]}\n'
    for more in also:
        text += "\n[[claim.also]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)
