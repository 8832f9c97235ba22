"""What a network that works up a tree would answer at each of its nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.pictures import Picture, Sheet
from workbench.plotting.probes._look import Look
from workbench.plotting.probes._tree_words import tree_words
from workbench.plotting.probes._view import ProbeView
from workbench.saying import exact

__all__ = ["TreeView"]


@final
class TreeView(ProbeView):
    """Outputs read out at each node of a sample's tree, shape (samples, nodes, classes)."""

    title = "Tree"
    about = (
        "The tree of a sample, and at each node the answer that the network would give if the tree ended there. Where an "
        "answer is wrong one sees at which node the mistake begins. The cursor scrolls long trees."
    )
    axes = ("sample", "node", "class")

    @classmethod
    def summary(cls, look: Look) -> str:
        """The sample, its target and the answer at the root."""
        nodes, shares = _nodes(look), _shares(look.of_sample(look.row))
        root = _answer(shares[0], look.classes)
        return f"{len(nodes)} nodes; at the root {root[0]} ({root[1]}), target {look.target or 'not known'}"

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """One line a node, in the order in which a tree is written."""
        nodes = _nodes(look)
        words = tree_words(look, nodes)
        shares = _shares(look.of_sample(look.row))
        branches = _branches(nodes)
        lines = [
            (f"{branch}{words[node]}", *_answer(shares[node], look.classes))
            for node, branch in branches.items()
            if node < len(shares)
        ]
        return (Sheet("answer at each node", ("node", "answer", "probability"), lines),)


def _nodes(look: Look) -> list[tuple[int, int, int]]:
    """(symbol, left, right) of each node of the chosen sample; a child is a place in this list, -1 for none."""
    given = look.row.info.get("nodes")
    own = given[look.chosen.sample] if isinstance(given, list) and look.chosen.sample < len(given) else None
    nodes = own if isinstance(own, list) else []
    known = [
        (node[0], node[1], node[2]) for node in nodes if isinstance(node, list) and [type(part) for part in node] == [int] * 3
    ]
    return known or [(0, -1, -1)]


def _branches(nodes: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    """What stands before each node that hangs on the root, from above; a node that is met again is left out."""
    branches: dict[int, str] = {}
    waiting = [(0, "", "")]
    while waiting:
        node, before, below = waiting.pop()
        if node in branches or not 0 <= node < len(nodes):
            continue
        branches[node] = before
        children = [child for child in nodes[node][1:] if 0 <= child < len(nodes)]
        for place, child in reversed(list(enumerate(children))):
            is_last = place == len(children) - 1
            waiting.append((child, f"{below}{'└─' if is_last else '├─'} ", f"{below}{'  ' if is_last else '│ '} "))
    return branches


def _shares(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax over classes; a single output stays as it is, what is not finite becomes NaN."""
    if outputs.shape[1] == 1:
        return outputs
    finite = np.isfinite(outputs).all(axis=1, keepdims=True)
    logits = np.where(finite, outputs, 0.0)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.where(finite, powers / powers.sum(axis=1, keepdims=True), np.nan)


def _answer(shares: NDArray[np.float64], classes: Sequence[str]) -> tuple[str, str]:
    """The likeliest class and its probability; of one output its value."""
    if not np.isfinite(shares).all():
        return "-", "-"
    if len(shares) == 1:
        return exact(float(shares[0])), ""
    best = int(shares.argmax())
    return classes[best] if best < len(classes) else str(best), f"{shares[best]:.2f}"
