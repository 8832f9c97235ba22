"""Signs of states and events, and lines of blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.plotting.signs import EVENT_SIGNS, STATE_SIGNS, bars, spark_line
from workbench.runs.records import STATES


def test_every_state_has_a_sign_of_its_own() -> None:
    """No two states have the same one, in either alphabet, and the one for ASCII is ASCII."""
    assert set(STATE_SIGNS) == {*STATES, "lost"}
    for signs in zip(*STATE_SIGNS.values(), strict=True):
        assert len(set(signs)) == len(signs)
    assert all(sign.ascii.isascii() for sign in (*STATE_SIGNS.values(), *EVENT_SIGNS.values()))


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], ""), ([1.0], "▁"), ([1, 10, 100], "▁▅█"), ([0, 1], "▁█"), ([math.nan, math.inf], "··"), ([1, math.nan, 2], "▁·█")],
)
def test_spark_line_takes_any_numbers(values: list[float], expected: str) -> None:
    """Log scale when all are positive, a dot where a value is not finite."""
    assert spark_line(values) == expected


def test_bars_span_the_range_and_keep_a_lone_spike() -> None:
    """The least value is empty, the greatest full, and one marked step in a thousand is still seen."""
    assert bars(np.array([0.0, 0.5, 1.0]), 10) == " ▄█"
    spike = np.zeros(1000)
    spike[500] = 1
    assert bars(spike, 20).strip() == "█"
    assert bars(np.array([]), 10) == ""
    assert bars(np.array([np.nan, 1.0]), 10, ascii_only=True).isascii()
    assert bars(np.array([0.5, 9.0]), 10, ends=(0.0, 1.0)) == "▄█", "what is beyond an end stands at it"
