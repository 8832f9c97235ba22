"""Passages of alike activity: against loops in numpy on torch's own layers, and what cannot be looked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.training.driving import experiment, state_of
from workbench.errors import UsageError
from workbench.nn.reservoir import Reservoir
from workbench.nn.windows import recurrent_layers
from workbench.training import alike
from workbench.training.alike import Alike, find_alike, nearest_windows
from workbench.training.inference import LoadedModel

SEARCHED = 40


def loaded(**changes: Any) -> LoadedModel:
    """The small experiment's model before its first step."""
    state = state_of(experiment(**changes))
    return LoadedModel(state.model.eval(), state.experiment, 7, state.dataset)


def only_layer(model: LoadedModel) -> tuple[str, Any]:
    """Path and module of its recurrent layer."""
    ((path, layer),) = [(path, m) for path, m in model.model.named_modules() if m in recurrent_layers(model.model)]
    return path, layer


def torch_states(model: LoadedModel, twin: Any, count: int = SEARCHED) -> NDArray[np.float64]:
    """h_t on the first samples by torch's own layer with the same weights, (count, steps, units)."""
    _, layer = only_layer(model)
    same = twin(layer.input_size, layer.hidden_size, batch_first=True)
    same.load_state_dict(layer.get_submodule("rnn").state_dict())
    with torch.no_grad():
        outputs, _ = same(torch.from_numpy(model.dataset.held_out("validation").inputs[:count]))
    return np.asarray(outputs.numpy(), dtype=np.float64)


def by_loops(values: list[NDArray[np.float64]], query: int, first: int, length: int, top: int) -> list[tuple[int, int, float]]:
    """The same search, one window after the other."""
    spread = np.concatenate(values).std(axis=0)
    units = [unit for unit in range(len(spread)) if spread[unit] > 1e-6 * np.abs(np.concatenate(values)[:, unit]).max()]
    windows = []
    for sample, one in enumerate(values):
        for start in range(len(one) - length + 1):
            total = 0.0
            for step in range(length):
                for unit in units:
                    total += ((one[start + step, unit] - values[query][first + step, unit]) / spread[unit]) ** 2
            windows.append((float(np.sqrt(total / (length * len(units)))), sample, start))
    taken = [(query, first)]
    found: list[tuple[int, int, float]] = []
    for distance, sample, start in sorted(windows):
        if len(found) < top and all(sample != other or abs(start - at) >= length for other, at in taken):
            taken.append((sample, start))
            found.append((sample, start, distance))
    return found


def found_in(result: Alike) -> list[tuple[int, int, float]]:
    return [(hit.index, hit.first - 1, hit.distance) for hit in result.hits]


