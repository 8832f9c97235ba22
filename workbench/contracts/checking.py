"""A person's file held to the contracts: what `workbench check-card` tells."""

from __future__ import annotations

import ast
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from workbench.cards import ArchitectureCard, DatasetCard, OptimizerCard, Task
from workbench.cards.catalog import cards_in, refusal, the_one
from workbench.cards.own_code import CodeFile, failure, imported, parse, read_code
from workbench.contracts import architectures, datasets
from workbench.contracts._broken import BrokenContractError, require
from workbench.contracts.examples import TASKS, build, small_config
from workbench.errors import CardError, WorkbenchError
from workbench.export.export_format import ExportFormat
from workbench.plotting.probes import Chosen, ProbeView, Snapshot
from workbench.runs.records import Probe
from workbench.saying import one_line

__all__ = ["Finding", "check_file"]

_WHERE = "check-card"
_POLL_S = 0.05
_KINDS: tuple[tuple[str, type[Any]], ...] = (
    ("architecture", ArchitectureCard),
    ("dataset", DatasetCard),
    ("optimizer", OptimizerCard),
    ("probe", ProbeView),
    ("exporter", ExportFormat),
)


@dataclass(frozen=True)
class Finding:
    """What came of one contract.

    Attributes:
        kind: of the card: `architecture`, `dataset`, `optimizer`, `probe` or `exporter`.
        card: its class.
        contract: what it is to keep, in a sentence.
        on: the small task that it was tried on, or "".
        problem: what it does instead, or "" where it keeps it.
    """

    kind: str
    card: str
    contract: str
    on: str = ""
    problem: str = ""


def check_file(path: str | Path, name: str = "") -> Iterator[Finding]:
    """Try the cards of a file, one finding for each contract.

    Args:
        path: the file; it is run.
        name: the class that is meant, where there are several.
    Raises:
        CardError: it cannot be read, or has no card.
    """
    code = read_code(path, _WHERE)
    found = [(kind, base, cards) for kind, base in _KINDS if (cards := cards_in(code, base, _WHERE))]
    if not found:
        raise CardError(
            f"{_WHERE}: {code.path}: has no card; expected a class of torch.nn.Module, ArchitectureCard, DatasetCard, "
            "OptimizerCard, ProbeView or ExportFormat. 'workbench new architecture NAME' writes one that works."
        )
    for kind, _, cards in found:
        card = the_one(code, cards, name, _WHERE)
        card.name = vars(card).get("name", card.__name__)
        yield from _CHECKS[kind](code, card)


def _kept(kind: str, card: type[Any], contract: Callable[[], None], sentence: str, on: str = "") -> Finding:
    """What came of a contract that is tried now."""
    try:
        contract()
    except (BrokenContractError, WorkbenchError) as error:
        return Finding(kind, card.__name__, sentence, on, one_line(str(error)))
    except Exception as error:  # noqa: BLE001 - a person's code: what it fails at is the finding
        code: CodeFile | None = card.code if hasattr(card, "code") else None
        told = failure(code, error) if code is not None else f"{type(error).__name__}: {error}"
        return Finding(kind, card.__name__, sentence, on, one_line(told))
    return Finding(kind, card.__name__, sentence, on)


def _sentence(contract: Callable[..., object]) -> str:
    return (contract.__doc__ or contract.__name__).strip().partition("\n")[0]


def _architecture(code: CodeFile, card: type[ArchitectureCard[Any]]) -> Iterator[Finding]:
    yield _kept("architecture", card, lambda: _imports_no_torch(code), "Importing the file does not import torch.")
    yield _kept("architecture", card, lambda: architectures.fits_its_place(card), _sentence(architectures.fits_its_place))
    taken = {name: task for name, task in TASKS.items() if refusal(card, small_config(card), task) is None}
    yield _kept(
        "architecture", card, lambda: require(taken, f"it takes none of {', '.join(TASKS)}"), "It takes a task that there is."
    )
    for name, task in taken.items():
        built = _kept("architecture", card, partial(_builds, card, task), "It can be built.", name)
        yield built
        for contract in () if built.problem else architectures.CONTRACTS:
            yield _kept("architecture", card, partial(contract, card, task), _sentence(contract), name)


def _builds(card: type[ArchitectureCard[Any]], task: Task) -> None:
    build(card, task)


