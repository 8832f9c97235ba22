"""How long a run will take."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.experiment import Experiment
from workbench.training import estimate


def experiment(**training: Any) -> Experiment:
    """A small experiment."""
    return Experiment.from_dict(
        {
            "model": {"name": "elman", "hidden_size": 4},
            "data": {"name": "adding", "length": 6},
            "optimizer": {"name": "adam"},
            "training": {"steps": 100, "batch_size": 4, "device": "cpu", **training},
        }
    )


@pytest.mark.parametrize(
    ("steps", "every", "number"), [(100, 20, 4), (100, 30, 3), (100, 0, 0), (100, 100, 0), (1, 1, 0), (101, 20, 5)]
)
def test_evaluations_are_counted_without_the_last(steps: int, every: int, number: int) -> None:
    """The one at the last step belongs to the end."""
    assert estimate.num_evaluations(steps, every) == number


def test_evaluations_start_and_tests_are_part_of_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four evaluations and a last one of 100 samples, two tests of 1,000: the last weights' and the best ones'."""
    monkeypatch.setattr(estimate, "_evaluation_seconds", lambda _: (0.0, 0.01))
    monkeypatch.setattr(estimate, "_drawing_seconds", lambda _: 0.25)
    other = estimate.describe(experiment(eval_every=20, eval_samples=100))["other_seconds"]
    assert other >= estimate.START_S + 2 * 0.25 + 5 * 1.0 + 2 * 10.0
    alone = estimate.describe(experiment(eval_every=0, eval_samples=100))["other_seconds"]
    assert estimate.START_S + 2 * 0.25 + 1.0 + 10.0 <= alone < other


@pytest.mark.parametrize(
    ("model", "data"), [("esn", "narma10"), ("markov", "two_lengths"), ("bp", "mnist"), ("recursive", "listops")]
)
def test_every_kind_of_model_is_measured(model: str, data: str) -> None:
    """In closed form, counted, with gradients by hand, on trees; a run of one step is not run to its end for that."""
    wanted = Experiment.from_dict(
        {
            "model": {"name": model},
            "data": {"name": data},
            "optimizer": {"name": "sgd"},
            "training": {"steps": 1, "batch_size": 2},
        }
    )
    found = estimate.describe(wanted)
    assert found["parameters"] > 0
    assert found["step_seconds"] > 0
    assert found["other_seconds"] >= estimate.START_S


class _Drawn:
    """Draws as a writer of formulas does: a call takes a while, whatever it is asked for, and each sample a little."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock

    def draw(self, rng: object, count: int) -> None:
        """Time passes."""
        del rng
        self.clock[0] += 0.02 + count * 1e-5

    def draws(self) -> tuple[int, int]:
        """Four calls of many samples."""
        return 4, 16_000


def test_drawing_the_held_out_sets_is_not_taken_for_as_many_small_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a call costs by itself is not counted for each sample."""
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    drawn: Any = _Drawn(clock)
    assert estimate._drawing_seconds(drawn) == pytest.approx(4 * (0.02 + 0.16))
