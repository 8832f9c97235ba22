"""The training loop, driven by a script instead of a run folder."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.driving import SMALL, Script, experiment, run_all, state_of, weights
from workbench.experiment import Experiment
from workbench.runs.changes import LiveChanges
from workbench.training.evaluation import evaluate
from workbench.training.events import (
    Changed,
    CheckpointDue,
    Ended,
    Evaluated,
    NonFinite,
    Paused,
    Request,
    Resumed,
    StepDone,
    StepsTaken,
)
from workbench.training.loop import train
from workbench.training.state import TrainingState


def test_a_whole_run_logs_evaluates_saves_and_ends() -> None:
    """Every step is logged, evaluations and checkpoints fall when due, test data come at the end."""
    state = state_of(experiment())
    events = run_all(state)
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(1, 21))
    assert [(event.step, event.split) for event in events if isinstance(event, Evaluated)] == [
        (10, "validation"),
        (20, "validation"),
        (20, "test"),
        (20, "test_best"),
    ]
    assert [(event.step, event.reason) for event in events if isinstance(event, CheckpointDue)] == [
        (5, "interval"),
        (10, "best"),
        (15, "interval"),
        (20, "end"),
    ]
    assert events[-1] == Ended(20, "finished", "all steps done")


def test_the_loop_equals_a_bare_one() -> None:
    """Weights and losses after twenty steps are those of a loop written with torch alone, bit for bit."""
    wanted = experiment(optimizer__name="sgd", optimizer__lr=0.1, training__eval_every=0)
    state = state_of(wanted)
    losses = [event.scalars["train/loss"] for event in run_all(state) if isinstance(event, StepDone)]

    torch.manual_seed(0)
    dataset = wanted.dataset_card.open(wanted.data.config)
    model = wanted.architecture.build(wanted.model.config, dataset.task)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=True)
    expected = []
    for step in range(20):
        batch = dataset.train_batch(0, step, 8)
        logits = model(torch.from_numpy(batch.inputs))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.from_numpy(batch.targets).flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        expected.append(loss.item())
    assert losses == expected
    assert all(torch.equal(a, b) for a, b in zip(weights(state), model.parameters(), strict=True))


def test_accumulated_batches_equal_one_large_one() -> None:
    """Two batches averaged into a step give the gradient of both together."""
    small, large = state_of(experiment(training__accumulate=2)), state_of(experiment())
    for event in train(small, Script(small)):
        if isinstance(event, StepDone):
            found = [parameter.grad.clone() for parameter in small.parameters if parameter.grad is not None]
            break
    for number in (0, 1):
        batch = large.dataset.train_batch(0, number, 8)
        logits = large.model(torch.from_numpy(batch.inputs))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.from_numpy(batch.targets).flatten())
        torch.autograd.backward(loss / 2)
    expected = [parameter.grad for parameter in large.parameters if parameter.grad is not None]
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


CUTS = [(16, 1), (4, 4), (1, 16)]
UNEQUAL: dict[str, dict[str, Any]] = {
    "label": {"model": {"name": "elman", "hidden_size": 8}, "data": {"name": "recall", "length": 6}},
    "classify": {"model": {"name": "bp", "hidden_size": 8}, "data": {"name": "mnist"}},
    "regress": {"model": {"name": "gru", "hidden_size": 8}, "data": {"name": "adding", "length": 6}},
    "transduce": {"model": {"name": "seq2seq", "hidden_size": 8}, "data": {"name": "dates"}},
    "generate": {"model": {"name": "generator", "hidden_size": 8}, "data": {"name": "two_lengths"}},
    "forecast": {"model": {"name": "elman", "hidden_size": 8}, "data": {"name": "mackey_glass"}},
    "language": {"model": {"name": "elman", "hidden_size": 8}, "data": {"name": "text"}},
}


@pytest.mark.parametrize("values", UNEQUAL.values(), ids=UNEQUAL)
def test_however_a_step_is_cut_into_batches_it_is_the_same(values: dict[str, Any]) -> None:
    """Loss, norm and gradient of one step over the same samples do not depend on how many batches they come in.

    The batches are cut from the same sixteen samples, whose numbers of targets differ where the task allows that.
    """
    found = []
    for size, count in CUTS:
        training = {"batch_size": size, "accumulate": count, "steps": 1, "eval_every": 0}
        wanted = Experiment.from_dict({**SMALL, **values, "training": training})
        state = state_of(wanted)
        state.dataset = Slices(state.dataset, 16)  # type: ignore[assignment]
        step = next(event for event in train(state, Script(state)) if isinstance(event, StepDone))
        gradient = torch.cat([p.grad.flatten() for p in state.parameters if p.grad is not None])
        found.append((step.scalars["train/loss"], step.scalars["train/grad_norm"], gradient))
    for loss, norm, gradient in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        assert norm == pytest.approx(found[0][1], rel=1e-4)
        torch.testing.assert_close(gradient, found[0][2], rtol=1e-3, atol=1e-6)


class Slices:
    """A dataset whose batches are neighbouring slices of one larger batch."""

    def __init__(self, inner: Any, size: int) -> None:
        self.inner = inner
        self.whole = inner.train_batch(0, 0, size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def train_batch(self, seed: int, step: int, size: int) -> Any:
        return self.whole.slice(step * size, (step + 1) * size)


def observed(values: list[float], **changes: Any) -> TrainingState:
    """A state that saw these validation losses at steps 1, 2, ..."""
    state = state_of(experiment(**changes))
    for state.step, value in enumerate(values, 1):
        state.observe({"loss": value})
    return state


def test_the_k_best_are_kept_and_not_only_records() -> None:
    """An evaluation that is second best is among the best two, though it was no record; equals keep their order."""
    state = observed([3.0, 1.0, 2.0, 1.0], training__keep_best=3)
    assert state.best == [(1.0, 2), (1.0, 4), (2.0, 3)]
    assert not observed([1.0, 3.0], training__keep_best=1).among_best
    assert observed([1.0, 3.0], training__keep_best=2).among_best


def test_what_is_not_a_number_is_never_the_best() -> None:
    """NaN counts as no gain."""
    state = observed([float("nan"), 2.0, float("nan")], training__keep_best=3)
    assert state.best == [(2.0, 2)]
    assert state.stale == 1


def test_early_stopping_counts_gains_below_the_smallest_as_none() -> None:
    """Gains of .01 with a smallest of .1 do not feed patience until together they are enough, yet each is the best so far."""
    state = observed([1.0, 0.99, 0.98], training__min_delta=0.1)
    assert state.stale == 2
    assert state.best[0] == (0.98, 3)
    state.step = 4
    state.observe({"loss": 0.89})
    assert state.stale == 0


def test_test_metrics_are_those_of_the_last_and_of_the_best_weights() -> None:
    """Each equals a measurement of the very weights; training's weights are as before afterwards."""
    state = state_of(experiment(optimizer__lr=0.3, training__steps=30, training__eval_every=3))
    saved: dict[int, dict[str, torch.Tensor]] = {}
    events = []
    for event in train(state, Script(state), None, saved.get):
        if isinstance(event, CheckpointDue):
            saved[event.step] = {name: value.clone() for name, value in state.model.state_dict().items()}
        events.append(event)
    last, best = (event for event in events if isinstance(event, Evaluated) and event.split.startswith("test"))
    assert best.split == "test_best"
    assert best.weights_step == state.best[0][1] != state.step
    assert all(torch.equal(value, saved[30][name]) for name, value in state.model.state_dict().items())
    for event, step in ((last, 30), (best, state.best[0][1])):
        state.model.load_state_dict(saved[step])
        measured = evaluate(state.model, state.objective, state.dataset, "test", state.device).metrics
        assert {tag.partition("/")[2]: value for tag, value in event.scalars.items()} == measured


