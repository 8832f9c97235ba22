"""Answers as pictures: which ones there are of what `predict` tells, and that they hold its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.plotting.answers import Course, answer_pictures, attention_options, missing_words
from workbench.plotting.pictures import Heatmap, Passage, Plot, Shares
from workbench.plotting.probes import Chosen

WEIGHTS = [[[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], [[0.1, 0.9], [0.7, 0.3], [0.4, 0.6]]]
TRANSLATED: dict[str, Any] = {
    "predicted": "la mer",
    "attention": {
        "layers": [
            {"layer": name, "rows": "outputs", "columns": "inputs", "weights": weights}
            for name, weights in (("first", WEIGHTS), ("second", WEIGHTS[::-1]))
        ],
        "symbols": {"inputs": ["sea", "<eos>"], "outputs": ["la", "mer", "<eos>"]},
    },
    "saliency": {"of": "log-probability", "values": [2.0, -1.0], "symbols": ["sea", "<eos>"]},
}


def test_classes_stand_in_their_own_order() -> None:
    """Numbers by their size, the chosen one marked."""
    (shares,) = answer_pictures({"predicted": "10", "probabilities": {"10": 0.7, "2": 0.2, "1": 0.1}})
    assert isinstance(shares, Shares)
    assert list(shares.names) == ["1", "2", "10"]
    assert shares.shares.tolist() == [0.1, 0.2, 0.7]
    assert shares.chosen == 2


def test_attention_is_drawn_as_in_a_run() -> None:
    """The chosen layer and head, with the words on both sides; as much as has been written."""
    options = attention_options(TRANSLATED)
    assert (options.names, options.heads) == (("first", "second"), 2)
    whole, passage = answer_pictures(TRANSLATED, chosen=Chosen(name="second", head=1))
    assert isinstance(whole, Heatmap)
    assert whole.values.tolist() == WEIGHTS[0]
    assert (list(whole.rows.labels), list(whole.columns.labels)) == (["la", "mer", "<eos>"], ["sea", "<eos>"])
    grown, _ = answer_pictures(TRANSLATED, upto=1)
    assert isinstance(grown, Heatmap)
    assert grown.values.tolist() == WEIGHTS[0][:1]
    assert list(grown.rows.labels) == ["la"]
    assert isinstance(passage, Passage)
    assert passage.values.tolist() == [2.0, -1.0]
    assert (passage.scale.low, passage.scale.high) == (-2.0, 2.0)


def test_saliency_has_the_form_of_its_input() -> None:
    """A series is a table of its steps, a picture one of its pixels, colours summed."""
    (series,) = answer_pictures({"predicted": "1", "saliency": {"of": "the answer", "values": [[1.0, 0.0], [-2.0, 3.0]]}})
    assert isinstance(series, Heatmap)
    assert series.values.tolist() == [[1.0, -2.0], [0.0, 3.0]]
    pixels = np.arange(12.0).reshape(3, 2, 2)
    (picture,) = answer_pictures({"predicted": "1", "saliency": {"of": "the answer", "values": pixels.tolist()}})
    assert isinstance(picture, Heatmap)
    assert picture.square
    assert picture.values.tolist() == pixels.sum(0).tolist()


def test_a_forecast_stands_beside_what_came() -> None:
    """Each forecast a step later than what was read for it, those of the washout left out; what is continued begins after all."""
    course = Course(np.arange(5.0)[:, None], np.array([[5.0], [6.0]]), washout=2)
    (plot,) = answer_pictures({"predicted": "", "value": [9.0, 8.0, 7.0, 6.0, 5.0]}, course=course)
    assert isinstance(plot, Plot)
    lines = {line.name: (line.x.tolist(), line.y.tolist()) for line in plot.series}
    assert lines["forecast"] == ([4, 5, 6], [7.0, 6.0, 5.0])
    item = {"predicted": "", "value": [9.0, 8.0, 7.0, 6.0, 5.0], "continuation": [[5.5], [6.5], [7.5]]}
    (plot,) = answer_pictures(item, course=course)
    assert isinstance(plot, Plot)
    lines = {line.name: (line.x.tolist(), line.y.tolist()) for line in plot.series}
    assert lines["continued"] == ([6, 7, 8], [5.5, 6.5, 7.5])
    assert lines["what came"] == ([6, 7], [5.0, 6.0])


def test_what_there_is_none_of_is_told() -> None:
    """Of what was asked for; nothing of what was not."""
    item = {"predicted": "1", "saliency": {"reason": "there is no input"}, "attention": {"reason": "this model has no attention"}}
    assert answer_pictures(item) == []
    assert missing_words(item, "saliency") == ["no saliency: there is no input"]
    assert missing_words({"predicted": "1"}, "saliency", "attention") == []
