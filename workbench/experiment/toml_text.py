"""Reading a TOML file that a person names: every way in which it is none is one line, and each key's line is known."""

from __future__ import annotations

import re
import stat
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.errors import ExperimentError, Problem
from workbench.paths import missing_hint, path_problem

__all__ = ["line_numbers", "read_text", "read_toml", "read_values", "written"]

_LARGEST = 1_000_000
"""Bytes of an experiment's file; the largest preset has four thousand."""
_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "a gzip archive", b"PK\x03\x04": "a zip archive"}


def read_toml(path: Path, where: str) -> tuple[dict[str, Any], dict[tuple[str, str], int]]:
    """The values of a TOML file, and the line of each (table, key).

    Args:
        path: the file.
        where: what messages call it.
    Raises:
        ExperimentError: it cannot be read, or is not TOML; one line that says why.
    """
    text, values = _text_and_values(path, where)
    return values, line_numbers(text)


def read_values(path: Path, where: str) -> dict[str, Any]:
    """The values alone, for lists of many files; otherwise as `read_toml`."""
    return _text_and_values(path, where)[1]


def written(values: Mapping[str, Any]) -> str:
    """Plain values of an experiment as TOML text, right or wrong; what is None is left out."""
    import tomlkit

    return tomlkit.dumps(_without_none(values))


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, Mapping) else value for key, value in values.items() if value is not None
    }


def _text_and_values(path: Path, where: str) -> tuple[str, dict[str, Any]]:
    text = read_text(path, where)
    try:
        return text, tomllib.loads(text)
    except RecursionError:
        raise _problem(
            where, "not an experiment: its lists or tables lie too deep in each other. Name an experiment's file."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise _problem(where, f"not valid TOML: {error}.") from error
    except ValueError as error:  # a number of thousands of digits
        raise _problem(where, f"not valid TOML: {str(error).partition(';')[0]}. Write a shorter number.") from error


def _problem(where: str, message: str) -> ExperimentError:
    return ExperimentError([Problem(where, "", "", message)])


def read_text(path: Path, where: str) -> str:
    """The text of a file that a person names, with line ends as they are on Unix.

    Raises:
        ExperimentError: it cannot be read, or is no text; one line that says why.
    """
    if problem := path_problem(path):
        raise ExperimentError([Problem("", "", "", f"the experiment's file: {problem}")])
    try:
        kind = path.stat()
        if stat.S_ISDIR(kind.st_mode):
            raise _problem(where, "cannot be read: it is a folder. Name a TOML file.")
        if not stat.S_ISREG(kind.st_mode):
            raise _problem(where, "cannot be read: it is a pipe or a device. Name a TOML file.")
        if kind.st_size > _LARGEST:
            raise _problem(
                where, f"got {kind.st_size:,} bytes; expected an experiment of at most {_LARGEST:,}. Name a TOML file."
            )
        data = path.read_bytes()
    except OSError as error:
        hint = missing_hint(path) or "Name a TOML file."
        raise _problem(where, f"cannot be read: {error.strerror or error}. {hint}") from error
    for mark, kind_of_file in _ENCODINGS.items():
        if data.startswith(mark):
            raise _problem(where, f"cannot be read: it is {kind_of_file}, not UTF-8 text. Save it as plain text in UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _problem(f"{where}:{line}", "cannot be read: not UTF-8 text. Save it as plain text in UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def line_numbers(text: str) -> dict[tuple[str, str], int]:
    """Line (from 1) of each (table, key) of a valid TOML text, where it is first spoken of.

    (table, "") is the table itself, or a key before the first table. Keys of tables within tables are dotted, and entries of
    lists are counted: ("claim", "also.0.metric"). Of a text that is not valid TOML, the lines as far as it can be followed.
    """
    scanner = _Scanner(text)
    with suppress(_LostError, RecursionError):
        scanner.document()
    return scanner.lines


_GAP = re.compile(r"(?:[ \t\n\r]|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})',
    r"'''.*?'''(?:'{0,2})",
    r'"(?:\\.|[^"\\\n])*"',
    r"'[^'\n]*'",
)
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class _LostError(Exception):
    """The text is not TOML here."""


class _Scanner:
    """Follows TOML's grammar as far as lines need it. Only a line feed ends a line there: U+2028, NEL and form feed do not."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[tuple[str, str], int] = {}
        self._feeds = [place for place, sign in enumerate(text) if sign == "\n"]
        self._entries: Counter[tuple[str, ...]] = Counter()  # of lists of tables, by their full path

    def document(self) -> None:
        table: tuple[str, ...] = ()
        while self._skip(_GAP) < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> tuple[str, ...]:
        start = self.at
        is_list = self.text.startswith("[[", start)
        self.at += 2 if is_list else 1
        path: tuple[str, ...] = ()
        parts = self._key()
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            if is_list and number == len(parts):
                self._note(path, start)
                self._entries[path] += 1
            if path in self._entries:
                path = (*path, str(self._entries[path] - 1))
            self._note(path, start)
        self._take("]]" if is_list else "]")
        return path

    def _pair(self, table: tuple[str, ...]) -> None:
        start = self.at
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path, start)
        self._take("=")
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANKS)
            if match := _BARE.match(self.text, self.at):
                parts.append(match[0])
            elif match := _STRING.match(self.text, self.at):
                parts.append(_plain(match[0]))
            else:
                raise _LostError
            self.at = match.end()
            self._skip(_BLANKS)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _value(self, path: tuple[str, ...]) -> None:
        self._skip(_BLANKS)
        if self.text.startswith("[", self.at):
            self._list(path)
        elif self.text.startswith("{", self.at):
            self._inline_table(path)
        elif match := _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at):
            self.at = match.end()
        else:
            raise _LostError

    def _list(self, path: tuple[str, ...]) -> None:
        self._take("[")
        number = 0
        while self._skip(_GAP) < len(self.text) and not self.text.startswith("]", self.at):
            self._note((*path, str(number)), self.at)
            self._value((*path, str(number)))
            number += 1
            self._skip(_GAP)
            if not self.text.startswith("]", self.at):
                self._take(",")
        self._take("]")

    def _inline_table(self, path: tuple[str, ...]) -> None:
        self._take("{")
        while self._skip(_GAP) < len(self.text) and not self.text.startswith("}", self.at):
            self._pair(path)
            self._skip(_GAP)
            if not self.text.startswith("}", self.at):
                self._take(",")
        self._take("}")

    def _note(self, path: tuple[str, ...], place: int) -> None:
        self.lines.setdefault((path[0], ".".join(path[1:])), bisect_right(self._feeds, place - 1) + 1)

    def _skip(self, signs: re.Pattern[str]) -> int:
        match = signs.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _take(self, mark: str) -> None:
        self._skip(_BLANKS)
        if not self.text.startswith(mark, self.at):
            raise _LostError
        self.at += len(mark)


def _plain(quoted: str) -> str:
    """The text between the quotes of a key."""
    try:
        return str(tomllib.loads(f"key = {quoted}")["key"])
    except ValueError as error:
        raise _LostError from error
