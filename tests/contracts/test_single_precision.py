"""Nothing asks a device for double precision, which Apple's has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.contracts.test_matrix import experiment, opened
from tests.training.as_on_mps import AsOnMps
from tests.training.driving import Script
from workbench.cards import catalog
from workbench.errors import ExperimentError
from workbench.training.evaluation import evaluate
from workbench.training.events import StepDone
from workbench.training.loop import train
from workbench.training.state import TrainingState

Settings = Callable[[str], dict[str, Any]]


def pairs() -> list[tuple[str, str]]:
    """Each architecture with some dataset of each kind of task that it does, and each dataset with some architecture."""
    found: list[tuple[str, str]] = []
    seen: set[object] = set()
    for dataset, card in catalog.datasets().items():
        for architecture, model in catalog.architectures().items():
            kind = card.kind or card.task(card.Config()).kind
            fresh = {dataset, (architecture, kind)} - seen
            if kind in model.tasks and fresh and not model.closed_form:  # fitted on the CPU
                seen |= fresh
                found.append((architecture, dataset))
    return found


@pytest.mark.parametrize(("architecture", "dataset"), pairs())
def test_training_and_evaluation_need_no_doubles_on_the_device(
    architecture: str, dataset: str, example_settings: Settings
) -> None:
    """A step, the norm of its gradient, all metrics and drawings."""
    try:
        small = experiment(architecture, dataset, example_settings)
    except ExperimentError:
        return
    state = TrainingState(small, opened(dataset, small.data.config), torch.device("cpu"))
    kept = {name: value.dtype for name, value in state.model.state_dict().items()}
    assert torch.float64 not in kept.values()
    with AsOnMps():
        assert any(isinstance(event, StepDone) for event in _first(state))
        measured = evaluate(state.model, state.objective, state.dataset, "test", state.device, limit=20)
    assert measured.metrics


def _first(state: TrainingState) -> list[object]:
    events: list[object] = []
    for event in train(state, Script(state)):
        events.append(event)
        if isinstance(event, StepDone):
            break
    return events


def test_the_stand_in_refuses_what_the_device_refuses() -> None:
    """A double of a single, by whatever name; brought to the CPU before, it is none of its business."""
    x = torch.ones(3)
    with AsOnMps():
        for make in (x.double, lambda: x.to(torch.float64), lambda: x.sum(dtype=torch.float64), lambda: x.type(torch.float64)):
            with pytest.raises(TypeError, match="float64"):
                make()
        assert float(x.cpu().double().sum()) == 3
        assert float(x.to("cpu").double().sum()) == 3
