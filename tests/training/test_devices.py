"""Where a model is trained; no such device is needed here: torch is asked what it would find."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from workbench.errors import UsageError
from workbench.experiment import Experiment
from workbench.nn.precision import exact
from workbench.training import devices, launch


def experiment(model: dict[str, Any], data: str = "adding", device: str = "auto") -> Experiment:
    """An experiment with this model."""
    training = {"steps": 10, "device": device}
    return Experiment.from_dict({"model": model, "data": {"name": data}, "optimizer": {"name": "adam"}, "training": training})


def chosen(wanted: Experiment) -> str:
    """The device that it would be trained on."""
    return devices.device_for(wanted, wanted.task).type


@pytest.fixture(params=["cuda", "mps"])
def accelerator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine that has one."""
    there = {"cuda": request.param == "cuda", "mps": request.param == "mps", "cpu": True}
    monkeypatch.setattr(devices, "available", lambda: there)
    return str(request.param)


def test_auto_keeps_small_models_on_the_cpu(accelerator: str) -> None:
    """A large one goes to the device; who asks for the device gets it for a small one too."""
    small, large = {"name": "gru", "hidden_size": 8}, {"name": "gru", "hidden_size": 512}
    assert chosen(experiment(small)) == "cpu"
    assert chosen(experiment(large)) == accelerator
    assert chosen(experiment(small, device=accelerator)) == accelerator


def test_what_is_solved_for_stays_where_doubles_are(accelerator: str) -> None:
    """MPS has none, even where it was asked for."""
    wanted = experiment({"name": "esn", "hidden_size": 300}, "narma10", accelerator)
    assert chosen(wanted) == ("cpu" if accelerator == "mps" else "cuda")


def test_the_choice_draws_no_random_number(accelerator: str) -> None:
    """Otherwise the run would differ from one on a machine without the device."""
    torch.manual_seed(3)
    before = torch.get_rng_state()
    chosen(experiment({"name": "gru", "hidden_size": 8}))
    assert torch.equal(before, torch.get_rng_state())


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With those that are."""
    monkeypatch.setattr(devices, "available", lambda: {"cuda": False, "mps": False, "cpu": True})
    with pytest.raises(UsageError, match="expected one that this machine has: cpu"):
        devices.choose_device("mps")


@pytest.fixture
def torch_restored(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is switched on is switched off again."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with warnings.catch_warnings():
        yield
    torch.use_deterministic_algorithms(False)
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]


@pytest.mark.usefixtures("torch_restored")
def test_deterministic_algorithms_are_on_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """On CUDA, with the launcher's environment, in silence; what has none is told once."""
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", launch.environment()["CUBLAS_WORKSPACE_CONFIG"])
    told: list[str] = []
    devices.make_deterministic(torch.device("cuda"), told.append)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert told == []
    for _ in range(2):
        warnings.warn("cumsum_cuda_kernel does not have a deterministic implementation, but you set ...", stacklevel=1)
    assert told == ["cumsum_cuda_kernel has no deterministic algorithm on this device: results may differ in the last digits"]


@pytest.mark.usefixtures("torch_restored")
def test_where_the_bits_may_differ_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA without its workspace, MPS always, the CPU never."""
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    told: list[str] = []
    devices.make_deterministic(torch.device("cpu"), told.append)
    assert not torch.are_deterministic_algorithms_enabled()
    assert told == []
    devices.make_deterministic(torch.device("mps"), told.append)
    devices.make_deterministic(torch.device("cuda"), told.append)
    assert [line.split(" ")[0] for line in told] == ["mps", "CUBLAS_WORKSPACE_CONFIG"]


def test_doubles_are_made_on_the_cpu() -> None:
    """By the one function for it."""
    assert exact(torch.ones(2, requires_grad=True)).dtype is torch.float64
