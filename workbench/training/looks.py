"""What there is to see in a pass over a few samples, one function for each kind of view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.cards import Batch, Classes, Dataset, Task, TaskKind, Tokens
from workbench.nn.names import Side
from workbench.nn.tensor_batch import TensorBatch
from workbench.nn.watching import HasFilters, HasRecurrentMatrices, key_side_of, side_of
from workbench.plotting.probes import without_padding
from workbench.training.dynamics import jacobian, lyapunov
from workbench.training.graph import graph_of
from workbench.training.mistakes import Mistakes
from workbench.training.traces import Pass, gates_of, states_of

__all__ = ["VIEWS", "Moment", "Row", "Update", "real_steps", "samples", "series_of"]

MOST_PARAMETERS = 24
"""Parameters of which histograms are made, the largest ones."""
NUM_BINS = 40
LARGEST_JACOBIAN = 512
"""Numbers of a state up to which its Jacobian is written out."""
VALUES_KEPT = 32
"""Singular values that are kept, the largest ones."""
SATURATED = 0.95
"""Share of a unit's bound from which it counts as saturated."""

Update: TypeAlias = Mapping[str, tuple[Tensor | None, Tensor]]
"""Parameter's path -> its gradient (None where it has none) and its change in the last step."""


@dataclass(frozen=True)
class Row:
    """One array of a snapshot, as it is stored.

    Attributes:
        kind: which view it belongs to.
        name: which layer, gate or parameter of the model it is of.
        array: the numbers, None where there are texts only.
        info: what the axes mean, as plain values.
        time_axes: which axes are steps of a sequence, and may be thinned.
    """

    kind: str
    name: str
    array: NDArray[np.generic] | None
    info: Mapping[str, Any] = field(default_factory=dict)
    time_axes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Moment:
    """What a look is taken at.

    Attributes:
        model: in eval mode.
        task: what the data ask.
        objective: calls the model.
        batch: the samples.
        tensors: the same, where the model is.
        seen: a pass over them.
        update: what the last step did to the parameters; empty where that is not known.
        mistakes: what was taken for what in all that was evaluated; None where that is not known, or there are no classes.
    """

    model: nn.Module
    task: Task
    objective: TaskKind
    batch: Batch
    tensors: TensorBatch
    seen: Pass
    update: Update = field(default_factory=dict)
    mistakes: Mistakes | None = None


def samples(dataset: Dataset, batch: Batch, indices: Sequence[int]) -> Row:
    """The samples themselves, with which all other rows are labelled."""
    task = dataset.task
    items = dataset.samples(batch)
    pictures = [picture for inputs in batch.inputs if (picture := dataset.picture(inputs)) is not None]
    series = series_of(batch)
    info = {
        "indices": list(indices),
        "lengths": [_length(batch, row) for row in range(len(batch))],
        "inputs": [_words(task.inputs, inputs, _length(batch, row)) for row, inputs in enumerate(batch.inputs)],
        "texts": [item.input_text for item in items],
        "targets": [item.target_text for item in items],
        "outputs": [_words(task.outputs, target, None) for target in batch.targets],
        "classes": list(task.outputs.names) if isinstance(task.outputs, Classes) else None,
    }
    array = np.stack(pictures) if pictures else None if series is None else series.astype(np.float16)
    return Row("samples", "validation", array, info, (1,) if series is not None and not pictures else ())


def series_of(batch: Batch) -> NDArray[np.generic] | None:
    """What goes in where that is numbers at each step, (N, T, size); else None."""
    return batch.inputs if batch.inputs.dtype.kind == "f" and batch.inputs.ndim == 3 else None  # noqa: PLR2004


def real_steps(batch: Batch, task: Task, side: Side) -> list[int]:
    """How many steps of each sample, on the side of the inputs or of the outputs, do not pad it; 0 where nothing says so."""
    if side == "inputs":
        return [_length(batch, row) for row in range(len(batch))]
    return [len(without_padding(_words(task.outputs, target, None) or ())) for target in batch.targets]


