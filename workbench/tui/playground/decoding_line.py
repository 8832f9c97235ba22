"""How the symbols of an answer are chosen: temperature, the likeliest k, beam, seed, in one line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of

__all__ = ["DecodingLine", "Writing"]

_TEMPERATURES: tuple[float | None, ...] = (None, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0)
_LIKELIEST: tuple[int | None, ...] = (None, 1, 2, 3, 5, 10, 20, 50)
_BEAMS = (1, 2, 3, 5, 10, 20)
_NAMES = ("temperature", "top_k", "beam", "seed")


@dataclass(frozen=True)
class Writing:
    """How symbols are chosen; no two of them exclude each other.

    Attributes:
        temperature: None for the likeliest symbol each time.
        top_k: None for all.
        beam: 1 for none.
        seed: of what is drawn.
    """

    temperature: float | None = None
    top_k: int | None = None
    beam: int = 1
    seed: int = 0

    def turned(self, name: str, by: int) -> Writing:
        """With one of them turned on by so many places; what that excludes gives way."""
        match name:
            case "temperature":
                value = _next(_TEMPERATURES, self.temperature, by)
                return replace(self, temperature=value, top_k=self.top_k if value is not None else None, beam=1)
            case "top_k":
                chosen = _next(_LIKELIEST, self.top_k, by)
                drawn = 1.0 if self.temperature is None and chosen is not None else self.temperature
                return replace(self, top_k=chosen, temperature=drawn, beam=1)
            case "beam":
                width = _next(_BEAMS, self.beam, by)
                return replace(self, beam=width) if width == 1 else replace(self, beam=width, temperature=None, top_k=None)
            case _:
                return replace(self, seed=max(0, self.seed + by))

    @property
    def question(self) -> dict[str, Any]:
        """As a question takes it."""
        if self.temperature is None:
            return {"beam": self.beam}
        return {"temperature": self.temperature, "top_k": self.top_k, "seed": self.seed}

    def words(self, name: str) -> str:
        """One of them as it is shown."""
        match name:
            case "temperature":
                return "greedy" if self.temperature is None and self.beam == 1 else f"temperature {self.temperature or '-'}"
            case "top_k":
                return f"top-k {self.top_k or 'all'}"
            case "beam":
                return f"beam {self.beam if self.beam > 1 else '-'}"
            case _:
                return f"seed {self.seed}"


def _next(values: tuple[Any, ...], value: Any, by: int) -> Any:
    """The value so many places further, up to the ends; of one that is not among them, from the nearest."""
    known = (
        values.index(value) if value in values else min(range(len(values)), key=lambda place: abs((values[place] or 0) - value))
    )
    return values[min(max(known + by, 0), len(values) - 1)]


class DecodingLine(Words, can_focus=True):
    """The line. Left and right choose one of them, up and down change it; so does a click, to the next value.

    Attributes:
        writing: what is chosen.
    """

    HELP = """
    ## Playground: how symbols are chosen

    `left` and `right` choose, `up` and `down` change. `temperature` draws each symbol, below 1 the likely becomes likelier;
    `greedy` takes the likeliest one. `top-k` draws from the k likeliest alone. `beam` searches for the likeliest sequence, that
    many beginnings at a time. `seed` is that of what is drawn: the same one draws the same again.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("decoding")]
    DEFAULT_CSS: ClassVar[str] = """
    DecodingLine { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    DecodingLine:focus { background: $panel; color: $foreground; }
    """

    @dataclass
    class Changed(Message):
        """Symbols are chosen in another way."""

        writing: Writing

    def __init__(self) -> None:
        super().__init__()
        self.writing = Writing()
        self._chosen = 0

    def on_mount(self) -> None:
        """Draw the first time."""
        self._draw()

    def show(self, writing: Writing) -> None:
        """Another way, without a message."""
        self.writing = writing
        self._draw()

    def on_focus(self) -> None:
        """What is chosen stands out."""
        self._draw()

    def on_blur(self) -> None:
        """Nothing is chosen."""
        self._draw()

    def _draw(self) -> None:
        parts: list[Content | tuple[str, str] | str] = ["written "]
        for place, name in enumerate(_NAMES):
            chosen = self.has_focus and place == self._chosen
            parts += [(f" {self.writing.words(name)} ", "bold reverse" if chosen else ""), " "]
        if self.has_focus:
            glyphs = glyphs_of(self.app)
            parts.append((f" {glyphs.less}{glyphs.more} choose, up and down change", "$text-muted"))
        self.update(Content.assemble(*parts))

    def _places(self) -> list[tuple[int, int]]:
        """First column of each of them, and the one after its last."""
        places, column = [], 1 + len("written ")
        for name in _NAMES:
            stop = column + len(self.writing.words(name)) + 2
            places.append((column, stop))
            column = stop + 1
        return places

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the pointer; a second click turns it on."""
        for place, (start, stop) in enumerate(self._places()):
            if start <= event.x < stop:
                if place == self._chosen and self.has_focus and event.chain > 1:
                    self.action_change(1)
                self._chosen = place
                self._draw()

    def action_choose(self, by: int) -> None:
        """Choose the next one."""
        self._chosen = (self._chosen + by) % len(_NAMES)
        self._draw()

    def action_change(self, by: int) -> None:
        """Turn the chosen one on."""
        writing = self.writing.turned(_NAMES[self._chosen], by)
        if writing != self.writing:
            self.show(writing)
            self.post_message(self.Changed(writing))

    def draw_anew(self) -> None:
        """Another seed; what draws nothing draws from the model's own distribution from now on."""
        writing = self.writing.turned("seed", 1)
        if writing.temperature is None and writing.beam == 1:
            writing = replace(writing, temperature=1.0)
        self.show(writing)
        self.post_message(self.Changed(writing))
