"""Writers against the enumeration of all short sequences, the table against counting."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from workbench.nn.autoregressive import Alphabet, AutoregressiveModel
from workbench.nn.contexts import ClassContext
from workbench.nn.decoding import GREEDY, Decoding
from workbench.nn.generator import Generator
from workbench.nn.gru import GRULayer
from workbench.nn.markov import MarkovTable
from workbench.nn.names import ContextUse, Stop

PAD, END, FIRST = 0, 2, 4
AB = Alphabet(2, FIRST, PAD, END)
LONGEST = 4
"""Symbols of the longest sequence that is enumerated."""
STOPS: tuple[Stop, ...] = ("end_symbol", "bernoulli", "length")
USES: tuple[ContextUse, ...] = ("none", "input", "initial_state", "both")


def writer(stop: Stop = "end_symbol", use: ContextUse = "none", seed: int = 0) -> Generator:
    """A small generator whose distribution is far from even."""
    torch.manual_seed(seed)
    context = None if use == "none" else ClassContext(2, 5)
    model = Generator(AB, GRULayer, max_length=LONGEST + 1, context=context, use=use, stop=stop, hidden_size=6)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.8)
    return model.double().eval()


def table(order: int, num_classes: int = 0) -> MarkovTable:
    """A table far from even."""
    torch.manual_seed(3)
    model = MarkovTable(AB, order, num_classes).double()
    torch.nn.init.normal_(model.table, std=1.5)
    return model


def all_sequences(longest: int = LONGEST) -> Tensor:
    """Every sequence of up to `longest` symbols, in the form of targets."""
    rows = [
        [*(FIRST + symbol for symbol in word), END, *[PAD] * (longest - length)]
        for length in range(longest + 1)
        for word in itertools.product(range(2), repeat=length)
    ]
    return torch.tensor(rows)


def stepwise_nll(model: AutoregressiveModel, inputs: Tensor, targets: Tensor) -> Tensor:
    """The definition: one step after the other, each choice given those before."""
    total = torch.zeros(len(targets), dtype=torch.float64)
    for row in range(len(targets)):
        state, last = model.begin(inputs[row : row + 1]), None
        indices = targets[row].tolist()
        length = indices.index(END)
        choices = [*(index - FIRST for index in indices[:length]), AB.num_tokens]
        for number, choice in enumerate([length, *choices] if model.plans else choices):
            scores, state = model.step(number, last, state)
            total[row] -= scores[0, choice]
            last = torch.tensor([choice])
    return total


MODELS = [*(writer(stop) for stop in STOPS), table(1), table(3)]
MODEL_NAMES = [*STOPS, "markov-1", "markov-3"]
each_model = pytest.mark.parametrize("model", MODELS, ids=MODEL_NAMES)


@each_model
def test_the_likelihood_of_a_whole_is_that_of_its_steps(model: AutoregressiveModel) -> None:
    """All steps in one call give what single steps give."""
    targets = all_sequences()
    inputs = torch.zeros(len(targets), 0)
    torch.testing.assert_close(model.nll(inputs, targets), stepwise_nll(model, inputs, targets))


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("use", USES)
def test_a_context_reaches_every_step(stop: Stop, use: ContextUse) -> None:
    """With a context too the whole is its steps; another class changes the likelihood exactly when the context is used."""
    model, targets = writer(stop, use), all_sequences()
    inputs = torch.arange(len(targets)) % 2
    torch.testing.assert_close(model.nll(inputs, targets), stepwise_nll(model, inputs, targets))
    assert torch.equal(model.nll(inputs, targets), model.nll(1 - inputs, targets)) is (use == "none")


def test_a_planned_length_makes_a_proper_distribution() -> None:
    """The probabilities of all sequences up to the longest sum to one."""
    targets = all_sequences()
    nll = writer("length").nll(torch.zeros(len(targets), 0), targets).detach()
    assert float((-nll).exp().sum()) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("model", [MODELS[0], MODELS[1], MODELS[3], MODELS[4]], ids=["end", "bernoulli", "m1", "m3"])
def test_what_has_not_ended_yet_is_the_missing_probability(model: AutoregressiveModel) -> None:
    """All sequences up to a length sum to one but for those that go on: prefixes of that length times not ending."""
    targets = all_sequences()
    nll = model.nll(torch.zeros(len(targets), 0), targets).detach()
    longer = torch.zeros(1, dtype=torch.float64)
    for word in itertools.product(range(2), repeat=LONGEST + 1):
        state, last, log = model.begin(torch.zeros(1, 0)), None, 0.0
        for number, choice in enumerate(word):
            scores, state = model.step(number, last, state)
            log, last = log + float(scores[0, choice].detach()), torch.tensor([choice])
        longer += math.exp(log)
    assert float((-nll).exp().sum() + longer) == pytest.approx(1, abs=1e-9)


@each_model
def test_a_wide_beam_finds_the_likeliest_sequence(model: AutoregressiveModel) -> None:
    """With as many beginnings as there are, the search returns the best of all sequences that end in time."""
    targets = all_sequences()
    nll = model.nll(torch.zeros(len(targets), 0), targets).detach()
    written = model.sample(torch.zeros(3, 0), max_length=LONGEST + 1, decoding=Decoding(beam=200))
    assert END in written[0].tolist()  # else the likeliest has not ended, and the enumeration does not hold it
    best = targets[int(nll.argmin())].tolist()
    for row in written.tolist():
        assert [*row, *[PAD] * (len(best) - len(row))] == best


@each_model
def test_greedy_takes_the_likeliest_choice_each_time(model: AutoregressiveModel) -> None:
    """The greedy path is the definition's."""
    written = model.sample(torch.zeros(1, 0), max_length=LONGEST + 1, decoding=GREEDY)[0].tolist()
    state, last, chosen = model.begin(torch.zeros(1, 0)), None, []
    for number in range(LONGEST + 1 + int(model.plans)):
        scores, state = model.step(number, last, state)
        last = scores.argmax(-1)
        chosen.append(int(last))
        if number >= int(model.plans) and chosen[-1] == AB.num_tokens:
            break
    expected = [END if choice == AB.num_tokens else FIRST + choice for choice in chosen[int(model.plans) :]]
    assert written == expected


