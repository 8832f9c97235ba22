"""What can be asked of the run that is shown: pause, stop, a checkpoint, another learning rate."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.saying import said
from workbench.tui.requests import ForkRun, SendCommand
from workbench.typed import read_as

if TYPE_CHECKING:
    from pydantic import BaseModel
    from textual.screen import Screen

    from workbench.experiment import Experiment
    from workbench.tui.dialogs.prompts import TextDialog
    from workbench.tui.form.fields import Field
    from workbench.tui.run.shown_run import ShownRun

__all__ = ["Steering", "rate_setting"]

_RATE = "optimizer.lr"
_ABSURD = 100
"""A learning rate that many times the present one is asked about before it is sent."""


class Steering:
    """Sends commands to the run's worker.

    Args:
        screen: where questions are asked.
        run: the run that is shown.
        not_changed: what is done when a change that was asked for is not made.
    """

    def __init__(self, screen: Screen[None], run: ShownRun, not_changed: Callable[[], None]) -> None:
        self._screen, self._run, self._not_changed = screen, run, not_changed
        self._rate_dialog: TextDialog | None = None

    def too_early(self) -> bool:
        """Whether the run is still on its way; says so."""
        if self._run.starting:
            self._screen.notify("The run is starting; press the key again when it trains.")
        return bool(self._run.starting)

    def send(self, verb: str, **arguments: Any) -> None:
        """Ask the run's worker for something."""
        if not self.too_early() and self._run.folder is not None:
            self._screen.app.post_message(SendCommand(self._run.folder, verb, arguments))

    def ask_rate(self) -> None:
        """Ask for another learning rate and send it."""
        from workbench.tui.dialogs.prompts import TextDialog  # here: the first frame needs no dialog

        if self.too_early():
            return
        rate = self._run.learning_rate
        now = "" if rate is None else f"{rate:g}"
        setting = rate_setting(self._run.facts.experiment)
        dialog = TextDialog(
            "Learning rate",
            "From the next step on (the schedule goes on from it):",
            now,
            lambda text: setting.problem(setting.parse(text)),
            "0.001",
        )
        self._rate_dialog = dialog
        self._screen.app.push_screen(dialog, self._set_rate)

    def ask_fork(self, step: int | None) -> None:
        """Ask for the changes of a fork, and begin it.

        Args:
            step: the moment at which it begins; None is the newest.
        """
        from workbench.tui.dialogs.prompts import TextDialog  # here: the first frame needs no dialog

        folder, data = self._run.folder, self._run.data
        if self.too_early() or folder is None or data is None:
            return
        at = data.status.step if step is None else min(step, data.status.step)
        at_end = at >= data.status.total
        proposed = f"training.steps={2 * data.status.total}" if at_end else ""

        def forked(text: str | None) -> None:
            if text is not None:
                self._screen.notify(f"Forking at step {at:,}: the new run is shown when it begins.")
                self._screen.app.post_message(ForkRun(folder, at, tuple(_words(text))))

        dialog = TextDialog(
            f"Fork at step {at:,}",
            "What is different from there on, as table.key=value, with blanks between; nothing for the same again:",
            proposed,
            _fork_problem,
            "optimizer.lr=0.001 training.steps=2000",
        )
        self._screen.app.push_screen(dialog, forked)

    def run_ended(self) -> None:
        """A learning rate that is being asked for would reach nobody."""
        dialog, self._rate_dialog = self._rate_dialog, None
        if dialog is not None and dialog.is_active:
            dialog.dismiss(None)
            self._screen.notify("The run has ended; its learning rate stays as it was.", severity="warning")

    def _set_rate(self, text: str | None) -> None:
        self._rate_dialog = None
        if text:
            self.change({_RATE: read_as("float", text)})

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the run ("table.key" -> value); a learning rate far above the present one only when asked again."""
        from workbench.tui.dialogs.prompts import ConfirmDialog  # here: the first frame needs no dialog

        now, wanted = self._run.learning_rate, changes.get(_RATE)
        if not now or not isinstance(wanted, int | float) or wanted < _ABSURD * now:
            self.send("set", **changes)
            return
        question = f"{wanted:g} is {wanted / now:,.0f} times the present learning rate, {now:g}. A run rarely survives that."

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self.send("set", **changes)
            else:
                self._not_changed()

        dialog = ConfirmDialog("Learning rate?", question, f"Set {wanted:g}", "Keep the present one")
        self._screen.app.push_screen(dialog, answered)


def _words(text: str) -> list[str]:
    """The changes one by one; quotes hold a value with blanks together.

    Raises:
        ValueError: a quote is left open.
    """
    return shlex.split(text)


def _fork_problem(text: str) -> str | None:
    """What is wrong with the changes as they are written; whether they fit, forking itself says."""
    try:
        words = _words(text)
    except ValueError:
        return "a quote is left open."
    wrong = next((word for word in words if not word.partition("=")[1] or not word.partition("=")[0]), None)
    return None if wrong is None else f"got {said(wrong)}; expected table.key=value, such as optimizer.lr=0.001."


def rate_setting(experiment: Experiment | None) -> Field:
    """The learning rate as the run's optimiser declares it; the field of the form is the same."""
    from workbench.cards import OptimizerSettings  # here, both: pydantic is not for the first frame
    from workbench.tui.form.fields import fields_of

    config: type[BaseModel] = OptimizerSettings if experiment is None else type(experiment.optimizer.config)
    return next(field for field in fields_of("optimizer", config) if field.name == _RATE)
