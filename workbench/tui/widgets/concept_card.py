"""What is being trained, on one card: equation, the unrolled graph, what it is and why it matters, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from workbench.concepts import page_for
from workbench.plotting.canvas import clean
from workbench.plotting.saving import Contents
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import Words, inline_code
from workbench.tui.bindings import bindings

if TYPE_CHECKING:
    from workbench.experiment import Experiment

__all__ = ["ConceptCard"]


_EQUATION_AT_LEAST = 36
_BETWEEN = 3
"""Columns as in the style below."""


class ConceptCard(Keepable, VerticalScroll):
    """The architecture's and the dataset's own words on themselves, with the preset's note on what to watch."""

    HELP = """
    ## Concept

    What the chosen architecture computes (equations and the graph unrolled in time), why it matters, and what the data ask.
    `up` `down` `pageup` `pagedown` scroll.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("keep")]
    DEFAULT_CSS = """
    ConceptCard {
        padding: 0 1; scrollbar-size-vertical: 1;
        & > Words { height: auto; margin-bottom: 1; }
        & > .columns { layout: horizontal; height: auto; margin-bottom: 1; }
        & .equation { color: $text-primary; width: auto; min-width: 36; height: auto; margin-right: 3; }
        & .drawing { color: $foreground; width: auto; height: auto; }
        & > .reference { color: $text-muted; }
        &.-narrow > .columns { layout: vertical; & > .equation { margin-bottom: 1; } }
    }
    """

    def __init__(self, experiment: Experiment | None = None, id: str | None = None) -> None:  # noqa: A002 - textual's own name
        super().__init__(id=id)
        self._experiment = experiment

    def compose(self) -> ComposeResult:
        """The parts of the card, filled by `show`."""
        yield Words(classes="about")
        yield Words(classes="model")
        with VerticalScroll(classes="columns", can_focus=False):
            yield Words(classes="equation")
            yield Words(classes="drawing")
        yield Words(classes="data")
        yield Words(classes="reference")
        yield Words(classes="page")

    def contents(self) -> Contents | None:
        """The words of the card."""
        experiment = self._experiment
        if experiment is None:
            return None
        model, data = experiment.architecture, experiment.dataset_card
        parts = (
            experiment.title,
            _flow(experiment.about),
            f"{model.title}\n{_flow(model.summary)}",
            model.equation.strip("\n"),
            model.drawing.strip("\n"),
            f"{data.title}\n{_flow(data.describe(experiment.data.config))}\n{data.held_out.words}",
            f"{_flow(model.reference)}\n{_flow(data.reference)}",
        )
        name = f"concept-{experiment.model.name}"
        return Contents("Concept", name, clean("\n\n".join(filter(None, parts))) + "\n")

    def on_mount(self) -> None:
        """Show what was given before."""
        if self._experiment is not None:
            self.show(self._experiment)

    def on_resize(self) -> None:
        """Another width may have room for equation and drawing side by side, or have it no longer."""
        self._arrange()

    def _arrange(self) -> None:
        """Equation and drawing stand side by side where both have room, else below each other."""
        if self._experiment is not None:
            model = self._experiment.architecture
            needed = max(_EQUATION_AT_LEAST, _width(model.equation)) + _BETWEEN + _width(model.drawing)
            self.set_class(self.scrollable_content_region.width < needed, "-narrow")

    def show(self, experiment: Experiment) -> None:
        """Fill the card from an experiment."""
        self._experiment = experiment
        if not self.children:  # not composed yet
            return
        model, data = experiment.architecture, experiment.dataset_card
        about = self.query_one(".about", Words)
        about.display = bool(experiment.title)
        words = _flow(experiment.about)
        about.update(Content.assemble((experiment.title, "bold $text-primary"), "\n" if words else "", *inline_code(words)))
        self.query_one(".model", Words).update(Content.assemble((model.title, "bold"), "\n", *inline_code(_flow(model.summary))))
        self.query_one(".equation", Words).update(model.equation.strip("\n"))
        self.query_one(".drawing", Words).update(model.drawing.strip("\n"))
        self._arrange()
        task = f"{_flow(data.describe(experiment.data.config))}\n{data.held_out.words}"
        self.query_one(".data", Words).update(Content.assemble((data.title, "bold"), "\n", *inline_code(task)))
        self.query_one(".reference", Words).update(f"{_flow(model.reference)}\n{_flow(data.reference)}")
        page = self.query_one(".page", Words)
        concept = page_for(experiment.model.name)
        page.display = concept is not None
        if concept is not None:
            link = f"[@click=app.concepts('{concept.name}')]Concept page: $title[/]  (c)"
            page.update(Content.from_markup(link, title=concept.title))
        self.scroll_home(animate=False)


def _width(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _flow(text: str) -> str:
    """Text without its source's line breaks."""
    return " ".join(text.split())
