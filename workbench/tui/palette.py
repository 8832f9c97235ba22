"""What the command palette finds: every key of the table, settings, presets, architectures, datasets, pages, lessons and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from workbench.tui.base.untrusted_text import as_is
from workbench.tui.bindings import TABLE
from workbench.tui.ranking import Rank, rank
from workbench.tui.requests import ChooseCard, LoadPreset, OpenRun, PointAtSetting, Request, ShowConcept, ShowLesson

if TYPE_CHECKING:
    from textual.content import Content
    from textual.fuzzy import Matcher

    from workbench.tui.form.fields import Field

__all__ = ["CardCommands", "ConceptCommands", "KeyCommands", "LessonCommands", "PresetCommands", "RunCommands", "SettingCommands"]


class Searched(Protocol):
    """What of the app is searched.

    Attributes:
        runs_dir: where runs live.
    """

    runs_dir: Path

    @property
    def form_fields(self) -> Sequence[Field]:
        """The settings that the form has now."""


@dataclass(frozen=True)
class Entry:
    """One thing that can be found.

    Attributes:
        title: what it is called.
        about: one line on it.
        action: what choosing it does.
        kind: a word before the title (`Preset`), or "".
        names: other words for it, such as its name on the command line.
        text: more in which the words may stand.
    """

    title: str
    about: str
    action: Callable[[], Any]
    kind: str = ""
    names: tuple[str, ...] = ()
    text: str = ""

    @property
    def line(self) -> str:
        """Title with its kind."""
        return f"{self.kind}: {self.title}" if self.kind else self.title

    def score(self, query: str, matcher: Matcher) -> float:
        """How well it answers to what was typed; 0 where it does not.

        By rank; then, of several, the shortest title. What has the letters in this order and no more comes last.
        """
        its_rank = rank(query, [self.title, self.line, *self.names], f"{self.about} {self.text}")
        if its_rank is not None:
            return 1 + len(Rank) - its_rank + 1 / (1 + len(self.title))
        letters = matcher.match(self.line)
        return letters / (1 + letters)


class _Listed(Provider):
    """A provider that has a list of entries."""

    discoverable = False
    """Whether the entries are shown before anything is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._entries: list[Entry] = []

    @property
    def workbench(self) -> Searched:
        """The app, as far as it is searched."""
        return cast("Searched", self.app)

    def asking(self, request: Request) -> Callable[[], Any]:
        """What asks this of the app."""
        return partial(self.app.post_message, request)

    def entries(self) -> list[Entry]:
        """Everything that can be found. Called in a thread."""
        raise NotImplementedError

    async def startup(self) -> None:
        """Read the entries without holding up the interface."""
        worker = self.screen.run_worker(self.entries, thread=True, exit_on_error=False, group=type(self).__name__)
        await worker.wait()
        self._entries = worker.result or []

    async def discover(self) -> Hits:
        """Entries shown before anything is typed."""
        if self.discoverable:
            for entry in self._entries:
                yield DiscoveryHit(as_is(entry.line), entry.action, text=entry.line, help=_help(entry.about))

    async def search(self, query: str) -> Hits:
        """Entries that match what was typed."""
        matcher = self.matcher(query)
        for entry in self._entries:
            score = entry.score(query, matcher)
            if score > 0:
                yield Hit(score, _highlight(matcher, query, entry.line), entry.action, text=entry.line, help=_help(entry.about))


def _help(text: str) -> str:
    """A line of the list as it is. Textual takes content for it, though it asks for a string."""
    return cast("str", as_is(text))


def _highlight(matcher: Matcher, query: str, line: str) -> Content:
    """A line with what was typed; Textual's own way parses the line."""
    content = as_is(line)
    for offset in _places(query, line) or matcher.fuzzy_search.match(matcher.query, line)[1]:
        if not line[offset].isspace():
            content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


def _places(query: str, line: str) -> Iterable[int]:
    """Where the words stand in a line, letter by letter."""
    plain = line.casefold()
    if len(plain) != len(line):  # a letter that is two in lower case
        return []
    words = [(plain.find(word), len(word)) for word in query.casefold().split()]
    return [place for start, length in words if start >= 0 for place in range(start, start + length)]


class KeyCommands(_Listed):
    """Everything that a key does, where it can be done now."""

    discoverable = True

    def entries(self) -> list[Entry]:
        """The keys whose part of the interface is there."""
        entries: list[Entry] = []
        active = {binding.binding.id for binding in self.screen.active_bindings.values() if binding.enabled}
        for key in TABLE:
            if key.id in active and key.id != "app.palette":
                shown = key.display or key.keys.partition(",")[0]
                namespace = self.screen.active_bindings
                node = next(item.node for item in namespace.values() if item.binding.id == key.id)
                action = partial(self.app.run_action, key.action, node)
                entries.append(Entry(f"{key.description} ({shown})", key.tooltip, action))
        return entries


class PresetCommands(_Listed):
    """Load a preset on Bench."""

    def entries(self) -> list[Entry]:
        """All presets."""
        from workbench.experiment.presets import list_presets
        from workbench.tui.preset_words import described

        entries = []
        for preset in list_presets(own=True):
            names, text = described(preset)
            action = self.asking(LoadPreset(preset.name))
            entries.append(Entry(preset.title, preset.name, action, "Preset", tuple(names), text))
        return entries


class CardCommands(_Listed):
    """Choose an architecture or a dataset in the form."""

    def entries(self) -> list[Entry]:
        """All cards."""
        from workbench.cards import catalog

        entries: list[Entry] = []
        for title, table, cards in (("Architecture", "model", catalog.architectures()), ("Dataset", "data", catalog.datasets())):
            for name, card in cards.items():
                action = self.asking(ChooseCard(table, name))
                entries.append(Entry(card.title, f"{name}, {card.group}", action, title, (name,), card.summary))
        return entries


class SettingCommands(_Listed):
    """Go to a setting in the form."""

    def entries(self) -> list[Entry]:
        """The settings that the form has now."""
        return [
            Entry(
                field.label,
                field.help,
                self.asking(PointAtSetting(field.name)),
                field.table,
                (field.key, field.name),
            )
            for field in self.workbench.form_fields
        ]


class ConceptCommands(_Listed):
    """Read a concept page."""

    def entries(self) -> list[Entry]:
        """All pages."""
        from workbench.concepts import list_pages
        from workbench.experiment.presets import chapter_title

        return [
            Entry(
                page.title,
                chapter_title(page.chapter),
                self.asking(ShowConcept(page.name)),
                "Concepts",
                (page.name, *page.architectures),
            )
            for page in list_pages()
        ]


class LessonCommands(_Listed):
    """Go to a lesson."""

    def entries(self) -> list[Entry]:
        """All lessons."""
        from workbench.lessons import list_lessons

        return [
            Entry(
                lesson.title,
                ", ".join(step.title for step in lesson.steps),
                self.asking(ShowLesson(lesson.name)),
                "Lesson",
                (lesson.name,),
            )
            for lesson in list_lessons()
        ]


class RunCommands(_Listed):
    """Open a run on Bench."""

    def entries(self) -> list[Entry]:
        """All runs, newest first."""
        from workbench.errors import WorkbenchError
        from workbench.runs.folder import RunFolder
        from workbench.runs.listing import list_runs

        try:
            runs = list_runs(self.workbench.runs_dir)
        except WorkbenchError:
            return []
        return [
            Entry(
                run.label,
                f"{run.id}, {run.state}",
                self.asking(OpenRun(RunFolder(run.path))),
                "Run",
                (run.id,),
                f"{run.title} {run.note} {' '.join(run.tags)}",
            )
            for run in runs
        ]
