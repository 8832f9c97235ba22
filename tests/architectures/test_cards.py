"""What single cards refuse, and what their options change in the model that is built."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pydantic import ValidationError

from workbench import catalog
from workbench.task import SPECIAL_SYMBOLS, Classes, Image, Task, TaskKind, Tokens, Vectors

THREE = Classes(("a", "b", "c"))
PICTURES = Task(TaskKind.CLASSIFY, Image(1, 28, 28), THREE)
SERIES = Task(TaskKind.CLASSIFY, Vectors(2), THREE)
FIXED = Task(TaskKind.REGRESS, Vectors(2, 10), Vectors(1))
WORDS = Tokens((*SPECIAL_SYMBOLS, "a", "b"), 9)
BITS = Tokens(("0", "1"), 9, special=False)
TRANSDUCE = Task(TaskKind.TRANSDUCE, WORDS, WORDS)


def refusal(name: str, task: Task, **settings: Any) -> str:
    """The reason, or "" when there is none."""
    card = catalog.architectures()[name]
    return catalog.refusal(name, card.Config(**settings), task) or ""


def build(name: str, task: Task, **settings: Any) -> torch.nn.Module:
    """The model with these settings."""
    torch.manual_seed(0)
    card = catalog.architectures()[name]
    return card.build(card.Config(**settings), task)


@pytest.mark.parametrize("name", ["elman", "lstm", "gru", "transformer"])
def test_sequence_models_point_pictures_to_the_other_views(name: str) -> None:
    """A picture has no steps; the setting that gives it some is named."""
    assert "data.view = rows or pixels" in refusal(name, PICTURES)


def test_the_convolutional_network_takes_pictures_that_can_be_halved_twice() -> None:
    """Sequences and tiny pictures are refused with what to do."""
    assert refusal("cnn", PICTURES) == ""
    assert "data.view = image" in refusal("cnn", SERIES)
    assert "3 x 28 pixels" in refusal("cnn", Task(TaskKind.CLASSIFY, Image(1, 3, 28), THREE))


def test_the_perceptron_needs_a_fixed_number_of_inputs() -> None:
    """Sequences of changing length are refused, except where each step is treated alone."""
    assert "differ in length" in refusal("bp", SERIES)
    assert "differ in length" in refusal("bp", Task(TaskKind.CLASSIFY, WORDS, THREE))
    assert refusal("bp", Task(TaskKind.CLASSIFY, BITS, THREE)) == ""
    assert refusal("bp", Task(TaskKind.LABEL, Vectors(2), THREE)) == ""


@pytest.mark.parametrize("derivative", ["no_output", "none"])
def test_a_factor_that_is_not_there_cannot_be_left_out(derivative: str) -> None:
    """Only squared error on classes has the sigmoid's derivative at the output."""
    assert refusal("bp", PICTURES, derivative=derivative) == ""
    assert "model.loss = mse" in refusal("bp", PICTURES, derivative=derivative, loss="cross_entropy")
    assert derivative in refusal("bp", FIXED, derivative=derivative)
    assert refusal("bp", PICTURES, derivative="no_hidden", loss="cross_entropy") == ""


@pytest.mark.parametrize("name", ["seq2seq", "transformer"])
def test_symbols_to_symbols_needs_an_end_symbol_on_both_sides(name: str) -> None:
    """Without one, a target's end could not be written."""
    assert refusal(name, TRANSDUCE) == ""
    assert "end symbol" in refusal(name, Task(TaskKind.TRANSDUCE, BITS, WORDS))
    assert "end symbol" in refusal(name, Task(TaskKind.TRANSDUCE, Vectors(2), WORDS))


def test_places_are_learned_where_their_number_is_known() -> None:
    """Sequences without a bound have no table of places."""
    assert "sinusoidal" in refusal("transformer", SERIES, positions="learned")
    assert refusal("transformer", FIXED, positions="learned") == ""


def test_heads_divide_the_size() -> None:
    """Other combinations are errors of the settings."""
    with pytest.raises(ValidationError, match="multiple of num_heads"):
        catalog.architectures()["transformer"].Config.model_validate({"hidden_size": 30, "num_heads": 4})


def test_filters_have_a_middle() -> None:
    """An even width is an error of the settings."""
    with pytest.raises(ValidationError, match="odd number"):
        catalog.architectures()["cnn"].Config.model_validate({"kernel_size": 4})


@pytest.mark.parametrize(
    ("name", "task", "settings"),
    [
        ("bp", PICTURES, {"num_layers": 0}),
        ("bp", PICTURES, {"num_layers": 3, "activation": "relu", "init": "scaled_uniform"}),
        ("cnn", PICTURES, {"kernel": "torch", "kernel_size": 3}),
        ("elman", FIXED, {"activation": "relu", "init": "identity", "num_layers": 2, "readout": "mean"}),
        ("lstm", SERIES, {"kernel": "loop", "forget_bias": 0.0, "dropout": 0.3}),
        ("gru", SERIES, {"reset": "before", "num_layers": 2}),
        ("transformer", SERIES, {"causal": True, "readout": "last", "norm": "post", "positions": "none"}),
        ("transformer", FIXED, {"positions": "learned"}),
    ],
)
def test_options_give_a_model_that_answers(name: str, task: Task, settings: dict[str, Any]) -> None:
    """Settings other than the defaults are built and give finite outputs."""
    model = build(name, task, **settings)
    inputs = torch.randn(2, 1, 28, 28) if task is PICTURES else torch.randn(2, 10, 2)
    lengths = torch.tensor([10, 4]) if task is SERIES else None
    outputs = model(inputs, lengths)
    assert outputs.shape == (2, 1 if task is FIXED else 3)
    assert outputs.isfinite().all()


@pytest.mark.parametrize("cell", ["gru", "lstm", "elman"])
@pytest.mark.parametrize("attention", ["none", "additive"])
def test_every_cell_encodes_and_decodes(cell: str, attention: str) -> None:
    """All cells go with and without attention."""
    model: Any = build("seq2seq", TRANSDUCE, cell=cell, attention=attention, num_layers=2, bidirectional=False)
    source, target_in = torch.tensor([[4, 5, 2], [4, 2, 0]]), torch.tensor([[1, 4], [1, 5]])
    assert model(source, torch.tensor([3, 2]), target_in).shape == (2, 2, 6)


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("bp", {"hidden_size": 30}, 784 * 30 + 30 + 30 * 3 + 3),
        ("elman", {"hidden_size": 5}, 5 * (2 + 5 + 2) + 5 + 1),
        ("gru", {"hidden_size": 5}, 3 * 5 * (2 + 5 + 2) + 5 + 1),
        ("lstm", {"hidden_size": 5}, 4 * 5 * (2 + 5 + 2) + 5 + 1),
    ],
)
def test_parameters_are_those_of_the_equations(name: str, settings: dict[str, Any], expected: int) -> None:
    """Matrices and biases of the equations, and the readout's, and no others."""
    model = build(name, PICTURES if name == "bp" else FIXED, **settings)
    assert sum(parameter.numel() for parameter in model.parameters()) == expected
