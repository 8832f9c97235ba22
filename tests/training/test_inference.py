"""Answers to what a person types."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.export.making import run_with_checkpoint
from workbench.cards import BOS, EOS, PAD, UNK
from workbench.cards.catalog import task_kind
from workbench.errors import CheckpointError, DataError, UsageError
from workbench.experiment import Experiment
from workbench.nn.decoding import DRAW, GREEDY, Decoding
from workbench.training.checkpoint_files import find_checkpoint
from workbench.training.checkpoints import load_checkpoint
from workbench.training.evaluation import evaluate
from workbench.training.inference import LoadedModel, checkpoint_data, checkpoint_model


def loaded(data: dict[str, Any], model: str | dict[str, Any] = "lstm") -> LoadedModel:
    """An untrained model on these data."""
    chosen = {"name": model} if isinstance(model, str) else model
    tables = {"model": chosen, "data": data, "optimizer": {"name": "adam"}, "training": {"steps": 10}}
    experiment = Experiment.from_dict(tables)
    dataset = experiment.dataset_card.open(experiment.data.config)
    torch.manual_seed(0)
    return LoadedModel(experiment.architecture.build(experiment.model.config, dataset.task).eval(), experiment, 0, dataset)


@pytest.mark.parametrize("text", ["foo", "0.3 0.8 0.1", "0.3* 0.8* 0.1*", "3* 0.8* 0.1", "0.3 1; 0.8 0"])
def test_a_wrong_input_is_answered_with_a_right_one(text: str) -> None:
    """The message shows how this dataset's input is written."""
    with pytest.raises(DataError, match=r"0\.3 0\.8\* 0\.1 0\.5\*"):
        loaded({"name": "adding", "length": 10}).predict([text])


def test_a_bare_text_is_one_input_and_its_length_is_noticed() -> None:
    """A string is no list of letters; numbers come as a number, and another length than in training is told."""
    (item,) = loaded({"name": "adding", "length": 10}).predict("0.3 0.8* 0.1 0.5*")
    assert isinstance(item["value"], float)
    assert item["notice"] == "trained on 10 steps, got 4: the answer may be poor"


@pytest.mark.parametrize(
    ("data", "model"),
    [({"name": "adding", "length": 10}, "lstm"), ({"name": "mnist"}, "cnn"), ({"name": "reversal"}, "seq2seq")],
)
def test_every_dataset_has_numbered_test_samples(data: dict[str, Any], model: str) -> None:
    """`test:3` is a sample with its target, the same one as without inputs."""
    model_here = loaded(data, model)
    (item,) = model_here.predict(["test:3"])
    assert item["sample"] == "test:3"
    assert item["target"]
    assert item == model_here.predict()[3]
    with pytest.raises(DataError, match="expected test:0 to test:"):
        model_here.predict(["test:99999999"])


def test_no_inputs_have_no_answers() -> None:
    """An empty list is no wish for samples of the test set; None is."""
    model = loaded({"name": "adding", "length": 10})
    assert model.predict([]) == []
    assert len(model.predict()) == len(model.predict(None)) == 12


def test_arrays_are_answered_as_the_texts_that_say_the_same() -> None:
    """One array of several inputs, or several of one each; what is drawn for nobody is told."""
    model = loaded({"name": "mackey_glass", "length": 100, "washout": 10}, "gru")
    numbers = np.round(np.random.default_rng(0).normal(size=(2, 5, 1)), 3)
    texts = ["; ".join(str(value) for value in steps[:, 0]) for steps in numbers]
    told = [item["value"] for item in model.predict(texts)]
    assert [item["value"] for item in model.predict(numbers)] == told
    assert [item["value"] for item in model.predict([numbers[0], texts[1]])] == told
    with pytest.raises(DataError, match="expected steps of 1 each"):
        model.predict([np.zeros((2, 3))])


def test_probabilities_come_likeliest_first() -> None:
    """The first class is the predicted one, and its index is the value."""
    item = loaded({"name": "mnist"}, "cnn").predict(["test:0"])[0]
    assert next(iter(item["probabilities"])) == item["predicted"] == str(item["value"])


