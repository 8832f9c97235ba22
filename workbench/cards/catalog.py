"""Finds cards by file name. There is no central list: a file in the folder, or an entry point, is a card.

    architectures/lstm.py     -> architectures()["lstm"]
    datasets/adding.py        -> datasets()["adding"]
    optimizers/adam.py        -> optimizers()["adam"]
    tasks/classify.py         -> task_kinds()["classify"]

A person's own files add cards, too: those in the folders that `WORKBENCH_CARDS` names, and those that an experiment names
(`own_card`). Other packages add cards with the entry-point groups `workbench.architectures`, `workbench.datasets`,
`workbench.optimizers` and `workbench.tasks`; the entry point's name is the card's name and it points to the card's class. A card
that cannot be used is left out and named with its error (`broken_cards`); the others go on.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import EntryPoint
from inspect import isabstract
from pathlib import Path
from typing import Any

from workbench.cards.architecture import ArchitectureCard
from workbench.cards.config import Config
from workbench.cards.dataset import DatasetCard
from workbench.cards.metric import Metric
from workbench.cards.optimizer import OptimizerCard
from workbench.cards.own_code import CARDS_ENV, CodeFile, classes_in, folder_files, imported, parse, read_code
from workbench.cards.task import Task
from workbench.cards.task_kind import Interface, TaskKind
from workbench.errors import CardError
from workbench.extensions import added, file_names
from workbench.saying import one_line, said

__all__ = [
    "BrokenCard",
    "architectures",
    "broken_cards",
    "cards_in",
    "datasets",
    "discover",
    "does",
    "failed_card",
    "known_metrics",
    "lower_is_better",
    "main_metric",
    "optimizers",
    "own_card",
    "refusal",
    "refused_kind",
    "task_kind",
    "task_kinds",
    "the_one",
    "why_missing",
]


@dataclass(frozen=True)
class BrokenCard:
    """A card that was found and cannot be used.

    Attributes:
        name: what it would be chosen by.
        reason: where it stands, what is wrong with it and how to fix it, in one line.
    """

    name: str
    reason: str


def discover(
    package: str, base: type[Any], required: Iterable[str] = (), *, broken: list[BrokenCard] | None = None
) -> dict[str, Any]:
    """All cards of one kind, sorted by name.

    Args:
        package: import path of the folder, which is also the entry-point group.
        base: the class that every card extends.
        required: attributes that every card must have, besides a name.
        broken: where a card that cannot be used is put, so that the others can; without it the first such card is an error.
    Raises:
        CardError: a file without exactly one card, a card that misses something, or a name given twice.
    """
    cards: dict[str, tuple[Any, str]] = {}
    for name, source, load in _sources(package, base):
        try:
            card = load()
            _check(card, base, required)
            _check_free(name, cards)
        except _NoCard:
            continue
        except CardError as error:
            wrong = CardError(one_line(f"{source}: {error}"))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code: name it instead of failing somewhere below
            wrong = CardError(one_line(f"{source}: cannot be loaded: {type(error).__name__}: {error}. Fix or remove it."))
        else:
            card.name = name
            cards[name] = (card, source)
            continue
        if broken is None:
            raise wrong
        broken.append(BrokenCard(name, str(wrong)))
    return {name: cards[name][0] for name in sorted(cards)}


def _sources(package: str, base: type[Any]) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Name, source and loader of everything that may be a card: the files of a folder, then what other packages add."""
    importlib.import_module(package)
    for name in file_names(package):
        source = f"{package}.{name}"
        yield name, source, partial(_card_of_file, source, base)
    for entry in added(package):
        yield entry.name, f"entry point '{entry.name}' of {_package_of(entry)}", entry.load
    for path in folder_files(os.environ.get(CARDS_ENV, "")):
        yield path.stem, str(path), partial(_card_in_folder, path, base)


class _NoCard(Exception):  # noqa: N818 - no error: the file has cards of other kinds
    """A file in a folder of cards has none of the kind that is looked for."""


def _card_in_folder(path: Path, base: type[Any]) -> Any:
    try:
        code = read_code(path, CARDS_ENV)
        cards = cards_in(code, base, CARDS_ENV)
    except CardError:
        if not issubclass(base, ArchitectureCard):  # what kind of card it would be nobody knows: it is told once
            raise _NoCard from None
        raise
    if not cards:
        raise _NoCard
    return the_one(code, cards, "", CARDS_ENV)


def own_card(table: str, code: CodeFile, name: str, where: str, *, newest: bool) -> Any:
    """The card of a person's file, which can be chosen by its name from then on.

    Args:
        table: of an experiment.
        code: the file, which may be run.
        name: of the class, or "" where the file has one that it can be.
        where: what names the file, for messages.
        newest: whether the text is that of the file as it is now, and not that of an older run: then its name means this card.
    Raises:
        CardError: there is none, it cannot be used, or its name is taken.
    """
    package, base, required = _KINDS[table]
    card = the_one(code, cards_in(code, base, where), name, where)
    try:
        _check(card, base, required)
    except CardError as error:
        raise CardError(f"{where}: {code.path}: {error}") from error
    if "name" not in vars(card):
        card.name = card.__name__
    cards = cards_of(table)[0]
    taken = cards.get(card.name)
    if taken is not None and taken.code is None:
        raise CardError(f"{where}: {code.path}: the name '{card.name}' is that of a card of {package}. Rename the class.")
    if newest or taken is None:
        cards[card.name] = card
    return card


