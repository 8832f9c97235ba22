"""The training loop, from top to bottom.

`train` is a generator: it yields what happened (`events.py`) and takes requests between steps through a `Control`. It knows
neither files nor processes; `worker.py` wires it to a run folder, and a test may drive it with a list of requests.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Literal, TypeAlias, cast

import torch
from torch import Tensor

from workbench.errors import ExperimentError
from workbench.nn.closed_form import ClosedForm
from workbench.nn.tensor_batch import TensorBatch
from workbench.runs.changes import LiveChanges
from workbench.training import gradients
from workbench.training.evaluation import EvaluationStopped, Measured, evaluate
from workbench.training.events import (
    Changed,
    CheckpointDue,
    Control,
    Ended,
    Evaluated,
    Event,
    NonFinite,
    NotSaved,
    Request,
    Started,
    StepDone,
)
from workbench.training.inspecting import Inspection
from workbench.training.pausing import Pause
from workbench.training.schedules import learning_rate, teacher_forcing
from workbench.training.snapshot_plan import SnapshotPlan
from workbench.training.state import TrainingState
from workbench.training.through_time import WHOLE, Share, backward, shares
from workbench.training.uncompiled import take_step

__all__ = ["train"]

SavedWeights: TypeAlias = Callable[[int], Mapping[str, Tensor] | None]

Reason: TypeAlias = Literal["interval", "best", "asked", "stop", "end"]

_ENDING: dict[str, tuple[Literal["stopped", "paused"], str]] = {
    "stop": ("stopped", "stopped on request"),
    "terminate": ("paused", "the process was asked to end"),
}
"""Requests that end a life of the run, with its state and reason."""

MAX_REWINDS = 10
"""Rewinds after which a run fails: with the learning rate halved each time, more would not help."""


def train(
    state: TrainingState,
    control: Control,
    changes: LiveChanges | None = None,
    saved_weights: SavedWeights = lambda step: None,  # noqa: ARG005 - nothing was saved
    plan: SnapshotPlan | None = None,
) -> Iterator[Event]:
    """Train until the last step, a stop, or a failure.

    Args:
        state: where to begin; it is kept up to date.
        control: where requests come from.
        changes: the run's list of live changes. Those that are known beforehand take force at the same step as when they
            were made, so that a resumed or replayed run equals the first; those that are made now are added.
        saved_weights: the model's state dict as saved after a step, or None where it is not to be had.
        plan: after which evaluations there are snapshots, as far as an earlier life of the run has settled it.

    Yields:
        What happened. The loop waits while the caller handles an event.
    """
    loop = _Loop(state, control, changes or LiveChanges(), saved_weights, plan or SnapshotPlan())
    yield Started(state.step, state.experiment.training.steps, state.num_parameters, str(state.device))
    yield from loop.settle()
    while loop.ended is None:
        if loop.done() is not None:
            yield from loop.finish()
            continue
        yield from loop.serve()
        if loop.ended is None:
            yield from loop.advance()
    if loop.ended.state in ("stopped", "paused"):
        yield from loop.save("stop")
    loop.decline()
    yield loop.ended


class _Loop:
    """The parts of the loop, and what they share."""

    def __init__(
        self, state: TrainingState, control: Control, changes: LiveChanges, saved_weights: SavedWeights, plan: SnapshotPlan
    ) -> None:
        self.state = state
        self.control = control
        self.saved_weights = saved_weights
        self.changes = changes
        self.changes.go_to(state.step)
        self.inspection = Inspection(state, plan)
        self.waiting: list[Request] = []
        self.ended: Ended | None = None
        self.pause = Pause(control)

    def done(self) -> str | None:
        """Why training is complete, or None when it is not."""
        training = self.state.experiment.training
        if self.state.step >= training.steps:
            return "all steps done"
        if training.early_stopping and self.state.stale >= training.early_stopping:
            return f"no better validation {training.monitor} in {self.state.stale} evaluations"
        return None

    def serve(self) -> Iterator[Event]:
        """Put known changes in force, and do what was asked; returns when a step may be taken or the loop ended."""
        if instead := self.state.take_up(self.changes.take(self.state.step)):
            self.changes.note(self.state.step, instead)  # a change of its own, so that every later life takes the same way
            yield Changed(self.state.step, instead, "the change made before no longer fits")
        waiting, self.waiting = self.waiting, []
        for request in [*waiting, *self.control.poll()]:
            yield from self._handle(request)
        while self.pause.waits and self.ended is None:
            for request in self.control.wait():
                yield from self._handle(request)

    def advance(self) -> Iterator[Event]:
        """One optimiser step, and the evaluation and checkpoint that fall due after it."""
        state, training = self.state, self.state.experiment.training
        began = time.perf_counter()
        measured = self._fit() if state.experiment.architecture.closed_form else self._step()
        state.seconds += time.perf_counter() - began
        if not all(map(math.isfinite, measured.values())):
            yield from self._nonfinite(self._culprit(measured["train/loss"]))
            if self.ended is not None or state.experiment.training.on_nonfinite == "rewind":
                return
        logged = state.step % training.log_every == 0 or state.step == training.steps
        scalars = measured if logged else {}
        samples = state.step * training.batch_size * training.accumulate
        state.evaluation_due = bool(training.eval_every and state.step % training.eval_every == 0 and state.step < training.steps)
        yield StepDone(state.step, scalars, state.seconds, samples)
        if state.evaluation_due:
            yield from self.settle()
        elif self.done() is None and training.checkpoint_every and state.step % training.checkpoint_every == 0:
            yield from self.save("interval")
        if self.ended is None:
            yield from self.pause.step_taken(state.step)

    def settle(self) -> Iterator[Event]:
        """Make the evaluation that is due, and save what it changes: the two are one.

        A life of the run that ends before that checkpoint leaves the evaluation to the next one, which makes it anew.
        """
        state, training = self.state, self.state.experiment.training
        if not state.evaluation_due:
            return
        yield from self._evaluate(count=True)
        if self.ended is not None or self.done() is not None:  # the end saves its own
            return
        if state.among_best:
            yield from self.save("best")
        elif training.checkpoint_every and state.step % training.checkpoint_every == 0:
            yield from self.save("interval")

    def save(self, reason: Reason) -> Iterator[Event]:
        """Have the state saved, unless nobody could go on from it."""
        if bad := self.state.nonfinite():
            yield NotSaved(self.state.step, reason, bad)
        else:
            yield CheckpointDue(self.state.step, reason)

    def finish(self) -> Iterator[Event]:
        """Measure on validation and test data, and save. Asked to stop meanwhile, the run can be gone on with from here."""
        state = self.state
        if state.evaluated != state.step:
            yield from self._evaluate(count=True)
        if self.ended is None and (bad := state.nonfinite()):
            step = state.step
            yield from self._nonfinite(bad)
            if state.step < step:
                return
        if self.ended is not None:
            return
        yield from self.save("end")
        try:
            measured = self._test()
            scalars = {f"test/{metric}": value for metric, value in measured.metrics.items()}
            yield Evaluated(state.step, "test", scalars, measured.predictions, measured.images, arrays=measured.arrays)
            yield from self._test_best(measured)
        except EvaluationStopped:
            self._end()
        else:
            self.ended = Ended(state.step, "finished", self.done() or "all steps done")

    def decline(self) -> None:
        """Answer what was asked too late."""
        for request in [*self.pause.give_up(), *self.waiting, *self.control.poll()]:
            self.control.answer(request, "done" if request.verb in _ENDING else "the run has ended")

    def _test(self) -> Measured:
        state = self.state
        return evaluate(state.model, state.objective, state.dataset, "test", state.device, stopped=self._stopped)

    def _stopped(self) -> bool:
        """Whether the run is to end now; what else is asked for during an evaluation is done after it."""
        self.waiting += self.control.poll()
        return any(request.verb in _ENDING for request in self.waiting)

    def _end(self) -> None:
        """End as was asked during an evaluation."""
        asked = next(request for request in self.waiting if request.verb in _ENDING)
        self.waiting.remove(asked)
        self.ended = Ended(self.state.step, *_ENDING[asked.verb])
        self.control.answer(asked, "done")

    def _test_best(self, last: Measured) -> Iterator[Event]:
        """Measure the weights that are exported and asked unless told otherwise: the best ones on validation data."""
        state = self.state
        if not (state.best and state.experiment.training.keep_best):
            return
        step, measured = state.best[0][1], last
        if step != state.step:
            weights = self.saved_weights(step)
            if weights is None:
                return
            last_weights = {name: value.clone() for name, value in state.model.state_dict().items()}
            state.model.load_state_dict(weights)
            try:
                measured = self._test()
            finally:
                state.model.load_state_dict(last_weights)
        scalars = {f"test_best/{metric}": value for metric, value in measured.metrics.items()}
        yield Evaluated(state.step, "test_best", scalars, weights_step=step)

    def _fit(self) -> dict[str, float]:
        """One batch more for a model that is fitted in closed form. Returns the error on it and the norm of the solution."""
        state = self.state
        total = 0.0
        for batch, share in self._batches():
            total += float(cast("ClosedForm", state.model).fit(batch.inputs, batch.targets, batch.lengths)) * share.targets
        state.step += 1
        solution = [parameter.detach() for parameter in state.parameters]
        norm = gradients.exact_norm(solution, float(gradients.total_norm(solution)))
        return {"train/loss": total, "train/readout_norm": norm}

    def _batches(self) -> list[tuple[TensorBatch, Share]]:
        """The batches of the coming step, each with its share of it."""
        state, training = self.state, self.state.experiment.training
        numbers = range(state.step * training.accumulate, (state.step + 1) * training.accumulate)
        batches = [
            TensorBatch.of(state.dataset.train_batch(training.seed, number, training.batch_size), state.device)
            for number in numbers
        ]
        return list(zip(batches, [WHOLE] if len(batches) == 1 else shares(state.objective, batches), strict=True))

    def _step(self) -> dict[str, float]:
        """Gradient, clipping, update. Returns loss, gradient norm before clipping, and learning rate."""
        state, training = self.state, self.state.experiment.training
        state.optimizer.zero_grad()
        totals: dict[str, Tensor] = {}
        forcing = teacher_forcing(training, state.step)
        for batch, share in self._batches():
            values = backward(state.objective, state.model, batch, forcing, training, share=share, memory=state.memory)
            for tag, value in values.items():
                totals[tag] = totals[tag] + value if tag in totals else value
        grads = [parameter.grad for parameter in state.parameters if parameter.grad is not None]
        *sums, norm = torch.stack([*totals.values(), gradients.total_norm(grads)]).tolist()  # one wait for the device
        means = dict(zip(totals, sums, strict=True))
        norm = gradients.exact_norm(grads, norm)
        rate = learning_rate(state.experiment.optimizer.config, state.step, training.steps, state.plateau)
        if all(map(math.isfinite, (*means.values(), norm))):
            if training.clip_norm:
                gradients.clip_norm_(grads, norm, training.clip_norm)
            if training.clip_value:
                gradients.clip_value_(grads, training.clip_value)
            for group in state.optimizer.param_groups:
                group["lr"] = rate
            before = self.inspection.before_step()
            take_step(state.optimizer)
            self.inspection.after_step(before)
        state.step += 1
        return {**means, "train/grad_norm": norm, "train/lr": rate}

    def _culprit(self, loss: float) -> str:
        """What is not finite: the loss, or the first parameter whose gradient is not."""
        if not math.isfinite(loss):
            return "loss"
        named = self.state.model.named_parameters()
        return next((n for n, p in named if p.grad is not None and not p.grad.isfinite().all()), "gradient norm")

    def _nonfinite(self, what: str) -> Iterator[Event]:
        """Stop, skip or rewind, as the experiment says."""
        state, policy, step = self.state, self.state.experiment.training.on_nonfinite, self.state.step
        if policy == "rewind" and state.rewinds >= MAX_REWINDS:
            policy = "stop"
        rewinds, rate = state.rewinds + 1, state.experiment.optimizer.config.lr / 2
        yield NonFinite(step, what, policy)
        if policy == "stop":
            self.ended = Ended(step, "failed", f"{what} is not finite at step {step}")
        elif policy == "rewind":  # the caller has put the state back; the same steps would end the same way
            state.rewinds, lower = rewinds, {"optimizer.lr": rate}
            yield Changed(state.step, lower, "gone back")
            self.changes.note(state.step, lower)
            self.changes.go_to(state.step)

    def _evaluate(self, *, count: bool) -> Iterator[Event]:
        """Measure on validation data; with `count` the result takes part in best, patience and plateau."""
        state, training = self.state, self.state.experiment.training
        began = time.perf_counter()
        try:
            measured = evaluate(
                state.model,
                state.objective,
                state.dataset,
                "validation",
                state.device,
                limit=training.eval_samples,
                stopped=self._stopped,
            )
        except EvaluationStopped:
            self._end()
            return
        improved = state.observe(measured.metrics) if count else False
        if count:
            state.evaluated, state.evaluation_due = state.step, False
        scalars = {f"validation/{metric}": value for metric, value in measured.metrics.items()}
        seconds = time.perf_counter() - began
        snapshot, notice = self.inspection.look(measured) if count else ((), "")
        yield Evaluated(
            state.step,
            "validation",
            scalars,
            measured.predictions,
            measured.images,
            improved,
            measured.arrays,
            seconds=seconds,
            count=measured.count,
            snapshot=snapshot,
            notice=notice,
        )

    def _evaluate_once(self) -> Generator[Event, None, str]:
        """An evaluation that was asked for: no later life makes it anew, so it is kept with the state that was measured."""
        yield from self._evaluate(count=False)
        if self.ended is not None:
            return "given up: the run was asked to end"
        yield from self.save("asked")
        return "done"

    def _handle(self, request: Request) -> Iterator[Event]:
        """Do what was asked and answer."""
        state, outcome = self.state, "done"
        match request.verb:
            case "pause" | "resume":
                outcome = yield from self.pause.turn(request.verb, state.step)
            case "step":
                if not (outcome := self.pause.ask(request)):
                    return  # answered once the steps are taken
            case "stop" | "terminate":
                self.ended = Ended(state.step, *_ENDING[request.verb])
            case "checkpoint":
                yield from self.save("asked")
                if bad := state.nonfinite():
                    outcome = f"nothing is saved: {bad} is not finite"
            case "evaluate":
                outcome = yield from self._evaluate_once()
            case "set":
                outcome = yield from self._set(request)
            case verb:
                outcome = f"unknown command '{verb}'"
        self.control.answer(request, outcome)

    def _set(self, request: Request) -> Generator[Event, None, str]:
        """Put live changes in force, or say why not."""
        changes = request.arguments
        live = self.state.experiment.live_settings()
        fixed = [key for key in changes if key not in live]
        if fixed:
            return f"{', '.join(fixed)}: cannot change while the run goes on; these can: {', '.join(live)}"
        try:
            self.state.apply(changes)
        except ExperimentError as error:
            return str(error).replace("\n", "; ")
        self.changes.note(self.state.step, changes)
        yield Changed(self.state.step, dict(changes), request=request)
        return "done"
