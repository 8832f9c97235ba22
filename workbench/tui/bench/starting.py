"""Starting a run of what stands in the form: what is typed counts, everything is checked first, and what is wrong is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.runs.names import name_problem
from workbench.tui.requests import StartRun

if TYPE_CHECKING:
    from textual.notifications import Notification

    from workbench.tui.base.guarded import Guarded
    from workbench.tui.form.experiment_form import ExperimentForm
    from workbench.tui.run.shown_run import ShownRun

__all__ = ["Starting"]


class Starting:
    """Starts runs.

    Args:
        app: where something is said, and which starts the run.
        run: the run that is shown; while one goes on, none is started.
        begins: what is done with words for the person once a run is on its way.
    """

    def __init__(self, app: Guarded, run: ShownRun, begins: Callable[[str], None]) -> None:
        self._app, self._run, self._begins = app, run, begins
        self._name = ""
        self._refusal: Notification | None = None

    def ask_name(self, answered: Callable[[str], None]) -> None:
        """Ask for the name of a run; "" is none."""
        from workbench.tui.dialogs.prompts import TextDialog  # here: the first frame needs no dialog

        dialog = TextDialog("Start with a name", "Commands find the run by it.", "", name_problem, "empty for none")
        self._app.push_screen(dialog, lambda name: None if name is None else answered(name))

    def start(self, form: ExperimentForm | None, name: str, wrong: Callable[[], None]) -> None:
        """Start a run of the form's experiment once that has been checked.

        Args:
            form: the form, or None where there is none yet.
            name: the run's name, or "".
            wrong: what is done when something in the form is wrong, once that has been said.
        """
        self._name = name
        if form is None:
            self._app.notify("There is no experiment to start: F4 offers some.", title="Not started", severity="warning")
        elif line_problem := form.when_checked(lambda: self._checked(form, wrong)):
            self._refuse(line_problem)

    def _checked(self, form: ExperimentForm, wrong: Callable[[], None]) -> None:
        """The form's values are known to be what it shows: start, or show what is wrong."""
        if self._run.live or self._run.starting:
            return
        if form.experiment is None:
            lines = "\n".join(str(problem) for problem in form.problems)
            self._refuse(lines or "Something in the form is wrong.")
            wrong()
        else:
            self._begins("starting ...")
            self._app.post_message(StartRun(form.experiment, self._name))

    def _refuse(self, why: str) -> None:
        self.take_back_refusal()
        self._refusal = self._app.tell(why, "Not started", "error")

    def take_back_refusal(self) -> None:
        """The form is right again, or something else is wrong with it now."""
        if self._refusal is not None:
            self._app.take_back(self._refusal)
            self._refusal = None
