"""Views of probes: what they say of known arrays, and that every one survives any size and odd numbers."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any, get_args
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.plotting.snapshots import EXAMPLES, SAMPLES, example, look_at
from tests.plotting.snapshots import row as row_of
from workbench.plotting.pictures import Gallery, Heatmap, Mode, Passage, Picture, Plot, Scatter, Sheet, csv_text, svg_document
from workbench.plotting.probes import Chosen, ProbeView, Snapshot, probe_views
from workbench.plotting.probes._order import by_similarity

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
    plot, over = view.pictures(look)
    assert isinstance(plot, Plot)
    assert isinstance(over, Heatmap)
    source, stems, model = plot.series
    assert model.y[np.isfinite(model.y)].tolist() == [0, 0, 0.5, 0.25, 0.25, 0]
    assert stems.faint
    assert np.nanmax(source.y) == 0.5
    assert source.x[0] == -0.5
    assert over.rows.labels == ["100"]
    assert over.values.tolist() == [[0, -0.25, 0, 0, 0.25, 0]]
    assert over.words(0, 4) == "training step 100, length 4: 0.25"


def test_gradient_flow_names_both_ends() -> None:
    """First, last, and their ratio; the axis is logarithmic; a value stands under the cursor."""
    view, look = probe_views()["gradient_flow"], look_at("gradient_flow")
    assert view.summary(look) == "norm of dL/dh_t at t = 1: 1e-09, at t = 50: 1, ratio 1e-09"
    plot, over = view.pictures(look)
    assert isinstance(plot, Plot)
    assert isinstance(over, Heatmap)
    assert plot.log_y
    assert plot.words(0, 49) == "t 50: norm 1"
    assert over.values[0].tolist() == pytest.approx(np.linspace(-9, 0, 50).tolist())
    assert over.words(0, 0) == "training step 100, t 1: norm 1e-09, its logarithm: -9"


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


def test_a_text_is_shaded_by_one_unit() -> None:
    """States of a sample end where it ends; the unit that is chosen shades its words; a decoder's words are those it writes."""
    view = probe_views()["states"]
    heatmap, passage = view.pictures(look_at("states", name="encoder", sample=1, unit=2))
    assert isinstance(heatmap, Heatmap)
    assert isinstance(passage, Passage)
    assert heatmap.shape == (5, 4), "two of six steps are padding"
    assert passage.symbols == ["a", "dog", "ran", "."]
    assert passage.values.tolist() == pytest.approx((np.sin(np.arange(4) / 2 + 2 + 1) * 0.9).tolist(), abs=1e-3)
    row = heatmap.rows.labels.index("2")
    assert heatmap.words(row, 1) == f"unit 2, step 2 'dog': {passage.words(0, 1).rpartition(': ')[2]}"
    assert heatmap.unit_at(row, 1) == 2
    _, written = view.pictures(look_at("states", name="decoder"))
    assert isinstance(written, Passage)
    assert written.symbols == ["le", "vieux", "chat"]
    _, curve = view.pictures(look_at("states", name="encoder", samples=False, unit=3))
    assert isinstance(curve, Plot), "without words the unit is a curve"
    assert curve.title == "unit 3 over t"


def test_a_sequence_that_is_drawn_out_of_nothing_is_the_text() -> None:
    """Where nothing goes in, the states are those of what comes out."""
    view = probe_views()["states"]
    info = {**SAMPLES.info, "inputs": [None] * 3, "texts": ["(nothing)"] * 3, "outputs": [["B", "T", "E", "<pad>"]] * 3}
    steps = {"every": 1, "steps": [1, 2, 3, 4], "side": "outputs"}
    rows = {"stack": type(SAMPLES)(1, "states", "stack", np.ones((3, 4, 2)), steps)}
    samples = type(SAMPLES)(1, "samples", "validation", None, info)
    _, passage = view.pictures(view.look(Snapshot(1, rows, samples), Chosen()))
    assert isinstance(passage, Passage)
    assert passage.symbols == ["B", "T", "E"]


def test_units_that_do_alike_stand_together() -> None:
    """Two groups of units in turns, each the other's opposite, become two blocks."""
    wave = np.sin(np.arange(40) / 3)[:, None]
    signs = np.tile([1.0, -1.0], 6)
    activity = wave * signs + 0.01 * np.cos(np.arange(40)[:, None] * np.arange(1, 13))
    ordered = signs[by_similarity(activity)]
    assert np.count_nonzero(np.diff(ordered)) == 1
    assert sorted(by_similarity(np.full((4, 3), np.nan)).tolist()) == [0, 1, 2]


