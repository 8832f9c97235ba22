"""What the app asks of workers: a run to be started or resumed, a command to be carried out, a question about a model.

Everything here waits for other processes, so it is done in threads; what comes of it is posted to the app as a `RunOutcome`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from workbench.errors import ChangedDataError, WorkbenchError
from workbench.tui.base.background import start_in_thread
from workbench.tui.requests import ForkRun, Notice
from workbench.tui.run.asking import Asking

if TYPE_CHECKING:
    from textual.app import App

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.training.launch import WarmWorker

__all__ = ["START", "ChangeRefused", "ModelDescribed", "RunControl", "RunNotStarted", "RunOutcome", "RunStarted"]

START = "start"
"""What work in a thread is called that starts or resumes a run."""
_ANSWER_S = 30.0
"""How long an answer to a command is waited for; a long step may keep a worker busy."""


class RunOutcome(Message):
    """What came of something that was asked of a worker."""


@dataclass
class RunStarted(RunOutcome):
    """A worker has been started on a run."""

    folder: RunFolder


@dataclass
class RunNotStarted(RunOutcome):
    """A run could not be started or resumed.

    Attributes:
        problem: why.
        title: what did not happen, in a word or two.
        folder: the run that was to be resumed, or None.
        changed_data: the file of its data that is another one now, or "".
    """

    problem: str
    title: str
    folder: RunFolder | None = None
    changed_data: str = ""


class ChangeRefused(RunOutcome):
    """A run did not take a change."""


@dataclass
class ModelDescribed(RunOutcome):
    """The waiting worker has measured a model, or could not (None).

    Attributes:
        experiment: the experiment whose model it is.
        parameters: how many parameters it has.
        step_seconds: what a step takes, in seconds.
        other_seconds: what the run takes besides its steps, in seconds.
    """

    experiment: Experiment
    parameters: int | None
    step_seconds: float | None
    other_seconds: float = 0.0


class RunControl:
    """Has things done by other processes.

    Args:
        app: the app that the outcomes are posted to.
        runs_dir: where runs live.
        warm: whether a worker is warmed up in the background, and measures models.

    Attributes:
        asking: questions about trained models, in a process of their own: a long answer must not keep a run from starting.
    """

    def __init__(self, app: App[None], runs_dir: Path, *, warm: bool) -> None:
        self._app, self._runs_dir, self._warm = app, runs_dir, warm
        self.asking = Asking(app)
        self._worker: WarmWorker | None = None
        self._describe_wanted: Experiment | None = None

    # The process that waits ----------------------------------------------------------------------------------------------

    def warm_worker(self) -> WarmWorker:
        """The process that waits for the next run; made at the first call."""
        if self._worker is None:
            from workbench.training.launch import WarmWorker  # here: the first frame needs no processes

            self._worker = WarmWorker()
        return self._worker

    def warm_up(self) -> None:
        """Let the waiting process load what it needs, where one is wanted. Called in a thread."""
        if self._warm:
            self.warm_worker().warm_up()

    def close(self) -> None:
        """Let the waiting processes go; runs go on."""
        self.asking.close()
        if self._worker is not None:
            self._worker.close()

    # Starting ------------------------------------------------------------------------------------------------------------

    def start(self, experiment: Experiment, name: str = "") -> None:
        """Start a run of the experiment, under a name or without one."""
        start_in_thread(self._app, START, partial(self._start, experiment, name), exclusive=True)

    def _start(self, experiment: Experiment, name: str) -> None:
        from workbench.runs.folder import RunFolder
        from workbench.runs.listing import namesakes, shared_name
        from workbench.runs.names import checked_name

        try:
            name = checked_name(name)
            older = namesakes(self._runs_dir, name) if name else []
            if older:
                self._app.post_message(Notice(shared_name(name, older), lasting=True))
            folder = RunFolder.create(self._runs_dir, experiment, name)
            self.warm_worker().train(folder)
        except WorkbenchError as error:
            self._app.post_message(RunNotStarted(str(error), "Not started"))
        else:
            self._app.post_message(RunStarted(folder))

    def resume(self, folder: RunFolder, *, accept_changed_data: bool = False) -> None:
        """Go on with a run that no process works on."""
        start_in_thread(self._app, START, partial(self._resume, folder, accept_changed_data=accept_changed_data), exclusive=True)

    def _resume(self, folder: RunFolder, *, accept_changed_data: bool) -> None:
        from workbench.training import launch

        try:
            launch.resume(folder, accept_changed_data=accept_changed_data)
        except ChangedDataError as error:
            self._app.post_message(RunNotStarted(str(error), "Not resumed", folder, changed_data=error.path))
        except WorkbenchError as error:
            self._app.post_message(RunNotStarted(str(error), "Not resumed", folder))
        else:
            self._app.post_message(RunStarted(folder))

    def fork(self, request: ForkRun) -> None:
        """Start a run that begins where another one was."""
        start_in_thread(self._app, START, partial(self._fork, request), exclusive=True)

    def _fork(self, request: ForkRun) -> None:
        """Computing the state takes torch, so a process of its own does it: the one behind `workbench fork`."""
        from workbench.runs.folder import RunFolder

        sets = [word for change in request.changes for word in ("--set", change)]
        words = ["fork", f"{request.folder.id}@{request.step}", *sets, "--detach", "--quiet"]
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "workbench", *words, "--runs-dir", str(request.folder.path.parent)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        run = done.stdout.strip()
        if done.returncode or not run:
            self._app.post_message(RunNotStarted(done.stderr.strip() or "no reason given", "Not forked"))
        else:
            self._app.post_message(RunStarted(RunFolder(request.folder.path.parent / run)))

    # Commands ------------------------------------------------------------------------------------------------------------

    def send(self, folder: RunFolder, verb: str, arguments: Mapping[str, Any]) -> None:
        """Ask a run's worker for something, and say what it answers."""
        start_in_thread(self._app, "command", partial(self._send, folder, verb, arguments))

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
            self._app.post_message(ChangeRefused())
        if not (done and verb == "step"):  # a step is seen in the charts, and many may follow each other
            self._app.post_message(Notice(words, problem=not done))

    # Models --------------------------------------------------------------------------------------------------------------

    def describe(self, experiment: Experiment) -> None:
        """Measure the experiment's model in the waiting process; of several that wait the newest alone is measured."""
        self._describe_wanted = experiment
        if self._warm:
            start_in_thread(self._app, "describe", partial(self._describe, experiment))

    def is_wanted(self, experiment: Experiment) -> bool:
        """Whether no other model has been asked about since."""
        return experiment is self._describe_wanted

    def _describe(self, experiment: Experiment) -> None:
        if not self.is_wanted(experiment):
            return  # a newer one is on its way
        try:
            answer = self.warm_worker().request("describe", experiment=experiment.to_dict())
        except WorkbenchError:  # the form names what is wrong itself; a worker that died is started again at the next request
            self._app.post_message(ModelDescribed(experiment, None, None))
            return
        seconds = float(answer["step_seconds"]), float(answer["other_seconds"])
        self._app.post_message(ModelDescribed(experiment, int(answer["parameters"]), *seconds))
