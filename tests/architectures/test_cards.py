"""What single cards refuse, and what their options change in the model that is built."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from workbench.architectures._cell_setting import Cell, cell_layer
from workbench.cards import EOS, SPECIAL_SYMBOLS, Classes, FreeRun, Image, NoInput, Task, Tokens, Vectors, catalog
from workbench.nn.decoding import GREEDY
from workbench.typed import kind_of

THREE = Classes(("a", "b", "c"))
PICTURES = Task("classify", Image(1, 28, 28), THREE)
SERIES = Task("classify", Vectors(2), THREE)
FIXED = Task("regress", Vectors(2, 10), Vectors(1))
WORDS = Tokens((*SPECIAL_SYMBOLS, "a", "b"), 9)
BITS = Tokens(("0", "1"), 9, special=False)
CELLS = Cell.choices()
TRANSDUCE = Task("transduce", WORDS, WORDS)


def refusal(name: str, task: Task, **settings: Any) -> str:
    """The reason, or "" when there is none."""
    card = catalog.architectures()[name]
    return catalog.refusal(card, card.Config(**settings), task) or ""


def build(name: str, task: Task, **settings: Any) -> torch.nn.Module:
    """The model with these settings."""
    torch.manual_seed(0)
    card = catalog.architectures()[name]
    return card.build(card.Config(**settings), task)


@pytest.mark.parametrize("name", ["elman", "lstm", "gru", "tdnn", "bidirectional", "transformer", "esn"])
def test_sequence_models_read_a_picture_row_by_row(name: str) -> None:
    """A picture of two channels gives what its rows, both channels side by side, give as a sequence of vectors."""
    pictures = torch.randn(2, 2, 6, 5)
    rows = torch.stack([torch.cat([picture[0], picture[1]], 1) for picture in pictures])  # (2, 6, 10)
    task, other = (Task("classify", signal, THREE) for signal in (Image(2, 6, 5), Vectors(10, 6)))
    assert torch.equal(build(name, task).eval()(pictures), build(name, other).eval()(rows))


def test_the_convolutional_network_takes_pictures_that_can_be_halved_twice() -> None:
    """Sequences and tiny pictures are refused with what to do."""
    assert refusal("cnn", PICTURES) == ""
    assert "data.view = image" in refusal("cnn", SERIES)
    assert "3 x 28 pixels" in refusal("cnn", Task("classify", Image(1, 3, 28), THREE))


def test_the_perceptron_needs_a_fixed_number_of_inputs() -> None:
    """Sequences of changing length are refused, except where each step is treated alone."""
    assert "differ in length" in refusal("bp", SERIES)
    assert "differ in length" in refusal("bp", Task("classify", WORDS, THREE))
    assert refusal("bp", Task("classify", BITS, THREE)) == ""
    assert refusal("bp", Task("label", Vectors(2), THREE)) == ""


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
    assert "end token" in refusal(name, Task("transduce", BITS, WORDS))
    assert "end token" in refusal(name, Task("transduce", Vectors(2), WORDS))


def test_places_are_learned_where_their_number_is_known() -> None:
    """Sequences without a bound have no table of places."""
    assert "sinusoidal" in refusal("transformer", SERIES, positions="learned")
    assert refusal("transformer", FIXED, positions="learned") == ""


def test_weights_for_each_step_need_to_know_how_many_there_are() -> None:
    """Data without a longest sequence, or with a longer one than there are weights for, are refused; a free run counts too."""
    assert "no longest length" in refusal("untied", SERIES)
    assert refusal("untied", FIXED) == ""
    assert refusal("untied", FIXED, num_steps=12) == ""
    assert "weights for 9 steps, and the data have sequences of 10" in refusal("untied", FIXED, num_steps=9)
    longer = Task("label", Vectors(1, None, max_length=100), THREE)
    assert refusal("untied", longer) == ""
    assert "sequences of 100" in refusal("untied", longer, num_steps=25)
    forecast = Task("forecast", Vectors(1, 10), Vectors(1), free_run=FreeRun(8, 5))
    assert refusal("untied", forecast, num_steps=12) == ""
    assert "sequences of 12" in refusal("untied", forecast, num_steps=11)


def test_unshared_weights_are_as_many_times_more_as_there_are_steps() -> None:
    """At any length the shared ones stay the same; the readout is shared in both."""

    def sizes(length: int) -> tuple[int, int]:
        task = Task("label", Vectors(2, length), THREE)
        models = (build(name, task, hidden_size=5) for name in ("elman", "untied"))
        shared, untied = (sum(p.numel() for p in model.parameters()) - (5 * 3 + 3) for model in models)
        return shared, untied

    assert sizes(10) == (5 * (2 + 5 + 2), 10 * 5 * (2 + 5 + 1))
    assert sizes(50) == (5 * (2 + 5 + 2), 50 * 5 * (2 + 5 + 1))


def test_only_the_plain_recurrence_has_a_place_for_extra_layers() -> None:
    """Depth from state to state with another cell is refused, with both ways to fix it."""
    assert refusal("deep", SERIES, transition_depth=2) == ""
    assert "model.cell = elman" in refusal("deep", SERIES, transition_depth=2, cell="gru")
    assert "at least the number of periods (8)" in refusal("deep", SERIES, cell="clockwork", hidden_size=7)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("skip", ["none", "residual", "dense"])
def test_every_cell_can_be_stacked_deep(cell: str, skip: str) -> None:
    """Padded sequences are answered as each alone, with extra layers before and after."""
    settings: dict[str, Any] = {"cell": cell, "skip": skip, "hidden_size": 8, "input_depth": 1, "output_depth": 1}
    model = build("deep", SERIES, **settings).double()
    inputs, lengths = torch.randn(2, 10, 2, dtype=torch.float64), torch.tensor([10, 4])
    together = model(inputs, lengths)
    torch.testing.assert_close(model(inputs[1:, :4])[0], together[1], rtol=1e-12, atol=1e-12)


def test_heads_divide_the_size() -> None:
    """Other combinations are errors of the settings."""
    with pytest.raises(ValidationError, match="multiple of num_heads"):
        catalog.architectures()["transformer"].Config.model_validate({"hidden_size": 30, "num_heads": 4})


def test_every_module_has_a_unit() -> None:
    """More periods than units is an error of the settings."""
    with pytest.raises(ValidationError, match="at least the number of periods"):
        catalog.architectures()["clockwork"].Config.model_validate({"hidden_size": 3, "periods": "1 2 4 8"})


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
        ("deep", SERIES, {"skip": "dense", "transition_depth": 1, "input_depth": 2, "output_depth": 1, "dropout": 0.2}),
        ("untied", FIXED, {"num_steps": 12, "num_layers": 2, "kernel": "loop"}),
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


SLOWER = """
from workbench.architectures.elman import Elman, ElmanConfig
from workbench.architectures._recurrent_card import RecurrentCard


