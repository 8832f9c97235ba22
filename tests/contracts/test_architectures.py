"""What every architecture keeps, on every task that it takes. A new card is tested here without a line of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from workbench import catalog
from workbench.cards import ArchitectureCard
from workbench.nn.hand_trained import HandTrained
from workbench.nn.label_fed import LabelFed
from workbench.task import (
    BOS,
    EOS,
    IGNORE_INDEX,
    PAD,
    SPECIAL_SYMBOLS,
    Classes,
    FreeRun,
    Image,
    Nothing,
    Task,
    TaskKind,
    Tokens,
    Vectors,
)

EVERY_STEP = (TaskKind.LABEL, TaskKind.FORECAST)
"""Kinds of task with an answer at every step."""

SMALL = {"hidden_size": 16, "embedding_size": 8, "feedforward_size": 32, "num_filters": 4, "delay": 3}
"""Settings that make any network small, for those cards that have them."""

THREE = Classes(("a", "b", "c"))
BITS = Tokens(("0", "1"), 7, special=False)
WORDS = Tokens((*SPECIAL_SYMBOLS, "p", "q", "r", "s"), 7)
XYZ = Tokens((*SPECIAL_SYMBOLS, "x", "y", "z"), 6)

TREES = Tokens((*SPECIAL_SYMBOLS, "0", "1", "[and", "[or", "]"), 12, structure="tree")
FORMULAS = ["[and 0 1 ]", "[or [and 1 0 ] 1 ]", "1", "[or 0 [or 1 1 ] ]"]

TASKS = {
    "classify-image": Task(TaskKind.CLASSIFY, Image(1, 8, 8), THREE),
    "classify-vectors": Task(TaskKind.CLASSIFY, Vectors(3, 7), THREE),
    "classify-vectors-of-any-length": Task(TaskKind.CLASSIFY, Vectors(3), THREE),
    "classify-tokens": Task(TaskKind.CLASSIFY, WORDS, THREE),
    "classify-trees": Task(TaskKind.CLASSIFY, TREES, THREE),
    "regress-vectors": Task(TaskKind.REGRESS, Vectors(2, 7), Vectors(2)),
    "regress-vectors-of-any-length": Task(TaskKind.REGRESS, Vectors(2), Vectors(1)),
    "regress-tokens": Task(TaskKind.REGRESS, BITS, Vectors(1)),
    "label-vectors": Task(TaskKind.LABEL, Vectors(2, 7), THREE),
    "label-tokens": Task(TaskKind.LABEL, BITS, THREE),
    "label-words": Task(TaskKind.LABEL, WORDS, THREE),
    "forecast-a-driven-system": Task(TaskKind.FORECAST, Vectors(2), Vectors(1)),
    "forecast-its-own-series": Task(TaskKind.FORECAST, Vectors(2, 7), Vectors(2), free_run=FreeRun(4, 3)),
    "transduce-tokens": Task(TaskKind.TRANSDUCE, WORDS, XYZ),
    "generate-from-nothing": Task(TaskKind.GENERATE, Nothing(), XYZ),
    "generate-for-a-class": Task(TaskKind.GENERATE, THREE, XYZ),
    "generate-for-a-picture": Task(TaskKind.GENERATE, Image(1, 8, 8), XYZ),
}

Card = type[ArchitectureCard[Any]]


@dataclass(frozen=True)
class Data:
    """A small batch of a task, as tensors."""

    task: Task
    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None

    def outputs(self, model: nn.Module) -> Tensor:
        """The model's outputs on the whole batch."""
        if self.task.kind is TaskKind.TRANSDUCE:
            start = torch.full((len(self.targets), 1), BOS)
            out: Tensor = model(self.inputs, self.lengths, torch.cat((start, self.targets[:, :-1]), 1))
        elif self.task.kind is TaskKind.GENERATE:
            out = model(self.inputs, self.targets)
        else:
            out = model(self.inputs, self.lengths)
        return out

    def loss(self, model: nn.Module) -> Tensor:
        """The loss by which the task is trained."""
        outputs = self.outputs(model)
        if isinstance(model, HandTrained):
            return model.loss(outputs, self.targets)
        if self.task.kind in (TaskKind.REGRESS, TaskKind.FORECAST):
            return F.mse_loss(outputs, self.targets.to(outputs.dtype))
        if self.task.kind is TaskKind.GENERATE:
            return outputs.mean()
        ignored = PAD if self.task.kind is TaskKind.TRANSDUCE else IGNORE_INDEX
        return F.cross_entropy(outputs.flatten(0, -2), self.targets.flatten(), ignore_index=ignored)

    def fill_gradients(self, model: nn.Module) -> Tensor:
        """The loss, with its gradient in every parameter."""
        model.zero_grad()
        if isinstance(model, HandTrained):
            return model.loss_and_gradients(self.inputs, self.targets)[0]
        loss = self.loss(model)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
        return loss

    def only(self, index: int) -> Data:
        """One sample of the batch, its padding cut off."""
        inputs, targets, lengths = self.inputs[index : index + 1], self.targets[index : index + 1], self.lengths
        if lengths is not None:
            length = int(lengths[index])
            inputs, lengths = inputs[:, :length], lengths[index : index + 1]
            targets = targets[:, :length] if self.task.kind in EVERY_STEP else targets
        return Data(self.task, inputs, targets, lengths)


