"""What holds for every preset: it explains itself, holds together, and trains."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch

from tests.training.driving import Script
from workbench.cards import catalog
from workbench.cards.catalog import known_metrics
from workbench.experiment import Experiment
from workbench.experiment.presets import DEFAULT_PRESET, Preset, chapters, find_preset, list_presets, load_preset, presets_folder
from workbench.training.events import Evaluated, Event, StepDone
from workbench.training.loop import train
from workbench.training.state import TrainingState
from workbench.verification.claims import claims_of

PRESETS = list_presets()
every_preset = pytest.mark.parametrize("preset", PRESETS, ids=[preset.name for preset in PRESETS])


def test_there_are_presets_enough() -> None:
    """At least ten, and each architecture and every generated dataset has one."""
    assert len(PRESETS) >= 10
    assert {preset.values["model"]["name"] for preset in PRESETS} == set(catalog.architectures())
    # these need a file of the user's
    assert set(catalog.datasets()) - {preset.values["data"]["name"] for preset in PRESETS} <= {"arrays", "sentence_pairs"}


def test_last_parts_of_names_are_unique() -> None:
    """A preset can be named by its file alone, and no command has that name."""
    from workbench.cli.commands import command_names

    names = [preset.name.rpartition("/")[2] for preset in PRESETS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(command_names())


def test_the_default_preset_is_there() -> None:
    """What `make run` and `workbench` open exists."""
    assert find_preset(DEFAULT_PRESET).is_file()


@every_preset
def test_preset_explains_itself(preset: Preset) -> None:
    """A title that fits a table, a few sentences about it, and a chapter."""
    assert 5 <= len(preset.title) <= 60
    assert len(preset.about.split()) >= 8
    assert preset.about.strip().endswith(".")
    assert preset.name.count("/") == 1
    assert preset.chapter in chapters()
    assert preset.path == presets_folder() / f"{preset.name}.toml"


@every_preset
def test_preset_holds_together_and_can_be_written_back(preset: Preset, tmp_path: Path) -> None:
    """It loads, and its resolved form loads as the same experiment."""
    experiment = load_preset(preset.name)
    path = tmp_path / "experiment.toml"
    path.write_text(experiment.to_toml(), encoding="utf-8")
    assert Experiment.load(path) == experiment


@every_preset
def test_preset_claims_what_is_measured(preset: Preset) -> None:
    """The claim is about a test metric of the task's kind, and its contrast exists and measures the same."""
    experiment = load_preset(preset.name)
    assert experiment.training.monitor in experiment.metrics
    if experiment.claim is None:
        return
    claims_of([preset.name])
    for tag in (experiment.claim.metric, *(more.metric for more in experiment.claim.also)):
        split, _, metric = tag.partition("/")
        assert (split == "test" and metric in experiment.metrics) or tag == "max train/loss"
    assert experiment.claim.sentence.endswith(".")
    if experiment.claim.against is not None:
        contrast = load_preset(experiment.claim.against)
        assert contrast.task.kind == experiment.task.kind
        assert experiment.claim.against_operator is not None
        assert experiment.claim.against_threshold is not None


@pytest.mark.slow
@every_preset
def test_preset_trains(preset: Preset) -> None:
    """Three steps have finite loss and gradient, unless it is there to explode, and the evaluation has the task's metrics.

    All that is logged has its meaning told.
    """
    changes = {
        "training.eval_every": 3,
        "training.eval_samples": 16,
        "training.device": "cpu",
        "training.batch_size": min(8, load_preset(preset.name).training.batch_size),
    }
    experiment = load_preset(preset.name, changes)
    torch.manual_seed(0)
    state = TrainingState(experiment, experiment.dataset_card.open(experiment.data.config), torch.device("cpu"))
    events: list[Event] = []
    for event in itertools.islice(train(state, Script(state)), 8):
        events.append(event)
        if isinstance(event, Evaluated):  # a run of a few steps would go on to the whole test set
            break
    *before, evaluated = events
    steps = [event for event in before if isinstance(event, StepDone)]
    assert isinstance(evaluated, Evaluated)
    explodes = experiment.training.on_nonfinite == "skip"
    assert explodes or all(torch.isfinite(torch.tensor(list(step.scalars.values()))).all() for step in steps)
    measured, logged = ({tag.rpartition("/")[2] for tag in scalars} for scalars in (evaluated.scalars, steps[0].scalars))
    assert measured == set(experiment.metrics)
    assert measured | logged <= set(known_metrics())


def test_a_chapter_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says its heading and place itself; one that does not stands last, under its folder's name."""
    for name, words in (
        ("late", 'title = "Later things"\nplace = 2'),
        ("early", 'title = "Early"\nplace = 1.5'),
        ("my_own", "place"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "_chapter.toml").write_text(words, encoding="utf-8")
    monkeypatch.setattr("workbench.experiment.presets.presets_folder", lambda: tmp_path)
    chapters.cache_clear()
    try:
        assert dict(chapters()) == {"early": "Early", "late": "Later things", "my_own": "My own"}
        assert list(chapters()) == ["early", "late", "my_own"]
        assert list_presets() == []
    finally:
        chapters.cache_clear()
