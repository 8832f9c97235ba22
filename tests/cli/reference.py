"""The README's list of commands, written from the commands themselves: `python -m tests.cli.reference` prints it."""

from __future__ import annotations

import sys
from typing import Any

import typer

from workbench.cli.app import app

__all__ = ["reference"]


_EVERYWHERE = "`--runs-dir DIR` stands before a command, or after one that reads or writes runs.\n\n"


def reference() -> str:
    """One Markdown list item a command: its call, what it does, and its options."""
    group: Any = typer.main.get_command(app)
    panels: dict[str, list[str]] = {}
    for name, command in group.commands.items():
        panels.setdefault(command.rich_help_panel, []).append(_item(name, command))
    return _EVERYWHERE + "\n".join(f"**{panel}**\n\n{''.join(items)}" for panel, items in panels.items())


def _item(name: str, command: Any) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    call = " ".join(["workbench", name, *(_argument(parameter) for parameter in arguments)])
    options = [_option(parameter) for parameter in command.params if parameter.param_type_name == "option"]
    words = f"- `{call}`: {command.help.splitlines()[0]}"
    shown = [option for option in options if option and "--runs-dir" not in option]  # all have that one, the section says so
    return words + (f" Options: {', '.join(shown)}.\n" if shown else "\n")


def _argument(parameter: Any) -> str:
    metavar = str(parameter.metavar)
    return metavar if parameter.required or metavar.startswith("[") else f"[{metavar}]"


def _option(parameter: Any) -> str:
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return " ".join(f"`{option}{value}`" for option in parameter.opts if option.startswith("--"))


if __name__ == "__main__":
    sys.stdout.write(reference())
