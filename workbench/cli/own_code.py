"""`--cards DIR` and `--trust-code`, which stand anywhere in a command line and mean the same for every command."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.cards.own_code import CodeFile

__all__ = ["CARDS", "TRUST", "take_out", "trusting"]

CARDS, TRUST = "--cards", "--trust-code"
_CARDS_ENV = "WORKBENCH_CARDS"  # as own_code.CARDS_ENV, which is not imported for every command


def take_out(words: list[str]) -> tuple[list[str], bool, str]:
    """The words without both options, whether code is to be trusted, and what is wrong.

    The folders are named in the environment from then on, where this process and the workers that it starts find them.

    Args:
        words: the command line; what stands behind `--` is left alone.
    """
    rest: list[str] = []
    folders: list[str] = []
    trust = False
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            rest += [word, *left]
            break
        if word == TRUST:
            trust = True
        elif word == CARDS or word.startswith(f"{CARDS}="):
            value = word.partition("=")[2] if "=" in word else left.pop(0) if left else ""
            if not value.strip():
                return rest, trust, f"workbench: {CARDS}: got nothing; expected a folder of cards. Name one behind it."
            folders.append(str(Path(value).expanduser().absolute()))
        else:
            rest.append(word)
    if folders:
        known = os.environ.get(_CARDS_ENV, "")
        os.environ[_CARDS_ENV] = os.pathsep.join([*folders, *([known] if known else [])])
    return rest, trust, _folder_problem()


def _folder_problem() -> str:
    """Why a folder of cards cannot be one, or ""; asked before anything is opened, which would do without its cards."""
    given = os.environ.get(_CARDS_ENV, "")
    if not given.strip():
        return ""
    from workbench.cards.own_code import folder_files
    from workbench.errors import CardError

    try:
        folder_files(given)
    except CardError as error:
        return str(error)
    return ""


def trusting(trust: bool) -> AbstractContextManager[None]:  # noqa: FBT001 - the flag as it was typed
    """While this lasts, code that came with runs and exports is run, and told on stderr first."""
    if not trust:
        return nullcontext()
    from workbench.cards.own_code import asking

    return asking(_tell)


def _tell(code: CodeFile) -> bool:
    from workbench.saying import said

    sys.stderr.write(f"Running code that came along: {said(code.path)}, SHA-256 {code.sha256}.\n")
    return True
