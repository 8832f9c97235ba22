"""What a person types for a setting: numbers are read in one way, or not at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ExperimentError, UsageError
from workbench.experiment.presets import load_preset
from workbench.typed import Bounds, Typed, number_hint, number_of, parse_assignment, parse_steps, parse_value


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
        ("1e400", "Write at most about 1.79e308."),
        ("1e-400", "It is too near to zero. Write 0, or a larger number."),
    ],
)
def test_what_looks_like_a_number_is_told_how_to_write_it(text: str, hint: str) -> None:
    """The advice is what is accepted."""
    assert number_hint(text) == hint


@pytest.mark.parametrize(
    ("text", "bounds", "hint"),
    [
        ("1e400", Bounds(0, 1), "Write at most 1."),
        ("1e400", Bounds(0, 0.5, open_high=True), "Write a number below 0.5."),
        ("-1e400", Bounds(0, 1), "Write at least 0."),
        ("-1e400", Bounds(0, open_low=True), "Write a number above 0."),
        ("-1e400", Bounds(), "Write at least about -1.79e308."),
        ("1e400", Bounds(0), "Write at most about 1.79e308."),
        ("1e-400", Bounds(0, open_low=True), "It is too near to zero. Write a larger number."),
        ("1e-400", Bounds(0), "It is too near to zero. Write 0, or a larger number."),
    ],
)
def test_what_a_hint_allows_the_setting_allows(text: str, bounds: Bounds, hint: str) -> None:
    """Where a setting has a bound of its own, that is named, and zero only where zero will do."""
    assert number_hint(text, bounds=bounds) == hint


@pytest.mark.parametrize("name", ["data.length", "model.dropout", "optimizer.lr", "optimizer.beta1", "training.clip_norm"])
def test_a_number_beyond_all_bounds_is_told_the_settings_own(name: str) -> None:
    """The hint and the setting agree: what it says to write at most is taken."""
    with pytest.raises(ExperimentError) as caught:
        load_preset("adding_gru", dict([parse_assignment(f"{name}=1e400")]))
    word = re.search(r"Write (?:at most(?: about)?|a number below) (\S+)\.", str(caught.value))
    assert word is not None, str(caught.value)
    written = "0.9" if "below" in word[0] else word[1]
    assert load_preset("adding_gru", dict([parse_assignment(f"{name}={written}")])).to_dict()


@pytest.mark.parametrize("text", ["10,000", "1,000", "1 000", "٣", "1e400", "true", "nan", "9" * 5000, "0x" + "f" * 40, "1e-400"])
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


@pytest.mark.parametrize(
    ("text", "key", "typed"),
    [
        ("model.hidden_size=64", "model.hidden_size", "64"),
        ("optimizer.lr = 3e-4", "optimizer.lr", "3e-4"),
        ("data.path=a/b c", "data.path", "a/b c"),
        ("data.path=a=b", "data.path", "a=b"),
    ],
)
def test_assignments_are_taken_as_people_write_them(text: str, key: str, typed: str) -> None:
    """Blanks around are of no matter, and only the first = parts key and value."""
    assert parse_assignment(text) == (key, Typed(typed))


@pytest.mark.parametrize("text", ["", "=1", "model", "Model.x=1", "a.b.c=1"])
def test_what_is_not_an_assignment_is_refused(text: str) -> None:
    """The message shows the form that is expected."""
    with pytest.raises(ExperimentError, match=r"expected table\.key=value"):
        parse_assignment(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, "2024_01", "2024_01"),
        (str, "0x10", "0x10"),
        (str, "007", "007"),
        (str, "1e3", "1e3"),
        (str, "true", "true"),
        (str, "2024-01-01", "2024-01-01"),
        (str, "[1]", "[1]"),
        (str, "a # b", "a # b"),
        (str, '"2024"', "2024"),
        (str, "'a = b'", "a = b"),
        (str | None, "12", "12"),
        (Literal["1", "2"], "1", "1"),
        (int, "1_000", 1000),
        (int, "1e3", 1000),
        (int, "5.5", 5.5),
        (int, "5.", 5),
        (float, "5", 5),
        (float | None, "1e-3", 1e-3),
        (float, "1e-400", "1e-400"),
        (int, "true", "true"),
        (bool, "on", True),
        (bool, "No", False),
        (bool, "1", True),
        (bool, "maybe", "maybe"),
        (tuple[int, ...], "[1, 2]", [1, 2]),
        (tuple[int, ...], "1, 2", [1, 2]),
        (tuple[str, ...], "states,gates", ["states", "gates"]),
        (tuple[str, ...], '["states", "gates"]', ["states", "gates"]),
        (tuple[str, ...], "[states]", ["states"]),
        (tuple[str, ...], "encoder.*", ["encoder.*"]),
        (tuple[str, ...], "", []),
        (None, "2_0", 20),
    ],
    ids=str,
)
def test_the_kind_of_a_setting_decides_what_was_typed(kind: Any, text: str, value: Any) -> None:
    """Text stays text where text is asked for, whatever it looks like."""
    read = Typed(text).read(kind)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("name", ["2024_01", "0x10", "1e3", "true", "2024-01-01", "[1]"])
def test_a_folder_may_be_called_as_a_number_is_written(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path that was typed is the one that is looked for, and the one that is found."""
    monkeypatch.chdir(tmp_path)
    typed = {"data.name": "sentence_pairs", "data.min_frequency": 1} | dict([parse_assignment(f"data.path={name}")])
    with pytest.raises(ExperimentError, match=re.escape(f"{name}: ")):
        load_preset("translate_attention", typed)
    (tmp_path / name).write_text("".join(f"{word} a .\t{word} b .\n" for word in ("x", "y", "z", "u", "v", "w") * 5))
    assert load_preset("translate_attention", typed).data.config.path == name


def test_the_api_reads_text_as_the_command_line_does_and_takes_no_number_for_text() -> None:
    """`steps="1_000"` is a thousand and `"1,000"` is refused; a number where a path is wanted is told to be put in quotes."""
    assert load_preset("adding_gru", {"training.steps": "1_000"}).training.steps == 1000
    with pytest.raises(
        ExperimentError, match=r"got '1,000'; expected a whole number\. Write 1000 without marks between thousands\."
    ):
        load_preset("adding_gru", {"training.steps": "1,000"})
    with pytest.raises(ExperimentError, match=r"got 202401; expected text\. Write it between quotes\."):
        load_preset("mnist_cnn", {"data.path": 2024_01})


@pytest.mark.parametrize(("text", "steps"), [("3:7", (3, 7)), (" 5 : 5 ", (5, 5)), ("1:1_000", (1, 1000))])
def test_a_range_of_steps_is_read(text: str, steps: tuple[int, int]) -> None:
    """From 1, both ends included."""
    assert parse_steps(text, "here") == steps


@pytest.mark.parametrize(
    "text", ["", "3", "3-7", "7:3", "0:3", "-1:3", "1:", ":3", "1:2:3", "a:b", "1.5:3", "1:1e3", "1,000:1,001"]
)
def test_what_is_no_range_of_steps_is_told(text: str) -> None:
    """Where, what was got, what was expected, and an example."""
    with pytest.raises(UsageError, match=re.escape(f"here: got {text!r}; expected A:B") + ".* Write for example 3:7."):
        parse_steps(text, "here")
