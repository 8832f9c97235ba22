"""A recorded graph as values: modules, what reads what, and long repetitions folded. What another version wrote is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Edge", "Node", "Structure", "folded"]

_FOLDED_FROM, _LONGEST_BLOCK, _LEAST_FOLDED = 4, 12, 3
"""How many blocks that are alike are folded, how many nodes a block has at most, and how many nodes that must save."""


@dataclass(frozen=True)
class Node:
    """One node, with the words of `workbench.training.graph`.

    Attributes:
        path: of its module.
        role: `inputs`, `targets`, `box`, `joint`, `idle`, or `folded`.
        words, kind: what it is, and its class.
        shape, reads: axes of what it gives and of what it takes, as text.
        time: `T` or `U` where it has steps, else "".
        flow: which way its state goes.
        back: steps that its state reaches back besides one.
        calls: how often it is called.
        count: number of its parameters.
        parameters: (name, shape, whether it is trained) of each.
        attends, goes_along_tree: what it does.
    """

    path: str
    role: str
    words: str
    kind: str
    shape: str
    reads: str
    time: str
    flow: str
    back: tuple[int, ...]
    calls: int
    count: int
    parameters: tuple[tuple[str, str, bool], ...]
    attends: bool
    goes_along_tree: bool

    @classmethod
    def of(cls, told: Mapping[str, Any], count: int) -> Node:
        """From plain values."""
        parameters = [one for one in _list(told.get("parameters")) if isinstance(one, list) and len(one) == 3]  # noqa: PLR2004 - name, shape, trained
        return cls(
            path=_text(told.get("path")),
            role=_text(told.get("role")),
            words=_text(told.get("words")),
            kind=_text(told.get("class")),
            shape=axes_text(told.get("shape"), told.get("axes")),
            reads=axes_text(told.get("reads"), told.get("reads_axes")),
            time=_text(told.get("time")),
            flow=_text(told.get("flow")),
            back=tuple(_numbers(told.get("steps_back"))),
            calls=_number(told.get("calls")),
            count=count,
            parameters=tuple(
                (_text(name), " x ".join(map(str, _numbers(shape))), trained is not False) for name, shape, trained in parameters
            ),
            attends=told.get("attends") is True,
            goes_along_tree=told.get("tree") is True,
        )


@dataclass(frozen=True)
class Edge:
    """What reads what, by places of nodes.

    Attributes:
        source, target: places.
        ports: as which arguments.
        is_first: whether the first of all arguments is among them: not a state that something else decides.
        is_back: whether it leads from one step to the next.
        reach, window: which steps are read.
    """

    source: int
    target: int
    ports: tuple[str, ...] = ()
    is_first: bool = False
    is_back: bool = False
    reach: str = ""
    window: tuple[int, int] | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any], count: int) -> Edge | None:
        """From plain values; None for what leads nowhere."""
        source, target, window = told.get("source"), told.get("target"), _numbers(told.get("window"))
        if not (isinstance(source, int) and isinstance(target, int) and 0 <= source < count and 0 <= target < count):
            return None
        span = (window[0], window[1]) if len(window) == 2 else None  # noqa: PLR2004 - first and last step
        ports = tuple(map(_text, _list(told.get("ports"))))
        first, back = (told.get(key) is True for key in ("first", "back"))
        return cls(source, target, ports, first, back, _text(told.get("reach")), span)


@dataclass(frozen=True)
class Structure:
    """A graph.

    Attributes:
        nodes: from the inputs up.
        edges: between them.
        modules: every module, as it was told.
        sizes: of named axes.
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    modules: Sequence[Mapping[str, Any]]
    sizes: Mapping[str, int]

    @classmethod
    def of(cls, counts: Sequence[float], info: Mapping[str, Any]) -> Structure:
        """From a row of the database: parameters of each node, and what is said of them."""
        told = [one for one in _list(info.get("nodes")) if isinstance(one, dict)]
        nodes = [Node.of(one, _whole(count)) for one, count in zip(told, counts, strict=False)]
        edges = [Edge.of(one, len(nodes)) for one in _list(info.get("edges")) if isinstance(one, dict)]
        modules = [one for one in _list(info.get("modules")) if isinstance(one, dict)]
        sizes = info.get("sizes")
        known = sizes if isinstance(sizes, dict) else {}
        return cls(
            nodes,
            [edge for edge in edges if edge is not None],
            modules,
            {str(name): size for name, size in known.items() if isinstance(size, int)},
        )

    @property
    def total(self) -> int:
        """Number of all parameters."""
        return sum(node.count for node in self.nodes)


