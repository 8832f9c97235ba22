"""Numbers in the cells of a table: which sign stands before their fraction, and what a cell is worth."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.errors import DataError
from workbench.saying import said

__all__ = ["decimal_sign", "is_missing", "number_in"]

_NO_WORD = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "?"))
_NO_NUMBER = _NO_WORD | {"none", "-", "--", ".", "\\n"}
_SIGN = r"[+-]?"
_POWER = r"(?:[eE][+-]?\d+)?"
_BLANKS = "'\u2019_ \u00a0\u2009\u202f"
"""What stands between groups of three digits besides point and comma."""
_GROUPED = {
    ".": re.compile(rf"{_SIGN}\d{{1,3}}(?:[,{_BLANKS}]\d{{3}})+(?:\.\d*)?{_POWER}"),
    ",": re.compile(rf"{_SIGN}\d{{1,3}}(?:[.{_BLANKS}]\d{{3}})+(?:,\d*)?{_POWER}"),
}
_PLAIN = {
    ".": re.compile(rf"{_SIGN}(?:\d+\.?\d*|\.\d+){_POWER}"),
    ",": re.compile(rf"{_SIGN}(?:\d+,?\d*|,\d+){_POWER}"),
}
_TRUTH = {"true": 1.0, "false": 0.0}
_SURELY = {
    decimal: re.compile(
        rf"{_SIGN}(?:\d{{1,3}}(?:[{other}{_BLANKS}]\d{{3}})+{sign}\d*"  # both signs, each in its place
        rf"|\d*{sign}(?:\d{{1,2}}|\d{{4,}}){_POWER}|(?:0|\d{{4,}}){sign}\d+"  # a group has three digits, and begins with 1 to 9
        rf"|\d{{1,3}}(?:{other}\d{{3}}){{2,}})"  # a fraction has one sign
    )
    for decimal, sign, other in (("comma", ",", "\\."), ("point", "\\.", ","))
}
"""Numbers of which each can be read in one way only."""
_PERHAPS_COMMA = re.compile(rf"{_SIGN}\d{{1,3}},\d{{3}}")
_MOST_ROWS = 20_000
"""Rows that are looked at for the sign; a cell below that fits the other one is told where it is read."""


def is_missing(cell: str, *, word: bool = False) -> bool:
    """Whether a cell, without blanks around, holds nothing; as a word, `none` and `-` are something."""
    return not cell or cell.lower() in (_NO_WORD if word else _NO_NUMBER)


def number_in(cell: str, decimal: str) -> float | None:
    """What a cell, without blanks around, is worth: `1,234.5`, `1'234`, `-1.5e-3`; None where it is no finite number.

    Args:
        cell: the text; `true` is 1, `false` is 0.
        decimal: the sign before the fraction, "." or ",".
    """
    text = cell.replace("\u2212", "-")  # the minus of typesetters
    if not _PLAIN[decimal].fullmatch(text):
        if not _GROUPED[decimal].fullmatch(text):
            return _TRUTH.get(text.lower())
        text = re.sub(rf"[{_BLANKS}{'.' if decimal == ',' else ','}]", "", text)
    value = float(text.replace(",", ".")) if text.isascii() else math.nan
    return value if math.isfinite(value) else None


def decimal_sign(path: Path, columns: Sequence[Sequence[str]], lines: Sequence[int], name: Callable[[int], str]) -> str:
    """The sign before the fraction of a file's numbers, as its cells show it; a point where none does.

    Args:
        path: the file, for messages.
        columns: its cells.
        lines: the line of each row.
        name: of a column.
    Raises:
        DataError: cells contradict each other, or `1,234` may be one thing or another.
    """
    first: dict[str, tuple[int, int]] = {}
    for place, cells in enumerate(columns):
        for row, cell in enumerate(cells[:_MOST_ROWS]):
            if "," not in cell and "." not in cell:
                continue
            what = next((decimal for decimal, form in _SURELY.items() if form.fullmatch(cell)), "")
            if what or _PERHAPS_COMMA.fullmatch(cell):
                first.setdefault(what or "either", (place, row))
    told = {
        what: f"{said(columns[place][row])} in column {said(name(place))}, line {lines[row]}"
        for what, (place, row) in first.items()
    }
    if "comma" in told and "point" in told:
        raise DataError(
            f"{path}: got {told['comma']}, and {told['point']}; expected one sign before the fraction of all numbers. Set "
            "data.decimal to point or comma, or correct the file."
        )
    if "comma" not in told and "point" not in told and "either" in told:
        raise DataError(
            f"{path}: got {told['either']}, which may be a thousand and more, or a fraction of three digits. Set data.decimal to "
            "point (1,234 is a thousand) or comma (a fraction)."
        )
    return "," if "comma" in told else "."
