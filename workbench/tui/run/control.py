"""What the app asks of workers: a run to be started or resumed, a command to be carried out, a question about a model.

Everything here waits for other processes, so it is done in threads; what comes of it is posted to the app as a `RunOutcome`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from workbench.errors import ChangedDataError, WorkbenchError
from workbench.tui.base.background import start_in_thread
from workbench.tui.requests import ForkRun, Notice, StartRun
from workbench.tui.run.asking import Asking
from workbench.tui.run.others import at_work, stop_and_wait

if TYPE_CHECKING:
    from textual.app import App

    from workbench.experiment import Experiment
    from workbench.runs.folder import RunFolder
    from workbench.training.launch import WarmWorker

__all__ = [
    "START",
    "ChangeRefused",
    "ModelDescribed",
    "OthersAtWork",
    "RunControl",
    "RunNotStarted",
    "RunOutcome",
    "RunRewound",
    "RunStarted",
    "RunWoken",
]

START = "start"
"""What work in a thread is called that starts or resumes a run."""
_ANSWER_S = 30.0
"""How long an answer to a command is waited for; a long step may keep a worker busy."""


class RunOutcome(Message):
    """What came of something that was asked of a worker."""


@dataclass
class RunStarted(RunOutcome):
    """A worker has been started on a run.

    Attributes:
        folder: the run.
        others: runs that are drawn into the same charts.
        after: its events up to this id are of its life before.
        waits: it waits for a core, so that one of the others stays in front.
        seeds: the runs of other seeds that were started with it.
    """

    folder: RunFolder
    others: tuple[RunFolder, ...] = ()
    after: int = 0
    waits: bool = False
    seeds: tuple[RunFolder, ...] = ()

    @property
    def shown(self) -> tuple[RunFolder, ...]:
        """All runs that are to be shown, the one in front first."""
        begun = (self.folder, *self.seeds)
        return (*self.others, *begun) if self.waits else (*begun, *self.others)


@dataclass
class RunWoken(RunOutcome):
    """A run at rest has a process again, which waits after the steps that were asked for; `after` as in `RunStarted`."""

    folder: RunFolder
    after: int = 0


@dataclass
class OthersAtWork(RunOutcome):
    """A run was to be started while others go on: it has to be said how.

    Attributes:
        request: what was asked for; its `others` are the runs that go on, those on Bench first.
        names: what these are called, with state and step.
        threads: how many threads all runs at work have.
    """

    request: StartRun
    names: tuple[str, ...]
    threads: int


@dataclass
class RunRewound(RunOutcome):
    """A run has gone back to a step, or could not."""

    folder: RunFolder
    words: str
    problem: bool = False


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


def _runs_of(request: StartRun) -> list[tuple[Experiment, str]]:
    """Experiment and name of each run that is asked for; several have the seeds from the experiment's on.

    Raises:
        UsageError: the name could be mistaken for something else.
        ExperimentError: a seed is too large.
    """
    from workbench.names import checked_name
    from workbench.runs.groups import SEED, member_name

    name, experiment = checked_name(request.name), request.experiment
    if request.seeds == 1:
        return [(experiment, name)]
    seeds = range(experiment.training.seed, experiment.training.seed + request.seeds)
    return [(experiment.with_changes({SEED: seed}), checked_name(member_name(name, seed))) for seed in seeds]


class RunControl:
    """Has things done by other processes.

    Args:
        app: the app that the outcomes are posted to.
        runs_dir: where runs live.
        warm: whether a worker is warmed up in the background, and measures models.
        notify: command that is called when a run that is started here has something to tell, or "".

    Attributes:
        asking: questions about trained models, in a process of their own: a long answer must not keep a run from starting.
    """

    def __init__(self, app: App[None], runs_dir: Path, *, warm: bool, notify: str = "") -> None:
        self._app, self._runs_dir, self._warm, self._notify = app, runs_dir, warm, notify
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

    def start(self, request: StartRun) -> None:
        """Start a run in the way that is asked for; where others go on and none is, it is asked how (`OthersAtWork`)."""
        start_in_thread(self._app, START, partial(self._start, request), exclusive=True)

    def _start(self, request: StartRun) -> None:
        from workbench.runs.folder import RunFolder
        from workbench.runs.listing import namesakes, shared_name
        from workbench.training import launch

        made: list[RunFolder] = []
        try:
            if not request.way and (others := at_work(self._runs_dir, request.others)):
                self._app.post_message(OthersAtWork(replace(request, others=others.folders), others.names, others.threads))
                return
            runs = _runs_of(request)
            older = namesakes(self._runs_dir, runs[0][1])
            if older:
                self._app.post_message(Notice(shared_name(runs[0][1], older), lasting=True))
            if request.way == "stop":
                stop_and_wait(request.others)
            for experiment, name in runs:
                folder = RunFolder.create(self._runs_dir, experiment, name)
                if request.made is not None:
                    request.made(folder)
                if request.way == "queue" or made:
                    launch.enqueue(folder)
                else:
                    self.warm_worker().train(folder)
                self._begun(folder, 0)
                made.append(folder)
        except WorkbenchError as error:
            if not made:
                self._app.post_message(RunNotStarted(str(error), "Not started"))
                return
            self._app.post_message(Notice(f"{len(made)} of {request.seeds} runs were started: {error}", problem=True))
        first, *seeds = made
        beside = () if request.way == "stop" else request.others
        waits = request.way == "queue" and bool(beside)
        self._app.post_message(RunStarted(first, beside, waits=waits, seeds=tuple(seeds)))

    def resume(self, folder: RunFolder, *, accept_changed_data: bool = False) -> None:
        """Go on with a run that no process works on."""
        start_in_thread(self._app, START, partial(self._resume, folder, accept_changed_data=accept_changed_data), exclusive=True)

    def _resume(self, folder: RunFolder, *, accept_changed_data: bool) -> None:
        from workbench.runs.alerts import last_event
        from workbench.training import launch

        try:
            after = last_event(folder)
            launch.resume(folder, accept_changed_data=accept_changed_data)
            self._begun(folder, after)
        except ChangedDataError as error:
            self._app.post_message(RunNotStarted(str(error), "Not resumed", folder, changed_data=error.path))
        except WorkbenchError as error:
            self._app.post_message(RunNotStarted(str(error), "Not resumed", folder))
        else:
            self._app.post_message(RunStarted(folder, after=after))

    def _begun(self, folder: RunFolder, after: int) -> None:
        """A process works on a run from now on: the command is called when it has something to tell."""
        from workbench.training.notifying import start_notifier

        start_notifier(folder, self._notify, after)

    def attach(self, folder: RunFolder) -> None:
        """The same for a run that the interface was opened on, where a process works on it. Called in a thread.

        Raises:
            StoreError: the run cannot be read.
        """
        from workbench.runs.alerts import last_event
        from workbench.runs.reader import RunReader

        with RunReader(folder) as reader:
            alive = reader.status().alive
        if alive:
            self._begun(folder, last_event(folder))

    def fork(self, request: ForkRun) -> None:
        """Start a run that begins where another one was."""
        start_in_thread(self._app, START, partial(self._fork, request), exclusive=True)

    def _fork(self, request: ForkRun) -> None:
        from workbench.runs.folder import RunFolder

        sets = [word for change in request.changes for word in ("--set", change)]
        notify = ["--notify", self._notify] if self._notify else []
        words = ["fork", f"{request.folder.id}@{request.step}", *sets, *notify, "--detach", "--quiet"]
        done = _command(words, request.folder.path.parent)
        run = done.stdout.strip()
        if done.returncode or not run:
            self._app.post_message(RunNotStarted(done.stderr.strip() or "no reason given", "Not forked"))
        else:
            self._app.post_message(RunStarted(RunFolder(request.folder.path.parent / run)))

    def rewind(self, folder: RunFolder, step: int) -> None:
        """Bring a run back to a step."""
        start_in_thread(self._app, "rewind", partial(self._rewind, folder, step))

    def _rewind(self, folder: RunFolder, step: int) -> None:
        done = _command(["rewind", folder.id, str(step)], folder.path.parent, lambda line: self._app.post_message(Notice(line)))
        branch = done.stdout.strip()
        if done.returncode or not branch:
            self._app.post_message(RunRewound(folder, done.stderr.strip().rpartition("\n")[2] or "no reason given", problem=True))
        else:
            words = f"{folder.id} is back at step {step:,}; space goes on from there. What came after is kept as {branch}."
            self._app.post_message(RunRewound(folder, words))

    # Commands ------------------------------------------------------------------------------------------------------------

    def send(self, folder: RunFolder, verb: str, arguments: Mapping[str, Any]) -> None:
        """Ask a run's worker for something, and say what it answers."""
        start_in_thread(self._app, "command", partial(self._send, folder, verb, arguments))

    def _send(self, folder: RunFolder, verb: str, arguments: Mapping[str, Any]) -> None:
        from workbench.runs import control

        what = ", ".join(f"{name} = {value}" for name, value in arguments.items()) or verb
        try:
            outcome = control.wait(folder, self._ask(folder, verb, arguments), timeout_s=_ANSWER_S)
        except WorkbenchError as error:
            done, words = False, str(error)
        else:
            done, words = outcome == "done", f"{what}: {outcome}"
        if not done and verb == "set":
            self._app.post_message(ChangeRefused())
        if not (done and verb == "step"):  # a step is seen in the charts, and many may follow each other
            self._app.post_message(Notice(words, problem=not done))

    def _ask(self, folder: RunFolder, verb: str, arguments: Mapping[str, Any]) -> int:
        """Send a command; a step wakes a run at rest first."""
        from workbench.runs import control
        from workbench.runs.alerts import last_event
        from workbench.runs.reader import RunReader
        from workbench.training import launch

        if verb != "step":
            return control.send(folder, verb, **arguments)
        with RunReader(folder) as reader:
            at_rest = not reader.status().alive
        after = last_event(folder)
        asked = launch.take_steps(folder, 1)
        if at_rest:
            self._begun(folder, after)
            self._app.post_message(RunWoken(folder, after))
        return asked

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


def _command(
    words: list[str], root: Path, tell: Callable[[str], object] = lambda _line: None
) -> subprocess.CompletedProcess[str]:
    """A command of ours, in a process of its own: computing a state takes torch, which the process that draws does not load.

    Args:
        words: the command.
        root: where runs live.
        tell: told each line of stderr once another one follows it: the last one is the end.
    """
    call = [sys.executable, "-m", "workbench", *words, "--runs-dir", str(root)]
    pipe = subprocess.PIPE
    with subprocess.Popen(call, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, errors="replace") as process:  # noqa: S603 - our own interpreter and module
        said: list[str] = []
        for line in process.stderr or ():
            if said:
                tell(said[-1].strip())
            said.append(line)
        out = process.stdout.read() if process.stdout else ""
    return subprocess.CompletedProcess(call, process.returncode, out, "".join(said))
