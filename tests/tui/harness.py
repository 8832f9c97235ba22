"""An app with nothing but the widget under test, small fixed cards to show in it, and waiting for what it does."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from workbench.cards import (
    ArchitectureCard,
    Batch,
    Classes,
    Config,
    Dataset,
    DatasetCard,
    Image,
    Signal,
    Split,
    Task,
    Tokens,
    Vectors,
    catalog,
    setting,
)
from workbench.experiment import Experiment
from workbench.tui.form.experiment_form import ExperimentForm
from workbench.tui.themes import THEMES

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Harness", "example", "fixed_cards", "settled"]


class CellConfig(Config):
    """Settings of a made-up architecture."""

    hidden_size: int = setting(64, "Units of the hidden state.", ge=1, le=4096, unit="units")
    dropout: float = setting(0.0, "Share of units left out while training.", ge=0, lt=1, live=True)
    activation: Literal["tanh", "relu"] = setting("tanh", "What bends the sum.")
    peephole: bool = setting(False, "Let the gates see the cell.", advanced=True)


class Cell(ArchitectureCard[CellConfig]):
    """A made-up recurrent network that reads sequences."""

    Config = CellConfig
    title = "Simple cell"
    group = "Recurrent"
    equation = "h_t = tanh(W x_t + U h_{t-1})"
    drawing = " h -> h -> h\n ^    ^    ^\n x    x    x"
    summary = "A state that is fed back. It remembers as long as its weights let it."
    reference = "Someone 1990, eq. 1"
    tasks = frozenset({"classify", "regress"})

    @classmethod
    def refuse(cls, config: CellConfig, task: Task) -> str | None:
        """Sequences alone."""
        return "it reads sequences and the input is a picture. Set data.view = rows." if isinstance(task.inputs, Image) else None

    @classmethod
    def build(cls, config: CellConfig, task: Task) -> nn.Module:
        """Never built here."""
        raise NotImplementedError


class Translator(Cell):
    """A made-up translator."""

    title = "Translator"
    group = "Sequence to sequence"
    tasks = frozenset({"transduce"})


class SumConfig(Config):
    """Settings of made-up sums."""

    length: int = setting(20, "Steps of a sequence.", ge=2, le=1000, unit="steps")


class _Fixed(Dataset):
    def __init__(self, task: Task, inputs: Any, targets: Any) -> None:
        super().__init__(task)
        self.inputs, self.targets = np.asarray(inputs), np.asarray(targets)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        return Batch(self.inputs, self.targets)

    def held_out(self, split: Split) -> Batch:
        return Batch(self.inputs, self.targets)


class _FixedCard:
    title: ClassVar[str]
    group: ClassVar[str] = "Tasks"
    summary = "Samples that never change."
    reference = "Nobody"

    @classmethod
    def describe(cls, config: Any) -> str:
        return f"A task with {', '.join(f'{key} {value}' for key, value in config.model_dump().items()) or 'no settings'}."


class Sums(_FixedCard, DatasetCard[SumConfig]):
    """Two rows of numbers to add."""

    Config = SumConfig
    title = "Sums"

    @classmethod
    def task(cls, config: SumConfig) -> Task:
        return Task("regress", Vectors(2, config.length), Vectors(1))

    @classmethod
    def open(cls, config: SumConfig) -> Dataset:
        inputs = np.stack([np.linspace(0, 1, config.length), np.arange(config.length) % 7 == 3], axis=-1)[None].repeat(3, 0)
        return _Fixed(cls.task(config), inputs.astype(np.float32), np.array([[0.5], [1.0], [1.5]], dtype=np.float32))


class DigitConfig(Config):
    """Settings of made-up digits."""

    view: Literal["image", "rows"] = setting("image", "A picture, or its rows as steps.")


class Digits(_FixedCard, DatasetCard[DigitConfig]):
    """Pictures with a bright corner."""

    Config = DigitConfig
    title = "Digits"

    @classmethod
    def task(cls, config: DigitConfig) -> Task:
        inputs: Signal = Image(1, 8, 8) if config.view == "image" else Vectors(8, 8)
        return Task("classify", inputs, Classes(("zero", "one")))

    @classmethod
    def open(cls, config: DigitConfig) -> Dataset:
        pixels = np.zeros((2, 8, 8), dtype=np.float32)
        pixels[0, :4, :4], pixels[1, 4:, 4:] = 1, 0.5
        return _Fixed(cls.task(config), pixels[:, None] if config.view == "image" else pixels, np.array([0, 1]))


class NoConfig(Config):
    """No settings."""


class Words(_FixedCard, DatasetCard[NoConfig]):
    """Two words and their translation."""

    Config = NoConfig
    title = "Words"
    group = "Translation"

    @classmethod
    def task(cls, config: NoConfig) -> Task:
        tokens = Tokens(("<pad>", "<bos>", "<eos>", "<unk>", "the", "cat", "le", "chat"), 4)
        return Task("transduce", tokens, tokens)

    @classmethod
    def open(cls, config: NoConfig) -> Dataset:
        return _Fixed(cls.task(config), [[4, 5, 2]], [[6, 7, 2]])


_CARDS: Mapping[str, Mapping[str, type[Any]]] = {
    "workbench.architectures": {"cell": Cell, "translator": Translator},
    "workbench.datasets": {"digits": Digits, "sums": Sums, "words": Words},
}


@contextmanager
def fixed_cards() -> Iterator[None]:
    """Let the catalog hold the cards above instead of those in the package, so that pictures of the form stay the same."""
    real = catalog.discover

    def discover(package: str, base: Any, required: Any = (), **others: Any) -> Any:
        cards = _CARDS.get(package)
        if cards is None:
            return real(package, base, required, **others)
        for name, card in cards.items():
            card.name = name
        return dict(cards)

    catalog.discover = discover
    try:
        catalog.cards_of.cache_clear()
        yield
    finally:
        catalog.discover = real
        catalog.cards_of.cache_clear()


def example(**changes: Any) -> Experiment:
    """An experiment with the fixed cards: the cell on sums, with "table__key" changes."""
    values: dict[str, Any] = {
        "title": "Cell on sums",
        "about": "Two numbers are added.",
        "model": {"name": "cell", "hidden_size": 32},
        "data": {"name": "sums"},
        "optimizer": {"name": "adam", "lr": 5e-3},
        "training": {"steps": 200},
    }
    return Experiment.from_dict(values, changes={name.replace("__", "."): value for name, value in changes.items()})


class Harness(App[None]):
    """Shows one widget (or nothing) and keeps the messages that reach the app."""

    def __init__(self, widget: Widget | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.widget, self.ascii_only = widget, ascii_only
        self.received: list[Message] = []

    def compose(self) -> ComposeResult:
        """The widget alone."""
        if self.widget is not None:
            yield self.widget

    def on_mount(self) -> None:
        """The interface's own colours."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "workbench"

    async def _on_message(self, message: Message) -> None:
        """Keep every message that is not an event."""
        if type(message).__module__.startswith("workbench."):
            self.received.append(message)
        await super()._on_message(message)

    def last(self, kind: type[Any]) -> Any:
        """The newest message of a kind."""
        return [message for message in self.received if isinstance(message, kind)][-1]


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until the form's timer has fired, workers have ended and their messages have been handled."""
    await pilot.pause()
    for form in pilot.app.screen.query(ExperimentForm):
        if form.check.timer is not None and form.check.timer._task is not None:
            with suppress(CancelledError):
                await form.check.timer._task
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
