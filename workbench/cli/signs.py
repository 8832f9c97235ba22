"""What a stream shows whose encoding lacks our signs: an ASCII look-alike instead of a traceback."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from typing import IO

__all__ = ["give_up", "make_safe"]

_HANDLER = "workbench-signs"
_ASCII = {"✓": "+", "✗": "x", "▶": ">", "‖": "=", "■": "#", "…": "~", "·": "-", "≥": ">", "≤": "<", "×": "x", "→": ">", "—": "-"}


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def make_safe() -> None:
    """Let stdout and stderr write any text, whatever the locale; one that was closed takes everything and keeps nothing."""
    codecs.register_error(_HANDLER, _replace)
    _fill_gaps()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _fill_gaps() -> None:
    """Put the null device where a stream was closed (`>&-`): else the next file that is opened would stand in its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115


def give_up(stream: IO[str]) -> None:
    """Point a stream that cannot be written any more at nothing, so that the interpreter's last flush is quiet too."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        stream.flush()
