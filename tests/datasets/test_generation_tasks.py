"""The sources of sequences: their grammar, their strings, and what is known of them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from workbench.cards import EOS, Tokens, catalog
from workbench.datasets.reber import TRANSITIONS, Reber, ReberConfig


def opened(name: str, **settings: Any) -> Any:
    """The dataset with these settings."""
    card = catalog.datasets()[name]
    return card.open(card.Config(**settings))


def valid(dataset: Any, text: str) -> bool:
    """Whether the source could have written the string."""
    tokens: Tokens = dataset.task.outputs
    row = [*(tokens.symbols.index(letter) for letter in text), EOS]
    return bool(dataset.valid(np.array([row]))[0])


def baseline(dataset: Any, metric: str = "nll") -> float:
    """The first baseline of a metric."""
    return float(next(found.value for found in dataset.task.baselines if found.metric == metric))


# The grammar as drawn in Hochreiter and Schmidhuber 1997, figure 3, written out a second time: state -> letter -> state.
FIGURE = {
    "1": {"T": "2", "P": "3"},
    "2": {"S": "2", "X": "4"},
    "3": {"T": "3", "V": "5"},
    "4": {"X": "3", "S": "6"},
    "5": {"P": "4", "V": "6"},
}


def test_the_transitions_are_those_of_the_figure() -> None:
    """Each state's two letters and where they lead."""
    assert [{letter: str(target + 1) for letter, target in ways} for ways in TRANSITIONS] == list(FIGURE.values())


@pytest.mark.parametrize("text", ["BTBTXSETE", "BPBPVVEPE", "BTBTSSXXTVVETE", "BPBPTVPXVVEPE"])
def test_the_grammar_accepts_what_it_can_write(text: str) -> None:
    """Known strings."""
    assert valid(opened("reber"), text)


@pytest.mark.parametrize("text", ["BTBTXSEPE", "BTBTXXETE", "BTBPVVET", "BTBETE", "TXS"])
def test_the_grammar_refuses_what_it_cannot_write(text: str) -> None:
    """A second letter that is forgotten, walks that stop too early, frames that are not whole."""
    assert not valid(opened("reber"), text)


def test_the_grammar_s_lengths_and_entropy_are_those_of_all_its_strings() -> None:
    """Up to a short bound all strings can be listed, with their probabilities."""
    strings = [("1", "", 1.0)]
    found: dict[str, float] = {}
    while strings:
        state, text, chance = strings.pop()
        if state == "6":
            for frame in "TP":
                found[f"B{frame}B{text}E{frame}E"] = chance / 2
        elif len(text) < 8:
            strings += [(target, text + letter, chance / 2) for letter, target in FIGURE[state].items()]
    config = ReberConfig(max_length=14)
    dataset = Reber.open(config)
    total = sum(found.values())
    shares = np.zeros(15)
    for text, chance in found.items():
        assert valid(dataset, text)
        shares[len(text)] += chance / total
    np.testing.assert_allclose(dataset.length_distribution(), shares, atol=1e-12)
    entropy = -sum(chance / total * math.log(chance / total) for chance in found.values())
    assert baseline(dataset) == pytest.approx(entropy, abs=1e-9)


def test_two_lengths_has_the_entropy_of_all_its_strings() -> None:
    """Every string of a small setting has its probability; the mean of -ln P is the baseline."""
    dataset = opened("two_lengths", short=1, long=3, num_letters=2)
    chances = [0.5 / 2**length for length in (1, 3) for _ in itertools.product("ab", repeat=length)]
    assert sum(chances) == pytest.approx(1)
    assert baseline(dataset) == pytest.approx(-sum(chance * math.log(chance) for chance in chances))
    assert [valid(dataset, text) for text in ("a", "aba", "ab", "")] == [True, True, False, False]


def test_two_lengths_are_of_the_notes_size() -> None:
    """With the default settings a string has 10.03 nats."""
    assert baseline(opened("two_lengths")) == pytest.approx(10.03, abs=0.005)


def test_each_class_has_one_string() -> None:
    """All of a class's samples are the same, those of two classes differ, and validity asks for the right one."""
    dataset = opened("class_strings")
    batch = dataset.train_batch(0, 0, 200)
    words = {int(number): row.tolist() for number, row in zip(batch.inputs, batch.targets, strict=True)}
    assert len(words) == 10
    assert len({tuple(word) for word in words.values()}) == 10
    assert all(words[int(number)] == row.tolist() for number, row in zip(batch.inputs, batch.targets, strict=True))
    other = np.roll(batch.targets, 1, axis=0)
    assert dataset.valid(other).all()
    np.testing.assert_array_equal(dataset.valid(other, batch), (other == batch.targets).all(axis=1))


def test_digits_are_spelt_by_their_labels() -> None:
    """The name is that of the label which mnist gives for the same picture."""
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    spelling, digits = opened("mnist_spelling"), opened("mnist")
    batch, labelled = spelling.train_batch(3, 2, 50), digits.train_batch(3, 2, 50)
    np.testing.assert_array_equal(batch.inputs, labelled.inputs)
    assert [spelling.target_text(target) for target in batch.targets] == [names[label] for label in labelled.targets]


@pytest.mark.parametrize(("name", "settings"), [("two_lengths", {"short": 9, "long": 9}), ("class_strings", {"min_length": 11})])
def test_lengths_out_of_order_are_errors_of_the_settings(name: str, settings: dict[str, Any]) -> None:
    """The message says what was expected."""
    with pytest.raises(ValueError, match="expected"):
        catalog.datasets()[name].Config(**settings)


def test_a_flip_s_loss_is_the_mean_surprise_of_its_labels() -> None:
    """The labels' own chances, step by step, have the baseline's mean; the first is an even toss, and so is each one alone."""
    dataset = opened("random_flip", length=20, flip=0.1)
    batch = dataset.train_batch(0, 0, 20_000)
    coin = (batch.inputs[:, :, 0] != batch.targets).astype(int)
    turned = coin[:, 1:] != coin[:, :-1]
    surprise = math.log(2) + -np.where(turned, math.log(0.1), math.log(0.9)).sum(axis=1)
    known = next(found.value for found in dataset.task.baselines if found.sentence == "knowing the previous labels")
    assert surprise.mean() / 20 == pytest.approx(known, rel=0.01)
    np.testing.assert_allclose(coin.mean(axis=0), 0.5, atol=0.015)
