"""What is done when the interface itself fails: a line for the person, a traceback for whoever fixes it, a sane terminal."""

from __future__ import annotations

import platform
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.saying import one_line

__all__ = ["InterfaceError", "fault_line", "reset_terminal", "write_traceback"]

_LONGEST = 200
_RESET = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[<u\x1b[?25h\x1b[0m"
"""No mouse, no reports of focus, pastes and sizes, plain keys, a cursor, plain colours. The screen is given back by Textual."""


class InterfaceError(WorkbenchError):
    """The interface ended by a fault of its own."""


def write_traceback(error: BaseException, folder: Path) -> Path | None:
    """Write where an error came from into `fault.txt`; its path, or None where it cannot be written."""
    from workbench import __version__

    path = folder / "fault.txt"
    head = f"workbench {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(head + "".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path


def fault_line(error: BaseException, what: str, path: Path | None) -> str:
    """A fault as one line: what failed, how, what was kept, and where the traceback is."""
    name, words = type(error).__name__, one_line(str(error))[:_LONGEST]
    where = f"The traceback is in {path}: please report it." if path is not None else "The traceback could not be written."
    return f"workbench: {what} failed, a fault of its own: {name}{': ' if words else ''}{words}. {where}"


def reset_terminal() -> None:
    """Take back every mode that an interface may have left on; nothing where stdout is no terminal."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            sys.__stdout__.write(_RESET)
            sys.__stdout__.flush()
