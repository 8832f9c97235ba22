"""Reads an input that a person typed: numbers, words or a .npy file, as one item of `Batch.inputs`. No torch here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.catalog import nearest
from workbench.errors import DataError
from workbench.paths import checked_path
from workbench.saying import said
from workbench.task import EOS, SPECIAL_SYMBOLS, UNK, Classes, Image, Nothing, Task, Tokens, Vectors
from workbench.typed import number_of

__all__ = ["encode", "holds_numbers", "number_words", "parse_signal", "parse_tokens", "read_array", "read_number", "sample_place"]

_MATRIX = 2
_DIGITS = 12
"""Digits of a sample's place; more are no place, and Python refuses to read some thousands of them."""


def sample_place(text: str, name: str, count: int) -> int | None:
    """Which sample of a set a text such as `test:12` names, from 0; None when it is no such text.

    Args:
        text: what was typed.
        name: the set.
        count: samples that the set has.

    Raises:
        DataError: the set has no such sample.
    """
    head, colon, number = text.strip().partition(":")
    if head != name or not colon or number[:1].isspace():
        return None
    if number.isascii() and number.isdigit() and len(number) <= _DIGITS and int(number) < count:
        return int(number)
    got = said(text.strip())
    if count == 0:
        raise DataError(f"input: got {got}; expected something else, since the {name} set is empty. Type an input instead.")
    expected = f"{name}:0 to {name}:{count - 1}" if count > 1 else f"{name}:0"
    raise DataError(f"input: got {got}; expected {expected}. Choose {'one of them' if count > 1 else 'that'}.")


def parse_signal(task: Task, text: str) -> NDArray[np.generic]:
    """One input of the task from text.

    Vectors: steps parted by `;`, their numbers by spaces or commas (`0.1 0; 0.7 1`); a JSON list of lists; or the
    path of a .npy file. With one number per step the `;` may be left out. Images: a .npy file or a JSON list of rows.
    Tokens: the symbols, parted as the task writes them.

    Returns:
        (length, size) float32 for Vectors, (length,) int64 for Tokens with EOS, (channels, height, width) float32 for an
        image, a 0-dimensional int64 for a class. Where there is no input, the text does not matter.
    Raises:
        DataError: the text cannot be read as that.
    """
    match task.inputs:
        case Vectors() as vectors:
            return _vectors(vectors, text)
        case Tokens() as tokens:
            return parse_tokens(tokens, text)
        case Image() as image:
            return _image(image, text)
        case Classes(names=names):
            if text.strip() not in names:
                raise DataError(f"input: got {said(text)}; expected one of the classes. {nearest(text.strip(), names)}")
            return np.array(names.index(text.strip()), dtype=np.int64)
        case Nothing():
            return np.zeros(0, dtype=np.float32)


def holds_numbers(text: str) -> bool:
    """Whether a text that may be letters is rather numbers, or the path of a .npy file."""
    return text.strip().endswith(".npy") or any(letter.isdigit() for letter in text)


def parse_tokens(tokens: Tokens, text: str) -> NDArray[np.int64]:
    """The indices of a typed sequence, shape (length,); with special symbols it ends in EOS.

    Raises:
        DataError: it is empty, too long, or holds unknown symbols and the task has no place for them.
    """
    if tokens.joiner:
        return encode(tokens, text.split())
    letters = text.strip() if " " in tokens.symbols else "".join(text.split())  # people type 1 2 3 for 123
    return encode(tokens, list(letters))


def encode(tokens: Tokens, words: list[str], *, allow_unknown: bool = False) -> NDArray[np.int64]:
    """The indices of symbols, shape (length,); with special symbols EOS is added.

    Args:
        tokens: the symbols that there are.
        words: the sequence.
        allow_unknown: make an unknown symbol UNK instead of an error.
    Raises:
        DataError: no symbols, too many, or one that is unknown; the message names near ones.
    """
    if not words:
        raise DataError("input: got nothing; expected a sequence of symbols. Type at least one.")
    longest = tokens.max_length - int(tokens.special)
    if len(words) > longest:
        raise DataError(f"input: got {len(words)} symbols; expected at most {longest}. Shorten it.")
    known = {symbol: index for index, symbol in enumerate(tokens.symbols)}
    if tokens.special:
        known = {symbol: index for symbol, index in known.items() if index >= len(SPECIAL_SYMBOLS)}
    unknown = [word for word in words if word not in known]
    if unknown and not (allow_unknown and tokens.special):
        raise DataError(f"input: unknown symbol {said(unknown[0])}. {nearest(unknown[0], known)}")
    indices = [known.get(word, UNK) for word in words]
    return np.array([*indices, EOS] if tokens.special else indices, dtype=np.int64)