def test_where_the_last_weights_are_the_best_both_scores_are_told() -> None:
    """Nothing is loaded for that."""
    state = state_of(experiment(training__steps=10))
    scores = [event.scalars for event in run_all(state) if isinstance(event, Evaluated) and event.split != "validation"]
    assert [tag.replace("test_best", "test") for tag in scores[1]] == list(scores[0])
    assert list(scores[0].values()) == list(scores[1].values())


def test_clipping_holds_the_update_and_logs_the_norm_before_it() -> None:
    """With SGD at rate 1 the change of the weights has the clipped norm, and the logged norm is the unclipped one."""
    wanted = experiment(optimizer__name="sgd", optimizer__lr=1.0, training__clip_norm=1e-3, training__steps=1)
    state = state_of(wanted)
    before = weights(state)
    norms = [event.scalars["train/grad_norm"] for event in run_all(state) if isinstance(event, StepDone)]
    moved = torch.cat([(a - b).flatten() for a, b in zip(before, weights(state), strict=True)]).norm().item()
    assert moved == pytest.approx(1e-3, rel=1e-3)
    assert norms[0] > 1e-2


def test_pause_step_and_resume() -> None:
    """A paused loop takes no step but the single ones asked for, and goes on when told."""
    state = state_of(experiment())
    script = Script(state, {3: [Request("pause")]})
    script.waiting = [[], [Request("step")], [Request("pause")], [Request("resume")]]
    kinds = [type(event) for event in train(state, script) if isinstance(event, StepDone | Paused | Resumed)]
    assert kinds[:6] == [StepDone, StepDone, StepDone, Paused, StepDone, Resumed]
    assert script.outcomes == [("pause", "done"), ("step", "done"), ("pause", "the run is already paused"), ("resume", "done")]


