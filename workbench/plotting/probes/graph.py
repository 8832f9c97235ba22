"""A model's computation, unrolled over the steps of a sequence, with the shapes and parameters of its modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, final

from workbench.plotting.pictures import Link, Picture, Sheet, Stage, Unrolled
from workbench.plotting.probes._look import Look, numbers
from workbench.plotting.probes._structure import Edge, Structure, axes_text, folded
from workbench.plotting.probes._tree_words import tree_words
from workbench.plotting.probes._view import ProbeView

__all__ = ["GraphView"]

_TREES = "trees"
_AXES = {
    "N": "N = {:,} samples",
    "T": "T = {:,} steps of the input",
    "U": "U = {:,} steps of the output",
    "nodes": "{:,} nodes of trees",
}
_SIGNS = {"+": ("sum", "+"), "joined": ("joined", ";"), "mul": ("product", "×")}
"""Words and sign of functions that bring data together; others have their own name."""
_REACHES = {
    "step": "",
    "past": "steps 1 to t",
    "future": "steps t to the last",
    "all": "all steps",
    "last": "the last step",
    "first": "the first step",
    "ends": "the first and the last step",
    "some": "some of the steps",
}
_ROLES = {"inputs": "other", "targets": "validation", "joint": "mark", "folded": "label"}
_PARAMETERS = 6
"""Parameters that are named under the cursor."""
_FLOWS = ("forwards", "backwards", "both")


@final
class GraphView(ProbeView):
    """Parameters of each node, shape (nodes,); `trees` is (samples, nodes, 3): token, left and right child."""

    title = "Graph"
    about = (
        "One line for each module, the inputs at the bottom: what it is, the shape of what comes out (N samples, T steps of the "
        "input, U of the output), its parameters and their share. Sequences are unrolled over time: horizontal arrows carry a "
        "state from step to step, ▲ goes up step by step, a slanted line or a cross to later, earlier or other steps too; lines "
        "at the left pass modules by, and dots lead them to all steps. Links were seen in a pass as in training; where none was "
        "seen, ┊ says no more than that one is called after the other. The cursor names parameters and what is read; the table "
        "has every module."
    )
    axes = ("node",)
    named = "data"

    @classmethod
    def axes_of(cls, name: str) -> tuple[str, ...]:
        """Trees are by sample."""
        return ("sample", "node", "part") if name.endswith(f"/{_TREES}") else cls.axes

    @classmethod
    def fits(cls, name: str, shape: tuple[int, ...]) -> bool:
        """Of trees three numbers a node."""
        return super().fits(name, shape) and (len(shape) == 1 or shape[2] == 3)  # noqa: PLR2004 - token, left, right

    @classmethod
    def summary(cls, look: Look) -> str:
        """How many parameters, and what the axes are."""
        structure = _structure(look)
        boxes = sum(node.role == "box" for node in structure.nodes)
        frozen = sum(
            node.count for node in structure.nodes if node.parameters and not any(trained for _, _, trained in node.parameters)
        )
        words = [f"{structure.total:,} parameters in {boxes} module{'s' * (boxes != 1)}"]
        words += [f"{frozen:,} of them frozen"] if frozen else []
        words += [said.format(structure.sizes[name]) for name, said in _AXES.items() if name in structure.sizes]
        return ", ".join(words)

    @classmethod
    def pictures(cls, look: Look) -> Sequence[Picture]:
        """The drawing, and all modules as a table."""
        structure = _structure(look)
        drawn = folded(structure)
        tree = _tree(look)
        stages = [_stage(drawn, place, tree) for place in range(len(drawn.nodes))]
        links = [link for edge in drawn.edges if (link := _link(drawn, edge)) is not None]
        linked = {link.target for link in links}
        order = [
            Link(place - 1, place, "order")
            for place, node in enumerate(drawn.nodes)
            if place and place not in linked and node.role in ("box", "folded") and drawn.nodes[place - 1].role != "idle"
        ]
        return Unrolled(f"unrolled, {structure.total:,} parameters", stages, [*links, *order]), _table(structure)


def _structure(look: Look) -> Structure:
    row = look.rows.get("", look.row)
    return Structure.of(numbers(row).ravel().tolist(), row.info)


def _tree(look: Look) -> list[tuple[str, int, int]]:
    """The chosen sample's tree; nothing where it is none."""
    row = look.rows.get(_TREES)
    if row is None:
        return []
    told = [[int(part) if abs(part) < 2**31 else -1 for part in node] for node in look.of_sample(row).tolist()]
    nodes = [(token, left, right) for token, left, right in told if token >= 0]
    return [(word, left, right) for word, (_, left, right) in zip(tree_words(look, nodes), nodes, strict=True)]


