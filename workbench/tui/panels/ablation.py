"""Parts of a checkpoint's model are switched off, and what it scores and predicts then stands beside the intact model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList

from workbench.plotting.marked import Room
from workbench.plotting.pictures import text_of
from workbench.plotting.saving import Contents, picture_contents
from workbench.tui.base.keepable import Keepable
from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import bindings
from workbench.tui.glyphs import glyphs_of
from workbench.tui.panels._ablation_scores import AblationScores
from workbench.tui.panels._ablation_words import checkpoint_words, finding_words, label_of, progress_words, sheets
from workbench.tui.panels._panel import Panel
from workbench.tui.panels._parts_list import PartsList, part_rows
from workbench.tui.requests import AskModel, GiveUp, ModelAnswered
from workbench.tui.run.ablations import Ablations, Measured, numbered

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.runs.folder import RunFolder
    from workbench.training.parts import Part
    from workbench.tui.run.data import RunData
    from workbench.tui.run.moment import Moment

__all__ = ["AblationPanel"]

_WORDS_FROM = 8
"""Lines from which the words may take two."""
_TEXT_WIDTH, _TABLE_WIDTH = 120, 240
"""Columns of what is copied and saved as text."""
_NOTHING = Ablations(-1)
"""No checkpoint."""


class AblationBoard(Keepable, Vertical):
    """The parts in a list, and the scores of the one under the cursor. Another process measures, one part after the other."""

    HELP = """
    ## Ablation

    Switch off one part of the model: a gate, a unit, a head, a filter, the skip connections, the positional encoding. The run
    stays as it is: another process loads a checkpoint and measures it on as many validation samples as an evaluation takes.
    It is the newest checkpoint, or the newest one up to the moment that `[` and `]` move. Nothing is trained anew: a gate is
    what it is where the network is built without it (an LSTM's and a GRU's reset gate 1, its update gate all for what is new),
    a unit, a head or a filter gives 0, skip connections and the encoding add nothing.

    `enter` or a click switches off the part under the cursor; of several alike it unfolds their list. `a` measures all of
    them, and the one that is missed most comes first; `A` does so in all layers. `v` chooses the metric that decides,
    `escape` stops. At the right of each part stands the change of that metric: `✗` for the worse, `✓` for the better.
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("ablation"), *bindings("keep")]
    DEFAULT_CSS: ClassVar[str] = """
    AblationBoard {
        padding: 0 1;
        & > .summary { height: auto; max-height: 2; color: $text-muted; }
        & > Horizontal { height: 1fr; }
        & PartsList { width: 3fr; min-width: 26; max-width: 48; margin-right: 2; }
        & AblationScores { width: 5fr; }
        &.-low > .summary { max-height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .summary.-problem { max-height: 6; text-wrap: wrap; text-overflow: fold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._run: RunData | None = None
        self._of: tuple[RunFolder, int] | None = None
        self._at: int | None = None
        self._parts: dict[str, int] | None = None
        self._known: dict[int, Ablations] = {}
        self._shown = _NOTHING
        self._newest = _NOTHING.step
        self._opened: dict[str, int] = {}
        self._metric = self._problem = ""
        self._failed: list[Part] = []
        self._asked: AskModel | None = None
        self._asked_at = self._took_s = 0.0

    def compose(self) -> ComposeResult:
        """A line of words, the parts, the scores."""
        yield Words(classes="summary")
        with Horizontal():
            yield PartsList()
            yield AblationScores()

    # Which checkpoint ----------------------------------------------------------------------------------------------------

    def show(self, run: RunData | None, moment: Moment) -> None:
        """Measure the run's checkpoint at a moment; what is known of it is kept for as long as the run is shown."""
        of = (run.folder, run.status.revision) if run is not None else None
        if of != self._of:
            self._forget()
        before, self._run, self._of, self._at = self._at, run, of, moment.step
        step = moment.step_of(run.checkpoints) if run is not None else None
        if step is None or run is None:
            return
        self._newest = step
        if step != self._shown.step and not (before == self._at and self._stays(run.status.state)):
            self._go_to(step)
        self._draw_summary()

    def _stays(self, state: str) -> bool:
        """Whether a checkpoint stays in view when there is a newer one: a run that goes on saves one after the other."""
        if self._shown.busy or state == "paused":  # a paused run saves one when it is asked to
            return self._shown.busy
        return bool(self._shown.off) or (state == "running" and self._shown.intact is not None)

    def _forget(self) -> None:
        """Another run, or none."""
        self._stop_asking()
        self._parts, self._known, self._shown, self._newest = None, {}, _NOTHING, _NOTHING.step
        self._opened, self._metric, self._problem, self._failed = {}, "", "", []
        self._draw()

    def _go_to(self, step: int) -> None:
        """Measure another checkpoint; the part under the cursor too, if it was measured in this one."""
        part = self._part
        follows = [part] if part is not None and part in self._shown.off else []
        self._stop()
        self._shown = self._known.setdefault(step, Ablations(step))
        self._problem, self._failed = "", []
        if self._parts:
            self._shown.want(follows)
        self._go_on()
        self._draw()

    @property
    def _is_newer(self) -> bool:
        """Whether there is a checkpoint that would be measured instead of the one in view."""
        return self._newest != self._shown.step

    # Asking ------------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Ask what was wanted before."""
        self._go_on()
        self._draw()

    def _go_on(self) -> None:
        """Ask for what is to be known next, if anything is and nothing is being asked."""
        if self._asked is not None or not self.is_attached or self._run is None or self._shown.step < 0:
            return
        if self._parts is None:
            self._asked = AskModel(self, self._run.folder, self._shown.step, "parts")
        elif self._shown.begin():
            (part,) = self._shown.now
            off = {} if part is None else {"part": part.name, "number": part.number}
            self._asked = AskModel(self, self._run.folder, self._shown.step, "ablate", off)
        else:
            return
        self._asked_at = time.monotonic()
        self.app.post_message(self._asked)

    @on(ModelAnswered)
    def _answered(self, message: ModelAnswered) -> None:
        if message.request is not self._asked:
            return
        self._asked = None
        self._took_s = time.monotonic() - self._asked_at
        if message.answer is None:
            self._problem = message.problem
            self._failed = [part for part in (*self._shown.now, *self._shown.waiting) if part is not None]
            self._shown.stop()
        elif message.request.question == "parts":
            self._parts = dict(message.answer["parts"])
            if self._parts:
                self._shown.want(())
        else:
            self._shown.take(Measured(**message.answer))
        self._go_on()
        self._draw()

    def _stop_asking(self) -> None:
        if self._asked is not None:
            self._asked = None
            self.app.post_message(GiveUp(self))

    def _stop(self) -> None:
        """Measure nothing more; what the parts are is asked on."""
        if self._shown.busy:
            self._shown.stop()
            self._stop_asking()

    # Drawing -----------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Few lines are left to the parts."""
        self.set_class(self.size.height < _WORDS_FROM, "-low")

    def _draw(self) -> None:
        if not self.children:
            return
        if self._metric not in self._shown.metrics:
            self._metric = next(iter(self._shown.metrics), "")
        self.query_one(PartsList).show(part_rows(self._parts or {}, self._opened, self._shown, self._metric, glyphs_of(self.app)))
        self._draw_scores()
        self._draw_summary()
        self.refresh_bindings()

    def _draw_scores(self) -> None:
        part = self._part or self._most_missed
        off = [part] if part is not None and part in self._shown.off else []
        off += [other for other in self._shown.ranked(self._shown.off, self._metric) if other != part]
        names = self._parts or {}
        named = [(label_of(each, names), self._shown.off[each]) for each in off]
        metrics = sorted(self._shown.metrics, key=lambda name: name != self._metric)
        self.query_one(AblationScores).show(self._shown.intact, named, label_of(part, names) if part else None, metrics)

    @property
    def _part(self) -> Part | None:
        """The part under the cursor."""
        row = self.query_one(PartsList).row if self.children else None
        return row.part if row is not None else None

    @property
    def _most_missed(self) -> Part | None:
        """Of several alike under the cursor the one that is missed most, of those that were measured."""
        row = self.query_one(PartsList).row if self.children else None
        measured = [part for part in self._shown.off if row is not None and part.name == row.name]
        return next(iter(self._shown.ranked(measured, self._metric)), None)

    def _draw_summary(self) -> None:
        if not self.children:
            return
        said = f" {glyphs_of(self.app).dot} ".join(filter(None, self._words()))
        summary = self.query_one(".summary", Words)
        summary.update(said)
        summary.set_class(bool(self._problem), "-problem")
        summary.tooltip = as_is(said)  # all of it where there is room for one line only

    def _words(self) -> list[str]:
        """What is shown, what is going on, and what one can do."""
        shown, run = self._shown, self._run
        if run is None or shown.step < 0:
            return []
        step = f"step {shown.step:,}"
        if self._problem:
            return [step, self._problem, "r tries again"]
        if self._parts is None:
            return [step, f"loading its model in another process {glyphs_of(self.app).ellipsis}"]
        if not self._parts:
            return [step, "nothing to switch off: no module of this model has parts that it can do without."]
        of_it = checkpoint_words(shown.step, self._newest, self._at, run)
        going_on = progress_words(shown, self._parts, self._took_s)
        return [step, of_it, going_on, *finding_words(shown, self._metric, self._parts)]

    # Keys --------------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only keys that do something now are shown and work."""
        row = self.query_one(PartsList).row if self.children else None
        answers = {
            "measure_all": row is not None,
            "stop": self._shown.busy,
            "renew": self._is_newer or bool(self._problem),
            "next_metric": len(self._shown.metrics) > 1,
            "keep": self._shown.intact is not None,
        }
        return answers.get(action, True)

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        """Measure a part; of several alike fold or unfold their list."""
        message.stop()
        row = self.query_one(PartsList).row_at(message.option_index)
        if row is None:
            return
        if row.part is not None:
            self._measure([row.part], first=True)
        elif row.kind == "more":
            self._open(row.name, self._opened.get(row.name, 0) + 1)
        else:
            self._open(row.name, 0 if self._opened.get(row.name) else 1)

    @on(OptionList.OptionHighlighted)
    def _pointed(self, message: OptionList.OptionHighlighted) -> None:
        message.stop()
        self._draw_scores()

    @on(PartsList.Folded)
    def _folded(self, message: PartsList.Folded) -> None:
        message.stop()
        if (self._parts or {}).get(message.name):
            self._open(message.name, max(1, self._opened.get(message.name, 0)) if message.opened else 0)

    def _open(self, name: str, pages: int) -> None:
        self._opened[name] = pages
        self._draw()

    def _measure(self, parts: list[Part], *, first: bool = False) -> None:
        self._problem, self._failed = "", []
        self._shown.want(parts, first=first)
        self._go_on()
        self._draw()

    def action_measure_all(self, everywhere: bool) -> None:  # noqa: FBT001 - an action's arguments have no names
        """Measure every part of the line under the cursor, or those of this kind in all layers; single ones all together."""
        row, parts = self.query_one(PartsList).row, self._parts or {}
        if row is None:
            return
        kind = row.name.rpartition("/")[2]
        alike = [name for name in parts if name.rpartition("/")[2] == kind] if everywhere else [row.name]
        if not everywhere and not parts[row.name]:
            alike = [name for name, count in parts.items() if not count]
        for name in alike:
            if parts[name]:
                self._opened[name] = max(1, self._opened.get(name, 0))
        self._measure([part for name in alike for part in numbered(name, parts[name])])

    def action_stop(self) -> None:
        """Measure nothing more."""
        self._stop()
        self._draw()

    def action_renew(self) -> None:
        """Measure the checkpoint of the moment that is shown; try again what failed."""
        failed = self._failed
        self._go_to(self._newest)
        if failed:
            self._measure(failed)

    def action_next_metric(self) -> None:
        """Rank by the next metric."""
        names = self._shown.metrics
        self._metric = names[(names.index(self._metric) + 1) % len(names)]
        self._draw()

    # Files -------------------------------------------------------------------------------------------------------------

    def _text(self) -> str:
        """What is seen, whole, and below it the scores without each part that was measured."""
        seen = self.query_one(AblationScores).text(_TEXT_WIDTH, Room(whole=True)).plain
        table = sheets(self._shown, self._metric)[0]
        drawn = text_of(table.draw(_TABLE_WIDTH, table.lines_wanted(_TABLE_WIDTH) or 1, "ascii"))
        return f"{self._caption()}\n\n{seen}\n\n{drawn}\n"

    def _caption(self) -> str:
        return f"step {self._shown.step:,}, validation"

    def contents(self) -> Contents | None:
        """All that was measured."""
        if self._run is None or self._shown.intact is None:
            return None
        stem, pictures = f"ablation-{self._shown.step}", sheets(self._shown, self._metric)
        caption = f"{self._run.folder.id}, {self._caption()}"
        return picture_contents("Ablation", stem, self._text(), pictures, caption)


class AblationPanel(Panel):
    """What the model is without its parts, where there is a checkpoint."""

    title = "Ablation"
    place = 60

    def __init__(self) -> None:
        self._board = AblationBoard()

    def widget(self) -> Widget:
        """Parts and scores."""
        return self._board

    def exists(self, run: RunData | None) -> bool:
        """Whether there is a checkpoint."""
        return run is not None and bool(run.checkpoints)

    def show_run(self, run: RunData | None, moment: Moment) -> None:
        """The checkpoint of that moment."""
        self._board.show(run if self.exists(run) else None, moment)
