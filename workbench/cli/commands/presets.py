"""`workbench presets`: experiments that are ready to run, shipped ones and the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, complete_preset
from workbench.cli.output import console, message, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.experiment.presets import Preset

__all__ = ["PANEL", "command"]

PANEL = "Choose"


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[PRESET]",
            help="One preset, shown in full; with --import the name that it gets.",
            autocompletion=complete_preset,
        ),
    ] = None,
    user: Annotated[bool, typer.Option("--user", help="List your own presets alone, with their files.")] = False,
    take: Annotated[
        str | None,
        typer.Option("--import", metavar="FILE", help="Take a TOML file among your own presets, once it is found valid."),
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Open one of your own presets in VISUAL or EDITOR.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the preset to a file, to share it or to begin another one."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there, with --import and --out.")] = False,
    as_json: Json = False,
) -> None:
    """List the presets by chapter and your own behind them, or show one; import, edit and share your own.

    `w` in the form of the interface saves what stands there as one of your own.
    """
    _check_options(name, user=user, take=take, edit=edit, out=out, force=force)
    if take is not None:
        _import(take, name or "", force=force)
    elif edit:
        _edit(name or "")
    elif out is not None:
        _write(name or "", out, force=force)
    elif name is not None and not as_json:
        _show_preset(name)
    else:
        _list(name, user=user, as_json=as_json)


def _check_options(name: str | None, *, user: bool, take: str | None, edit: bool, out: Path | None, force: bool) -> None:
    """Refuse what does not go together.

    Raises:
        UsageError: two things are asked for at once, or one lacks what it is about.
    """
    from workbench.errors import UsageError

    asked = [
        flag
        for flag, given in (("--user", user), ("--import", take is not None), ("--edit", edit), ("--out", out is not None))
        if given
    ]
    if len(asked) > 1:
        raise UsageError(f"workbench presets: got {' and '.join(asked)}; expected one of them. Leave one out.")
    if asked and asked[0] in ("--edit", "--out") and name is None:
        raise UsageError(
            f"workbench presets {asked[0]}: got no preset; expected its name. 'workbench presets --user' lists yours."
        )
    if asked == ["--user"] and name is not None:
        raise UsageError("workbench presets --user: lists all of yours; expected no name. Leave one of them out.")
    if force and asked not in (["--import"], ["--out"]):
        raise UsageError("workbench presets --force: replaces what --import or --out writes; expected one of them. Add it.")


def _list(name: str | None, *, user: bool, as_json: bool) -> None:
    from workbench.experiment.own_presets import list_own
    from workbench.experiment.presets import find_preset, list_presets, own_folder

    shown = list_own() if user else [*list_presets(), *list_own()]
    if name is not None:
        path = find_preset(name)
        shown = [preset for preset in shown if preset.path == path]
    if as_json:
        print_json([_preset_values(preset) for preset in shown])
        return
    out = console()
    if user and not shown:
        message(f"No preset in {own_folder()}. 'w' in the form of the interface saves one, --import takes a file.")
        return
    heads = ("preset", "title", "file") if user else ("preset", "title", "architecture", "dataset", "steps")
    rows = [_row(_preset_values(preset), heads) for preset in shown]
    out.print(table(heads, rows, right=("steps",)))
    _tell_odd(shown)
    out.print("'workbench PRESET' opens one, 'workbench run PRESET' trains it here.", style="dim")


def _row(values: dict[str, Any], heads: Sequence[str]) -> tuple[Any, ...]:
    return tuple(values[{"preset": "name", "file": "path"}.get(head, head)] for head in heads)


def _tell_odd(shown: Sequence[Preset]) -> None:
    """Say what is wrong with presets of the user's own, and which of them only their full name means."""
    from workbench.experiment.presets import known_as, shipped_files
    from workbench.saying import one_line

    shipped = {name for preset in shipped_files() for name in known_as(preset)}
    for preset in shown:
        for problem in preset.problems:
            message(one_line(problem))
        last = known_as(preset.name)[1]
        if preset.is_own and last in shipped:
            message(
                one_line(f"{preset.name}: '{last}' alone means the shipped preset. Use the full name, or rename {preset.path}.")
            )


def _preset_values(preset: Preset) -> dict[str, Any]:
    values = preset.values
    return {
        "name": preset.name,
        "title": preset.title,
        "chapter": preset.chapter,
        "about": preset.about,
        "architecture": values.get("model", {}).get("name", ""),
        "dataset": values.get("data", {}).get("name", ""),
        "steps": values.get("training", {}).get("steps"),
        "claim": preset.claim,
        "path": str(preset.path),
        "problems": list(preset.problems),
    }


def _show_preset(name: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from workbench.experiment.presets import find_preset, load_preset

    experiment, path = load_preset(name), find_preset(name)
    out = console()
    out.print(Text(experiment.title, style="bold"))
    out.print(str(path), markup=False, style="dim")
    for baseline in experiment.task.baselines:
        out.print(f"Baseline {baseline.metric}: {baseline.words}", markup=False, style="dim")
    out.print()
    out.print(Padding(Text(path.read_text(encoding="utf-8").rstrip()), (0, 0, 0, 2)))


def _import(given: str, name: str, *, force: bool) -> None:
    from workbench.errors import UsageError
    from workbench.experiment.own_presets import checked_preset_name, import_preset, is_there, own_path
    from workbench.paths import checked_path

    meant = checked_preset_name(name or checked_path(given, "--import").stem)
    if is_there(meant) and not force:
        raise UsageError(
            f"{own_path(meant)}: is there already; expected a new preset. Name another before --import, or use --force."
        )
    name, path = import_preset(given, meant, replacing=force)
    message(f"{path}: written. 'workbench {name}' opens it, 'workbench run {name}' trains it here.")


def _edit(name: str) -> None:
    from workbench.errors import ExperimentError
    from workbench.experiment.own_presets import draft_of, edit_preset

    draft = draft_of(name.rpartition("/")[2])
    if draft.is_kept:
        message(f"{draft.path}: the text of last time, in which something was wrong. Empty it to begin with the preset again.")
    try:
        path = edit_preset(name)
    except ExperimentError:
        if draft.is_kept:
            message(f"The preset is as it was. 'workbench presets {name} --edit' goes on with the text.")
        raise
    if path is None:
        message("Nothing was changed. An editor that returns at once needs an option for that, such as 'code --wait'.")
    else:
        message(f"{path}: written.")


def _write(name: str, out: Path, *, force: bool) -> None:
    from workbench.errors import UsageError
    from workbench.experiment.presets import find_preset
    from workbench.experiment.toml_text import read_text
    from workbench.paths import checked_path
    from workbench.plotting.saving import write_named

    source, path = find_preset(name), checked_path(out, "--out")
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already; expected a new file. Name another with --out, or replace it with --force.")
    message(
        f"{write_named(path, read_text(source, str(source)))}: written. 'workbench presets --import FILE' takes it elsewhere."
    )
