"""What an answer hangs on, against differences of answers in double precision and against gradients taken here by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from tests.training.test_inference import loaded
from workbench.cards import BOS, EOS, Explained
from workbench.cards.catalog import task_kind
from workbench.errors import UsageError
from workbench.nn.decoding import GREEDY
from workbench.nn.esn import EchoStateNetwork
from workbench.nn.tensor_batch import TensorBatch
from workbench.training import saliency
from workbench.training.inference import LoadedModel
from workbench.training.saliency import saliency_of


def one(model: LoadedModel, place: int = 0) -> tuple[NDArray[Any], TensorBatch, NDArray[Any]]:
    """A test sample, as a batch, with the model's answer to it."""
    array = model.dataset.samples(model.dataset.held_out("test").slice(place, place + 1))[0].inputs
    batch, kind = model._batch(array), task_kind(model.dataset.task)(model.dataset.task)
    with torch.no_grad():
        return array, batch, kind.answer(model.model, batch, GREEDY, None).predicted


def explained_number(model: LoadedModel, inputs: torch.Tensor, predicted: NDArray[Any]) -> float:
    """What the answer is explained by, of inputs in double precision: written out here for each kind of output."""
    kind = model.dataset.task.kind
    with torch.no_grad():
        outputs = model.model(inputs, None)
    if kind == "classify":
        return float(outputs[0, int(predicted)])
    if kind == "regress":
        return float(outputs[0, 0])
    if kind == "forecast":
        return float(outputs[0, -1, 0])
    shares = outputs[0].log_softmax(-1)
    return float(sum(shares[step, label] for step, label in enumerate(predicted.tolist())))


@pytest.mark.parametrize(
    ("data", "model"),
    [
        ({"name": "adding", "length": 8}, "lstm"),
        ({"name": "adding", "length": 8}, "bp"),  # its gradients for training are written by hand
        ({"name": "parity", "length": 8}, "elman"),
        ({"name": "mackey_glass", "length": 100, "washout": 5}, {"name": "esn", "hidden_size": 20}),  # fitted, never trained
        ({"name": "mackey_glass", "length": 100, "washout": 5}, {"name": "tdnn"}),
    ],
    ids=["lstm", "by hand", "labels", "reservoir", "windows"],
)
def test_the_derivative_is_that_of_differences(data: dict[str, Any], model: str | dict[str, Any]) -> None:
    """Every number of the input is moved a little both ways, in double precision."""
    asked = loaded(data, model)
    if isinstance(asked.model, EchoStateNetwork):  # read out with zeros as long as it is not fitted
        nn.init.normal_(asked.model.linear.weight, generator=torch.Generator().manual_seed(0))
    _, batch, predicted = one(asked)
    asked.model.double()
    inputs = batch.inputs.double()
    found = saliency_of(asked.model, asked.dataset, TensorBatch(inputs, inputs, None), predicted)
    assert found.values is not None, found.reason
    assert found.values.shape == tuple(inputs.shape[1:])
    places = np.random.default_rng(0).permutation(inputs.numel())[:12]
    for place in places:
        sides = []
        for sign in (1, -1):
            moved = inputs.clone()
            moved.view(-1)[place] += sign * 1e-5
            sides.append(explained_number(asked, moved, predicted))
        assert found.values.ravel()[place] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-4, abs=1e-7)


def test_a_picture_has_one_for_each_pixel() -> None:
    """Against torch's own gradient of the logit that is written down here."""
    asked = loaded({"name": "images"}, "cnn")
    array, batch, predicted = one(asked)
    inputs = batch.inputs.clone().requires_grad_()
    asked.model(inputs, None)[0, int(predicted)].backward()
    assert inputs.grad is not None
    found = saliency_of(asked.model, asked.dataset, batch, predicted)
    assert found.values is not None
    assert found.values.shape == array.shape
    np.testing.assert_allclose(found.values, inputs.grad[0].double().numpy(), rtol=1e-5, atol=1e-9)
    assert found.of == f"logit of the class {asked.dataset.target_text(predicted)}"


@pytest.mark.parametrize("model", ["seq2seq", "transformer"])
def test_symbols_are_weighed_by_their_vectors(model: str) -> None:
    """Each source word's vector times the gradient there, with the model taken apart here: embedding first, then the rest."""
    asked = loaded({"name": "reversal"}, model)
    _, batch, predicted = one(asked)
    network: Any = asked.model
    written = torch.as_tensor(predicted)
    written = written[: written.tolist().index(EOS) + 1] if EOS in written.tolist() else written
    vectors = network.source_embedding(batch.inputs).detach().requires_grad_()

    class Given(nn.Module):
        def forward(self, _tokens: torch.Tensor) -> torch.Tensor:
            given: torch.Tensor = vectors
            return given

    before, network.source_embedding = network.source_embedding, Given()
    logits = network(batch.inputs, batch.lengths, F.pad(written[None, :-1], (1, 0), value=BOS))
    (logits[0].log_softmax(-1).gather(1, written[:, None])).sum().backward()
    network.source_embedding = before
    assert vectors.grad is not None
    expected = (vectors.grad[0] * vectors.detach()[0]).sum(-1)
    found = saliency_of(asked.model, asked.dataset, batch, predicted)
    assert found.values is not None
    np.testing.assert_allclose(found.values, expected.numpy(), rtol=1e-4, atol=1e-7)


