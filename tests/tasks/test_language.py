"""The metrics of language models against plain formulas, and what they are told of their texts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from workbench.cards import Batch, Task, Tokens, catalog
from workbench.cards.catalog import task_kind
from workbench.experiment import Experiment
from workbench.nn.decoding import GREEDY
from workbench.nn.tensor_batch import TensorBatch
from workbench.training.evaluation import evaluate

CPU = torch.device("cpu")
SYMBOLS = ("<unk>", "a", "b", "<0xc3>", "<0xa9>")


class Fixed(nn.Module):
    """The same scores at every step, whatever is read."""

    def __init__(self, scores: list[float]) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.tensor(scores))

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.scores.expand(*inputs.shape, -1)


def measured(symbols: tuple[str, ...], joiner: str, targets: list[list[int]]) -> dict[str, float]:
    tokens = Tokens(symbols, 4, joiner, special=False)
    task = Task("language", tokens, tokens)
    array = np.array(targets)
    kind = task_kind(task)(task)
    with torch.no_grad():
        totals, predicted = kind.score(Fixed([0.0, 1.0, 2.0, 0.5, 0.1]), TensorBatch.of(Batch(array, array), CPU))
    np.testing.assert_array_equal(predicted, np.full_like(array, 2))
    return kind.totalled({name: total / count for name, (total, count) in totals.items()})


def test_loss_perplexity_and_bits_are_those_of_the_formula() -> None:
    """Two bytes of one letter are one character; what is unknown is one, too."""
    metrics = measured(SYMBOLS, "", [[1, 2, 3, 4], [2, 2, 0, 1]])
    scores = np.array([0.0, 1.0, 2.0, 0.5, 0.1])
    nll = np.log(np.exp(scores).sum()) - scores
    total = sum(nll[target] for target in [1, 2, 3, 4, 2, 2, 0, 1])
    assert metrics["loss"] == pytest.approx(total / 8)
    assert metrics["perplexity"] == pytest.approx(math.exp(total / 8))
    assert metrics["bits_per_character"] == pytest.approx(total / math.log(2) / 7)
    assert metrics["accuracy"] == pytest.approx(3 / 8)


def test_words_have_no_bits_per_character() -> None:
    """What it would cost to spell those outside the vocabulary is not known."""
    metrics = measured(("<unk>", "the", "cat", "sat", "."), " ", [[1, 2, 3, 4]])
    assert set(metrics) == {"loss", "accuracy", "perplexity"}


def test_a_loss_beyond_all_bounds_has_an_infinite_perplexity() -> None:
    """Instead of an overflow."""
    tokens = Tokens(("a", "b"), 4, special=False)
    task = Task("language", tokens, tokens)
    assert task_kind(task)(task).totalled({"loss": 1e4})["perplexity"] == math.inf


def wanted(name: str, **data: Any) -> Experiment:
    fields = catalog.architectures()[name].Config.model_fields
    small = {key: value for key, value in {"hidden_size": 8, "embedding_size": 4, "order": 1}.items() if key in fields}
    return Experiment.from_dict(
        {
            "model": {"name": name, **small},
            "data": {"name": "text", "length": 16, "num_written": 12, **data},
            "optimizer": {"name": "adam"},
            "training": {"steps": 10},
        }
    )


@pytest.mark.parametrize("name", ["gru", "markov", "transformer", "tdnn"])
def test_what_is_written_depends_on_prompt_and_weights_alone(name: str) -> None:
    """Measuring twice gives the same texts and draws no random number of training."""
    experiment = wanted(name)
    dataset = experiment.open_data()
    torch.manual_seed(0)
    model = experiment.architecture.build(experiment.model.config, dataset.task)
    kind = task_kind(dataset.task)(dataset.task)
    before = torch.get_rng_state()
    first, second = (evaluate(model, kind, dataset, "validation", CPU, limit=20) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert first.predictions == second.predictions
    assert len(first.predictions) == 3
    assert all(item["input"] and item["target"] and item["correct"] is None for item in first.predictions)


def test_an_answer_goes_on_from_what_was_typed() -> None:
    """The greedy path is the model's own likeliest token each time."""
    experiment = wanted("gru")
    dataset = experiment.open_data()
    torch.manual_seed(0)
    model = experiment.architecture.build(experiment.model.config, dataset.task).eval()
    prompt = torch.from_numpy(dataset.parse_input("Alice "))[None]
    kind = task_kind(dataset.task)(dataset.task)
    with torch.no_grad():
        written = kind.answer(model, TensorBatch(prompt, prompt, None), GREEDY, None).predicted
        assert int(written[0]) == int(model(prompt)[0, -1].argmax())
    assert len(written) == 200


def test_who_sees_the_future_and_who_has_no_probabilities_is_refused() -> None:
    """Each with what would do."""
    from workbench.errors import ExperimentError

    refused = {"bidirectional": "asks for language", "esn": "fitted in closed form: its loss is a likelihood"}
    for name, words in refused.items():
        with pytest.raises(ExperimentError, match=words):
            _ = wanted(name).task
