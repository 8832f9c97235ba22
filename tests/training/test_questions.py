"""What a waiting process answers about a trained model: the numbers of the command line, from one loading, in plain values."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.driving import experiment
from workbench.cards.catalog import task_kind
from workbench.cli.app import run as run_command
from workbench.errors import CheckpointError, UsageError
from workbench.runs.folder import RunFolder
from workbench.training import questions, worker
from workbench.training.checkpoint_files import checkpoint_path, list_checkpoints
from workbench.training.checkpoints import load_checkpoint
from workbench.training.evaluation import evaluate
from workbench.training.inference import LoadedModel, build_model, load_model


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A small GRU on the echo task, at its end after 20 steps, with checkpoints before."""
    folder = RunFolder.create(tmp_path_factory.mktemp("runs"), experiment(model__name="gru", training__keep_last=3), "gru")
    assert worker.work(folder) == 0
    return folder


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins with a process that has loaded no model."""
    monkeypatch.setattr(questions, "_KEPT", questions._Kept())


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command says as JSON."""
    capsys.readouterr()
    assert run_command(words) == 0
    return json.loads(capsys.readouterr().out)


def test_the_parts_are_those_of_the_command_line(trained: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """Names and numbers of `workbench ablate RUN`."""
    told = said(capsys, "ablate", "gru@last", "--json", "--runs-dir", str(trained.path.parent))
    parts = questions.parts(str(trained.path), 20)["parts"]
    assert told == [{"part": name, "count": max(1, count), "numbered": count > 0} for name, count in parts.items()]
    assert parts["backbone.layers.0/unit"] == 8


@pytest.mark.parametrize("limit", [None, 40])
def test_the_scores_are_those_of_the_command_line(
    trained: RunFolder, limit: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """On as many samples as an evaluation takes, or on some; what is told can be sent as JSON, and files stay as they are."""
    before = {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()}
    words = ["ablate", "gru@20", "update_gate", "unit:3", "--json", "--runs-dir", str(trained.path.parent)]
    told = said(capsys, *words, "--samples", str(limit or 100))
    run, gate, unit = str(trained.path), "backbone.layers.0/update_gate", "backbone.layers.0/unit"
    answers = [
        questions.ablate(run, 20, samples=limit),
        questions.ablate(run, 20, gate, samples=limit),
        questions.ablate(run, 20, unit, 3, samples=limit),
    ]
    assert json.loads(json.dumps(answers)) == answers
    assert [answer["metrics"] for answer in answers] == [told["intact"]["metrics"], *(one["metrics"] for one in told["ablated"])]
    assert answers[1]["items"][:4] == told["ablated"][0]["items"]
    assert len({answer["metrics"]["loss"] for answer in answers}) == 3
    assert (answers[0]["samples"], answers[0]["of"]) == (limit or 100, 132)  # the space has no more
    assert {path: path.read_bytes() for path in before} == before


def test_without_its_update_gate_a_gru_is_one_that_was_built_without(trained: RunFolder) -> None:
    """The same weights in a model of `without = update_gate` score the same."""
    checkpoint = load_checkpoint(checkpoint_path(trained, 20))
    rows = slice(8, 16)  # of the gates reset, update, new
    weights = {
        name.removesuffix("_l0"): torch.cat((value[: rows.start], value[rows.stop :])) if ".rnn." in name else value
        for name, value in checkpoint.model.items()
    }
    built = checkpoint.experiment.with_changes({"model.without": "update_gate"})
    dataset = built.open_data(None)
    twin = build_model(built, dataset, weights)
    expected = evaluate(twin, task_kind(dataset.task)(dataset.task), dataset, "validation", torch.device("cpu"), limit=100)
    answer = questions.ablate(str(trained.path), 20, "backbone.layers.0/update_gate")
    for name in ("loss", "accuracy"):
        assert answer["metrics"][name] == pytest.approx(expected.metrics[name], rel=1e-6)


def test_the_last_model_is_kept(trained: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second question loads nothing, also when the run has removed the file since; another or a newer file is loaded."""
    loaded: list[int] = []

    def counting(folder: RunFolder, which: int) -> LoadedModel:
        loaded.append(which)
        return load_model(folder, which)

    monkeypatch.setattr(questions, "load_model", counting)
    run, path = str(trained.path), checkpoint_path(trained, 20)
    first = questions.ablate(run, 20, samples=8)
    questions.parts(run, 20)
    assert loaded == [20]
    aside = path.rename(path.with_suffix(".aside"))
    try:
        assert questions.ablate(run, 20, samples=8) == first
        assert loaded == [20]
    finally:
        aside.rename(path)
    os.utime(path, ns=(1, 1))
    questions.parts(run, 20)
    assert loaded == [20, 20]
    other = list_checkpoints(trained)[0].step
    assert questions.ablate(run, other, samples=8)["metrics"] != first["metrics"]
    assert loaded == [20, 20, other]


def test_a_checkpoint_that_cannot_be_had_is_told(trained: RunFolder, tmp_path: Path) -> None:
    """A step without one, and a run without any; the model that was kept is let go."""
    questions.parts(str(trained.path), 20)
    with pytest.raises(UsageError, match="got checkpoint 7; expected one of"):
        questions.parts(str(trained.path), 7)
    empty = RunFolder.create(tmp_path, experiment())
    with pytest.raises(CheckpointError, match="no checkpoint yet"):
        questions.parts(str(empty.path), 7)


def test_passages_are_those_of_the_command_line(trained: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """Of `workbench probe RUN states --alike A:B`; what is told can be sent as JSON."""
    words = ["probe", "gru", "states", "--sample", "2", "--alike", "2:4", "--json", "--runs-dir", str(trained.path.parent)]
    told = said(capsys, *words)
    query = told["query"]
    arguments = {"kind": "states", "name": told["name"], "index": query["index"], "first": 2, "last": 4}
    answer = questions.alike(str(trained.path), told["step"], **arguments)
    assert {"run": trained.id, **json.loads(json.dumps(answer))} == told
    assert len(answer["hits"]) == 10


def test_an_evaluation_is_that_of_the_command_line_and_of_each_setting_asked(
    trained: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """On other data one for each value, which can be sent as JSON; what cannot be asked is refused."""
    told = said(capsys, "evaluate", "gru@20", "--json", "--runs-dir", str(trained.path.parent))
    (answer,) = questions.evaluate(str(trained.path), 20)["evaluations"]
    assert json.loads(json.dumps(answer))["measures"] == told["measures"]

    swept = questions.evaluate(str(trained.path), 20, "validation", ["test_length=20,25"])["evaluations"]
    assert [(one["split"], one["changes"]) for one in swept] == [("validation", {"data.test_length": n}) for n in (20, 25)]
    with pytest.raises(UsageError, match="expected a setting of the data"):
        questions.evaluate(str(trained.path), 20, "test", ["model.hidden_size=3"])


def test_an_answer_is_that_of_the_command_line(trained: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a text and of the same as numbers, with what it hangs on; JSON goes there and back unchanged."""
    words = ["predict", "gru@20", "0 1 1 0 1", "--saliency", "--attention", "--json", "--runs-dir", str(trained.path.parent)]
    (expected,) = said(capsys, *words)["items"]
    typed = questions.answer(str(trained.path), 20, text="0 1 1 0 1", saliency=True, attention=True)
    drawn = questions.answer(str(trained.path), 20, values=[[0], [1], [1], [0], [1]], saliency=True, attention=True)
    assert json.loads(json.dumps(typed)) == {"item": expected} == json.loads(json.dumps(drawn))
    with pytest.raises(UsageError, match="expected none, since gru on echo writes no sequences"):
        questions.answer(str(trained.path), 20, text="0 1", temperature=1.0)


def test_samples_go_round(trained: RunFolder) -> None:
    """From the last one to the first; numbers are the data's own, and can be asked about."""
    told = questions.sample(str(trained.path), 20, -1)
    assert told["place"] == told["of"] - 1
    assert questions.sample(str(trained.path), 20, told["of"])["place"] == 0
    assert told["decoding"] is None
    (expected,) = load_model(trained, 20).predict([f"test:{told['place']}"])
    answered = questions.answer(str(trained.path), 20, values=told["values"])["item"]
    assert answered["value"] == expected["value"]
    assert told["target"]


def test_two_checkpoints_stay_loaded(trained: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked in turns neither is loaded twice; a third one takes the place of the one that was asked longest ago."""
    loaded: list[int] = []

    def counting(folder: RunFolder, which: int) -> LoadedModel:
        loaded.append(which)
        return load_model(folder, which)

    monkeypatch.setattr(questions, "load_model", counting)
    for step in (10, 20, 10, 20, 15, 20, 10):
        questions.parts(str(trained.path), step)
    assert loaded == [10, 20, 15, 10]
