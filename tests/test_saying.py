"""Values as messages say them: short, on one line, harmless to a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.saying import clock, one_line, said

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
