"""The gallery of presets, by chapter: what each one shows, with which architecture and data, and how long it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from workbench.errors import WorkbenchError
from workbench.plotting.canvas import fit
from workbench.presets import Preset, list_presets, load_preset
from workbench.tui.bindings import bindings
from workbench.tui.draft import cards_of
from workbench.tui.fields import show_value
from workbench.tui.glyphs import Glyphs, glyphs_of
from workbench.tui.plain import Words, as_is
from workbench.tui.widgets.concept_card import inline_code
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.steady_list import SteadyList
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from workbench.experiment import Experiment

__all__ = ["PresetsScreen", "matches"]

_DEFAULT_STEPS = 1000


def matches(preset: Preset, query: str) -> bool:
    """Whether every word of a query stands somewhere in a preset: name, title, about, claim, architecture or data."""
    cards = [str(preset.values.get(table, {}).get("name", "")) for table in ("model", "data", "optimizer")]
    text = " ".join([preset.name, preset.title, preset.about, preset.claim, *cards]).lower()
    return all(word in text for word in query.lower().split())


def _is_named(preset: Preset, query: str) -> bool:
    """Whether a query begins the preset's own name, with its chapter or without; others may only speak of it."""
    word = "_".join(query.lower().split())
    return preset.name.startswith(word) or preset.name.rpartition("/")[2].startswith(word)


def _in_title(preset: Preset, query: str) -> bool:
    """Whether every word of a query stands in a preset's title or name."""
    text = f"{preset.title} {preset.name}".lower()
    return all(word in text for word in query.lower().split())


class _PresetList(SteadyList):
    """The list, whose enter key says in the footer what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in bindings("presets") if binding.id == "presets.open"]

    def action_open_preset(self) -> None:
        """Load the preset under the cursor."""
        self.action_select()


class PresetsScreen(Screen[None]):
    """All presets by chapter, with a filter and everything known of the one under the cursor."""

    HELP = """
    ## Presets

    Ready-made experiments by chapter. `up` `down` look, `enter` loads one on Bench, where every setting can be changed.
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

    @dataclass
    class Chosen(Message):
        """A preset was opened.

        Attributes:
            name: the preset's name.
            experiment: its experiment.
        """

        name: str
        experiment: Experiment

    def __init__(self, presets: Sequence[Preset] | None = None) -> None:
        """Make the gallery.

        Args:
            presets: what to show, or None for all that are installed.
        """
        super().__init__()
        self._presets: Mapping[str, Preset] = {preset.name: preset for preset in presets or ()}
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

    @property
    def current(self) -> Preset | None:
        """The preset under the cursor."""
        option = self.query_one("#presets", OptionList).highlighted_option
        return self._presets.get(option.id or "") if option is not None else None

    def on_resize(self) -> None:
        """Where there are too few columns the text stands under the list."""
        self.set_class(self.size.width < self._STACKED_BELOW, "-stacked")
        self.call_after_refresh(self._wrap)

    def _wrap(self) -> None:
        """List again, for the width that there is now; the cursor stays."""
        presets = self.query_one("#presets", OptionList)
        highlighted = presets.highlighted
        self._list(self.query_one("#filter", Input).value)
        presets.highlighted = highlighted

    def _list(self, query: str) -> None:
        found = [preset for preset in self._presets.values() if matches(preset, query)]
        if query:  # a title that says it comes before a text that mentions it
            found.sort(key=lambda preset: (not _is_named(preset, query), not _in_title(preset, query)))
        presets = self.query_one("#presets", OptionList)
        room = max(1, (presets.scrollable_content_region.width or 50) - 5)
        options: list[Option] = []
        chapter = None
        for preset in found:
            if preset.chapter != chapter:
                chapter = preset.chapter
                heading = chapter.replace("_", " ").capitalize()
                options.append(Option(Content.assemble((heading, "bold $foreground 60%")), disabled=True))
            options.append(Option(Content(f"  {fit(preset.title, room)}"), id=preset.name))
        presets.set_options(options)
        presets.border_subtitle = as_is(f"{len(found)} of {len(self._presets)}" if query else f"{len(found)}")
        if found:
            named = next((preset.name for preset in found if query and _is_named(preset, query)), found[0].name)
            presets.highlighted = presets.get_option_index(named)
        else:
            self._describe(None)

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value)

    @on(Input.Submitted, "#filter")
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        found = [name for name, preset in self._presets.items() if matches(preset, event.value)]
        if len(found) == 1:
            self._load(found[0])
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

    @work(thread=True, exclusive=True, exit_on_error=False, group="preset")
    def _load(self, name: str) -> None:
        """Read and check the preset. In a thread, since its dataset may read files."""
        try:
            experiment = load_preset(name)
        except WorkbenchError as error:
            self.app.notify(str(error), title=name, severity="error", timeout=10)
            return
        if not get_current_worker().is_cancelled:
            self.post_message(self.Chosen(name, experiment))

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


