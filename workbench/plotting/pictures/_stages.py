"""What an unrolled computation is made of, and which of it is drawn where there is room for a few steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from workbench.plotting.pictures._tree_layout import TreeNode

__all__ = [
    "HEADS",
    "MIXED",
    "SLANTED",
    "Ends",
    "Flow",
    "Link",
    "Rail",
    "Stage",
    "Way",
    "ends_of",
    "is_dotted",
    "rails_of",
    "steps_shown",
]

Flow: TypeAlias = Literal["", "forwards", "backwards", "both"]
Way: TypeAlias = Literal["", "step", "past", "future", "window", "all", "last", "first", "ends", "some", "start", "order"]
"""Which steps are read, see `workbench.training.reach`; besides, `start`: what stands before the first step, and `order`: nothing
is known but the order of the calls."""

HEADS = (("output", False), ("params", True), ("share", True))
"""What is told of each stage at its right, and whether it is numbers."""
_RISING = "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}"
_FALLING = "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER LEFT TO LOWER RIGHT}"
_CROSSING = "\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}"
SLANTED = {_RISING: "/", _FALLING: "\\", _CROSSING: "x"}
"""Signs for links that go from steps to other steps, and the same in ASCII."""
MIXED: Mapping[Way, str] = {"past": _RISING, "future": _FALLING, "window": _CROSSING, "all": _CROSSING, "some": _CROSSING}
"""The sign of each way."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One module, or where data come from or together.

    Attributes:
        words: what it is.
        path: where it stands in the model; "" for what is no module.
        shape: of what comes out.
        count: its parameters, as text.
        share: of all parameters, as text.
        letter: what its values are called; "" where there are none.
        role: the role whose colour it has.
        time: what its last step is called; "" for something without steps.
        steps: number of them.
        flow: which way its state goes from step to step.
        back: how many steps back its state reaches besides one.
        tree: nodes of the tree that it goes along, the root first.
        is_round: whether it is a mere function.
        said: what stands under the cursor.
        values: name and text of what else is known.
    """

    words: str
    path: str = ""
    shape: str = ""
    count: str = ""
    share: str = ""
    letter: str = ""
    role: str = "train"
    time: str = ""
    steps: int = 1
    flow: Flow = ""
    back: Sequence[int] = ()
    tree: Sequence[TreeNode] = ()
    is_round: bool = False
    said: str = ""
    values: Sequence[tuple[str, str]] = ()

    def cell(self, step: str) -> str:
        """The sign of one step."""
        if not self.letter:
            return ""
        return f"({self.letter})" if self.is_round else f"[{self.letter}{step}]"


@dataclass(frozen=True)
class Link:
    """What reads what, by places of stages from the bottom.

    Attributes:
        source, target: the target is the later one, but for what leads back.
        way: which steps are read.
        is_back: whether it leads back: what one step gives to the next.
    """

    source: int
    target: int
    way: Way = ""
    is_back: bool = False


@dataclass(frozen=True)
class Rail:
    """A line beside the stages, for links that pass some of them by.

    Attributes:
        place: 0 is the one beside the stages.
        source: where it begins.
        targets: where it leads to.
        is_back: whether it leads back.
        spread: those of the targets each step of which reads more than the same step.
    """

    place: int
    source: int
    targets: tuple[int, ...]
    is_back: bool
    spread: frozenset[int]


def rails_of(links: Sequence[Link], stages: Sequence[Stage], most: int) -> tuple[list[Rail], int]:
    """The rails of all links but those between neighbours and from a stage to itself, short ones inside.

    Args:
        links: all links.
        stages: what they link.
        most: rails at most.

    Returns:
        The rails, and for how many links there is none.
    """
    groups: dict[tuple[int, bool], list[int]] = {}
    for link in links:
        if link.source != link.target and (link.is_back or link.target != link.source + 1):
            groups.setdefault((link.source, link.is_back), []).append(link.target)
    spans = sorted(
        (
            (max(source, *targets) - min(source, *targets), source, sorted(targets), back)
            for (source, back), targets in groups.items()
        ),
        key=lambda span: (span[0], span[1]),
    )
    taken: list[set[int]] = []
    rails, left_out = [], 0
    for _, source, targets, back in spans:
        rows = set(range(min(source, *targets), max(source, *targets) + 1))
        place = next((place for place, others in enumerate(taken) if not others & rows), len(taken))
        if place >= most:
            left_out += len(targets)
            continue
        if place == len(taken):
            taken.append(set())
        taken[place] |= rows
        spread = {link.target for link in links if link.source == source and link.way in MIXED and stages[link.target].time}
        rails.append(Rail(place, source, tuple(targets), back, frozenset(spread)))
    return rails, left_out


def steps_shown(stage: Stage, count: int) -> list[tuple[int, str]]:
    """Columns in which a stage has steps, of so many, with what they are called; `…` for those left out.

    What has no steps stands in a column of its own, behind all others.
    """
    if not stage.time:
        return [(count, "")]
    if stage.steps <= count:
        first = [(step, str(step + 1)) for step in range(stage.steps - 1)]
        return [*first, (count - 1, stage.time if stage.steps > 1 else "1")]
    return [
        *((step, str(step + 1)) for step in range(count - 2)),
        *([(count - 2, "…")] if count > 1 else []),
        (count - 1, stage.time),
    ]


Ends: TypeAlias = tuple[list[int], list[int]]
"""Columns from which a link comes, and to which it leads."""


def ends_of(link: Link, source: Stage, target: Stage, count: int) -> Ends:
    """Between which columns a link goes."""
    given, taken = ([column for column, name in steps_shown(stage, count) if name != "…"] for stage in (source, target))
    if source.time and not target.time:
        given = {"last": given[-1:], "first": given[:1], "ends": [given[0], given[-1]]}.get(link.way, given)
    if target.time and link.way == "start":
        taken = taken[-1:] if target.flow == "backwards" else taken[:1]
    return given, taken


def is_dotted(link: Link, source: Stage, target: Stage) -> bool:
    """Whether more is drawn than was seen: that something is read, or only called later."""
    return link.way == "order" or (link.way in ("", "some") and bool(source.time) and not target.time)