def test_gates_are_averaged_over_units() -> None:
    """All gates of the layer as curves, the chosen one as shades between 0 and 1."""
    look = look_at("gates", name="encoder/update")
    means, heatmap = probe_views()["gates"].pictures(look)
    assert isinstance(means, Plot)
    assert isinstance(heatmap, Heatmap)
    assert [line.name for line in means.series] == ["reset", "update"]
    assert len({line.marker for line in means.series}) == 2, "told apart without colour"
    assert means.series[1].y.tolist() == [0.25] * 6
    assert (heatmap.scale.low, heatmap.scale.high, heatmap.scale.diverging) == (0.0, 1.0, False)
    assert look.options.names == ("encoder/reset", "encoder/update")


def test_the_gradient_is_drawn_over_training() -> None:
    """One line a snapshot, in powers of ten; under the cursor stands the norm itself."""
    (norm, unit), later = example("gradient_through_time"), example("gradient_through_time", step=200)
    view = probe_views()["gradient_through_time"]
    snapshot = Snapshot(200, {row.name: row for row in later}, None, {norm.name: [norm, later[0]]})
    curve, over, shares = view.pictures(view.look(snapshot, Chosen()))
    assert isinstance(curve, Plot)
    assert isinstance(over, Heatmap)
    assert isinstance(shares, Heatmap)
    assert curve.log_y
    assert over.rows.labels == ["100", "200"]
    assert over.values[1].tolist() == pytest.approx([-5, -4, -3, -2, -1, 0])
    assert over.words(1, 0).startswith("training step 200, t 1: norm 1e-05")
    assert shares.shape == (unit.array.shape[2] if unit.array is not None else 0, 6)


def test_attention_has_words_on_both_sides() -> None:
    """Without padding, a page at a time where there is no room; a decoder's own columns are one step later."""
    view = probe_views()["attention"]
    (heatmap,) = view.pictures(look_at("attention", sample=1, head=1))
    assert isinstance(heatmap, Heatmap)
    assert (heatmap.rows.labels, heatmap.columns.labels) == (["un", "chien"], ["a", "dog", "ran", "."])
    assert heatmap.words(1, 0).startswith("output chien, input a: ")
    assert heatmap.title.startswith("head 2")
    first = heatmap.draw(20, 5, "plain")
    assert first.seen < heatmap.shape
    assert "input 1 to 2 of 4" in " ".join(heatmap.draw(70, 5, "plain", (0, 0)).canvas.text().plain.split()) or first.seen[1] < 4
    (row,) = example("attention")
    own = {**row.info, "columns": "outputs", "column_steps": [1, 2, 3]}
    assert row.array is not None
    (decoder,) = view.pictures(look_at("attention", [type(row)(1, "attention", "own", row.array[..., :3], own)]))
    assert isinstance(decoder, Heatmap)
    assert decoder.columns.labels == ["(start)", "le", "vieux"]


def test_a_spectrum_names_its_radius() -> None:
    """Points in the plane with the unit circle, the radius over training, and singular values by step."""
    view, look = probe_views()["spectrum"], look_at("spectrum")
    assert view.summary(look) == "Lyapunov exponent -0.5 nats a step, largest singular value 1, spectral radius of U 1.5"
    plane, radius, singular = view.pictures(look)
    assert isinstance(plane, Scatter)
    assert isinstance(radius, Plot)
    assert isinstance(singular, Plot)
    assert plane.words(0, 1) == "U 2: 0 - 1.5i, modulus 1.5"
    assert radius.series[0].y.tolist() == [1.5]
    assert [line.name for line in singular.series] == ["t = 3", "t = 6"]
    text = plane.draw(60, 20, "ascii").canvas.text().plain
    assert text.count("o") == 3 + "eigenvalues of U".count("o")


def test_weights_are_a_table_and_histograms() -> None:
    """The chosen parameter is marked; what is not known at a step is a dash, and has no histogram."""
    view = probe_views()["weights"]
    table, *bars = view.pictures(look_at("weights", name="encoder.weight"))
    assert isinstance(table, Sheet)
    assert [list(row) for row in table.rows] == [
        ["encoder.bias", "-", "-", "-", "-"],
        ["encoder.weight <", "2", "0.5", "0.002", "0.001"],
    ]
    assert [bar.title for bar in bars] == [
        "weight of encoder.weight",
        "gradient of encoder.weight",
        "last update of encoder.weight",
    ]
    assert bars[0].words(0, 0) == "-1 to -0.75: 56.25%"
    assert len(view.pictures(look_at("weights", name="encoder.bias"))) == 1