def small_config(card: Card) -> Any:
    """The card's settings, with a small network."""
    return card.Config(**{key: value for key, value in SMALL.items() if key in card.Config.model_fields})


def build(name: str, task: Task, seed: int = 0) -> nn.Module:
    """A small model in double precision, without dropout at work."""
    torch.manual_seed(seed)
    card = catalog.architectures()[name]
    return card.build(small_config(card), task).double().eval()


def make_data(task: Task, size: int = 4) -> Data:
    """A random batch; padded where lengths may differ."""
    rng = np.random.default_rng(5)
    if task.inputs == TREES:
        formulas = [[TREES.symbols.index(word) for word in text.split()] + [EOS] for text in FORMULAS[:size]]
        trees = torch.tensor([row + [PAD] * (8 - len(row)) for row in formulas])
        return Data(task, trees, _targets(task, trees, rng), torch.tensor([len(row) for row in formulas]))
    steps = 7
    padded = task.inputs == WORDS or (isinstance(task.inputs, Vectors) and task.inputs.length is None)
    lengths = torch.tensor([7, 3, 5, 2])[:size] if padded else None
    match task.inputs:
        case Image(channels=channels, height=height, width=width):
            inputs = torch.from_numpy(rng.normal(size=(size, channels, height, width)))
        case Tokens(symbols=symbols, special=special):
            inputs = torch.from_numpy(rng.integers(4 if special else 0, len(symbols), (size, steps)))
        case Vectors(size=features):
            inputs = torch.from_numpy(rng.normal(size=(size, steps, features)))
        case Classes(names=names):
            inputs = torch.arange(size) % len(names)
        case Nothing():
            inputs = torch.zeros(size, 0, dtype=torch.float64)
        case _:
            raise AssertionError(task)
    for row, length in enumerate([] if lengths is None else lengths.tolist()):
        inputs[row, length:] = 0
        if task.kind is TaskKind.TRANSDUCE:
            inputs[row, length - 1] = EOS
    return Data(task, inputs, _targets(task, inputs, rng), lengths)


def _targets(task: Task, inputs: Tensor, rng: np.random.Generator) -> Tensor:
    size = len(inputs)
    match task.kind:
        case TaskKind.CLASSIFY:
            return torch.arange(size) % 3
        case TaskKind.REGRESS:
            assert isinstance(task.outputs, Vectors)
            return torch.from_numpy(rng.normal(size=(size, task.outputs.size)))
        case TaskKind.LABEL:
            # what a step's own input tells, so that a network without memory can learn it too
            targets = (inputs > 0).sum(-1) if isinstance(task.inputs, Vectors) else inputs % 3
            targets[:, 0] = IGNORE_INDEX
            return targets
        case TaskKind.FORECAST:  # the plain sum of a step's features, so that a network without memory can learn it too
            assert isinstance(task.outputs, Vectors)
            return inputs.sum(-1, keepdim=True).expand(-1, -1, task.outputs.size).clone()
        case TaskKind.TRANSDUCE | TaskKind.GENERATE:
            rows = [[4, 5, 6, 4, 5, EOS], [6, EOS, 0, 0, 0, 0], [5, 4, EOS, 0, 0, 0], [5, 5, 6, EOS, 0, 0]]
            return torch.tensor(rows[:size])