def test_what_is_no_text_is_refused() -> None:
    """A path or a number is told apart in one line."""
    with pytest.raises(DataError, match="expected texts"):
        loaded({"name": "adding"}).predict([Path("x")])  # type: ignore[list-item]  # the mistake


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({"name": "untied"}, r"^input: got 12 steps; expected at most 10 steps, each with weights of its own\. Shorten it"),
        ({"name": "transformer", "positions": "learned"}, r"^input: got 12 steps; expected at most 10 steps, the places"),
        ({"name": "bp"}, r"^input: got 12 steps; expected exactly 10 steps"),
        ({"name": "resnet"}, r"^input: got 12 steps; expected exactly 10 steps"),
    ],
)
def test_a_sequence_that_is_too_long_for_the_model_is_refused(model: dict[str, Any], expected: str) -> None:
    """A model of a fixed number of steps says how many it takes; one that shares its weights answers."""
    data, text = {"name": "adding", "length": 10}, "0.3 0.8* 0.1 0.5* 0 0 0 0 0 0 0 0"
    with pytest.raises(DataError, match=expected):
        loaded(data, model).predict([text])
    assert len(loaded(data, {"name": "elman"}).predict([text])) == 1


@pytest.mark.parametrize(
    ("data", "model"),
    [
        ({"name": "echo"}, "elman"),
        ({"name": "mackey_glass", "length": 120, "washout": 30}, {"name": "elman", "hidden_size": 4}),
        ({"name": "reversal"}, "seq2seq"),
    ],
)
def test_a_test_sample_is_told_as_after_an_evaluation(data: dict[str, Any], model: str | dict[str, Any]) -> None:
    """Texts and judgement are those of the evaluation's predictions: what is not asked is masked or left out of both."""
    here = loaded(data, model)
    measured = evaluate(
        here.model, task_kind(here.dataset.task)(here.dataset.task), here.dataset, "test", torch.device("cpu"), limit=12, shown=3
    )
    keys = ("input", "target", "predicted", "correct")
    found = [{key: item[key] for key in keys} for item in here.predict()[:3]]
    assert found == [{key: item[key] for key in keys} for item in measured.predictions]


def test_steps_that_are_not_asked_are_no_part_of_an_answer() -> None:
    """Five dots before an echo; of a forecast the first value shown is the one after the washout."""
    item = loaded({"name": "echo"}, "elman").predict(["test:0"])[0]
    assert (item["predicted"][:5], item["target"][:5]) == ("·····", "·····")
    assert "·" not in item["predicted"][5:]
    item = loaded({"name": "mackey_glass", "length": 120, "washout": 30}, "elman").predict(["test:0"])[0]
    assert item["predicted"].split()[0] == f"{item['value'][30][0]:.3g}"


def test_a_generator_without_context_takes_no_input() -> None:
    """What is typed is refused, not ignored; what is drawn is judged by the data's source."""
    here = loaded({"name": "two_lengths"}, "generator")
    with pytest.raises(DataError, match=r"^input: got 'abc'; expected none, since this model generates from no input"):
        here.predict(["abc"])
    item = here.predict(["test:0"])[0]
    assert (item["correct"], type(item["valid"])) == (None, bool)


WRITERS: list[tuple[dict[str, Any], str]] = [
    ({"name": "reversal"}, "seq2seq"),
    ({"name": "class_strings"}, "generator"),
    ({"name": "two_lengths"}, "generator"),
]


@pytest.mark.parametrize(("data", "model"), WRITERS)
def test_what_is_drawn_is_drawn_anew_unless_seeded(data: dict[str, Any], model: str) -> None:
    """Twelve untrained sequences are hardly the same twice; with a seed they are."""
    here = loaded(data, model)

    def texts(decoding: Decoding, seed: int | None = None) -> list[str]:
        return [item["predicted"] for item in here.predict(decoding=decoding, seed=seed)]

    assert texts(DRAW, 1) == texts(DRAW, 1) != texts(DRAW, 2)
    assert texts(DRAW) != texts(DRAW)
    assert texts(GREEDY) == texts(GREEDY)
    assert texts(Decoding(beam=3)) == texts(Decoding(beam=3))


@pytest.mark.parametrize(("data", "model"), WRITERS)
def test_the_usual_way_is_greedy_unless_there_is_nothing_to_write_for(data: dict[str, Any], model: str) -> None:
    """Without a word on it a translation is the likeliest one, a sequence of a generator without input a draw."""
    here = loaded(data, model)
    usual, greedy = ([item["predicted"] for item in here.predict(decoding=decoding)] for decoding in (None, GREEDY))
    assert (usual == greedy) is (data["name"] != "two_lengths")


