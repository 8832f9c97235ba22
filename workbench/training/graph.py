"""A model's computation as a graph: its modules with shapes and parameters, what reads what, and which steps of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import TaskKind
from workbench.nn.hand_trained import HandTrained
from workbench.nn.names import Side
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.watching import Described, ThroughTime, sides
from workbench.training.axes import Axes, Time
from workbench.training.dataflow import Dataflow, Edge, Node, box_paths, observed
from workbench.training.graph_order import leading_to_boxes, ordered
from workbench.training.reach import Reach, reach

__all__ = ["Graph", "graph_of"]

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OWN = "parameters of the whole"
_TIMES: dict[Side | None, Time] = {"inputs": "T", "outputs": "U"}


@dataclass(frozen=True)
class Graph:
    """What is recorded.

    Attributes:
        counts: parameters of each node, in the order of `info["nodes"]`: from the inputs up to the outputs.
        info: `nodes`, `edges` between their places, `modules` (all within the nodes), and the `sizes` of named axes.
    """

    counts: NDArray[np.int64]
    info: Mapping[str, Any]


def graph_of(model: nn.Module, objective: TaskKind, batch: TensorBatch, num_nodes: int = 0) -> Graph:
    """Run a model, which is in eval mode, over a few samples as in training, and see what is connected to what.

    Neither a parameter's `grad` nor a random generator is touched.

    Args:
        model: the model.
        objective: calls the model.
        batch: the samples.
        num_nodes: nodes of all their trees, where they are trees.
    """
    return _Recording(model, _seen(model, objective, batch), Axes.of(objective, batch, num_nodes)).graph()


def _seen(model: nn.Module, objective: TaskKind, batch: TensorBatch) -> Dataflow:
    """One pass, in which gradients lead to the inputs too: by them it is seen which steps are read."""
    if batch.inputs.is_floating_point():
        try:
            return _passed(model, objective, replace(batch, inputs=batch.inputs.clone().requires_grad_()))
        except RuntimeError:  # a stranger's model that writes on its inputs, or gives them to numpy
            pass
    return _passed(model, objective, batch)


def _passed(model: nn.Module, objective: TaskKind, batch: TensorBatch) -> Dataflow:
    # cuDNN gives no gradients in eval mode
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False), observed(model, batch.inputs, batch.targets) as seen:
        # a model with gradients by hand has no loss that torch could follow
        _ = objective.outputs(model, batch) if isinstance(model, HandTrained) else objective.loss(model, batch, 1.0)
    return seen


class _Recording:
    """What was seen, as plain values.

    Args:
        model: the model.
        seen: the pass.
        axes: what sizes mean.

    Attributes:
        nodes: from the inputs up; before them those that had no part in the pass.
        edges: between them.
        back: those of the edges that lead back: what one step gives to the next one.
        times: along which sequence each node goes, if along one.
    """

    def __init__(self, model: nn.Module, seen: Dataflow, axes: Axes) -> None:
        self.seen, self.axes, self.edges = seen, axes, leading_to_boxes(seen)
        nodes, self.back = ordered(seen, self.edges)
        self.modules = dict(model.named_modules())
        self.boxes = {path: path if box is None else box for path, box in box_paths(model).items()}
        self.parameters: dict[str, list[tuple[str, nn.Parameter]]] = {}
        for name, parameter in model.named_parameters():
            box = self.boxes[name.rpartition(".")[0]]
            self.parameters.setdefault(box, []).append((name.removeprefix(f"{box}." if box else ""), parameter))
        there = {node.path for node in nodes if node.role == "box"}
        idle = [Node("box", path, 0) for path in self.parameters if path not in there]
        self.nodes = [*idle, *nodes]
        self.times = self._times(sides(model))

    def graph(self) -> Graph:
        """All of it."""
        counts = [sum(parameter.numel() for _, parameter in self._parameters(node)) for node in self.nodes]
        place = {node: number for number, node in enumerate(self.nodes)}
        nodes = [self._node(node) for node in self.nodes]
        edges = [
            {
                "source": place[edge.source],
                "target": place[edge.target],
                "ports": edge.ports,
                "first": next(iter(edge.target.inputs), "") in edge.ports,
                "back": edge in self.back,
                **self._reach(edge).to_dict(),
            }
            for edge in self.edges
        ]
        used = {name for node in nodes for axis in node["axes"] for name in axis.split()}
        sizes: dict[str, int] = {"N": self.axes.num_samples, "nodes": self.axes.num_nodes}
        sizes |= {str(name): size for name, size in self.axes.num_steps.items()}
        boxes = {node.path: number for node, number in place.items() if node.role == "box"}
        info = {
            "nodes": nodes,
            "edges": edges,
            "modules": sorted(self._modules(boxes), key=itemgetter("box")),
            "sizes": {name: size for name, size in sizes.items() if name in used},
        }
        return Graph(np.array(counts, dtype=np.int64), info)

    def _parameters(self, node: Node) -> list[tuple[str, nn.Parameter]]:
        return self.parameters.get(node.path, []) if node.role == "box" else []

    def _times(self, said: Mapping[str, Side | None]) -> dict[Node, Time]:
        """As its module says, else like the first one that it reads."""
        times: dict[Node, Time] = {}
        for node in self.nodes:
            side: Side | None = "outputs" if node.role == "targets" else said.get(node.path) if node.role == "box" else None
            read = (times[edge.source] for edge in self.edges if edge.target is node and edge.source in times)
            times[node] = _TIMES[side] if side is not None else next(read, "T")
        return times

    def _names(self, node: Node, tensor: Tensor | None, shape: Sequence[int] | None) -> list[str]:
        whole = tensor is not None and not tensor.is_floating_point()
        return self.axes.names(shape, self.times[node], whole=whole)

    def _node(self, node: Node) -> dict[str, Any]:
        """A node as plain values."""
        module = self.modules.get(node.path) if node.role == "box" else None
        names = self._names(node, node.output, node.shape)
        time = next((part for name in names for part in name.split() if part in ("T", "U")), "")
        itself = any(edge.source is node and edge.target is node for edge in self.edges)
        if not time and node.calls > 1:  # called once a step
            time = next((one for one, steps in self.axes.num_steps.items() if steps == node.calls), "")
        flow, steps_back = _through_time(module)
        return {
            "role": "idle" if node.role == "box" and not node.calls else node.role,
            "path": node.path,
            "words": node.path if module is None else _words(module) if node.path or not any(module.children()) else _OWN,
            "class": "" if module is None else type(module).__name__,
            "shape": None if node.shape is None else list(node.shape),
            "axes": names,
            "reads": None if node.reads is None else list(node.reads),
            "reads_axes": self._names(node, next(iter(node.inputs.values()), None), node.reads),
            "calls": node.calls,
            "parameters": [[name, list(one.shape), one.requires_grad] for name, one in self._parameters(node)],
            "time": time,
            "flow": flow or ("forwards" if itself and time else ""),
            "steps_back": steps_back,
            "attends": hasattr(module, "key_side"),
            "tree": bool(itself and self.axes.num_nodes),
        }

    def _modules(self, places: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        """Every module within a node that was called or has parameters, with the number of its own ones."""
        counted: set[int] = set()
        for path, module in self.modules.items():
            own = [parameter for parameter in module.parameters(recurse=False) if id(parameter) not in counted]
            counted |= {id(parameter) for parameter in own}
            part, box = self.seen.parts.get(path), self.boxes[path]
            if box in places and (own or part is not None or path == box):
                yield {
                    "path": path,
                    "box": places[box],
                    "words": _words(module),
                    "shape": None if part is None or part.shape is None else list(part.shape),
                    "axes": [] if part is None else self.axes.names(part.shape, self.times[self.nodes[places[box]]]),
                    "parameters": sum(parameter.numel() for parameter in own),
                    "calls": 0 if part is None else part.calls,
                }

    def _reach(self, edge: Edge) -> Reach:
        """Which steps of what is read one step of what comes out hangs on, as far as that can be seen."""
        source, target = edge.source, edge.target
        given, made = source.output, target.output
        if given is None or made is None or max(source.calls, target.calls) > 1 or target.role != "box":
            return Reach()
        steps = self._time(source, given)
        if steps is None or isinstance(self.modules[target.path], ThroughTime):
            return Reach()
        again, port = None, next(iter(edge.ports), "")
        if port in target.inputs and given.shape == target.inputs[port].shape and target.again is not None:
            again = partial(target.again, port)
        return reach(given, steps, made, self._time(target, made), self.axes.longest, again)

    def _time(self, node: Node, tensor: Tensor) -> int | None:
        """Which axis of a tensor is steps, or None."""
        names = self._names(node, tensor, tensor.shape)
        return next((axis for axis, name in enumerate(names) if name in ("T", "U")), None)


def _through_time(module: nn.Module | None) -> tuple[str, list[int]]:
    """Which way a layer's state goes, and how many steps back it reaches besides one."""
    if isinstance(module, ThroughTime):
        return "backwards" if module.backwards else "forwards", [steps for steps in module.steps_back() if steps > 1]
    if isinstance(module, nn.RNNBase):
        return "both" if module.bidirectional else "forwards", []
    return "", []


def _words(module: nn.Module) -> str:
    """What a module says that it is; else the words of its class' name."""
    return module.called if isinstance(module, Described) else _CAMEL.sub(" ", type(module).__name__).lower()