def test_steps_at_pause_are_counted_and_answered_once_taken() -> None:
    """Series that are asked for follow each other; each is answered after its last step, and the run waits again."""
    state = state_of(experiment())
    script = Script(state, {3: [Request("pause")]})
    script.waiting = [[Request("step", {"count": 4}, id=1), Request("step", id=2)], [Request("stop")]]
    events = run_all(state, script)
    assert [(event.step, event.request.id) for event in events if isinstance(event, StepsTaken)] == [(7, 1), (8, 2)]
    assert isinstance(events[-1], Ended)
    assert events[-1].step == 8


@pytest.mark.parametrize(
    ("verb", "outcome"),
    [("pause", "given up at step 5: the run was paused"), ("resume", "given up at step 5: the run was resumed")],
)
def test_steps_at_pause_can_be_given_up(verb: str, outcome: str) -> None:
    """Told to pause or to go on in the midst of them, the run does that and says so to who asked for the steps."""
    state = state_of(experiment())
    script = Script(state, {3: [Request("pause")], 5: [Request(verb)]})
    script.waiting = [[Request("step", {"count": 9})], [Request("stop")]]
    events = run_all(state, script)
    assert script.outcomes[1:3] == [("step", outcome), (verb, "done")]
    assert isinstance(events[-1], Ended)
    assert events[-1].step == (5 if verb == "pause" else 20)


@pytest.mark.parametrize("count", [0, -1, True, "3", 1.5, None])
def test_a_count_of_steps_is_a_whole_number_from_1(count: object) -> None:
    """Anything else is answered, and no step is taken."""
    state = state_of(experiment())
    script = Script(state, {3: [Request("pause")]})
    script.waiting = [[Request("step", {"count": count})], [Request("stop")]]
    assert run_all(state, script)[-1].step == 3
    assert script.outcomes[1] == ("step", f"got count {count!r}; expected a whole number from 1")


def test_a_run_whose_last_step_was_asked_for_finishes() -> None:
    """The steps that are left are taken; those that are not there are declined."""
    state = state_of(experiment())
    script = Script(state, {18: [Request("pause")]})
    script.waiting = [[Request("step", {"count": 2}), Request("step")]]
    ended = run_all(state, script)[-1]
    assert isinstance(ended, Ended)
    assert ended.state == "finished"
    assert script.outcomes == [("pause", "done"), ("step", "done"), ("step", "the run has ended")]


@pytest.mark.parametrize(("verb", "ending"), [("stop", "stopped"), ("terminate", "paused")])
def test_stop_and_terminate_save_first(verb: str, ending: str) -> None:
    """A run that is stopped, or whose process is asked to end, saves its state before it says so."""
    state = state_of(experiment())
    events = run_all(state, Script(state, {7: [Request(verb)]}))
    assert isinstance(events[-2], CheckpointDue)
    assert isinstance(events[-1], Ended)
    assert (events[-2].step, events[-1].step, events[-1].state) == (7, 7, ending)


def test_a_live_change_takes_force_at_once_and_is_told() -> None:
    """The learning rate of the next step is the new one, and an event says when it changed."""
    state = state_of(experiment())
    events = run_all(state, Script(state, {4: [Request("set", {"optimizer.lr": 0.5})]}))
    rates = [event.scalars["train/lr"] for event in events if isinstance(event, StepDone)]
    assert rates[3:5] == [0.01, 0.5]
    assert Changed(4, {"optimizer.lr": 0.5}) in events


