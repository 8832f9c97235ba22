"""The left column of Bench: choose an architecture and a dataset, set the hyperparameters, and see at once what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.worker import get_current_worker

from workbench.cards.catalog import broken_cards
from workbench.tui.background import in_thread
from workbench.tui.bindings import bindings
from workbench.tui.dialogs.prompts import Choice, ChoiceDialog
from workbench.tui.form_state import SECTIONS, Fit, Fits, FormState, cards_of, check, fits
from workbench.tui.glyphs import glyphs_of
from workbench.tui.plain import Words
from workbench.tui.requests import FindInForm
from workbench.tui.widgets.form_hints import adjustment, broken_hint, card_hint, description_parts, setting_hint
from workbench.tui.widgets.form_notes import FormNotes
from workbench.tui.widgets.hint import Hint
from workbench.tui.widgets.pickers import CardPicker
from workbench.tui.widgets.settings_list import SettingsList

if TYPE_CHECKING:
    from workbench.errors import Problem
    from workbench.experiment import Experiment
    from workbench.tui.fields import Field

__all__ = ["ExperimentForm"]

_DEBOUNCE_S = 0.12
_SHORT_BELOW = 34
_BROAD_FROM = 56
_OTHER = {"model": "data", "data": "model"}
_WORDS = {"model": "architecture", "data": "dataset"}
_OFFERED = 5


class ExperimentForm(Vertical):
    """The form of an experiment. It may hold wrong values; `experiment` is the last state that was right in all."""

    BINDINGS: ClassVar[list[BindingType]] = [key for key in bindings("form") if key.id == "form.find"]
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

    @dataclass
    class _Checked(Message):
        version: int
        experiment: Experiment | None
        problems: tuple[Problem, ...]
        fits: Fits
        effectless: Mapping[str, str]

    @dataclass
    class _Offers(Message):
        table: str
        name: str
        fit: Fit
        offers: Mapping[str, Fit]

    def __init__(self, experiment: Experiment | None = None, id: str | None = None) -> None:  # noqa: A002 - textual's own name
        super().__init__(id=id)
        self._form_state: FormState | None = FormState(experiment) if experiment else None
        self._experiment = experiment
        self._problems: tuple[Problem, ...] = ()
        self._fits = Fits({}, {})
        self._effectless: Mapping[str, str] = {}
        self._live = False
        self._line_refused = False
        self._version = 0
        self._timer: Timer | None = None
        self._described: tuple[int | None, float | None, float] = (None, None, 0.0)
        self._counting = False
        self._then: Callable[[], None] | None = None
        self._pointed: CardPicker.Pointed | SettingsList.Pointed | None = None

    def compose(self) -> ComposeResult:
        """Two pickers, the settings, a help line and a line of what the model amounts to."""
        with Container(id="parts"):
            with Vertical(id="cards"):
                yield CardPicker("model", "Architecture", id="architectures")
                yield CardPicker("data", "Dataset", id="datasets")
            yield SettingsList(id="settings")
        yield FormNotes(id="whole")
        yield Hint(id="hint")
        yield Words(id="description")

    def on_mount(self) -> None:
        """Show what was loaded before."""
        if self._form_state is not None:
            self._show()
            self._check_now()

    def on_resize(self) -> None:
        """In a low terminal a picker is one line until it has the focus; in a broad form they stand beside the settings."""
        self.set_class(self.size.height < _SHORT_BELOW, "-short")
        self.set_class(self.size.width >= _BROAD_FROM, "-broad")

    # -- what others call

    @property
    def experiment(self) -> Experiment | None:
        """The experiment of the form, or None while something is wrong."""
        return None if self._problems else self._experiment

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong."""
        return self._problems

    @property
    def fields(self) -> tuple[Field, ...]:
        """All settings that there are now, folded ones included."""
        return (
            tuple(field for table in SECTIONS for field in self._form_state.fields(table)) if self._form_state is not None else ()
        )

    @property
    def typed(self) -> Mapping[str, Any] | None:
        """Every value as it stands, right or wrong, with the line that is being typed; None before anything was loaded."""
        if self._form_state is None:
            return None
        form_state, line = self._form_state.copy(), self.query_one(SettingsList).being_typed if self.is_mounted else None
        if line is not None and not self._live:
            form_state.set(*line)
        return form_state.values

    def restore(self, typed: Mapping[str, Any]) -> None:
        """Show what an earlier session left in the form."""
        if self._form_state is not None:
            self._form_state.restore(typed)
            self._edited()

    def load(self, experiment: Experiment) -> None:
        """Show an experiment; "changed" is meant against it from now on."""
        self._form_state = FormState(experiment)
        self._experiment, self._problems, self._effectless = experiment, (), {}
        self._forget_description()
        self._pointed = None
        if self.is_mounted:
            self._show()
            self.post_message(self.Changed(experiment, ()))
            self._check_now()

    def show_description(self, parameters: int | None, step_seconds: float | None, other_seconds: float = 0.0) -> None:
        """Say how large the model is and how long a step and the run are expected to take; None is not known yet."""
        self._described, self._counting = (parameters, step_seconds, other_seconds), False
        if self.is_mounted:
            self._show_description()

    def run_state(self, *, live: bool) -> None:
        """While a run goes on only settings that can reach it may change."""
        if live == self._live:
            return
        self._live = live
        self._counting = self._counting and not live
        if self._form_state is not None:
            self._form_state.in_force = {}
        if self.is_mounted:
            self._show()

    def in_force(self, changes: Mapping[str, Any]) -> None:
        """Show what a run that goes on has instead of the form's own values ("table.key" -> value), for as long as it goes on."""
        if self._form_state is not None and self._live and dict(changes) != self._form_state.in_force:
            self._form_state.in_force = dict(changes)
            if self.is_mounted:
                self._show()

    def _forget_description(self) -> None:
        """Numbers of another model are not shown; where there were some, new ones are on their way unless a run goes on."""
        self._counting = not self._live and (self._counting or self._described[0] is not None)
        self._described = (None, None, 0.0)

    def when_checked(self, then: Callable[[], None]) -> str:
        """Take over the line being typed, check everything, and only then go on; what is wrong with the line, or "".

        What is started after that is what the form shows. Where the line is wrong, `Changed` tells when it is so no longer.
        """
        if wrong := self.query_one(SettingsList).commit():
            self._line_refused = True
            return wrong
        self._then = then
        self.call_later(self._check_now)  # behind the message of the line that was taken over
        return ""

    def show_problem(self) -> None:
        """Move the focus to the first setting that is wrong."""
        if self._form_state is not None and self._problems:
            fields = {field.name for table in SECTIONS for field in self._form_state.fields(table)}
            named = next((name for problem in self._problems if (name := _field_name(problem, fields))), "")
            if named:
                self.point_at(named)

    def point_at(self, name: str) -> None:
        """Move the focus to a setting ("optimizer.lr")."""
        settings = self.query_one(SettingsList)
        settings.focus()
        settings.point_at(name)

    def action_find(self) -> None:
        """Find an architecture, a dataset or a setting by its words."""
        self.app.post_message(FindInForm())

    def choose(self, table: str, name: str) -> None:
        """Choose an architecture (`model`) or a dataset (`data`), as a click in the list does."""
        if self._form_state is None or self._form_state.name(table) == name:
            return
        if self._live:
            self.app.notify(f"The {_WORDS[table]} can change when the run has ended.", severity="warning")
            return
        fit = getattr(self._fits, table).get(name, Fit())
        if fit.refused:
            trial = self._form_state.copy()
            trial.choose(table, name)
            self._find_offers(table, name, fit, trial.snapshot())
            return
        self._put(table, name, fit)
        if fit.changes:
            self.app.notify(adjustment(fit), title=f"{cards_of(table)[name].title}")
        self._edited()

    def _put(self, table: str, name: str, fit: Fit) -> None:
        """Put a card into the form with what makes it fit; from then on the line below speaks of it."""
        if self._form_state is None:
            return
        self._form_state.choose(table, name)
        for changed, value in fit.changes.items():
            self._form_state.set(changed, value)
        self._forget_description()
        self._pointed = CardPicker.Pointed(table, name)

    # -- drawing

    def _show(self) -> None:
        form_state = self._form_state
        if form_state is None:
            return
        for id, table, found in (("#architectures", "model", self._fits.model), ("#datasets", "data", self._fits.data)):  # noqa: A001 - textual's own name
            self.query_one(id, CardPicker).show(cards_of(table), form_state.name(table), found, broken_cards(table))
        fields = {field.name: field for table in SECTIONS for field in form_state.fields(table)}
        at_field = {problem: _field_name(problem, fields) for problem in self._problems}
        problems = {(fields[name].table, fields[name].key): problem.message for problem, name in at_field.items() if name}
        self.query_one(SettingsList).show(form_state, problems, live=self._live, warned=frozenset(self._without_effect))
        self._show_hint()
        self._show_description()

    @property
    def _without_effect(self) -> dict[str, str]:
        """What is said of settings before a start, by name; that under the cursor first."""
        if self._live:
            return {}
        at = self._pointed.field if isinstance(self._pointed, SettingsList.Pointed) else None
        return dict(sorted(self._effectless.items(), key=lambda item: at is None or item[0] != at.name))

    def _show_notes(self) -> None:
        fields = {field.name: field for field in self.fields}
        rest = [str(problem) for problem in self._problems if not _field_name(problem, fields)]
        told = [f"{fields[name].label}: {why}" for name, why in self._without_effect.items() if name in fields]
        self.query_one(FormNotes).say(rest, told)

    def _show_description(self) -> None:
        steps = self.experiment.training.steps if self.experiment is not None else None
        parts = ["counting parameters ..."] if self._counting else description_parts(*self._described, steps)
        dot = f" {glyphs_of(self.app).dot} "
        description = self.query_one("#description", Words)
        description.display = bool(parts) and self._form_state is not None
        if self._form_state is not None:  # named, since what stands above it may be about another card
            description.update(Content(f"As chosen, {self._form_state.name('model')}: {dot.join(parts)}"))

    @on(SettingsList.Pointed)
    @on(CardPicker.Pointed)
    def _point(self, event: SettingsList.Pointed | CardPicker.Pointed) -> None:
        event.stop()
        self._pointed = event
        self._show_hint()

    def _show_hint(self) -> None:
        """What is pointed at, as it stands now: a card may have been chosen, or fit, since the cursor came to it."""
        form_state, pointed = self._form_state, self._pointed
        if form_state is None:
            return
        self._show_notes()
        if isinstance(pointed, SettingsList.Pointed):
            content = setting_hint(pointed.field, form_state, pointed.problem, glyphs_of(self.app), live=self._live)
        else:
            table, name = (pointed.table, pointed.name) if pointed is not None else ("model", form_state.name("model"))
            fit = getattr(self._fits, table).get(name, Fit())
            broken = pointed.broken if pointed is not None else ""
            content = (
                broken_hint(name, broken)
                if broken
                else card_hint(cards_of(table)[name], fit, chosen=form_state.name(table) == name)
            )
        self.query_one(Hint).say(content)

    # -- changing

    @on(CardPicker.Chosen)
    def _chosen(self, event: CardPicker.Chosen) -> None:
        event.stop()
        self.choose(event.table, event.name)

    @on(SettingsList.Edited)
    def _setting_edited(self, event: SettingsList.Edited) -> None:
        event.stop()
        if self._form_state is None:
            return
        if not self._live:
            self._form_state.set(event.field.name, event.value)
            self._edited()
        elif event.final:  # the run changes; the form's own value is the next run's
            problem = event.field.problem(event.value)
            if problem is None:
                self._form_state.in_force = {**self._form_state.in_force, event.field.name: event.value}
                self.post_message(self.LiveChanged({event.field.name: event.value}))
            else:
                self.app.notify(problem, title=event.field.label, severity="error")
            self._show()

    def _edited(self) -> None:
        self._show()
        self._version += 1
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_DEBOUNCE_S, self._check_now)

    def _check_now(self) -> None:
        if self._form_state is not None:
            self._version += 1
            self._check(self._form_state.snapshot(), self._version)

    @in_thread("form-check", exclusive=True)
    def _check(self, values: dict[str, Any], version: int) -> None:
        """Check the values and what fits them. In a thread, since a dataset may read files for its task."""
        experiment, problems = check(values)
        found = fits(values)
        effectless = {f"{table}.{key}": why for table, key, why in experiment.effectless} if experiment is not None else {}
        if not get_current_worker().is_cancelled:
            self.post_message(self._Checked(version, experiment, problems, found, effectless))

    @on(_Checked)
    def _take(self, event: _Checked) -> None:
        event.stop()
        if event.version != self._version:  # the values have changed since
            return
        changed = event.experiment != self._experiment or event.problems != self._problems
        self._problems, self._fits, self._effectless = event.problems, event.fits, event.effectless
        if event.experiment is not None:
            if _other_model(event.experiment, self._experiment):
                self._forget_description()
            self._experiment = event.experiment
        self._counting = self._counting and not event.problems
        self._show()
        then, self._then = self._then, None
        if then is not None:
            self.call_later(then)
        if changed or self._counting or self._line_refused:
            self._line_refused = False
            self.post_message(self.Changed(event.experiment, event.problems))

    # -- pairs that are impossible

    @in_thread("form-offer", exclusive=True)
    def _find_offers(self, table: str, name: str, fit: Fit, values: dict[str, Any]) -> None:
        """Find the other side's cards that would do, in a thread for the same reason."""
        possible: Mapping[str, Fit] = getattr(fits(values), _OTHER[table])
        able = sorted(
            (name for name, found in possible.items() if not found.refused), key=lambda name: bool(possible[name].reason)
        )
        offers = {card: possible[card] for card in able[:_OFFERED]}
        if not get_current_worker().is_cancelled:
            self.post_message(self._Offers(table, name, fit, offers))

    @on(_Offers)
    def _ask_offers(self, event: _Offers) -> None:
        """Say why the pair is impossible, and offer what would do."""
        event.stop()
        table, name, fit, possible = event.table, event.name, event.fit, event.offers
        other, title = _OTHER[table], str(cards_of(table)[name].title)
        choices = [Choice(card, f"Switch the {_WORDS[other]} to {cards_of(other)[card].title}") for card in possible]
        choices.append(Choice("", "Keep things as they are"))

        def answer(card: str | None) -> None:
            if not card or self._form_state is None:
                return
            self._put(other, card, possible[card])
            self._put(table, name, Fit())
            self._edited()

        self.app.push_screen(ChoiceDialog(f"{title} does not fit here", fit.reason, choices), answer)


def _other_model(new: Experiment, old: Experiment | None) -> bool:
    """Whether the model may be of another size."""
    return old is None or (new.model, new.data) != (old.model, old.data)


def _field_name(problem: Problem, fields: Collection[str]) -> str:
    """The setting that a problem is about ("data.path"), or "": a dataset's own error names it in its words."""
    name = f"{problem.table}.{problem.key}"
    if problem.key:
        return name if name in fields else ""
    return next((field for field in fields if field in problem.message), "")