def folded(structure: Structure) -> Structure:
    """The same with blocks of nodes that are alike as one node, but for the first and the last of them."""
    place = 0
    while place < len(structure.nodes):
        for size in range(1, _LONGEST_BLOCK + 1):
            blocks = _blocks_alike(structure, place, size)
            if blocks >= _FOLDED_FROM and (blocks - 2) * size >= _LEAST_FOLDED:
                structure = _fold(structure, place + size, (blocks - 2) * size, blocks - 2)
                place += size  # before the fold
                break
        place += 1
    return structure


def _blocks_alike(structure: Structure, place: int, size: int) -> int:
    """How many blocks of so many nodes are alike from a place on."""
    blocks = 1
    while all(_alike(structure, place + blocks * size + step, size) for step in range(size)):
        blocks += 1
    return blocks


def _alike(structure: Structure, place: int, size: int) -> bool:
    """Whether a node is like the one so many places before it, and reads the same places before it or the very same nodes."""
    nodes = structure.nodes
    if not size <= place < len(nodes):
        return False
    one, other = nodes[place - size], nodes[place]
    facts = [(node.role, node.words, node.shape, node.count, node.time, node.flow) for node in (one, other)]
    if facts[0] != facts[1]:
        return False
    reads = [[edge for edge in structure.edges if edge.target == at] for at in (place - size, place)]
    if len(reads[0]) != len(reads[1]):
        return False
    pairs = zip(*(sorted(edges, key=lambda edge: edge.source) for edges in reads), strict=True)
    return all(before.source in (after.source - size, after.source) and before.reach == after.reach for before, after in pairs)


def _fold(structure: Structure, first: int, count: int, blocks: int) -> Structure:
    """Some nodes as one."""
    gone = structure.nodes[first : first + count]
    whole = replace(
        gone[0],
        path=_span([node.path for node in gone if node.role == "box"]),
        role="folded",
        words=f"{blocks} more like the {'one' if count == blocks else f'{count // blocks}'} below",
        kind="",
        shape=gone[-1].shape,
        flow="",
        back=(),
        count=sum(node.count for node in gone),
        parameters=(),
        attends=False,
    )

    def moved(place: int) -> int:
        return place if place < first else max(first, place - count + 1)

    edges: dict[tuple[int, int, bool], Edge] = {}
    for edge in structure.edges:
        source, target = moved(edge.source), moved(edge.target)
        if source != target or edge.source == edge.target:
            edges.setdefault((source, target, edge.is_back), replace(edge, source=source, target=target))
    nodes = [*structure.nodes[:first], whole, *structure.nodes[first + count :]]
    return Structure(nodes, list(edges.values()), structure.modules, structure.sizes)


def _span(paths: Sequence[str]) -> str:
    """From the first path to the last one, what both begin with written once."""
    if not paths:
        return ""
    first, last = paths[0].split("."), paths[-1].split(".")
    same = next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), 0)
    return f"{paths[0]} to {'.'.join(last[same:])}"


def axes_text(shape: object, axes: object) -> str:
    """A shape with the names of its axes where they have one: `N, T, 64`."""
    sizes, names = _numbers(shape), [_text(name) for name in _list(axes)]
    shown = [name if name in ("N", "T", "U", "nodes") or " " in name else "" for name in names]
    return ", ".join(name or str(size) for name, size in zip([*shown, *[""] * len(sizes)], sizes, strict=False))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _numbers(value: object) -> list[int]:
    return [number for number in _list(value) if isinstance(number, int)]


def _whole(value: float) -> int:
    """A count; 0 for what is none."""
    return int(value) if 0 <= value < float("inf") else 0