def test_the_worst_confusions_are_listed() -> None:
    """The most frequent mistake first, with its share of the class."""
    view, look = probe_views()["confusion"], look_at("confusion")
    assert view.summary(look) == "117 of 123 right (95.1%); most often eel taken for cat (3)"
    table, examples, mistakes = view.pictures(look)
    assert isinstance(mistakes, Sheet)
    assert isinstance(examples, Sheet)
    assert list(mistakes.rows[0]) == ["eel", "cat", "3", "2.9%"]
    assert len(mistakes.rows) == 3
    assert "100" in table.draw(60, 12, "plain").canvas.text().plain
    assert table.words(2, 2) == "true eel, predicted eel: 100"
    assert table.words(2, 0) == "true eel, predicted cat (such as sample 40 'an old eel' at 90% and sample 71 'one more'): 3"
    assert list(examples.rows[0]) == ["eel -> cat", "sample 40", "90%", "an old eel"]
    counts, *_ = example("confusion")
    assert len(view.pictures(look_at("confusion", [counts]))) == 2, "a run of another version has no examples"


def test_units_are_counted() -> None:
    """Dead on all steps, and saturated at more than half of them."""
    assert probe_views()["units"].summary(look_at("units")) == (
        "3 units: 1 always dead, 1 saturated at more than half of the steps"
    )


def test_filters_and_maps_stand_in_a_mosaic() -> None:
    """One image a filter; one filter alone has an image for each channel; a map stands beside its image."""
    view = probe_views()["filters"]
    mean, _ = view.pictures(look_at("filters", name="second"))
    alone, _ = view.pictures(look_at("filters", name="second", unit=3))
    assert isinstance(mean, Heatmap)
    assert isinstance(alone, Heatmap)
    assert np.isfinite(mean.values).sum() == 4 * 9
    assert np.isfinite(alone.values).sum() == 2 * 9
    assert mean.words(0, 4).startswith("filter 1, row 0, column 0: ")
    maps = probe_views()["feature_maps"]
    first, *_ = example("feature_maps")
    assert len(maps.pictures(look_at("feature_maps", [first]))) == 1
    look = look_at("feature_maps")
    images = type(SAMPLES)(100, "samples", "validation", np.zeros((3, 8, 8), np.uint8), SAMPLES.info)
    beside = maps.look(Snapshot(100, look.snapshot.rows, images, look.snapshot.history), Chosen(unit=1))
    assert [picture.title for picture in maps.pictures(beside)] == ["map 1", "image", "share that answers, training by map"]


def test_a_tree_has_an_answer_at_each_node() -> None:
    """Nodes with their words in the order of writing, the likeliest class and its probability."""
    view, rows = probe_views()["tree"], {row.name: row for row in example("tree")}
    info = {**SAMPLES.info, "inputs": [["[and", "1", "0", "]", "<eos>"]] * 3, "classes": ["no", "yes"], "targets": ["yes"] * 3}
    look = view.look(Snapshot(1, rows, type(SAMPLES)(1, "samples", "validation", None, info)), Chosen())
    (sheet,) = view.pictures(look)
    assert isinstance(sheet, Sheet)
    assert [list(row) for row in sheet.rows] == [["and", "no", "0.88"], ["├─ 1", "yes", "0.88"], ["└─ 0", "no", "0.50"]]
    assert "`- 0" in sheet.draw(40, 8, "ascii").canvas.text().plain
    assert view.summary(look) == "3 nodes; at the root no (0.88), target yes"


def confusion_with(inputs: np.ndarray[Any, np.dtype[Any]], **info: Any) -> list[Picture]:
    """The pictures of a confusion whose three examples are drawn."""
    counts, examples = example("confusion")
    told = type(examples)(100, "confusion", examples.name, examples.array, {**examples.info, **info})
    rows = [counts, told, row_of("confusion", "validation/inputs", inputs, every=2)]
    return list(probe_views()["confusion"].pictures(look_at("confusion", rows)))


def test_mistakes_are_drawn_where_they_can_be() -> None:
    """Pictures as shades, series as lines whose wrong step is marked; below each which sample it is and how sure the model is."""
    gallery = confusion_with(np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4))[1]
    assert isinstance(gallery, Gallery)
    assert not gallery.is_series
    assert gallery.tiles[0].caption == ("eel → cat", "#40 at 90%")
    assert gallery.tiles[1].caption == ("eel → cat", "#71")
    assert gallery.words(0, 0) == "true eel, predicted cat: sample 40 of the set, probability 0.9"
    series = confusion_with(np.zeros((3, 6, 1), np.float16), steps=[5, 1, 2])[1]
    assert isinstance(series, Gallery)
    assert (series.is_series, series.every) == (True, 2)
    assert [tile.mark for tile in series.tiles] == [5, 1, 2]
    assert series.tiles[0].caption == ("eel → cat", "#40 t 5 at 90%")


def test_what_is_measured_at_each_evaluation_comes_first() -> None:
    """After the last step there is test data too: the moments before have the validation set alone."""
    (one,) = example("gradient_flow")
    both = {name: type(one)(100, one.kind, name, one.array, {}) for name in ("test", "validation")}
    look = probe_views()["gradient_flow"].look(Snapshot(100, both), Chosen())
    assert look.chosen.name == "validation"
    assert look.options.names == ("validation", "test")
