"""Running text from files, taken apart into characters, bytes or words. Not a card."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workbench.cards import SPECIAL_SYMBOLS, UNK, SourceFile
from workbench.datasets._text_file import read_lines
from workbench.datasets._words import BYTES, Unit, bytes_text, tokenize
from workbench.errors import DataError
from workbench.paths import checked_path, missing_hint

__all__ = ["LINE_END", "RunningText", "read_text", "shown", "symbols_of", "text_files", "tokens_of"]

LINE_END = "\N{RETURN SYMBOL}"
"""How the end of a line stands among characters and words, and in texts that are shown on one line."""
_UNKNOWN = SPECIAL_SYMBOLS[UNK]
_KINDS_OF_FILE = (".txt", ".text", ".md", ".rst", ".tex", ".org", ".gz", ".bz2", ".xz", ".zip")
_MOST_FILES = 10_000
_LINE_ENDS = re.compile("[\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = dict.fromkeys([code for code in range(0xA0) if unicodedata.category(chr(code)) == "Cc"] + [0xFEFF])


@dataclass(frozen=True)
class RunningText:
    """A text from one file or more.

    Attributes:
        text: all of it, with LF between lines.
        notices: what was left out, one line each.
    """

    text: str
    notices: tuple[str, ...] = ()


def text_files(given: str) -> tuple[SourceFile, ...]:
    """The file that is named, or the text files of a folder and its subfolders, in the order of their names.

    Raises:
        DataError: there is none.
    """
    path = checked_path(given, "data.path", DataError)
    if path.is_dir():
        paths = sorted(one for one in path.rglob("*") if one.suffix.lower() in _KINDS_OF_FILE and _is_seen(one, path))
        if not paths:
            raise DataError(f"{path}: no text file in this folder; expected names ending in .txt or .md. Check data.path.")
        if len(paths) > _MOST_FILES:
            raise DataError(f"{path}: got {len(paths):,} text files; expected at most {_MOST_FILES:,}. Join some, or name one.")
        return tuple(SourceFile.of(one) for one in paths)
    if not path.exists():
        try:
            path.stat()
        except OSError as error:
            hint = missing_hint(path) or "Check data.path."
            raise DataError(f"{path}: cannot be read: {error.strerror}. {hint}") from error
    if not path.is_file():
        raise DataError(f"{path}: is a pipe, socket or device; expected a file that can be read again. Save it as a file.")
    return (SourceFile.of(path),)


def _is_seen(path: Path, folder: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)


@lru_cache(maxsize=4)
def read_text(sources: tuple[SourceFile, ...], encoding: str = "") -> RunningText:
    """What stands in the files, one after the other, in composed characters (NFC).

    Every kind of line end becomes one, blanks at the ends of lines go, and so do control characters; a tab is a blank.

    Raises:
        DataError: one cannot be read, is no text or in another encoding.
    """
    texts, notices = [], []
    for source in sources:
        path = Path(source.path)
        lines = read_lines(path, encoding).lines
        unread = sum(line is None for line in lines)
        if unread:
            notices.append(f"{path.name}: {unread} {'line is' if unread == 1 else 'lines are'} not UTF-8; left out")
        texts.append("\n".join(line for line in lines if line is not None))
    even = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", "\n".join(texts))).replace("\t", " ")
    lines_of_all = ("".join(line.translate(_UNSEEN)).rstrip(" ") for line in even.split("\n"))
    return RunningText("\n".join(lines_of_all).strip("\n") + "\n", tuple(notices))


def tokens_of(text: str, unit: Unit, *, lower_case: bool) -> list[str]:
    """A text as tokens; the end of a line is one of its own, as bytes it is byte 10."""
    if unit == "byte":
        text = text.lower() if lower_case else text
        return [BYTES[byte] for byte in text.replace(LINE_END, "\n").encode("utf-8", "replace")]
    text = text.replace("\n", LINE_END)
    if unit == "character":
        parts = text.lower() if lower_case else text
        return list(parts)
    tokens: list[str] = []
    for number, line in enumerate(text.split(LINE_END)):
        tokens.extend([LINE_END] if number else [])
        tokens.extend(tokenize(line, lower_case=lower_case, unit="word"))
    return tokens


def symbols_of(tokens: Sequence[str], unit: Unit, min_frequency: int, most: int) -> tuple[str, ...]:
    """The vocabulary: what is unknown, then the tokens that are frequent enough, most frequent first; as bytes, all of them."""
    if unit == "byte":
        return BYTES
    ranked = sorted(Counter(tokens).items(), key=lambda item: (-item[1], item[0]))
    return (_UNKNOWN, *(token for token, count in ranked[:most] if count >= min_frequency and token != _UNKNOWN))


def shown(symbols: Sequence[str], unit: Unit) -> str:
    """Tokens as one line of text."""
    if unit == "byte":
        return bytes_text(symbols).replace("\n", LINE_END)
    return (" " if unit == "word" else "").join(symbols)