_OF_MODULES = "workbench.architectures._module_card"
"""What makes cards of plain modules of torch."""
_of_code: dict[tuple[str, type[Any]], dict[str, Any]] = {}


def cards_in(code: CodeFile, base: type[Any], where: str) -> dict[str, Any]:
    """The cards of a kind in a person's file, by class; plain modules of torch count as architectures, and are not imported."""
    key = (code.sha256, base)
    if key not in _of_code:
        if _has_plain_modules(code, where):
            maker = importlib.import_module(_OF_MODULES)  # not above: it builds upon this catalog
            cards: dict[str, Any] = dict(maker.module_cards(code, where)) if issubclass(base, ArchitectureCard) else {}
        else:
            cards = {name: card for name, card in classes_in(imported(code, where), base).items() if not isabstract(card)}
            for card in cards.values():
                card.code = code
        _of_code[key] = cards
    return _of_code[key]


def _has_plain_modules(code: CodeFile, where: str) -> bool:
    """Whether a file has modules of torch and no cards: then torch, which it imports, is not needed to know what it offers."""
    bases = [
        ast.unparse(base).partition("[")[0].rpartition(".")[2]
        for node in parse(code, where).body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    ]
    return "Module" in bases and not any(base.endswith("Card") for base in bases)


def the_one(code: CodeFile, cards: Mapping[str, Any], name: str, where: str) -> Any:
    """Of a file's cards the one that is meant: by its class, by the file's name, or the only one."""
    if name in cards:
        return cards[name]
    alike = [card for one, card in cards.items() if _snake(one) == code.stem.lower()]
    if not name or name == code.stem:
        for candidates in (alike, list(cards.values())):
            if len(candidates) == 1:
                return candidates[0]
    if not cards:
        raise CardError(f"{where}: {code.path}: has no such card; expected a class of one. Name another file.")
    raise CardError(f"{where}: {code.path}: got class {said(name)}; expected one of {', '.join(cards)}. Name it.")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _card_of_file(source: str, base: type[Any]) -> Any:
    module = importlib.import_module(source)
    cards = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == source
    ]
    if len(cards) != 1:
        raise CardError(f"got {len(cards)} cards; expected exactly one subclass of {base.__name__} in the file.")
    return cards[0]


def _package_of(entry: EntryPoint) -> str:
    try:
        return str(entry.dist.name) if entry.dist else "an unknown package"
    except Exception:  # noqa: BLE001 - its metadata are damaged
        return "an unknown package"


def _check(card: Any, base: type[Any], required: Iterable[str]) -> None:
    """Refuse a card that would fail where it is listed or shown.

    Raises:
        CardError: what it lacks.
    """
    if not (isinstance(card, type) and issubclass(card, base)):
        raise CardError(f"got {said(card)}; expected a subclass of {base.__name__}. Point it to the card's class.")
    missing = [attribute for attribute in required if not getattr(card, attribute, None)]
    if missing:
        raise CardError(f"the card lacks {', '.join(missing)}. Give the class these attributes.")
    if isabstract(card):
        raise CardError(f"the card lacks {', '.join(sorted(getattr(card, '__abstractmethods__', ())))}. Write these methods.")
    for attribute in required:
        _check_attribute(attribute, getattr(card, attribute))


def _check_free(name: str, cards: Mapping[str, tuple[Any, str]]) -> None:
    if name in cards:
        raise CardError(f"the name '{name}' is taken by {cards[name][1]}. Rename one of the two.")


def _check_attribute(attribute: str, value: Any) -> None:
    if attribute == "Config":
        if not (isinstance(value, type) and issubclass(value, Config)):
            raise CardError(f"Config: got {said(value)}; expected a subclass of workbench.cards.Config. Extend it.")
    elif attribute == "tasks":
        known = set(task_kinds())
        if not (isinstance(value, frozenset | set | tuple | list) and known.issuperset(value)):
            raise CardError(f"tasks: got {said(value)}; expected a frozenset of kinds of task: {', '.join(sorted(known))}.")
    elif attribute == "metrics":
        if not (isinstance(value, tuple) and all(isinstance(metric, Metric) for metric in value)):
            raise CardError(f"metrics: got {said(value)}; expected a tuple of workbench.cards.Metric. Declare them.")
    elif not isinstance(value, str):
        raise CardError(f"{attribute}: got {said(value)}; expected text.")


