"""All commands in one Typer app, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from workbench.cli import concepts, control, doctor, export, listings, manage, metrics, predict, run_command, runs, verify

__all__ = ["app", "run"]

_EPILOG = "Exit codes: 0 done, 1 the run failed, 2 wrong usage or configuration, 130 interrupted."
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

app = typer.Typer(
    name="workbench",
    help="An experiment workbench for neural sequence models: choose, tweak, train, watch, look inside, export.\n\n"
    "`workbench` alone opens the interface; `workbench PRESET` opens it with a preset.",
    epilog=_EPILOG,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (listings, concepts, run_command, verify, control, runs, metrics, predict, export, manage, doctor):
    group.register(app)


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if value:
        from workbench import __version__

        sys.stdout.write(f"workbench {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: the words after `workbench`.
    Returns:
        The exit code.
    """
    from workbench.errors import WorkbenchError

    try:
        answer = typer.main.get_command(app).main(args=list(arguments), prog_name="workbench", standalone_mode=False)
        sys.stdout.flush()
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except typer.TyperException as error:
        sys.stderr.write(f"{_wrong_usage(arguments, error)}\n")
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader (`| head`) has seen enough; point stdout elsewhere so that the interpreter's last flush is quiet too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return answer if isinstance(answer, int) else 0


def _wrong_usage(arguments: Sequence[str], error: typer.TyperException) -> str:
    """A usage error as one line that says where and how to mend it."""
    from workbench.cli import COMMANDS

    words = [word for word in arguments if not word.startswith("-")]
    where = f"workbench {words[0]}" if words and words[0] in COMMANDS else "workbench"
    message = error.format_message().replace("\n", " ").rstrip(".")
    return f"{where}: {message[:1].lower()}{message[1:]}. '{where} --help' shows how it is used."
