"""Starting a run of what stands in the form: what is typed counts, everything is checked first, and what is wrong is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.names import name_problem
from workbench.tui.requests import StartRun, Way

if TYPE_CHECKING:
    from textual.notifications import Notification

    from workbench.runs.folder import RunFolder
    from workbench.tui.base.guarded import Guarded
    from workbench.tui.dialogs.prompts import Choice
    from workbench.tui.form.experiment_form import ExperimentForm
    from workbench.tui.run.shown_run import ShownRun

__all__ = ["Starting", "way_choices"]

_ASKED: Way = ""


class Starting:
    """Starts runs.

    Args:
        app: where something is said, and which starts the run.
        run: the run that is shown.
        beside: the runs on Bench that go on, which a new one may be drawn beside.
        begins: what is done with words for the person once a run is on its way.
    """

    def __init__(
        self, app: Guarded, run: ShownRun, beside: Callable[[], tuple[RunFolder, ...]], begins: Callable[[str], None]
    ) -> None:
        self._app, self._run, self._beside, self._begins = app, run, beside, begins
        self._name, self._way = "", _ASKED
        self._refusal: Notification | None = None

    def ask_name(self, answered: Callable[[str], None]) -> None:
        """Ask for the name of a run; "" is none."""
        from workbench.tui.dialogs.prompts import TextDialog  # here: the first frame needs no dialog

        dialog = TextDialog("Start with a name", "Commands find the run by it.", "", name_problem, "empty for none")
        self._app.push_screen(dialog, lambda name: None if name is None else answered(name))

    def start(self, form: ExperimentForm | None, name: str, wrong: Callable[[], None], *, queued: bool = False) -> None:
        """Start a run of the form's experiment once that has been checked; where others go on, it is asked how.

        Args:
            form: the form, or None where there is none yet.
            name: the run's name, or "".
            wrong: what is done when something in the form is wrong, once that has been said.
            queued: let it wait for a free core, without a question.
        """
        self._name, self._way = name, "queue" if queued else _ASKED
        if form is None:
            self._app.notify("There is no experiment to start: F4 offers some.", title="Not started", severity="warning")
        elif line_problem := form.when_checked(lambda: self._checked(form, wrong)):
            self._refuse(line_problem)

    def _checked(self, form: ExperimentForm, wrong: Callable[[], None]) -> None:
        """The form's values are known to be what it shows: start, or show what is wrong."""
        if self._run.starting:
            return
        if form.experiment is None:
            lines = "\n".join(str(problem) for problem in form.problems)
            self._refuse(lines or "Something in the form is wrong.")
            wrong()
        else:
            others = self._beside()
            if not others:
                self._begins("starting ...")
            self._app.post_message(StartRun(form.experiment, self._name, self._way, others, seeds=form.model.seeds))

    def _refuse(self, why: str) -> None:
        self.take_back_refusal()
        self._refusal = self._app.tell(why, "Not started", "error")

    def take_back_refusal(self) -> None:
        """The form is right again, or something else is wrong with it now."""
        if self._refusal is not None:
            self._app.take_back(self._refusal)
            self._refusal = None


def way_choices(names: Sequence[str], threads: int, *, same: bool, bound: bool) -> tuple[str, list[Choice]]:
    """The question how a run begins while others go on, and its answers.

    Args:
        names: the runs that go on, with state and step.
        threads: threads that those that compute have together.
        same: the new one would be what the run on Bench is, with the same seed.
        bound: the form shows a run that goes on, so that most of it cannot be changed for the new one.
    """
    from workbench.system import cores
    from workbench.tui.dialogs.prompts import Choice

    taken = f"{min(threads, cores())} of {cores()} {'core' if cores() == 1 else 'cores'}"
    question = f"{', '.join(names)}: {taken} taken."
    beside = "Both are drawn in the same charts." if len(names) == 1 else "All are drawn in the same charts."
    if threads >= cores():
        beside += " They share the cores, so each is slower."
    if same:
        beside = "With the same settings and seed it comes out the same."
    waits = "It waits until a core is free, also when you leave." if threads >= cores() else "A core is free: it begins at once."
    choices = [Choice("beside", "Start it beside", beside), Choice("queue", "Start it in the queue", waits)]
    if len(names) == 1:
        choices.append(Choice("stop", "Stop the other one first", "It keeps a checkpoint and can be resumed."))
    if bound:
        choices.append(Choice("form", "Change settings for another first", "The form is the next run's then; F5 starts that."))
    return question, [*choices, Choice("", "Start none")]