def _stage(structure: Structure, place: int, tree: Sequence[tuple[str, int, int]]) -> Stage:
    node = structure.nodes[place]
    words, sign = _SIGNS.get(node.path, (node.words, "f")) if node.role == "joint" else (node.words, "")
    words = {"inputs": "inputs", "targets": "true outputs", "idle": f"{node.words}, not used"}.get(node.role, words)
    share = f"{node.count / structure.total:.1%}" if node.count and structure.total else ""
    values = [("parameters", f"{node.count}"), ("calls", f"{node.calls}")] if node.role == "box" else []
    return Stage(
        words=words,
        path=node.path if node.role in ("box", "idle", "folded") else "",
        shape=node.shape,
        count=f"{node.count:,}" if node.role in ("box", "idle", "folded") else "",
        share=share,
        letter=sign or _letter(structure, place),
        role=_ROLES.get(node.role, "train"),
        time=node.time if structure.sizes.get(node.time, 0) else "",
        steps=max(1, structure.sizes.get(node.time, 1)),
        flow=cast("Any", node.flow) if node.flow in _FLOWS else "",
        back=node.back,
        tree=tree if node.goes_along_tree else (),
        is_round=node.role in ("joint", "folded"),
        said=_said(structure, place, words, share),
        values=values,
    )


def _letter(structure: Structure, place: int) -> str:
    """What a module's values are called: h for states, g backwards, s where an output is written, a of attention, e, z, o."""
    node = structure.nodes[place]
    known = {"inputs": "x", "targets": "y", "folded": "⋮", "idle": ""}.get(node.role)
    if known is not None:
        return known
    if node.flow:
        return "g" if node.flow == "backwards" else "s" if node.time == "U" and "T" in structure.sizes else "h"
    if node.attends:
        return "a"
    if not any(edge.source == place and not edge.is_back for edge in structure.edges):
        return "o"
    sources = [structure.nodes[edge.source].role for edge in structure.edges if edge.target == place]
    return "e" if all(role in ("inputs", "targets") for role in sources) else "z"


def _link(structure: Structure, edge: Edge) -> Link | None:
    """An edge between two stages; None for what a layer gives to its own next step, which is drawn within it."""
    source, target = structure.nodes[edge.source], structure.nodes[edge.target]
    if edge.source == edge.target or (edge.target < edge.source and not edge.is_back):
        return None
    starts = bool(target.flow) and bool(target.time) and not source.time and not edge.is_first
    way = "start" if starts else edge.reach if edge.reach in _REACHES or edge.reach == "window" else ""
    return Link(edge.source, edge.target, cast("Any", way), edge.is_back)


def _said(structure: Structure, place: int, words: str, share: str) -> str:
    """All that is known of a node, on a line."""
    node = structure.nodes[place]
    name = f"{node.path}: " if node.role in ("box", "idle", "folded") and node.path else ""
    parts = [f"{name}{words}{f' ({node.kind})' if node.kind else ''}"]
    parts += [f"{f'{node.reads} -> ' if node.reads else ''}{node.shape}"] if node.shape else []
    if node.count:
        told = [f"{name} {shape}{'' if trained else ' frozen'}" for name, shape, trained in node.parameters]
        more = f", and {len(told) - _PARAMETERS} more" if len(told) > _PARAMETERS else ""
        listed = f": {', '.join(told[:_PARAMETERS])}{more}" if told else ""
        parts.append(f"{node.count:,} parameters ({share}){listed}")
    parts += [f"its state also from {', '.join(map(str, node.back))} steps back"] if node.back else []
    parts += [f"called {node.calls} times"] if node.calls > 1 and node.role == "box" else []
    reads = [_reads(structure, edge) for edge in structure.edges if edge.target == place and edge.source != place]
    parts += [f"reads {', '.join(reads)}"] if reads else []
    return "; ".join(parts)


def _reads(structure: Structure, edge: Edge) -> str:
    """What is read, as what, and which steps of it."""
    node = structure.nodes[edge.source]
    name = node.path or node.words
    if node.role == "joint":
        what, _ = _SIGNS.get(node.path, (node.words, ""))
        name = f"the {what} below" if edge.source == edge.target - 1 else f"the {what} {edge.target - edge.source} lines below"
    steps = _REACHES.get(edge.reach, "")
    if edge.window is not None:
        steps = "steps " + " to ".join(f"t{step:+d}" if step else "t" for step in edge.window)
    told = [f"as {' and '.join(edge.ports)}" if edge.ports else "", f"({steps})" if steps else ""]
    told += ["one step late"] if edge.is_back else []
    return " ".join([name, *filter(None, told)])


def _table(structure: Structure) -> Sheet:
    """Every module, and below it those within it, whose parameters are among its own."""
    boxes = {node.path: node for node in structure.nodes if node.role in ("box", "idle")}
    rows = []
    for told in structure.modules:
        path, parameters, calls, words = (told.get(key) for key in ("path", "parameters", "calls", "words"))
        if not (isinstance(path, str) and isinstance(parameters, int) and isinstance(calls, int) and isinstance(words, str)):
            continue
        box = boxes.get(path)
        shape = axes_text(told.get("shape"), told.get("axes")) or (box.shape if box is not None else "")
        number = parameters if box is None else box.count
        called = max(calls, box.calls if box is not None else 0)
        name = path or "(the whole)"
        rows.append(
            (f"{'' if box is not None else '  '}{name}", words, shape or "-", f"{number:,}", f"{called}" if called else "-")
        )
    rows.append(("total", "", "", f"{structure.total:,}", ""))
    return Sheet("modules", ("module", "kind", "output", "parameters", "calls"), rows, paths=True)
