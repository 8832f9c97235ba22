"""What several panels have in common: a page that is scrolled by arrows and by vim's keys."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll

from workbench.tui.bindings import bindings

__all__ = ["Scrolled"]


class Scrolled(VerticalScroll):
    """A page that may be longer than there is room for."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("page")]
