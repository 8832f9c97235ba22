"""Loads exported models. Nothing in a file is executed: weights are safetensors, the experiment is JSON.

What was exported carries digests of itself: one over tensors, experiment and vocabulary in the file of weights, and
`SHA256SUMS` over every file of a bundle (`sha256sum -c` reads it too). A copy that differs in one bit is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from workbench.cards import Carried
from workbench.cards.own_code import CodeFile, digest_of, offer
from workbench.cards.stored_task import carried_from_dict, carried_to_dict
from workbench.errors import ExportError
from workbench.experiment import Experiment
from workbench.saying import said
from workbench.training.checkpoints import Checkpoint, content_digest, save_shared
from workbench.training.inference import LoadedModel, build_model

__all__ = ["FORMAT", "StoredModel", "load_bundle", "read_model", "save_model", "write_digests"]

FORMAT = "workbench-model-2"
_OLD_FORMAT = "workbench-model-1"
"""Without digests, and without what the model carries of its data."""
WEIGHTS = "model.safetensors"
DIGESTS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_.-]+)")


@dataclass(frozen=True)
class StoredModel:
    """What an exported safetensors file holds.

    Attributes:
        weights: the state dict, on the CPU.
        experiment: what the model was trained with.
        run: id of the run it comes from.
        step: steps it was trained for.
        carried: vocabulary, classes and data files of its training; None in an old file.
    """

    weights: dict[str, Tensor]
    experiment: Experiment
    run: str
    step: int
    carried: Carried | None


def save_model(checkpoint: Checkpoint, carried: Carried, run: str, path: Path) -> None:
    """Write a checkpoint's weights with what is needed to build the model again and to use it without its data.

    Raises:
        OSError: it cannot be written.
    """
    metadata = {
        "format": FORMAT,
        "run": run,
        "step": str(checkpoint.step),
        "experiment": json.dumps(checkpoint.experiment.to_dict()),
        "data": json.dumps(carried_to_dict(carried)),
        "versions": json.dumps({"torch": torch.__version__}),
    }
    if codes := checkpoint.experiment.own_code:
        metadata["code"] = json.dumps([asdict(code) for code in codes])
    weights = {name: tensor.contiguous() for name, tensor in checkpoint.model.items()}
    metadata["digest"] = content_digest(weights, _told(metadata))
    try:
        save_shared(weights, path, metadata)
    except SafetensorError as error:
        raise OSError(f"{error}") from error  # the library wraps what the file system said


def write_digests(folder: Path) -> None:
    """Write the digests of a folder's files beside them.

    Raises:
        OSError: it cannot be written.
    """
    lines = [f"{_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / DIGESTS).write_text("".join(lines), encoding="utf-8")


def read_model(path: Path) -> StoredModel:
    """Read a file that `save_model` wrote.

    Raises:
        ExportError: it is missing, damaged or another kind of file.
        ExperimentError: this version does not know the experiment's cards or settings.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    except (OSError, SafetensorError, RuntimeError, ValueError, TypeError, LookupError, OverflowError) as error:
        raise ExportError(f"{path}: not a readable safetensors file: {_first_line(error)}. Export the run again.") from error
    known = metadata.get("format")
    if known not in (FORMAT, _OLD_FORMAT):
        raise ExportError(
            f"{path}: got format {said(known or 'none')}; expected '{FORMAT}'. Name a file or bundle that workbench exported."
        )
    # an old file has no digest; one that has both is a new one with a damaged name of its format
    if (known == FORMAT or "digest" in metadata) and metadata.get("digest") != content_digest(weights, _told(metadata)):
        raise _damaged(path, "its content does not equal its digest")
    try:
        carried = carried_from_dict(json.loads(metadata["data"])) if known == FORMAT else None
        values, run, step = json.loads(metadata["experiment"]), metadata["run"], int(metadata["step"])
        offer(
            CodeFile(_readable(path, digest), text, digest)
            for text in (str(entry["text"]) for entry in json.loads(metadata.get("code", "[]")))
            for digest in (digest_of(text),)
        )
        if not isinstance(values, dict):
            raise ValueError("the experiment is no table")  # noqa: TRY004, TRY301 - told as all that is damaged
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise _damaged(path, f"its facts cannot be read ({type(error).__name__}: {_first_line(error)})") from error
    experiment = Experiment.from_dict(values, where=path.name, task=None if carried is None else carried.task)
    return StoredModel(weights, experiment, run, step, carried)


def load_bundle(path: Path, *, accept_changed_data: bool = False) -> LoadedModel:
    """The model of an exported bundle, or of an exported safetensors file.

    Args:
        path: the folder or file.
        accept_changed_data: take samples of the test set also from files that have changed since the training.

    Raises:
        ExportError: it is missing, damaged or something else.
        ExperimentError: this version does not know the experiment's cards or settings.
    """
    folder = path if path.is_dir() else None
    path = path / WEIGHTS if path.is_dir() else path
    if not path.is_file():
        raise ExportError(f"{path}: does not exist; expected a bundle's folder or a safetensors file that workbench exported.")
    if path.suffix == ".pt":
        raise ExportError(
            f"{path}: a .pt file holds weights alone; expected a bundle's folder or a safetensors file. "
            "Read it with torch.load(path, weights_only=True)."
        )
    stored = read_model(path)
    if folder is not None and (stored.carried is not None or (folder / DIGESTS).exists()):
        _check_digests(folder)
    dataset = stored.experiment.open_data(stored.carried, accept_changed=accept_changed_data)
    try:
        model = build_model(stored.experiment, dataset, stored.weights)
    except RuntimeError as error:  # load_state_dict
        raise ExportError(
            f"{path}: the weights do not fit the model: {_first_line(error)} Use the version that exported it."
        ) from error
    return LoadedModel(model, stored.experiment, stored.step, dataset)


def _readable(path: Path, sha256: str) -> str:
    """Where a person can read a text that came with an export: beside the weights in a bundle."""
    beside = path.with_name(f"code-{sha256[:12]}.py")
    return str(beside if beside.is_file() else path)


def _check_digests(folder: Path) -> None:
    """Compare every file of a bundle with its digest.

    Raises:
        ExportError: one is missing or differs.
    """
    path = folder / DIGESTS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise _damaged(path, "it is missing") from error
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, "it cannot be read") from error
    matches = [_LINE.fullmatch(line) for line in lines]
    if not all(matches) or WEIGHTS not in {match[2] for match in matches if match}:
        raise _damaged(path, "it is no list of digests")
    for match in matches:
        if match is None:
            continue
        try:
            digest = _sha256(folder / match[2])
        except OSError as error:
            raise _damaged(folder / match[2], f"it cannot be read: {error.strerror or error}") from error
        if digest != match[1]:
            raise _damaged(folder / match[2], f"its content does not equal its digest in {DIGESTS}")


def _damaged(path: Path, what: str) -> ExportError:
    return ExportError(f"{path}: damaged or changed since it was exported: {what}. Export the run again.")


def _told(metadata: Mapping[str, str]) -> str:
    """All that a file says beside its weights, in one text."""
    return json.dumps({key: metadata[key] for key in sorted(metadata) if key != "digest"})


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
