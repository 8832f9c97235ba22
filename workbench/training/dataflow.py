"""Which module of a model reads what another one gave, seen in one pass over a few samples.

Modules are not asked what they are connected to. Hooks see each call with its inputs and outputs; between calls every function of
torch is seen (`torch.overrides`), and the memory of each tensor is known by who filled it last: so an output is followed through
views, sums and concatenations to the module that reads it. What leaves torch on the way (numpy) is lost, and no link is claimed.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from workbench.nn.watching import Described

__all__ = ["Dataflow", "Edge", "Node", "Part", "box_paths", "observed"]

MOST_NODES = 1000
"""Nodes after which no further place is noted where data come together."""

Role: TypeAlias = Literal["inputs", "targets", "box", "joint"]
_Use: TypeAlias = Hashable
"""What of a box was called: the path of a module, or some of its parameters."""
_Arguments: TypeAlias = tuple[tuple[Any, ...], Mapping[str, Any]]

_SUMS = ("add", "__add__", "__radd__", "__iadd__", "add_", "radd")
_JOINED = ("cat", "concat", "concatenate", "stack", "hstack", "vstack")
_LIKE_ANOTHER = ("expand_as", "view_as", "reshape_as", "type_as", "to")
"""Functions whose further arguments say how the result is to look, not what is in it."""


@dataclass
class Part:
    """A module within a box, as it was called.

    Attributes:
        calls: how often.
        shape: of its first output at its first call, None while there was no tensor.
    """

    calls: int = 0
    shape: tuple[int, ...] | None = None


@dataclass(eq=False)
class Node:
    """Something that gives data.

    Attributes:
        role: the batch's inputs, its targets, a module, or a function that brings data of several nodes together.
        path: of the module; else what it is: `inputs`, `targets`, `+`, `joined` or a function's name.
        first: when it was first seen, in the order of the pass.
        calls: how often it was called, or the same of its parameters were used.
        reads: shape of its first input.
        shape: of what it gives.
        inputs: its inputs at the first call, by the names of its arguments.
        output: its first output at the first call; None where it was not called as a whole.
        again: makes the first call once more with another tensor as one of its arguments; gives its first output.
        uses: how often each part of it was called, or its parameters were used.
    """

    role: Role
    path: str
    first: int
    calls: int = 0
    reads: tuple[int, ...] | None = None
    shape: tuple[int, ...] | None = None
    inputs: dict[str, Tensor] = field(default_factory=dict)
    output: Tensor | None = None
    again: Callable[[str, Tensor], Tensor] | None = None
    uses: Counter[_Use] = field(default_factory=Counter)

    def use(self, use: _Use) -> None:
        """Count a call."""
        self.uses[use] += 1
        self.calls = max(self.calls, self.uses[use])


@dataclass(eq=False)
class Edge:
    """A node that reads what another one gave, as which of its arguments (none for a function)."""

    source: Node
    target: Node
    ports: list[str] = field(default_factory=list)


@dataclass
class Dataflow:
    """What was seen of a pass.

    Attributes:
        nodes: in the order in which they were first seen.
        edges: by source and target, in the order in which they were first seen.
        parts: every module that was called, by its path.
    """

    nodes: list[Node] = field(default_factory=list)
    edges: dict[tuple[Node, Node], Edge] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)


def box_paths(model: nn.Module) -> dict[str, str | None]:
    """For each module the one whose box it belongs to, by paths; None for those that only hold others.

    A module is one box if it says what it is called, if there is none within it, or if its own parameters stand beside modules
    (`torch.nn.MultiheadAttention`) and it is not the whole model.
    """
    boxes: dict[str, str | None] = {}
    for path, module in model.named_modules():
        around = boxes.get(path.rpartition(".")[0]) if path else None
        own = next(module.parameters(recurse=False), None) is not None
        is_box = isinstance(module, Described) or not any(True for _ in module.children()) or (own and path != "")
        boxes[path] = around if around is not None else path if is_box else None
    return boxes


@contextmanager
def observed(model: nn.Module, inputs: Tensor, targets: Tensor) -> Iterator[Dataflow]:
    """While it lasts, a pass of the model over these samples is followed; yields what was seen, which grows meanwhile."""
    follower = _Follower(model, inputs, targets)
    with ExitStack() as stack:
        for path, module in model.named_modules():
            before = module.register_forward_pre_hook(partial(follower.enter, path), with_kwargs=True)
            after = module.register_forward_hook(partial(follower.leave, path), with_kwargs=True)
            stack.callback(before.remove)
            stack.callback(after.remove)
        stack.enter_context(follower)
        yield follower.seen


class _Filled(NamedTuple):
    """Who filled a tensor's memory last, and what of its box has had a part in it."""

    node: Node
    tensor: Tensor
    uses: frozenset[_Use]

    def with_uses(self, other: _Filled | None, tensor: Tensor) -> _Filled:
        """The same for another view of the memory, and for what else is read of the node."""
        return _Filled(self.node, tensor, self.uses if other is None else self.uses | other.uses)


