"""`workbench new`: an experiment on a file of the user's, or a small card of their own to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json
from workbench.cli.output import console, message, print_json, table
from workbench.cli.working import Working

if TYPE_CHECKING:
    from workbench.experiment.proposal import Proposal

__all__ = ["PANEL", "command"]

PANEL = "Choose"
_SAMPLES = 3
_CARDS = ("architecture", "dataset", "probe", "exporter")


def command(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|KIND",
            help="A data file or a folder: a text, a table, pictures ...; or architecture, dataset, probe or exporter.",
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="What the new card is called, such as my_net.")] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Where the experiment is written, by default NAME.toml in the current folder; of a card the folder."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Look at a data file, say what it is taken for, and write an experiment on it that runs.

    `workbench new architecture my_net` writes a small architecture of your own that works, with its test.
    """
    from workbench.experiment.proposal import propose

    if name or (file in _CARDS and not Path(file).exists()):
        _write_card(file, name, out, as_json=as_json)
        return

    with Working(f"{file}: reading"):
        proposal = propose(file)
    written = _write(proposal, out, force=force)
    if as_json:
        print_json(
            {
                "path": str(proposal.path),
                "dataset": proposal.dataset,
                "taken_for": proposal.recognised.sentence,
                "odd": list(proposal.recognised.odd),
                "experiment": str(written),
            }
        )
        return
    _show(proposal, written)


def _write_card(kind: str, name: str, out: Path | None, *, as_json: bool) -> None:
    """Write a card and its test, and say what to do with it.

    Raises:
        UsageError: there is no such kind, or no name.
        StoreError: it cannot be written.
    """
    from workbench.contracts.writing import KINDS, write_card
    from workbench.errors import UsageError
    from workbench.paths import checked_path
    from workbench.saying import nearest, said

    if kind not in KINDS:
        raise UsageError(f"workbench new: got {said(kind)} with a name; expected a kind of card. {nearest(kind, KINDS)}")
    if not name:
        raise UsageError(f"workbench new {kind}: got no name; expected one. Write 'workbench new {kind} my_card'.")
    file, test = write_card(kind, name, checked_path(out, "--out") if out is not None else Path())
    use = KINDS[kind].format(file=file, folder=file.parent, name=name)
    if as_json:
        print_json({"file": str(file), "test": str(test), "use": use})
        return
    message(f"{file}: written, with its test in {test}.")
    message(f"'workbench check-card {file}' tries it, '{use}' uses it.")


def _write(proposal: Proposal, out: Path | None, *, force: bool) -> Path:
    """Write the experiment as TOML.

    Raises:
        UsageError: there is a file already.
        StoreError: it cannot be written.
    """
    from workbench.errors import UsageError
    from workbench.paths import checked_path
    from workbench.plotting.saving import write_named

    path = checked_path(out, "--out") if out is not None else Path(f"{proposal.path.stem}.toml")
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already; expected a new file. Name another with --out, or replace it with --force.")
    return write_named(path, proposal.experiment.to_toml(pinned=False))


def _show(proposal: Proposal, written: Path) -> None:
    """What it was taken for, what is odd, the first samples, and what to do next."""
    experiment, out = proposal.experiment, console()
    message(f"{proposal.path.name}: {proposal.recognised.sentence}.")
    message(f"Read as data.name = {proposal.dataset}: {experiment.dataset_card.describe(experiment.data.config)}")
    for line in proposal.recognised.odd:
        message(f"Note: {line}")
    samples = experiment.dataset_card.sample(experiment.data.config, _SAMPLES, 0)
    rows = [(sample.input_text or "(an image)", sample.target_text) for sample in samples]
    out.print(table(("input", "target"), rows))
    training = experiment.training
    message(f"Proposed: {experiment.model.name}, {training.steps:,} steps of {training.batch_size} samples.")
    message(f"{written}: written. 'workbench {written}' opens it, 'workbench run {written}' trains it here.")
