"""`workbench new`: an experiment on a file of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json
from workbench.cli.output import console, message, print_json, table

if TYPE_CHECKING:
    from workbench.experiment.proposal import Proposal

__all__ = ["PANEL", "command"]

PANEL = "Choose"
_SAMPLES = 3


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A data file or a folder: a text, sentence pairs, IDX images ...")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the experiment is written; by default NAME.toml in the current folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Look at a data file, say what it is taken for, and write an experiment on it that runs."""
    from workbench.experiment.proposal import propose

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
    return write_named(path, proposal.experiment.to_toml())


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
