"""The left column of Bench: choose an architecture and a dataset, set the hyperparameters, and see at once what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message

from workbench.tui.base.untrusted_text import Words, as_is
from workbench.tui.bindings import FORM_WIDE, bindings
from workbench.tui.form.card_pickers import CardPickers
from workbench.tui.form.check import FormCheck
from workbench.tui.form.hints import broken_hint, card_hint, description_parts, setting_hint
from workbench.tui.form.model import FormModel, ModelDescription
from workbench.tui.form.notes import FormNotes
from workbench.tui.form.pickers import CardPicker
from workbench.tui.form.saving import FormSaving
from workbench.tui.form.settings_list import SettingsList
from workbench.tui.form.state import cards_of
from workbench.tui.form.text import FormText
from workbench.tui.glyphs import glyphs_of
from workbench.tui.requests import FindInForm
from workbench.tui.widgets.hint import Hint

if TYPE_CHECKING:
    from workbench.errors import Problem
    from workbench.experiment import Experiment
    from workbench.tui.form.validation import Validation

__all__ = ["ExperimentForm"]

_SHORT_BELOW = 34
_BROAD_FROM = 56


class ExperimentForm(Vertical):
    """The form of an experiment. It may hold wrong values; `experiment` is the last state that was right in all.

    Args:
        experiment: what is shown first.

    Attributes:
        model: the values, and what is known of them.
        cards: the lists of architectures and datasets.
    """

    BINDINGS: ClassVar[list[BindingType]] = [key for key in bindings("form") if key.id in FORM_WIDE]
    DEFAULT_CSS = """
    ExperimentForm {
        width: 34; height: 1fr;
        & > #parts { height: 1fr; layout: vertical; }
        & #cards { height: auto; }
        & > #hint { height: 6; padding: 0 1; color: $text-muted; }
        &.-short > FormNotes { max-height: 3; }
        & > #description { height: auto; max-height: 3; padding: 0 1; color: $text-muted; display: none; }
        &.-short > #hint { height: 4; }
        &.-short CardPicker { max-height: 3; }
        &.-short CardPicker:focus { max-height: 8; }
        &.-broad #parts { layout: horizontal; }
        &.-broad #cards { width: 1fr; height: 1fr; }
        &.-broad CardPicker { height: 1fr; max-height: 100%; }
        &.-broad > #hint { height: 5; }
    }
    """

    @dataclass
    class Changed(Message):
        """The form's values have been checked.

        Attributes:
            experiment: the experiment, or None where something is wrong.
            problems: what is wrong.
        """

        experiment: Experiment | None
        problems: tuple[Problem, ...]

        def can_replace(self, message: Message) -> bool:
            """Only the newest state counts."""
            return isinstance(message, ExperimentForm.Changed)

    @dataclass
    class LiveChanged(Message):
        """Settings were changed while a run goes on ("table.key" -> value)."""

        changes: dict[str, Any]

    def __init__(self, experiment: Experiment, id: str | None = None) -> None:  # noqa: A002 - textual's own name
        super().__init__(id=id)
        self.model = FormModel(experiment)
        self.cards = CardPickers(self.model.values, id="cards")
        self.check = FormCheck(self, self.model, self._checked)
        self._saving, self._text = FormSaving(self), FormText(self)
        self._settings = SettingsList(self.model.values, id="settings")
        self._line_refused = False
        self._pointed: CardPicker.Pointed | SettingsList.Pointed | None = None

    def compose(self) -> ComposeResult:
        """Two pickers, the settings, a help line and a line of what the model amounts to."""
        with Container(id="parts"):
            yield self.cards
            yield self._settings
        yield FormNotes(id="whole")
        yield Hint(id="hint")
        yield Words(id="description")

    def on_mount(self) -> None:
        """Show what was loaded before."""
        self._show()
        self.check.now()

    def on_resize(self) -> None:
        """In a low terminal a picker is one line until it has the focus; in a broad form they stand beside the settings."""
        self.set_class(self.size.height < _SHORT_BELOW, "-short")
        self.set_class(self.size.width >= _BROAD_FROM, "-broad")

    # What others call ----------------------------------------------------------------------------------------------------

    @property
    def experiment(self) -> Experiment | None:
        """The experiment of the form, or None while something is wrong."""
        return self.model.experiment

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong."""
        return self.model.problems

    @property
    def typed(self) -> Mapping[str, Any]:
        """Every value as it stands, right or wrong, with the line that is being typed."""
        values, line = self.model.values.copy(), self._settings.being_typed
        if line is not None and not self.model.live:
            values.set(*line)
        return values.values

    def restore(self, typed: Mapping[str, Any]) -> None:
        """Show what an earlier session left in the form."""
        self.model.values.restore(typed)
        self._edited()

    def load(self, experiment: Experiment) -> None:
        """Show an experiment; "changed" is meant against it from now on."""
        self.model.load(experiment)
        self._pointed = None
        if self.is_mounted:
            self._show()
            self.post_message(self.Changed(experiment, ()))
            self.check.now()

    def take_text(self, experiment: Experiment) -> None:
        """Show an experiment that was edited as text; "changed" stays meant against what was loaded, unless it is another one."""
        self.model.refused_text = ()
        if self.model.values.is_version(experiment):
            self.model.values.restore(experiment.to_dict(pinned=False))
            self._edited()
        else:
            self.load(experiment)

    def refuse_text(self, problems: Sequence[str]) -> None:
        """Say what is wrong with a text that was edited, as long as it is kept; nothing where none is."""
        self.model.refused_text = tuple(problems)
        self._show()

    def show_description(self, parameters: int | None, step_seconds: float | None, other_seconds: float = 0.0) -> None:
        """Say how large the model is and how long a step and the run are expected to take; None is not known yet."""
        self.model.description = ModelDescription(parameters, step_seconds, other_seconds)
        if self.is_mounted:
            self._show_description()

    def run_state(self, *, live: bool) -> None:
        """While a run goes on only settings that can reach it may change."""
        if self.model.follow_run(live=live) and self.is_mounted:
            self._show()

    def is_for_next_run(self, next_run: bool) -> None:  # noqa: FBT001 - what it is
        """Say whether the form is the next run's while another one goes on."""
        self._settings.border_title = as_is("Hyperparameters of the next run" if next_run else SettingsList.TITLE)

    def in_force(self, changes: Mapping[str, Any]) -> None:
        """Show what a run that goes on has instead of the form's own values ("table.key" -> value), for as long as it goes on."""
        values = self.model.values
        if self.model.live and dict(changes) != values.in_force:
            values.in_force = dict(changes)
            if self.is_mounted:
                self._show()

    def when_checked(self, then: Callable[[], None]) -> str:
        """Take over the line being typed, check everything, and only then go on; what is wrong with the line, or "".

        What is started after that is what the form shows. Where the line is wrong, `Changed` tells when it is so no longer.
        """
        if wrong := self._settings.commit():
            self._line_refused = True
            return wrong
        self.check.now_then(then)
        return ""

    def show_problem(self) -> None:
        """Move the focus to the first setting that is wrong."""
        if name := self.model.first_wrong:
            self.point_at(name)

    def point_at(self, name: str) -> None:
        """Move the focus to a setting ("optimizer.lr")."""
        self._settings.focus()
        self._settings.point_at(name)

    def action_find(self) -> None:
        """Find an architecture, a dataset or a setting by its words."""
        self.app.post_message(FindInForm())

    def action_save_preset(self) -> None:
        """Save the experiment as a preset of the user's own."""
        self._saving.ask()

    def action_edit_text(self) -> None:
        """Edit the experiment as TOML."""
        self._text.ask()

    # Drawing -------------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        model = self.model
        self.cards.show(model.values, model.validation.fits, live=model.live)
        self._settings.show(model.values, model.row_problems(), live=model.live, warned=frozenset(model.effectless()))
        self._show_hint()
        self._show_description()

    def _show_description(self) -> None:
        experiment, known = self.experiment, self.model.description
        steps = experiment.training.steps if experiment is not None else None
        parts = description_parts(known.parameters, known.step_seconds, known.other_seconds, steps)
        if known.counting:
            parts = ["counting parameters ..."]
        dot = f" {glyphs_of(self.app).dot} "
        description = self.query_one("#description", Words)
        description.display = bool(parts)
        # named, since what stands above it may be about another card
        description.update(Content(f"As chosen, {self.model.values.name('model')}: {dot.join(parts)}"))

    @on(SettingsList.Pointed)
    @on(CardPicker.Pointed)
    def _point(self, event: SettingsList.Pointed | CardPicker.Pointed) -> None:
        event.stop()
        self._pointed = event
        self._show_hint()

    def _show_hint(self) -> None:
        """What is pointed at, as it stands now: a card may have been chosen, or fit, since the cursor came to it."""
        values, pointed = self.model.values, self._pointed
        first = pointed.field.name if isinstance(pointed, SettingsList.Pointed) and pointed.field is not None else ""
        self.query_one(FormNotes).say(*self.model.notes(first))
        if isinstance(pointed, SettingsList.Pointed):
            content = setting_hint(pointed.field, values, pointed.problem, glyphs_of(self.app), live=self.model.live)
        elif pointed is not None and pointed.broken:
            content = broken_hint(pointed.name, pointed.broken)
        else:
            table, name = (pointed.table, pointed.name) if pointed is not None else ("model", values.name("model"))
            fit = self.cards.fit(table, name)
            content = card_hint(cards_of(table)[name], fit, chosen=values.name(table) == name)
        self.query_one(Hint).say(content)

    # Changing ------------------------------------------------------------------------------------------------------------

    @on(CardPickers.Chosen)
    def _card_chosen(self, event: CardPickers.Chosen) -> None:
        event.stop()
        for name, value in event.values.items():
            self.model.values.set(name, value)
        self.model.forget_description()
        self._pointed = CardPicker.Pointed(event.table, event.name)  # from now on the line below speaks of it
        self._edited()

    @on(SettingsList.Edited)
    def _setting_edited(self, event: SettingsList.Edited) -> None:
        event.stop()
        if not self.model.live:
            self.model.values.set(event.field.name, event.value)
            self._edited()
        elif event.final:  # the run changes; the form's own value is the next run's
            problem = event.field.problem(event.value)
            if problem is None:
                self.model.change_live(event.field.name, event.value)
                self.post_message(self.LiveChanged({event.field.name: event.value}))
            else:
                self.app.notify(problem, title=event.field.label, severity="error")
            self._show()

    def _edited(self) -> None:
        self._show()
        self.check.soon()

    def _checked(self, validation: Validation) -> None:
        """The values have been checked: show what was said of them, and tell where it is anything new."""
        new = self.model.take(validation)
        self._show()
        if new or self.model.description.counting or self._line_refused:
            self._line_refused = False
            self.post_message(self.Changed(self.experiment, self.problems))
