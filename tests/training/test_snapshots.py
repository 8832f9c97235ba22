"""Looks inside a model: what they hold, that training does not feel them, when they are taken, and how much they may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.driving import experiment, run_all, state_of, weights
from workbench.cards import Batch
from workbench.experiment.settings import LASTING_VIEWS, SNAPSHOT_VIEWS
from workbench.nn.windows import recurrent_layers
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.records import Probe
from workbench.training import inspecting, kept_snapshots, snapshots, worker
from workbench.training.events import Evaluated
from workbench.training.looks import VIEWS, Row
from workbench.training.snapshots import choose_samples, take_snapshot
from workbench.training.state import TrainingState

ALWAYS = {"inspect__share": 1.0}


def rows_of(state: TrainingState, indices: tuple[int, ...] = (0, 1, 2, 3), **settings: Any) -> dict[tuple[str, str], Row]:
    rows = take_snapshot(state.model, state.objective, state.dataset, indices, state.device, **settings)
    return {(row.kind, row.name): row for row in rows}


def array_of(row: Row) -> Any:
    assert row.array is not None
    return row.array.astype(np.float64)


def snapshots_of(state: TrainingState) -> dict[int, tuple[Probe, ...]]:
    events = [event for event in run_all(state) if isinstance(event, Evaluated)]
    return {event.step: event.snapshot for event in events if event.snapshot}


def test_every_view_has_a_setting() -> None:
    """What the settings name is what there is."""
    assert tuple(VIEWS) == SNAPSHOT_VIEWS


def test_weights_that_are_not_finite_can_be_looked_at() -> None:
    """What cannot be worked out of them is left out."""
    state = state_of(experiment())
    (layer,) = recurrent_layers(state.model)
    with torch.no_grad():
        layer.get_parameter("rnn.weight_hh_l0")[0, 0] = torch.nan
    kinds = {kind for kind, _ in rows_of(state)}
    assert {"states", "weights"} <= kinds


@pytest.mark.parametrize("name", ["elman", "lstm", "gru"])
def test_the_gradient_of_each_state_is_that_of_hooks(name: str) -> None:
    """Step by step, with the gradients that autograd hands to hooks on the states; one sample at a time."""
    state = state_of(experiment(model__name=name, model__kernel="loop", data__name="latch", data__length=9))
    rows = rows_of(state)
    (layer,) = recurrent_layers(state.model)
    path = next(path for path, module in state.model.named_modules() if module is layer)
    norms, units = (array_of(rows["gradient_through_time", f"{path}/{part}"]) for part in ("norm", "unit"))
    batch = state.dataset.held_out("validation")
    for sample in range(4):
        seen: list[Tensor] = []

        def step_by_step(run: Any, inputs: Tensor, start: Any, seen: list[Tensor] = seen) -> Any:
            outputs = []
            for step in inputs.split(1, 1):  # type: ignore[no-untyped-call]  # torch's
                _, start = run(step, start)
                h, *others = start
                h = h.clone()
                h.register_hook(seen.append)
                start = (h, *others)
                outputs.append(h)
            return torch.stack(outputs, 1), start

        layer.runner = step_by_step
        logits = state.model.eval()(torch.from_numpy(batch.inputs[sample : sample + 1]))
        torch.autograd.backward(torch.nn.functional.cross_entropy(logits, torch.from_numpy(batch.targets[sample : sample + 1])))
        layer.runner = None
        expected = torch.stack(seen[::-1])[:, 0].double().numpy()  # (T, H)
        np.testing.assert_allclose(norms[sample], np.linalg.norm(expected, axis=1), rtol=1e-4)
        np.testing.assert_allclose(units[sample], expected / np.abs(expected).max(1, keepdims=True), atol=2e-3)


def test_states_are_those_of_torch() -> None:
    """A GRU's, against torch.nn.GRU with the same weights."""
    state = state_of(experiment(model__name="gru", data__name="latch", data__length=9))
    (layer,) = recurrent_layers(state.model)
    twin = torch.nn.GRU(layer.input_size, layer.hidden_size, batch_first=True)
    twin.load_state_dict(layer.get_submodule("rnn").state_dict())
    batch = state.dataset.held_out("validation").slice(0, 4)
    expected, _ = twin(torch.from_numpy(batch.inputs))
    (row,) = [row for (kind, _), row in rows_of(state).items() if kind == "states"]
    np.testing.assert_allclose(array_of(row), expected.detach().numpy(), atol=1e-3)


