"""The store against a dictionary: whatever is logged, flushed, taken back and reopened, reading gives what a dict would."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.runs.making import new_run
from workbench.runs import extremes
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter

TAGS = st.sampled_from(["train/loss", "train/grad_norm", "validation/loss", "test/ü"])
STEPS = st.integers(0, 1200)
VALUES = st.floats(allow_nan=True, allow_infinity=True)


class StoreMachine(RuleBasedStateMachine):
    """Drives a writer and a dictionary with the same calls."""

    @initialize()
    def start(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.folder = new_run(self.root)
        self.writer = RunWriter(self.folder)
        self.reader = RunReader(self.folder)
        self.scalars: dict[tuple[str, int], float] = {}
        self.timing: dict[int, tuple[float, int]] = {}

    @rule(step=STEPS, scalars=st.dictionaries(TAGS, VALUES, max_size=3), seconds=st.floats(0, 1e6), samples=st.integers(0, 2**40))
    def log(self, step: int, scalars: dict[str, float], seconds: float, samples: int) -> None:
        self.writer.log(step, scalars, seconds, samples)
        self.scalars.update({(tag, step): value for tag, value in scalars.items()})
        self.timing[step] = (seconds, samples)

    @rule(tag=TAGS, start=STEPS, count=st.integers(1, 900), value=VALUES)
    def log_many(self, tag: str, start: int, count: int, value: float) -> None:
        for step in range(start, start + count):
            self.log(step, {tag: value + step % 7}, float(step), step)

    @rule(step=STEPS)
    def truncate(self, step: int) -> None:
        self.writer.truncate_after(step)
        self.scalars = {key: value for key, value in self.scalars.items() if key[1] <= step}
        self.timing = {key: value for key, value in self.timing.items() if key <= step}

    @rule()
    def reopen(self) -> None:
        self.writer.close()
        self.writer = RunWriter(self.folder)

    def series(self, tag: str) -> list[tuple[int, float]]:
        return sorted((step, value) for (name, step), value in self.scalars.items() if name == tag)

    @rule(after=st.integers(-1, 1200))
    def read_everything(self, after: int) -> None:
        self.writer.flush()
        tags = {tag for tag, _ in self.scalars}
        assert tags <= set(self.reader.tags())
        assert self.reader.latest_values().keys() == tags
        for tag in tags:
            expected = [row for row in self.series(tag) if row[0] > after]
            steps, values = self.reader.scalars(tag, after)
            assert steps.tolist() == [step for step, _ in expected]
            np.testing.assert_array_equal(values, [value for _, value in expected])
        assert {step: (seconds, samples) for step, seconds, samples in zip(*self.reader.timing(), strict=True)} == self.timing

    @rule(tag=TAGS, count=st.integers(1, 50), bounds=st.one_of(st.none(), st.tuples(STEPS, STEPS)))
    def read_buckets(self, tag: str, count: int, bounds: tuple[int, int] | None) -> None:
        self.writer.flush()
        start, stop = (None, None) if bounds is None else (min(bounds), max(bounds))
        steps, values = self.reader.buckets(tag, count, start, stop)
        rows = [row for row in self.series(tag) if bounds is None or min(bounds) <= row[0] <= max(bounds)]
        assert_thinned(rows, list(zip(steps.tolist(), values.tolist(), strict=True)), count)

    @invariant()
    def sealed_blocks_are_true(self) -> None:
        self.writer.flush()
        connection = self.writer._connection
        for tag, block, low, high, gap in connection.execute(
            "SELECT name, block, low, high, gap_step FROM extremes JOIN tags ON tags.id = tag_id"
        ):
            inside = [value for step, value in self.series(tag) if step // extremes.BLOCK == block]
            numbers = [value for value in inside if not math.isnan(value)]
            assert (low, high) == ((min(numbers), max(numbers)) if numbers else (None, None))
            assert (gap is not None) == (len(numbers) < len(inside))

    def teardown(self) -> None:
        if hasattr(self, "writer"):
            self.reader.close()
            self.writer.close()
            shutil.rmtree(self.root)


def assert_thinned(rows: list[tuple[int, float]], thinned: list[tuple[int, float]], count: int) -> None:
    """The thinned rows are rows, in order, few, and keep the extremes; a NaN in the rows is a NaN in them."""
    assert len(thinned) <= max(3 * count, 2 * count)
    assert [step for step, _ in thinned] == sorted({step for step, _ in thinned})
    known = dict(rows)
    for step, value in thinned:
        np.testing.assert_equal(value + 0.0, known[step] + 0.0)  # SQLite has no negative zero; NaN equals NaN here
    numbers = [value for _, value in rows if not math.isnan(value)]
    kept = [value for _, value in thinned if not math.isnan(value)]
    if numbers:
        assert (min(kept), max(kept)) == (min(numbers), max(numbers))
    assert any(math.isnan(value) for _, value in thinned) == any(math.isnan(value) for _, value in rows)


TestStore = pytest.mark.slow(StoreMachine.TestCase)
TestStore.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