def read_array(path: Path) -> NDArray[np.generic]:
    """The array of a .npy file.

    Raises:
        DataError: there is no such file, it is not an array of numbers, or it needs code to be read.
    """
    if path.exists() and not path.is_file():
        raise DataError(f"{path}: a folder, pipe or device; expected a file. Give the path of a .npy file.")
    try:
        array = np.load(path, allow_pickle=False)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}. Give the path of a .npy file.") from error
    except (ValueError, EOFError) as error:
        raise DataError(f"{path}: not a plain .npy array. Write it with numpy.save.") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "buif":
        raise DataError(f"{path}: got something else than an array of numbers; expected one. Write it with numpy.save.")
    return array


def _vectors(vectors: Vectors, text: str) -> NDArray[np.float32]:
    """Steps of `vectors.size` numbers each."""
    expected = "a row of numbers" if vectors.size == 1 else f"steps of {vectors.size} numbers, parted by ';'"
    array = _numbers(text, expected, column=vectors.size == 1)
    if array.ndim == 1:
        array = array[:, None] if vectors.size == 1 else array[None, :]
    if array.ndim != _MATRIX or array.shape[1] != vectors.size or len(array) == 0:
        shape = " x ".join(map(str, array.shape)) or "1"
        raise DataError(f"input: got {shape} numbers; expected steps of {vectors.size} each. Separate the steps with ';'.")
    return np.ascontiguousarray(array)


def _image(image: Image, text: str) -> NDArray[np.float32]:
    """Rows of brightness; a picture of one channel may leave the channel out."""
    array = _numbers(text, f"a .npy file of {image.height} x {image.width} numbers")
    if array.ndim == _MATRIX:
        array = array[None]
    if array.shape != (image.channels, image.height, image.width):
        shape = " x ".join(map(str, array.shape)) or "1"
        raise DataError(f"input: got {shape} numbers; expected {image.channels} x {image.height} x {image.width}. Resize it.")
    return np.ascontiguousarray(array)


def _numbers(text: str, expected: str, *, column: bool = False) -> NDArray[np.float32]:
    """Numbers from a .npy file, a JSON list, or words and `;`; every one finite."""
    try:
        values = _values(text.strip(), column=column)
        with np.errstate(over="ignore"):  # too large for single precision is not finite, and said below
            array = values.astype(np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise DataError(f"input: got {said(text.strip())}; expected {expected}. Check each number.") from None
    if not np.isfinite(array).all():
        raise DataError(f"input: got a number that is not finite; expected {expected}. Take it out.")
    return array


def _values(text: str, *, column: bool) -> NDArray[np.generic]:
    """The numbers as they stand.

    Raises:
        ValueError, TypeError, OverflowError, RecursionError: they are none.
    """
    if text.endswith(".npy"):
        return read_array(checked_path(text, "input", DataError))
    if not text.startswith("["):
        rows = [number_words(row) for row in text.split(";") if row.strip()]
        if column and len(rows) == 1:
            rows = [[word] for word in rows[0]]
        return np.asarray([[read_number(word) for word in row] for row in rows])
    array = np.asarray(json.loads(text))
    if array.dtype.kind not in "buif":  # numpy would read the texts in a list by rules of its own
        raise TypeError(text)
    return array


def read_number(text: str) -> float:
    """The number that a text is, as settings are read.

    Raises:
        ValueError: it is none.
    """
    number = number_of(text)
    if number is None:
        raise ValueError(text)
    return float(number)


def number_words(row: str) -> list[str]:
    """The numbers of one step, parted by spaces or by commas. With both, `0,5 0,7` may be two numbers or four.

    Raises:
        ValueError: commas and spaces part them by turns.
    """
    if "," not in row:
        return row.split()
    words = [word.strip() for word in row.strip().removesuffix(",").split(",")]
    if any(len(word.split()) != 1 for word in words):
        raise ValueError(row)
    return words
