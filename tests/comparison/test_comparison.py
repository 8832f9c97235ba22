"""Runs and groups beside each other, on databases written by hand: what differs, what came out, and what can be said of it."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.runs.making import new_run
from workbench.comparison.compared import Comparison, compare
from workbench.comparison.curves import overlaid
from workbench.comparison.entries import chosen_entries
from workbench.errors import RunNotFoundError, UsageError
from workbench.runs.evaluations import Evaluation, Measure, SampleScores, save_evaluation
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training.checkpoint_files import checkpoint_path


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of summaries of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def a_run(root: Path, name: str, values: dict[str, float], steps: int = 10, state: str = "finished", **changes: Any) -> RunFolder:
    """A run that ended with these values; it has a checkpoint of its own that nobody can load."""
    folder = new_run(root, name, training__steps=steps, **changes)
    writer = RunWriter(folder)
    for step in range(1, steps + 1):
        writer.log(step, {"train/loss": 1.0 / step}, 0.5 * step, 32 * step)
    writer.log(steps, values, 0.5 * steps, 32 * steps)
    writer.set_status(state, step=steps)
    writer.close()
    checkpoint_path(folder, steps).write_bytes(name.encode())
    return folder


def evaluated(
    folder: RunFolder, metric: str, scores: list[float], digest: str = "same", counts: list[float] | None = None
) -> None:
    """Keep scores of test samples for the run's checkpoint."""
    counts = counts or [1.0] * len(scores)
    weights = hashlib.sha256(checkpoint_path(folder, 10).read_bytes()).hexdigest()
    told = Evaluation(folder.id, 10, weights, "test", {}, len(scores), digest, metric, (Measure(metric, 0.0),))
    save_evaluation(folder, replace(told, scores={metric: SampleScores(tuple(scores), tuple(counts))}))


def compared(root: Path, *names: str, grouped: bool = False) -> Comparison:
    """The comparison of some runs."""
    return compare(chosen_entries(root, names, grouped=grouped))


def test_only_settings_that_differ_are_told_and_the_best_result_is_marked(tmp_path: Path) -> None:
    a_run(tmp_path, "a", {"test/accuracy": 0.9, "test/loss": 0.3}, model__hidden_size=8)
    a_run(tmp_path, "b", {"test/accuracy": 0.8, "test/loss": 0.2}, model__hidden_size=16, optimizer__lr=0.5)

    told = compared(tmp_path, "a", "b")

    assert dict(told.settings) == {"model.hidden_size": ("8", "16"), "optimizer.lr": ("0.001", "0.5")}
    best = {result.tag: result.best for result in told.results}
    assert best == {"test/accuracy": (0,), "test/loss": (1,), "train/loss": (0, 1)}
    accuracy = told.results[1]
    assert accuracy.tag == "test/accuracy"
    assert accuracy.baseline_value == 0.5
    assert not told.notes


def test_what_is_missing_not_finite_or_unequal_is_said(tmp_path: Path) -> None:
    a_run(tmp_path, "a", {"test/accuracy": 0.9})
    a_run(tmp_path, "b", {"test/loss": math.nan}, steps=20, state="stopped")
    a_run(tmp_path, "c", {"test/accuracy": 0.9}, data__length=12)

    told = compared(tmp_path, "a", "b", "c")

    assert told.notes == (
        "On other data than 1, so scores do not compare: 3 length=12.",
        "Trained for different numbers of steps: 1: 10, 2: 20, 3: 10.",
        "2 has not finished: stopped.",
        "test/loss: no value in 1, 3.",
        "test/loss: NaN or infinite in 2.",
        "test/accuracy: no value in 2.",
    )
    assert not any(result.best for result in told.results), "scores on other data do not compare"


def test_groups_have_the_mean_of_their_seeds_and_its_interval(tmp_path: Path) -> None:
    for seed, value in enumerate((0.90, 0.92, 0.97)):
        a_run(tmp_path, f"small{seed}", {"test/accuracy": value}, training__seed=seed)
    for seed, value in enumerate((0.80, 0.83, 0.85)):
        a_run(tmp_path, f"large{seed}", {"test/accuracy": value}, training__seed=seed, model__hidden_size=16)
    names = [f"{size}{seed}" for size in ("small", "large") for seed in range(3)]

    told = compared(tmp_path, *names, grouped=True)

    assert len(told.entries) == 2
    assert [name for name, _ in told.settings] == ["model.hidden_size"]
    small = next(place for place, value in enumerate(dict(told.settings)["model.hidden_size"]) if value == "8")
    result = next(result for result in told.results if result.tag == "test/accuracy")
    expected = stats.t.interval(0.95, 2, loc=0.93, scale=stats.sem([0.90, 0.92, 0.97]))
    cell = result.cells[small]
    assert (cell.value, cell.low, cell.high, cell.count) == (pytest.approx(0.93), *map(pytest.approx, expected), 3)
    assert result.best == (small,)
    (verdict,) = told.verdicts
    assert verdict.test == "paired t"
    assert verdict.better == small + 1
    low, high = stats.ttest_rel([0.90, 0.92, 0.97], [0.80, 0.83, 0.85]).confidence_interval()
    assert sorted((abs(verdict.low or 0), abs(verdict.high or 0))) == pytest.approx(sorted((abs(low), abs(high))))