@each_model
def test_draws_follow_the_distribution(model: AutoregressiveModel) -> None:
    """Among 20,000 draws each short sequence is as frequent as its probability says."""
    targets = all_sequences(2)
    probabilities = (-model.nll(torch.zeros(len(targets), 0), targets)).exp().detach()
    drawn = model.sample(torch.zeros(1, 0), 20_000, max_length=LONGEST + 1, generator=torch.Generator().manual_seed(0))
    wanted = torch.nn.functional.pad(targets, (0, drawn.shape[1] - targets.shape[1]))
    shares = (drawn[:, None] == wanted).all(-1).double().mean(0)
    np.testing.assert_allclose(shares, probabilities, atol=0.015)


def test_a_low_temperature_is_the_greedy_path() -> None:
    """At temperature 1e-3 every draw is the likeliest choice."""
    model = writer()
    cold = model.sample(torch.zeros(1, 0), 8, max_length=LONGEST + 1, decoding=Decoding(temperature=1e-3))
    greedy = model.sample(torch.zeros(1, 0), 8, max_length=LONGEST + 1, decoding=GREEDY)
    assert torch.equal(cold, greedy)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_table_grows_as_a_power_of_the_history(order: int) -> None:
    """(k + 1)^n rows of k + 1 numbers; for each class as many again."""
    assert table(order).table.shape == (3**order, 3)
    assert table(order, num_classes=5).table.shape == (5 * 3**order, 3)


def test_the_trained_table_is_counting() -> None:
    """The likelihood is highest where the table has the relative frequencies of what followed each history."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(["a", "b"], rng.integers(1, 5))) for _ in range(40)]
    rows: list[list[int]] = [[FIRST + "ab".index(letter) for letter in word] + [END] for word in words]
    targets = torch.tensor([row + [PAD] * (5 - len(row)) for row in rows])
    model: Any = table(2)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=200, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = model.nll(torch.zeros(len(targets), 0), targets).mean()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch's
    followed: dict[str, list[str]] = {}
    for word in words:
        history = f"^^{word}$"
        for place in range(2, len(history)):
            followed.setdefault(history[place - 2 : place], []).append(history[place])
    counted = -sum(math.log(after.count(letter) / len(after)) for after in followed.values() for letter in after) / len(words)
    assert float(closure().detach()) == pytest.approx(counted, abs=1e-4)


@pytest.mark.parametrize("model", [MODELS[0], MODELS[1], MODELS[3], MODELS[4]], ids=["end", "bernoulli", "m1", "m3"])
@pytest.mark.parametrize("padding", [0, 2])
def test_a_target_that_was_cut_counts_with_its_symbols(model: AutoregressiveModel, padding: int) -> None:
    """Without an end it is a beginning: its probability is that of all its continuations together, and not that of nothing."""
    cut, inputs = torch.tensor([[FIRST, FIRST + 1, *[PAD] * padding]]), torch.zeros(1, 0)
    state, last, expected = model.begin(inputs), None, 0.0
    for number, choice in enumerate((0, 1)):
        scores, state = model.step(number, last, state)
        expected -= scores[0, choice].item()
        last = torch.tensor([choice])
    assert model.nll(inputs, cut).item() == pytest.approx(expected, rel=1e-9)
