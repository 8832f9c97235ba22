"""What is shown as an example of an input is an input, of that very architecture on those very data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.contracts.test_matrix import every_pair, experiment, opened
from workbench.cards import Batch, NoInput, catalog
from workbench.errors import DataError, ExperimentError
from workbench.experiment import Experiment
from workbench.training.inference import LoadedModel

Settings = Callable[[str], dict[str, Any]]


def untrained(wanted: Experiment) -> LoadedModel:
    """The experiment's model as it is before the first step."""
    dataset = opened(wanted.data.name, wanted.data.config)
    torch.manual_seed(0)
    return LoadedModel(wanted.architecture.build(wanted.model.config, dataset.task).eval(), wanted, 0, dataset)


def check_examples(model: LoadedModel) -> None:
    """The example is answered; the message on a wrong input shows it and no other."""
    shown = model.example()
    if isinstance(model.dataset.task.inputs, NoInput):  # takes no input, and says so
        model.predict([shown])
        return
    assert model.predict([shown])
    with pytest.raises(DataError) as refused:
        model.predict([" "])
    assert [text.removesuffix("'.") for text in str(refused.value).split("For example '")[1:]] in ([shown], [])
    assert shown in str(refused.value)


@every_pair
def test_every_example_is_taken_by_its_model(architecture: str, dataset: str, example_settings: Settings) -> None:
    """Of short data, small networks."""
    try:
        wanted = experiment(architecture, dataset, example_settings)
    except ExperimentError:
        return
    check_examples(untrained(wanted))


@pytest.mark.parametrize("view", ["image", "rows", "pixels"])
@pytest.mark.parametrize("architecture", catalog.architectures())
def test_every_view_of_a_picture_has_an_example(architecture: str, view: str) -> None:
    """Whole, by rows, by pixels."""
    try:
        wanted = experiment(architecture, "mnist", lambda _: {"view": view})
    except ExperimentError:
        return
    check_examples(untrained(wanted))


@pytest.mark.parametrize(
    "text", ["test:-1", "test:1.5", "test:99999999", "test:" + "9" * 5000, "test:", "test:x", "test:\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_place_that_is_none_is_answered_with_the_places(text: str) -> None:
    """Also where the input is symbols, and the text might be some."""
    for dataset, architecture in (("adding", "lstm"), ("reversal", "seq2seq"), ("mnist", "cnn"), ("echo", "elman")):
        with pytest.raises(DataError, match=r"^input: got 'test:.*; expected test:0 to test:[0-9]+\. Choose one of them\.$"):
            untrained(experiment(architecture, dataset, lambda _: {})).predict([text])


def test_an_empty_test_set_is_called_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither "test:0 to test:-1" nor a table without rows."""
    model = untrained(experiment("lstm", "adding", lambda _: {}))
    full = model.dataset.held_out("test")
    empty = Batch(full.inputs[:0], full.targets[:0])
    monkeypatch.setattr(model.dataset, "held_out", lambda _: empty)
    for texts in (["test:0"], None):
        with pytest.raises(DataError, match="the test set is empty"):
            model.predict(texts)
    assert model.predict([model.example()])


@pytest.mark.parametrize(
    "text",
    ["nan", "0.1 inf", "1e400", "1e39", "0,5 0,7", "[NaN]", "[" * 5000, "[1e999]", f"[{10**400}]", "0.1;0.2 0.3", "[]", ";"],
)
def test_numbers_that_are_none_are_answered_in_one_line(text: str, recwarn: pytest.WarningsRecorder) -> None:
    """Not finite, beyond single precision, parted by commas and spaces by turns, lists without end."""
    with pytest.raises(DataError) as refused:
        untrained(experiment("lstm", "narma10", lambda _: {})).predict([text])
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("input: got ")
    assert not recwarn.list