def test_groups_of_other_seeds_are_compared_without_pairs(tmp_path: Path) -> None:
    for seed in range(2):
        a_run(tmp_path, f"s{seed}", {"test/accuracy": 0.5 + 0.1 * seed}, training__seed=seed)
        a_run(tmp_path, f"l{seed}", {"test/accuracy": 0.5 + 0.1 * seed}, training__seed=seed + 5, model__hidden_size=16)

    (verdict,) = compared(tmp_path, "s0", "s1", "l0", "l1", grouped=True).verdicts

    assert (verdict.test, verdict.better, verdict.difference) == ("Welch's t", None, 0.0)
    assert "no difference can be told" in verdict.words


def test_right_and_wrong_answers_to_the_same_samples_are_tested_by_mcnemar(tmp_path: Path) -> None:
    a, b = a_run(tmp_path, "a", {"test/accuracy": 0.9}), a_run(tmp_path, "b", {"test/accuracy": 0.6}, model__hidden_size=16)
    evaluated(a, "accuracy", [1.0] * 90 + [0.0] * 10)
    evaluated(b, "accuracy", [1.0] * 60 + [0.0] * 37 + [1.0] * 3)

    (verdict,) = compared(tmp_path, "a", "b").verdicts

    assert verdict.test == "McNemar"
    assert verdict.probability == pytest.approx(stats.binomtest(30, 33).pvalue)
    assert verdict.better == 1
    assert verdict.difference == pytest.approx(0.27)
    ends = stats.binomtest(30, 33).proportion_ci()
    assert (verdict.low, verdict.high) == pytest.approx([(2 * end - 1) * 0.33 for end in ends])
    assert verdict.words.startswith("1 is better than 2: accuracy higher by 16.9 to 31.7 points (95 %, McNemar, p = ")


def test_errors_on_the_same_samples_are_tested_pair_by_pair(tmp_path: Path) -> None:
    a, b = a_run(tmp_path, "a", {"test/mse": 1.0}), a_run(tmp_path, "b", {"test/mse": 0.9}, model__hidden_size=16)
    random = np.random.default_rng(0)
    hard = random.exponential(1.0, 300)
    evaluated(a, "mse", (hard + 0.1 + random.normal(0, 0.05, 300)).tolist())
    evaluated(b, "mse", hard.tolist())

    (verdict,) = compared(tmp_path, "a", "b").verdicts

    assert (verdict.test, verdict.better) == ("paired bootstrap", 2)
    assert verdict.difference == pytest.approx(0.1, abs=0.01)
    assert verdict.low == pytest.approx(0.1 - 1.96 * 0.05 / np.sqrt(300), abs=0.004)


@pytest.mark.parametrize("why", ["none", "others", "another checkpoint"])
def test_why_there_is_no_test_is_said(tmp_path: Path, why: str) -> None:
    a, b = a_run(tmp_path, "a", {"test/accuracy": 0.9}), a_run(tmp_path, "b", {"test/accuracy": 0.6}, model__hidden_size=16)
    evaluated(a, "accuracy", [1.0, 0.0])
    if why != "none":
        evaluated(b, "accuracy", [1.0, 0.0], digest="others")
    if why == "another checkpoint":
        checkpoint_path(b, 10).write_bytes(b"trained again")

    (verdict,) = compared(tmp_path, "a", "b").verdicts

    assert verdict.better is None
    expected = "their test samples differ" if why == "others" else "no predictions of 2 on the test samples are kept"
    assert expected in verdict.words


