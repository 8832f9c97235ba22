"""sentence_pairs: sentence pairs from the user's own tab-separated file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import (
    EOS,
    SPECIAL_SYMBOLS,
    UNK,
    Carried,
    ColumnText,
    Config,
    HeldOut,
    PathText,
    SourceFile,
    Split,
    Task,
    Tokens,
    setting,
)
from workbench.cards.recognised import Recognised
from workbench.datasets._file_card import FileCard
from workbench.datasets._pair_file import read_pairs, sentence_columns
from workbench.datasets._pairs import PairParts, PairsDataset, encode_pairs, index_of
from workbench.datasets._words import BYTES, Unit, bytes_text, is_spaceless, tokenize
from workbench.errors import DataError
from workbench.paths import checked_path, missing_hint

__all__ = ["SentencePairs", "tokenize"]

_EXAMPLE_WORDS = 3
_MOSTLY = 0.8


class SentencePairsConfig(Config):
    """Settings of the user's file."""

    path: PathText = setting("", "Tab-separated file with one sentence pair per line, as exported by Tatoeba and Anki.")
    source_column: ColumnText = setting("1", "Column of the source sentence, by number from 1 or by its name in the first line.")
    target_column: ColumnText = setting("2", "Column of the target sentence, by number from 1 or by its name in the first line.")
    unit: Unit = setting(
        "word",
        "Tokens that sentences are split into. With word, scripts without spaces (Chinese, Thai) are split into characters.",
    )
    lower_case: bool = setting(True, "Convert all letters to lower case.")
    max_length: int = setting(
        20, "Maximum sentence length; pairs with a longer sentence are left out.", ge=1, le=500, unit="tokens"
    )
    min_frequency: int = setting(
        2, "Minimum frequency in the training set; rarer words become <unk>.", ge=1, le=1_000, unit="times"
    )
    max_vocabulary: int = setting(
        20_000,
        "Maximum vocabulary size per language; the most frequent words are kept.",
        ge=10,
        le=1_000_000,
        unit="words",
        advanced=True,
    )
    validation_fraction: float = setting(
        0.1, "Fraction of the source sentences used for validation.", gt=0, le=0.4, advanced=True
    )
    test_fraction: float = setting(
        0.1, "Fraction of the source sentences held out for the final test.", gt=0, le=0.4, advanced=True
    )
    encoding: str = setting(
        "",
        "Text encoding of the file (cp1252, latin-1, gb18030 ...); empty for UTF-8, or UTF-16 if it is detected.",
        advanced=True,
    )

    @model_validator(mode="after")
    def _columns_differ(self) -> SentencePairsConfig:
        if self.source_column == self.target_column:
            raise ValueError(f"expected two different columns, got {self.source_column} for both")
        return self


@dataclass(frozen=True)
class _Corpus:
    """A file, read and taken apart: the pairs of each part, and what was left out."""

    parts: tuple[list[tuple[tuple[str, ...], tuple[str, ...]]], ...]
    notices: tuple[str, ...]


