"""Holds an export against its source: weights bit for bit, and outputs on the same held-out samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from workbench.cards import Batch, Dataset, Task, Tokens
from workbench.cards.catalog import task_kind
from workbench.errors import CheckpointError, DataError, ExportError
from workbench.export.export_format import ExportSource
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.checkpoints import Checkpoint, load_checkpoint
from workbench.training.inference import build_model, checkpoint_data, checkpoint_model

__all__ = ["compare_outputs", "compare_weights", "source_checkpoint", "verify_weights"]

NUM_SAMPLES = 8
_CPU = torch.device("cpu")


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
    inputs = task.inputs.random(NUM_SAMPLES, numbers)
    padded = isinstance(task.inputs, Tokens) and task.inputs.special
    lengths = np.full(NUM_SAMPLES, inputs.shape[1], dtype=np.int64) if padded else None
    return Batch(inputs, task.outputs.random(NUM_SAMPLES, numbers), lengths)


def _outputs(model: nn.Module, task: Task, batch: Batch) -> Tensor:
    """What the model computes for some samples."""
    with torch.no_grad():
        return task_kind(task)(task).outputs(model, TensorBatch.of(batch, _CPU))


def _bits(tensor: Tensor) -> Tensor:
    """The tensor's bytes, so that NaN equals NaN and -0 does not equal 0."""
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)
