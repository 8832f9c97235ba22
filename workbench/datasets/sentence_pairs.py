"""sentence_pairs: sentence pairs from the user's own tab-separated file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import Config, DatasetCard, PathText, Split, setting
from workbench.datasets._pairs import PairArrays, PairsDataset, encode_pairs, index_of
from workbench.datasets._stored import fixed_order
from workbench.errors import DataError
from workbench.held_out import HeldOut
from workbench.parsing import encode
from workbench.task import SPECIAL_SYMBOLS, Task, TaskKind, Tokens

__all__ = ["SentencePairs", "tokenize"]

_TOKEN = re.compile(r"\w+['\u2019]?|[^\w\s]")
_MAX_MESSAGES = 5
_MIN_SOURCES = 3

Pair = tuple[tuple[str, ...], tuple[str, ...]]


class SentencePairsConfig(Config):
    """Settings of the user's file."""

    path: PathText = setting("", "Tab-separated UTF-8 file with a sentence pair per line, as Tatoeba and Anki export them.")
    source_column: int = setting(1, "Column of the source sentence, from 1.", ge=1, le=100)
    target_column: int = setting(2, "Column of the target sentence, from 1.", ge=1, le=100)
    lower_case: bool = setting(True, "Take capitals and small letters as the same.")
    max_length: int = setting(20, "Pairs with a longer sentence are left out.", ge=1, le=500, unit="words")
    min_frequency: int = setting(2, "Rarer words of the training part become <unk>.", ge=1, le=1_000, unit="times")
    max_vocabulary: int = setting(
        20_000, "Most frequent words kept per language.", ge=10, le=1_000_000, unit="words", advanced=True
    )
    validation_fraction: float = setting(0.1, "Part of the source sentences that validates.", gt=0, le=0.4, advanced=True)
    test_fraction: float = setting(
        0.1, "Part of the source sentences that is kept for the final test.", gt=0, le=0.4, advanced=True
    )

    @model_validator(mode="after")
    def _columns_differ(self) -> SentencePairsConfig:
        if self.source_column == self.target_column:
            raise ValueError(f"expected two different columns, got {self.source_column} for both")
        return self


@dataclass
class _Reading:
    """What a file holds: its pairs, and how many lines were left out for what reason."""

    pairs: list[Pair] = field(default_factory=list)
    bad: int = 0
    too_long: int = 0
    messages: list[str] = field(default_factory=list)

    def reject(self, message: str) -> None:
        """Count a bad line; only the first few are told one by one."""
        self.bad += 1
        if len(self.messages) < _MAX_MESSAGES:
            self.messages.append(message)


@dataclass(frozen=True)
class _Opened:
    """A file, read, split and encoded."""

    source: Tokens
    target: Tokens
    train: PairArrays
    validation: PairArrays
    test: PairArrays
    words: dict[Split, list[tuple[str, ...]]]
    notices: tuple[str, ...]


class SentencePairs(DatasetCard[SentencePairsConfig]):
    """Translation between any two languages, from a file.

    The file has one pair per line, its columns parted by tabs: source, target, and further ones that are not looked at
    (attribution, for instance). UTF-8 with or without byte order mark; lines end in LF or CRLF. Lines without both
    sentences are skipped and counted. All translations of one source sentence stay in one split.
    """

    Config = SentencePairsConfig
    title = "Sentence pairs"
    group = "Translation"
    kind = TaskKind.TRANSDUCE
    summary = (
        "Your own parallel sentences: a tab-separated file with a source and a target sentence per line, "
        "as the Tatoeba and Anki collections come. Set data.path to the file."
    )
    reference = "Tab-separated sentence pairs of the Tatoeba project, https://tatoeba.org, in the layout of manythings.org/anki."
    held_out = HeldOut(
        "disjoint",
        "the file is divided, all translations of one source sentence together; the same words come in all sets.",
        samples=None,
        effective=None,
    )

    @classmethod
    def task(cls, config: SentencePairsConfig) -> Task:
        """Words in, words out; the vocabularies are those of the training part."""
        opened = _open(config)
        return Task(TaskKind.TRANSDUCE, opened.source, opened.target)

    @classmethod
    def open(cls, config: SentencePairsConfig) -> SentencePairsDataset:
        """The file in memory."""
        opened = _open(config)
        task = Task(TaskKind.TRANSDUCE, opened.source, opened.target)
        return SentencePairsDataset(task, config, opened)

    @classmethod
    def describe(cls, config: SentencePairsConfig) -> str:
        """What is asked of which file."""
        if not config.path:
            return "Sentence pairs from a tab-separated file of yours; set data.path to it."
        return (
            f"Sentences of {Path(config.path).name} up to {config.max_length} words, column {config.source_column} to be "
            f"translated into column {config.target_column}; "
            f"{config.test_fraction:.0%} of the source sentences are kept for the test."
        )


def tokenize(text: str, *, lower_case: bool) -> tuple[str, ...]:
    """Words and punctuation marks; an apostrophe stays with the word before it (`l'`, `don'`)."""
    return tuple(_TOKEN.findall(unicodedata.normalize("NFC", text.lower() if lower_case else text)))


def _open(config: SentencePairsConfig) -> _Opened:
    """The file of the settings, read again only when it has changed.

    Raises:
        DataError: no path, no such file, or too little in it.
    """
    if not config.path:
        raise DataError("data.path: got nothing; expected a tab-separated file of sentence pairs. Set data.path to your file.")
    path = Path(config.path).expanduser()
    try:
        stat = path.stat()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}. Check data.path.") from error
    return _open_cached(config, path, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=2)
