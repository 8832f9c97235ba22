"""How times are written."""

from __future__ import annotations

import pytest

from workbench.tui.wording import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "12 ms"),
        (0.123, "120 ms"),
        (4.2, "4.2 s"),
        (78.3, "80 s"),
        (211.2, "3 min 30 s"),
        (599.9, "10 min"),
        (3599, "1 h"),
        (7800, "2 h 10 min"),
        (300_000, "3 d 11 h"),
    ],
)
def test_an_expected_time_is_no_finer_than_it_can_be_known(seconds: float, words: str) -> None:
    """At most two units, rounded to what one can rely on."""
    assert duration(seconds) == words
