"""Views of probes: what they say of known arrays, and that every one survives any size and odd numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.plotting.probes import ProbeView, draw_plot, probe_views

EXAMPLES: dict[str, NDArray[np.float64]] = {
    "forecast": np.stack([np.sin(np.arange(200) / 9 + row / 10).reshape(1, -1).repeat(2, 0) for row in range(3)]),
    "gradient_flow": 10.0 ** np.linspace(-9, 0, 50),
    "lengths": np.array([[0.0, 0.25, 0.5, 0.25, 0.0, 0.0], [0.0, 0.0, 0.5, 0.25, 0.25, 0.0]]),
    "ridge": np.array(
        [[ridge, washout, 0.1 + ridge + washout / 1e3, 0.05 + ridge] for ridge in (1e-6, 1e-3, 1.0) for washout in (0, 100)]
    ),
}
every_view = pytest.mark.parametrize("view", probe_views().values(), ids=str)


def lines(view: type[ProbeView], array: NDArray[np.float64], width: int = 60, height: int = 12) -> list[str]:
    """All plots of an array as lines of text."""
    canvases = [canvas for plot in view.plots(array, {}) for canvas in draw_plot(plot, width, height)]
    return [line for canvas in canvases for line in canvas.text().plain.split("\n")]


@every_view
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (36, 5), (120, 30)])
def test_a_view_draws_at_any_size_in_both_alphabets(view: type[ProbeView], size: tuple[int, int]) -> None:
    """Exactly as many lines as asked for, none too long, ASCII where asked for."""
    array = EXAMPLES[view.name]
    assert view.fits(array)
    for plot in view.plots(array, {}):
        for ascii_only in (False, True):
            canvases = draw_plot(plot, *size, ascii_only=ascii_only)
            assert sum(canvas.height for canvas in canvases) == size[1]
            assert all(canvas.width == size[0] for canvas in canvases)
            assert not ascii_only or all(canvas.text().plain.isascii() for canvas in canvases)


@every_view
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -1.0])
def test_a_view_survives_numbers_without_a_place(view: type[ProbeView], value: float) -> None:
    """An array of nothing but NaN, infinity, zero or negative numbers is said and drawn all the same."""
    array = np.full_like(EXAMPLES[view.name], value)
    assert view.summary(array, {})
    assert lines(view, array)


@every_view
def test_an_array_of_another_form_is_refused(view: type[ProbeView]) -> None:
    """What another version may have written is told apart before it is drawn."""
    assert not view.fits(np.zeros((2, 3, 4, 5)))
    assert not view.fits(EXAMPLES[view.name][:0])


def test_ridge_is_drawn_around_the_runs_own_setting() -> None:
    """The washout is the run's in one figure, the ridge the run's in the other; the best cell is named."""
    view, array = probe_views()["ridge"], EXAMPLES["ridge"]
    experiment = {"model": {"ridge": 1e-3, "washout": 100}}
    over_ridge, over_washout = view.plots(array, experiment)
    assert [line.x.tolist() for line in over_ridge.series] == [[1e-6, 1e-3, 1.0]] * 2
    assert over_ridge.series[1].y.tolist() == pytest.approx([0.200001, 0.201, 1.2])
    assert over_ridge.marks[0].x == 1e-3
    assert [line.x.tolist() for line in over_washout.series] == [[0.0, 100.0]] * 2
    assert view.summary(array, experiment) == "NRMSE 0.201 here, lowest 0.1 (ridge 1e-06, washout 0)"
    by_data = {"model": {"ridge": 1e-3, "washout": 0}, "data": {"washout": 100}}
    assert view.summary(array, by_data) == view.summary(array, experiment), "the longer washout is in force"


def test_lengths_are_compared() -> None:
    """Half the sum of the differences, the means, and both histograms over the lengths that occur."""
    view, array = probe_views()["lengths"], EXAMPLES["lengths"]
    assert view.summary(array, {}) == "mean length: source 2, model 2.75; total variation 0.25"
    (plot,) = view.plots(array, {})
    source, stems, model = plot.series
    assert model.y[np.isfinite(model.y)].tolist() == [0, 0, 0.5, 0.25, 0.25, 0]
    assert stems.faint
    assert np.nanmax(source.y) == 0.5
    assert source.x[0] == -0.5


def test_gradient_flow_names_both_ends() -> None:
    """First, last, and their ratio; the axis is logarithmic."""
    view, array = probe_views()["gradient_flow"], EXAMPLES["gradient_flow"]
    assert view.summary(array, {}) == "norm of dL/dh at t = 1: 1e-09, at t = 50: 1, ratio 1e-09"
    assert view.plots(array, {})[0].log_y


def test_a_forecast_is_drawn_beside_the_truth() -> None:
    """A series with true values, forecast and free run over the last steps, and the distances of both from it."""
    view, array = probe_views()["forecast"], EXAMPLES["forecast"]
    plots = view.plots(array, {})
    assert [[line.name for line in plot.series] for plot in plots] == [["true", "forecast", "free run"], ["forecast", "free run"]]
    assert plots[0].series[0].x.tolist() == list(range(81, 201))
    assert "free run" not in view.summary(array[:2], {})
