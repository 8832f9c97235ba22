"""The `workbench` command.

`workbench` and `workbench PRESET` open the interface without importing typer or torch; every other first word is a command
of `workbench.cli.commands`, which are imported when they are called.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

__all__ = ["main"]

_OPTIONS = ("--runs-dir", "--notify")
"""Options with a value that the interface takes."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the run failed, 2 wrong usage or configuration."""
    from workbench.cli.own_code import take_out, trusting
    from workbench.cli.signs import make_safe

    make_safe()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not _folder_exists():
        sys.stderr.write("workbench: the current folder does not exist any more; expected one. Change to another folder.\n")
        sys.exit(2)
    _say_system()
    words, trust, problem = take_out(words)
    if problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    with trusting(trust):
        _answer(words)


def _answer(words: list[str]) -> NoReturn:
    """Open the interface or run a command, and exit."""
    request = None if "_WORKBENCH_COMPLETE" in os.environ else _interface_request(words)
    if request is None:
        from workbench.cli.app import run

        sys.exit(run(words))
    sys.exit(_open_interface(request))


def _say_system() -> None:
    """Where the workbench is not at home, say so to a person; programs that read its output are left alone."""
    from workbench.system import notice

    words = notice()
    if words and sys.stderr is not None and sys.stderr.isatty():
        with suppress(OSError):
            sys.stderr.write(f"{words}\n")


def _folder_exists() -> bool:
    """Whether the current folder is still there: every relative path leans on it."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _interface_request(words: list[str]) -> dict[str, str] | None:
    """Options of the interface by name, and `preset`, when the words ask for the interface; else None."""
    rest, found = list(words), dict[str, str]()
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in _OPTIONS:
            if not equals and not rest:
                return None
            found[name] = value if equals else rest.pop(0)
        elif word.startswith("-") or "preset" in found:
            return None
        else:
            found["preset"] = word
    if "preset" in found:
        from workbench.cli.commands import command_names

        if found["preset"] in command_names():
            return None
    return found


def _open_interface(request: Mapping[str, str]) -> int:
    """Open the interface; its exit code."""
    gc.disable()  # collecting while half a thousand modules are imported costs a tenth of the first frame; the app turns it on
    from workbench.errors import WorkbenchError
    from workbench.saying import one_line

    preset, runs_dir = request.get("preset"), None
    try:
        if "--runs-dir" in request:
            from workbench.paths import checked_path

            runs_dir = checked_path(request["--runs-dir"], "--runs-dir")
        if preset is not None:
            _check_preset(preset)
        open_interface(preset=preset, runs_dir=runs_dir, notify=request.get("--notify", ""))
    except WorkbenchError as error:
        with suppress(OSError):
            sys.stderr.write("".join(f"{one_line(line)}\n" for line in str(error).split("\n")))
        return error.exit_code
    return 0


def open_interface(
    *, preset: str | None = None, attach: Sequence[str] = (), runs_dir: Path | None = None, notify: str = ""
) -> None:
    """Open the interface in this terminal and return when the person leaves it.

    Raises:
        UsageError: there is no terminal to draw in, or `notify` is no command.
    """
    from workbench.errors import UsageError

    if notify:
        from workbench.typed import checked_command

        checked_command(notify, "--notify")

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "workbench: the interface needs a terminal, got a pipe or a file. "
            "'workbench run PRESET' trains without it; 'workbench --help' lists the commands."
        )
    from workbench.runs.root import default_root
    from workbench.tui.app import run_tui

    run_tui(preset=preset, attach=attach, runs_dir=runs_dir or default_root(), notify=notify)


def _check_preset(word: str) -> None:
    """Say what was meant when the first word is neither a command nor a preset.

    Raises:
        UsageError: with the nearest commands and presets.
    """
    from workbench.cli.commands import command_names
    from workbench.errors import UsageError
    from workbench.experiment.presets import alike, known_as, preset_files
    from workbench.paths import checked_path
    from workbench.saying import close, said

    if word.endswith(".toml"):
        if not checked_path(word, "workbench").is_file():
            raise UsageError(f"{said(word)}: no such file; expected a preset's TOML file. 'workbench presets' lists the presets.")
        return
    presets = preset_files()
    if any(word in known_as(preset) for preset in presets):
        return
    from workbench.experiment.proposal import is_data_file  # here: a preset's name needs no pydantic

    if not is_data_file(word):
        near = close(word, [*command_names(), *(alike(preset, word) for preset in presets)])
        near = near or "'workbench --help' lists the commands, 'workbench presets' the presets."
        raise UsageError(f"workbench: got {said(word)}; expected a command, a preset or a data file. {near}")
