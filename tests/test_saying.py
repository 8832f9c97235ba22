"""Values as messages say them: short, on one line, harmless to a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.saying import clock, duration, eta, exact, number, one_line, said, took

_LARGE = {"a number of five thousand digits": 10**5000}


class _Angry:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5.99, "00:05"),
        (65, "01:05"),
        (3600, "1:00:00"),
        (187_200, "2 d 04 h"),
        (0, "00:00"),
        (-3600, "00:00"),
        (float("nan"), "00:00"),
    ],
)
def test_a_time_that_has_passed_is_whole_seconds(seconds: float, words: str) -> None:
    """As a clock shows it, and never less than none, whatever a clock that was set back has left behind."""
    assert clock(seconds) == words


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


@pytest.mark.parametrize(("seconds", "words"), [(0.0, "ETA 1 s"), (3.0, "ETA 3 s"), (211.2, "ETA 3 min 30 s")])
def test_what_is_left_is_said_in_one_way(seconds: float, words: str) -> None:
    """By the interface and by the command line."""
    assert eta(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0.0 s"), (4.21, "4.2 s"), (59.94, "59.9 s"), (61, "01:01"), (3723, "1:02:03")]
)
def test_a_measured_time_in_a_sentence(seconds: float, words: str) -> None:
    """To a tenth of a second as long as that matters."""
    assert took(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        (12_345_678, "12,345,678"),
        (1200.0, "1,200"),
        (2e6, "2e+06"),
        (0.0123456, "0.01235"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_is_short(value: float | None, words: str) -> None:
    """Four digits, whole numbers in full while they are short, and a dash for none."""
    assert number(value) == words


def test_a_value_that_is_read_off_is_exact() -> None:
    """Whole numbers are written in full however long they are, others with the digits asked for."""
    assert [exact(2e6), exact(0.0123456), exact(0.0123456, 2)] == ["2,000,000", "0.01235", "0.012"]


@pytest.mark.parametrize(
    "value", ["x" * 10_000, "\x1b[31m\u202e\x9b", _LARGE, [[[[[[1]]]]]] * 100, _Angry(), b"\xff", {"a": "\n"}]
)
def test_any_value_can_be_said(value: Any) -> None:
    """Whatever it is, a message stays a printable line."""
    text = said(value)
    assert text.isprintable()
    assert len(text) < 250


def test_a_list_within_itself_is_said() -> None:
    """Python's own mark stands where it begins again."""
    inner: list[Any] = []
    inner.append(inner)
    assert "..." in said(inner)


def test_a_message_is_one_line() -> None:
    """A line break is a blank, a control sign is seen but not acted on."""
    assert one_line("a\nb\x1b[0m") == "a b\\x1b[0m"