NAMES = list(catalog.architectures())
ALL_PAIRS = [(name, task) for name in NAMES for task in TASKS]
PAIRS = [(n, t) for n, t in ALL_PAIRS if not catalog.refusal(n, small_config(catalog.architectures()[n]), TASKS[t])]
REFUSED = [pair for pair in ALL_PAIRS if pair not in PAIRS]
PADDED = [(name, task) for name, task in PAIRS if make_data(TASKS[task]).lengths is not None]
TRANSDUCERS = [name for name, task in PAIRS if task == "transduce-tokens"]

each_pair = pytest.mark.parametrize(("name", "task"), PAIRS)


def test_the_cards_are_found_without_torch() -> None:
    """Listing the architectures does not import torch."""
    code = "import sys; from workbench import catalog; catalog.architectures(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_card_fits_its_place_on_the_screen(name: str) -> None:
    """Drawing and equations fit their panels, and every setting has a sentence of help."""
    card = catalog.architectures()[name]
    drawing = card.drawing.split("\n")
    assert len(drawing) <= 12
    assert max(map(len, drawing)) <= 60
    assert max(map(len, card.equation.split("\n"))) <= 72
    for key, field in card.Config.model_fields.items():
        assert field.description, key
        assert field.description.endswith("."), key


@pytest.mark.parametrize(("name", "task"), REFUSED)
def test_a_refusal_says_why_and_what_to_choose(name: str, task: str) -> None:
    """A pair that is not possible is refused in sentences, of which the last says what to do."""
    reason = catalog.refusal(name, small_config(catalog.architectures()[name]), TASKS[task])
    assert reason is not None
    assert reason.endswith(".")
    assert any(word in reason.lower() for word in ("choose", "set ", "architectures for", "use "))


@pytest.mark.parametrize("task", TASKS)
def test_some_architecture_takes_every_task(task: str) -> None:
    """No kind of task is left without an architecture."""
    assert any(pair[1] == task for pair in PAIRS)


@each_pair
def test_outputs_have_the_shape_of_the_task(name: str, task: str) -> None:
    """One value per class, size or symbol: for each sample, step or target step."""
    data = make_data(TASKS[task])
    outputs = data.outputs(build(name, data.task))
    expected = {
        TaskKind.CLASSIFY: (4, 3),
        TaskKind.REGRESS: tuple(data.targets.shape),
        TaskKind.LABEL: (4, 7, 3),
        TaskKind.FORECAST: tuple(data.targets.shape),
        TaskKind.TRANSDUCE: (4, 6, 7),
        TaskKind.GENERATE: (4,),
    }
    assert tuple(outputs.shape) == expected[data.task.kind]
    assert outputs.isfinite().all()


@each_pair
def test_every_parameter_gets_a_finite_gradient(name: str, task: str) -> None:
    """No parameter is left out of training, and none gets NaN."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    data.fill_gradients(model)
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        assert parameter.grad.abs().sum() > 0, key


@each_pair
def test_gradients_add_up(name: str, task: str) -> None:
    """A second backward pass adds to the first, as gradient accumulation needs."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    data.fill_gradients(model)
    once = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    if isinstance(model, HandTrained):
        model.loss_and_gradients(data.inputs, data.targets)
    else:
        data.loss(model).backward()  # type: ignore[no-untyped-call]  # torch's
    for parameter, gradient in zip(model.parameters(), once, strict=True):
        torch.testing.assert_close(parameter.grad, 2 * gradient)


@each_pair
def test_a_hand_written_gradient_is_the_loss_s_own(name: str, task: str) -> None:
    """Where a model works out its gradients itself, automatic differentiation of its loss gives the same."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    loss = data.fill_gradients(model)
    found = [parameter.grad for parameter in model.parameters()]
    expected_loss = data.loss(model)
    expected = torch.autograd.grad(expected_loss, list(model.parameters()))
    torch.testing.assert_close(loss, expected_loss, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found, list(expected), rtol=1e-10, atol=1e-12)


@each_pair
def test_the_seed_decides_the_start(name: str, task: str) -> None:
    """The same seed gives the same weights, another seed others."""
    first, same, other = (build(name, TASKS[task], seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(value, same[key]) for key, value in first.items())
    assert any(not torch.equal(value, other[key]) for key, value in first.items())


@each_pair
def test_weights_can_be_carried_over(name: str, task: str) -> None:
    """A model built anew gives the same outputs once it has loaded another's weights."""
    data = make_data(TASKS[task])
    model, other = build(name, data.task, 1), build(name, data.task, 2)
    other.load_state_dict(model.state_dict())
    assert torch.equal(data.outputs(model), data.outputs(other))