def test_names_of_groups_are_taken_and_unknown_ones_refused(tmp_path: Path) -> None:
    for seed in range(2):
        a_run(tmp_path, f"wide seed {seed}", {"test/accuracy": 0.5}, training__seed=seed)

    (entry,) = chosen_entries(tmp_path, ["wide"])

    assert [run.name for run in entry.runs] == ["wide seed 0", "wide seed 1"]
    assert entry.name == "wide, 2 seeds"
    a_run(tmp_path, "another of the same settings", {"test/accuracy": 0.5})
    (entry,) = chosen_entries(tmp_path, ["wide"])
    assert [run.name for run in entry.runs] == ["wide seed 0", "wide seed 1"]
    with pytest.raises(RunNotFoundError):
        chosen_entries(tmp_path, ["widest"])
    with pytest.raises(UsageError, match="runs: got none"):
        chosen_entries(tmp_path, [])


def test_curves_count_x_as_asked_and_a_group_shows_each_of_its_runs(tmp_path: Path) -> None:
    for seed in range(2):
        a_run(tmp_path, f"wide seed {seed}", {}, training__seed=seed)
    a_run(tmp_path, "other", {}, model__hidden_size=16)
    entries = chosen_entries(tmp_path, ["wide", "other"])

    (steps,), (seconds,) = overlaid(entries, ["train/loss"]), overlaid(entries, ["train/loss"], "seconds")

    assert [(line.faint, line.label) for line in steps.series] == [(True, "")] * 2 + [(False, "1"), (False, "2")]
    assert [line.low is not None for line in steps.series] == [False, False, True, False]
    assert steps.series[-2].y == pytest.approx([1 / step for step in range(1, 11)])
    assert seconds.series[-1].x == pytest.approx(0.5 * steps.series[-1].x)
    with pytest.raises(UsageError, match="generated without end"):
        overlaid(entries, ["train/loss"], "epoch")


def test_tables_survive_odd_names(tmp_path: Path) -> None:
    a_run(tmp_path, "a|b *c* <i>", {"test/accuracy": 0.9})

    told = compared(tmp_path, "a|b *c* <i>")

    assert r"1 a\|b \*c\* \<i\>" in told.markdown()
    rows = list(csv.DictReader(StringIO(told.csv())))
    assert (rows[0]["metric"], rows[0]["name"], float(rows[0]["value"]), float(rows[0]["baseline"])) == (
        "test/accuracy",
        "a|b *c* <i>",
        0.9,
        0.5,
    )


def test_runs_that_repeat_a_seed_are_counted_once_and_told(tmp_path: Path) -> None:
    """The same settings and seed give the same numbers: no interval comes of copies."""
    for copy in range(2):
        a_run(tmp_path, f"a{copy}", {"test/accuracy": 0.9})
        a_run(tmp_path, f"b{copy}", {"test/accuracy": 0.8}, model__hidden_size=16)
    a_run(tmp_path, "b2", {"test/accuracy": 0.7}, model__hidden_size=16, training__seed=1)

    told = compared(tmp_path, "a0", "a1", "b0", "b1", "b2", grouped=True)

    (verdict,) = told.verdicts
    assert verdict.better is None
    assert "fewer than two seeds" in verdict.words
    result = next(result for result in told.results if result.tag == "test/accuracy")
    told_of = sorted((round(cell.value or 0, 9), cell.low is None, cell.count) for cell in result.cells)
    assert told_of == [(0.75, False, 2), (0.9, True, 1)]
    assert sum("repeat a seed of another one and are counted once" in line for line in told.notes) == 2


def test_groups_of_unequal_size_are_told_with_both_numbers(tmp_path: Path) -> None:
    for seed in range(3):
        a_run(tmp_path, f"a{seed}", {"test/accuracy": 0.5 + 0.1 * seed}, training__seed=seed)
    for seed in range(2):
        a_run(tmp_path, f"b{seed}", {"test/accuracy": 0.5 + 0.1 * seed}, training__seed=seed, model__hidden_size=16)

    (verdict,) = compared(tmp_path, "a0", "a1", "a2", "b0", "b1", grouped=True).verdicts

    assert sorted(re.findall(r"(\d) and (\d) runs", verdict.words)[0]) == ["2", "3"]


def test_a_run_without_a_checkpoint_is_told_and_why_it_failed(tmp_path: Path) -> None:
    folder = a_run(tmp_path, "first", {}, state="failed")
    checkpoint_path(folder, 10).unlink()
    writer = RunWriter(folder)
    writer.event("failed", f"{folder.id}: loss is not finite (nan)", 10)
    writer.close()
    a_run(tmp_path, "second", {}, model__hidden_size=16)

    told = compared(tmp_path, "first", "second")

    assert "1 has no checkpoint" in told.verdicts[0].words
    assert "1: loss is not finite (nan)" in told.notes
