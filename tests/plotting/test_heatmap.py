"""Heatmaps: what a cell holds where there is no room for all, pages, signs without colour."""

from __future__ import annotations

import numpy as np

from workbench.plotting.pictures import Heatmap, Names, Passage, Scale, Sheet


def heatmap(rows: int, columns: int, *, whole: bool = False, square: bool = False) -> Heatmap:
    """Values 0, 1, 2 ... row by row."""
    values = np.arange(float(rows * columns)).reshape(rows, columns)
    names = Names.counted("row", rows), Names.counted("column", columns)
    return Heatmap("numbers", values, *names, Scale.of(values), whole=whole, square=square)


def test_every_value_has_cells_where_there_is_room() -> None:
    """Cells are as wide as fits; what stands under each says row, column and value."""
    drawn = heatmap(2, 4).draw(40, 8, "ascii")
    assert drawn.seen == (2, 4)
    assert drawn.at(1, 2) == (0, 0)
    assert drawn.at(1, 39) is None or drawn.at(1, 39) == (0, 3)
    assert heatmap(2, 4).words(1, 2) == "row 1, column 2: 6"


def test_values_without_room_are_averaged_and_said_so() -> None:
    """A cell is the mean of its values, and the title says of how many."""
    picture = heatmap(100, 300)
    drawn = picture.draw(80, 22, "colour")
    title = drawn.canvas.text().plain.split("\n")[0]
    assert "a cell: mean of 2.5 rows x " in title
    signs = {drawn.at(line, column) for line in range(22) for column in range(80)} - {None}
    assert len({place[0] for place in signs if place}) == 20, "half blocks: each line has two rows, and says the upper one"


def test_a_gap_between_images_stays_a_gap() -> None:
    """Of images no cell mixes two sides of a gap."""
    picture = heatmap(31, 31, square=True)
    picture.values[15] = np.nan
    lines = picture.draw(30, 12, "ascii").canvas.text().plain.split("\n")[1:]
    assert any(not line[4:].strip() for line in lines[1:-3])


def test_what_has_cells_of_its_own_has_pages() -> None:
    """From `start` on, as many as have room, and the title says which."""
    picture = heatmap(30, 40, whole=True)
    first = picture.draw(60, 12, "plain")
    assert first.seen[0] < 30
    assert first.seen[1] < 40
    second = picture.draw(60, 12, "plain", (first.seen[0], 0))
    assert second.at(1, 10) is not None
    assert min(place[0] for row in range(12) if (place := second.at(row, 10))) == first.seen[0]
    assert f"row {first.seen[0] + 1} to" in second.canvas.text().plain.split("\n")[0]


def test_signs_tell_negative_from_positive() -> None:
    """Without colour the ends of a diverging scale are different signs, in ASCII too."""
    scale = Scale.of(np.array([-2.0, 1.0]))
    assert (scale.low, scale.high, scale.diverging) == (-2.0, 2.0, True)
    low, middle, high = scale.levels(np.array([-2.0, 0.0, 2.0])).tolist()
    for ascii_only in (False, True):
        signs = [scale.sign(level, ascii_only=ascii_only) for level in (low, middle, high)]
        assert len(set(signs)) == 3
        assert not ascii_only or "".join(signs).isascii()
    assert scale.levels(np.array([np.nan])).tolist() == [-1]


def test_the_place_of_a_value_is_found_again() -> None:
    """From value to cell and back; a value that shares its cell has the cell of its neighbour."""
    drawn = heatmap(100, 20).draw(80, 12, "colour")
    place = drawn.place(37, 11)
    assert place is not None
    near = drawn.at(*place)
    assert near is not None
    assert abs(near[0] - 37) <= 5
    assert near[1] == 11


def test_long_words_turn_lines_and_names_keep_their_ends() -> None:
    """Words go on in the next line with their signs below; a cut path keeps what tells it apart."""
    words = ["never", "again", "shall", "one"] * 3
    passage = Passage("unit 1", words, np.linspace(0, 1, 12), Scale(0.0, 1.0))
    lines = passage.draw(24, 12, "ascii").canvas.text().plain.split("\n")
    assert lines[1].split() == ["never", "again", "shall", "one"]
    assert lines[2].strip() != lines[4].strip()
    assert passage.lines_wanted(24) == 7
    sheet = Sheet("norms", ("parameter", "norm"), [("backbone.layers.0.recurrent.weight", "1.25")], paths=True)
    assert "rrent.weight" in sheet.draw(28, 8, "plain").canvas.text().plain
