"""The graph of every architecture: its numbers are torch's, its shapes those that a plain hook sees, and it can be drawn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from torch import Tensor, nn

from tests.contracts.pairs import TASKS, Data, build, each_pair, make_data
from workbench.cards.catalog import task_kind
from workbench.nn.tensor_batch import TensorBatch
from workbench.plotting.pictures import Unrolled
from workbench.plotting.probes import Chosen, Snapshot, probe_views
from workbench.runs.records import Probe
from workbench.training.graph import Graph, graph_of


def graph_and_model(name: str, task: str) -> tuple[Graph, nn.Module, Data]:
    data, model = make_data(TASKS[task]), build(name, TASKS[task])
    batch = TensorBatch(data.inputs, data.targets, data.lengths)
    return graph_of(model, task_kind(data.task)(data.task), batch), model, data


def shapes_by_hooks(model: nn.Module, data: Data) -> dict[str, tuple[int, ...]]:
    """The shape of each module's first output at its first call."""
    seen: dict[str, tuple[int, ...]] = {}

    def hook(path: str, output: Any) -> None:
        while isinstance(output, tuple | list):
            output = output[0]
        if isinstance(output, Tensor):
            seen.setdefault(path, tuple(output.shape))

    handles = [
        module.register_forward_hook(lambda _module, _inputs, output, path=path: hook(path, output))
        for path, module in model.named_modules()
    ]
    task_kind(data.task)(data.task).loss(model, TensorBatch(data.inputs, data.targets, data.lengths), 1.0)
    for handle in handles:
        handle.remove()
    return seen


@each_pair
def test_the_graph_has_all_parameters_and_true_shapes(name: str, task: str) -> None:
    """All parameters are counted once; every box that is called gives what a hook sees; links lead up; it is plain JSON."""
    graph, model, data = graph_and_model(name, task)
    nodes, edges = graph.info["nodes"], graph.info["edges"]
    assert graph.counts.sum() == sum(parameter.numel() for parameter in model.parameters())
    assert sum(module["parameters"] for module in graph.info["modules"]) == graph.counts.sum()
    hooked = shapes_by_hooks(model, data)
    boxes = [node for node in nodes if node["role"] == "box"]
    assert boxes
    for node in boxes:
        if node["path"] in hooked and node["path"]:
            assert tuple(node["shape"]) == hooked[node["path"]], node["path"]
    assert not any(node["role"] == "idle" for node in nodes), "every module takes part"
    assert all(edge["back"] or edge["source"] < edge["target"] for edge in edges)
    read = {edge["target"] for edge in edges}
    unread = [node["path"] for place, node in enumerate(nodes) if node["role"] == "box" and place not in read]
    assert len(unread) <= 1, "one may read what has left torch on its way, or nothing but its parameters"
    assert json.loads(json.dumps(graph.info)) == graph.info


@each_pair
def test_the_graph_can_be_drawn(name: str, task: str) -> None:
    """At three widths no line is longer, and each stage is there; what is under the cursor says what it is."""
    graph, _, _ = graph_and_model(name, task)
    view, row = probe_views()["graph"], Probe(1, "graph", "model", graph.counts, json.loads(json.dumps(graph.info)))
    look = view.look(Snapshot(1, {"model": row}), Chosen())
    assert view.summary(look).startswith(f"{graph.counts.sum():,} parameters in ")
    drawing, _ = view.pictures(look)
    assert isinstance(drawing, Unrolled)
    for width in (80, 120, 200):
        lines = drawing.lines_wanted(width)
        assert lines is not None
        drawn = drawing.draw(width, lines, "ascii")
        text = drawn.canvas.text().plain
        assert text.isascii()
        assert all(len(line) <= width for line in text.split("\n"))
        assert drawn.seen == drawing.shape
        assert all(stage.shape in text for stage in drawing.stages if stage.role != "label")
        assert all(drawing.words(place, 0) for place in range(len(drawing.stages)))


@pytest.mark.parametrize("name", ["lstm"])
def test_a_graph_is_taken_of_a_model_as_it_is(name: str) -> None:
    """Weights, gradients and hooks are afterwards as before."""
    graph, model, _ = graph_and_model(name, "classify-vectors")
    assert graph.counts.dtype == np.int64
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
