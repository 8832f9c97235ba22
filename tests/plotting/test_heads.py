"""What stands above a picture, and axes of a single value."""

from __future__ import annotations

import re

import numpy as np
import pytest

from workbench.plotting.axis import Axis
from workbench.plotting.figure import Series, axis_of_x
from workbench.plotting.pictures import Heatmap, Names, Plot, Scale, text_of
from workbench.plotting.probes import Chosen, Kept, Snapshot, probe_views
from workbench.runs.records import Probe

NAMES = ("recurrent", "update_gate", "reset_gate", "candidate", "output")


def plot() -> Plot:
    x = np.arange(10.0)
    return Plot("radius by training step", tuple(Series(name, x, x, "train", "●") for name in NAMES))


@pytest.mark.parametrize("width", [38, 44, 60, 100, 160])
def test_every_line_is_named_or_counted(width: int) -> None:
    """In the title's row where there is room, else in one of their own, there with shorter names."""
    lines = text_of(plot().draw(width, 14, "plain")).split("\n")
    title, legend = lines[0].split("  ", 1) if len(lines[0]) > 40 else (lines[0], lines[1])
    named = legend.split("●")[1:]
    counted = int(named[-1].partition("+")[2] or 0)
    assert title == "radius by training step"
    assert len(named) + counted == len(NAMES)
    assert counted == 0 or width < 44
    assert all(len(line) <= width for line in lines)


def test_in_few_rows_the_lines_go_first() -> None:
    """The legend has no row of its own then; who has no room in it is counted."""
    lines = text_of(plot().draw(38, 7, "plain")).split("\n")
    assert lines[0] == "radius by training step  ● recur… +4"


def test_a_title_is_whole_where_fewer_shades_make_room() -> None:
    """Ten shades, or five, or three; the values of both ends stay."""
    picture = Heatmap(
        "log10 norm, by training step", np.eye(3), Names("row", list("abc")), Names("column", list("xyz")), Scale(0.0, 1.0)
    )
    for width, shades in ((46, 10), (40, 5), (37, 3)):
        head = text_of(picture.draw(width, 12, "plain")).split("\n")[0]
        found = re.fullmatch(r"log10 norm, by training step  +0 (.*) 1", head)
        assert found is not None
        assert len(found[1]) == shades


def test_a_single_moment_ends_the_axis() -> None:
    """Nothing is drawn beyond it: there is nothing yet."""
    line = Series("U", np.array([600.0]), np.array([0.5]))
    axis = axis_of_x([line], None, log=False)
    assert (axis.low, axis.high) == (0.0, 600.0)


def test_a_score_of_nothing_stands_at_the_foot() -> None:
    """All zeros: the axis has nothing below, where such a score cannot be."""
    axis = Axis.fit([np.zeros(4)])
    assert (axis.low, axis.high) == (0.0, 1.0)


@pytest.mark.parametrize("last", [2, 3, 5, 9, 17, 40, 1000])
@pytest.mark.parametrize("count", [2, 5, 9])
def test_steps_have_nothing_between_them(last: int, count: int) -> None:
    """Ticks of what is counted are whole numbers, each once."""
    labels = [label for _, label in Axis(1.0, float(last)).ticks(count, whole=True)]
    assert labels
    assert all("." not in label for label in labels)
    assert len(set(labels)) == len(labels)
    assert any("." in label for _, label in Axis(1.0, 2.0).ticks(5))


def test_units_stay_in_their_places_through_the_training() -> None:
    """The first look at a layer decides; another layer, or another run, has an order of its own."""
    view, rng = probe_views()["states"], np.random.default_rng(0)

    def snapshot(step: int, name: str = "layer") -> Snapshot:
        row = Probe(step, "states", name, rng.normal(size=(2, 30, 8)).astype(np.float32), {"steps": list(range(1, 31))})
        return Snapshot(step, {name: row})

    kept: Kept = {}
    first, second = (view.pictures(view.look(snapshot(step), Chosen(), kept)) for step in (1, 2))
    alone = view.pictures(view.look(snapshot(2), Chosen()))
    labels = [pictures[0].rows.labels for pictures in (first, second, alone) if isinstance(pictures[0], Heatmap)]
    assert labels[0] == labels[1] != labels[2]
    assert first[1].title == second[1].title
    view.pictures(view.look(snapshot(2, "other"), Chosen(), kept))
    assert {name for _, name, _ in kept} == {"layer", "other"}
