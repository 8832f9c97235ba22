"""The one guard of paths that a person, a file or a program gives: what the file system could not take is told in one line.

Every way in calls it: settings of datasets, arguments of commands, environment variables, the Python API,
fields of the interface. Where a person's settings lie is known here too, since the command line and the interface both ask.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from workbench.errors import UsageError
from workbench.saying import said

__all__ = ["CONFIG_ENV", "checked_path", "config_folder", "missing_hint", "path_problem", "resolved"]

CONFIG_ENV = "WORKBENCH_CONFIG"
"""Environment variable that names the folder of a person's settings, session, presets and lessons."""

_LONGEST_NAME = 255
"""Bytes of one name; ext4, APFS, NTFS and tmpfs take as many."""
_LONGEST_PATH = 4095
"""Bytes of a whole path (Linux; macOS takes 1,023 and says so itself)."""


def path_problem(given: Any) -> str:
    """Why something cannot be a path on any file system, as `got ...; expected .... How to fix it.`, or "".

    Whether there is such a file is not asked.
    """
    if not isinstance(given, str | os.PathLike):
        return f"got {said(given)}; expected a path as text. Write it between quotes."
    text = os.fspath(given)
    if not isinstance(text, str):
        return f"got {said(text)}; expected a path as text. Decode the bytes first."
    reason = _no_text(text) or _too_long(text) or _no_home(text)
    return f"got {said(text)}; {reason}" if reason else ""


def _no_text(text: str) -> str:
    if not text.strip():
        return "expected a path. Name a file or a folder."
    if "\0" in text:
        return "expected a path without the NUL sign. Take it out."
    if any("\ud800" <= sign <= "\udfff" for sign in text):  # how Python keeps bytes that it could not decode
        return "expected a path whose bytes are UTF-8 text. Rename the file or folder."
    return ""


def _too_long(text: str) -> str:
    longest = max((len(part.encode()) for part in Path(text).parts), default=0)
    if longest > _LONGEST_NAME:
        return f"expected names of at most {_LONGEST_NAME} bytes, and one has {longest}. Shorten it."
    if (size := len(text.encode())) > _LONGEST_PATH:
        return f"expected at most {_LONGEST_PATH} bytes, and it has {size}. Shorten it."
    return ""


def _no_home(text: str) -> str:
    if text.startswith("~"):
        try:
            Path(text).expanduser()
        except RuntimeError:
            return f"expected a user whose home folder is known, and {said(Path(text).parts[0])} is none. Write the path in full."
    return ""


def checked_path(given: Any, where: str, error: type[Exception] = UsageError) -> Path:
    """A path that was given, with `~` as the home folder.

    Args:
        given: text or a path.
        where: what it was given for (`--out`, `WORKBENCH_RUNS`), for the message.
        error: what is raised.
    Raises:
        UsageError: no file system takes it; the message names the cause.
    """
    if problem := path_problem(given):
        raise error(f"{where}: {problem}")
    return Path(given).expanduser()


def resolved(path: Path) -> Path:
    """A path without links, absolute; one that leads round in a circle as it is, where `Path.resolve` would raise."""
    return Path(os.path.realpath(path))


def missing_hint(path: Path) -> str:
    """A question with the path that was probably meant where one is missing only by blanks at its ends, or ""."""
    meant = Path(str(path).strip())
    try:
        near = meant != path and meant.exists()
    except OSError:
        near = False
    return f"Did you mean {said(str(meant))}, without blanks at its ends?" if near else ""


def config_folder() -> Path:
    """Where a person's settings, session and presets lie: the folder that WORKBENCH_CONFIG names, else the system's place for it.

    Raises:
        UsageError: what it names cannot be a path.
    """
    if given := os.environ.get(CONFIG_ENV):
        return checked_path(given, CONFIG_ENV)
    import platformdirs  # here: most commands never ask

    return Path(platformdirs.user_config_path("nn-workbench"))