@pytest.mark.parametrize(
    ("decoding", "seed", "expected"),
    [
        (GREEDY, None, r"^predict: got a temperature, greedy path or beam; expected none, since lstm on adding writes no"),
        (None, 3, r"^predict: got a seed; expected none"),
    ],
)
def test_ways_to_write_are_refused_where_nothing_is_written(decoding: Decoding | None, seed: int | None, expected: str) -> None:
    """An option without effect is not taken in silence."""
    with pytest.raises(UsageError, match=expected):
        loaded({"name": "adding", "length": 10}).predict(decoding=decoding, seed=seed)


@pytest.mark.parametrize(
    ("decoding", "seed", "expected"),
    [(None, 3, r"^seed: got 3; expected none, since nothing is drawn"), (DRAW, -1, r"^seed: got -1; expected a whole number")],
)
def test_a_seed_needs_something_drawn(decoding: Decoding | None, seed: int, expected: str) -> None:
    """The usual answer of an encoder-decoder is not drawn; a negative seed is none."""
    with pytest.raises(UsageError, match=expected):
        loaded({"name": "reversal"}, "seq2seq").predict(decoding=decoding, seed=seed)


@pytest.mark.parametrize(("data", "model"), [*WRITERS, ({"name": "reversal"}, "transformer")])
def test_a_beam_finds_what_is_at_least_as_likely(data: dict[str, Any], model: str) -> None:
    """A wide beam's sequence has a higher probability than the greedy one, or is the same; the log-probability tells."""
    here = loaded(data, model)
    for greedy, beam in zip(here.predict(decoding=GREEDY), here.predict(decoding=Decoding(beam=30)), strict=True):
        if "log_probability" in greedy and "log_probability" in beam:
            assert beam["log_probability"] >= greedy["log_probability"] - 1e-4
            assert greedy["log_probability"] < 0


def test_the_likeliest_sequence_for_nothing_is_told_once() -> None:
    """Without a context the greedy path is the same each time; draws are shown twelve times."""
    here = loaded({"name": "two_lengths"}, "generator")
    assert [len(here.predict(decoding=decoding)) for decoding in (None, GREEDY, Decoding(beam=3))] == [12, 1, 1]


def test_the_log_probability_is_that_of_its_steps() -> None:
    """Each symbol's log-probability given those before it, the end's included, adds up to the whole's."""
    here = loaded({"name": "reversal"}, "seq2seq")
    model: Any = here.model
    with torch.no_grad():
        model.output.bias[[PAD, BOS, UNK]] = -1e9  # they would not show in the text
        model.output.bias[EOS] = 1  # so that it ends
    text = "3141"
    (item,) = here.predict(text, decoding=DRAW, seed=3)
    symbols = here.dataset.task.outputs.symbols  # type: ignore[union-attr]  # tokens
    choices = [*(symbols.index(letter) for letter in item["predicted"]), EOS]
    source = torch.as_tensor(here.dataset.parse_input(text))[None]
    state, last, total = model.begin(source, torch.tensor([source.shape[1]])), None, 0.0
    for number, choice in enumerate(choices):
        scores, state = model.step(number, last, state)
        total, last = total + float(scores.log_softmax(-1)[0, choice].detach()), torch.tensor([choice])
    assert item["log_probability"] == pytest.approx(total, abs=1e-4)


def test_weights_of_another_type_are_refused(tmp_path: Path) -> None:
    """They would be converted in silence, and complex ones lose a part."""
    folder = run_with_checkpoint(tmp_path)
    checkpoint = load_checkpoint(find_checkpoint(folder, "last").path)
    dataset = checkpoint_data(folder, checkpoint)
    for kind in (torch.complex64, torch.int8, torch.float64):
        tensors = {name: tensor.to(kind) for name, tensor in checkpoint.tensors.items() if name.startswith("model/")}
        with pytest.raises(CheckpointError, match=rf"its weights do not fit the model: .*got numbers of type {kind}"):
            checkpoint_model(replace(checkpoint, tensors=tensors), dataset)
