"""The worker process: wires the training loop to a run folder.

python -m workbench.training.worker train RUN     train a run, or go on with it from its last good checkpoint
python -m workbench.training.worker queue RUN     the same once a core is free
python -m workbench.training.worker serve         answer requests as JSON lines until asked to train (see serve.py)
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import (
    BusyError,
    CheckpointError,
    DiskFullError,
    NonFiniteError,
    OwnershipError,
    WorkbenchError,
)
from workbench.runs.changes import LiveChanges
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.source_digests import loaded_sources
from workbench.runs.writer import RunWriter
from workbench.system import cores
from workbench.training.events import (
    Changed,
    CheckpointDue,
    Ended,
    Evaluated,
    Event,
    NonFinite,
    NotSaved,
    Paused,
    Resumed,
    Started,
    StepDone,
    StepsTaken,
)
from workbench.training.first_import import load_torch
from workbench.training.forgiving import Forgiving
from workbench.training.kept_snapshots import KeptSnapshots
from workbench.training.run_control import WAIT_S, RunControl
from workbench.training.waiting import wait_for_core
from workbench.training.write_retries import Insisting, Standing

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Work", "main", "work"]


class Work:
    """One run's worker: what to do with each event of the loop."""

    def __init__(self, folder: RunFolder, writer: RunWriter, control: RunControl) -> None:
        load_torch()
        import torch

        from workbench.training.devices import device_for, make_deterministic
        from workbench.training.state import TrainingState

        self.folder = folder
        self.writer = writer
        self.control = control
        self.status = "starting"
        self.insist = Insisting(writer, control, lambda: Standing(self.status, self.state.step))
        self._saved: list[Path] = []
        experiment = folder.experiment()
        folder.check_data()
        dataset = experiment.open_data(folder.carried())
        device = device_for(experiment, dataset.task)
        notices = [*dataset.notices]
        make_deterministic(device, notices.append)
        torch.set_num_threads(max(1, experiment.training.threads))
        self.state = TrainingState(experiment, dataset, device)
        threads = self._threads()
        torch.set_num_threads(threads)
        with suppress(DiskFullError), writer.together():  # what is noted is kept, and going back insists on it
            for notice in notices:
                writer.event("notice", notice, 0)
            writer.set_meta("threads", threads)
            writer.set_meta("instructions", torch.backends.cpu.get_cpu_capability())
            writer.set_meta("signatures", dict(self.state.objective.signatures))
            writer.set_meta("device", str(device))
            writer.set_meta("parameters", self.state.num_parameters)
        self.changes = LiveChanges()
        self.snapshots = KeptSnapshots(writer)
        self.failed = ""
        self._rewound: NonFinite | None = None
        self._go_back()

    def _threads(self) -> int:
        """As the experiment says; those of the run's first life where it leaves the choice: the bits depend on their number."""
        from workbench.training.state import choose_threads

        asked = self.state.experiment.training.threads
        with RunReader(self.folder) as reader:
            before = reader.meta().get("threads", 0) if reader.status().step else 0
        return choose_threads(asked or int(before), self.state.num_parameters, cores())

    def _go_back(self) -> None:
        """To the last good checkpoint, or to the start when there is none; rows past it will be written again."""
        from workbench.training.checkpoint_retention import forget_left, remove_unfinished, set_aside
        from workbench.training.checkpoints import restore_latest

        self.insist(self.writer.flush)
        remove_unfinished(self.folder)
        self.insist(lambda: forget_left(self.folder))
        checkpoint, damaged = restore_latest(self.folder, self.state)
        with suppress(DiskFullError), self.writer.together():  # kept, and written with what is taken back
            for line in damaged:
                self.writer.event("notice", line, self.state.step)
            if checkpoint is not None:
                self._note_best()
        set_aside(self.folder, self.state.step)
        with RunReader(self.folder) as reader:
            events = reader.events()
            self.snapshots.go_back(reader, self.state.step)
        self.changes.renew(LiveChanges.of(events), self.state.step)
        rewinds = sum(event.kind == "nonfinite" and event.data.get("policy") == "rewind" for event in events)
        self.state.rewinds = max(self.state.rewinds, rewinds)
        again = ("test", "test_best", *(("validation",) if self._evaluation_is_open() else ()))
        self.insist(lambda: self.writer.truncate_after(self.state.step, splits_at=again))

    def _evaluation_is_open(self) -> bool:
        """Whether the state was saved before the evaluation of its step: what is known of that one was lost with its effect."""
        state = self.state
        last = state.step >= state.experiment.training.steps
        return state.evaluation_due or (last and state.evaluated != state.step)

    def run(self) -> int:
        """Train to the end; returns the process's exit code."""
        from workbench.training.loop import train

        for event in train(self.state, self.control, self.changes, self._saved_weights, self.snapshots.plan):
            self.handle(event)
        return 1 if self.failed else 0

    def handle(self, event: Event) -> None:
        """Write down what happened. Where the disk is full the run waits, and so does the loop."""
        try:
            self._write_down(event)
        except DiskFullError as error:  # what was to be written is kept
            self.insist(self.writer.flush, error)
        if self.writer.overfull:
            self.insist(self.writer.flush, BusyError(f"{self.folder.path}: held by another process"))

    def _write_down(self, event: Event) -> None:  # noqa: C901 - one case for each event, in the order of events.py
        writer = self.writer
        match event:
            case StepDone():
                if event.scalars:
                    writer.log(event.step, event.scalars, event.seconds, event.samples)
            case Started():
                with writer.together():
                    self._set_status("running", event.step, event.total)
                    verb = "resumed" if event.step else "started"
                    writer.event(verb, f"{event.parameters:,} parameters on {event.device}", event.step)
            case Evaluated():
                with writer.together():
                    self._evaluated(event)
            case CheckpointDue():
                self._save(event)
            case NotSaved():
                why = f"no checkpoint ({event.reason}): {event.what} is not finite; the one before it stays the last good one"
                writer.event("notice", why, event.step, {"tensor": event.what, "reason": event.reason})
            case Changed():
                self._changed(event)
            case Paused():
                with writer.together():
                    self._set_status("paused", event.step)
                    writer.event("paused", "waiting for a command", event.step)
            case Resumed():
                with writer.together():
                    self._set_status("running", event.step)
                    writer.event("resumed", "going on", event.step)
            case StepsTaken():
                with writer.together():
                    self._set_status("paused", event.step)
                    self.control.answer(event.request, "done")
            case NonFinite():
                self._nonfinite(event)
            case Ended():
                self.failed = event.reason if event.state == "failed" else ""
                with writer.together():
                    writer.set_meta("source", loaded_sources(self._cards()))
                    self._set_status(event.state, event.step)
                    writer.event(event.state, event.reason, event.step)
                    writer.decline("the run has ended")
                self.insist(writer.flush)

    def _changed(self, event: Changed) -> None:
        """A change; one that follows from a rewind goes with the reason for it: a life that ends in between has neither."""
        what = ", ".join(f"{key} = {value}" for key, value in event.changes.items())
        with self.writer.together():
            if self._rewound is not None:
                self._tell_nonfinite(self._rewound)
                self._rewound = None
            self.writer.event("changed", f"{what}{f' ({event.reason})' if event.reason else ''}", event.step, dict(event.changes))
            if event.request is not None:
                self.control.answer(event.request, "done")

    def _set_status(self, state: str, step: int, total: int | None = None) -> None:
        self.status = state
        self.writer.set_status(state, step=step, total=total)

    def _evaluated(self, event: Evaluated) -> None:
        """Metrics as scalars, samples as a probe, and a line in the events."""
        self.writer.log(event.step, event.scalars, self.state.seconds, self._samples())
        if event.predictions:
            told = {"items": list(event.predictions), "answers": self.state.objective.answer_form(self.state.dataset.task)}
            self.writer.probe(event.step, "predictions", event.split, event.images, told)
        for kind, array in event.arrays.items():
            self.writer.probe(event.step, kind, event.split, array, {})
        if event.snapshot:
            self.snapshots.keep(self.state.experiment, event.step, event.snapshot)
        if event.notice:
            self.writer.event("notice", event.notice, event.step)
        values = ", ".join(f"{tag.partition('/')[2]} {value:.4g}" for tag, value in event.scalars.items())
        best = " (best so far)" if event.improved else ""
        which = "" if event.weights_step is None else f" (best weights on validation, of step {event.weights_step:,})"
        self.writer.event("evaluated", f"{event.split}: {values}{best}{which}", event.step, dict(event.scalars))
        if event.split == "validation":
            self._expect(event)

    def _expect(self, event: Evaluated) -> None:
        """Note for viewers what measuring takes: an evaluation, and all that is left to be measured after the last step."""
        from workbench.training.estimate import finish_seconds, num_test_samples

        experiment = self.state.experiment
        tested = num_test_samples(experiment, self.state.dataset)
        finish = finish_seconds(experiment, event.seconds, event.count, tested)
        self.writer.set_meta("evaluation_seconds", event.seconds)
        last = event.step >= experiment.training.steps
        self.writer.set_meta("finish_seconds", finish if last else event.seconds + finish)

    def _saved_weights(self, step: int) -> Mapping[str, Tensor] | None:
        """The weights in the checkpoint of a step; None where there is none, or it is damaged."""
        from workbench.training.checkpoint_files import checkpoint_path
        from workbench.training.checkpoints import load_checkpoint

        try:
            return load_checkpoint(checkpoint_path(self.folder, step)).model
        except CheckpointError as error:
            with suppress(DiskFullError):  # it is kept, and written with what is measured next
                self.writer.event("notice", f"the best weights were not measured: {error}", self.state.step)
            return None

    def _save(self, event: CheckpointDue) -> None:
        """A checkpoint; the metrics up to it are committed first, so that none is missing after it."""
        from workbench.training.checkpoints import save_checkpoint

        self.insist(self.writer.secure)
        self.insist(lambda: self._saved.append(save_checkpoint(self.folder, self.state)))
        path = self._saved.pop()
        with self.writer.together():
            self._note_best()
            told = {"file": path.name, "reason": event.reason}
            self.writer.event("checkpoint", f"{path.name} ({event.reason})", event.step, told)

    def _note_best(self) -> None:
        """Which checkpoint is the best, as of this step; in the checkpoints the same is noted."""
        self.writer.set_meta("best", {"step": self.state.best_step, "at": self.state.step})

    def _nonfinite(self, event: NonFinite) -> None:
        """Name step, tensor and the last good checkpoint; go back to it when the policy says so."""
        if event.policy == "rewind":
            self._go_back()
            self._rewound = event
            return
        message = self._tell_nonfinite(event)
        if event.policy == "stop":
            raise NonFiniteError(f"{self.folder.id}: {message}. Lower optimizer.lr, or set training.clip_norm or on_nonfinite.")

    def _tell_nonfinite(self, event: NonFinite) -> str:
        from workbench.training.checkpoint_files import list_checkpoints

        last = next((info.path.name for info in reversed(list_checkpoints(self.folder))), "none")
        message = f"{event.what} is not finite at step {event.step}; last good checkpoint: {last}; policy: {event.policy}"
        self.writer.event("nonfinite", message, event.step, {"tensor": event.what, "checkpoint": last, "policy": event.policy})
        return message

    def _cards(self) -> tuple[str, ...]:
        experiment = self.state.experiment
        return experiment.model.name, experiment.data.name, experiment.optimizer.name, self.state.dataset.task.kind

    def _samples(self) -> int:
        training = self.state.experiment.training
        return self.state.step * training.batch_size * training.accumulate


