"""What a stream shows whose encoding lacks our signs: an ASCII look-alike instead of a traceback."""

from __future__ import annotations

import codecs
import io
import sys

__all__ = ["make_safe"]

_HANDLER = "workbench-signs"
_ASCII = {"✓": "+", "✗": "x", "▶": ">", "‖": "=", "■": "#", "…": "~", "·": "-", "≥": ">", "≤": "<", "×": "x", "→": ">", "—": "-"}


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def make_safe() -> None:
    """Let stdout and stderr write any text, whatever the locale."""
    codecs.register_error(_HANDLER, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)
