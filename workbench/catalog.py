"""Finds cards by file name. There is no central list: a file in the folder, or an entry point, is a card.

    architectures/lstm.py     -> architectures()["lstm"]
    datasets/adding.py        -> datasets()["adding"]
    optimizers/adam.py        -> optimizers()["adam"]

Other packages add cards with the entry-point groups `workbench.architectures`, `workbench.datasets` and
`workbench.optimizers`; the entry point's name is the card's name and it points to the card's class.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from workbench.cards import ArchitectureCard, DatasetCard, OptimizerCard
from workbench.errors import CardError
from workbench.task import Task, TaskKind

__all__ = ["architectures", "close", "datasets", "discover", "nearest", "optimizers", "refusal", "refused_kind"]


def discover(package: str, base: type[Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """All cards of one kind, sorted by name.

    Args:
        package: import path of the folder, which is also the entry-point group.
        base: the class that every card extends.
        required: attributes that every card must have, besides a name.
    Raises:
        CardError: a file without exactly one card, a card that misses something, or a name given twice.
    """
    found: dict[str, tuple[Any, str]] = {}

    def add(name: str, card: Any, source: str) -> None:
        if not (isinstance(card, type) and issubclass(card, base)):
            raise CardError(f"{source}: got {card!r}; expected a subclass of {base.__name__}. Point it to the card's class.")
        missing = [attribute for attribute in required if not getattr(card, attribute, None)]
        if missing:
            raise CardError(f"{source}: the card lacks {', '.join(missing)}. Give the class these attributes.")
        if name in found:
            raise CardError(f"{source}: the name '{name}' is taken by {found[name][1]}. Rename one of the two.")
        chosen: Any = card
        chosen.name = name
        found[name] = (chosen, source)

    for module_info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module_info.name.startswith("_"):
            continue
        source = f"{package}.{module_info.name}"
        module = importlib.import_module(source)
        cards = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, base) and value.__module__ == source
        ]
        if len(cards) != 1:
            raise CardError(f"{source}: got {len(cards)} cards; expected exactly one subclass of {base.__name__} in the file.")
        add(module_info.name, cards[0], source)

    for entry in entry_points(group=package):
        source = f"entry point '{entry.name}' of {entry.dist.name if entry.dist else 'an unknown package'}"
        try:
            card = entry.load()
        except Exception as error:  # a stranger's code: name it instead of failing somewhere below
            raise CardError(
                f"{source}: cannot be loaded: {type(error).__name__}: {error}. Update or remove that package."
            ) from error
        add(entry.name, card, source)
    return {name: found[name][0] for name in sorted(found)}


_NAMED_AT_MOST = 40
"""Names that a message still lists in full."""
_SOME = 8
"""Names that it gives where there are more."""
_WORDS = ("Config", "title", "summary", "reference")


@cache
def architectures() -> Mapping[str, type[ArchitectureCard[Any]]]:
    """All architecture cards by name."""
    return discover("workbench.architectures", ArchitectureCard, (*_WORDS, "group", "equation", "drawing", "tasks"))


@cache
def datasets() -> Mapping[str, type[DatasetCard[Any]]]:
    """All dataset cards by name."""
    return discover("workbench.datasets", DatasetCard, (*_WORDS, "group"))


@cache
def optimizers() -> Mapping[str, type[OptimizerCard[Any]]]:
    """All optimiser cards by name."""
    return discover("workbench.optimizers", OptimizerCard, (*_WORDS, "equation"))


def close(word: str, known: Iterable[str]) -> str:
    """A question with the known words that are nearest to a mistyped one, or "" when none is near."""
    found = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return "Did you mean " + " or ".join(f"'{name}'" for name in found) + "?" if found else ""


def nearest(word: str, known: Iterable[str], lister: str = "") -> str:
    """A sentence that helps with a mistyped word: the nearest known ones, or when none is near what there is.

    Args:
        word: what was typed.
        known: what would be right.
        lister: the command that lists all of them, for where they are too many for a line.
    """
    names = list(known)
    if near := close(word, names):
        return near
    if len(names) <= _NAMED_AT_MOST:
        return "There are: " + ", ".join(names) + "."
    return f"'{lister}' lists all {len(names)}." if lister else f"There are {len(names)}, such as {', '.join(names[:_SOME])}."


def refusal(architecture: str, config: Any, task: Task) -> str | None:
    """Why this architecture cannot do this task, with what could, or None when it can."""
    return refused_kind(architecture, task.kind) or architectures()[architecture].refuse(config, task)


def refused_kind(architecture: str, kind: TaskKind) -> str | None:
    """Why this architecture does no task of this kind, with those that do, or None when it does."""
    card = architectures()[architecture]
    if kind in card.tasks:
        return None
    able = [name for name, other in architectures().items() if kind in other.tasks]
    kinds = ", ".join(sorted(card.tasks))
    return f"{architecture} does {kinds}, and this data asks for {kind}. Architectures for {kind}: {', '.join(able)}."
