"""The Typer app of the commands, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import errno
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.commands import command_names, load_command
from workbench.cli.options import Notify, RunsDir
from workbench.cli.output import message as say
from workbench.cli.signs import give_up

__all__ = ["command_line", "run"]

_EPILOG = "Exit codes: 0 done, 1 the run failed, 2 wrong usage or configuration, 130 interrupted."
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

_PANELS = ("Choose", "Train", "Look", "Use", "Keep", "Help")
"""Headings of the help in their order; another one comes after them."""


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if value:
        from workbench import __version__

        sys.stdout.write(f"workbench {__version__}\n")
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    runs_dir: RunsDir = None,
    notify: Notify = "",
    cards: Annotated[  # noqa: ARG001 - taken out before, so that it may stand anywhere
        Path | None, typer.Option("--cards", metavar="DIR", help="Folder with files of cards of your own; anywhere in the line.")
    ] = None,
    trust_code: Annotated[  # noqa: ARG001
        bool,
        typer.Option("--trust-code", help="Run code that came with a run or an export, and say which; anywhere in the line."),
    ] = False,
) -> None:
    """`--runs-dir` and `--notify` before the command mean the same as after it."""
    given = ({"runs_dir": str(runs_dir)} if runs_dir is not None else {}) | ({"notify": notify} if notify else {})
    if given:
        context.default_map = dict.fromkeys(command_names(), given)


def command_line(words: Sequence[str] = ()) -> Any:
    """The group of commands; in their help a flag stands without the word that it is a boolean.

    Args:
        words: what was typed; where they call a command, its file alone is imported, else all are.
    """
    app = typer.Typer(
        name="workbench",
        help="An experiment workbench for neural sequence models: choose, tweak, train, watch, look inside, export.\n\n"
        "`workbench` alone opens the interface; `workbench PRESET` opens it with a preset, `workbench FILE` with an "
        "experiment on a data file.",
        epilog=_EPILOG,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_root,
    )
    called = _called(words)
    needed = [] if list(words) == ["--version"] else [called] if called else command_names()
    modules = {name: load_command(name) for name in needed}
    panels = [*_PANELS, *sorted({module.PANEL for module in modules.values()}.difference(_PANELS))]
    for name, module in sorted(modules.items(), key=lambda item: (panels.index(item[1].PANEL), item[0])):
        settings = getattr(module, "CONTEXT", None)
        app.command(name, rich_help_panel=module.PANEL, context_settings=settings)(module.command)
    group: Any = typer.main.get_command(app)
    root = typer.Context(group, **group.context_settings)
    for context in (root, *(typer.Context(command, parent=root) for command in group.commands.values())):
        for parameter in context.command.get_params(context):
            if getattr(parameter, "is_flag", False) and parameter.metavar is None:
                parameter.metavar = ""
    return group


def _called(words: Sequence[str]) -> str:
    """The command that the words call, or "" where they call none."""
    rest = list(words)
    while rest and rest[0].partition("=")[0] in ("--runs-dir", "--notify"):
        rest = rest[1:] if "=" in rest[0] else rest[2:]
    return rest[0] if rest and rest[0] in command_names() else ""


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: the words after `workbench`.
    Returns:
        The exit code.
    """
    try:
        code = _outcome(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        return 0
    except SystemExit as ended:  # Rich's own way to end where the reader has gone
        if isinstance(ended.__context__, BrokenPipeError):
            return 0
        raise
    except OSError as error:
        if not _is_stdout(error):
            raise
        say(f"workbench: stdout cannot be written: {error.strerror}. Give it another file, or make room.")
        return 1
    finally:
        _leave_quietly()
    return code


def _outcome(arguments: Sequence[str]) -> int:
    """Run one command, and say in a line what a person can fix; its exit code."""
    from workbench.errors import WorkbenchError
    from workbench.saying import one_line

    try:
        answer = command_line(arguments).main(args=list(arguments), prog_name="workbench", standalone_mode=False)
    except WorkbenchError as error:
        for line in str(error).split("\n"):
            say(one_line(line))
        return error.exit_code
    except typer.TyperException as error:
        say(_wrong_usage(arguments, error))
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    return answer if isinstance(answer, int) else 0


def _is_stdout(error: OSError) -> bool:
    """Whether it was stdout that failed: then no file is named, and it still cannot be written."""
    if error.filename is not None:
        return False
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        return True
    return error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF)


def _leave_quietly() -> None:
    """Write what is left to be written; where that fails, let go of it, so that the interpreter's last flush says nothing."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            give_up(stream)


def _wrong_usage(arguments: Sequence[str], error: typer.TyperException) -> str:
    """A usage error as one line that says where and how to fix it."""
    from workbench.saying import one_line, said
    from workbench.typed import number_hint

    command = _called(arguments)
    where = f"workbench {command}" if command else "workbench"
    message = error.format_message().replace("\n", " ").rstrip(".")
    if refused := re.fullmatch(r"Invalid value for '(--[\w-]+|\[?[A-Z]+\]?)'[^:]*: (.+)", message):
        name, reason = refused.groups()
        got = _given(arguments, error)
        hint = number_hint(got, whole="valid integer" in reason) if "valid" in reason else ""
        return f"{where}: {name.strip('[]')}: got {said(got)}; expected {_expected(reason)}.{hint and ' '}{hint}"
    if not command and (preset := _preset_with_options(arguments)):
        words = shlex.join(["workbench", "run", *arguments])
        return f"workbench: a preset that the interface opens takes no options; '{words}' trains {preset} without it."
    return one_line(f"{where}: {message[:1].lower()}{message[1:]}. '{where} --help' shows how it is used.")


def _given(arguments: Sequence[str], error: typer.TyperException) -> str:
    """What was written for the option or argument that is refused."""
    if not isinstance(error, typer.BadParameter) or error.ctx is None or error.param is None:
        return ""
    words, command = list(arguments), error.ctx.info_name
    words = words[words.index(command) + 1 :] if command in words else words
    values, _, _ = error.ctx.command.make_parser(error.ctx).parse_args(words)
    given = values.get(error.param.name or "")
    return str(given[-1] if isinstance(given, list) else given or "")


def _preset_with_options(arguments: Sequence[str]) -> str:
    """The preset that stands where a command belongs, with options behind it; "" where none does."""
    from workbench.experiment.presets import known_as, preset_files

    first = arguments[0] if arguments else ""
    presets = {name for preset in preset_files() for name in known_as(preset)}
    return first if first in presets and any(word.startswith("-") for word in arguments[1:]) else ""


def _expected(reason: str) -> str:
    """What an option takes, from a reason in the words of typer or pydantic."""
    for words, expected in (("greater than or equal to", "at least"), ("less than or equal to", "at most")):
        if limit := re.search(rf"{words} (-?[\d.]+)", reason):
            return f"a number of {expected} {limit[1].rstrip('.')}"
    for words, expected in (("valid integer", "a whole number"), ("valid number", "a number")):
        if words in reason:
            return expected
    _, one_of, choices = reason.partition(" is not one of ")
    return f"one of {choices}" if one_of else reason.removeprefix("Value error, ").removeprefix("Input should be ")