def work(folder: RunFolder, token: str = "", *, queued: bool = False) -> int:
    """Train a run in this process, from its last good checkpoint where there is one; returns the exit code.

    Errors that a person can cause end in state `failed` with one line as event; a traceback goes to worker.log.

    Args:
        folder: the run.
        token: with which a launcher has claimed it for this process.
        queued: wait for a free core first.
    """
    for stream in ("stdout", "stderr"):
        setattr(sys, stream, Forgiving(getattr(sys, stream)))
    try:
        writer = _open(folder, token)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    try:
        control = RunControl(writer)
        if queued and not wait_for_core(folder, writer, control):
            return 0
        return Work(folder, writer, control).run()
    except OwnershipError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except (DiskFullError, BusyError) as error:  # asked to end while it waited, and said so: what is saved is as good as ever
        sys.stderr.write(f"{error}\n")
        return 0
    except BaseException as error:  # noqa: BLE001 - whatever it was, the run's state must say so
        traceback.print_exc()
        line = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error} (see {folder.log_path})"
        _note_end(writer, "failed", line)
        return 1
    finally:
        try:
            writer.close()
        except WorkbenchError as error:
            sys.stderr.write(f"{error}\n")


def _open(folder: RunFolder, token: str) -> RunWriter:
    """The run's writer; while another process holds the database, or the disk is full, it is tried again."""
    while True:
        try:
            return RunWriter(folder, token)
        except (BusyError, DiskFullError):
            time.sleep(WAIT_S)


def _note_end(writer: RunWriter, state: str, line: str) -> None:
    """Leave state and reason behind, if the disk still takes them."""
    try:
        with RunReader(writer.folder) as reader:
            step = reader.status().step
        writer.set_status(state)
        writer.event(state, line, step)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")


def main(arguments: list[str]) -> int:
    """Entry of the worker process."""
    match arguments:
        case ["train", path, *token]:
            return work(RunFolder(Path(path)), *token)
        case ["queue", path, *token]:
            return work(RunFolder(Path(path)), *token, queued=True)
        case ["serve"]:
            load_torch()
            from workbench.training.serve import serve

            return serve()
        case _:
            sys.stderr.write("usage: python -m workbench.training.worker train RUN | queue RUN | serve\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