_WORDS = ("Config", "title", "summary", "reference")
_KINDS: dict[str, tuple[str, type[Any], tuple[str, ...]]] = {
    "model": ("workbench.architectures", ArchitectureCard, (*_WORDS, "group", "equation", "drawing", "tasks")),
    "data": ("workbench.datasets", DatasetCard, (*_WORDS, "group")),
    "optimizer": ("workbench.optimizers", OptimizerCard, (*_WORDS, "equation")),
    "task": ("workbench.tasks", TaskKind, ("title", "headline", "metrics", "interface")),
}
"""Table of an experiment, or "task" -> package, class and needed attributes of its cards."""
_OF_TRAINING = (
    Metric("gradient_ratio", "norm of dL/dh at the first step over that at the last step that has a gradient"),
    Metric("grad_norm", "norm of the gradient before clipping"),
    Metric("lr", "learning rate"),
    Metric("readout_norm", "norm of the readout, fitted in closed form"),
    Metric(
        "flow_penalty", "penalty on a gradient that grows or shrinks from step to step, before its weight", lower_is_better=True
    ),
)
"""What is measured besides, whatever the task."""


@cache
def cards_of(table: str) -> tuple[dict[str, Any], tuple[BrokenCard, ...]]:
    """The cards of a table, and those that cannot be used."""
    package, base, required = _KINDS[table]
    broken: list[BrokenCard] = []
    cards = discover(package, base, required, broken=broken)
    return cards, tuple(broken)


def architectures() -> Mapping[str, type[ArchitectureCard[Any]]]:
    """All architecture cards by name."""
    return cards_of("model")[0]


def datasets() -> Mapping[str, type[DatasetCard[Any]]]:
    """All dataset cards by name."""
    return cards_of("data")[0]


def optimizers() -> Mapping[str, type[OptimizerCard[Any]]]:
    """All optimiser cards by name."""
    return cards_of("optimizer")[0]


def task_kinds() -> Mapping[str, type[TaskKind]]:
    """All kinds of task by name."""
    return cards_of("task")[0]


def task_kind(task: Task) -> type[TaskKind]:
    """The kind of a task."""
    return task_kinds()[task.kind]


def does(*interfaces: Interface) -> frozenset[str]:
    """The kinds of task whose models are called in one of these ways: what an architecture with such models can do."""
    return frozenset(name for name, kind in task_kinds().items() if kind.interface in interfaces)


def known_metrics() -> Mapping[str, Metric]:
    """Everything that is measured, by its name without the split: for a kind of task, by an architecture, or of training."""
    own = (metric for card in architectures().values() for metric in card.measures)
    return {metric.name: metric for metric in (*_of_every_run(), *own)}


def lower_is_better(tag: str) -> bool:
    """Whether a smaller value of this metric (with or without its split) is the better one."""
    name = tag.rpartition("/")[2]
    return any(metric.lower_is_better for metric in _of_every_run() if metric.name == name)


def _of_every_run() -> Iterator[Metric]:
    """The metrics that do not depend on the architecture."""
    for kind in task_kinds().values():
        yield from kind.metrics
    yield from _OF_TRAINING


def main_metric(names: Iterable[str]) -> str:
    """Of metrics that were measured together, the one that stands for them; "" where no kind of task has them."""
    there = set(names)
    kinds = task_kinds().values()
    fitting = [kind for kind in kinds if kind.headline in there]
    if fitting:
        return max(fitting, key=lambda kind: len(there.intersection(Metric.names(kind.metrics)))).headline
    return next((metric.name for kind in kinds for metric in kind.metrics if metric.name in there), "")


def broken_cards(table: str = "") -> tuple[BrokenCard, ...]:
    """The cards that were found and cannot be used, of one table (`model`, `data`, `optimizer`) or of all."""
    return tuple(card for kind in ([table] if table else _KINDS) for card in cards_of(kind)[1])


def why_missing(table: str, name: str) -> str:
    """Why a card that was found cannot be chosen, or "" where there is none of that name."""
    reason = next((card.reason for card in broken_cards(table) if card.name == name), "")
    return f"got {said(name)}; expected a card that can be used. {reason}" if reason else ""


def failed_card(name: str, error: Exception) -> str:
    """That a card's own code failed, in one line."""
    return one_line(f"the card '{name}' failed: {type(error).__name__}: {error}. Fix the card, or choose another.")


def refusal(card: type[ArchitectureCard[Any]], config: Any, task: Task) -> str | None:
    """Why this architecture cannot do this task, with what could, or None when it can."""
    if reason := refused_kind(card, task.kind):
        return reason
    if card.closed_form and (why := task_kind(task).closed_form):
        return f"it is fitted in closed form: {why}. Choose gru or lstm."
    try:
        return card.refuse(config, task)
    except Exception as error:  # noqa: BLE001 - a stranger's card: it cannot be taken, and the others can
        return failed_card(card.name, error)


def refused_kind(card: type[ArchitectureCard[Any]], kind: str) -> str | None:
    """Why this architecture does no task of this kind, with those that do, or None when it does."""
    if kind in card.tasks:
        return None
    able = [name for name, other in architectures().items() if kind in other.tasks]
    kinds = ", ".join(sorted(card.tasks))
    return f"{card.name} does {kinds}, and this data asks for {kind}. Architectures for {kind}: {', '.join(able)}."
