"""Real samples of the chosen data: digits drawn, series as rows of bars, sentence pairs side by side. Read in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.worker import get_current_worker

from workbench.cards import AnswerForm, Image, Task, Tokens, Vectors
from workbench.cards.catalog import task_kind
from workbench.errors import WorkbenchError
from workbench.plotting.saving import Contents, sheet_contents
from workbench.plotting.signs import bars
from workbench.tui.base.background import in_thread
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import Words
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import ASCII, Glyphs, glyphs_of, is_ascii
from workbench.tui.widgets.halfblock import pictures

if TYPE_CHECKING:
    from workbench.cards import Sample
    from workbench.experiment import Experiment
    from workbench.plotting.pictures import Mode

__all__ = ["DataPreview", "draw_samples"]

_SAMPLES = 12
_TEXT_WIDTH = 120
_PICTURE_SIDE = 28
_PICTURE_ROOM = 23
_FEATURES_AS_BARS = 4


def draw_samples(samples: Sequence[Sample], task: Task, width: int, signs: Glyphs, mode: Mode) -> RenderableType:
    """Samples as text, by what goes in and comes out."""
    match task.inputs:
        case Image():
            return _gallery(samples, width, mode)
        case Vectors(size=size) if size > _FEATURES_AS_BARS:
            return _gallery(samples, width, mode)
        case Vectors():
            return Group(*[_series(sample, width, signs, mode) for sample in samples])
        case Tokens():
            return _pairs(samples, task, width, signs)
        case _:
            return Group(*[Text(f"{sample.input_text} {signs.arrow} {sample.target_text}") for sample in samples])


def _gallery(samples: Sequence[Sample], width: int, mode: Mode) -> Text:
    """Samples as pictures, as many side by side as are still clear; a picture's rows of pixels are a sequence's steps."""
    a_row = max(1, round(width / _PICTURE_ROOM))
    side = max(1, min(_PICTURE_SIDE, (width - 2 * (a_row - 1)) // a_row))
    return pictures([(sample.inputs, [Text(sample.target_text)]) for sample in samples], width, mode, side)


def _series(sample: Sample, width: int, signs: Glyphs, mode: Mode) -> Text:
    """One sequence: a row of bars for each feature, with the target after the first, or below where each step has its own."""
    inputs = np.asarray(sample.inputs)
    if len(sample.target_text) == len(inputs):
        return _labelled(sample, inputs, width, signs, mode)
    target = _cut(f"{signs.arrow} {sample.target_text}", max(8, width // 3), signs)
    room = max(8, width - cell_len(target) - 1)
    text = Text(no_wrap=True, overflow="ellipsis")
    for feature in range(inputs.shape[1]):
        line = bars(inputs[:, feature], room, ascii_only=mode == "ascii")
        text.append(f"{line} {target}\n" if feature == 0 else f"{line}\n")
    return text


def _labelled(sample: Sample, inputs: NDArray[Any], width: int, signs: Glyphs, mode: Mode) -> Text:
    """A sequence above its labels, step above step."""
    text = Text(no_wrap=True, overflow="ellipsis")
    if len(sample.input_text) == len(inputs):  # a sign for each step
        text.append(f"{_cut(sample.input_text, width, signs)}\n")
    else:
        for feature in range(inputs.shape[1]):
            text.append(f"{bars(inputs[:width, feature], width, ascii_only=mode == 'ascii')}\n")
    return text.append(f"{_cut(sample.target_text, width, signs)}\n", "bold")


def _pairs(samples: Sequence[Sample], task: Task, width: int, signs: Glyphs) -> Table:
    """Text in two columns, input and target."""
    table, answers = Table.grid(padding=(0, 1), expand=True), task_kind(task).answer_form(task)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(width=len(signs.arrow))
    table.add_column(ratio=None if answers in (AnswerForm.CLASS, AnswerForm.NUMBERS) else 1, overflow="fold")
    for sample in samples:
        table.add_row(Text(sample.input_text), Text(signs.arrow, "dim"), Text(sample.target_text, "bold"))
    return table if width > 0 else Table.grid()


def _cut(text: str, room: int, signs: Glyphs) -> str:
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(1, room - len(signs.ellipsis))) + signs.ellipsis


class DataPreview(Keepable, VerticalScroll):
    """A few training samples of the chosen dataset, with its settings."""

    HELP = """
    ## Data

    Real training samples, as the model gets them, with the answer that is asked after the arrow; where each step has an answer
    of its own it stands below the step.
    `up` `down` scroll.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("keep")]
    DEFAULT_CSS = """
    DataPreview {
        padding: 0 1; scrollbar-size-vertical: 1;
        & > Words { height: auto; }
        & > .task { color: $text-muted; margin-bottom: 1; }
    }
    """

    @dataclass
    class _Ready(Message):
        key: str
        samples: list[Sample]
        task: Task | None
        problem: str

    def __init__(self, experiment: Experiment | None = None, id: str | None = None) -> None:  # noqa: A002 - textual's own name
        super().__init__(id=id)
        self._experiment = experiment
        self._key = ""
        self._shown: tuple[list[Sample], Task] | None = None

    def compose(self) -> ComposeResult:
        """A line on the task, and the samples."""
        yield Words(classes="task")
        yield Words(classes="samples")

    def contents(self) -> Contents | None:
        """The samples, one row for each; a picture has no text but that of its target."""
        if self._shown is None or self._experiment is None:
            return None
        samples, task = self._shown
        rows = [(place, sample.input_text, sample.target_text) for place, sample in enumerate(samples, 1)]
        name = self._experiment.data.name
        made = sheet_contents("Data", f"data-{name}", ("sample", "input", "target"), rows, self._sentence(task))
        console = Console(width=_TEXT_WIDTH, file=StringIO(), color_system=None)
        with console.capture() as drawn:
            console.print(draw_samples(samples, task, _TEXT_WIDTH, ASCII, "ascii"))
        return replace(made, text=f"{self._sentence(task)}\n\n{drawn.get()}")

    def on_mount(self) -> None:
        """Show what was given before."""
        if self._experiment is not None:
            self.show(self._experiment)

    def show(self, experiment: Experiment) -> None:
        """Show samples of an experiment's data; nothing is read again where the data are the same."""
        self._experiment = experiment
        if not self.children:  # not composed yet
            return
        key = repr(experiment.data)
        if key != self._key:
            self._key = key
            self.query_one(".task", Words).update("reading samples")
            self._read(experiment, key)

    @in_thread("preview", exclusive=True)
    def _read(self, experiment: Experiment, key: str) -> None:
        try:
            card, config = experiment.dataset_card, experiment.data.config
            message = self._Ready(key, card.sample(config, _SAMPLES, 0), experiment.task, "")
        except WorkbenchError as error:
            message = self._Ready(key, [], None, str(error))
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    @on(_Ready)
    def _take(self, event: _Ready) -> None:
        event.stop()
        if event.key != self._key:
            return
        if event.task is None:
            self._shown = None
            self.query_one(".task", Words).update(event.problem)
            self.query_one(".samples", Words).update("")
            return
        self._shown = (event.samples, event.task)
        self.query_one(".task", Words).update(self._sentence(event.task))
        self._draw()

    def on_resize(self) -> None:
        """Samples are drawn to the width."""
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width - 2
        if self._shown is None or width < 1:  # nothing read yet, or in a hidden tab
            return
        samples, task = self._shown
        mode: Mode = "ascii" if is_ascii(self.app) else ("plain" if self.app.no_color else "colour")
        self.query_one(".samples", Words).update(draw_samples(samples, task, width, glyphs_of(self.app), mode))

    def _sentence(self, task: Task) -> str:
        baselines = [f"{item.sentence}: {item.metric} {item.value:.3g}" for item in task.baselines[:1]]
        return f" {glyphs_of(self.app).dot} ".join([task.kind, task.inputs.describe(), *baselines])
