"""The one guard of names: what a person, a program or the interface may call a run, or a preset of their own."""

from __future__ import annotations

from typing import Any

from workbench.errors import UsageError
from workbench.saying import clean, said

__all__ = ["LONGEST_NAME", "checked_name", "name_problem"]

LONGEST_NAME = 80


def checked_name(name: Any, what: str = "run name") -> str:
    """A name without blanks around it; "" for none.

    Args:
        name: what was given.
        what: what it is to be the name of, for messages.

    Raises:
        UsageError: it could not be told from something else (`latest`, RUN@STEP, a path, an option), or holds control signs.
    """
    if not isinstance(name, str):
        raise UsageError(f"{what}: got {said(name)}; expected text. Write it between quotes.")
    reason = _reason(name)
    if reason:
        raise UsageError(f"{what}: got {said(name)}; expected {reason}. Choose another name.")
    return name.strip(" ")


def name_problem(name: str) -> str | None:
    """What is wrong with a name while it is being typed, in one line, or None."""
    reason = _reason(name)
    return f"Expected {reason}." if reason else None


def _reason(name: str) -> str:
    if clean(name) != name or any(sign in name for sign in "\t\n"):
        return "letters, digits and signs on one line, no control signs"
    if len(name) > LONGEST_NAME:
        return f"at most {LONGEST_NAME} letters, and it has {len(name):,}"
    if name.strip().lower() == "latest":
        return "a name other than 'latest', which means the newest run"
    if name.strip().startswith("-"):
        return "a name that does not begin with '-', which begins an option"
    for sign, meaning in (("@", "names a checkpoint, as in RUN@best"), ("/", "separates folders"), ("\\", "separates folders")):
        if sign in name:
            return f"a name without '{sign}', which {meaning}"
    return "a name that is no folder" if name.strip() in (".", "..") else ""
