"""Copying: with a tool of the system, else through the terminal (OSC 52), else into a file; and what is known of it then."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import StoreError
from workbench.system import write_whole
from workbench.tui.base.terminal import understands

__all__ = ["MOST_BYTES", "Copied", "copy", "osc52", "tool"]

MOST_BYTES = 74_994
"""Bytes of a text that are sent to a terminal at most: as base64 with the order around it 100,000, where xterm and hterm stop."""
_LONGEST_S = 5.0
"""How long a tool may take."""
_REMOTE = ("SSH_CONNECTION", "SSH_TTY")


@dataclass(frozen=True)
class Copied:
    """What became of a text.

    Attributes:
        words: what is known of it, as a sentence.
        order: what is still to be written to the terminal, or "".
    """

    words: str
    order: str = ""


@dataclass(frozen=True)
class _Tool:
    """A program that takes what it reads from stdin into the clipboard.

    Attributes:
        words: its call.
        needs: the variable without which it has no clipboard to write to, or "".
        is_local: it writes to the machine that it runs on, which is not where the person is who came by SSH.
        encoding: what it reads.
    """

    words: tuple[str, ...]
    needs: str = ""
    is_local: bool = False
    encoding: str = "utf-8"


_TOOLS = (
    _Tool(("wl-copy",), "WAYLAND_DISPLAY"),
    _Tool(("xclip", "-selection", "clipboard", "-in"), "DISPLAY"),
    _Tool(("xsel", "--clipboard", "--input"), "DISPLAY"),
    _Tool(("pbcopy",), is_local=True),
    _Tool(("clip.exe",), is_local=True, encoding="utf-16-le"),
    _Tool(("termux-clipboard-set",), is_local=True),
)


def tool(environment: Mapping[str, str]) -> _Tool | None:
    """The first tool that there is, and that has a clipboard to write to."""
    is_remote = any(environment.get(name) for name in _REMOTE)
    for each in _TOOLS:
        has_clipboard = not (each.needs and not environment.get(each.needs)) and not (each.is_local and is_remote)
        if has_clipboard and shutil.which(each.words[0], path=environment.get("PATH")) is not None:
            return each
    return None


def osc52(text: str, environment: Mapping[str, str]) -> str:
    """The order by which a terminal takes a text into its clipboard; through tmux it goes as it is (DCS passthrough)."""
    order = f"\x1b]52;c;{base64.b64encode(text.encode(errors='replace')).decode()}\x07"
    if environment.get("TMUX"):
        doubled = order.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return order


def copy(text: str, environment: Mapping[str, str], folder: Path, *, has_terminal: bool) -> Copied:
    """Copy a text. A tool may take a while: in a thread.

    Args:
        text: what is copied.
        environment: names the tools and the displays.
        folder: where the file goes, where there is no other way.
        has_terminal: whether orders reach a terminal.
    Raises:
        StoreError: there is no other way, and the file cannot be written.
    """
    chosen = tool(environment)
    if chosen is not None and _run(chosen, text, environment):
        return Copied(f"Copied with {chosen.words[0]}.")
    if has_terminal and understands() and len(text.encode(errors="replace")) <= MOST_BYTES:
        return Copied("Sent to the terminal (OSC 52); not every terminal takes it.", osc52(text, environment))
    path = folder / "copied.txt"
    try:
        write_whole(path, text.encode(errors="replace").decode())
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}. Make room, or choose a file in the dialog.") from error
    return Copied(f"Written to {path}.")


def _run(chosen: _Tool, text: str, environment: Mapping[str, str]) -> bool:
    """Whether the tool has taken the text. Some stay behind to hold it: only their first process is waited for."""
    try:
        done = subprocess.run(  # noqa: S603 - one of the tools above
            [shutil.which(chosen.words[0], path=environment.get("PATH")) or chosen.words[0], *chosen.words[1:]],
            input=text.encode(chosen.encoding, errors="replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            timeout=_LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