def assert_same(ours: list[tuple[int, int, float]], expected: list[tuple[int, int, float]]) -> None:
    assert [hit[:2] for hit in ours] == [hit[:2] for hit in expected]
    np.testing.assert_allclose([hit[2] for hit in ours], [hit[2] for hit in expected], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "twin"), [("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)])
@pytest.mark.parametrize("unit", [None, 3])
def test_the_ranking_is_that_of_loops(name: str, twin: Any, unit: int | None) -> None:
    """Order, distances, suppression of overlaps and of the query; on the states of torch's own layer."""
    model = loaded(model__name=name)
    path, _ = only_layer(model)
    states = torch_states(model, twin)
    compared = [one if unit is None else one[:, [unit]] for one in states]
    result = find_alike(model, "states", path, 5, (3, 5), unit=unit, top=30, limit=SEARCHED)
    assert_same(found_in(result), by_loops(compared, 5, 2, 3, 30))
    assert (result.step, result.searched, result.side, result.flat) == (7, SEARCHED, "inputs", 0)
    assert (result.query.index, result.query.first, result.query.last, result.query.distance) == (5, 3, 5, 0.0)
    for hit in result.hits:
        np.testing.assert_allclose(hit.activity, compared[hit.index][hit.first - 1 : hit.last], atol=1e-5)
        expected = model.dataset.held_out("validation").inputs[hit.index, hit.first - 1 : hit.last]
        np.testing.assert_array_equal(hit.inputs, expected)
    assert result.mean_inputs is not None
    series = np.array([hit.inputs for hit in result.hits], dtype=np.float64)
    np.testing.assert_allclose(result.mean_inputs.astype(np.float64), series.mean(axis=0))


def test_gates_are_compared_like_states() -> None:
    """The update gate by its equation, from torch's states and the weights."""
    model = loaded(model__name="gru", data__name="latch", data__length=9)
    path, layer = only_layer(model)
    h, size = torch_states(model, torch.nn.GRU), layer.hidden_size
    x = model.dataset.held_out("validation").inputs[:SEARCHED].astype(np.float64)
    w_ih, w_hh, b_ih, b_hh = (part.detach().double().numpy() for part in layer.get_submodule("rnn").parameters())
    rows = slice(size, 2 * size)
    before = np.concatenate((np.zeros_like(h[:, :1]), h[:, :-1]), axis=1)
    update = 1 / (1 + np.exp(-(x @ w_ih[rows].T + b_ih[rows] + before @ w_hh[rows].T + b_hh[rows])))
    result = find_alike(model, "gates", f"{path}/update", 0, (2, 4), top=12, limit=SEARCHED)
    assert_same(found_in(result), by_loops(list(update), 0, 1, 3, 12))


@pytest.mark.parametrize("part", ["forwards", "backwards"])
def test_both_directions_are_in_the_order_of_the_sequence(part: str) -> None:
    """What a backward layer holds at a step stands at that step."""
    model = loaded(model__name="bidirectional", data__name="lookahead", data__length=8)
    batch = model.dataset.held_out("validation").slice(0, SEARCHED)
    with torch.no_grad():
        outputs = model.model.get_submodule("backbone")(model.model.get_submodule("adapter")(torch.from_numpy(batch.inputs)))
    half = outputs.shape[-1] // 2
    values = outputs.double().numpy()[..., slice(0, half) if part == "forwards" else slice(half, None)]
    name = next(path for path, m in model.model.named_modules() if m in recurrent_layers(model.model) and part in path)
    result = find_alike(model, "states", name, 3, (2, 3), top=15, limit=SEARCHED)
    assert_same(found_in(result), by_loops(list(values), 3, 1, 2, 15))


def test_a_reservoir_is_searched_too() -> None:
    """It runs a few series at a time, and each keeps its place; its states by the equation."""
    model = loaded(model__name="esn", model__hidden_size=6, data__name="narma10", data__length=60, data__washout=20)
    name, reservoir = next((path, m) for path, m in model.model.named_modules() if isinstance(m, Reservoir))
    u = model.dataset.held_out("validation").inputs[:SEARCHED].astype(np.float64)
    w, w_in, bias = (part.double().numpy() for part in (reservoir.dense(), reservoir.input_weights, reservoir.bias))
    h, states = np.zeros((len(u), 6)), []
    for step in range(u.shape[1]):
        h = (1 - reservoir.leak) * h + reservoir.leak * np.tanh(h @ w.T + u[:, step] @ w_in.T + bias)
        states.append(h)
    result = find_alike(model, "states", name, 30, (24, 26), top=12, limit=SEARCHED)
    assert_same(found_in(result), by_loops(list(np.stack(states, axis=1)), 30, 23, 3, 12))


SIDES = {"model__name": "seq2seq", "data__name": "reversal"}


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_no_window_reaches_into_padding(side: str) -> None:
    """Of an encoder and of a decoder; the words are those of its own side, and hits of all lengths are there."""
    model = loaded(**SIDES)
    batch, task = model.dataset.held_out("validation"), model.dataset.task
    names = [path for path, m in model.model.named_modules() if m in recurrent_layers(model.model)]
    name = next(path for path in names if ("decoder" in path) is (side == "outputs"))
    assert batch.lengths is not None
    real = batch.lengths[:SEARCHED] if side == "inputs" else (batch.targets[:SEARCHED] != 0).sum(axis=1)
    symbols = task.inputs.symbols if side == "inputs" else task.outputs.symbols  # type: ignore[union-attr]
    rows = batch.inputs if side == "inputs" else batch.targets
    index = int(real.argmax())
    result = find_alike(model, "states", name, index, (1, 3), top=10_000, limit=SEARCHED)
    assert result.side == side
    assert len(result.hits) > SEARCHED
    for hit in result.hits:
        assert hit.last <= real[hit.index]
        assert hit.words == [symbols[int(token)] for token in rows[hit.index, hit.first - 1 : hit.last]]
        assert hit.before == [symbols[int(token)] for token in rows[hit.index, max(0, hit.first - 13) : hit.first - 1]]
        assert hit.inputs is None
    assert max(hit.last for hit in result.hits) == max(real)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_a_planted_copy_is_found_first(seed: int, length: int) -> None:
    """At distance 0, wherever it was put; nothing found overlaps in its sample, and distances only grow."""
    rng = np.random.default_rng(seed)
    values = [torch.from_numpy(rng.normal(size=(int(steps), 5)).astype(np.float32)) for steps in rng.integers(6, 15, 12)]
    query, other = rng.choice(12, 2, replace=False).tolist()
    first, at = int(rng.integers(len(values[query]) - length + 1)), int(rng.integers(len(values[other]) - length + 1))
    values[other][at : at + length] = values[query][first : first + length]
    found = nearest_windows(values, query, first, length, 50)
    assert found[0] == (other, at, 0.0)
    assert [hit[2] for hit in found] == sorted(hit[2] for hit in found)
    places = [(query, first), *(hit[:2] for hit in found)]
    assert all(0 <= start <= len(values[sample]) - length for sample, start in places)
    pairs = [(one, two) for place, one in enumerate(places) for two in places[:place] if one[0] == two[0]]
    assert all(abs(one[1] - two[1]) >= length for one, two in pairs)


def test_a_large_set_is_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same is found, however few rows are compared at once, and however few samples go through the model at once."""
    model = loaded(model__name="gru")
    path, _ = only_layer(model)
    whole = find_alike(model, "states", path, 1, (2, 5), limit=SEARCHED)
    monkeypatch.setattr(alike, "_ROWS_AT_ONCE", 28)
    monkeypatch.setattr(alike, "_STEPS_AT_ONCE", 70)
    parts = find_alike(model, "states", path, 1, (2, 5), limit=SEARCHED)
    assert_same(found_in(parts), found_in(whole))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer samples are searched than asked for where their activity would be too much, and the query's is one of them."""
    model = loaded(model__name="gru")
    path, layer = only_layer(model)
    length = model.dataset.held_out("validation").inputs.shape[1]
    monkeypatch.setattr(alike, "MOST_NUMBERS", 5 * length * layer.hidden_size)
    result = find_alike(model, "states", path, 100, (2, 5))
    assert result.searched == 5
    assert {hit.index for hit in result.hits} <= {0, 1, 2, 3, 100}
    assert result.query.index == 100


def test_flat_units_do_not_count() -> None:
    """A unit that is at its bound everywhere changes nothing; alone it cannot be looked for."""
    model = loaded(model__name="elman")
    path, layer = only_layer(model)
    with torch.no_grad():
        layer.get_parameter("rnn.bias_ih_l0")[2] = 1e3
        layer.get_parameter("rnn.weight_hh_l0")[:, 2] = 0
    result = find_alike(model, "states", path, 0, (1, 3), limit=SEARCHED)
    assert result.flat == 1
    values = torch_states(model, torch.nn.RNN)
    assert_same(found_in(result), by_loops(list(values), 0, 0, 3, 10))
    with pytest.raises(UsageError, match=r"unit 2 of .* has one value at every step of the set; expected one that changes"):
        find_alike(model, "states", path, 0, (1, 3), unit=2, limit=SEARCHED)


def test_the_query_may_be_all_there_is() -> None:
    """A window as long as the sample in a search of that sample alone has no other."""
    model = loaded(model__name="gru")
    path, _ = only_layer(model)
    result = find_alike(model, "states", path, 0, (1, model.dataset.held_out("validation").inputs.shape[1]), limit=1)
    assert (result.hits, result.searched, result.mean_inputs) == ((), 1, None)
    assert result.to_dict()["hits"] == []


@pytest.mark.parametrize(
    ("changes", "asked", "message"),
    [
        ({}, {"kind": "attention"}, r"alike: got 'attention'; expected states or gates\."),
        ({}, {"kind": "gates"}, "got a run of elman, which has no gates at the steps of a sequence"),
        ({}, {"name": "backbone.layer.0"}, r"got 'backbone.layer.0'; expected a name that 'states' has. Did you mean"),
        ({}, {"steps": (0, 3)}, "got steps 0:3; expected 1 to "),
        ({}, {"steps": (3, 99)}, "got steps 3:99; expected 1 to "),
        ({}, {"steps": (4, 3)}, "got steps 4:3; expected 1 to "),
        ({}, {"unit": 8}, "got unit 8; expected 0 to 7, the units of backbone.layers.0"),
        ({}, {"index": -1}, "got sample -1; expected 0 to "),
        ({"model__name": "tree_lstm", "data__name": "listops"}, {}, "got a run of tree_lstm, which has no states"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(changes: dict[str, Any], asked: dict[str, Any], message: str) -> None:
    """Kind, layer, steps, unit and sample; models whose states have no steps."""
    wanted: dict[str, Any] = {"kind": "states", "name": "backbone.layers.0", "index": 0, "steps": (1, 3), **asked}
    with pytest.raises(UsageError, match=message) as told:
        find_alike(loaded(**changes), **wanted)
    assert "\n" not in str(told.value)