class SentencePairs(FileCard[SentencePairsConfig, "SentencePairsDataset"]):
    """Translation between any two languages, from a file.

    The file has one pair per line, its columns parted by tabs: source, target, and further ones that are not looked at
    (attribution, for instance). UTF-8 or UTF-16, or what `encoding` says; lines end in LF, CRLF or CR; gzip, bzip2, xz and a
    zip of one file are unpacked. Lines without both sentences are skipped and counted. All translations of one source
    sentence stay in one split.

    A model carries the vocabulary that it was trained with, so it answers without the file, and a file that has changed
    gives no symbol another meaning.
    """

    Config = SentencePairsConfig
    title = "Sentence pairs"
    group = "Translation"
    kind = "transduce"
    summary = (
        "Your own parallel sentences from a tab-separated file with a source and a target sentence per line, the format of the "
        "Tatoeba and Anki collections. Set data.path to the file."
    )
    reference = "Tab-separated sentence pairs of the Tatoeba project, https://tatoeba.org, in the layout of manythings.org/anki."
    held_out = HeldOut(
        "disjoint",
        "the file is divided, with all translations of one source sentence in the same set; the same words occur in all sets.",
        samples=None,
        effective=None,
    )

    @classmethod
    def sources(cls, config: SentencePairsConfig) -> tuple[SourceFile, ...]:
        """The one file."""
        return (_source(config),)

    @classmethod
    def task_of(cls, config: SentencePairsConfig, sources: tuple[SourceFile, ...]) -> Task:
        """Words in, words out; the vocabularies are those of the training part."""
        return _task(config, sources[0])

    @classmethod
    def dataset(cls, config: SentencePairsConfig, carried: Carried, *, accept_changed: bool = False) -> SentencePairsDataset:
        """The pairs, in the vocabularies that are carried."""
        return SentencePairsDataset(config, carried, accept_changed=accept_changed)

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """Lines of columns parted by tabs, of which two hold sentences."""
        columns = sentence_columns(path)
        if columns is None:
            return None
        data = {"path": str(path), "source_column": str(columns[0]), "target_column": str(columns[1])}
        pair_file = read_pairs(path, cls.Config.model_validate(data))
        sentence = f"sentence pairs: {len(pair_file.pairs):,} different ones, in columns {columns[0]} and {columns[1]}"
        return Recognised(0.8, sentence, "seq2seq/translate_attention", data, pair_file.notices())

    @classmethod
    def describe(cls, config: SentencePairsConfig) -> str:
        """What is asked of which file."""
        if not config.path:
            return "Sentence pairs from your own tab-separated file; set data.path to it."
        return (
            f"Sentences of {Path(config.path).name} up to {config.max_length} {config.unit}s, column {config.source_column} to "
            f"be translated into column {config.target_column}; {config.test_fraction:.0%} of the source sentences are held out "
            "for the test."
        )


def _source(config: SentencePairsConfig) -> SourceFile:
    """The file of the settings as it is now.

    Raises:
        DataError: no path, or no such file.
    """
    if not config.path:
        raise DataError("data.path: got nothing; expected a tab-separated file of sentence pairs. Set data.path to your file.")
    path = checked_path(config.path, "data.path", DataError)
    if path.is_file():
        return SourceFile.of(path)
    try:
        path.stat()
    except OSError as error:
        hint = missing_hint(path) or "Check data.path."
        raise DataError(f"{path}: cannot be read: {error.strerror}. {hint}") from error
    _corpus(config, path, None)  # a folder, a pipe: reading it says so
    return SourceFile.of(path)


@lru_cache(maxsize=2)
def _corpus(config: SentencePairsConfig, path: Path, sha256: object) -> _Corpus:  # noqa: ARG001 - a part of the key
    """The pairs of the file, read again only when it has changed.

    Raises:
        DataError: it cannot be read, or there is too little in it.
    """
    pair_file = read_pairs(path, config)
    return _Corpus(pair_file.parts(config), pair_file.notices())


@lru_cache(maxsize=4)
def _task(config: SentencePairsConfig, source: SourceFile) -> Task:
    """Source and target symbols of the training part."""
    path = Path(source.path)
    train = _corpus(config, path, source.sha256).parts[0]
    sides = [[pair[side] for pair in train] for side in (0, 1)]
    symbols = [_symbols(sentences, config) for sentences in sides]
    if not all(symbols):
        raise DataError(
            f"{path}: no {config.unit} occurs {config.min_frequency} times in the training set, which has {len(train):,} pairs; "
            "expected a larger file or a smaller data.min_frequency. Set data.min_frequency to 1."
        )
    inputs, outputs = (
        Tokens((*SPECIAL_SYMBOLS, *words), config.max_length + 1, _joiner(sentences, config.unit), open=config.unit != "byte")
        for words, sentences in zip(symbols, sides, strict=True)
    )
    return Task("transduce", inputs, outputs)


def _symbols(sentences: Sequence[tuple[str, ...]], config: SentencePairsConfig) -> Sequence[str]:
    """The vocabulary: frequent enough words, the most frequent first, ties by the alphabet; as bytes, all of them."""
    if config.unit == "byte":
        return BYTES
    counts = Counter(word for sentence in sentences for word in sentence)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, count in ranked[: config.max_vocabulary] if count >= config.min_frequency]


