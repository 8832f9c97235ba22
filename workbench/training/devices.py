"""Where a model is trained, and what makes its results the same each time there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import torch

from workbench.cards import Task
from workbench.errors import UsageError
from workbench.experiment import Experiment

__all__ = ["SMALL", "choose_device", "device_for", "device_title", "make_deterministic", "smaller"]

SMALL = {"cuda": 50_000, "mps": 250_000}
"""Parameters up to which `auto` stays on the CPU.

Reasoned, not measured on such devices. A launch costs about 10 us on CUDA and several times that on MPS, whatever it computes,
and a step of a recurrence takes about five, forwards and backwards. A core multiplies a batch of 32 by 50,000 weights in 50 to
160 us (measured), so below that there is nothing to win.
"""
_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


def available() -> dict[str, bool]:
    """Which devices this machine has, the one that is tried first in front."""
    return {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}


def choose_device(name: str) -> torch.device:
    """The device of a name; `auto` takes CUDA, then MPS, then the CPU.

    Raises:
        UsageError: the device is not there.
    """
    devices = available()
    if name == "auto":
        name = next(device for device, there in devices.items() if there)
    if not devices.get(name, False):
        there = ", ".join(device for device, present in devices.items() if present)
        raise UsageError(f"[training] device: got '{name}'; expected one that this machine has: {there}. Use 'auto'.")
    return torch.device(name)


def device_title(device: torch.device) -> str:
    """What its maker calls it, or "" where torch does not know."""
    return str(torch.cuda.get_device_name(device)) if device.type == "cuda" else ""


def device_for(experiment: Experiment, task: Task) -> torch.device:
    """Where to train: as the experiment says; `auto` keeps what is small, or what MPS cannot do, on the CPU.

    Raises:
        UsageError: the device is not there.
    """
    device = choose_device(experiment.training.device)
    if device.type == "mps" and experiment.architecture.closed_form:
        return torch.device("cpu")  # solutions are worked out in double precision, which MPS has not
    if experiment.training.device == "auto" and device.type in SMALL and smaller(experiment, task, SMALL[device.type]):
        return torch.device("cpu")
    return device


def smaller(experiment: Experiment, task: Task, limit: int) -> bool:
    """Whether the experiment's model has at most so many parameters. It is built for that, and thrown away."""
    with torch.random.fork_rng(devices=[]):
        model = experiment.architecture.build(experiment.model.config, task)
    return sum(parameter.numel() for parameter in model.parameters()) <= limit


def make_deterministic(device: torch.device, tell: Callable[[str], None]) -> None:
    """Let the same run give the same bits on this device, and tell where that cannot be.

    The CPU's ways are deterministic for one number of threads. On CUDA torch's deterministic algorithms are switched on; they
    need `CUBLAS_WORKSPACE_CONFIG` from before torch began to use the device, which the launcher sets. What has no such algorithm
    is used all the same, and told once each. MPS promises nothing.

    Args:
        device: where the run is trained.
        tell: called with one line for everything that may differ from run to run.
    """
    if device.type == "cpu":
        return
    if device.type != "cuda":
        tell(f"{device.type} does not promise the same bits from run to run: a resumed run may differ in the last digits")
        return
    if os.environ.get(_WORKSPACE) not in (":4096:8", ":16:8"):
        tell(f"{_WORKSPACE} is not set: products may differ in the last digits from run to run; set it to :4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # every place is written before it is read
    torch.backends.cudnn.benchmark = False
    _tell_warnings(tell)


def _tell_warnings(tell: Callable[[str], None]) -> None:
    """Torch warns where it has no deterministic algorithm: the run's events say so, each once."""
    told: set[str] = set()
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        text = str(message)
        if "deterministic" not in text:
            before(message, category, *where, **more)
            return
        operation = text.split(" ", 1)[0]
        if operation not in told:
            told.add(operation)
            tell(f"{operation} has no deterministic algorithm on this device: results may differ in the last digits")

    warnings.filterwarnings("always", message=".*deterministic.*")
    warnings.showwarning = show
