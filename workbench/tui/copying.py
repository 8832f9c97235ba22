"""The one way to the clipboard, for every part of the interface and for Textual's own fields."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.paths import config_folder
from workbench.tui.base.background import start_in_thread
from workbench.tui.base.clipboard import Copied, copy
from workbench.tui.requests import CopyText, Notice

if TYPE_CHECKING:
    from workbench.tui.base.guarded import Guarded

__all__ = ["Copying", "TextCopied"]


@dataclass
class TextCopied(Message):
    """What is known of a text that was to be copied; `what` it is, or ""."""

    copied: Copied
    what: str


class Copying:
    """Copies texts, and says what is known of it.

    Args:
        app: whose terminal it is.
    """

    def __init__(self, app: Guarded) -> None:
        self._app = app

    def copy(self, request: CopyText) -> None:
        """Copy a text in a thread."""
        start_in_thread(self._app, "copy", partial(self._copy, request))

    def _copy(self, request: CopyText) -> None:
        try:
            copied = copy(request.text, os.environ, config_folder(), has_terminal=not self._app.is_headless)
        except WorkbenchError as error:
            self._app.post_message(Notice(str(error), "Not copied", problem=True))
        else:
            self._app.post_message(TextCopied(copied, request.what))

    def tell(self, message: TextCopied) -> None:
        """Give the terminal its order, and say what is known."""
        self._app.order(message.copied.order)
        self._app.notify(message.copied.words, title=message.what)