class Slower(RecurrentCard[ElmanConfig]):
    Config = ElmanConfig
    title, group, summary, reference, equation, drawing = "Slower", "Recurrent", "A trial.", "none", "h", "h"

    @classmethod
    def layer(cls, config):
        return Elman.layer(config)
"""


def test_a_cell_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recurrent card in the folder can be chosen as a cell, in the form, the schema and a model, with no list to keep."""
    import workbench.architectures

    (tmp_path / "slower.py").write_text(SLOWER, encoding="utf-8")
    monkeypatch.setattr(workbench.architectures, "__path__", [*workbench.architectures.__path__, str(tmp_path)])
    catalog.cards_of.cache_clear()
    try:
        settings = catalog.architectures()["deep"].Config
        assert "slower" in settings.model_json_schema()["properties"]["cell"]["enum"]
        assert "slower" in kind_of(settings.model_fields["cell"].annotation)[1]
        assert isinstance(build("deep", SERIES, cell="slower", hidden_size=4), torch.nn.Module)
    finally:
        sys.modules.pop("workbench.architectures.slower", None)
        monkeypatch.undo()
        catalog.cards_of.cache_clear()
    with pytest.raises(ValidationError, match=r"'clockwork', .* or 'mgu'"):
        settings.model_validate({"cell": "slower"})


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_its_card_s_layer_with_default_settings(cell: str) -> None:
    """The same parameters and the same outputs as the card's own network has in its one layer."""
    series = Task("label", Vectors(2), THREE)
    own: Any = build(cell, series, hidden_size=16)
    layer = cell_layer(cell)(2, 16)
    layer.load_state_dict(own.backbone.layers[0].state_dict())
    inputs = torch.randn(2, 12, 2)
    assert torch.equal(layer(inputs)[0], own.backbone(inputs))


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_reads_in_both_directions(cell: str) -> None:
    """Two layers of any cell answer to padded sequences as they do to each of them alone."""
    model = build("bidirectional", SERIES, cell=cell, num_layers=2).double()
    inputs, lengths = torch.randn(2, 10, 2, dtype=torch.float64), torch.tensor([10, 4])
    together = model(inputs, lengths)
    torch.testing.assert_close(model(inputs[1:, :4])[0], together[1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["bidirectional", "seq2seq", "conditional", "generator"])
def test_a_cell_with_more_modules_than_units_is_refused(name: str) -> None:
    """A clockwork network's modules need a unit each, as a cell too."""
    tasks = {
        "seq2seq": TRANSDUCE,
        "conditional": Task("label", Vectors(2), THREE),
        "generator": Task("generate", NoInput(), WORDS),
    }
    task = tasks.get(name, SERIES)
    assert refusal(name, task, cell="clockwork", hidden_size=8) == ""
    assert "at least the number of periods (8)" in refusal(name, task, cell="clockwork", hidden_size=7)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("attention", ["none", "additive"])
def test_every_cell_encodes_and_decodes(cell: str, attention: str) -> None:
    """All cells go with and without attention, and start from what the context sets."""
    model: Any = build("seq2seq", TRANSDUCE, cell=cell, attention=attention, num_layers=2, bidirectional=False)
    source, target_in = torch.tensor([[4, 5, 2], [4, 2, 0]]), torch.full((2, 12), 4)
    logits = model(source, torch.tensor([3, 2]), target_in)
    assert logits.shape == (2, 12, 6)
    logits.square().sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert model.bridge.bias.grad.all()  # every value that the context sets counts


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("context", ["none", "initial_state"])
def test_every_cell_writes(cell: str, context: str) -> None:
    """The likelihood of what is written does not depend on whether it is read at once or symbol by symbol."""
    task = Task("generate", NoInput() if context == "none" else THREE, WORDS)
    model: Any = build("generator", task, cell=cell, context=context).double()
    inputs = torch.zeros(1, 0, dtype=torch.float64) if context == "none" else torch.tensor([1])
    written = model.sample(inputs, max_length=8, decoding=GREEDY)
    state, last, total = model.begin(inputs), None, 0.0
    symbols = [int(index) - len(SPECIAL_SYMBOLS) for index in written[0] if index >= len(SPECIAL_SYMBOLS)]
    for number, choice in enumerate([*symbols, 2]):
        scores, state = model.step(number, last, state)
        total -= scores[0, choice].item()
        last = torch.tensor([choice])
    ended = torch.tensor([[symbol + len(SPECIAL_SYMBOLS) for symbol in symbols] + [EOS]])
    assert model.nll(inputs, ended).item() == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("bp", {"hidden_size": 30}, 784 * 30 + 30 + 30 * 3 + 3),
        ("elman", {"hidden_size": 5}, 5 * (2 + 5 + 2) + 5 + 1),
        ("gru", {"hidden_size": 5}, 3 * 5 * (2 + 5 + 2) + 5 + 1),
        ("lstm", {"hidden_size": 5}, 4 * 5 * (2 + 5 + 2) + 5 + 1),
        ("deep", {"hidden_size": 5, "num_layers": 2}, 5 * (2 + 5 + 2) + 5 * (5 + 5 + 2) + 5 + 1),
        ("deep", {"hidden_size": 5, "num_layers": 2, "skip": "dense"}, 5 * (2 + 5 + 2) + 5 * (7 + 5 + 2) + 2 * 5 + 1),
        ("deep", {"hidden_size": 5, "num_layers": 1, "transition_depth": 2}, 5 * (2 + 5 + 2) + 2 * 5 * (5 + 1) + 5 + 1),
    ],
)
def test_parameters_are_those_of_the_equations(name: str, settings: dict[str, Any], expected: int) -> None:
    """Matrices and biases of the equations, and the readout's, and no others."""
    model = build(name, PICTURES if name == "bp" else FIXED, **settings)
    assert sum(parameter.numel() for parameter in model.parameters()) == expected
