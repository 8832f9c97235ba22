"""Passages of alike activity as pictures: a list with the passage in the middle, units by steps, inputs on the average."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.plotting.alike import alike_caption, alike_pictures, alike_words, query_words
from workbench.plotting.pictures import Concordance, Entry, Heatmap, Mode, Plot, csv_text, svg_document, text_of

TEXT = ["the", "old", "cat", "sat", "on", "the", "mat", "and", "the", "dog", "ran", "off"]


def passage(index: int, *, size: int, text: bool, units: int) -> dict[str, Any]:
    """Three steps of a sample as plain values."""
    first = 1 + index % 8
    return {
        "index": index,
        "first": first,
        "last": first + 2,
        "distance": index / 8,
        "words": TEXT[first - 1 : first + 2] if text else None,
        "before": TEXT[: first - 1] if text else [],
        "after": TEXT[first + 2 :] if text else [],
        "target": f"target {index}",
        "activity": [[step + unit / 10 + index for unit in range(units)] for step in range(3)],
        "inputs": [[index + step / 10] * size for step in range(3)] if size else None,
    }


def found(count: int = 3, **others: Any) -> dict[str, Any]:
    """What a search found, as plain values."""
    size, text, units = others.pop("size", 0), others.pop("text", True), others.pop("units", 4)
    passages = [passage(index, size=size, text=text, units=units) for index in range(count + 1)]
    means = np.mean([one["inputs"] for one in passages[1:]], axis=0).tolist() if size and count else None
    values = {"step": 1200, "kind": "states", "name": "encoder", "unit": None, "side": "inputs", "flat": 0, "searched": 1000}
    return {**values, "available": 2000, "query": passages[0], "hits": passages[1:], "mean_inputs": means, **others}


def lines(picture: Any, width: int, height: int, mode: Mode = "plain") -> list[str]:
    return text_of(picture.draw(width, height, mode)).split("\n")


def test_the_passages_stand_below_each_other() -> None:
    """The marked one first, the words in brackets begin at one column, what stands around them is cut at its far ends."""
    listed = alike_pictures(found())[0]
    title, names, *rows = lines(listed, 76, 8)
    assert title == "passages alike to steps 1 to 3"
    assert names.split() == ["index", "steps", "distance", "passage", "target"]
    assert rows[0].split()[:3] == ["0", "1-3", "marked"]
    assert rows[1].split()[:3] == ["1", "2-4", "0.125"]
    assert len({row.index("[") for row in rows if row}) == 1
    assert all(f"[{' '.join(TEXT[index : index + 3])}]" in rows[index] for index in range(3))
    assert rows[2].endswith("target 2")
    narrow = lines(listed, 50, 8)
    assert "[old cat sat] on" in narrow[3]
    assert "…" in narrow[3]
    assert "target" not in narrow[1], "no room behind the passages"


@pytest.mark.parametrize("width", [3, 20, 40, 80, 200])
@pytest.mark.parametrize("height", [1, 4, 12])
@pytest.mark.parametrize("mode", ["colour", "plain", "ascii"])
@pytest.mark.parametrize(
    "what", [{}, {"text": False}, {"text": False, "size": 1}, {"text": False, "size": 2}, {"size": 9}, {"count": 0}]
)
def test_every_size_has_room(width: int, height: int, mode: Mode, what: dict[str, Any]) -> None:
    """Exactly so many lines and columns; nothing but ASCII where there is no more."""
    for picture in alike_pictures(found(**what)):
        canvas = picture.draw(width, height, mode).canvas
        assert (canvas.width, canvas.height) == (width, height)
        assert mode != "ascii" or canvas.text().plain.isascii()
        rows, columns = picture.shape
        assert all(picture.words(row, column) for row in range(rows) for column in range(columns))


def test_letters_stand_without_blanks() -> None:
    """As they are read."""
    values = found()
    for one in (values["query"], *values["hits"]):
        one.update(before=list("BTX"), words=list("SSV"), after=list("E"))
    assert "BTX[SSV]E" in lines(alike_pictures(values)[0], 80, 8)[2]


def test_signs_that_stand_for_numbers_are_shown_in_ascii() -> None:
    """Rows of a picture are letters of bars; where not all passages are texts, none is shown as one."""
    values = found(2, size=9)
    for one in (values["query"], *values["hits"]):
        one.update(before=list("▁▂"), words=list("█▄ "), after=[])
    assert lines(alike_pictures(values)[0], 80, 8, "ascii")[2].split("marked")[1].split("target")[0].strip() == ".:[@= ]"
    values["hits"][0]["words"] = None
    assert "mean of units" in lines(alike_pictures(values)[0], 80, 8)[2]


def test_long_lists_have_pages_and_say_so() -> None:
    """From `start` on, as many as have room."""
    listed = alike_pictures(found(20))[0]
    drawn = listed.draw(70, 7, "plain", (10, 0))
    assert drawn.seen == (5, 1)
    assert "(11 to 15 of 21)" in text_of(drawn)
    assert drawn.at(2, 5) == (10, 0)


def test_numbers_are_bars_between_common_ends() -> None:
    """Each input by its name; the words say the numbers."""
    listed = alike_pictures(found(text=False, size=2))[0]
    rows = lines(listed, 80, 8)
    assert rows[2].split()[3:] == ["x1", "x2", "target", "0"] or "x1" in rows[2]
    assert "x1 ███" not in rows[2]
    assert "███" in rows[5].replace("▇", "█")
    assert listed.words(1, 0) == "index 1, steps 2-4, distance 0.125, x1 1 1.1 1.2, x2 1 1.1 1.2, target target 1"
    silent = alike_pictures(found(text=False))[0]
    assert "mean of units" in lines(silent, 80, 8)[2]


def test_units_of_all_passages_stand_beside_each_other() -> None:
    """With a gap between two; a place says unit, sample, step and word. One unit alone has a row for each passage."""
    drawn = alike_pictures(found())[1]
    assert isinstance(drawn, Heatmap)
    assert drawn.values.shape == (4, 4 * 4 - 1)
    assert np.isnan(drawn.values[:, 3]).all()
    unit = int(drawn.rows.labels[0])
    assert drawn.words(0, 5) == f"unit {unit}, index 1, step 3 'cat': {2 + unit / 10:g}"
    alone = alike_pictures(found(unit=2, units=1))[1]
    assert isinstance(alone, Heatmap)
    assert alone.values.shape == (4, 3)
    assert alone.words(2, 1) == "index 2, step 4 'sat': 3"


def test_inputs_are_averaged_where_they_are_numbers() -> None:
    """Few are lines beside those of the marked passage, many a heatmap, texts nothing."""
    assert len(alike_pictures(found())) == 2
    plot = alike_pictures(found(size=2))[2]
    assert isinstance(plot, Plot)
    assert {line.name: line.y.tolist() for line in plot.series}["mean x1"] == pytest.approx([2.0, 2.1, 2.2])
    many = alike_pictures(found(size=9))[2]
    assert isinstance(many, Heatmap)
    np.testing.assert_allclose(many.values, np.array([[2.0, 2.1, 2.2]] * 9))


def test_where_it_was_looked_for_is_told() -> None:
    """Checkpoint, samples, what was left out, and how far the passages are."""
    assert query_words(found(unit=3)) == "alike to steps 1 to 3 of validation sample 0 in encoder, unit 3"
    assert alike_caption(found(unit=3)) == "step 1,200, encoder, unit 3, validation sample 0"
    start = "checkpoint of step 1,200, 1,000 of 2,000 validation samples"
    assert alike_words(found()) == f"{start}: distance 0.125 to 0.375 standard deviations"
    assert alike_words(found(flat=2, available=1000)).startswith(
        "checkpoint of step 1,200, 1,000 validation samples, 2 units that never change left out: "
    )
    assert alike_words(found(0)) == f"{start}: no other passage of that length"


def test_figures_and_tables_have_all_of_it() -> None:
    """One document of all pictures; a row of CSV for each text and value, with markup as it is."""
    values = found(size=2)
    values["hits"][0]["words"] = ["<b>", "[red]", "x,y"]
    pictures = alike_pictures(values)
    svg = svg_document(pictures, "a run")
    assert svg.count("<svg") == 1 + len(pictures)
    assert "&lt;b&gt; [red] x,y" in svg
    table = csv_text(pictures)
    assert '1,passage,"<b> [red] x,y"' in table
    assert "1,distance,0.125" in table


def test_an_entry_may_be_alone() -> None:
    """Nothing around it, nothing behind it."""
    picture = Concordance("one", ("index", "passage", "target"), [Entry(("7",), words=["a", ""])])
    assert text_of(picture.draw(30, 4, "ascii")).split("\n")[1].split() == ["7", "[a_]"]
    assert list(picture.records()) == [("7", "before", ""), ("7", "passage", "a_"), ("7", "after", "")]
