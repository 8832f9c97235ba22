"""A list of titles under headings: one line each, as long as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widgets.option_list import Option

from workbench.plotting.canvas import fit
from workbench.tui.base.steady_list import SteadyList

__all__ = ["Titled", "TitledList"]


@dataclass(frozen=True)
class Titled:
    """One line: what it stands for, its title, and the heading that it belongs to, or ""."""

    id: str
    title: str
    heading: str = ""


class TitledList(SteadyList):
    """Titles under headings, which the cursor passes over. A heading stands again where the order brings it again."""

    DEFAULT_CSS = """
    TitledList {
        padding: 0; background: transparent; border: round $border-blurred;
        border-title-color: $text-muted; border-subtitle-color: $text-muted;
        scrollbar-size-vertical: 1; scrollbar-color: $foreground 20%; scrollbar-background: transparent;
        &:focus { border: round $primary; border-title-color: $text-primary; background-tint: transparent 0%; }
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted { background: $foreground 10%; color: $foreground; text-style: none; }
        &:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: none; }
    }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._titles: dict[str, Titled] = {}
        self._indent = ""

    def show(self, lines: Sequence[Titled], indent: str = "") -> None:
        """List other lines; the cursor goes to the first."""
        self._titles, self._indent = {line.id: line for line in lines}, indent
        options: list[Option] = []
        heading = ""
        for line in lines:
            if line.heading != heading:
                heading = line.heading
                options.append(Option(Content.assemble((heading, "bold $foreground 60%")), disabled=True))
            options.append(Option(self._prompt(line), id=line.id))
        self.set_options(options)
        if lines:
            self.highlighted = self.get_option_index(lines[0].id)

    def _prompt(self, line: Titled) -> Content:
        room = self._text_width() - len(self._indent)
        return Content(f"{self._indent}{fit(line.title, room) if room > 0 else line.title}")

    def on_resize(self) -> None:
        """As much of each title as there is room for now."""
        for index, option in enumerate(self.options):
            if option.id is not None:
                self._replace_option_prompt(index, self._prompt(self._titles[option.id]))
