"""What reaches a terminal: no control sign that is not ours, and where the encoding lacks our signs an ASCII look-alike."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from typing import IO, Any, TextIO

from workbench.saying import clean

__all__ = ["CleanStream", "exact", "give_up", "make_safe"]

_HANDLER = "workbench-signs"
_ASCII = {"✓": "+", "✗": "x", "▶": ">", "‖": "=", "■": "#", "…": "~", "·": "-", "≥": ">", "≤": "<", "×": "x", "→": ">", "—": "-"}


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


class CleanStream:
    """A stream on which every text is harmless to a terminal, whoever wrote it: names, notes, errors, wrong arguments.

    What styles text by control signs of its own, as Rich does, writes to `rich_proxied_file`, and cleans what it is given.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self.rich_proxied_file.write(clean(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def exact() -> TextIO:
    """Stdout for data: as they are into a file or a pipe, cleaned on a terminal."""
    stream = sys.stdout
    return stream.rich_proxied_file if isinstance(stream, CleanStream) and not stream.isatty() else stream


def make_safe() -> None:
    """Let stdout and stderr write any text, whatever the locale, and keep control signs in it from the terminal.

    One that was closed takes everything and keeps nothing.
    """
    codecs.register_error(_HANDLER, _replace)
    _fill_gaps()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, CleanStream):
            setattr(sys, name, CleanStream(stream))


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
