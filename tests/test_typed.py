"""What a person types for a setting: numbers are read in one way, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ExperimentError
from workbench.presets import load_preset
from workbench.typed import number_hint, number_of, parse_assignment, parse_value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1_000", 1000),
        (" 5 ", 5),
        ("0x10", 16),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-3", -3),
        ("007", 7),
        ("1e400", float("inf")),
        ("10,000", None),
        ("1,000", None),
        ("0,5", None),
        ("٣", None),
        ("²", None),
        ("1 000", None),
        ("5 # five", None),
        ("true", None),
        ("", None),
        ("five", None),
        ("9" * 5000, float("inf")),
    ],
)
def test_numbers_are_read_in_one_way(text: str, number: float | None) -> None:
    """Digits with a point, an exponent or underscores; nothing else is guessed at."""
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("10,000", "Write 10000 without marks between thousands, or 10.000 for a fraction."),
        ("1 000 000", "Write 1000000 without marks between thousands."),
        ("0,5", "Write 0.5, with a point."),
        ("٣", "Write it with the digits 0 to 9."),
        ("five", ""),
    ],
)
def test_what_looks_like_a_number_is_told_how_to_write_it(text: str, hint: str) -> None:
    """The advice is what is accepted."""
    assert number_hint(text) == hint


@pytest.mark.parametrize("text", ["10,000", "1,000", "1 000", "٣", "1e400", "true", "nan", "9" * 5000, "0x" + "f" * 40])
def test_a_number_that_is_none_is_never_taken_for_another(text: str) -> None:
    """Not ten, not one: one line."""
    with pytest.raises(ExperimentError) as caught:
        load_preset("adding_gru", dict([parse_assignment(f"training.steps={text}")]))
    assert str(caught.value).startswith("--set: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["1\n[x]\ny = 2", "1\nz = 3", "[" * 5000, "{a=" * 5000])
def test_only_one_value_is_a_value(text: str) -> None:
    """A line break begins no second key, and depth is no exception."""
    assert parse_value(text) == text


@given(st.text(max_size=40) | st.text("model.=[]{}\"'1e_, \n", max_size=20))
def test_any_text_is_an_assignment_or_an_error(text: str) -> None:
    """Nothing but ExperimentError, in one printable line."""
    try:
        key, _ = parse_assignment(text)
    except ExperimentError as error:
        assert str(error).isprintable()  # noqa: PT017 - either is right
    else:
        assert key in text
