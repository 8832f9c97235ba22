"""What the app asks of workers: a run to be started or resumed, a command to be carried out, a model to be described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from textual import on
from textual.message import Message

from workbench.errors import ChangedDataError, WorkbenchError
from workbench.tui.background import BackgroundFailed, in_thread
from workbench.tui.leaving import Leaving
from workbench.tui.screens.bench import BenchScreen
from workbench.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.training.launch import WarmWorker

__all__ = ["Working"]

_ANSWER_S = 30.0
"""How long an answer to a command is waited for; a long step may keep a worker busy."""


class Working(Leaving):
    """The part of the app that has things done by other processes, and tells what came of it.

    Args:
        runs_dir: where runs live.
        warm: whether a worker is warmed up in the background.
    """

    @dataclass
    class Started(Message):
        """A worker has been started on a run."""

        folder: RunFolder

    @dataclass
    class NotBegun(Message):
        """A run could not be started or resumed."""

        problem: str
        title: str
        folder: RunFolder | None = None
        changed_data: str = ""

    class NotChanged(Message):
        """A run did not take a change."""

    @dataclass
    class Described(Message):
        """The warm worker has measured a model, or could not (None)."""

        experiment: Experiment
        parameters: int | None
        step_seconds: float | None
        other_seconds: float = 0.0

    @dataclass
    class Said(Message):
        """A word to the person."""

        text: str
        title: str = ""
        problem: bool = False
        lasting: bool = False

    def __init__(self, runs_dir: Path, *, warm: bool) -> None:
        super().__init__()
        self.runs_dir, self._warm = runs_dir, warm
        self._describe_wanted: Experiment | None = None

    @property
    def bench(self) -> BenchScreen | None:
        """The Bench screen, whether or not it is on top."""
        stack = self._screen_stacks.get("bench", [])
        return next((screen for screen in stack if isinstance(screen, BenchScreen)), None)

    def _worker(self) -> WarmWorker:
        if self.worker is None:
            from workbench.training.launch import WarmWorker

            self.worker = WarmWorker()
        return self.worker

    async def action_go(self, screen: str) -> None:
        """Show a screen by name, and nothing over it."""
        self.uncover()
        await self.go_to(screen)

    async def go_to(self, screen: str) -> None:
        """Show a screen by name; what is open over another one is left, what is open over this one stays."""
        if self.current_mode != screen:
            self.uncover()
            await self.switch_mode(screen)
        self.show_in_title()

    def show_in_title(self) -> None:
        """Show the run on Bench in the title of whichever screen is seen, also behind a dialog."""
        run = self.bench.run_data if self.bench is not None else None
        starting = self.bench.starting if self.bench is not None else ""
        for screen in self.screen_stack:
            for bar in screen.query(TitleBar):
                bar.show_run(run, starting)

    # Runs -------------------------------------------------------------------------------------------------------------

    def start_experiment(self, experiment: Experiment, name: str = "") -> None:
        """Start a run of the experiment, under a name or without one, and show it on Bench."""
        self.beginning = True
        self._start(experiment, name)

    @in_thread("start", exclusive=True)
    def _start(self, experiment: Experiment, name: str) -> None:
        from workbench.runs.folder import RunFolder
        from workbench.runs.listing import namesakes, shared_name
        from workbench.runs.names import checked_name

        try:
            name = checked_name(name)
            older = namesakes(self.runs_dir, name) if name else []
            if older:
                self.post_message(self.Said(shared_name(name, older), lasting=True))
            folder = RunFolder.create(self.runs_dir, experiment, name)
            self._worker().train(folder)
        except WorkbenchError as error:
            self.post_message(self.NotBegun(str(error), "Not started"))
        else:
            self.post_message(self.Started(folder))

    def resume_run(self, folder: RunFolder, *, accept_changed_data: bool = False) -> None:
        """Go on with a run that no process works on, and show it; where its data have changed, ask whether to accept that."""
        self.beginning = True
        self._resume(folder, accept_changed_data)

    @in_thread("start", exclusive=True)
    def _resume(self, folder: RunFolder, accept_changed_data: bool) -> None:  # noqa: FBT001 - given by place alone
        from workbench.training import launch

        try:
            launch.resume(folder, accept_changed_data=accept_changed_data)
        except ChangedDataError as error:
            self.post_message(self.NotBegun(str(error), "Not resumed", folder, changed_data=error.path))
        except WorkbenchError as error:
            self.post_message(self.NotBegun(str(error), "Not resumed", folder))
        else:
            self.post_message(self.Started(folder))

    @on(Started)
    async def _started(self, message: Started) -> None:
        await self.open_run(message.folder)
        await self.begun(message.folder)

    @on(BackgroundFailed)
    def _start_failed(self, message: BackgroundFailed) -> None:
        if message.group == "start":
            self.post_message(self.NotBegun(str(message.error) or type(message.error).__name__, "Not started"))

    @on(NotBegun)
    async def _not_begun(self, message: NotBegun) -> None:
        if not message.changed_data:
            self.notify(message.problem, title=message.title, severity="error", timeout=8)
        if self.bench is not None:
            self.bench.not_begun()
        if message.folder is not None:
            await self.open_run(message.folder)
        await self.begun(None)
        if message.changed_data and message.folder is not None:
            self._ask_changed_data(message.folder, message.changed_data)

    def _ask_changed_data(self, folder: RunFolder, path: str) -> None:
        """Whether a run goes on with data that have changed, and what that means."""
        from workbench.tui.dialogs.prompts import ConfirmDialog

        question = (
            f"{path} is another file than the one that the model was trained on.\n\n"
            "Going on keeps the model's vocabulary and draws the split into training, validation and test anew: what is tested "
            "from now on may have been trained on before, so scores before and after cannot be compared."
        )
        dialog = ConfirmDialog("The data have changed", question, "Go on with the file as it is now", "Leave the run as it is")

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self.resume_run(folder, accept_changed_data=True)

        self.push_screen(dialog, answered)

    async def open_run(self, folder: RunFolder) -> None:
        """Show a run on Bench, live or ended."""
        await self.go_to("bench")
        if self.bench is not None:
            await self.bench.show_run(folder)

    def send_command(self, folder: RunFolder, verb: str, **arguments: Any) -> None:
        """Ask a run's worker for something; the answer is shown when it comes."""
        self._send(folder, verb, arguments)

    @in_thread("command")
    def _send(self, folder: RunFolder, verb: str, arguments: Mapping[str, Any]) -> None:
        from workbench.runs import control

        what = ", ".join(f"{name} = {value}" for name, value in arguments.items()) or verb
        try:
            outcome = control.wait(folder, control.send(folder, verb, **arguments), timeout_s=_ANSWER_S)
        except WorkbenchError as error:
            done, words = False, str(error)
        else:
            done, words = outcome == "done", f"{what}: {outcome}"
        if not done and verb == "set":
            self.post_message(self.NotChanged())
        self.post_message(self.Said(words, problem=not done))

    @on(NotChanged)
    def _not_changed(self) -> None:
        if self.bench is not None:
            self.bench.not_changed()

    def describe(self, experiment: Experiment) -> None:
        """Measure the experiment's model in the warm worker; the answer goes to the form."""
        self._describe_wanted = experiment
        if self._warm:
            self._describe(experiment)

    @in_thread("describe")
    def _describe(self, experiment: Experiment) -> None:
        if experiment is not self._describe_wanted:
            return  # a newer one is on its way
        try:
            answer = self._worker().request("describe", experiment=experiment.to_dict())
        except WorkbenchError:  # the form names what is wrong itself; a worker that died is started again at the next request
            self.post_message(self.Described(experiment, None, None))
            return
        seconds = float(answer["step_seconds"]), float(answer["other_seconds"])
        self.post_message(self.Described(experiment, int(answer["parameters"]), *seconds))

    @on(Described)
    def _described(self, message: Described) -> None:
        form = self.bench.form if self.bench else None
        if form is not None and message.experiment is self._describe_wanted:
            form.show_description(message.parameters, message.step_seconds, message.other_seconds)

    @on(Said)
    def _said(self, message: Said) -> None:
        severity: Literal["error", "information"] = "error" if message.problem else "information"
        self.notify(message.text, title=message.title, severity=severity, timeout=8 if message.problem or message.lasting else 3)