def test_a_symbol_counts_at_every_place_where_it_is_read() -> None:
    """Through a slice of the input, and a second look at all of it."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(3, 1, _weight=torch.tensor([[1.0], [2.0], [5.0]]))

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            total: torch.Tensor = self.table(inputs).sum() + 10 * self.table(inputs[:, 1:]).sum()
            return total

    model, inputs = Twice(), torch.tensor([[2, 0, 1]])
    found = saliency._of_symbols(lambda batch: Explained(model(batch.inputs), "the sum"), TensorBatch(inputs, inputs, None))
    assert found.values is not None
    assert found.values.tolist() == [5.0, 11.0, 22.0]


@pytest.mark.parametrize(
    ("data", "model", "reason"),
    [
        ({"name": "boolean_trees"}, "tree_lstm", "this model reads its symbols together"),
        ({"name": "text"}, "markov", "this model reads its symbols together"),
        ({"name": "two_lengths"}, "generator", "there is no input"),
    ],
)
def test_where_there_is_no_gradient_the_reason_is_told(data: dict[str, Any], model: str, reason: str) -> None:
    """In one line, beside an answer that is given nonetheless."""
    (item,) = loaded(data, model).predict(["test:0"], saliency=True)
    assert item["saliency"]["reason"].startswith(reason)
    assert "predicted" in item


def test_a_model_that_no_gradient_goes_through_is_said_to_be_such() -> None:
    """What rounds its input has a derivative of 0 everywhere, and torch says that there is none."""

    class Rounding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 1)

        def forward(self, inputs: torch.Tensor, _lengths: torch.Tensor | None = None) -> torch.Tensor:
            out: torch.Tensor = self.linear(inputs.detach().round()[:, -1])
            return out

    asked = loaded({"name": "adding", "length": 5})
    _, batch, predicted = one(asked)
    found = saliency_of(Rounding(), asked.dataset, batch, predicted)
    assert found.values is None
    assert found.reason == "no gradient goes through this model to its input"


def test_the_model_is_left_as_it_was() -> None:
    """Neither gradients of parameters nor torch's random numbers are touched."""
    asked = loaded({"name": "reversal"}, "seq2seq")
    before = torch.random.get_rng_state()
    asked.predict(["test:0"], saliency=True, attention=True)
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(parameter.grad is None for parameter in asked.model.parameters())


def test_attention_is_that_of_the_layers_equations() -> None:
    """Of the sequence that was written; its words stand beside it, the end symbol among them."""
    asked = loaded({"name": "reversal"}, "seq2seq")
    _, batch, predicted = one(asked)
    network: Any = asked.model
    with torch.no_grad():
        target = F.pad(torch.as_tensor(predicted)[None, :-1], (1, 0), value=BOS)
        _, weights = network.attend(batch.inputs, batch.lengths, target)
    (item,) = asked.predict(["test:0"], attention=True)
    told = item["attention"]
    (layer,) = told["layers"]
    assert (layer["rows"], layer["columns"]) == ("outputs", "inputs")
    np.testing.assert_allclose(np.array(layer["weights"])[0], weights[0].numpy(), atol=2e-3)  # stored in half precision
    assert told["symbols"]["inputs"] == [*asked.dataset.input_text(batch.inputs[0].numpy()), "<eos>"]
    assert len(told["symbols"]["outputs"]) == len(predicted)
    (plain,) = loaded({"name": "adding", "length": 5}).predict(["test:0"], attention=True)
    assert plain["attention"] == {"reason": "this model has no attention"}


def test_a_forecast_is_continued_on_its_own_outputs() -> None:
    """Step by step with the model's own answers put behind the input, as `predict` gives them."""
    asked = loaded({"name": "mackey_glass", "length": 120, "washout": 10}, "gru")
    series = asked.dataset.held_out("test").inputs[0][:40].astype(np.float64)
    (item,) = asked.predict([series], go_on=4)
    read = series
    for step in item["continuation"]:
        (next_,) = asked.predict([read])
        assert step == pytest.approx(
            [next_["value"][-1]] if isinstance(next_["value"][-1], float) else next_["value"][-1], abs=1e-5
        )
        read = np.concatenate([read, [step]])
    with pytest.raises(UsageError, match=r"^go_on: got 3; expected none, since lstm on adding does not run on its own outputs"):
        loaded({"name": "adding", "length": 5}).predict(["test:0"], go_on=3)
    with pytest.raises(UsageError, match=r"^go_on: got -1; expected a whole number of steps from 1 to 10,000"):
        asked.predict([series], go_on=-1)


def test_a_kind_of_task_may_name_no_number() -> None:
    """Kinds of other packages need not: then that is said."""
    asked = loaded({"name": "adding", "length": 5})
    _, batch, _ = one(asked)
    found = saliency._of_numbers(lambda _batch: None, batch)
    assert found.reason == "this kind of task names no number to explain"