@each_pair
def test_a_sample_does_not_depend_on_its_batch(name: str, task: str) -> None:
    """Alone and without padding, each sample gives the outputs that it gave among others, padded."""
    data = make_data(TASKS[task])
    model = build(name, data.task)
    together = data.outputs(model)
    for index in range(len(data.inputs)):
        alone = data.only(index).outputs(model)
        among = together[index, : alone.shape[1]] if data.task.kind in EVERY_STEP else together[index]
        torch.testing.assert_close(alone[0], among, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "task"), PADDED)
def test_padding_does_not_leak(name: str, task: str) -> None:
    """Whatever stands in the padding, outputs at real steps stay bit for bit the same."""
    data = make_data(TASKS[task])
    assert data.lengths is not None
    other = data.inputs.clone()
    for row, length in enumerate(data.lengths.tolist()):
        other[row, length:] = 5
    model = build(name, data.task)
    before, after = data.outputs(model), Data(data.task, other, data.targets, data.lengths).outputs(model)
    for row, length in enumerate(data.lengths.tolist()):
        steps = length if data.task.kind in EVERY_STEP else None
        assert torch.equal(before[row, :steps], after[row, :steps])


@each_pair
def test_a_tiny_batch_is_learnt_by_heart(name: str, task: str) -> None:
    """At most two hundred steps on four samples bring the loss below half of its first value."""
    data = make_data(TASKS[task])
    model = build(name, data.task).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    first = loss = data.fill_gradients(model).item()
    for _ in range(200):
        optimizer.step()
        loss = data.fill_gradients(model).item()
        if loss < first / 2:
            break
    assert loss < first / 2


@each_pair
def test_dropout_changes_while_a_run_goes_on(name: str, task: str) -> None:
    """Where dropout is a live setting, a new value reaches every dropout layer; there is at least one."""
    card = catalog.architectures()[name]
    config = small_config(card)
    if "dropout" in card.Config.model_fields:
        model = card.build(config, TASKS[task])
        card.apply_live(model, config.model_copy(update={"dropout": 0.25}))
        rates = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
        assert rates
        assert set(rates) == {0.25}


@pytest.mark.parametrize("name", TRANSDUCERS)
def test_a_decoder_does_not_see_the_future(name: str) -> None:
    """Another symbol at step t of the target changes nothing before step t."""
    data = make_data(TASKS["transduce-tokens"])
    model = build(name, data.task)
    target_in = torch.cat((torch.full((4, 1), BOS), data.targets[:, :-1]), 1)
    other = target_in.clone()
    other[:, 3] = 5
    before, after = model(data.inputs, data.lengths, target_in), model(data.inputs, data.lengths, other)
    torch.testing.assert_close(before[:, :3], after[:, :3], rtol=1e-12, atol=1e-12)
    assert not torch.allclose(before[0, 3:], after[0, 3:])


@pytest.mark.parametrize("name", TRANSDUCERS)
def test_generating_is_the_greedy_path_of_forward(name: str) -> None:
    """Each generated symbol is the most probable one given those before; after the end symbol there is padding."""
    data = make_data(TASKS["transduce-tokens"])
    model: Any = build(name, data.task)
    written = model.generate(data.inputs, data.lengths, 6)
    assert written.dtype == torch.int64
    assert written.shape[0] == 4
    assert 1 <= written.shape[1] <= 6
    target_in = torch.cat((torch.full((4, 1), BOS), written[:, :-1]), 1)
    best = model(data.inputs, data.lengths, target_in).argmax(-1)
    for row, expected in zip(written.tolist(), best.tolist(), strict=True):
        stop = row.index(EOS) + 1 if EOS in row else len(row)
        assert row[:stop] == expected[:stop]
        assert set(row[stop:]) <= {PAD}


