"""What the form knows besides its values, without a widget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.harness import example, fixed_cards
from workbench.errors import Problem
from workbench.tui.form.model import FormModel, ModelDescription
from workbench.tui.form.validation import Validation, validate


@pytest.fixture(autouse=True)
def _cards() -> Iterator[None]:
    with fixed_cards():
        yield


def checked(model: FormModel) -> bool:
    return model.take(validate(model.values.snapshot()))


def test_a_wrong_value_takes_the_experiment_away_until_it_is_right_again() -> None:
    """What is wrong stands at its setting; the check says whether there is anything to announce."""
    model = FormModel(example())
    assert not checked(model)
    model.values.set("optimizer.lr", -1.0)
    assert checked(model)
    assert model.experiment is None
    assert model.first_wrong == "optimizer.lr"
    assert list(model.row_problems()) == [("optimizer", "lr")]
    assert model.notes() == ([], [])
    model.values.set("optimizer.lr", 5e-3)
    assert checked(model)
    assert model.experiment == example()


def test_a_problem_that_names_no_setting_is_a_note() -> None:
    """What a dataset says of one of its settings stands there; anything else is said of the whole form."""
    model = FormModel(example())
    named, unnamed = Problem("", "data", "", "data.length: too long."), Problem("", "data", "", "the disk is gone.")
    model.take(Validation(None, (named, unnamed)))
    assert model.row_problems() == {("data", "length"): "data.length: too long."}
    assert model.notes()[0] == [str(unnamed)]


def test_what_has_no_effect_is_told_before_a_start_alone() -> None:
    """The setting under the cursor comes first; while a run goes on nothing is told."""
    model = FormModel(example(optimizer__warmup_steps=500, training__min_delta=0.1))
    checked(model)
    assert set(model.effectless()) >= {"optimizer.warmup_steps", "training.min_delta"}
    assert next(iter(model.effectless("training.min_delta"))) == "training.min_delta"
    assert next(iter(model.effectless("optimizer.warmup_steps"))) == "optimizer.warmup_steps"
    assert model.follow_run(live=True)
    assert not model.effectless()
    assert not model.follow_run(live=True)


def test_what_a_run_has_instead_is_forgotten_when_it_ends() -> None:
    """A live change stands over the form's own value for as long as the run goes on."""
    model = FormModel(example())
    model.follow_run(live=True)
    model.change_live("optimizer.lr", 1e-4)
    rate = model.fields["optimizer.lr"]
    assert model.values.shown(rate) == 1e-4
    assert model.values.value(rate) == 5e-3
    model.follow_run(live=False)
    assert model.values.shown(rate) == 5e-3


def test_numbers_of_another_model_are_counted_anew_unless_a_run_goes_on() -> None:
    """Where there were some, new ones are on their way; where there were none, none are announced."""
    model = FormModel(example())
    model.load(example(model__hidden_size=5))
    assert model.description == ModelDescription()
    model.description = ModelDescription(17217, 0.012)
    model.values.set("model.hidden_size", 7)
    checked(model)
    assert model.description == ModelDescription(counting=True)
    model.follow_run(live=True)
    assert not model.description.counting
    model.values.set("training.steps", 7)
    model.description = ModelDescription(17217, 0.012)
    checked(model)
    assert model.description.parameters == 17217
