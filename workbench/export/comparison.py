"""Holds an export against its source: weights bit for bit, and outputs on the same held-out samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from workbench.cards import Dataset
from workbench.errors import CheckpointError, ExportError
from workbench.export.card import ExportSource
from workbench.task import BOS, TaskKind
from workbench.training.checkpoints import Checkpoint, load_checkpoint
from workbench.training.opened import build_model

__all__ = ["compare_outputs", "compare_weights", "source_checkpoint", "verify_weights"]

NUM_SAMPLES = 8


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
    dataset = experiment.dataset_card.open(experiment.data.config)
    original = build_model(experiment, dataset, checkpoint.model)
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
    """Outputs of two models in eval mode on the first test samples; what was found, in words.

    Raises:
        ExportError: they differ.
    """
    expected, got = _outputs(source, dataset), _outputs(loaded, dataset)
    if expected.shape != got.shape:
        raise ExportError(f"outputs have shape {tuple(got.shape)}; expected {tuple(expected.shape)}. Nothing was kept.")
    if not torch.equal(_bits(expected), _bits(got)):
        difference = float((expected - got).abs().max())
        raise ExportError(f"outputs differ by {difference:g} from the checkpoint's; expected 0. Nothing was kept.")
    return f"{len(expected)} test samples, largest difference 0"


def _outputs(model: nn.Module, dataset: Dataset) -> Tensor:
    """What the model answers on the first test samples.

    For `transduce` its logits along the true targets, for `generate` the true targets' negative log-likelihood.
    """
    batch = dataset.held_out("test").slice(0, NUM_SAMPLES)
    inputs = torch.from_numpy(batch.inputs)
    lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths)
    arguments: tuple[Any, ...] = (inputs, lengths)
    if dataset.task.kind is TaskKind.TRANSDUCE:
        targets = torch.from_numpy(batch.targets)
        first = torch.full((len(targets), 1), BOS, dtype=targets.dtype)
        arguments = (inputs, lengths, torch.cat([first, targets[:, :-1]], dim=1))
    elif dataset.task.kind is TaskKind.GENERATE:
        arguments = (inputs, torch.from_numpy(batch.targets))
    with torch.no_grad():
        outputs: Tensor = model(*arguments)
    return outputs


def _bits(tensor: Tensor) -> Tensor:
    """The tensor's bytes, so that NaN equals NaN and -0 does not equal 0."""
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)
