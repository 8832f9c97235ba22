"""Loads exported models. Nothing in a file is executed: weights are safetensors, the experiment is JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from workbench.errors import ExportError
from workbench.experiment import Experiment
from workbench.nn.decoding import Decoding
from workbench.training.checkpoints import Checkpoint, save_shared
from workbench.training.opened import OpenModel, build_model, predict

__all__ = ["FORMAT", "LoadedModel", "StoredModel", "load_bundle", "read_model", "save_model"]

FORMAT = "workbench-model-1"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class StoredModel:
    """What an exported safetensors file holds.

    Attributes:
        weights: the state dict, on the CPU.
        experiment: what the model was trained with.
        run: id of the run it comes from.
        step: steps it was trained for.
    """

    weights: dict[str, Tensor]
    experiment: Experiment
    run: str
    step: int


@dataclass(frozen=True)
class LoadedModel:
    """An exported model, ready for use.

    Attributes:
        model: in eval mode, on the CPU.
        experiment: what it was trained with.
        step: steps it was trained for.
    """

    model: nn.Module
    experiment: Experiment
    step: int

    @cached_property
    def _opened(self) -> OpenModel:
        dataset = self.experiment.dataset_card.open(self.experiment.data.config)
        return OpenModel(self.model, self.experiment, dataset, self.step)

    def __repr__(self) -> str:
        count = sum(parameter.numel() for parameter in self.model.parameters())
        return (
            f"LoadedModel({self.experiment.model.name} on {self.experiment.data.name}, {count:,} parameters, step {self.step:,})"
        )

    def predict(
        self, inputs: str | Sequence[str] = (), *, decoding: Decoding | None = None, seed: int | None = None
    ) -> list[dict[str, Any]]:
        """The model's answers to inputs as a person types them; to samples of the test set when there are none.

        Args:
            inputs: texts, or `test:12` for a sample of the test set; one text is one input.
            decoding: how a model that writes sequences chooses their symbols: a `workbench.Decoding`.
            seed: of what is drawn; None for other draws each time.

        Raises:
            DataError: an input is not one of the dataset's, or the data cannot be opened here.
            UsageError: a decoding or a seed is without effect on this model.
        """
        return predict(self._opened, inputs, decoding, seed)


def save_model(checkpoint: Checkpoint, run: str, path: Path) -> None:
    """Write a checkpoint's weights with what is needed to build the model again.

    Raises:
        OSError: it cannot be written.
    """
    metadata = {
        "format": FORMAT,
        "run": run,
        "step": str(checkpoint.step),
        "experiment": json.dumps(checkpoint.experiment.to_dict()),
        "versions": json.dumps({"torch": torch.__version__}),
    }
    try:
        save_shared({name: tensor.contiguous() for name, tensor in checkpoint.model.items()}, path, metadata)
    except SafetensorError as error:
        raise OSError(f"{error}") from error  # the library wraps what the file system said


def read_model(path: Path) -> StoredModel:
    """Read a file that `save_model` wrote.

    Raises:
        ExportError: it is missing, damaged or another kind of file.
        ExperimentError: this version does not know the experiment's cards or settings, or its data are not here.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    except (OSError, SafetensorError) as error:
        raise ExportError(f"{path}: not a readable safetensors file: {error}. Export the run again.") from error
    if metadata.get("format") != FORMAT:
        got = metadata.get("format", "none")
        raise ExportError(f"{path}: got format '{got}'; expected '{FORMAT}'. Name a file or bundle that workbench exported.")
    experiment = Experiment.from_dict(json.loads(metadata["experiment"]), where=path.name)
    return StoredModel(weights, experiment, metadata["run"], int(metadata["step"]))


def load_bundle(path: Path) -> LoadedModel:
    """The model of an exported bundle, or of an exported safetensors file.

    Raises:
        ExportError: it is missing, damaged or something else.
        ExperimentError: this version does not know the experiment's cards or settings, or its data are not here.
    """
    path = path / WEIGHTS if path.is_dir() else path
    if not path.is_file():
        raise ExportError(f"{path}: does not exist; expected a bundle's folder or a safetensors file that workbench exported.")
    if path.suffix == ".pt":
        raise ExportError(
            f"{path}: a .pt file holds weights alone; expected a bundle's folder or a safetensors file. "
            "Read it with torch.load(path, weights_only=True)."
        )
    stored = read_model(path)
    dataset = stored.experiment.dataset_card.open(stored.experiment.data.config)
    try:
        model = build_model(stored.experiment, dataset, stored.weights)
    except RuntimeError as error:  # load_state_dict
        first = str(error).splitlines()[0]
        raise ExportError(f"{path}: the weights do not fit the model: {first} Use the version that exported it.") from error
    return LoadedModel(model, stored.experiment, stored.step)
