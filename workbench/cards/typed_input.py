"""Reads what a person typed as an input: numbers, a .npy file, or the place of a sample. No torch here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.paths import checked_path
from workbench.saying import said
from workbench.typed import number_of

__all__ = ["holds_numbers", "number_words", "read_array", "read_number", "read_numbers", "sample_place"]

_LOOKED_AT = 10_000
"""Letters of a text that are looked through for a word that is no number."""
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


def holds_numbers(text: str) -> bool:
    """Whether a text that may be letters is rather numbers, or the path of a .npy file."""
    return text.strip().endswith(".npy") or any(letter.isdigit() for letter in text)


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


def read_numbers(text: str, expected: str, *, column: bool = False) -> NDArray[np.float32]:
    """Numbers from a .npy file, a JSON list, or words and `;`; every one finite.

    Args:
        text: what was typed.
        expected: what is expected, for the message.
        column: whether a single row of numbers is one number for each step.

    Raises:
        DataError: the text cannot be read as that.
    """
    try:
        values = _values(text.strip(), column=column)
        with np.errstate(over="ignore"):  # too large for single precision is not finite, and said below
            array = values.astype(np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise DataError(f"input: got {said(text.strip())}; expected {expected}. {_remedy(text.strip())}") from None
    if not np.isfinite(array).all():
        raise DataError(f"input: got a number that is not finite; expected {expected}. Take it out.")
    return array


def _remedy(text: str) -> str:
    """What to do about a text that is no numbers: which word is none, and what it may have been meant for."""
    if _is_file(text):
        return "Of files only .npy is read here: write the numbers themselves, or save them with numpy.save."
    for word in re.split(r"[;\s]+", text[:_LOOKED_AT]):
        if word and number_of(word.rstrip(",")) is None:
            point = word.replace(",", ".")
            return f"Write {point} with a point." if "," in word and number_of(point) is not None else f"Check {said(word)}."
    return "Check each number."


def _is_file(text: str) -> bool:
    """Whether a text is the path of a file that is there."""
    try:
        return bool(text) and Path(text).is_file()
    except (OSError, ValueError):
        return False


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
