"""Forecasts, labels, classes and numbers from a table: windows, parts, scales and trivial forecasts, each by its formula."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cards import IGNORE_INDEX, Classes, Vectors
from workbench.cards.stored_task import carried_from_dict, carried_to_dict
from workbench.datasets._table_numbers import number_in
from workbench.datasets._table_series import Rows
from workbench.datasets._table_windows import Cutting, forecast_parts, label_parts
from workbench.datasets.table import TableCard, TableConfig
from workbench.errors import ChangedDataError, DataError
from workbench.experiment.proposal import propose

RNG = np.random.default_rng(3)
SERIES = np.round(50 + 10 * np.sin(np.arange(400) / 6) + RNG.normal(size=400), 3)


def table(path: Path, **columns: Iterable[object]) -> Path:
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return table(tmp_path / "one.csv", day=range(400), x=SERIES, y=np.round(SERIES * 2 + np.arange(400) % 5, 3))


def config(path: Path, **changes: object) -> TableConfig:
    return TableConfig.model_validate({"path": str(path), "window": 20, "washout": 8, "time_column": "day", **changes})


def rows_of(sizes: list[int]) -> Rows:
    count = sum(sizes)
    starts = np.cumsum([0, *sizes])
    numbers = np.arange(count, dtype=np.float64)[:, None]
    return Rows(numbers, numbers, (), starts, tuple(map(str, range(len(sizes)))), ("",) * len(sizes), ())


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.lists(st.integers(5, 300), min_size=1, max_size=4),
    window=st.integers(2, 30),
    washout=st.integers(0, 29),
    horizon=st.integers(1, 12),
)
def test_no_target_is_in_two_parts(sizes: list[int], window: int, washout: int, horizon: int) -> None:
    """Held-out targets count once, lie in their part and behind all that trains; windows stay in their series."""
    rows = rows_of(sizes)
    cutting = Cutting(window, min(washout, window - 1), (0.2, 0.2), "x.csv", horizon)
    try:
        part = forecast_parts(rows, cutting)
    except DataError:
        return
    targets = {}
    for name in ("train", "validation", "test"):
        windows = getattr(part, name)
        steps = np.arange(cutting.washout, window)
        targets[name] = (windows.starts[:, None] + steps + horizon).ravel()
        series = np.searchsorted(rows.starts, windows.starts, side="right") - 1
        assert (windows.starts >= rows.starts[series]).all()
        assert (windows.starts + window - 1 + horizon < rows.starts[series + 1]).all()
    assert len(set(targets["validation"])) == len(targets["validation"])
    assert len(set(targets["test"])) == len(targets["test"])
    for first, size in zip(rows.starts[:-1], rows.sizes, strict=True):
        of_series = {name: [t - first for t in own if first <= t < first + size] for name, own in targets.items()}
        if of_series["train"]:
            first_cut, second_cut = cutting.by_time(int(size))
            assert max(of_series["train"]) < first_cut <= min(of_series["validation"])
            assert max(of_series["validation"]) < second_cut <= min(of_series["test"])


@settings(deadline=None, max_examples=60)
@given(sizes=st.lists(st.integers(1, 80), min_size=3, max_size=9), window=st.integers(2, 30), washout=st.integers(0, 29))
def test_each_held_out_label_counts_once(sizes: list[int], window: int, washout: int) -> None:
    """All steps of the held-out series, none twice, none of a series that trains."""
    rows = rows_of(sizes)
    part = label_parts(rows, Cutting(window, min(washout, window - 1), (0.2, 0.2), "x.csv"))
    series: list[set[int]] = []
    for windows in (part.train, part.validation, part.test):
        counted = [
            range(start + first, start + length)
            for start, length, first in zip(windows.starts, windows.lengths, windows.counted, strict=True)
        ]
        steps = [step for one in counted for step in one]
        own = set((np.searchsorted(rows.starts, windows.starts, side="right") - 1).tolist())
        if windows is not part.train:
            assert len(set(steps)) == len(steps) == int(rows.sizes[list(own)].sum())
        series.append(own)
    assert not (series[0] & series[1])
    assert not (series[0] & series[2])
    assert not (series[1] & series[2])


def test_a_forecast_reads_before_what_it_predicts(one: Path) -> None:
    """Targets are the chosen column, `horizon` rows below what was read, all in the table's own numbers."""
    data = TableCard.open(config(one, input_columns="x,y", target_columns="y", horizon=3))
    inputs, outputs = data.task.inputs, data.task.outputs
    assert isinstance(inputs, Vectors)
    assert isinstance(outputs, Vectors)
    assert (inputs.columns, outputs.columns) == (("x", "y"), ("y",))
    y = SERIES * 2 + np.arange(400) % 5
    test = data.held_out("test")
    x_read = inputs.unscaled(test.inputs)[..., 0]
    wanted = outputs.unscaled(test.targets)[..., 0]
    for window, targets in zip(x_read, wanted, strict=True):
        start = int(np.flatnonzero(np.isclose(SERIES, window[0], atol=1e-4))[0])
        assert window == pytest.approx(SERIES[start : start + 20], abs=1e-4)
        assert targets == pytest.approx(y[start + 3 : start + 23], abs=1e-4)


