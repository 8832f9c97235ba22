"""Scores without a part beside those of the intact model: changes, verdicts, lines and tables."""

from __future__ import annotations

import math

import pytest

from workbench.plotting.ablated import Change, ending, prediction_sheet, score_lines, score_sheet
from workbench.plotting.pictures import csv_text
from workbench.plotting.predictions import PredictionSigns

SIGNS = PredictionSigns()


@pytest.mark.parametrize(
    ("metric", "before", "after", "by", "verdict"),
    [
        ("loss", 0.5, 0.75, 0.25, "worse"),
        ("loss", 0.5, 0.25, -0.25, "better"),
        ("accuracy", 0.5, 0.25, -0.25, "worse"),
        ("accuracy", 0.5, 0.75, 0.25, "better"),
        ("accuracy", 0.5, 0.5, 0.0, "same"),
        ("loss", math.nan, math.nan, 0.0, "same"),
        ("loss", 0.5, math.nan, math.nan, "worse"),
        ("loss", math.nan, 0.5, math.nan, "better"),
        ("loss", 0.5, math.inf, math.inf, "worse"),
        ("nobody_knows", 1.0, 2.0, 1.0, ""),
    ],
)
def test_a_change_is_judged_by_what_is_better(metric: str, before: float, after: float, by: float, verdict: str) -> None:
    """Lower is better for a loss, higher for an accuracy; of others nothing is said."""
    change = Change.of(metric, before, after)
    assert change.by == pytest.approx(by, nan_ok=True)
    assert change.verdict == verdict


def test_harm_orders_from_the_worst_to_the_best() -> None:
    """What is no number any more is the worst; of what nobody judges the largest change."""
    changes = [Change.of("loss", 0.5, value) for value in (math.nan, 2.0, 0.6, 0.5, 0.4, 0.1)]
    harms = [change.harm for change in changes]
    assert harms == sorted(harms, reverse=True)
    assert Change.of("nobody_knows", 1.0, -4.0).harm > Change.of("nobody_knows", 1.0, 2.0).harm


INTACT = {"accuracy": 0.877, "loss": 0.3956, "gradient_ratio": 0.5}
WITHOUT = {"accuracy": 0.873, "loss": 0.41902, "gradient_ratio": 0.5}
OTHER = {"accuracy": 0.1, "loss": 2.5, "gradient_ratio": 0.25}


def found(width: int) -> list[str]:
    """The lines of two parts at a width."""
    return [line.plain for line in score_lines(INTACT, [("head:0", WITHOUT), ("head:1", OTHER)], width, SIGNS)]


def test_scores_stand_side_by_side_where_there_is_room() -> None:
    """Value, change and verdict of each part; the first one alone where there is less room, with signs where there is little."""
    assert found(100) == [
        "metric          intact  head:0               head:1",
        "accuracy         0.877  0.873  -0.004 worse   0.1 -0.777 worse",
        "loss            0.3956  0.419 +0.0234 worse   2.5   +2.1 worse",
        "gradient_ratio     0.5    0.5    same        0.25  -0.25",
    ]
    assert found(50) == [line[:43].rstrip() for line in found(100)]
    assert found(40)[1] == "accuracy         0.877  0.873  -0.004 ✗"


def test_without_any_part_the_intact_scores_stand_alone() -> None:
    """Two columns."""
    assert [line.plain for line in score_lines({"loss": 0.25}, [], 40, SIGNS)] == ["metric  intact", "loss      0.25"]


def test_a_long_name_keeps_its_end() -> None:
    """It is what tells one part from another."""
    assert ending("encoder.layers.0.attention/head:3", 12) == "…tion/head:3"
    assert ending("head:3", 12) == "head:3"
    assert [ending("head:3", width) for width in (0, 1, 2)] == ["", "…", "…3"]
    lines = score_lines({"loss": 1.0}, [("encoder.layers.0.attention/head:3", {"loss": 2.0})], 60, SIGNS)
    assert lines[0].plain.endswith("…tion/head:3")


def test_tables_for_files_have_all_of_it() -> None:
    """A row for each part with the full change, and each model's predictions."""
    sheet = score_sheet("scores", {"loss": 0.5}, [("skip", {"loss": 0.75})])
    assert sheet.rows == [["nothing", "0.5", "", ""], ["skip", "0.75", "+0.25", "worse"]]
    items = [{"input": "a", "target": "b", "predicted": "b"}]
    other = prediction_sheet("answers", items, [("skip", [{"input": "a", "target": "b", "predicted": "c"}])])
    rows = csv_text([sheet, other]).splitlines()
    assert "scores,skip,loss change,+0.25" in rows
    assert "answers,1,without skip,c" in rows