def _imports_no_torch(code: CodeFile) -> None:
    """A file of cards keeps torch within its methods; plain modules are never imported by the process that draws."""
    tree = parse(code, _WHERE)
    bases = [ast.unparse(base) for node in tree.body if isinstance(node, ast.ClassDef) for base in node.bases]
    if not any(base.partition("[")[0].endswith("Card") for base in bases):
        return
    for node in tree.body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        heavy = [name for name in names if name.partition(".")[0] == "torch" or name.startswith("workbench.nn")]
        require(
            not heavy, f"line {node.lineno}: imports {', '.join(heavy)} at the top: import it within the methods that need it"
        )


def _dataset(code: CodeFile, card: type[DatasetCard[Any]]) -> Iterator[Finding]:
    del code
    opened: list[datasets.Opened] = []

    def opens() -> None:
        opened.append(datasets.Opened.of(card, {}))

    yield _kept("dataset", card, opens, "It opens with the default settings.")
    if opened:
        for contract in datasets.CONTRACTS:
            yield _kept("dataset", card, partial(contract, opened[0]), _sentence(contract))


def _optimizer(code: CodeFile, card: type[OptimizerCard[Any]]) -> Iterator[Finding]:
    del code

    def descended(steps: int, state: Any = None, start: torch.Tensor | None = None) -> tuple[torch.Tensor, Any]:
        weights = torch.nn.Parameter(torch.tensor([2.0, -3.0], dtype=torch.float64) if start is None else start.clone())
        optimizer = card.build(card.Config(lr=0.05), [weights])  # type: ignore[call-arg]  # of OptimizerSettings
        if state is not None:
            optimizer.load_state_dict(state)
        for _ in range(steps):
            optimizer.zero_grad()
            (weights**2).sum().backward()  # type: ignore[no-untyped-call]  # torch's
            optimizer.step()
        return weights.detach(), optimizer.state_dict()

    def descends() -> None:
        end = float((descended(50)[0] ** 2).sum())
        require(end < 13, f"fifty steps on a bowl brought its height from 13 to {end:.3g}")  # noqa: PLR2004 - 4 + 9

    def goes_on() -> None:
        middle, state = descended(10)
        same = torch.equal(descended(10, state, middle)[0], descended(20)[0])
        require(same, "twenty steps differ from ten and ten with the state carried over: keep it all in state_dict")

    yield _kept("optimizer", card, descends, "It goes down a bowl.")
    yield _kept("optimizer", card, goes_on, "Its state carries over to the bit, as going on with a run needs.")


def _probe(code: CodeFile, card: type[ProbeView]) -> Iterator[Finding]:
    module = imported(code, _WHERE)
    example: Any = getattr(module, "EXAMPLE", None)

    def has_words() -> None:
        for what in ("title", "about"):
            require(isinstance(getattr(card, what, None), str), f"it lacks {what}")

    def draws() -> None:
        require(example is not None, "the file has no EXAMPLE; expected an array of the kind that is drawn, to be tried with")
        require(card.fits("example", example.shape), f"EXAMPLE has shape {example.shape}; expected axes {card.axes}")
        snapshot = Snapshot(10, {"example": Probe(10, card.name, "example", example, {})})
        look = card.look(snapshot, Chosen())
        require(card.summary(look), "summary gives no words")
        require(list(card.pictures(look)), "pictures gives none")

    yield _kept("probe", card, has_words, "It says what is seen.")
    yield _kept("probe", card, draws, "It draws the example of its file, EXAMPLE.")


def _exporter(code: CodeFile, card: type[ExportFormat]) -> Iterator[Finding]:
    del code

    def exports() -> None:
        from workbench.experiment import Experiment
        from workbench.export.writing import export_with
        from workbench.runs.folder import RunFolder
        from workbench.runs.reader import RunReader
        from workbench.training import launch

        values = {
            "model": {"name": "elman", "hidden_size": 4},
            "data": {"name": "echo", "length": 8, "delay": 1},
            "optimizer": {"name": "adam"},
            "training": {"steps": 2, "eval_samples": 100},
        }
        # a worker that has ended its run may still be closing its files
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            folder = RunFolder.create(Path(place), Experiment.from_dict(values))
            launch.start(folder)
            with RunReader(folder) as reader:
                while reader.status().alive:
                    time.sleep(_POLL_S)
            exported = export_with(folder, card, "last", out=Path(place) / f"export{card.suffix}")
            require(exported.verified, "verify says nothing of what was compared")

    yield _kept("exporter", card, exports, "What it writes of a run is loaded again and found equal.")


_CHECKS: dict[str, Callable[[CodeFile, Any], Iterator[Finding]]] = {
    "architecture": _architecture,
    "dataset": _dataset,
    "optimizer": _optimizer,
    "probe": _probe,
    "exporter": _exporter,
}
