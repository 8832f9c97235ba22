"""Evaluations that are kept with a run: what is written is read again, and what is damaged is told in a line."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runs.making import finished_run
from workbench.errors import StoreError
from workbench.runs.evaluations import Evaluation, Group, Measure, SampleScores, evaluations_of, save_evaluation
from workbench.runs.folder import RunFolder
from workbench.runs.listing import remove_run

EVALUATION = Evaluation(
    run="a-run",
    step=1200,
    weights="ab" * 32,
    split="test",
    changes={"data.length": 200},
    samples=2,
    digest="cd" * 32,
    score="mse",
    measures=(Measure("mse", math.nan, 0.1, math.inf, "bootstrap", 0.16, "predicting 1", lower_is_better=True),),
    by_position=(Group("1", 2.0, 0.5, 0.1, 0.9, "bootstrap"),),
    worst=({"place": 1, "score": -math.inf, "input": "é\x1b[31m", "target": "1", "predicted": "2"},),
    scores={"mse": SampleScores((0.25, math.nan), (1.0, 1.0))},
    created=5.0,
    seconds=0.5,
)


def test_an_evaluation_comes_back_as_it_was_with_numbers_that_are_none(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)

    save_evaluation(folder, EVALUATION)
    (again,) = evaluations_of(folder)

    assert repr(again) == repr(EVALUATION)  # NaN equals nothing
    assert repr(again.scores) == repr(EVALUATION.scores)


def test_the_same_checkpoint_on_the_same_data_is_kept_once_and_others_beside_it(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)

    for one in (EVALUATION, replace(EVALUATION, created=7.0), replace(EVALUATION, created=6.0, changes={})):
        save_evaluation(folder, one)

    assert [(one.created, one.changes) for one in evaluations_of(folder)] == [(6.0, {}), (7.0, {"data.length": 200})]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "3", "{", '{"version": 1}', '{"version": "x"}', "\ud800".encode("utf-8", "surrogatepass"), "[" * 9999],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, text: str | bytes) -> None:
    folder = finished_run(tmp_path)
    path = save_evaluation(folder, EVALUATION)
    path.write_bytes(text.encode() if isinstance(text, str) else text)

    with pytest.raises(StoreError, match=r"damaged: .*; expected an evaluation") as caught:
        evaluations_of(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"), [("split", "train"), ("scores", {"mse": {"sums": [1], "counts": [1]}}), ("measures", 3)]
)
def test_values_that_no_evaluation_has_are_refused(tmp_path: Path, key: str, value: object) -> None:
    folder = finished_run(tmp_path)
    path = save_evaluation(folder, EVALUATION)
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))

    with pytest.raises(StoreError, match="damaged"):
        evaluations_of(folder)


def test_what_a_later_version_wrote_is_left_out(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)
    path = save_evaluation(folder, EVALUATION)
    path.write_text('{"version": 2, "anything": true}')

    assert evaluations_of(folder) == []


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "runs")
    (tmp_path / "elsewhere").mkdir()
    folder.evaluations_path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="link"):
        save_evaluation(folder, EVALUATION)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_run_with_all_that_a_run_can_have_is_removed_whole(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)
    save_evaluation(folder, EVALUATION)
    folder.code_path.mkdir()
    (folder.code_path / "my_net.py").write_text("")

    remove_run(RunFolder(folder.path), tmp_path)

    assert not folder.path.exists()
