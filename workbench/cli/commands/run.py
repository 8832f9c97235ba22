"""`workbench run`: train a preset without the interface."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workbench.cli.options import (
    Json,
    Notify,
    PresetName,
    RunsDir,
    Sets,
    assignments,
    complete_format,
    complete_run,
    notify_command,
    runs_root,
)
from workbench.cli.output import message
from workbench.cli.working import Working

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder

__all__ = ["PANEL", "command"]

PANEL = "Train"


def command(
    preset: PresetName,
    sets: Sets = None,
    name: Annotated[str, typer.Option("--name", help="A name for the run, by which other commands find it.")] = "",
    seed: Annotated[int | None, typer.Option("--seed", min=0, max=2**63 - 1, help="Same as --set training.seed=SEED.")] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            min=1,
            max=1000,
            help="Train on so many seeds, from --seed on, each a run of its own; one table at the end.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, max=1024, help="With --seeds: runs at a time; by default as many as there are cores for."),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option("--device", help="Same as --set training.device=DEVICE.")
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option(
            "--export",
            metavar="FORMAT",
            help="Export the best checkpoint in this format once the run has finished. Repeatable.",
            autocompletion=complete_format,
        ),
    ] = None,
    begin_with: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RUN[@STEP]",
            help="Begin with another run's weights, at any of its steps (by default its best checkpoint), to fine-tune them.",
            autocompletion=complete_run,
        ),
    ] = None,
    freeze: Annotated[
        list[str] | None,
        typer.Option(
            "--freeze",
            metavar="PATTERN",
            help="Do not train the parameters whose names match, such as 'encoder.*'. Repeatable; same as training.freeze.",
        ),
    ] = None,
    queue: Annotated[
        bool,
        typer.Option("--queue", help="Wait while runs of the same folder keep all cores busy; the longest waiting comes first."),
    ] = False,
    notify: Notify = "",
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Start it and return at once.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's id and nothing else.")] = False,
    as_json: Json = False,
    runs_dir: RunsDir = None,
) -> None:
    """Train a preset in a process of its own and follow it here; the run's id is printed last.

    Ctrl-C stops the run with a checkpoint; a second Ctrl-C does not wait for that. Closing the terminal does not end it.

    With `--seeds` the runs are one group: at the end stand mean, standard deviation and the 95 % interval of the mean of each
    metric over the runs that finished, then the ids. Ctrl-C stops all of them. With `--queue` or `--detach` all are made at once
    and those that find no free core wait for one by themselves; otherwise those not yet started need this command to go on.
    """
    from workbench.cli.following import follow, leave, tell_detached
    from workbench.experiment.presets import full_name
    from workbench.experiment.proposal import experiment_of, is_data_file
    from workbench.runs.groups import member_name
    from workbench.training import launch
    from workbench.training.notifying import start_notifier

    called = notify_command(notify)
    changes = assignments(sets or [])
    changes |= {} if seed is None else {"training.seed": seed}
    changes |= {} if device is None else {"training.device": device}
    changes |= {"training.freeze": freeze} if freeze else {}
    _check_exports(export or [], detach=detach)
    _check_jobs(jobs, seeds, at_once=queue or detach)
    with Working(f"{preset}: reading"):  # a data file may be large
        experiment = experiment_of(preset, changes)
    known = "" if is_data_file(preset) else full_name(preset)
    launch.check_device(experiment.training.device)
    root = runs_root(runs_dir)
    if not quiet:
        _tell(root, experiment, changes, name if seeds is None else member_name(name, experiment.training.seed))
        for warning in experiment.warnings:
            message(f"warning: {warning}")
    create = _creator(root, begin_with, known)
    finish = partial(_export, names=export or [], quiet=quiet)
    if seeds is not None:
        from workbench.cli.seeds import Group, follow_seeds, start_seeds

        group = Group(root, experiment, seeds, name, create)
        if detach:
            start_seeds(group, quiet=quiet, as_json=as_json)
        else:
            jobs = seeds if queue else jobs or group.fitting
            leave(follow_seeds(group, jobs, queued=queue, quiet=quiet, as_json=as_json, finish=finish))
        return
    folder = create(experiment, name)
    worker = launch.enqueue(folder) if queue else launch.start(folder)
    start_notifier(folder, called, after=0)
    if detach:
        tell_detached(folder, quiet=quiet, as_json=as_json)
        return
    leave(follow(folder, experiment, quiet=quiet, as_json=as_json, worker=worker, finish=partial(finish, folder)))


def _creator(root: Path, begin_with: str | None, preset: str) -> Callable[[Experiment, str], RunFolder]:
    """What makes the folder of a run of an experiment with a name; what it begins with is looked up now."""
    if begin_with is None:
        from workbench.runs.folder import RunFolder

        return lambda experiment, name: RunFolder.create(root, experiment, name, preset=preset)
    from workbench.runs.listing import find_reference
    from workbench.training.forking import fine_tune

    parent, which = find_reference(root, begin_with)
    return lambda experiment, name: fine_tune(parent, which, experiment, root, name=name, preset=preset)


def _check_jobs(jobs: int | None, seeds: int | None, *, at_once: bool) -> None:
    """Refuse a number of runs at a time where it means nothing."""
    from workbench.errors import UsageError

    if jobs is not None and seeds is None:
        raise UsageError(f"--jobs: got {jobs}; expected it with --seeds, of which it says how many run at a time. Leave it out.")
    if jobs is not None and at_once:
        raise UsageError(
            "--jobs: cannot be combined with --queue or --detach, where each run waits for a free core by itself. Leave one out."
        )


def _tell(root: Path, experiment: Experiment, changes: dict[str, object], name: str) -> None:
    """Say how bare keys were read, and whether an older run already has the name."""
    from workbench.names import checked_name
    from workbench.runs.listing import namesakes, shared_name

    for key in changes:
        if (full := experiment.full_key(key)) != key:
            message(f"{key} -> {full}")
    name = checked_name(name)
    older = namesakes(root, name)
    if older:
        message(shared_name(name, older))


def _check_exports(names: list[str], *, detach: bool) -> None:
    """Refuse what could only fail after the training."""
    from workbench.errors import UsageError
    from workbench.saying import nearest

    if not names:
        return
    from workbench.export import formats

    known = formats()
    for name in names:
        if name not in known:
            raise UsageError(f"--export: got '{name}'; expected a format. {nearest(name, known)}")
    if detach:
        raise UsageError("--export: cannot be combined with --detach, which returns before the run has finished. Leave one out.")


def _export(folder: RunFolder, *, names: list[str], quiet: bool) -> None:
    from workbench.export import export_run

    for name in names:
        with Working(f"{folder.id}: writing {name}, and comparing it with its source"):
            exported = export_run(folder, name)
        if not quiet:
            message(f"Exported {exported.format} to {exported.path}")
