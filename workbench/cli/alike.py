"""`workbench probe RUN states --alike A:B`: passages of the validation set whose activity is most alike to a marked one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cli.output import console, print_json
from workbench.cli.working import Working

if TYPE_CHECKING:
    from workbench.cli.pictures import Drawing
    from workbench.plotting.probes import Look
    from workbench.runs.folder import RunFolder

__all__ = ["marked_steps", "print_alike"]


def marked_steps(text: str | None, kind: str | None, **others: int | None) -> tuple[int, int] | None:
    """The first and the last marked step, or None where none are.

    Args:
        text: what was typed after `--alike`, or None.
        kind: the kind of probe.
        others: options that are of use with it alone.

    Raises:
        UsageError: it is no range of steps, or there is something else with it, or without it, that has no use.
    """
    from workbench.errors import UsageError
    from workbench.plotting.probes import probe_views
    from workbench.typed import parse_steps

    if text is None:
        for name, value in others.items():
            if value is not None:
                raise UsageError(f"workbench probe: got --{name} {value} alone; expected it with --alike. Add --alike A:B.")
        return None
    kinds = [name for name, view in probe_views().items() if view.alike]
    if kind not in kinds:
        given = "without a kind" if kind is None else f"with '{kind}'"
        raise UsageError(f"workbench probe: got --alike {given}; expected it with {' or '.join(kinds)}.")
    return parse_steps(text, "workbench probe: --alike")


def print_alike(
    look: Look,
    folder: RunFolder,
    steps: tuple[int, int],
    drawing: Drawing,
    *,
    top: int | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Find the passages and give them as it was asked for.

    Args:
        look: what was chosen: kind, moment, sample, layer and unit.
        folder: the run.
        steps: the first and the last marked step, from 1.
        drawing: how they are drawn.
        top, limit: passages that are told, and samples that are searched; None for the usual number.
        as_json: as plain values.

    Raises:
        UsageError: the sample has no such steps.
        CheckpointError: there is no checkpoint at that step or before.
        DataError: the validation set cannot be had.
    """
    from rich.text import Text

    from workbench.errors import UsageError
    from workbench.plotting.alike import alike_caption, alike_pictures, alike_words, query_words
    from workbench.training.alike import SEARCHED, TOLD, find_alike
    from workbench.training.checkpoint_files import checkpoint_before
    from workbench.training.inference import load_model

    if look.index is None:
        raise UsageError(f"{folder.id}: nothing says which samples its snapshots show; expected that for --alike. Leave it out.")
    with Working(f"{folder.id}: searching the validation set"):
        found = find_alike(
            load_model(folder, checkpoint_before(folder, look.snapshot.step).step),
            look.row.kind,
            look.chosen.name,
            look.index,
            steps,
            unit=look.chosen.unit,
            top=top or TOLD,
            limit=limit or SEARCHED,
        ).to_dict()
    if as_json:
        print_json({"run": folder.id, **found})
        return
    pictures = alike_pictures(found)
    if drawing.shows(pictures, f"{folder.id}, {alike_caption(found)}"):
        out = console(width=drawing.width)
        out.print(Text.assemble(("Passages", "bold"), f" {query_words(found)}"), overflow="ellipsis")
        out.print(alike_words(found), markup=False)
        drawing.print(out, pictures)