def test_what_may_not_change_is_refused_with_a_reason() -> None:
    """A setting that needs a new run, a value out of bounds and an unknown verb are answered, and nothing changes."""
    state = state_of(experiment())
    asked = [Request("set", {"model.hidden_size": 9}), Request("set", {"optimizer.lr": -1}), Request("dance")]
    script = Script(state, {2: asked})
    events = run_all(state, script)
    first, second, third = (outcome for _, outcome in script.outcomes)
    assert "model.hidden_size: cannot change while the run goes on" in first
    assert "expected a number above 0" in second
    assert third == "unknown command 'dance'"
    assert not [event for event in events if isinstance(event, Changed)]


def test_known_changes_are_put_in_force_at_their_step() -> None:
    """A run given its changes beforehand equals the run in which they were made by hand."""
    by_hand, known = state_of(experiment()), state_of(experiment())
    run_all(by_hand, Script(by_hand, {4: [Request("set", {"optimizer.lr": 0.2, "training.clip_norm": 0.1})]}))
    list(train(known, Script(known), LiveChanges([(4, {"optimizer.lr": 0.2, "training.clip_norm": 0.1})])))
    assert all(torch.equal(a, b) for a, b in zip(weights(by_hand), weights(known), strict=True))


def test_evaluating_on_request_changes_nothing_that_follows() -> None:
    """An evaluation in between neither moves the random numbers nor counts for early stopping."""
    plain, asked = state_of(experiment()), state_of(experiment())
    run_all(plain)
    run_all(asked, Script(asked, {3: [Request("evaluate")], 12: [Request("evaluate")]}))
    assert all(torch.equal(a, b) for a, b in zip(weights(plain), weights(asked), strict=True))
    assert plain.best == asked.best


def test_early_stopping_ends_the_run_after_its_patience() -> None:
    """With a learning rate too small to improve on anything for long, the run ends early and says why."""
    state = state_of(experiment(training__steps=200, training__eval_every=1, training__early_stopping=2, optimizer__lr=5.0))
    ended = run_all(state)[-1]
    assert isinstance(ended, Ended)
    assert ended.state == "finished"
    assert ended.step < 200
    assert "no better validation loss in 2 evaluations" in ended.reason


class Poisoned:
    """A dataset whose batch of one step is not finite."""

    def __init__(self, inner: object, step: int) -> None:
        self.inner = inner
        self.step = step

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def train_batch(self, seed: int, step: int, size: int) -> object:
        batch = self.inner.train_batch(seed, step, size)  # type: ignore[attr-defined]
        if step == self.step:
            batch.inputs[:] = float("nan")
        return batch


def test_a_nonfinite_loss_stops_by_default() -> None:
    """The run fails at the step and names what was not finite; no weight is touched."""
    state = state_of(experiment())
    state.dataset = Poisoned(state.dataset, 6)  # type: ignore[assignment]
    events = run_all(state)
    assert NonFinite(7, "loss", "stop") in events
    assert events[-1] == Ended(7, "failed", "loss is not finite at step 7")
    assert all(parameter.isfinite().all() for parameter in state.parameters)


def test_a_nonfinite_step_can_be_skipped() -> None:
    """With `skip` the step is logged, its update left out, and training goes on."""
    state = state_of(experiment(training__on_nonfinite="skip"))
    state.dataset = Poisoned(state.dataset, 6)  # type: ignore[assignment]
    events = run_all(state)
    assert NonFinite(7, "loss", "skip") in events
    assert events[-1] == Ended(20, "finished", "all steps done")
    assert all(parameter.isfinite().all() for parameter in state.parameters)


def test_a_rewind_goes_on_from_the_checkpoint_with_half_the_rate() -> None:
    """The caller puts the state back; the loop halves the learning rate each time, and gives up after ten times."""
    state = state_of(experiment(training__on_nonfinite="rewind"))
    state.dataset = Poisoned(state.dataset, 6)  # type: ignore[assignment]
    saved = (state.tensors(), state.facts())
    rates, ended = [], None
    for event in train(state, Script(state)):
        if isinstance(event, CheckpointDue):
            saved = (state.tensors(), state.facts())
        elif isinstance(event, NonFinite) and event.policy == "rewind":
            state.restore(*saved)
            assert state.step == 5
        elif isinstance(event, Changed):
            rates.append(event.changes["optimizer.lr"])
        ended = event
    assert rates == [0.01 / 2**times for times in range(1, 11)]
    assert isinstance(ended, Ended)
    assert ended.state == "failed"
