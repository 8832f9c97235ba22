"""`workbench replay`: whether a run comes out the same when it is computed once more."""

from __future__ import annotations

import dataclasses
import time
from typing import Annotated

import typer

from workbench.cli.options import Json, RunName, RunsDir, runs_root
from workbench.cli.output import console, message, print_json

__all__ = ["PANEL", "command"]

PANEL = "Look"

_TELL_EVERY_S = 1.0


def command(
    run: RunName,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="STEP", min=1, max=2**63 - 1, help="End after this step; by default where it stands."),
    ] = None,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Compute a run once more, with every live change at its step, and compare losses, metrics and weights bit for bit.

    The run stays as it is. How far it is goes to stderr.
    The exit code is 1 when something differs; the first difference is named.
    """
    from workbench.cli.following import leave
    from workbench.runs.listing import find_run
    from workbench.training.replay import replay

    folder = find_run(runs_root(runs_dir), run)
    message(f"{folder.id}: computed once more ...")
    result = replay(folder, until, _Teller())
    if as_json:
        print_json({"run": folder.id, "same": result.same, **dataclasses.asdict(result)})
    else:
        out = console()
        for line in (result.verdict, *(f"Note: {note}." for note in result.notes)):
            out.print(line, markup=False, soft_wrap=True)
    leave(0 if result.same else 1)


class _Teller:
    """Says how far a replay is: once a second at most, and at most at each hundredth."""

    def __init__(self) -> None:
        self._next_s, self._share = time.monotonic() + _TELL_EVERY_S, 0

    def __call__(self, step: int, last: int) -> None:
        """A step is done."""
        share = 100 * step // last
        if share > self._share and time.monotonic() >= self._next_s:
            self._next_s, self._share = time.monotonic() + _TELL_EVERY_S, share
            message(f"step {step:,} of {last:,}, {share} %: the same so far")
