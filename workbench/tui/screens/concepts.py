"""The concept pages: a list by chapter on the left, the page on the right, with ways to other pages and to its presets."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, OptionList

from workbench.concepts import Page, find_page, list_pages
from workbench.errors import UsageError
from workbench.experiment.presets import chapter_title, list_presets
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bindings import bindings
from workbench.tui.ranking import best_first
from workbench.tui.requests import GoTo, LoadPreset
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.page_viewer import PRESET_LINK, PageViewer
from workbench.tui.widgets.title_bar import TitleBar
from workbench.tui.widgets.titled_list import Titled, TitledList

__all__ = ["ConceptsScreen"]

_PAGE_NEEDS = 84
"""Columns of the page that equations need; the list has what is left."""
_LIST_AT_LEAST = 36
_AROUND_A_TITLE = 7
"""Columns of the list that are no title: frame, indent, padding, scrollbar."""


class ConceptsScreen(SteadyScreen[None]):
    """All pages by chapter, and the one under the cursor."""

    HELP = """
    ## Concepts

    A page for every system: idea, equation, what to try, what to look at, pitfalls, reference, in the order of chapter 10 of
    Goodfellow et al. 2016.

    - `up` `down` choose a page, `enter` goes to its text, where the same keys scroll
    - `/` shows the pages that have some words, in the title first; `esc` shows all again
    - `p` goes to the presets that the page names: there `enter` opens one on Bench, where `F5` starts it. A click on a preset's
      name in the text does the same
    - `l` goes to the lessons, whose steps start runs and tell what came of a prediction
    - `esc` goes back to where you came from
    """
    AUTO_FOCUS = "#pages"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("concepts")]
    DEFAULT_CSS = """
    ConceptsScreen {
        layout: vertical;
        & > #book { layout: horizontal; height: 1fr; }
        & #lists { height: 1fr; }
        & #filter { border: round $border-blurred; background: transparent; height: 3; padding: 0 1; display: none; }
        & #filter:focus { border: round $primary; }
        &.-filtering #filter { display: block; }
        & #named { max-height: 40%; height: auto; min-height: 3; }
        & #pages { height: 1fr; }
        & #page {
            width: 1fr; height: 1fr; background: transparent; border: round $border-blurred; border-title-color: $text-muted;
            &:focus-within { border: round $primary; border-title-color: $text-primary; }
        }
        & #lists.-unnamed #named { display: none; }
        &.-stacked > #book { layout: vertical; }
        &.-stacked #lists { height: 2fr; min-height: 5; }
        &.-stacked #named { height: 1fr; max-height: 100%; display: none; }
        &.-stacked #page { height: 5fr; }
        &.-stacked #lists.-named { & #named { display: block; } & #pages { display: none; } & #filter { display: none; } }
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
                yield Input(placeholder="filter: words of title and text", id="filter")
                pages = TitledList(id="pages")
                pages.border_title = "Concepts"
                yield pages
                named = TitledList(id="named")
                named.border_title = "Presets of this page"
                yield named
            yield PageViewer(show_table_of_contents=False, open_links=False, id="page")
        yield KeyLine()

    def on_mount(self) -> None:
        """All pages."""
        self._list("")

    def on_resize(self) -> None:
        """Where there are too few columns the page stands under the list; else the list is as wide as its titles, if it can."""
        stacked = self.size.width < self._STACKED_BELOW
        self.set_class(stacked, "-stacked")
        longest = max(cell_len(page.title) for page in list_pages()) + _AROUND_A_TITLE
        room = max(_LIST_AT_LEAST, min(longest, self.size.width - _PAGE_NEEDS))
        self.query_one("#lists").styles.width = "1fr" if stacked else room

    def _list(self, query: str) -> None:
        matching = best_first(query, list_pages(), _described)
        pages = self.query_one("#pages", TitledList)
        pages.show([Titled(page.name, page.title, chapter_title(page.chapter)) for page in matching], "  ")
        pages.border_subtitle = as_is(f"{len(matching)} of {len(list_pages())}" if query else f"{len(matching)}")

    def show_page(self, name: str) -> None:
        """Show a page by its name, or that of an architecture or preset; the first one where there is none for it."""
        try:
            page = find_page(name) if name else list_pages()[0]
        except UsageError:
            page = list_pages()[0]
        self._asked = True
        self._show_all()
        pages = self.query_one("#pages", TitledList)
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
            viewer = self.query_one("#page", PageViewer)
            await viewer.document.update(_with_links(page))
            viewer.scroll_home(animate=False)
            self._show_named(page)

    def _show_named(self, page: Page) -> None:
        presets = {preset.name.rpartition("/")[2]: preset for preset in list_presets()}
        named = self.query_one("#named", TitledList)
        named.show([Titled(name, f"{name}  {presets[name].title}" if name in presets else name) for name in page.presets])
        named.highlighted = None
        self.query_one("#lists").set_class(not page.presets, "-unnamed")

    @on(OptionList.OptionSelected, "#pages")
    def _read(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one("#page", PageViewer).document.focus()

    @on(OptionList.OptionSelected, "#named")
    def _try(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._leave_named()
        self.app.post_message(LoadPreset(event.option.id or ""))

    def action_named(self) -> None:
        """Go to the presets that the page names; where there are few lines they stand in place of the list."""
        named = self.query_one("#named", OptionList)
        if named.option_count:
            self.query_one("#lists").add_class("-named")
            named.focus()
            if named.highlighted is None:
                named.highlighted = 0

    def _leave_named(self) -> None:
        self.query_one("#lists").remove_class("-named")

    def action_lessons(self) -> None:
        """Go to the lessons."""
        self.app.post_message(GoTo("lessons"))

    def action_filter(self) -> None:
        """Type words to look for, in place of those that stand there."""
        self._leave_named()
        self.add_class("-filtering")
        words = self.query_one("#filter", Input)
        words.focus()
        words.select_all()

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value)

    @on(Input.Submitted, "#filter")
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#pages").focus()

    def _show_all(self) -> None:
        words = self.query_one("#filter", Input)
        self.remove_class("-filtering")
        if words.value:
            with words.prevent(Input.Changed):
                words.value = ""
            self._list("")

    def action_leave(self) -> None:
        """From the presets or the filter back to the list, and from there to where the pages were opened."""
        pages = self.query_one("#pages", TitledList)
        if self.query_one("#named").has_focus:
            self._leave_named()
            pages.focus()
        elif self.has_class("-filtering"):
            current = self.page
            self._show_all()
            if current is not None:
                pages.highlighted = pages.get_option_index(current.name)
            pages.focus()
        else:
            self.app.post_message(GoTo(self.back))


def _described(page: Page) -> tuple[list[str], str]:
    """What a filter looks in."""
    return [page.title, page.name, *page.architectures], page.text


def _with_links(page: Page) -> str:
    """The page, with each of its presets as a link wherever its name stands by itself."""
    text = page.text
    for name in page.presets:
        text = text.replace(f"`{name}`", f"[{name}]({PRESET_LINK}{name})")
    return text
