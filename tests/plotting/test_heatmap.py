"""Heatmaps: what a cell holds where there is no room for all, pages, signs without colour."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.plotting.pictures import Heatmap, Mode, Names, Passage, Scale, Sheet


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


def over_steps(rows: int, steps: list[int]) -> Heatmap:
    """Values over steps of a sequence."""
    values = np.arange(float(rows * len(steps))).reshape(rows, -1)
    return Heatmap("states", values, Names.counted("unit", rows), Names("step", [str(step) for step in steps]), Scale.of(values))


@pytest.mark.parametrize("mode", ["colour", "plain", "ascii"])
def test_marked_steps_are_seen_without_colour(mode: Mode) -> None:
    """Brackets below the columns, as wide as these; one column alone has an arrow."""
    picture = over_steps(3, [1, 2, 3, 4, 5])
    drawn = picture.marked(2, 4).draw(34, 8, mode)
    line = next(line for line in drawn.canvas.text().plain.split("\n") if "[" in line)
    columns = [column for column in range(34) if 1 <= (drawn.at(1, column) or (0, 0))[1] <= 3]
    assert line[columns[0] : columns[-1] + 1] == "[" + "=" * (len(columns) - 2) + "]"
    narrow = picture.marked(3, 3).draw(5, 8, mode).canvas.text().plain.split("\n")
    assert any("^" in text for text in narrow)
    assert "[" not in picture.draw(34, 8, mode).canvas.text().plain


def test_a_mark_is_drawn_where_columns_share_cells_or_are_thinned() -> None:
    """A cell of several columns is marked with one of them; of thinned steps those that are there are marked."""
    wide = over_steps(2, list(range(1, 101)))
    drawn = wide.marked(50, 51).draw(44, 8, "ascii")
    row = drawn.canvas.text().plain.split("\n")
    place = next(line for line in row if "^" in line or "[" in line).index("^" if "^" in "".join(row) else "[")
    owner = drawn.at(1, place)
    assert owner is not None
    assert owner[1] <= 49 < owner[1] + 3
    thinned = over_steps(2, [1, 5, 9, 13])
    assert thinned.marked(4, 10).mark == (1, 2)
    assert thinned.marked(6, 8).mark is None
    assert [thinned.step_at(column) for column in range(4)] == [1, 5, 9, 13]
    assert heatmap(2, 3).step_at(1) is None
    assert heatmap(2, 3).marked(0, 2).mark is None


def test_marked_words_are_seen_without_colour() -> None:
    """Arrows below them, and a line in the figure; the cursor knows their steps."""
    words = Passage("unit 3", ["the", "cat", "sat"], np.array([0.0, 0.5, 1.0]), Scale(0, 1), [4, 6, 8])
    marked = words.marked(5, 8)
    assert marked.draw(20, 3, "ascii").canvas.text().plain.split("\n")[2].rstrip() == "    ^^^ ^^^"
    assert words.step_at(1) == 6
    assert len(marked.svg("white", "")[1]) > len(words.svg("white", "")[1])
    assert Passage("unit 3", ["the"], np.zeros(1), Scale(0, 1)).marked(1, 1).mark is None
