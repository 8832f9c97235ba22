"""Holds an export against its source: weights bit for bit, and outputs on the same held-out samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import Dataset
from workbench.errors import CheckpointError, DataError, ExportError
from workbench.export.card import ExportSource
from workbench.task import BOS, EOS, SPECIAL_SYMBOLS, Batch, Classes, Image, Nothing, Signal, Task, TaskKind, Tokens, Vectors
from workbench.training.checkpoints import Checkpoint, load_checkpoint
from workbench.training.opened import build_model, checkpoint_data, checkpoint_model

__all__ = ["compare_outputs", "compare_weights", "source_checkpoint", "verify_weights"]

NUM_SAMPLES = 8
_STEPS = 20
"""Steps of a made-up series whose length is free."""


def source_checkpoint(source: ExportSource) -> Checkpoint:
    """The checkpoint that is exported.

    Raises:
        CheckpointError: there is none, or it is damaged.
    """
    if source.checkpoint is None:
        raise CheckpointError(f"{source.folder.id}: no checkpoint was chosen. A format that reads weights sets needs_checkpoint.")
    return load_checkpoint(source.checkpoint)


def verify_weights(source: ExportSource, loaded: Mapping[str, Tensor]) -> dict[str, str]:
    """Compare loaded weights with the checkpoint's, and the outputs of two models built from them.

    Raises:
        ExportError: they differ.
    """
    checkpoint = source_checkpoint(source)
    verified = {"weights": compare_weights(checkpoint.model, loaded)}
    experiment = checkpoint.experiment
    dataset = checkpoint_data(source.folder, checkpoint)
    original = checkpoint_model(checkpoint, dataset)
    copy = build_model(experiment, dataset, dict(loaded))
    verified["outputs"] = compare_outputs(original, copy, dataset)
    return verified


def compare_weights(source: Mapping[str, Tensor], loaded: Mapping[str, Tensor]) -> str:
    """Names, types, shapes and bits of all tensors; what was found, in words.

    Raises:
        ExportError: they differ; the message names the first tensor.
    """
    if source.keys() != loaded.keys():
        name = min(source.keys() ^ loaded.keys())
        raise ExportError(f"tensor '{name}' is only on one side; expected the same names. Nothing was kept; try again.")
    for name, tensor in source.items():
        other = loaded[name]
        if tensor.dtype != other.dtype or tensor.shape != other.shape or not torch.equal(_bits(tensor), _bits(other)):
            raise ExportError(f"tensor '{name}' differs from the checkpoint's. Nothing was kept; check disk and memory.")
    return f"{len(source)} tensors equal bitwise"


def compare_outputs(source: nn.Module, loaded: nn.Module, dataset: Dataset) -> str:
    """Outputs of two models in eval mode on the first test samples, or, where the data's files are not here, on made-up ones.

    Returns:
        What was found, in words.

    Raises:
        ExportError: they differ.
    """
    try:
        batch, what = dataset.held_out("test").slice(0, NUM_SAMPLES), "test"
    except DataError:
        batch, what = _made_up(dataset.task), "made-up"
    expected, got = _outputs(source, dataset.task, batch), _outputs(loaded, dataset.task, batch)
    if expected.shape != got.shape:
        raise ExportError(f"outputs have shape {tuple(got.shape)}; expected {tuple(expected.shape)}. Nothing was kept.")
    if not torch.equal(_bits(expected), _bits(got)):
        difference = float((expected - got).abs().max())
        raise ExportError(f"outputs differ by {difference:g} from the checkpoint's; expected 0. Nothing was kept.")
    return f"{len(expected)} {what} samples, largest difference 0"


def _made_up(task: Task) -> Batch:
    """Samples of the right form, always the same."""
    numbers = np.random.default_rng(0)

    def signal(kind: Signal) -> NDArray[np.generic]:
        match kind:
            case Tokens(symbols=symbols, max_length=longest, special=special):
                found = numbers.integers(len(SPECIAL_SYMBOLS) if special else 0, len(symbols), (NUM_SAMPLES, longest))
                if special:
                    found[:, -1] = EOS
                return found
            case Vectors(size=size, length=length, max_length=longest):
                steps = length or min(longest or _STEPS, _STEPS)
                return numbers.standard_normal((NUM_SAMPLES, steps, size)).astype(np.float32)
            case Image(channels, height, width):
                return numbers.random((NUM_SAMPLES, channels, height, width), dtype=np.float32)
            case Classes(names=names):
                return numbers.integers(len(names), size=NUM_SAMPLES)
            case Nothing():
                return np.zeros((NUM_SAMPLES, 0), dtype=np.float32)

    inputs = signal(task.inputs)
    padded = isinstance(task.inputs, Tokens) and task.inputs.special
    lengths = np.full(NUM_SAMPLES, inputs.shape[1], dtype=np.int64) if padded else None
    return Batch(inputs, signal(task.outputs), lengths)


def _outputs(model: nn.Module, task: Task, batch: Batch) -> Tensor:
    """What the model answers on some samples.

    For `transduce` its logits along the true targets, for `generate` the true targets' negative log-likelihood.
    """
    inputs = torch.from_numpy(batch.inputs)
    lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths)
    arguments: tuple[Any, ...] = (inputs, lengths)
    if task.kind is TaskKind.TRANSDUCE:
        targets = torch.from_numpy(batch.targets)
        first = torch.full((len(targets), 1), BOS, dtype=targets.dtype)
        arguments = (inputs, lengths, torch.cat([first, targets[:, :-1]], dim=1))
    elif task.kind is TaskKind.GENERATE:
        arguments = (inputs, torch.from_numpy(batch.targets))
    with torch.no_grad():
        outputs: Tensor = model(*arguments)
    return outputs


def _bits(tensor: Tensor) -> Tensor:
    """The tensor's bytes, so that NaN equals NaN and -0 does not equal 0."""
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)