def test_scales_are_those_of_the_training_part(one: Path) -> None:
    """Whatever the later rows hold; numbers of a column that does not change are only moved."""
    fitted = SERIES[: 400 - 60 - 60]
    inputs = TableCard.task(config(one, input_columns="x")).inputs
    assert isinstance(inputs, Vectors)
    assert inputs.shift == pytest.approx((fitted.mean(),))
    assert inputs.scale == pytest.approx((fitted.std(),))
    inputs = TableCard.task(config(one, input_columns="x", scaling="range")).inputs
    assert isinstance(inputs, Vectors)
    assert inputs.shift + inputs.scale == pytest.approx((fitted.min(), fitted.max() - fitted.min()))
    assert TableCard.task(config(one, input_columns="x", scaling="none")).inputs == Vectors(1, 20, columns=("x",))


def test_trivial_forecasts_by_their_formulas(one: Path) -> None:
    """The last value, the one a season before and least squares, over every test target that counts."""
    horizon, season, washout = 2, 38, 8
    task = TableCard.task(config(one, input_columns="x", horizon=horizon, season=season))
    last = 400 - 1
    count = 60 // 12 * 12
    targets = np.arange(last - count + 1, last + 1)
    truth = SERIES[targets]
    spread = truth.std()

    def nrmse(predicted: np.ndarray) -> float:
        return float(np.sqrt(np.mean((predicted - truth) ** 2)) / spread)

    fitted = np.arange(washout, 400 - 120 - horizon)
    fitted = fitted[fitted >= 19]  # the last steps of the training windows

    def lags(at: np.ndarray) -> np.ndarray:
        return np.stack([SERIES[at - lag] for lag in range(washout + 1)] + [np.ones(len(at))], axis=1)

    weights = np.linalg.solve(lags(fitted).T @ lags(fitted), lags(fitted).T @ SERIES[fitted + horizon])
    expected = {
        "repeating the last value": nrmse(SERIES[targets - horizon]),
        f"the value {season} steps before": nrmse(SERIES[targets - season]),
        f"linear regression on the last {washout + 1} values": nrmse(lags(targets - horizon) @ weights),
    }
    told = {baseline.sentence: baseline.value for baseline in task.baselines if baseline.metric == "nrmse"}
    assert told == pytest.approx(expected, rel=1e-4)
    assert list(told.values()) == sorted(told.values())


