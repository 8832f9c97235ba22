"""The concept pages: a list on the left, the page on the right, with ways to other pages and to the presets it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Markdown, MarkdownViewer, OptionList
from textual.widgets.markdown import MarkdownFence
from textual.widgets.option_list import Option

from workbench.concepts import Page, find_page, list_pages, page_for
from workbench.errors import UsageError
from workbench.tui.bindings import bindings
from workbench.tui.plain import as_is
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.steady_list import SteadyList
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

__all__ = ["ConceptsScreen", "open_concepts"]

_PRESET = "preset:"
"""How a link to a preset begins."""


class _Equations(MarkdownFence):
    """Equations and drawings as plain text: highlighting takes the sign of a derivative for the start of a string."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:  # noqa: ARG003, FBT001, FBT002 - Textual's signature
        """The text as it is."""
        return Content(code)


class _PageViewer(MarkdownViewer):
    """Follows links: another page, a preset, or an address."""

    app: WorkbenchApp

    def on_mount(self) -> None:
        """Equations are no programs."""
        self.document.BLOCKS = {**Markdown.BLOCKS, "fence": _Equations, "code_block": _Equations}

    async def go(self, location: object) -> None:
        """Follow a link of the page."""
        target = str(location)
        if target.startswith(("http://", "https://")):
            self.app.open_url(target)
        elif target.startswith(_PRESET):
            self.app.load_preset(target.removeprefix(_PRESET))
        else:
            await self.app.action_concepts(target.removesuffix(".md"))


class ConceptsScreen(Screen[None]):
    """All pages by title, and the one under the cursor."""

    HELP = """
    ## Concepts

    A page for every system: idea, equation, what to try, what to look at, pitfalls, reference. `up` `down` choose a page,
    `enter` goes to its text, `p` to the presets that it names: there `enter` opens one on Bench, where `F5` starts it. A click on
    a preset's name in the text does the same. `escape` goes back.
    """
    AUTO_FOCUS = "#pages"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("concepts")]
    app: WorkbenchApp
    DEFAULT_CSS = """
    ConceptsScreen {
        layout: vertical;
        & > #book { layout: horizontal; height: 1fr; }
        & #lists { width: 25%; min-width: 36; max-width: 52; height: 1fr; }
        & #named { max-height: 40%; height: auto; min-height: 3; }
        & #pages { height: 1fr; }
        & #pages, & #named {
            padding: 0; background: transparent; border: round $border-blurred;
            border-title-color: $text-muted; border-subtitle-color: $text-muted;
            &:focus { border: round $primary; border-title-color: $text-primary; background-tint: transparent 0%; }
            & > .option-list--option { padding: 0 1; }
            & > .option-list--option-highlighted { background: $foreground 10%; color: $foreground; text-style: none; }
            &:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: none; }
        }
        & #page {
            width: 1fr; height: 1fr; background: transparent; border: round $border-blurred; border-title-color: $text-muted;
            &:focus-within { border: round $primary; border-title-color: $text-primary; }
            & Markdown { max-width: 104; padding: 0 1; }
            & MarkdownFence > Label { padding: 0 1; }
        }
        &.-stacked > #book { layout: vertical; }
        &.-stacked #lists { layout: horizontal; width: 1fr; height: 1fr; min-height: 5; }
        &.-stacked #pages { width: 1fr; }
        &.-stacked #named { width: 28; height: 1fr; max-height: 100%; }
        &.-stacked #page { height: 3fr; }
    }
    """

    _STACKED_BELOW = 96

    def __init__(self) -> None:
        super().__init__()
        self.back = "bench"
        self.page: Page | None = None
        self._asked = False

    def compose(self) -> ComposeResult:
        """The list and the page."""
        yield TitleBar("concepts")
        with Horizontal(id="book"):
            with Vertical(id="lists"):
                pages = SteadyList(*[Option(page.title, id=page.name) for page in list_pages()], id="pages")
                pages.border_title = "Concepts"
                pages.border_subtitle = as_is(f"{len(list_pages())}")
                yield pages
                named = SteadyList(id="named")
                named.border_title = "Presets of this page"
                yield named
            yield _PageViewer(show_table_of_contents=False, open_links=False, id="page")
        yield KeyLine()

    def on_resize(self) -> None:
        """Where there are too few columns the page stands under the list."""
        self.set_class(self.size.width < self._STACKED_BELOW, "-stacked")

    def show_page(self, name: str) -> None:
        """Show a page by its name, or that of an architecture or preset; the first one where there is none for it."""
        try:
            page = find_page(name) if name else list_pages()[0]
        except UsageError:
            page = list_pages()[0]
        self._asked = True
        pages = self.query_one("#pages", OptionList)
        pages.highlighted = None  # so that the page is turned to in any case
        pages.highlighted = pages.get_option_index(page.name)
        self.call_after_refresh(pages.scroll_to_highlight)

    @on(OptionList.OptionHighlighted, "#pages")
    async def _turn(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if not self._asked or event.option is not self.query_one("#pages", OptionList).highlighted_option:
            return  # the list points at its first line by itself, and a page takes a while to draw
        page = find_page(event.option.id or "")
        if page is not self.page:
            self.page = page
            viewer = self.query_one("#page", _PageViewer)
            await viewer.document.update(_with_links(page))
            viewer.scroll_home(animate=False)
            named = self.query_one("#named", OptionList)
            named.set_options([Option(name, id=name) for name in page.presets])
            named.display = bool(page.presets)

    @on(OptionList.OptionSelected, "#pages")
    def _read(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one("#page", _PageViewer).document.focus()

    @on(OptionList.OptionSelected, "#named")
    def _try(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.app.load_preset(event.option.id or "")

    def action_named(self) -> None:
        """Go to the presets that the page names."""
        named = self.query_one("#named", OptionList)
        if named.option_count:
            named.focus()
            if named.highlighted is None:
                named.highlighted = 0

    async def action_leave(self) -> None:
        """Back to where the pages were opened."""
        await self.app.action_go(self.back)


async def open_concepts(app: WorkbenchApp, name: str) -> None:
    """Go to the pages and show one.

    Args:
        app: the interface.
        name: a page, an architecture or a preset; "" for what is before one's eyes: the preset under the cursor in the gallery,
            else the architecture of the experiment in the form.
    """
    name = name or _in_view(app)
    back = app.current_mode
    await app.action_go("concepts")
    if isinstance(app.screen, ConceptsScreen):
        if back != "concepts":
            app.screen.back = back
        app.screen.show_page(name)


def _in_view(app: WorkbenchApp) -> str:
    """What a person who asks for an explanation is looking at."""
    from workbench.tui.screens.presets import PresetsScreen

    if isinstance(app.screen, PresetsScreen):
        preset = app.screen.current
        page = page_for(str(preset.values.get("model", {}).get("name", "")), preset.name) if preset is not None else None
        return page.name if page is not None else ""
    form = app.bench.form if app.bench is not None else None
    return form.experiment.model.name if form is not None and form.experiment is not None else ""


def _with_links(page: Page) -> str:
    """The page, with each of its presets as a link wherever its name stands by itself."""
    text = page.text
    for name in page.presets:
        text = text.replace(f"`{name}`", f"[{name}]({_PRESET}{name})")
    return text