def _joiner(sentences: Sequence[tuple[str, ...]], unit: Unit) -> str:
    """What stands between symbols where they are shown: nothing in a language that is written without spaces."""
    if unit != "word":
        return ""
    letters = [is_spaceless(word) for sentence in sentences for word in sentence if word[0].isalnum()]
    return "" if sum(letters) > _MOSTLY * len(letters) else " "


@lru_cache(maxsize=2)
def _encoded(config: SentencePairsConfig, source: SourceFile, inputs: Tokens, outputs: Tokens) -> PairParts:
    """The file's parts in these symbols."""
    corpus = _corpus(config, Path(source.path), source.sha256)
    of_inputs, of_outputs = (index_of(tokens.symbols[len(SPECIAL_SYMBOLS) :]) for tokens in (inputs, outputs))
    train, validation, test = (encode_pairs(part, of_inputs, of_outputs) for part in corpus.parts)
    held_out: list[list[tuple[str, ...]]] = [[target for _, target in part] for part in corpus.parts[1:]]
    words: dict[Split, list[tuple[str, ...]]] = {"validation": held_out[0], "test": held_out[1]}
    return PairParts(train, validation, test, words, corpus.notices)


class SentencePairsDataset(PairsDataset):
    """The pairs of a file, in the vocabulary that a model carries.

    Args:
        config: how the file is read and taken apart.
        carried: vocabularies, and the file.
        accept_changed: whether pairs may come from a file that has changed since.
    """

    def __init__(self, config: SentencePairsConfig, carried: Carried, *, accept_changed: bool = False) -> None:
        super().__init__(carried.task, self._open, carried.sources)
        self.config = config
        self._accept_changed = accept_changed

    def _open(self) -> PairParts:
        """The file as it was, or as it is where that is accepted.

        Raises:
            DataError: it is missing or has changed.
        """
        files = self.carried().files_now(accept_changed=self._accept_changed)
        return _encoded(self.config, files[0], *self._tokens)

    @property
    def _tokens(self) -> tuple[Tokens, Tokens]:
        task = self.task
        if not isinstance(task.inputs, Tokens) or not isinstance(task.outputs, Tokens) or not self.sources:
            raise DataError("data: the model stores no vocabularies; expected those of sentence pairs. Train it again.")
        return task.inputs, task.outputs

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """A sentence, taken apart as the file's are; words that training never saw become <unk>.

        Raises:
            DataError: it is empty or longer than the settings allow.
        """
        return self._tokens[0].encode(self._symbols(text), allow_unknown=True)

    def _symbols(self, text: str) -> list[str]:
        """A sentence as symbols; text that was shown may hold the mark for unknown words, which stays one symbol."""
        unknown = SPECIAL_SYMBOLS[UNK]
        symbols: list[str] = []
        for index, part in enumerate(text.split(unknown)):
            taken = tokenize(part, lower_case=self.config.lower_case, unit=self.config.unit)
            symbols.extend(([unknown] if index else []) + list(taken))
        return symbols

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Words that training never saw, or too rarely."""
        known = {*self._tokens[0].symbols, SPECIAL_SYMBOLS[UNK]}
        return tuple(dict.fromkeys(symbol for symbol in self._symbols(text) if symbol not in known))

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The sentence; bytes as the text that they are."""
        return self._text(super().input_text(inputs), inputs, self._tokens[0])

    def target_text(self, target: NDArray[np.generic]) -> str:
        """The sentence; bytes as the text that they are."""
        return self._text(super().target_text(target), target, self._tokens[1])

    def _text(self, shown: str, indices: NDArray[np.generic], tokens: Tokens) -> str:
        if self.config.unit != "byte":
            return shown
        written = indices.astype(np.int64).tolist()
        end = written.index(EOS) if EOS in written else len(written)
        return bytes_text([tokens.symbols[index] for index in written[:end]])

    def input_example(self) -> str:
        """A sentence of the test set; without the file, words of the vocabulary."""
        try:
            return super().input_example()
        except DataError:
            inputs = self._tokens[0]
            words = [word for word in inputs.symbols[len(SPECIAL_SYMBOLS) :] if word.isalpha()]
            return inputs.joiner.join(words[:_EXAMPLE_WORDS])
