"""Optimizers take their steps without torch's compiler, to the bit as they do with it."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest
import torch

from workbench.cards.catalog import optimizers
from workbench.training.uncompiled import take_step

NAMES = sorted(optimizers())
PROGRAM = """
import sys, tempfile
from pathlib import Path
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.training import worker

for name in sys.argv[1:]:
    training = {"steps": 2, "batch_size": 4, "eval_every": 2, "eval_samples": 8, "checkpoint_every": 1, "threads": 1}
    parts = {"model": {"name": "lstm", "hidden_size": 4}, "data": {"name": "echo", "length": 8, "delay": 2}}
    folder = RunFolder.create(
        Path(tempfile.mkdtemp()), Experiment.from_dict({**parts, "optimizer": {"name": name}, "training": training})
    )
    assert worker.work(folder) == 0, folder
print(*(name for name in ("torch._dynamo", "sympy") if name in sys.modules))
"""


def model() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))


@pytest.mark.parametrize("name", NAMES)
def test_steps_are_those_of_torch(name: str) -> None:
    """Weights and what the optimizer keeps, after three steps of each kind."""
    ours, theirs = model(), model()
    card = optimizers()[name]
    taken, called = (card.build(card.Config(), list(each.parameters())) for each in (ours, theirs))
    for number in range(3):
        for each, optimizer in ((ours, taken), (theirs, called)):
            optimizer.zero_grad()
            each(torch.full((5, 3), float(number))).square().sum().backward()
        take_step(taken)
        called.step()
    assert all(torch.equal(one, other) for one, other in zip(ours.parameters(), theirs.parameters(), strict=True))
    one, other = copy.deepcopy(taken.state_dict()["state"]), called.state_dict()["state"]
    assert one.keys() == other.keys()
    for key, values in one.items():
        assert all(torch.equal(torch.as_tensor(value), torch.as_tensor(other[key][tag])) for tag, value in values.items())


def test_an_optimizer_of_anybody_elses_is_used_as_it_is() -> None:
    """So is one of torch's with hooks: what somebody put around its step is done."""
    seen = []

    class Other(torch.optim.SGD):
        def step(self, closure: object = None) -> None:  # type: ignore[override]
            seen.append("own step")

    parameters = list(model().parameters())
    take_step(Other(parameters, lr=0.1))
    hooked = torch.optim.SGD(parameters, lr=0.1)
    hooked.register_step_post_hook(lambda *_: seen.append("hook"))
    take_step(hooked)
    assert seen == ["own step", "hook"]


@pytest.mark.slow
def test_a_run_does_not_load_the_compiler() -> None:
    """It would take as long as all else before the first step; nor what it computes shapes with."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *NAMES], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
