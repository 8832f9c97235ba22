"""What every architecture keeps, on every task that it takes. Each function tries one contract on one small task.

The package's own cards are held to the same functions by its tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from workbench.cards import ArchitectureCard, Task
from workbench.contracts._broken import require
from workbench.contracts.examples import EVERY_STEP, Data, build, make_data, small_config
from workbench.nn.hand_trained import HandTrained

__all__ = [
    "CONTRACTS",
    "carries_weights_over",
    "dropout_is_live",
    "fits_its_place",
    "gives_every_parameter_a_gradient",
    "gradients_add_up",
    "has_the_shape_of_the_task",
    "ignores_padding",
    "learns_a_tiny_batch",
    "starts_from_the_seed",
    "treats_samples_alone",
]

Card = type[ArchitectureCard[Any]]
_STEPS = 200
_DROPOUT = 0.25
_LINES, _COLUMNS, _EQUATION = 12, 60, 72


def has_the_shape_of_the_task(card: Card, task: Task) -> None:
    """Outputs are finite, and have one value per class, size or symbol: for each sample, step or target step."""
    data = make_data(task)
    outputs = data.outputs(build(card, task))
    sizes = {"classify": (4, 3), "label": (4, 7, 3), "language": (4, 7, 5), "transduce": (4, 6, 7), "generate": (4,)}
    expected = sizes.get(task.kind, tuple(data.targets.shape))
    require(tuple(outputs.shape) == expected, f"outputs are {tuple(outputs.shape)}; expected {expected}")
    require(outputs.isfinite().all(), "outputs are not all finite")


def gives_every_parameter_a_gradient(card: Card, task: Task) -> None:
    """No parameter is left out of training, and none gets NaN."""
    data = make_data(task)
    model = build(card, task)
    data.fill_gradients(model)
    for name, parameter in model.named_parameters():
        require(parameter.grad is not None, f"parameter {name} gets no gradient: it is not used, or is detached")
        gradient = parameter.grad if parameter.grad is not None else torch.zeros(0)
        require(gradient.isfinite().all(), f"the gradient of {name} is not finite")
        require(gradient.abs().sum() > 0, f"the gradient of {name} is 0 throughout")


def gradients_add_up(card: Card, task: Task) -> None:
    """A second backward pass adds to the first, as gradient accumulation needs."""
    data = make_data(task)
    model = build(card, task)
    data.fill_gradients(model)
    once = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    if isinstance(model, HandTrained):
        model.loss_and_gradients(data.inputs, data.targets)
    else:
        data.loss(model).backward()  # type: ignore[no-untyped-call]  # torch's
    for (name, parameter), gradient in zip(model.named_parameters(), once, strict=True):
        require(_close(parameter.grad, 2 * gradient), f"a second backward pass does not add to the gradient of {name}")


def starts_from_the_seed(card: Card, task: Task) -> None:
    """The same seed gives the same weights, another seed others."""
    first, same, other = (build(card, task, seed).state_dict() for seed in (3, 3, 4))
    for name, value in first.items():
        require(torch.equal(value, same[name]), f"{name} differs between two models of one seed: draw from torch's generator")
    require(any(not torch.equal(value, other[name]) for name, value in first.items()), "all seeds give the same weights")


def carries_weights_over(card: Card, task: Task) -> None:
    """A model built anew gives the same outputs once it has loaded another's weights."""
    data = make_data(task)
    model, other = build(card, task, 1), build(card, task, 2)
    other.load_state_dict(model.state_dict())
    equal = torch.equal(data.outputs(model), data.outputs(other))
    require(equal, "a model with loaded weights gives other outputs: a part of it is not in its state_dict")


def treats_samples_alone(card: Card, task: Task) -> None:
    """Alone and without padding, each sample gives the outputs that it gave among others, padded."""
    data = make_data(task)
    model = build(card, task)
    together = data.outputs(model)
    for index in range(len(data.inputs)):
        alone = data.only(index).outputs(model)
        among = together[index, : alone.shape[1]] if task.kind in EVERY_STEP else together[index]
        require(_close(alone[0], among), "a sample gives other outputs alone than in a batch with others")


def ignores_padding(card: Card, task: Task) -> None:
    """Whatever stands in the padding, outputs at real steps stay bit for bit the same."""
    data = make_data(task)
    if data.lengths is None:
        return
    other = data.inputs.clone()
    for row, length in enumerate(data.lengths.tolist()):
        other[row, length:] = 5
    model = build(card, task)
    before, after = data.outputs(model), Data(task, other, data.targets, data.lengths).outputs(model)
    for row, length in enumerate(data.lengths.tolist()):
        steps = length if task.kind in EVERY_STEP else None
        require(torch.equal(before[row, :steps], after[row, :steps]), "what stands in the padding changes outputs: use lengths")


def learns_a_tiny_batch(card: Card, task: Task) -> None:
    """At most two hundred steps on four samples bring the loss below half of its first value."""
    data = make_data(task)
    model = build(card, task).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    first = loss = data.fill_gradients(model).item()
    for _ in range(_STEPS):
        optimizer.step()
        loss = data.fill_gradients(model).item()
        if loss < first / 2:
            return
    require(loss < first / 2, f"after {_STEPS} steps on four samples the loss went from {first:.3g} to {loss:.3g} only")


def dropout_is_live(card: Card, task: Task) -> None:
    """Where dropout is a live setting, a new value reaches every dropout layer; there is at least one."""
    config = small_config(card)
    if "dropout" not in card.Config.model_fields:
        return
    model = card.build(config, task)
    card.apply_live(model, config.model_copy(update={"dropout": _DROPOUT}))
    rates = {module.p for module in model.modules() if isinstance(module, nn.Dropout)}
    require(rates == {_DROPOUT}, f"a dropout of {_DROPOUT} while a run goes on reaches layers as {sorted(rates) or 'none'}")


def fits_its_place(card: Card) -> None:
    """Drawing and equations fit their panels, and every setting has a sentence of help."""
    drawing = card.drawing.split("\n")
    require(len(drawing) <= _LINES, f"the drawing has {len(drawing)} lines; expected {_LINES} at most")
    require(max(map(len, drawing)) <= _COLUMNS, f"the drawing is wider than {_COLUMNS} columns")
    require(max(map(len, card.equation.split("\n"))) <= _EQUATION, f"an equation is wider than {_EQUATION} columns")
    for name, field in card.Config.model_fields.items():
        sentence = field.description or ""
        require(sentence.endswith("."), f"setting {name} has {'no help' if not sentence else 'help that is no sentence'}")


def _close(first: Tensor | None, second: Tensor) -> bool:
    return first is not None and bool(torch.allclose(first, second, rtol=1e-10, atol=1e-12))


CONTRACTS: tuple[Callable[[Card, Task], None], ...] = (
    has_the_shape_of_the_task,
    gives_every_parameter_a_gradient,
    gradients_add_up,
    starts_from_the_seed,
    carries_weights_over,
    treats_samples_alone,
    ignores_padding,
    learns_a_tiny_batch,
    dropout_is_live,
)
"""Each is tried on every task that a card takes."""
