"""What the command palette finds: every key of the table, presets, architectures, datasets and runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from workbench.tui.bindings import TABLE
from workbench.tui.plain import as_is

if TYPE_CHECKING:
    from textual.content import Content
    from textual.fuzzy import Matcher

    from workbench.tui.app import WorkbenchApp

__all__ = ["CardCommands", "ConceptCommands", "KeyCommands", "PresetCommands", "RunCommands"]

Entry = tuple[str, str, Callable[[], Any]]
"""Name, explanation, what to do."""


class _Listed(Provider):
    """A provider that has a list of entries."""

    discoverable = False
    """Whether the entries are shown before anything is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._entries: list[Entry] = []

    @property
    def workbench(self) -> WorkbenchApp:
        """The app, by its own type."""
        return cast("WorkbenchApp", self.app)

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
            for name, about, action in self._entries:
                yield DiscoveryHit(as_is(name), action, text=name, help=_help(about))

    async def search(self, query: str) -> Hits:
        """Entries that match what was typed."""
        matcher = self.matcher(query)
        for name, about, action in self._entries:
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, _highlight(matcher, name), action, text=name, help=_help(about))


def _help(text: str) -> str:
    """A line of the list as it is. Textual takes content for it, though it asks for a string."""
    return cast("str", as_is(text))


def _highlight(matcher: Matcher, name: str) -> Content:
    """A name with the letters that were typed; Textual's own way parses the name."""
    found = as_is(name)
    for offset in matcher.fuzzy_search.match(matcher.query, name)[1]:
        if not name[offset].isspace():
            found = found.stylize(matcher.match_style, offset, offset + 1)
    return found


class KeyCommands(_Listed):
    """Everything that a key does, where it can be done now."""

    discoverable = True

    def entries(self) -> list[Entry]:
        """The keys whose part of the interface is there."""
        found: list[Entry] = []
        active = {binding.binding.id for binding in self.screen.active_bindings.values() if binding.enabled}
        for key in TABLE:
            if key.id in active and key.id != "app.palette":
                shown = key.display or key.keys.partition(",")[0]
                namespace = self.screen.active_bindings
                node = next(item.node for item in namespace.values() if item.binding.id == key.id)
                found.append((f"{key.description} ({shown})", key.tooltip, partial(self.app.run_action, key.action, node)))
        return found


class PresetCommands(_Listed):
    """Load a preset on Bench."""

    def entries(self) -> list[Entry]:
        """All presets."""
        from workbench.presets import list_presets

        return [
            (f"Preset: {preset.title}", preset.name, partial(self.workbench.load_preset, preset.name))
            for preset in list_presets()
        ]


class CardCommands(_Listed):
    """Choose an architecture or a dataset in the form."""

    def entries(self) -> list[Entry]:
        """All cards."""
        from workbench import catalog

        found: list[Entry] = []
        for title, table, cards in (("Architecture", "model", catalog.architectures()), ("Dataset", "data", catalog.datasets())):
            found += [
                (f"{title}: {card.title}", f"{name}, {card.group}", partial(self.workbench.choose_card, table, name))
                for name, card in cards.items()
            ]
        return found


class ConceptCommands(_Listed):
    """Read a concept page."""

    def entries(self) -> list[Entry]:
        """All pages."""
        from workbench.concepts import list_pages

        return [
            (f"Concepts: {page.title}", ", ".join(page.architectures), partial(self.workbench.action_concepts, page.name))
            for page in list_pages()
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
            (f"Run: {run.name or run.id}", f"{run.state}, {run.title}", partial(self.workbench.open_run, RunFolder(run.path)))
            for run in runs
        ]
