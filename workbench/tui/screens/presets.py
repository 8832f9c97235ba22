"""The gallery of presets, by chapter: what each one shows, with which architecture and data, and how long it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, OptionList
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.experiment.own_presets import list_own
from workbench.experiment.presets import Preset, chapter_title, list_presets, load_preset
from workbench.tui.base.background import in_thread
from workbench.tui.base.steady_screen import SteadyScreen
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of
from workbench.tui.preset_words import describe, described
from workbench.tui.ranking import best_first
from workbench.tui.requests import ShowExperiment
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.title_bar import TitleBar
from workbench.tui.widgets.titled_list import Titled, TitledList

__all__ = ["PresetsScreen"]


class _PresetList(TitledList):
    """The list, whose enter key says in the footer what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in bindings("presets") if binding.id == "presets.open"]

    def action_open_preset(self) -> None:
        """Load the preset under the cursor."""
        self.action_select()


class PresetsScreen(SteadyScreen[None]):
    """All presets by chapter, with a filter and everything known of the one under the cursor."""

    HELP = """
    ## Presets

    Ready-made experiments: your own (`w` in the form saves one), then the shipped ones by chapter. `up` `down` look, `enter`
    loads one on Bench, where every setting can be changed.
    `/` filters by words from title, text, claim, architecture and data; `esc` goes back to the list.
    """
    AUTO_FOCUS = "#presets"
    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in bindings("presets") if binding.id != "presets.open"]
    DEFAULT_CSS = """
    PresetsScreen {
        layout: vertical;
        & > #gallery { layout: horizontal; height: 1fr; }
        & #chapters { width: 45%; min-width: 52; max-width: 84; height: 1fr; }
        & #filter { border: round $border-blurred; background: transparent; height: 3; padding: 0 1; }
        & #filter:focus { border: round $primary; }
        & #presets {
            height: 1fr; padding: 0; background: transparent; border: round $border-blurred;
            border-title-color: $text-muted; border-subtitle-color: $text-muted;
            scrollbar-size-vertical: 1; scrollbar-color: $foreground 20%; scrollbar-background: transparent;
            &:focus { border: round $primary; border-title-color: $text-primary; background-tint: transparent 0%; }
            & > .option-list--option { padding: 0 1; }
            & > .option-list--option-highlighted { background: $foreground 10%; color: $foreground; text-style: none; }
            &:focus > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: none; }
        }
        & #about { max-width: 100; }
        & #detail {
            width: 1fr; height: 1fr; padding: 0 2; border: round $border-blurred; border-title-color: $text-muted;
            scrollbar-size-vertical: 1; scrollbar-color: $foreground 20%; scrollbar-background: transparent;
            &:focus { border: round $primary; border-title-color: $text-primary; }
        }
        &.-stacked > #gallery { layout: vertical; }
        &.-stacked #chapters { width: 1fr; height: 3fr; }
        &.-stacked #detail { height: 2fr; }
    }
    """

    _STACKED_BELOW = 96

    def __init__(self, presets: Sequence[Preset] | None = None) -> None:
        """Make the gallery.

        Args:
            presets: what to show, or None for all that are installed.
        """
        super().__init__()
        self._presets: Mapping[str, Preset] = {preset.name: preset for preset in presets or ()}
        self._own: tuple[Preset, ...] = ()
        self._given = presets is not None

    def compose(self) -> ComposeResult:
        """Filter and list on the left, the preset under the cursor on the right."""
        yield TitleBar("presets")
        with Vertical(id="gallery"):
            with Vertical(id="chapters"):
                yield Input(placeholder="filter: words of title, architecture, data ...", id="filter")
                presets = _PresetList(id="presets")
                presets.border_title = "Presets"
                yield presets
            detail = VerticalScroll(Words(id="about"), id="detail")
            detail.border_title = "About"
            yield detail
        yield KeyLine()

    def on_mount(self) -> None:
        """List what there is."""
        if not self._given:
            self._presets = {preset.name: preset for preset in list_presets()}
        self._list("")

    def on_screen_resume(self) -> None:
        """The user's own may have changed since: by the form, by a command, by hand."""
        if not self._given:
            self._read_own()

    @in_thread("own-presets", exclusive=True)
    def _read_own(self) -> None:
        """Read and check them in a thread, since their datasets may read files."""
        own = tuple(list_own())
        if not get_current_worker().is_cancelled:
            self.call_later(self._take_own, own)

    def _take_own(self, own: tuple[Preset, ...]) -> None:
        """The user's own come first; the cursor stays where it is, unless it has not been moved yet."""
        if own == self._own:
            return
        presets, current = self.query_one("#presets", TitledList), self.current
        moved = presets.highlighted not in (None, 1) or bool(self._own)
        shipped = {name: preset for name, preset in self._presets.items() if not preset.is_own}
        self._own, self._presets = own, {**{preset.name: preset for preset in own}, **shipped}
        self._list(self.query_one("#filter", Input).value)
        if moved and current is not None and current.name in {option.id for option in presets.options}:
            presets.highlighted = presets.get_option_index(current.name)

    @property
    def current(self) -> Preset | None:
        """The preset under the cursor."""
        option = self.query_one("#presets", OptionList).highlighted_option
        return self._presets.get(option.id or "") if option is not None else None

    def on_resize(self) -> None:
        """Where there are too few columns the text stands under the list."""
        self.set_class(self.size.width < self._STACKED_BELOW, "-stacked")

    def _list(self, query: str) -> None:
        matching = best_first(query, self._presets.values(), described)
        titled = [Titled(preset.name, preset.title, chapter_title(preset.chapter)) for preset in matching]
        presets = self.query_one("#presets", TitledList)
        presets.show(titled, "  ")
        presets.border_subtitle = as_is(f"{len(matching)} of {len(self._presets)}" if query else f"{len(matching)}")
        if not matching:
            self._describe(None)

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value)

    @on(Input.Submitted, "#filter")
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        matching = best_first(event.value, self._presets.values(), described)
        wanted = event.value.strip()
        named = [preset for preset in matching if wanted in (preset.name, preset.name.rpartition("/")[2])]
        if named or len(matching) == 1:  # other presets may speak of the one that was named in full
            self._load((named or matching)[0].name)
        else:
            self.query_one("#presets").focus()

    @on(OptionList.OptionHighlighted, "#presets")
    def _point(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._describe(self._presets.get(event.option.id or ""))

    def _describe(self, preset: Preset | None) -> None:
        about = self.query_one("#about", Words)
        if preset is None:
            about.update("No preset has all of these words. esc clears the filter." if self._presets else "There are no presets.")
        else:
            about.update(describe(preset, glyphs_of(self.app)))
        self.query_one("#detail").scroll_home(animate=False)

    @on(OptionList.OptionSelected, "#presets")
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self._load(event.option.id)

    @in_thread("preset", exclusive=True)
    def _load(self, name: str) -> None:
        """Read and check the preset. In a thread, since its dataset may read files."""
        try:
            experiment = load_preset(name)
        except WorkbenchError as error:
            self.app.notify(str(error), title=name, severity="error", timeout=10)
            return
        if not get_current_worker().is_cancelled:
            self.app.post_message(ShowExperiment(experiment))

    def action_filter(self) -> None:
        """Type words to look for, in place of those that stand there."""
        words = self.query_one("#filter", Input)
        words.focus()
        words.select_all()

    def action_leave_filter(self) -> None:
        """Back to the list, or clear the filter."""
        presets = self.query_one("#presets")
        if presets.has_focus:
            self.query_one("#filter", Input).value = ""
        else:
            presets.focus()