def test_both_directions_are_in_the_order_of_the_sequence() -> None:
    """The backward layer's state at the first step has read everything: it is the last that it computed."""
    state = state_of(experiment(model__name="bidirectional", data__name="lookahead", data__length=8))
    rows = rows_of(state)
    batch = state.dataset.held_out("validation").slice(0, 4)
    with torch.no_grad():
        outputs = state.model.eval().get_submodule("backbone")(
            state.model.get_submodule("adapter")(torch.from_numpy(batch.inputs))
        )
    half = outputs.shape[-1] // 2
    forwards = next(row for (kind, name), row in rows.items() if kind == "states" and "forwards" in name)
    backwards = next(row for (kind, name), row in rows.items() if kind == "states" and "backwards" in name)
    np.testing.assert_allclose(array_of(forwards), outputs[..., :half].numpy(), atol=1e-3)
    np.testing.assert_allclose(array_of(backwards), outputs[..., half:].numpy(), atol=1e-3)


def test_eigenvalues_are_those_of_numpy() -> None:
    """Largest first."""
    state = state_of(experiment(model__name="elman", data__name="latch", data__length=9))
    (layer,) = recurrent_layers(state.model)
    expected = np.abs(np.linalg.eigvals(layer.get_parameter("rnn.weight_hh_l0").detach().double().numpy()))
    rows = rows_of(state)
    (row,) = [row for (kind, name), row in rows.items() if kind == "spectrum" and "eigenvalues" in name]
    np.testing.assert_allclose(np.hypot(*array_of(row).T), np.sort(expected)[::-1], rtol=1e-5)


def test_units_count_dead_and_saturated_steps() -> None:
    """Of a network whose biases force it: one unit at 0, one at its bound."""
    state = state_of(experiment(model__name="elman", model__activation="relu", data__name="latch", data__length=9))
    (layer,) = recurrent_layers(state.model)
    with torch.no_grad():
        layer.get_parameter("rnn.bias_ih_l0")[0] = -1e3
    (row,) = [row for (kind, _), row in rows_of(state).items() if kind == "units"]
    assert array_of(row)[0, 0] == 1
    tanh = state_of(experiment(model__name="elman", data__name="latch", data__length=9))
    (layer,) = recurrent_layers(tanh.model)
    with torch.no_grad():
        layer.get_parameter("rnn.bias_ih_l0")[1] = 1e3
    (row,) = [row for (kind, _), row in rows_of(tanh).items() if kind == "units"]
    assert array_of(row)[1].tolist() == [0, 1]


def test_weights_gradient_and_update_of_the_last_step() -> None:
    """With plain SGD the update is the gradient times the rate; the histograms are numpy's."""
    state = state_of(experiment(optimizer__name="sgd", optimizer__lr=0.1, training__eval_every=10, **ALWAYS))
    last = snapshots_of(state)[20]
    parameters = dict(state.model.named_parameters())
    told = {probe.name: probe for probe in last if probe.kind == "weights"}
    assert told
    for name, probe in told.items():
        values = parameters[name].detach().double().numpy()
        norms = probe.info["norms"]
        assert norms[0] == pytest.approx(np.linalg.norm(values), rel=1e-5)
        assert norms[2] == pytest.approx(0.1 * norms[1], rel=1e-4)
        assert probe.info["ratio"] == pytest.approx(norms[2] / norms[0])
        assert probe.array is not None
        expected, _ = np.histogram(values, 40)
        np.testing.assert_allclose(probe.array[0], expected / values.size, atol=2 / values.size)
        np.testing.assert_allclose(probe.array.sum(1), 1, rtol=1e-5)


def test_confusion_counts_every_validated_sample() -> None:
    """Its sum is their number, its diagonal the accuracy."""
    state = state_of(experiment(data__name="latch", data__length=9, **ALWAYS))
    events = [event for event in run_all(state) if isinstance(event, Evaluated) and event.split == "validation"]
    (counts,) = [probe.array for probe in events[-1].snapshot if (probe.kind, probe.name) == ("confusion", "validation")]
    assert counts is not None
    assert counts.sum() == events[-1].count
    assert np.trace(counts) / counts.sum() == pytest.approx(events[-1].scalars["validation/accuracy"])