def describe(preset: Preset, signs: Glyphs) -> Content:
    """Everything the gallery says of a preset."""
    values = preset.values
    parts: list[Any] = [(preset.title, "bold $text-primary"), "\n", (preset.name, "$foreground 60%"), "\n\n"]
    if preset.about:
        parts += [*inline_code(_paragraphs(preset.about)), "\n\n"]
    cards = [_card_title(table, values) for table in ("model", "data")]
    parts += [(f"{cards[0]} {signs.times} {cards[1]}", "bold"), "\n"]
    parts += [(f" {signs.dot} ".join(_facts(values)), "$foreground 60%")]
    parts += [("\n" + line, "$foreground 60%") for line in _baselines(preset)]
    claim = values.get("claim")
    if isinstance(claim, Mapping):
        parts += ["\n\n", ("Claim  ", "bold"), str(claim.get("sentence", ""))]
        parts += ["\n", (_bounds(claim), "$text-primary")]
        if claim.get("against"):
            parts += ["\n", (f"against {claim['against']}", "$foreground 60%")]
    parts += ["\n\n", (f"workbench run {preset.name}", "$foreground 60%")]
    return Content.assemble(*parts)


def _bounds(claim: Mapping[str, Any]) -> str:
    """What the preset's own runs must keep, as `metric operator threshold and ...`."""
    further = [more for more in claim.get("also", []) if more.get("of", "preset") == "preset"]
    return " and ".join(
        " ".join(show_value(bound[key]) for key in ("metric", "operator", "threshold") if key in bound)
        for bound in (claim, *further)
    )


def _baselines(preset: Preset) -> list[str]:
    """What trivial predictors score in the preset's metrics; nothing where its data cannot be named."""
    data = dict(preset.values.get("data", {}))
    card = cards_of("data").get(str(data.pop("name", "")))
    try:
        baselines = card.task(card.Config(**data)).baselines if card is not None else ()
    except (WorkbenchError, ValueError):  # the preset says so itself when it is opened
        return []
    return [f"{baseline.metric}: {baseline.words}" for baseline in baselines]


def _paragraphs(text: str) -> str:
    """Text without its source's line breaks; empty lines part paragraphs."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _card_title(table: str, values: Mapping[str, Any]) -> str:
    name = str(values.get(table, {}).get("name", "?"))
    card = cards_of(table).get(name)
    return name if card is None else str(card.title)


def _facts(values: Mapping[str, Any]) -> list[str]:
    training, optimizer = values.get("training", {}), values.get("optimizer", {})
    facts = [f"{training.get('steps', _DEFAULT_STEPS):,} steps"]
    if "batch_size" in training:
        facts.append(f"batch {training['batch_size']}")
    if optimizer.get("name"):
        facts.append(f"{optimizer['name']} lr {show_value(optimizer['lr'])}" if "lr" in optimizer else str(optimizer["name"]))
    return facts