def _open_cached(config: SentencePairsConfig, path: Path, stamp: object) -> _Opened:  # noqa: ARG001 - stamp is part of the key
    reading = _read(config, path)
    parts = _split(reading.pairs, config)
    if parts is None:
        told = f" ({'; '.join(reading.messages[:1])})" if reading.messages else ""
        left_out = f"bad lines: {reading.bad}{told}, too long: {reading.too_long}"
        raise DataError(
            f"{path}: got {len({source for source, _ in reading.pairs})} different source sentences, {left_out}; "
            f"expected at least {_MIN_SOURCES}. Check the columns and data.max_length."
        )
    source, target = (_words([pair[side] for pair in parts[0]], config) for side in (0, 1))
    if not source or not target:
        raise DataError(
            f"{path}: no word stands {config.min_frequency} times in the training part; expected a larger file or a smaller "
            "data.min_frequency. Set data.min_frequency to 1."
        )
    train, validation, test = (encode_pairs(part, index_of(source), index_of(target)) for part in parts)
    return _Opened(
        Tokens((*SPECIAL_SYMBOLS, *source), config.max_length + 1, open=True),
        Tokens((*SPECIAL_SYMBOLS, *target), config.max_length + 1, open=True),
        train,
        validation,
        test,
        {"validation": [target for _, target in parts[1]], "test": [target for _, target in parts[2]]},
        _notices(path, reading),
    )


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers from 1; bytes, so that one line that is not UTF-8 does not spoil the others."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}. Check data.path.") from error


def _read(config: SentencePairsConfig, path: Path) -> _Reading:
    """All pairs of the file that can be used, each once."""
    reading = _Reading()
    needed = max(config.source_column, config.target_column)
    seen: dict[Pair, None] = {}
    for number, raw in _lines(path):
        if not raw.strip():
            continue
        try:
            columns = raw.decode("utf-8").rstrip("\r\n").split("\t")
        except UnicodeDecodeError:
            reading.reject(f"line {number}: not UTF-8; skipped")
            continue
        if len(columns) < needed:
            reading.reject(f"line {number}: columns: {len(columns)}, expected at least {needed}; skipped")
            continue
        sides = (columns[config.source_column - 1], columns[config.target_column - 1])
        source, target = (tokenize(text, lower_case=config.lower_case) for text in sides)
        if not source or not target:
            reading.reject(f"line {number}: a sentence is empty; skipped")
        elif max(len(source), len(target)) > config.max_length:
            reading.too_long += 1
        else:
            seen[source, target] = None
    reading.pairs = list(seen)
    return reading


def _split(pairs: Sequence[Pair], config: SentencePairsConfig) -> tuple[list[Pair], list[Pair], list[Pair]] | None:
    """Training, validation and test pairs, parted by source sentence; None when there are too few."""
    sources = list(dict.fromkeys(source for source, _ in pairs))
    if len(sources) < _MIN_SOURCES:
        return None
    num_validation, num_test = (
        max(1, round(len(sources) * fraction)) for fraction in (config.validation_fraction, config.test_fraction)
    )
    part_of = dict.fromkeys(sources, 0)
    order = fixed_order(len(sources)).tolist()
    for part, places in ((1, order[:num_validation]), (2, order[num_validation : num_validation + num_test])):
        part_of.update((sources[place], part) for place in places)
    parts: tuple[list[Pair], list[Pair], list[Pair]] = ([], [], [])
    for pair in pairs:
        parts[part_of[pair[0]]].append(pair)
    return parts


def _words(sentences: Sequence[tuple[str, ...]], config: SentencePairsConfig) -> list[str]:
    """The vocabulary: frequent enough words, the most frequent first, ties by the alphabet."""
    counts = Counter(word for sentence in sentences for word in sentence)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, count in ranked[: config.max_vocabulary] if count >= config.min_frequency]


def _notices(path: Path, reading: _Reading) -> tuple[str, ...]:
    """What was left out, the first bad lines one by one."""
    notices = [f"{path.name}: {message}" for message in reading.messages]
    if reading.bad:
        notices.append(f"{path.name}: bad lines skipped in all: {reading.bad}; pairs used: {len(reading.pairs)}")
    if reading.too_long:
        notices.append(f"{path.name}: pairs longer than data.max_length, left out: {reading.too_long}")
    return tuple(notices)


class SentencePairsDataset(PairsDataset):
    """The pairs of a file."""

    def __init__(self, task: Task, config: SentencePairsConfig, opened: _Opened) -> None:
        super().__init__(task, opened.train, opened.validation, opened.test, notices=opened.notices, words=opened.words)
        self._lower_case = config.lower_case
        self._source = opened.source

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A sentence, taken apart as the file's are; words that training never saw become <unk>.

        Raises:
            DataError: it is empty or longer than the settings allow.
        """
        # text that was shown may hold the mark for unknown words, which stays one symbol
        unknown = SPECIAL_SYMBOLS[3]
        words: list[str] = []
        for index, part in enumerate(text.split(unknown)):
            words.extend(([unknown] if index else []) + list(tokenize(part, lower_case=self._lower_case)))
        return encode(self._source, words, allow_unknown=True)
