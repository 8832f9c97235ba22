"""The editor of a person's choice, on a text file: VISUAL, else EDITOR, as other programs on a terminal find it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import UsageError
from workbench.saying import said
from workbench.system import is_windows

__all__ = ["edit_file", "editor_words"]

_VARIABLES = ("VISUAL", "EDITOR")


def editor_words() -> tuple[str, list[str]]:
    """The variable that names an editor, and the words of its command.

    Raises:
        UsageError: none does, or it cannot be read.
    """
    for name in _VARIABLES:
        if given := os.environ.get(name, "").strip():
            try:
                words = shlex.split(given, posix=not is_windows())
            except ValueError as error:
                raise UsageError(f"{name}: got {said(given)}; expected a command: {error}. Close the quotes.") from error
            if words:
                return name, words
    raise UsageError("no editor is set; expected its command in VISUAL or EDITOR. Set one, such as 'export EDITOR=nano'.")


def edit_file(path: Path) -> None:
    """Open a file in the editor and return when that ends.

    Raises:
        UsageError: there is no editor, it cannot be run, or it ended with an error; what it wrote is in the file.
    """
    name, words = editor_words()
    try:
        with _interrupts_left_to_the_editor():
            ended = subprocess.run([*words, str(path)], check=False)  # noqa: S603 - the person's own command
    except OSError as error:
        raise UsageError(
            f"{name}: got {said(' '.join(words))}; expected a program that can be run: {error.strerror}. Set another one."
        ) from error
    if ended.returncode:
        how = f"by signal {-ended.returncode}" if ended.returncode < 0 else f"with exit code {ended.returncode}"
        raise UsageError(f"{name}: {said(words[0])} ended {how}; expected 0. Nothing was taken over.")


@contextmanager
def _interrupts_left_to_the_editor() -> Iterator[None]:
    """Ctrl-C in the editor reaches all processes of the terminal, and must not end this one.

    A handler, not SIG_IGN: the editor would inherit that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