@pytest.mark.parametrize("name", [name for name in TRANSDUCERS if catalog.architectures()[name].free_running])
def test_free_running_feeds_back_its_own_choice(name: str) -> None:
    """Without teacher forcing the target's symbols have no influence, and gradients are finite."""
    data = make_data(TASKS["transduce-tokens"])
    model = build(name, data.task)
    target_in = torch.cat((torch.full((4, 1), BOS), data.targets[:, :-1]), 1)
    other = target_in.clone()
    other[:, 1:] = 6
    outputs = model(data.inputs, data.lengths, target_in, 0.0)
    assert torch.equal(outputs, model(data.inputs, data.lengths, other, 0.0))
    outputs.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", [name for name, task in PAIRS if task == "forecast-its-own-series"])
def test_a_forecast_goes_on_from_its_own_outputs(name: str) -> None:
    """Running freely, and being fed nothing but its own outputs after the first input, is the step-by-step definition."""
    data = make_data(TASKS["forecast-its-own-series"])
    model: Any = build(name, data.task)
    inputs = data.inputs[:, :4]
    for output in model.free_run(inputs, 3).unbind(1):
        expected = model(inputs)[:, -1]
        torch.testing.assert_close(output, expected, rtol=1e-10, atol=1e-12)
        inputs = torch.cat((inputs, expected[:, None]), 1)


@pytest.mark.parametrize(
    "name",
    [n for n, task in PAIRS if task == "forecast-its-own-series" and not catalog.architectures()[n].closed_form],
)
def test_scheduled_sampling_lies_between_teacher_and_free_run(name: str) -> None:
    """With every true input it is the plain forward pass, with none a free run from the first input; gradients are finite."""
    data = make_data(TASKS["forecast-its-own-series"])
    model: Any = build(name, data.task)
    torch.testing.assert_close(model.scheduled(data.inputs, 1.0), model(data.inputs), rtol=1e-10, atol=1e-12)
    alone = model.scheduled(data.inputs, 0.0)
    torch.testing.assert_close(alone, model.free_run(data.inputs[:, :1], 7), rtol=1e-10, atol=1e-12)
    alone.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize(("name", "task"), [pair for pair in PAIRS if pair[1].startswith("generate")])
@pytest.mark.parametrize("way", [{}, {"temperature": 0.5}, {"greedy": True}, {"beam": 3}])
def test_what_is_written_has_the_form_of_targets(name: str, task: str, way: dict[str, Any]) -> None:
    """Symbols, at most one end, then padding; as many sequences as asked for; the same again for the same random numbers."""
    data = make_data(TASKS[task])
    model: Any = build(name, data.task)
    first, again = (model.sample(data.inputs, max_length=6, generator=torch.Generator().manual_seed(1), **way) for _ in range(2))
    assert torch.equal(first, again)
    assert first.dtype == torch.int64
    assert first.shape[0] == 4
    assert 1 <= first.shape[1] <= 6
    for row in first.tolist():
        stop = row.index(EOS) if EOS in row else len(row)
        assert all(4 <= index < 7 for index in row[:stop])
        assert set(row[stop + 1 :]) <= {PAD}
    assert len(model.sample(data.inputs, 9, max_length=6, **way)) == 9


@pytest.mark.parametrize(
    ("name", "task"), [(name, task) for name, task in PAIRS if isinstance(build(name, TASKS[task]), LabelFed)]
)
def test_labels_that_are_fed_back_are_those_of_the_steps_before(name: str, task: str) -> None:
    """A label changes only later steps; fed its own choices as if they were true ones, the model answers as if alone."""
    data = make_data(TASKS[task])
    model: Any = build(name, data.task)
    other = data.targets.clone()
    other[:, 2] = (other[:, 2] + 1) % 3
    before, after = (model.forced(data.inputs, data.lengths, labels) for labels in (data.targets, other))
    torch.testing.assert_close(before[:, :3], after[:, :3], rtol=1e-12, atol=1e-12)
    assert not torch.allclose(before[:, 3:], after[:, 3:])
    alone = model(data.inputs, data.lengths)
    torch.testing.assert_close(model.forced(data.inputs, data.lengths, alone.argmax(-1)), alone, rtol=1e-10, atol=1e-12)
