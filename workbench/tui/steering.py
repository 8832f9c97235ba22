"""What can be done to the run that is shown: pause, stop, another learning rate, export; and which of it makes sense now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.tui.requests import ExportRun, ResumeRun, SendCommand
from workbench.tui.steady_screen import SteadyScreen
from workbench.tui.widgets.run_watcher import RunFacts
from workbench.typed import read_as

if TYPE_CHECKING:
    from pydantic import BaseModel
    from textual.binding import ActiveBinding

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.tui.dialogs.prompts import TextDialog
    from workbench.tui.fields import Field
    from workbench.tui.guarded import Guarded
    from workbench.tui.run_data import RunData

__all__ = ["Steering"]

_LIVE_ACTIONS = ("stop", "checkpoint", "evaluate", "learning_rate")
_RESUMABLE = ("paused", "stopped", "failed", "lost")
_RATE = "optimizer.lr"
_ABSURD = 100
"""A learning rate that many times the present one is asked about before it is sent."""


class Steering(SteadyScreen[None]):
    """The part of Bench that steers at most one run.

    Attributes:
        run_data: the run as it was read last, or None.
        facts: what of it does not change.
        starting: what is said while a run is on its way, or "".
    """

    app: Guarded

    def __init__(self) -> None:
        super().__init__()
        self.run_data: RunData | None = None
        self.facts = RunFacts()
        self.starting = ""
        self._folder: RunFolder | None = None
        self._rate_dialog: TextDialog | None = None

    def begin(self, words: str) -> None:
        """Show at once that a run is on its way."""
        raise NotImplementedError

    @property
    def _live(self) -> bool:
        return self.run_data is not None and self.run_data.status.alive

    @property
    def live_run(self) -> str:
        """The name of the run that is shown, while a process works on it; else ""."""
        return self.run_data.title if self._live and self.run_data is not None else ""

    # Keys --------------------------------------------------------------------------------------------------------------

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, called by what they would do."""
        found = super().active_bindings
        words = {}
        if self.run_data is not None and self.run_data.status.state in _RESUMABLE:
            words["bench.pause"] = "Resume"
        if self.has_class("-narrow") and self.has_class("-drawer"):
            words["bench.drawer"] = "Charts"
        for key, active in found.items():
            description = words.get(active.binding.id or "")
            if description:
                found[key] = active._replace(binding=replace(active.binding, description=description))
        return found

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Only keys that do something now are shown and work."""
        if self.starting and action in ("start", "start_named", "pause", *_LIVE_ACTIONS):
            return True  # a key that is pressed too early is answered in words
        if action in _LIVE_ACTIONS:
            return self._live
        if action == "pause":
            return self._live or (self.run_data is not None and self.run_data.status.state in _RESUMABLE)
        if action in ("export", "close_run"):
            return self._folder is not None
        if action in ("start", "start_named"):
            return not self._live
        return True

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._too_early() or self._folder is None or self.run_data is None:
            return
        if not self._live:
            folder = self._folder
            self.begin("resuming ...")
            self.app.post_message(ResumeRun(folder))
        else:
            self._send("resume" if self.run_data.status.state == "paused" else "pause")

    def action_stop(self) -> None:
        """End the run; it keeps a checkpoint."""
        self._send("stop")

    def action_checkpoint(self) -> None:
        """Save a checkpoint."""
        self._send("checkpoint")

    def action_evaluate(self) -> None:
        """Evaluate on validation data."""
        self._send("evaluate")

    def action_learning_rate(self) -> None:
        """Ask for another learning rate and send it."""
        from workbench.tui.dialogs.prompts import TextDialog

        if self._too_early():
            return
        rate = self._rate
        now = "" if rate is None else f"{rate:g}"
        setting = _rate_setting(self.facts.experiment)
        dialog = TextDialog(
            "Learning rate",
            "From the next step on (the schedule goes on from it):",
            now,
            lambda text: setting.problem(setting.parse(text)),
            "0.001",
        )
        self._rate_dialog = dialog
        self.app.push_screen(dialog, self._set_rate)

    @property
    def _rate(self) -> float | None:
        """The learning rate of the newest step."""
        rates = self.run_data.lines.get("train/lr") if self.run_data else None
        return float(rates.values[-1]) if rates is not None and len(rates.values) else None

    def _leave_rate_dialog(self) -> None:
        """The run has ended: a learning rate that is being asked for would reach nobody."""
        dialog, self._rate_dialog = self._rate_dialog, None
        if dialog is not None and dialog.is_active:
            dialog.dismiss(None)
            self.notify("The run has ended; its learning rate stays as it was.", severity="warning")

    def _set_rate(self, text: str | None) -> None:
        self._rate_dialog = None
        if text:
            self.change({_RATE: read_as("float", text)})

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the run ("table.key" -> value); a learning rate far above the present one only when asked again."""
        from workbench.tui.dialogs.prompts import ConfirmDialog

        now, wanted = self._rate, changes.get(_RATE)
        if not now or not isinstance(wanted, int | float) or wanted < _ABSURD * now:
            self._send("set", **changes)
            return
        question = f"{wanted:g} is {wanted / now:,.0f} times the present learning rate, {now:g}. A run rarely survives that."

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self._send("set", **changes)
            else:
                self.not_changed()

        self.app.push_screen(ConfirmDialog("Learning rate?", question, f"Set {wanted:g}", "Keep the present one"), answered)

    def not_changed(self) -> None:
        """A change that was asked for was not made."""
        raise NotImplementedError

    def _too_early(self) -> bool:
        if self.starting:
            self.notify("The run is starting; press the key again when it trains.")
        return bool(self.starting)

    def _send(self, verb: str, **arguments: Any) -> None:
        if not self._too_early() and self._folder is not None:
            self.app.post_message(SendCommand(self._folder, verb, arguments))

    def action_export(self) -> None:
        """Open the export dialog."""
        if self._folder is not None:
            self.app.post_message(ExportRun(self._folder))


def _rate_setting(experiment: Experiment | None) -> Field:
    """The learning rate as the run's optimiser declares it; the field of the form is the same."""
    from workbench.cards import OptimizerSettings
    from workbench.tui.fields import fields_of

    config: type[BaseModel] = OptimizerSettings if experiment is None else type(experiment.optimizer.config)
    return next(field for field in fields_of("optimizer", config) if field.name == _RATE)
