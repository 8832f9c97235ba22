"""Brings what was seen of a pass into an order from the inputs up: each node above all that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.training.dataflow import Dataflow, Edge, Node

__all__ = ["leading_to_boxes", "ordered"]

_BELOW = 1e-3
"""What puts a node before another one and behind all that stand before that."""


def leading_to_boxes(seen: Dataflow) -> list[Edge]:
    """The edges without those that end in the loss, and with sums of sums, and joined parts of joined ones, as one."""
    edges = dict(seen.edges)
    while True:
        read = {source for source, _ in edges}
        loose = [pair for pair in edges if pair[1].role == "joint" and pair[1] not in read]
        if not loose:
            break
        for pair in loose:
            del edges[pair]
    for node in [node for node in seen.nodes if node.role == "joint"]:
        above = [target for source, target in edges if source is node]
        if len(above) == 1 and above[0].role == "joint" and above[0].path == node.path and above[0] is not node:
            del edges[node, above[0]]
            for pair in [pair for pair in edges if pair[1] is node]:
                del edges[pair]
                edges.setdefault((pair[0], above[0]), Edge(pair[0], above[0]))
    return list(edges.values())


def ordered(seen: Dataflow, edges: Sequence[Edge]) -> tuple[list[Node], list[Edge]]:
    """Nodes that are there, each above all that it reads and else in the order of the pass; and the edges that lead back."""
    above: dict[Node, list[Node]] = {node: [] for edge in edges for node in (edge.source, edge.target)}
    for node in seen.nodes:
        if node.role == "box" or (node.role == "inputs" and node.output is not None and node.output.numel()):
            above.setdefault(node, [])
    for edge in edges:
        above[edge.source].append(edge.target)
    place = {node: float(node.first) for node in above}
    for node in sorted(above, key=lambda node: -node.first):
        if node.role in ("targets", "joint"):  # just below what reads them
            place[node] = min((place[target] for target in above[node]), default=place[node]) - _BELOW
    reached = {node: _reached(node, above) for node in above}
    back = [edge for edge in edges if edge.source in reached[edge.target] and place[edge.source] >= place[edge.target]]
    waits: dict[Node, set[Node]] = {node: set() for node in above}
    for edge in edges:
        if edge not in back:
            waits[edge.target].add(edge.source)
    nodes: list[Node] = []
    while waits:
        ready = [node for node, sources in waits.items() if not sources]
        node = min(ready or waits, key=place.__getitem__)
        nodes.append(node)
        del waits[node]
        for sources in waits.values():
            sources.discard(node)
    return nodes, back


def _reached(node: Node, above: Mapping[Node, Sequence[Node]]) -> set[Node]:
    """All that follows from a node; itself where it leads back."""
    reached: set[Node] = set()
    waiting = [*above[node]]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += above[one]
    return reached