def test_a_forecast_of_all_that_is_read_can_run_on(one: Path) -> None:
    """On its own outputs, one step at a time; not where it reads more than it predicts, or leaves steps out."""
    assert TableCard.task(config(one, input_columns="x,y")).free_run is not None
    assert TableCard.task(config(one, input_columns="x,y", target_columns="x")).free_run is None
    assert TableCard.task(config(one, input_columns="x,y", horizon=2)).free_run is None


def test_what_comes_after_the_end(one: Path, tmp_path: Path) -> None:
    """The last rows are the input, and the last answers what lies behind them: as many as the horizon has steps."""
    data = TableCard.open(config(one, input_columns="x", horizon=3))
    inputs = data.task.inputs
    assert isinstance(inputs, Vectors)
    assert inputs.unscaled(data.parse_input("end"))[:, 0] == pytest.approx(SERIES[-20:], abs=1e-4)
    assert data.asked_of("end", np.arange(20.0)[:, None]).ravel().tolist() == [17, 18, 19]
    assert len(data.asked_of("50; 51", np.arange(2.0)[:, None])) == 2
    with pytest.raises(DataError, match=r"got 'end:x'; expected end\. Leave the name out"):
        data.parse_input("end:x")
    two = table(tmp_path / "two.csv", who=["a", "b"] * 200, day=np.arange(400) // 2, x=SERIES)
    data = TableCard.open(config(two, input_columns="x", id_column="who"))
    inputs = data.task.inputs
    assert isinstance(inputs, Vectors)
    assert inputs.unscaled(data.parse_input("end:b"))[:, 0] == pytest.approx(SERIES[1::2][-20:], abs=1e-4)
    with pytest.raises(DataError, match=r"expected end:NAME of a series\. There are: a, b"):
        data.parse_input("end")


def test_rows_are_labelled(tmp_path: Path) -> None:
    """Whole series are held out; a row without a class is read and not counted."""
    names = ["up" if number > 0 else "down" for number in np.diff(SERIES, append=SERIES[-1])]
    names[7] = ""
    path = table(tmp_path / "rows.csv", sensor=np.arange(400) // 40, day=range(400), x=SERIES, state=names)
    data = TableCard.open(config(path, task="label", target_columns="state", id_column="sensor", input_columns="x"))
    assert data.task.outputs == Classes(("down", "up"))
    test = data.held_out("test")
    counted = test.targets[test.targets != IGNORE_INDEX]
    assert len(counted) in {80, 79}  # two series of ten, without the gap
    assert any("rows without a class" in notice for notice in data.notices)


@pytest.mark.parametrize("task", ["classify", "regress"])
def test_whole_series(task: str, tmp_path: Path) -> None:
    """Of different lengths, padded; the answer is that of the series, which must have one."""
    lengths = [10 + number % 4 for number in range(30)]
    ids = np.repeat(np.arange(30), lengths)
    steps = np.concatenate([np.arange(length) for length in lengths])
    answer = ids % 3 if task == "classify" else ids * 1.5
    path = table(tmp_path / "s.csv", day=steps, sensor=ids, x=np.sin(steps), answer=answer)
    asked = config(path, task=task, target_columns="answer", id_column="sensor", input_columns="x")
    data = TableCard.open(asked)
    parts = [data.held_out("validation"), data.held_out("test"), data.train_batch(0, 0, data.num_train)]
    assert sum(map(len, parts)) == 30
    assert sorted(length for part in parts for length in (part.lengths if part.lengths is not None else [])) == sorted(lengths)
    if task == "regress":
        outputs = data.task.outputs
        assert isinstance(outputs, Vectors)
        told = np.concatenate([outputs.unscaled(part.targets)[:, 0] for part in parts])
        assert sorted(told.tolist()) == pytest.approx([1.5 * number for number in range(30)], abs=1e-3)
    else:
        assert [np.bincount(part.targets).tolist() for part in parts] == [[2, 2, 2], [2, 2, 2], [6, 6, 6]]
    broken = path.read_text(encoding="utf-8").replace("\n1,0,", "\n1,0,", 1).splitlines()
    broken[2] = broken[2].rpartition(",")[0] + ",77"
    path.write_text("\n".join(broken), encoding="utf-8")
    with pytest.raises(DataError, match=r"series '0' has .* expected one 'answer' for all"):
        TableCard.open(asked)


def test_what_a_model_carries_stands_for_the_file(one: Path) -> None:
    """It reads typed numbers in the table's units without the file, keeps its scale when rows change, and says that they did."""
    asked = config(one, input_columns="x")
    carried = carried_from_dict(json.loads(json.dumps(carried_to_dict(TableCard.carried(asked)))))
    before = TableCard.open(asked).held_out("test")
    text = one.read_text(encoding="utf-8")
    one.unlink()
    data = TableCard.open_carried(asked, carried)
    inputs = data.task.inputs
    assert isinstance(inputs, Vectors)
    assert inputs.unscaled(data.parse_input("50; 51.5; 49")) == pytest.approx(np.array([[50], [51.5], [49]]), abs=1e-4)
    assert data.input_text(data.parse_input("50; 51.5; 49")) == "50  51.5  49"
    with pytest.raises(DataError, match="are not here"):
        data.held_out("test")
    one.write_text(text.replace("\n0,", "\n0,9", 1), encoding="utf-8")
    with pytest.raises(ChangedDataError, match="changed since"):
        TableCard.open_carried(asked, carried).held_out("test")
    after = TableCard.open_carried(asked, carried, accept_changed=True).held_out("test")
    assert after.inputs.tolist() == before.inputs.tolist()
    one.write_text(text.replace("x", "z", 1), encoding="utf-8")
    with pytest.raises(DataError, match="no column 'x'"):
        TableCard.open_carried(asked, carried, accept_changed=True).held_out("test")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"task": "label"}, "data.target_columns: got none; expected the column with the class of each row"),
        ({"task": "classify", "target_columns": "y"}, "data.id_column: got none"),
        ({"input_columns": "x,y", "target_columns": "y", "task": "regress", "id_column": "day"}, "'y' is named twice"),
        ({"window": 300}, "the longest series has 400 rows; expected at least"),
        ({"input_columns": '"x'}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(changes: dict[str, object], expected: str, one: Path) -> None:
    """One line with the setting."""
    if not expected:
        assert TableCard.task(config(one, **changes)).kind == "forecast"
        return
    with pytest.raises(DataError) as error:
        TableCard.open(config(one, **changes))
    assert expected in str(error.value)


def test_what_a_table_is_taken_for(tmp_path: Path) -> None:
    """Its columns say what can be asked of it."""
    hours = [f"2024-03-{1 + hour // 24:02d} {hour % 24:02d}:00" for hour in range(400)]
    energy = propose(table(tmp_path / "energy.csv", time=hours, heat=SERIES, load=SERIES[::-1]))
    assert energy.experiment.to_dict()["data"]["target_columns"] == "load"
    assert (energy.experiment.task.kind, energy.recognised.data["season"]) == ("forecast", 24)
    states = ["up" if number > 0 else "down" for number in np.diff(SERIES, append=0)]
    assert propose(table(tmp_path / "states.csv", t=range(400), x=SERIES, state=states)).experiment.task.kind == "label"
    walks = table(tmp_path / "walks.csv", id=np.arange(400) // 20, x=SERIES, kind=np.arange(400) // 20 % 2)
    assert propose(walks).experiment.task.kind == "classify"


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_are_read_as_they_are_written(value: float) -> None:
    """With a point or a comma, with groups or without."""
    assert number_in(repr(value), ".") == value
    assert number_in(repr(value).replace(".", ","), ",") == value
    rounded = round(value, 2)
    if abs(rounded) < 1e15:
        grouped = f"{rounded:,.2f}"
        assert number_in(grouped, ".") == rounded
        assert number_in(grouped.replace(",", "t").replace(".", ",").replace("t", "."), ",") == rounded
