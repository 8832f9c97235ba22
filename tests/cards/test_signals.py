"""Typed inputs: numbers, words and .npy files become one item of a batch, or one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cards import EOS, SPECIAL_SYMBOLS, UNK, Classes, Image, Signal, Tokens, Vectors
from workbench.cards.typed_input import read_array
from workbench.errors import DataError

LETTERS = Tokens((*SPECIAL_SYMBOLS, "a", "b", "c"), 6, joiner="")
WORDS = Tokens((*SPECIAL_SYMBOLS, "red", "green", "blue"), 6)
BITS = Tokens(("0", "1"), 8, joiner="", special=False)
finite = st.floats(-1e6, 1e6, width=32)


@given(st.integers(1, 4).flatmap(lambda size: st.lists(st.lists(finite, min_size=size, max_size=size), min_size=1, max_size=6)))
def test_steps_of_numbers(steps: list[list[float]]) -> None:
    """Steps parted by semicolons, and the same as JSON, give the array of those numbers."""
    signal = Vectors(len(steps[0]))
    expected = np.array(steps, dtype=np.float32)
    written = "; ".join(" ".join(repr(number) for number in step) for step in steps)
    for text in (written, json.dumps(steps), written.replace("; ", " ;"), written.replace(" ", " , ").replace("; ,", ";")):
        array = signal.parse(text)
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, expected)


def test_one_number_per_step_needs_no_semicolons() -> None:
    """A series of numbers may be typed as a row."""
    array = Vectors(1).parse("0.5 -1 2")
    np.testing.assert_array_equal(array, np.array([[0.5], [-1], [2]], dtype=np.float32))
    np.testing.assert_array_equal(Vectors(1).parse("[0.5, -1, 2]"), array)


def test_arrays_are_read_from_files(tmp_path: Path) -> None:
    """The path of a .npy file gives its array, of an image with or without the channel."""
    path = tmp_path / "array.npy"
    array = np.arange(12).reshape(3, 4)
    np.save(path, array)
    np.testing.assert_array_equal(Vectors(4).parse(str(path)), array.astype(np.float32))
    image = Image(1, 3, 4).parse(str(path))
    assert image.shape == (1, 3, 4)
    assert image.dtype == np.float32


@pytest.mark.parametrize(
    ("signal", "text", "reason"),
    [
        (Vectors(2), "0.1 0.2; 0.3", "got '0.1 0.2; 0.3'"),
        (Vectors(2), "0.1 0.2 0.3; 1 2 3", "got 2 x 3 numbers; expected steps of 2 each"),
        (Vectors(2), "a b", "expected steps of 2 numbers"),
        (Vectors(2), "1 nan", "not finite"),
        (Vectors(1), "[[1, [2]]]", "expected a row of numbers"),
        (Vectors(1), "", "expected steps of 1 each"),
        (Vectors(1), "[1, ", "expected a row of numbers"),
        (Vectors(1), "nowhere.npy", "cannot be read"),
        (Image(1, 2, 2), "[[1, 2, 3]]", "got 1 x 1 x 3 numbers; expected 1 x 2 x 2"),
        (LETTERS, "abd", "unknown symbol 'd'"),
        (LETTERS, "", "got nothing"),
        (LETTERS, "abcabc", "got 6 symbols; expected at most 5"),
        (WORDS, "red gren", "Did you mean 'green'"),
        (WORDS, "<pad>", "unknown symbol '<pad>'"),
        (BITS, "012", "unknown symbol '2'"),
        (Classes(("no", "yes")), "perhaps", "expected one of the classes"),
    ],
)
def test_wrong_inputs_are_told_in_one_line(signal: Signal, text: str, reason: str) -> None:
    """The message says what came, what was expected and where, without a line break."""
    with pytest.raises(DataError) as caught:
        signal.parse(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tokens_end_in_their_end_symbol() -> None:
    """Words and letters are parted as the task writes them; special vocabularies add EOS, others add nothing."""
    assert WORDS.parse(" red  blue ").tolist() == [4, 6, EOS]
    assert LETTERS.parse("cab").tolist() == [6, 4, 5, EOS]
    assert BITS.parse("0110").tolist() == [0, 1, 1, 0]
    assert Classes(("no", "yes")).parse("yes") == 1


def test_unknown_words_can_be_allowed() -> None:
    """Where the caller has a place for them, unknown words become UNK."""
    assert WORDS.encode(["red", "mauve"], allow_unknown=True).tolist() == [4, UNK, EOS]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=5))
def test_text_and_indices_are_inverse(symbols: list[str]) -> None:
    """What a token sequence is shown as reads back as the same indices."""
    indices = LETTERS.encode(symbols)
    np.testing.assert_array_equal(LETTERS.parse(LETTERS.text(indices)), indices)


def test_files_that_are_no_arrays_are_told(tmp_path: Path) -> None:
    """Text, pickled objects and arrays of words are refused, and no code of theirs is run."""
    text, objects, strings = (tmp_path / f"{name}.npy" for name in ("text", "objects", "strings"))
    text.write_text("hello", encoding="utf-8")
    np.save(objects, np.array([{}], dtype=object))
    np.save(strings, np.array(["a"]))
    for path in (text, objects, strings, tmp_path):
        with pytest.raises(DataError, match=r"\.npy|numpy\.save") as caught:
            read_array(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["1_000 2", "1e3;2", "[[1000], [2]]", "0x3e8, 2"])
def test_numbers_are_read_as_settings_are(text: str) -> None:
    """Whatever a setting takes for a thousand is one here too."""
    np.testing.assert_array_equal(Vectors(1).parse(text), [[1000], [2]])


@pytest.mark.parametrize("text", ["\u0661 2", "1__0 2", '["1_000", "2"]', "1.5.2 1", "1 0,5"])
def test_what_no_setting_takes_for_a_number_is_none(text: str) -> None:
    """Neither other digits, nor texts in a list, nor commas that may mean two things."""
    with pytest.raises(DataError, match=r"(Check ('.+'|each number)|Write 0.5 with a point)\."):
        Vectors(1).parse(text)


@pytest.mark.parametrize("text", ["~nobody-of-that-name/a.npy", "a\0b.npy", f"{'x' * 300}.npy"], ids=["home", "nul", "long"])
def test_a_path_that_is_none_is_told_as_one(text: str) -> None:
    """The path is blamed, not its numbers."""
    with pytest.raises(DataError, match=r"^input: got .*; expected .*(path|home|bytes)"):
        Vectors(1).parse(text)


def test_arrays_are_taken_as_what_is_typed_would_be() -> None:
    """In the data's own numbers; another form is told."""
    scaled = Vectors(2, shift=(1.0, 2.0), scale=(2.0, 4.0))
    assert scaled.take(np.array([[3, 6], [1, 2]])).tolist() == scaled.parse("3 6; 1 2").tolist() == [[1, 1], [0, 0]]
    assert Vectors(1).take(np.array([1.0, 2.0])).tolist() == [[1], [2]]
    words = Tokens((*SPECIAL_SYMBOLS, "a", "b"), 5)
    assert words.take(np.array([4, 5])).tolist() == words.parse("a b").tolist()
    assert Image(1, 2, 2).take(np.eye(2)).shape == (1, 2, 2)
    for signal, array in (
        (scaled, np.zeros((2, 3))),
        (scaled, np.array([[np.nan, 1]])),
        (scaled, np.array([["a", "b"]])),
        (words, np.array([4, 9])),
        (words, np.array([1.5])),
        (Image(1, 2, 2), np.zeros((3, 3))),
        (Classes(("a", "b")), np.array(1)),
    ):
        with pytest.raises(DataError, match="input: got"):
            signal.take(array)
