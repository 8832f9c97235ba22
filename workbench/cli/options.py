"""Options and arguments that several commands share, with their shell completion."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

__all__ = [
    "AcceptChangedData",
    "Json",
    "Notify",
    "PresetName",
    "RunName",
    "RunNames",
    "RunReference",
    "RunsDir",
    "Sets",
    "assignments",
    "laid_over",
    "notify_command",
    "runs_root",
]


def complete_preset(incomplete: str) -> list[tuple[str, str]]:
    """Presets that start with what was typed, by full name and by last part, each with its title."""
    from workbench.experiment.presets import known_as, list_presets

    matches = []
    for preset in list_presets(own=True):
        for name in known_as(preset.name):
            if name.startswith(incomplete):
                matches.append((name, preset.title))
                break
    return matches


def complete_format(incomplete: str) -> list[tuple[str, str]]:
    """Export formats that start with what was typed."""
    from workbench.export import formats

    return [(name, card.title) for name, card in formats().items() if name.startswith(incomplete)]


def complete_run(incomplete: str) -> list[tuple[str, str]]:
    """Runs in the runs folder that start with what was typed, newest first, each with its title."""
    from workbench.errors import WorkbenchError
    from workbench.runs.listing import list_runs

    try:
        summaries = list_runs(runs_root(None))
    except WorkbenchError:  # a shell that completes has no place for a message
        return []
    names = [(name, f"{summary.state} {summary.title}") for summary in summaries for name in (summary.id, summary.name) if name]
    return [(name, about) for name, about in [*names, ("latest", "the newest run")] if name.startswith(incomplete)]


def runs_root(runs_dir: Path | None) -> Path:
    """The folder that holds the runs: the option, else WORKBENCH_RUNS, else ./runs."""
    from workbench.paths import checked_path
    from workbench.runs.root import default_root

    return checked_path(runs_dir, "--runs-dir") if runs_dir is not None else default_root()


def assignments(texts: list[str], where: str = "--set") -> dict[str, object]:
    """`table.key=value` texts as changes to an experiment; every bad one is reported, as standing in `where`.

    Raises:
        ExperimentError: a text is not of that form.
    """
    from workbench.errors import ExperimentError, Problem
    from workbench.typed import parse_assignment

    changes: dict[str, object] = {}
    problems: list[Problem] = []
    for text in texts:
        try:
            key, value = parse_assignment(text, where)
        except ExperimentError as error:
            problems += error.problems
        else:
            changes[key] = value
    if problems:
        raise ExperimentError(problems)
    return changes


def laid_over(start: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """An experiment's plain values with "table.key" -> value laid over them, for showing; nothing is checked."""
    values = {name: dict(section) if isinstance(section, dict) else section for name, section in start.items()}
    for full, value in changes.items():
        table, _, key = full.partition(".")
        if isinstance(section := values.setdefault(table, {}), dict):
            section[key] = value
    return values


def notify_command(given: str) -> str:
    """The command of --notify, else that of the settings file; "" for none.

    Raises:
        UsageError: its words cannot be taken apart.
    """
    from workbench.cli.output import message
    from workbench.tui.session import load_settings
    from workbench.typed import checked_command

    if given:
        return checked_command(given, "--notify")
    settings = load_settings()
    if settings.problem:
        message(settings.problem)
    return settings.notify


def existing_folder(path: Path | None) -> Path | None:
    """Make the option known to what this process starts as well."""
    if path is None:
        return None
    from workbench.paths import checked_path

    path = checked_path(path, "--runs-dir")
    os.environ["WORKBENCH_RUNS"] = str(path)
    return path


_RUN_HELP = "A run: its id, a unique beginning or end of it (4 letters or more), its name, or 'latest'."

RunsDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--runs-dir",
        metavar="DIR",
        help="Folder that holds the runs; else the environment's WORKBENCH_RUNS, else ./runs.",
        callback=existing_folder,
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON on stdout; messages go to stderr.")]
AcceptChangedData: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--accept-changed-data",
        help="Use data files also where they have changed since the training began; the model's vocabulary stays as it was.",
    ),
]
Notify: TypeAlias = Annotated[
    str,
    typer.Option(
        "--notify",
        metavar="CMD",
        help="Call this command, without a shell, when the run finishes, fails, goes to NaN or stands still, with WORKBENCH_RUN, "
        "WORKBENCH_STATE, WORKBENCH_STEP and others in its environment.",
    ),
]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="TABLE.KEY=VALUE",
        help="Change one setting: model.hidden_size=64; a bare key where it is unique. Repeatable.",
    ),
]
PresetName: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="PRESET",
        help="A preset by name ('workbench presets' lists them), or the path of a TOML file, a run's experiment.toml included.",
        autocompletion=complete_preset,
    ),
]
RunName: TypeAlias = Annotated[str, typer.Argument(metavar="RUN", help=_RUN_HELP, autocompletion=complete_run)]
RunNames: TypeAlias = Annotated[list[str], typer.Argument(metavar="RUN...", help=_RUN_HELP, autocompletion=complete_run)]
RunReference: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RUN[@best|last|STEP]",
        help="A run (id, unique beginning or end of it, name, or 'latest') and a checkpoint: best (default), last, or a step.",
        autocompletion=complete_run,
    ),
]
