"""The drawing of an unrolled computation: what it looks like for known models, what is folded, and what the cursor says."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from torch import nn

from tests.contracts.pairs import TASKS, make_data
from tests.plotting.snapshots import example, look_at
from workbench.cards import catalog
from workbench.cards.catalog import task_kind
from workbench.nn.tensor_batch import TensorBatch
from workbench.plotting.pictures import Sheet, Unrolled, svg_document, text_of
from workbench.plotting.pictures._tree_layout import laid_out
from workbench.plotting.probes import Chosen, Look, Snapshot, probe_views
from workbench.runs.records import Probe
from workbench.training.graph import graph_of

VIEW = probe_views()["graph"]


def look(name: str, task: str, **settings: Any) -> Look:
    """The graph of a small model."""
    card, data = catalog.architectures()[name], make_data(TASKS[task])
    model: nn.Module = card.build(card.Config(**settings), data.task).double().eval()
    graph = graph_of(model, task_kind(data.task)(data.task), TensorBatch(data.inputs, data.targets, data.lengths))
    return VIEW.look(Snapshot(1, {"model": Probe(1, "graph", "model", graph.counts, graph.info)}), Chosen())


def unrolled(shown: Look) -> Unrolled:
    """The drawing."""
    drawing = VIEW.pictures(shown)[0]
    assert isinstance(drawing, Unrolled)
    return drawing


def lines(drawing: Unrolled, width: int = 80) -> list[str]:
    """The drawing as it is without colours, below its title."""
    return text_of(drawing.draw(width, drawing.lines_wanted(width) or 1, "plain")).split("\n")[1:]


def test_an_lstm_is_unrolled_over_time() -> None:
    """A state from step to step, of which the last one is read; shapes, parameters and shares at the right."""
    assert lines(unrolled(look("lstm", "classify-vectors", hidden_size=16))) == [
        " readout of the last step                        [o]  N, 3          51   3.7%",
        " readout                                          ▲",
        " LSTM layer                [h1]──▶[h2]────▶…───▶[hT]  N, T, 16   1,344  96.3%",
        " backbone.layers.0           ▲      ▲             ▲",
        " inputs                    [x1]   [x2]     …    [xT]  N, T, 3",
    ]


def test_a_bidirectional_network() -> None:
    """Both directions read the inputs, side by side with the lines at the left, and are joined at each step."""
    assert lines(unrolled(look("bidirectional", "label-vectors", hidden_size=16))) == [
        " readout of every step      [o1]   [o2]     …    [oT]  N, T, 3       99   4.9%",
        " readout                      ▲      ▲             ▲",
        " joined                 ╭───▶(;)    (;)     …     (;)  N, T, 32",
        "                        │     ▲      ▲             ▲",
        " GRU layer              │ ╭▶[g1]◀──[g2]◀────…◀───[gT]  N, T, 16     960  47.5%",
        " backbone.backwards.0   │ │",
        " GRU layer              ╰─┼─[h1]──▶[h2]────▶…───▶[hT]  N, T, 16     960  47.5%",
        " backbone.forwards.0      │   ▲      ▲             ▲",
        " inputs                   ╰─[x1]   [x2]     …    [xT]  N, T, 2",
    ]


def test_an_encoder_and_a_decoder_with_attention() -> None:
    """From the inputs up: encoder, first state of the decoder, true outputs, decoder, attention of each step to all states."""
    assert lines(unrolled(look("seq2seq", "transduce-tokens", hidden_size=16, cell="lstm"))) == [
        " linear                     [o1]   [o2]     …    [oU]  N, U, 7      119   0.6%",
        " output                       ▲      ▲             ▲",
        " linear                     [z1]   [z2]     …    [zU]  N, U, 16     784   4.0%",
        " combine                      ▲      ▲             ▲",
        " joined                   ╭─▶(;)    (;)     …     (;)  N, U, 48",
        "                          │   ▲      ▲             ▲",
        " additive attention   ╭───┼▶[a1]┄┄┄[a2]┄┄┄┄┄…┄┄┄┄[aU]  N, U, 32     800   4.1%",
        " attention            │   │   ▲      ▲             ▲",
        " LSTM layer           │ ╭─┴▶[s1]──▶[s2]────▶…───▶[sU]  N, U, 16   5,248  27.0%",
        " decoder.layers.0     │ │     ▲      ▲             ▲",
        " token embedding      │ │   [e1]   [e2]     …    [eU]  N, U, 64     448   2.3%",
        " target_embedding     │ │     ▲      ▲             ▲",
        " true outputs         │ │   [y1]   [y2]     …    [yU]  N, U",
        "                      │ │",
        " linear               │ ╰─────────────────────────[z]  N, 32      1,056   5.4%",
        " bridge               │       ╭────────────────────▲",
        " joined               ╰─┬───▶(;)    (;)     …     (;)  N, T, 32",
        "                        │     ▲      ▲             ▲",
        " LSTM layer             │ ╭▶[g1]◀──[g2]◀────…◀───[gT]  N, T, 16   5,248  27.0%",
        " encoder.backwards.0    │ │",
        " LSTM layer             ╰─┼─[h1]──▶[h2]────▶…───▶[hT]  N, T, 16   5,248  27.0%",
        " encoder.forwards.0       │   ▲      ▲             ▲",
        " token embedding          ╰─[e1]   [e2]     …    [eT]  N, T, 64     512   2.6%",
        " source_embedding             ▲      ▲             ▲",
        " inputs                     [x1]   [x2]     …    [xT]  N, T",
    ]


def test_a_tree() -> None:
    """The tree of the chosen sample with its words; no link to the inputs was seen, so the dots say the order alone."""
    assert lines(unrolled(look_at("graph"))) == [
        " linear             [o]                              N, 2           66   2.3%",
        " linear              ▲",
        " tree cell      ╭───the───╮                          N, 32       2,592  92.0%",
        "             ╭─old──╮   down",
        "            cat    sat    .",
        " cell        ▲──────▲┬────▲",
        " embedding          [e]                              nodes, 16     160   5.7%",
        " embedding           ┊",
        " inputs     [x1]   [x2]   [x3]   [x4]   [x5]   [xT]  N, T",
    ]


def test_attention_looks_to_both_sides_and_states_far_back() -> None:
    """Crosses, and an arc."""
    assert lines(unrolled(look("delayed", "label-vectors", hidden_size=16, delay=3)), 72)[2:4] == [
        "                      ╭─── 3 steps back ───▼",
        " recurrent layer,…  [h1]──▶[h2]────▶…───▶[hT]  N, T, 16     576  91.9%",
    ]
    causal = look("transformer", "label-vectors", hidden_size=16, num_layers=1, causal=True)
    both = look("transformer", "label-vectors", hidden_size=16, num_layers=1)
    falling = "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}"
    assert any(falling in line for line in lines(unrolled(causal)))
    assert any("\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}" in line for line in lines(unrolled(both)))
    assert not any(falling in line for line in lines(unrolled(both)))


def test_blocks_that_are_alike_are_folded() -> None:
    """The first and the last of them stay, what lies between is one line with all its parameters; the table has every module."""
    shown = look("resnet", "classify-vectors", hidden_size=8, num_layers=20)
    drawing, table = VIEW.pictures(shown)
    assert isinstance(drawing, Unrolled)
    assert isinstance(table, Sheet)
    words = [stage.words for stage in drawing.stages]
    block = ["linear", "linear", "sum"]
    assert words == ["inputs", "linear", *block, "8 more like the 3 below", *block, "linear"]
    folded = drawing.stages[5]
    assert (folded.path, folded.count) == ("blocks.1.first to 8.second", f"{8 * 2 * (8 * 8 + 8):,}")
    assert [(link.source, link.target) for link in drawing.links if link.target == 8] == [(7, 8), (5, 8)]
    assert sum(row[0].startswith("blocks") for row in table.rows) == 20
    assert sum(int(row[3].replace(",", "")) for row in table.rows[:-1]) == int(table.rows[-1][3].replace(",", ""))


def test_what_stands_under_the_cursor() -> None:
    """Path, class, shapes in and out, parameters by name with shape, and what is read as what."""
    drawing = unrolled(look("lstm", "classify-vectors", hidden_size=16))
    assert drawing.shape == (3, 1)
    assert drawing.words(0, 0) == (
        "readout: readout of the last step (LastStep); N, T, 16 -> N, 3; 51 parameters (3.7%): linear.weight 3 x 16, "
        "linear.bias 3; reads backbone.layers.0 as states (the last step)"
    )
    assert drawing.words(1, 0).endswith("reads inputs as inputs")
    assert drawing.words(2, 0) == "inputs; N, T, 3"
    frozen = unrolled(look_at("graph")).words(0, 0)
    assert "weight 2 x 32 frozen, bias 2 frozen" in frozen
    assert VIEW.summary(look_at("graph")).startswith("2,818 parameters in 3 modules, 66 of them frozen")


def test_long_ones_are_paged() -> None:
    """Each page begins with a stage, its title says which; together they are the whole."""
    drawing = unrolled(look("seq2seq", "transduce-tokens", hidden_size=16))
    whole, seen, first = lines(drawing), list[str](), 0
    while first < drawing.shape[0]:
        page = drawing.draw(80, 10, "plain", (first, 0))
        title, *rest = text_of(page).split("\n")
        assert f"({first + 1} to {first + page.seen[0]} of {drawing.shape[0]})" in title
        assert {place[0] for line in range(10) if (place := page.at(line, 0))} == set(range(first, first + page.seen[0]))
        seen += rest[: sum(page.at(line, 0) is not None for line in range(10))]
        first += page.seen[0]
    assert seen == whole


def test_a_tree_that_is_too_large_is_cut() -> None:
    """Nodes stand within their room, no two on one place, children below their parents; what is cut is said."""
    nodes = [("and", 2 * place + 1, 2 * place + 2) if place < 15 else ("1", -1, -1) for place in range(31)]
    whole = laid_out(nodes, 200, 20)
    assert (whole.height, len(whole.words)) == (5, 31)
    small = laid_out(nodes, 40, 20)
    assert small.width <= 40
    assert small.height < 5
    assert {word for line, _, word in small.words if line == small.height - 1} == {"and…"}
    places = [(line, column + at - len(word) // 2) for line, column, word in whole.words for at in range(len(word))]
    assert len(places) == len(set(places))
    chain = [("not", place + 1, -1) for place in range(50)] + [("x", -1, -1)]
    assert laid_out(chain, 40, 6).height == 6
    around = [("a", 1, 1), ("b", 0, 0)]
    assert laid_out(around, 40, 6).height == 2, "what leads back to itself ends"


@pytest.mark.parametrize("theme", ["white", "dark"])
def test_the_figure_has_a_box_for_each_step(theme: str) -> None:
    """Rectangles for cells, words for modules, all within the paper."""
    shown = look("bidirectional", "label-vectors", hidden_size=16)
    root = ET.fromstring(svg_document(VIEW.pictures(shown)[:1], "a run", theme))  # noqa: S314 - our own
    boxes = [one for one in root.iter() if one.tag.endswith("rect") and one.get("stroke")]
    assert len(boxes) == 5 * 4, "four steps of five stages"
    assert all(0 < float(one.get("x", "0")) < 760 for one in boxes)
    texts = [one.text for one in root.iter() if one.tag.endswith("text")]
    assert {"readout of every step", "backbone.backwards.0", "N, T, 32", "g1", "hT", ";"} <= set(texts)


def test_what_another_version_wrote_is_left_out() -> None:
    """Nodes and edges of another form are not drawn, and nothing ends for them."""
    (row, _) = example("graph")
    nodes = [None, {"path": 3, "shape": "x", "parameters": [1, ["w", None, 2]]}]
    odd = {"nodes": nodes, "edges": [{"source": 9}, 4], "sizes": [1], "modules": [{"path": 1}, 7]}
    shown = look_at("graph", [Probe(1, "graph", "model", row.array, odd)])
    assert VIEW.summary(shown) == "0 parameters in 0 modules"
    assert all(picture.draw(40, 9, "ascii") for picture in VIEW.pictures(shown))
