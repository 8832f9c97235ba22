"""What views draw over the steps of training: each from arrays whose course is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plotting.snapshots import example, look_at, row
from workbench.plotting.pictures import Heatmap, Plot, svg_document
from workbench.plotting.probes import Chosen, Look, Snapshot, probe_views
from workbench.runs.records import Probe


def test_the_ratio_of_update_and_weight_is_drawn_over_training() -> None:
    """The chosen parameter before the others, with the usual value as a level; its norms beside it."""
    numbers = {
        "encoder.weight": np.array([[50, 2e-3, 4.0, 1.0, 8e-3], [100, 1e-3, 2.0, 0.5, 2e-3]]),
        "encoder.bias": np.array([[50, np.nan, 1.0, np.nan, np.nan], [100, 4e-3, 1.0, 0.5, 4e-3]]),
    }
    view, look = probe_views()["weights"], look_at("weights", name="encoder.weight", numbers=numbers)
    _, ratios, norms, *bars = view.pictures(look)
    assert isinstance(ratios, Plot)
    assert isinstance(norms, Plot)
    assert len(bars) == 3
    others, own = ratios.series
    assert (others.name, others.faint, own.name, own.faint) == ("encoder.bias", True, "encoder.weight", False)
    assert own.x.tolist() == [50, 100]
    assert own.y.tolist() == [2e-3, 1e-3]
    assert [(level.value, level.name) for level in ratios.levels] == [(1e-3, "usual")]
    assert ratios.marks[0].x == 100, "the moment that is shown"
    assert "usual" in ratios.draw(60, 12, "plain").canvas.text().plain
    assert [(line.name, line.y.tolist()) for line in norms.series] == [
        ("weight", [4.0, 2.0]),
        ("gradient", [1.0, 0.5]),
        ("update", [8e-3, 2e-3]),
    ]
    document = svg_document([ratios], "a run")
    assert "encoder.weight" in document
    assert "encoder.bias" not in document, "faint lines are too many for a legend"


def test_filters_say_how_far_they_have_moved() -> None:
    """The distance from the first snapshot as a share of the norm then, filter by filter."""
    view, (now, _) = probe_views()["filters"], example("filters")
    assert now.array is not None
    first = now.array.astype(np.float64) * np.arange(2, 8).reshape(6, 1, 1, 1)  # filter k was k + 2 times as large
    before = [row("filters", "first", first, 20), row("filters", "first", np.zeros((2, 1, 3, 3)), 40)]
    look = look_at("filters", before=before)
    _, moved = view.pictures(look)
    assert isinstance(moved, Heatmap)
    assert moved.rows.labels == ["20", "100"], "filters of other shape are left out"
    assert moved.values[0].tolist() == [0] * 6
    assert moved.values[1].tolist() == pytest.approx([1 - 1 / (k + 2) for k in range(6)])
    assert view.summary(look).endswith(f"moved by {np.mean([1 - 1 / (k + 2) for k in range(6)]):.2g} of their norm since step 20")
    assert moved.unit_at(1, 4) == 4


def test_units_are_drawn_over_training() -> None:
    """Means over the units of the layer at each moment."""
    before = [row("units", "encoder", np.array([[0.0, 0.3], [0.0, 0.0], [0.3, 0.0]]), 50)]
    _, means, _ = probe_views()["units"].pictures(look_at("units", before=before))
    assert isinstance(means, Plot)
    assert [(line.name, line.y.tolist()) for line in means.series] == [
        ("dead", pytest.approx([0.1, 0.5])),
        ("saturated", pytest.approx([0.1, 1 / 3])),
    ]


def test_errors_of_a_forecast_are_drawn_over_training() -> None:
    """RMS over the series at each step of the free run, from where it starts; of the forecast where there is no other."""
    true, forecast = np.zeros((2, 5)), np.full((2, 5), 0.1)
    free = np.array([[np.nan, np.nan, 3.0, 0.3, 0.03], [np.nan, np.nan, 4.0, 0.4, 0.04]])
    now = row("forecast", "validation", np.stack((true, forecast, free)))
    before = row("forecast", "validation", np.stack((true, forecast, 10 * free)), 50)
    over = probe_views()["forecast"].pictures(look_at("forecast", [now], before=[before]))[-1]
    assert isinstance(over, Heatmap)
    assert over.columns.labels == ["3", "4", "5"]
    expected = np.log10(np.sqrt(12.5) * np.array([[10, 1, 0.1], [1, 0.1, 0.01]]))
    np.testing.assert_allclose(over.values, expected)
    assert over.words(1, 1) == f"training step 100, step 4: RMS error {np.sqrt(0.125):.3g}, its logarithm: -0.4515"
    alone = row("forecast", "validation", np.stack((true, forecast)))
    over = probe_views()["forecast"].pictures(look_at("forecast", [alone]))[-1]
    assert isinstance(over, Heatmap)
    assert over.values.tolist() == [pytest.approx([-1] * 5)]


def test_a_readout_that_was_solved_once_says_so() -> None:
    """One moment at the end is the only one; with more batches the errors of the run's own setting are drawn over them."""
    view, (now,) = probe_views()["ridge"], example("ridge")
    settings = {"model": {"ridge": 1e-3, "washout": 100}, "training": {"steps": 100}}

    def look(history: list[Probe]) -> Look:
        return view.look(Snapshot(100, {"validation": now}, None, {"validation": history}, settings), Chosen())

    assert view.summary(look([now])).endswith("; the only moment: it was solved in closed form, not trained")
    assert len(view.pictures(look([now]))) == 2
    assert now.array is not None
    earlier = row("ridge", "validation", now.array.astype(np.float64) * [1, 1, 3, 2], 50)
    assert "only moment" not in view.summary(look([earlier, now]))
    over = view.pictures(look([earlier, now]))[-1]
    assert isinstance(over, Plot)
    assert [line.x.tolist() for line in over.series] == [[50, 100]] * 2
    assert over.series[0].y.tolist() == pytest.approx([2 * 0.051, 0.051]), "training"
    assert over.series[1].y.tolist() == pytest.approx([3 * 0.201, 0.201]), "held out"