def test_training_does_not_feel_it() -> None:
    """The same weights and losses, bit for bit, with and without."""
    seen = state_of(experiment(inspect__every=1, model__dropout=0.3, **ALWAYS))
    with_snapshots = run_all(seen)
    blind = state_of(experiment(inspect__every=0, model__dropout=0.3, **ALWAYS))
    without = run_all(blind)
    assert [getattr(event, "scalars", None) for event in with_snapshots] == [getattr(event, "scalars", None) for event in without]
    assert all(torch.equal(a, b) for a, b in zip(weights(seen), weights(blind), strict=True))
    assert not any(event.snapshot for event in without if isinstance(event, Evaluated))


def test_looking_leaves_gradients_random_numbers_and_mode_alone() -> None:
    """A step after it is the step that would have been."""
    state = state_of(experiment())
    random = torch.get_rng_state()
    rows_of(state)
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in state.model.parameters())
    assert state.model.training


@pytest.mark.parametrize(("every", "expected"), [(1, [5, 10, 15, 20]), (2, [10, 20]), (3, [15, 20]), (0, [])])
def test_every_so_many_evaluations(every: int, expected: list[int]) -> None:
    """And at the end, whatever the count."""
    state = state_of(experiment(training__eval_every=5, inspect__every=every, **ALWAYS))
    assert list(snapshots_of(state)) == expected


def test_what_takes_too_long_is_left_out() -> None:
    """With next to no time for them there are two: the first and the last."""
    state = state_of(experiment(training__eval_every=2, inspect__share=1e-9))
    assert list(snapshots_of(state)) == [2, 20]


def test_a_layer_that_cannot_be_looked_into_does_not_end_the_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The run goes to its end, and says once why it has no snapshots."""

    def fails(*_: object, **__: object) -> list[Row]:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(inspecting, "take_snapshot", fails)
    folder = RunFolder.create(tmp_path, experiment(training__eval_every=2, **ALWAYS))
    assert worker.work(folder) == 0
    with RunReader(folder) as reader:
        told = [event.message for event in reader.events() if event.kind == "notice"]
        assert reader.probe_steps("samples") == []
    assert told == ["no snapshots are taken: ZeroDivisionError: odd. Set inspect.views to others."]


def test_views_can_be_chosen() -> None:
    """Only these, and the samples."""
    state = state_of(experiment(inspect__views=["units"], **ALWAYS))
    assert {probe.kind for probe in snapshots_of(state)[20]} == {"samples", "units"}


def test_samples_are_chosen_once_and_differ() -> None:
    """The same for the same seed; all classes and lengths before any again."""
    rng = np.random.default_rng(0)
    targets, lengths = rng.integers(0, 4, 200), rng.integers(3, 9, 200)
    batch = Batch(np.zeros((200, 8, 1), np.float32), targets, lengths)
    chosen = choose_samples(batch, 4, seed=3)
    assert chosen == choose_samples(batch, 4, seed=3)
    assert chosen != choose_samples(batch, 4, seed=4)
    assert len(set(targets[chosen].tolist())) == 4
    assert len(set(lengths[chosen].tolist())) == 4
    assert len(choose_samples(batch, 64, seed=3)) == 64
    assert choose_samples(batch.slice(0, 3), 64, seed=3) == [0, 1, 2]


def test_a_large_snapshot_is_thinned_along_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each second, fourth ... step is kept, and which ones they are is said."""
    monkeypatch.setattr(snapshots, "MOST_BYTES", 20_000)
    state = state_of(experiment(model__name="gru", model__hidden_size=32, data__name="latch", data__length=100))
    rows = rows_of(state)
    assert sum(row.array.nbytes for row in rows.values() if row.array is not None) <= 20_000
    (row,) = [row for (kind, _), row in rows.items() if kind == "states"]
    every = row.info["every"]
    assert every > 1
    assert row.info["steps"] == list(range(1, 101, every))
    assert array_of(row).shape == (4, len(row.info["steps"]), 32)


def test_a_run_keeps_so_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When there are more, every second one goes; the first and the last are there, and what lasts is in the first."""
    monkeypatch.setattr(kept_snapshots, "MOST_SNAPSHOTS", 4)
    folder = RunFolder.create(tmp_path, experiment(training__eval_every=2, **ALWAYS))
    assert worker.work(folder) == 0
    with RunReader(folder) as reader:
        steps = reader.probe_steps("samples")
        kinds = [kind for kind in reader.probe_kinds() if kind in SNAPSHOT_VIEWS]
        assert len(steps) <= 4
        assert {2, 20} <= set(steps)
        assert kinds
        assert all(reader.probe_steps(kind) == (steps[:1] if kind in LASTING_VIEWS else steps) for kind in kinds)
