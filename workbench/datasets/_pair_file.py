"""Reads sentence pairs from a tab-separated file: the columns, what is left out and why, and the three parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workbench.datasets._stored import fixed_order
from workbench.datasets._text_file import read_lines
from workbench.datasets._words import Unit, tokenize
from workbench.errors import DataError
from workbench.saying import said

__all__ = ["Pair", "PairFile", "Parts", "read_pairs", "sentence_columns"]

_MAX_MESSAGES = 5
_MIN_SOURCES = 3
_LOOKED_AT = 1000
_MOST = 0.9
_ID_DIGITS = 3
_COLUMN_DIGITS = 9
_MOST_COLUMNS = 1000
_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?|\\N")
_HEADER = re.compile(
    r"(source|target|src|tgt|trg|input|output|translation)([_ ](sentence|text|id|lang|language))?"
    r"|(sentence|text|id|lang|language|attribution|sentence[_ ]id)",
    re.IGNORECASE,
)
"""What a first line calls its columns where it names them."""
_OTHER_SEPARATORS = {";": "semicolons", "|||": "|||", "|": "bars", ",": "commas"}

Pair = tuple[tuple[str, ...], tuple[str, ...]]
Parts = tuple[list[Pair], list[Pair], list[Pair]]


class PairSettings(Protocol):
    """What is asked of a file; the settings of `sentence_pairs` have it."""

    @property
    def source_column(self) -> str: ...
    @property
    def target_column(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def unit(self) -> Unit: ...
    @property
    def lower_case(self) -> bool: ...
    @property
    def max_length(self) -> int: ...
    @property
    def validation_fraction(self) -> float: ...
    @property
    def test_fraction(self) -> float: ...


@dataclass
class PairFile:
    """What a file holds: its pairs, each once, and what was left out for what reason."""

    path: Path
    pairs: list[Pair] = field(default_factory=list)
    bad: int = 0
    too_long: int = 0
    messages: list[str] = field(default_factory=list)

    def reject(self, message: str) -> None:
        """Count a bad line; only the first few are told one by one."""
        self.bad += 1
        if len(self.messages) < _MAX_MESSAGES:
            self.messages.append(message)

    def notices(self) -> tuple[str, ...]:
        """What was left out, the first bad lines one by one."""
        name = self.path.name
        notices = [f"{name}: {message}" for message in self.messages]
        if self.bad:
            notices.append(f"{name}: bad lines skipped: {self.bad} in total; pairs used: {len(self.pairs)}")
        if self.too_long:
            notices.append(f"{name}: pairs longer than data.max_length, left out: {self.too_long}")
        return tuple(notices)

    def parts(self, config: PairSettings) -> Parts:
        """Training, validation and test pairs, parted by source sentence.

        Raises:
            DataError: there are too few.
        """
        sources = list(dict.fromkeys(source for source, _ in self.pairs))
        if len(sources) < _MIN_SOURCES:
            told = f" ({'; '.join(self.messages[:1])})" if self.messages else ""
            left_out = f"bad lines: {self.bad}{told}, too long: {self.too_long}"
            remedy = "Raise data.max_length" if self.too_long > self.bad else "Check the columns and data.max_length"
            raise DataError(
                f"{self.path}: got {len(sources)} different source sentences, {left_out}; "
                f"expected at least {_MIN_SOURCES}. {remedy}."
            )
        num_validation, num_test = (
            max(1, round(len(sources) * fraction)) for fraction in (config.validation_fraction, config.test_fraction)
        )
        part_of = dict.fromkeys(sources, 0)
        order = fixed_order(__name__, "held out", len(sources)).tolist()
        for part, places in ((1, order[:num_validation]), (2, order[num_validation : num_validation + num_test])):
            part_of.update((sources[place], part) for place in places)
        parts: Parts = ([], [], [])
        for pair in self.pairs:
            parts[part_of[pair[0]]].append(pair)
        return parts


def sentence_columns(path: Path) -> tuple[int, int] | None:
    """The first two columns of a file that hold sentences, from 1; None where its lines have no two such columns.

    Columns of numbers, of codes of languages, and those that hold the same in nearly all lines are passed over.

    Raises:
        DataError: it cannot be read.
    """
    lines = [line for line in read_lines(path).lines if line is not None and line.strip()][:_LOOKED_AT]
    rows = [line.split("\t") for line in lines]
    width = max((len(row) for row in rows), default=0)
    if not rows or sum(len(row) > 1 for row in rows) < _MOST * len(rows):
        return None
    columns = [[row[place].strip() for row in rows if len(row) > place] for place in range(width)]
    filled = [place for place, cells in enumerate(columns, 1) if len(cells) >= _MOST * len(rows) and _holds_sentences(cells)]
    return (filled[0], filled[1]) if len(filled) > 1 else None


def _holds_sentences(cells: Sequence[str]) -> bool:
    worded = [cell for cell in cells if any(sign.isalpha() for sign in cell) and not _LANGUAGE.fullmatch(cell)]
    return len(worded) >= _MOST * len(cells) and len(set(worded)) > len(worded) // 10


def read_pairs(path: Path, config: PairSettings) -> PairFile:
    """All pairs of the file that can be used, each once.

    Raises:
        DataError: it cannot be read, or its columns are others than the settings say.
    """
    pair_file = PairFile(path)
    lines = read_lines(path, config.encoding).lines
    rows = [None if line is None else line.split("\t") for line in lines]
    chosen, named = _chosen_columns(path, rows[0] or [], config)
    needed = max(chosen)
    _check_columns(path, rows, chosen)
    seen: dict[Pair, None] = {}
    for number, columns in enumerate(rows, 1):
        if columns is None:
            pair_file.reject(f"line {number}: not UTF-8; skipped")
            continue
        if not any(column.strip() for column in columns) or (number == 1 and (named or _is_header(columns))):
            continue
        if len(columns) < needed:
            pair_file.reject(f"line {number}: columns: {len(columns)}, expected at least {needed}; skipped")
            continue
        sides = (columns[chosen[0] - 1], columns[chosen[1] - 1])
        if "\0" in "".join(sides):
            pair_file.reject(f"line {number}: contains NUL bytes; skipped")
            continue
        source, target = (tokenize(text, lower_case=config.lower_case, unit=config.unit) for text in sides)
        if not source or not target:
            pair_file.reject(f"line {number}: a sentence is empty; skipped")
        elif max(len(source), len(target)) > config.max_length:
            pair_file.too_long += 1
        else:
            seen[source, target] = None
    pair_file.pairs = list(seen)
    return pair_file


def _is_header(columns: Sequence[str]) -> bool:
    """Whether a first line names the columns."""
    names = [column.strip() for column in columns if column.strip()]
    return len(names) > 1 and all(_HEADER.fullmatch(name) for name in names)


def _chosen_columns(path: Path, first: Sequence[str], config: PairSettings) -> tuple[tuple[int, int], bool]:
    """The columns of both sentences, from 1, and whether one was chosen by the name that the first line gives it.

    Raises:
        DataError: the first line has no such name, or both are the same column.
    """
    names = [cell.strip() for cell in first]
    chosen, named = [], False
    for setting, word in (("source", config.source_column), ("target", config.target_column)):
        if word in names:
            chosen.append(names.index(word) + 1)
            named = True
        elif word.isascii() and word.isdigit() and 1 <= int(word[:_COLUMN_DIGITS]) <= _MOST_COLUMNS:
            chosen.append(int(word[:_COLUMN_DIGITS]))
        else:
            known = f"a number from 1, or a name in the first line: {', '.join(map(said, names[:8]))}"
            raise DataError(f"data.{setting}_column: {path}: got {said(word)}; expected {known}. Set it to one of them.")
    if chosen[0] == chosen[1]:
        raise DataError(
            f"data.target_column: {path}: column {chosen[0]} is that of the source, too; expected another one. Set it."
        )
    return (chosen[0], chosen[1]), named


def _check_columns(path: Path, rows: Sequence[Sequence[str] | None], chosen: tuple[int, int]) -> None:
    """Refuse a file whose chosen columns are not sentences, and name those that are.

    Raises:
        DataError: the true cause, and the settings that fix it.
    """
    looked = [row for row in rows[: 2 * _LOOKED_AT] if row is not None and any(cell.strip() for cell in row)][:_LOOKED_AT]
    if looked and all(len(row) == 1 for row in looked):
        told = next(
            (name for sign, name in _OTHER_SEPARATORS.items() if sum(sign in row[0] for row in looked) > _MOST * len(looked)), ""
        )
        hint = f", and they seem to be separated by {told}" if told else ""
        raise DataError(
            f"{path}: line 1: columns: 1, no line has a tab{hint}; expected columns separated by tabs. Save it with tabs."
        )
    kinds = _column_kinds(looked)
    sentences = [number for number, kind in kinds.items() if kind == "sentences"]
    for name, column in zip(("source", "target"), chosen, strict=True):
        kind = kinds.get(column, "sentences")
        if kind == "sentences" or not any(number not in chosen for number in sentences):
            continue
        if len(sentences) > 1:
            first, second = sentences[:2]
            remedy = f"Columns {first} and {second} do: set data.source_column to {first} and data.target_column to {second}."
        else:
            remedy = f"Only column {sentences[0]} does, and a pair needs two: use a file of sentence pairs."
        raise DataError(f"{path}: the {name} column, {column}, contains {kind}; expected sentences. {remedy}")


def _column_kinds(rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """Of each column, from 1, whether it holds sentences, numbers as a collection counts its sentences, or language codes."""
    kinds = {}
    for column in range(max((len(row) for row in rows), default=0)):
        cells = [row[column].strip() for row in rows if len(row) > column and row[column].strip()]
        numbers = [cell for cell in cells if cell.isascii() and cell.isdigit()]
        languages = [cell for cell in cells if _LANGUAGE.fullmatch(cell)]
        if len(numbers) > _MOST * len(cells) and sorted(map(len, numbers))[len(numbers) // 2] >= _ID_DIGITS:
            kinds[column + 1] = f"numbers such as {numbers[0]}"
        elif len(cells) > 10 and len(languages) > _MOST * len(cells) and 10 * len(set(cells)) <= len(cells):  # noqa: PLR2004
            kinds[column + 1] = f"language codes such as {languages[0]}"
        elif any(cell.startswith("CC-BY") or "CC BY" in cell for cell in cells):
            kinds[column + 1] = "attributions"
        else:
            kinds[column + 1] = "sentences"
    return kinds
