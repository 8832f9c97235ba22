"""Values and conditions as lessons write them."""

from __future__ import annotations

import pytest

from workbench.lessons.expressions import Expression

VALUES = {
    1: {"test/mse": 0.5, "seconds": 2.0},
    2: {"test/mse": 0.125, "max train/loss": float("inf"), "baseline mse": 0.25, "data.length": 100.0, "seconds": 3.0},
}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("test/mse", "0.125"),
        ("step 1: test/mse", "0.5"),
        ("step 1: test/mse / test/mse", "4"),
        ("(data.length - 1) * 2 + baseline mse", "198.2"),
        ("max train/loss", "inf"),
        ("-seconds / step 1: seconds", "-1.5"),
        ("test/accuracy", "-"),
        ("test/mse / (test/mse - 0.125)", "-"),
    ],
)
def test_values_are_written(text: str, written: str) -> None:
    """Of the own run or an earlier one; what was not measured is a dash."""
    assert Expression(text).written(VALUES, 2) == written


def test_shares_are_written_in_percent() -> None:
    """Three digits are enough."""
    assert Expression("test/mse").written(VALUES, 2, percent=True) == "12.5 %"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("test/mse < baseline mse", True),
        ("test/mse < 0.1", False),
        ("max train/loss > 1e6 and test/mse >= 0.125", True),
        ("test/mse > 1 or step 1: test/mse <= 0.5", True),
        ("test/accuracy < 1", False),
        ("test/accuracy >= 0", False),
    ],
)
def test_conditions_hold_or_not(text: str, expected: bool) -> None:  # noqa: FBT001 - what is expected
    """One on what was not measured does not."""
    assert Expression(text).holds(VALUES, 2) is expected


def test_what_is_no_expression_is_refused() -> None:
    """No names but those of values, no calls."""
    for text in ("open('x')", "test/mse < 1 < 2", "1 if test/mse else 2"):
        with pytest.raises(ValueError, match=r"expected values, numbers"):
            Expression(text).value(VALUES, 2)


def test_it_knows_what_it_reads_of_which_run() -> None:
    """Its own step is the one in which it stands."""
    each = Expression("step 1: test/mse / test/mse > seconds")
    assert each.needs(1, 2) == {"test/mse"}
    assert each.needs(2, 2) == {"test/mse", "seconds"}