class _Follower(TorchFunctionMode):
    """Knows of every tensor outside of boxes who filled it."""

    def __init__(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> None:
        super().__init__()
        self.seen = Dataflow()
        self._boxes = box_paths(model)
        self._nodes: dict[str, Node] = {}
        self._joints: dict[tuple[str, frozenset[Node]], Node] = {}
        self._weights: dict[int, frozenset[tuple[str, int]]] = {}  # from parameters and buffers alone: which, and whose
        self._filled: dict[int, _Filled] = {}
        self._kept: list[Tensor] = []  # memory that is followed is not to be given to another tensor meanwhile
        self._within: list[str] = []
        for path, module in model.named_modules():
            for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
                memory = _memory(tensor)
                self._weights[memory] = frozenset({(path if (box := self._boxes[path]) is None else box, memory)})
        for node, tensor in ((self._new("inputs", "inputs"), inputs), (self._new("targets", "targets"), targets)):
            node.shape, node.calls, node.output = tuple(tensor.shape), 1, tensor
            self._fill([tensor], node)

    # Functions between the calls -----------------------------------------------------------------------------------------

    def __torch_function__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a function of torch; outside of boxes what comes out belongs to whom what went in belonged to."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if not self._within:
            self._follow(getattr(func, "__name__", ""), args, kwargs, result)
        return result

    def _follow(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> None:
        """What a function gives is filled by the box of the parameters in it, by the node whose data it takes, or by a joint."""
        results = [tensor for tensor in _tensors(args[0] if name == "__setitem__" else result) if tensor.dtype != torch.bool]
        if not results or name.startswith("new_") or name.endswith("_like"):
            return
        taken = args[:1] if name in _LIKE_ANOTHER else (args, kwargs)
        data, weights = self._taken(taken)
        if weights and data and name in (*_SUMS, *_JOINED) and self._give(taken, data):
            data, weights = self._taken(taken)
        if weights and data:
            for path in sorted({path for path, _ in weights}):
                node = self._box(path)
                node.use(weights)
                uses = self._read(node, data.values(), weights)
            self._fill(results, node, uses)
            node.shape = node.shape or tuple(results[0].shape)
        elif weights:
            self._weights |= dict.fromkeys(map(_memory, results), weights)
            self._kept += results
        elif len(data) == 1:
            ((node, filled),) = data.items()
            self._fill(results, node, filled.uses)
        elif data:
            self._fill(results, self._joint(name, data, results[0]))

    def _taken(self, arguments: Any) -> tuple[dict[Node, _Filled], frozenset[tuple[str, int]]]:
        """What a function takes: of which nodes, and which parameters."""
        data: dict[Node, _Filled] = {}
        weights: frozenset[tuple[str, int]] = frozenset()
        for tensor in _tensors(arguments):
            memory = _memory(tensor)
            if (filled := self._filled.get(memory)) is not None:
                data[filled.node] = filled.with_uses(data.get(filled.node), tensor)
            else:
                weights |= self._weights.get(memory, frozenset())
        return data, weights

    def _give(self, taken: Any, data: Mapping[Node, _Filled]) -> bool:
        """What follows from parameters alone and is added or joined to what others gave, such as a learned state, is data too."""
        derived = [
            (tensor, {path for path, source in known if source != _memory(tensor)})
            for tensor in _tensors(taken)
            if (known := self._weights.get(_memory(tensor)))
        ]
        if not all(paths and not paths & {node.path for node in data} for _, paths in derived):
            return False
        for tensor, paths in derived:
            for path in sorted(paths):
                node = self._box(path)
                node.use(_memory(tensor))
                node.shape = node.shape or tuple(tensor.shape)
                self._fill([tensor], node)
        return True

    def _joint(self, name: str, data: Mapping[Node, _Filled], result: Tensor) -> Node:
        """The node for a function of what several nodes gave; the same for the same function of the same nodes."""
        sign = "+" if name in _SUMS else "joined" if name in _JOINED else name.strip("_")
        known = self._joints.get((sign, frozenset(data)))
        if known is None:
            for node in data:  # a sum that goes on, in a loop
                others = set(data) - {node}
                sources = {source for source, target in self.seen.edges if target is node}
                if node.role == "joint" and node.path == sign and others <= sources:
                    known = node
        if known is None and len(self.seen.nodes) >= MOST_NODES:
            return next(iter(data))
        if known is None:
            known = self._joints[sign, frozenset(data)] = self._new("joint", sign)
            known.shape, known.output = tuple(result.shape), result
        known.use(sign)
        self._read(known, data.values(), None)
        return known

    # Calls of modules ----------------------------------------------------------------------------------------------------

    def enter(self, path: str, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:  # noqa: ARG002 - a hook's
        """Before a call."""
        box = self._boxes.get(path)
        if box is not None:
            self._within.append(box)

    def leave(self, path: str, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> None:
        """After a call."""
        part, outputs = self.seen.parts.setdefault(path, Part()), _tensors(output)
        part.calls += 1
        if outputs and part.shape is None:
            part.shape = tuple(outputs[0].shape)
        box = self._boxes.get(path)
        if box is None:
            return
        if len(self._within) == 1 and outputs:
            self._called(box, path, module, (args, kwargs), outputs)
        self._within.pop()

    def _called(self, box: str, path: str, module: nn.Module, given: _Arguments, outputs: list[Tensor]) -> None:
        """A module of a box, mostly the box itself, was called from outside of all boxes."""
        inputs = _by_port(module, *given)
        if any(_same(outputs[0], tensor) for _, tensor in inputs):
            return  # what it was given, as it was given: dropout outside of training
        node, uses = self._box(box), frozenset[_Use]()
        node.use(path)
        for port, tensor in inputs:
            filled = self._filled.get(_memory(tensor))
            if filled is not None and tensor.dtype != torch.bool:
                named = port if path == box else path.removeprefix(box).lstrip(".")
                uses |= self._read(node, [filled.with_uses(None, tensor)], path, named)
        if path == box and node.output is None:
            for port, tensor in inputs:  # of several tensors in one argument the first
                node.inputs.setdefault(port, tensor)
            node.reads = tuple(inputs[0][1].shape) if inputs else None
            node.shape, node.output = tuple(outputs[0].shape), outputs[0]
            node.again = partial(_again, module, given)
        elif node.output is None:
            node.shape = node.shape or tuple(outputs[0].shape)
        self._fill(outputs, node, uses | {path})

    # Nodes and edges -----------------------------------------------------------------------------------------------------

    def _new(self, role: Role, path: str) -> Node:
        node = Node(role, path, len(self.seen.nodes))
        self.seen.nodes.append(node)
        return node

    def _box(self, path: str) -> Node:
        node = self._nodes.get(path)
        if node is None:
            node = self._nodes[path] = self._new("box", path)
        return node

    def _read(self, target: Node, data: Iterable[_Filled], use: _Use, port: str = "") -> frozenset[_Use]:
        """Note that a node reads what others gave; returns what of it has had a part in that, this time with it.

        What it gave itself counts where it comes from an earlier call, not from another part of it in the same one. Of a box that
        was not called as a whole, what is read of it says its shape.
        """
        uses: frozenset[_Use] = frozenset({use})
        for source, tensor, before in data:
            if source is target:
                uses |= before
            if source is not target or use in before:
                edge = self.seen.edges.setdefault((source, target), Edge(source, target))
                if port and port not in edge.ports:
                    edge.ports.append(port)
            if source.role == "box" and source.output is None and source is not target:
                source.shape = tuple(tensor.shape)
        return uses

    def _fill(self, tensors: Sequence[Tensor], node: Node, uses: frozenset[_Use] = frozenset()) -> None:
        for tensor in tensors:
            if tensor.numel():
                self._filled[_memory(tensor)] = _Filled(node, tensor, uses)
        self._kept += tensors


def _again(module: nn.Module, given: _Arguments, port: str, tensor: Tensor) -> Tensor:
    """See `Node.again`."""
    args, kwargs = given
    (old, *_) = [known for name, known in _by_port(module, args, kwargs) if name == port]
    again = module(
        *(tensor if arg is old else arg for arg in args), **{key: tensor if arg is old else arg for key, arg in kwargs.items()}
    )
    return _tensors(again)[0]


def _by_port(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[tuple[str, Tensor]]:
    """The tensors that a module is called with, by the names of its arguments."""
    kind: Any = type(module)
    names = _ports(kind)
    named = [(names[place] if place < len(names) else str(place), arg) for place, arg in enumerate(args)]
    return [(name, tensor) for name, arg in (*named, *kwargs.items()) for tensor in _tensors(arg)]


@cache
def _ports(kind: type[nn.Module]) -> tuple[str, ...]:
    """Names of the arguments of `forward`, in order; of one that Python cannot tell of none."""
    try:
        _, *parameters = inspect.signature(kind.forward).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(one.name for one in parameters if one.kind != one.VAR_KEYWORD)


def _tensors(value: Any) -> list[Tensor]:
    """The tensors in a value, also in lists, tuples and mappings of it."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return []
    return [tensor for part in value for tensor in _tensors(part)]


def _memory(tensor: Tensor) -> int:
    """What tells the memory of a tensor, which its views share."""
    return tensor.untyped_storage().data_ptr() if tensor.layout == torch.strided else -id(tensor)


def _same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are the same view of the same memory."""
    return one is other or (
        one.shape == other.shape and one.data_ptr() == other.data_ptr() and one.stride() == other.stride() and one.numel() > 0
    )
