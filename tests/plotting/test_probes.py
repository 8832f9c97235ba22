"""Views of probes: what they say of known arrays, and that every one survives any size and odd numbers."""

from __future__ import annotations

import csv
from io import StringIO
from typing import get_args
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.plotting.snapshots import EXAMPLES, example, look_at
from workbench.plotting.pictures import Mode, Plot, csv_text, svg_document
from workbench.plotting.probes import Chosen, ProbeView, Snapshot, probe_views

every_view = pytest.mark.parametrize("view", probe_views().values(), ids=str)


@every_view
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (36, 5), (120, 30)])
def test_a_view_draws_at_any_size_in_all_modes(view: type[ProbeView], size: tuple[int, int]) -> None:
    """Exactly as many lines as asked for, none too long, ASCII where asked for; what is pointed at exists and says its value."""
    assert all(view.fits(row.name, row.array.shape) for row in example(view.name) if row.array is not None)
    for picture in view.pictures(look_at(view.name)):
        for mode in get_args(Mode):
            drawn = picture.draw(*size, mode)
            text = drawn.canvas.text()
            assert (drawn.canvas.width, drawn.canvas.height) == size
            assert all(len(line) <= size[0] for line in text.plain.split("\n"))
            assert mode != "ascii" or text.plain.isascii()
            assert mode == "colour" or not any(str(span.style).startswith("#") for span in text.spans)
            for row, column in {drawn.at(line, at) for line in range(size[1]) for at in range(size[0])} - {None}:  # type: ignore[misc]  # None is taken out
                assert row < picture.shape[0]
                assert column < picture.shape[1]
                assert picture.words(row, column)
                assert drawn.place(row, column) is not None


@every_view
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -1.0])
def test_a_view_survives_numbers_without_a_place(view: type[ProbeView], value: float) -> None:
    """Arrays of nothing but NaN, infinity, zero or negative numbers are said, drawn and written all the same."""
    look = look_at(view.name, example(view.name, value))
    assert view.summary(look)
    pictures = view.pictures(look)
    for picture in pictures:
        assert picture.draw(60, 12, "colour").canvas.height == 12
        assert all(picture.words(0, 0) for _ in range(1) if min(picture.shape))
    ET.fromstring(svg_document(pictures, "a run"))  # noqa: S314 - our own
    assert csv_text(pictures)


@every_view
def test_an_array_of_another_form_is_refused(view: type[ProbeView]) -> None:
    """What another version may have written is told apart before it is drawn."""
    for name, (array, _) in EXAMPLES[view.name].items():
        assert not view.fits(name, (2, 3, 4, 5, 6))
        assert not view.fits(name, (0, *array.shape[1:]))
        assert not view.fits(name, ())


@every_view
def test_a_view_is_written_as_svg_and_csv(view: type[ProbeView]) -> None:
    """The SVG is XML with the titles of all pictures; the CSV has one row a value below one head."""
    pictures = view.pictures(look_at(view.name))
    document = svg_document(pictures, "demo, step 100", "dark")
    ET.fromstring(document)  # noqa: S314 - our own
    assert all(picture.title.partition("(")[0].strip().replace("<", "&lt;")[:20] in document for picture in pictures)
    head, *rows = csv.reader(StringIO(csv_text(pictures)))
    assert head == ["picture", "row", "column", "value"]
    assert len(rows) == sum(len(list(picture.records())) for picture in pictures) > 0


@every_view
def test_choices_come_round(view: type[ProbeView]) -> None:
    """Behind the last sample, head or unit comes the first; a layer that is not there is the first one."""
    look = look_at(view.name, sample=10**6, head=10**6, unit=10**6, name="nowhere")
    assert look.chosen.name == look.options.names[0]
    assert 0 <= look.chosen.sample < max(1, look.options.samples)
    assert 0 <= look.chosen.head < max(1, look.options.heads)
    assert look.chosen.unit is None or 0 <= look.chosen.unit < look.options.units
    assert view.pictures(look)


def test_ridge_is_drawn_around_the_runs_own_setting() -> None:
    """The washout is the run's in one figure, the ridge the run's in the other; the best cell is named."""
    view, rows = probe_views()["ridge"], {each.name: each for each in example("ridge")}
    look = view.look(Snapshot(1, rows, experiment={"model": {"ridge": 1e-3, "washout": 100}}), Chosen())
    over_ridge, over_washout = view.pictures(look)
    assert isinstance(over_ridge, Plot)
    assert isinstance(over_washout, Plot)
    assert [line.x.tolist() for line in over_ridge.series] == [[1e-6, 1e-3, 1.0]] * 2
    assert over_ridge.series[1].y.tolist() == pytest.approx([0.200001, 0.201, 1.2])
    assert over_ridge.marks[0].x == 1e-3
    assert [line.x.tolist() for line in over_washout.series] == [[0.0, 100.0]] * 2
    assert view.summary(look) == "NRMSE 0.201 here, lowest 0.1 (ridge 1e-06, washout 0)"
    by_data = {"model": {"ridge": 1e-3, "washout": 0}, "data": {"washout": 100}}
    assert view.summary(view.look(Snapshot(1, rows, experiment=by_data), Chosen())) == view.summary(look), "the longer washout"


def test_lengths_are_compared() -> None:
    """Half the sum of the differences, the means, and both histograms over the lengths that occur."""
    view, look = probe_views()["lengths"], look_at("lengths")
    assert view.summary(look) == "mean length: source 2, model 2.75; total variation 0.25"
    (plot,) = view.pictures(look)
    assert isinstance(plot, Plot)
    source, stems, model = plot.series
    assert model.y[np.isfinite(model.y)].tolist() == [0, 0, 0.5, 0.25, 0.25, 0]
    assert stems.faint
    assert np.nanmax(source.y) == 0.5
    assert source.x[0] == -0.5


def test_gradient_flow_names_both_ends() -> None:
    """First, last, and their ratio; the axis is logarithmic; a value stands under the cursor."""
    view, look = probe_views()["gradient_flow"], look_at("gradient_flow")
    assert view.summary(look) == "norm of dL/dh_t at t = 1: 1e-09, at t = 50: 1, ratio 1e-09"
    (plot,) = view.pictures(look)
    assert isinstance(plot, Plot)
    assert plot.log_y
    assert plot.words(0, 49) == "t 50: norm 1"


def test_a_forecast_is_drawn_beside_the_truth() -> None:
    """A series with true values, forecast and free run over the last steps, and the distances of both from it."""
    view, look = probe_views()["forecast"], look_at("forecast")
    plots = [plot for plot in view.pictures(look) if isinstance(plot, Plot)]
    assert [[line.name for line in plot.series] for plot in plots] == [["true", "forecast", "free run"], ["forecast", "free run"]]
    assert plots[0].series[0].x.tolist() == list(range(81, 201))
    (whole,) = example("forecast")
    assert whole.array is not None
    assert "free run" not in view.summary(look_at("forecast", [type(whole)(1, "forecast", "validation", whole.array[:2], {})]))
    assert view.summary(look_at("forecast", sample=1)).startswith("series 2")