def _length(batch: Batch, row: int) -> int:
    if batch.lengths is not None:
        return int(batch.lengths[row])
    return batch.inputs.shape[1] if batch.inputs.ndim in (2, 3) else 0


def _words(signal: Any, values: NDArray[np.generic], length: int | None) -> list[str] | None:
    """A sequence's symbols, or classes, one by one; None for what is not made of such."""
    if values.ndim != 1 or values.dtype.kind != "i":
        return None
    names = signal.symbols if isinstance(signal, Tokens) else signal.names if isinstance(signal, Classes) else None
    if names is None:
        return None
    return [names[index] if 0 <= index < len(names) else "\N{MIDDLE DOT}" for index in map(int, values[:length])]


def _steps(moment: Moment, path: str, count: int) -> dict[str, Any]:
    """What an axis of time means for a module."""
    return {"every": 1, "steps": list(range(1, count + 1)), "side": side_of(moment.model, path)}


def _half(values: Tensor) -> NDArray[np.float16]:
    """As 16-bit numbers; what they cannot hold becomes infinite, and is drawn as a gap."""
    array: NDArray[np.float16] = values.detach().float().cpu().numpy().astype(np.float16)
    return array


def _single(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().cpu().numpy().astype(np.float32)
    return array


def _states(moment: Moment) -> Iterator[Row]:
    """h_t of every layer with steps."""
    for path, h in states_of(moment.seen):
        yield Row("states", path, _half(h), _steps(moment, path, h.shape[1]), (1,))


def _gates(moment: Moment) -> Iterator[Row]:
    for name, gate in gates_of(moment.seen):
        yield Row("gates", name, _half(gate), _steps(moment, name.rpartition("/")[0], gate.shape[1]), (1,))


def _attention(moment: Moment) -> Iterator[Row]:
    """Where queries look, and along which sequences they and the keys go."""
    for (kind, path), calls in moment.seen.shown.items():
        if kind != "attention":
            continue
        weights = torch.cat(calls, 2) if len({call.shape[3] for call in calls}) == 1 else calls[-1]
        queries, keys = weights.shape[2:]
        info = {
            "rows": side_of(moment.model, path),
            "columns": key_side_of(moment.model, path),
            "row_steps": list(range(1, queries + 1)),
            "column_steps": list(range(1, keys + 1)),
        }
        yield Row("attention", path, _half(weights), info, (2, 3))


def _through_time(moment: Moment) -> Iterator[Row]:
    for layer in moment.seen.layers:
        gradient = moment.seen.gradients.get(layer.path)
        if gradient is None:
            continue
        gradient = layer.in_order(gradient).double()  # squares of 1e-30 need the range
        steps = _steps(moment, layer.path, gradient.shape[1])
        yield Row("gradient_through_time", f"{layer.path}/norm", _single(gradient.norm(dim=-1)), steps, (1,))
        largest = gradient.abs().amax(-1, keepdim=True)
        yield Row("gradient_through_time", f"{layer.path}/unit", _half(gradient / largest.where(largest > 0, 1)), steps, (1,))


def _spectrum(moment: Moment) -> Iterator[Row]:
    for path, module in moment.model.named_modules():
        if isinstance(module, HasRecurrentMatrices):
            for name, matrix in module.recurrent_matrices().items():
                if not matrix.isfinite().all():
                    continue
                values = torch.linalg.eigvals(matrix.cpu().float())
                values = values[values.abs().argsort(descending=True)]
                yield Row("spectrum", f"{path}/eigenvalues/{name}", _single(torch.view_as_real(values)))
    for layer in moment.seen.layers:
        size = sum(part.shape[-1] for part in layer.states)
        if size <= LARGEST_JACOBIAN:
            num_steps = layer.inputs.shape[1]
            at = sorted({num_steps // 2, num_steps - 1})  # amid the sequence, and at its end
            jacobians = torch.stack([jacobian(layer, step) for step in at], 1)  # (N, T', D, D)
            if jacobians.isfinite().all():
                values = torch.linalg.svdvals(jacobians)[..., :VALUES_KEPT]
                yield Row("spectrum", f"{layer.path}/singular_values", _single(values), {"steps": [step + 1 for step in at]})
        yield Row("spectrum", f"{layer.path}/lyapunov", _single(lyapunov(layer)))


def _weights(moment: Moment) -> Iterator[Row]:
    named = sorted(moment.model.named_parameters(), key=lambda pair: -pair[1].numel())[:MOST_PARAMETERS]
    there = {id(parameter) for _, parameter in named}
    for path, parameter in moment.model.named_parameters():
        if id(parameter) not in there:
            continue
        gradient, change = moment.update.get(path, (None, None))
        histograms, edges, norms = [], [], []
        for values in (parameter, gradient, change):
            shares, ends, norm = _histogram(values)
            histograms.append(shares)
            edges.append(ends)
            norms.append(norm)
        ratio = norms[2] / norms[0] if norms[2] is not None and norms[0] else None
        yield Row("weights", path, np.stack(histograms), {"edges": edges, "norms": norms, "ratio": ratio})


def _histogram(values: Tensor | None) -> tuple[NDArray[np.float32], list[float] | None, float | None]:
    """Shares of the numbers in NUM_BINS equal bins, the bins' ends, and the norm; NaN and None where there is nothing."""
    flat = None if values is None else values.detach().cpu().double().flatten()
    if flat is None or not flat.numel() or not flat.isfinite().all():
        return np.full(NUM_BINS, np.nan, np.float32), None, None
    low, high = float(flat.min()), float(flat.max())
    if low == high:
        low, high = low - max(1e-12, abs(low)) / 2, high + max(1e-12, abs(high)) / 2
    counts, _ = np.histogram(flat.numpy(), NUM_BINS, (low, high))
    return (counts / flat.numel()).astype(np.float32), [low, high], float(flat.norm())


def _units(moment: Moment) -> Iterator[Row]:
    """Of each unit the share of steps at which it is dead, and at which it is saturated."""
    for layer in moment.seen.layers:
        h = layer.in_order(layer.states[0][:, 1:])
        real = _real(h, layer.lengths)
        yield _unit_row(layer.path, h[real], bound=1.0 if float(h.abs().max()) <= 1 else None)
    for (kind, path), calls in moment.seen.shown.items():
        if kind in ("states", "activations"):
            values = torch.cat([call.flatten(0, -2) for call in calls])
            yield _unit_row(path, values, bound=1.0 if kind == "activations" and float(values.abs().max()) <= 1 else None)


def _unit_row(path: str, values: Tensor, bound: float | None) -> Row:
    """`values` is (steps, units)."""
    dead = (values == 0).double().mean(0)
    saturated = torch.zeros_like(dead) if bound is None else (values.abs() > SATURATED * bound).double().mean(0)
    return Row("units", path, _half(torch.stack((dead, saturated), -1)), {"bound": bound})


def _real(h: Tensor, lengths: Tensor | None) -> Tensor:
    """True at real steps, (N, T)."""
    steps = torch.arange(h.shape[1], device=h.device)
    return torch.ones(h.shape[:2], dtype=torch.bool) if lengths is None else steps < lengths.to(h.device)[:, None]


def _filters(moment: Moment) -> Iterator[Row]:
    for path, module in moment.model.named_modules():
        if isinstance(module, HasFilters):
            yield Row("filters", path, _half(module.filters()))


def _feature_maps(moment: Moment) -> Iterator[Row]:
    """Maps, and the share of its places at which each one answers."""
    for (kind, path), calls in moment.seen.shown.items():
        if kind == "feature_maps":
            yield Row("feature_maps", path, _half(calls[0]))
            yield Row("feature_maps", f"{path}/active", _half((calls[0] > 0).float().mean(dim=(-2, -1))))


def _confusion(moment: Moment) -> Iterator[Row]:
    """Counts, and the worst mistakes: how sure the model was of each, and the inputs where they are drawn."""
    mistakes, outputs = moment.mistakes, moment.task.outputs
    if mistakes is None or not isinstance(outputs, Classes):
        return
    yield Row("confusion", "validation", mistakes.counts.astype(np.int32), {"classes": list(outputs.names)})
    if mistakes.examples:
        shares = np.array(mistakes.examples["probabilities"], np.float32)
        yield Row("confusion", "validation/examples", shares, mistakes.examples)
    if mistakes.inputs is not None:
        yield Row("confusion", "validation/inputs", mistakes.inputs, {"every": mistakes.every})


def _tree(moment: Moment) -> Iterator[Row]:
    """What is read out at each node, by sample; a node's children are places in the same list."""
    for path, trees, described in _trees(moment):
        outputs = moment.seen.shown["tree", f"{path}.outputs".lstrip(".")][0].cpu()
        array = np.full((len(trees), max(map(len, trees), default=0), outputs.shape[1]), np.nan, np.float16)
        for row, nodes in enumerate(trees):
            array[row, : len(nodes)] = _half(outputs[[node - 1 for node in nodes]])
        yield Row("tree", path or "model", array, {"nodes": described})


def _trees(moment: Moment) -> Iterator[tuple[str, list[list[int]], list[list[list[int]]]]]:
    """Path of what shows trees, the nodes of each sample counted from 1, and (token, left, right) of each of them by place."""
    shown = moment.seen.shown
    for path in {path.removesuffix("outputs").rstrip(".") for kind, path in shown if kind == "tree" and path.endswith("outputs")}:
        tokens, left, right, roots = (
            shown["tree", f"{path}.{part}".lstrip(".")][0].tolist() for part in ("tokens", "left", "right", "roots")
        )
        trees = [_subtree(root, left, right) for root in roots]
        described = []
        for nodes in trees:
            place = {node: index for index, node in enumerate(nodes)}
            described.append(
                [[tokens[node - 1], place.get(left[node - 1], -1), place.get(right[node - 1], -1)] for node in nodes]
            )
        yield path, trees, described


def _graph(moment: Moment) -> Iterator[Row]:
    """The modules with their parameters, what reads what, and the trees that a network goes along."""
    trees = next(_trees(moment), None)
    graph = graph_of(moment.model, moment.objective, moment.tensors, 0 if trees is None else sum(map(len, trees[1])))
    yield Row("graph", "model", graph.counts, graph.info)
    if trees is not None and any(trees[1]):
        _, _, described = trees
        array = np.full((len(described), max(map(len, described)), 3), -1, np.int32)
        for row, nodes in enumerate(described):
            array[row, : len(nodes)] = np.array(nodes, np.int32).reshape(-1, 3)
        yield Row("graph", "model/trees", array)


def _subtree(root: int, left: Sequence[int], right: Sequence[int]) -> list[int]:
    """A node, counted from 1, and all below it, in the order in which a tree is written."""
    nodes, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node:
            nodes.append(node)
            waiting += [right[node - 1], left[node - 1]]
    return nodes


VIEWS: Mapping[str, Callable[[Moment], Iterator[Row]]] = {
    "states": _states,
    "gates": _gates,
    "attention": _attention,
    "gradient_through_time": _through_time,
    "spectrum": _spectrum,
    "weights": _weights,
    "units": _units,
    "filters": _filters,
    "feature_maps": _feature_maps,
    "confusion": _confusion,
    "tree": _tree,
    "graph": _graph,
}
"""What there is to look at; which of it a model has, what its layers show decides."""
