"""`workbench rewind`: bring a run back to an earlier step."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.cli.options import Json, RunName, RunsDir, runs_root
from workbench.cli.output import message, print_json
from workbench.cli.steering import ANSWER_TIMEOUT_S, ask
from workbench.cli.working import StepsTold

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    run: RunName,
    step: Annotated[int, typer.Argument(metavar="STEP", min=0, help="Where it goes back to; 0 is the beginning.")],
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Bring a run that is paused or has ended back to a step, bit for bit; what came after is kept as a run of its own.

    The steps from the nearest checkpoint on are taken once more, with the live changes at their steps. 'resume' goes on from
    there; changes that were made past the step are made again then, unless 'set' changes the same setting before. The id of the
    run that is kept is printed last.
    """
    from workbench.errors import UsageError
    from workbench.runs.control import wait_for_end
    from workbench.runs.listing import find_run
    from workbench.runs.reader import RunReader
    from workbench.runs.rewinding import rewind_refusal

    folder = find_run(runs_root(runs_dir), run)
    with RunReader(folder) as reader:
        status = reader.status()
    if reason := rewind_refusal(folder, status, step):
        raise UsageError(reason)
    if status.alive:
        ask(folder, "stop")
        wait_for_end(folder, ANSWER_TIMEOUT_S)
    message(f"{folder.id}: going back to step {step:,} ...")
    with StepsTold() as told:
        from workbench.training.rewinding import rewind  # torch

        rewound = rewind(folder, step, told)
    message(
        f"{folder.id}: stopped at step {step:,}; it was at {rewound.before:,}, which is kept as {rewound.branch.id}. "
        f"'workbench resume {folder.id}' goes on from here."
    )
    if as_json:
        print_json({"run": folder.id, "step": step, "before": rewound.before, "branch": rewound.branch.id})
    else:
        sys.stdout.write(f"{rewound.branch.id}\n")
