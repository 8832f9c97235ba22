"""Every command: one file each, whose name is the command's, with `command`, the function, and `PANEL`, its heading in the help.

A file may also have `CONTEXT`, settings of the command for typer. What a command needs, it imports when it is called.
"""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

from workbench.extensions import file_names

__all__ = ["command_names", "load_command"]


@cache
def command_names() -> tuple[str, ...]:
    """Every command, by the names of the files with a dash for _, so that telling one from a preset imports none."""
    return tuple(name.replace("_", "-") for name in file_names(__name__))


def load_command(name: str) -> ModuleType:
    """The file of a command."""
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
