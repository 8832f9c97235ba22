"""boolean_trees and listops: the answers are what the written formulas mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from workbench.cards import Sample
from workbench.datasets.boolean_trees import BooleanTrees
from workbench.datasets.listops import ListOps

BOOLEAN: dict[str, Callable[[Sequence[int]], int]] = {
    "[and": lambda values: values[0] & values[1],
    "[or": lambda values: values[0] | values[1],
    "[xor": lambda values: values[0] ^ values[1],
}
LISTS: dict[str, Callable[[Sequence[int]], int]] = {
    "[MIN": min,
    "[MAX": max,
    "[MED": lambda values: int(np.median(values)),
    "[SM": lambda values: sum(values) % 10,
}


def value_and_depth(text: str, operators: dict[str, Callable[[Sequence[int]], int]]) -> tuple[int, int]:
    """The value of a formula by a stack, and how deep its brackets go."""
    stack: list[list[int]] = [[]]
    names: list[str] = []
    deepest = 0
    for word in text.split():
        if word in operators:
            names.append(word)
            stack.append([])
            deepest = max(deepest, len(names))
        elif word == "]":
            values = stack.pop()
            stack[-1].append(operators[names.pop()](values))
        else:
            stack[-1].append(int(word))
    ((value,),) = stack
    return value, deepest


def test_boolean_formulas_are_what_they_say() -> None:
    """Targets are the formulas' values, training goes as deep as asked and no deeper."""
    dataset = BooleanTrees.open(BooleanTrees.Config())
    depths = set()
    for sample in dataset.samples(dataset.train_batch(0, 0, 300)):
        value, depth = value_and_depth(sample.input_text, BOOLEAN)
        assert sample.target_text == ("true" if value else "false")
        depths.add(depth)
    assert len(depths) >= 3
    assert max(depths) == 4


@pytest.mark.parametrize("test_depth", [5, 8])
def test_the_test_set_has_full_trees(test_depth: int) -> None:
    """Every test formula has all values at the depth that was asked for, and is worked out rightly."""
    dataset = BooleanTrees.open(BooleanTrees.Config(test_depth=test_depth))
    batch = dataset.held_out("test")
    assert batch.lengths is not None
    assert set(batch.lengths.tolist()) == {3 * 2**test_depth - 1}
    for sample in dataset.samples(batch.slice(0, 40)):
        value, depth = value_and_depth(sample.input_text, BOOLEAN)
        assert depth == test_depth
        assert sample.target_text == ("true" if value else "false")


def listops_samples() -> list[Sample]:
    dataset = ListOps.open(ListOps.Config())
    return dataset.samples(dataset.train_batch(0, 0, 600))


def test_listops_are_what_they_say() -> None:
    """Targets are the formulas' values; operators have two to five operands, and lengths are within bounds."""
    longest = 0
    for sample in listops_samples():
        value, depth = value_and_depth(sample.input_text, LISTS)
        assert int(sample.target_text) == value
        assert 5 <= len(sample.input_text.split()) <= 100
        longest = max(longest, depth)
    assert longest >= 6


@pytest.mark.parametrize("settings", [{"min_length": 40, "max_depth": 2}, {"min_length": 60, "max_length": 50}])
def test_lengths_that_no_formula_has_are_refused(settings: dict[str, int]) -> None:
    """What could be drawn for ever is an error of the settings; the longest formula of depth two has 37 symbols."""
    config = ListOps.Config
    with pytest.raises(ValidationError, match="the longest"):
        config.model_validate(settings)
    assert config.model_validate({"min_length": 37, "max_depth": 2}).min_length == 37


def test_listops_nest_as_often_as_they_should() -> None:
    """About a quarter of the operands are operations, in formulas that the bound on their length does not cut off."""
    config = ListOps.Config(max_length=2000, min_length=4)
    dataset = ListOps.open(config)
    words = [word for sample in dataset.samples(dataset.train_batch(0, 0, 800)) for word in sample.input_text.split()]
    operations = sum(word in LISTS for word in words) - 800  # without the roots
    digits = sum(word.isdigit() for word in words)
    assert 0.23 < operations / (operations + digits) < 0.27
