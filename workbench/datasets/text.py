"""text: running text from the user's own file or folder, or a book that is included, for language modelling."""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.cards import (
    SPECIAL_SYMBOLS,
    UNK,
    Baseline,
    Batch,
    Carried,
    Config,
    Dataset,
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
from workbench.datasets._running_text import LINE_END, read_text, shown, symbols_of, text_files, tokens_of
from workbench.datasets._stored import EpochOrder
from workbench.datasets._streams import random_stream
from workbench.datasets._words import Unit
from workbench.errors import DataError

__all__ = ["Text", "TextDataset"]

SHIPPED = Path(__file__).parent / "files" / "alice" / "alice.txt"
_UNKNOWN = SPECIAL_SYMBOLS[UNK]
_MOST_WINDOWS = 2000
"""Held-out windows at most, evenly spread over a long text."""
_LONGEST_PROMPT = 10_000
_SHORTEST_WINDOW = 4
"""Tokens of a window below which a text is none to learn from."""
_FEW = 20_000
_NUM_PROMPTS = 3
_PROMPT_TOKENS = {"character": 40, "byte": 40, "word": 8}
_NAMES = {"character": "characters", "byte": "bytes", "word": "words"}


class TextConfig(Config):
    """Settings of the text."""

    path: PathText = setting(
        "", "Text file (UTF-8, or as encoding says), or a folder of them; empty for the included book, Alice in Wonderland."
    )
    unit: Unit = setting("character", "Tokens that the text is split into.")
    lower_case: bool = setting(False, "Convert all letters to lower case.")
    length: int = setting(64, "Tokens of a window, over which the gradient goes back.", ge=2, le=10_000, unit="tokens")
    order: Literal["shuffled", "consecutive"] = setting(
        "shuffled",
        "Windows of a batch: in random order, each read from a state of zeros; or consecutive ones, in as many streams as the "
        "batch has samples, with the recurrent state carried from step to step (stateful truncated BPTT).",
    )
    prompt: str = setting("", "What the model is asked to continue at each evaluation; empty for passages of the held-out text.")
    temperature: float = setting(0.8, "Sampling temperature of what it writes.", gt=0.001, le=10)
    num_written: int = setting(200, "Tokens that it writes after each prompt.", ge=1, le=5_000, unit="tokens", advanced=True)
    min_frequency: int = setting(
        2, "Minimum frequency in the training part; rarer tokens become <unk>.", ge=1, le=1_000, unit="times", advanced=True
    )
    max_vocabulary: int = setting(
        20_000, "Maximum vocabulary size; the most frequent tokens are kept.", ge=2, le=1_000_000, unit="tokens", advanced=True
    )
    validation_fraction: float = setting(0.1, "Fraction of the text used for validation.", gt=0, le=0.4, advanced=True)
    test_fraction: float = setting(
        0.1, "Fraction of the text, its end, held out for the final test.", gt=0, le=0.4, advanced=True
    )
    encoding: str = setting(
        "", "Text encoding (cp1252, latin-1, gb18030 ...); empty for UTF-8, or UTF-16 if it is detected.", advanced=True
    )


@dataclass(frozen=True)
class _Parts:
    """A text's tokens, divided by position; and what was left out."""

    train: list[str]
    validation: list[str]
    test: list[str]
    notices: tuple[str, ...]


class Text(FileCard[TextConfig, "TextDataset"]):
    """The next token of a text, from all before it.

    The text is cut by position: its beginning trains, then comes the validation part, its end is the test. Each part is divided
    into windows; what is to be predicted is the window moved by one token. The vocabulary is that of the training part.
    """

    Config = TextConfig
    title = "Text"
    group = "Language"
    kind = "language"
    summary = (
        "Your own text, or Alice in Wonderland, by characters, bytes or words: the model predicts the next token from those "
        "before it, and at each evaluation writes on from a prompt. Scores stand beside unigrams, bigrams and gzip."
    )
    reference = (
        "Shannon 1951, Prediction and entropy of printed English; Graves 2013, arXiv:1308.0850, section 3. Included text: Lewis "
        "Carroll 1865, public domain, as in the Canterbury corpus (Arnold and Bell 1997)."
    )
    held_out = HeldOut(
        "disjoint",
        "the text is cut by position: validation and test windows lie behind the training part; phrases may recur.",
        samples=231,
        effective=231,
    )

    @classmethod
    def sources(cls, config: TextConfig) -> tuple[SourceFile, ...]:
        """The file, all files of the folder, or the included book."""
        return text_files(config.path) if config.path else (SourceFile.of(SHIPPED),)

    @classmethod
    def task_of(cls, config: TextConfig, sources: tuple[SourceFile, ...]) -> Task:
        """Tokens in, the next token at every step out."""
        return _task(_split_settings(config), sources)

    @classmethod
    def dataset(cls, config: TextConfig, carried: Carried, *, accept_changed: bool = False) -> TextDataset:
        """The text, in the vocabulary that is carried."""
        return TextDataset(config, carried, accept_changed=accept_changed)

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        """Anything that is text, where no other card knows better."""
        sources = text_files(str(path))
        running = read_text(sources)
        size = len(running.text)
        files = f" in {len(sources):,} files" if len(sources) > 1 else ""
        different, num_lines = len(set(running.text)), running.text.count("\n")
        sentence = f"running text: {size:,} characters, {different:,} different, {num_lines:,} lines{files}"
        length = min(64, size // 12)
        if length < _SHORTEST_WINDOW:
            return None
        few = (f"{size:,} characters are few: a model knows them by heart before it knows the language",) if size < _FEW else ()
        data = {"path": str(path), "order": "consecutive", "length": length}
        return Recognised(0.2, sentence, "language/text_gru", data, (*running.notices, *few))

    @classmethod
    def describe(cls, config: TextConfig) -> str:
        """What is asked of which text."""
        what = Path(config.path).name if config.path else "Alice in Wonderland"
        state = "the state carried on from window to window" if config.order == "consecutive" else "in random order"
        return (
            f"The next {config.unit} of {what} at every step, in windows of {config.length} {_NAMES[config.unit]}, {state}; "
            f"the last {config.test_fraction:.0%} of the text are the test."
        )


def _split_settings(config: TextConfig) -> TextConfig:
    """The settings on which tokens and parts depend, the others at their defaults: one key for what is kept in memory."""
    return config.model_copy(update={"order": "shuffled", "prompt": "", "temperature": 0.8, "num_written": 200, "path": ""})


@lru_cache(maxsize=2)
def _parts(config: TextConfig, sources: tuple[SourceFile, ...]) -> _Parts:
    """The tokens of the files, divided.

    Raises:
        DataError: they cannot be read, or hold too little.
    """
    running = read_text(sources, config.encoding)
    tokens = tokens_of(running.text, config.unit, lower_case=config.lower_case)
    num_test, num_validation = (round(share * len(tokens)) for share in (config.test_fraction, config.validation_fraction))
    num_train = len(tokens) - num_test - num_validation
    shortest = min(num_train, num_validation, num_test)
    if shortest <= config.length:
        raise DataError(
            f"{sources[0].path}: got {len(tokens):,} {_NAMES[config.unit]}, of which the smallest part has {shortest:,}; "
            f"expected more than {config.length} in each, the length of a window. Set data.length lower, or take a longer text."
        )
    cut = num_train + num_validation
    return _Parts(tokens[:num_train], tokens[num_train:cut], tokens[cut:], running.notices)


@lru_cache(maxsize=4)
def _task(config: TextConfig, sources: tuple[SourceFile, ...]) -> Task:
    parts = _parts(config, sources)
    symbols = symbols_of(parts.train, config.unit, config.min_frequency, config.max_vocabulary)
    joiner = " " if config.unit == "word" else ""
    tokens = Tokens(symbols, config.length, joiner, special=False, open=config.unit != "byte")
    return Task("language", tokens, tokens, _baselines(parts, tokens, config.unit))


def _baselines(parts: _Parts, tokens: Tokens, unit: Unit) -> tuple[Baseline, ...]:
    """What counting tokens, counting pairs of them, and gzip make of the test part."""
    train, test = (_encoded(part, tokens.symbols) for part in (parts.train, parts.test))
    unigram, bigram = _unigram(train, test, len(tokens.symbols)), _bigram(train, test, len(tokens.symbols))
    characters = int(tokens.num_characters[test[1:]].sum())
    to_bits = (len(test) - 1) / characters / math.log(2)
    pairs, alone = "counting pairs of tokens (bigrams)", "counting tokens (unigrams)"
    spelt: tuple[Baseline, ...] = ()
    if unit != "word":
        written = shown(parts.test, unit).replace(LINE_END, "\n")
        spelt = (
            Baseline("bits_per_character", bigram * to_bits, pairs),
            Baseline("bits_per_character", unigram * to_bits, alone),
            Baseline("bits_per_character", 8 * len(gzip.compress(written.encode(), 9, mtime=0)) / len(written), "gzip -9"),
        )
    return (
        *spelt,
        Baseline("loss", bigram, pairs),
        Baseline("loss", unigram, alone),
        Baseline("perplexity", math.exp(bigram), pairs),
        Baseline("perplexity", math.exp(unigram), alone),
    )


def _unigram(train: NDArray[np.int64], test: NDArray[np.int64], size: int) -> float:
    """Mean -ln P of the test tokens but the first, each counted once more than it occurs (Laplace)."""
    shares = (np.bincount(train, minlength=size) + 1) / (len(train) + size)
    return float(-np.log(shares[test[1:]]).mean())


def _bigram(train: NDArray[np.int64], test: NDArray[np.int64], size: int) -> float:
    """Mean -ln P(b | a) over the test's pairs, interpolated with the unigram as Witten and Bell do.

        P(b | a) = (c(a b) + t(a) P(b)) / (c(a) + t(a))     t(a): how many different tokens follow a

    Reference:
        Witten and Bell 1991, IEEE Trans. Information Theory 37(4), method C.
    """
    shares = (np.bincount(train, minlength=size) + 1) / (len(train) + size)
    pairs, counts = np.unique(train[:-1] * size + train[1:], return_counts=True)
    followed = np.bincount(train[:-1], minlength=size)
    different = np.bincount(pairs // size, minlength=size)
    wanted = test[:-1] * size + test[1:]
    places = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    met = np.where(pairs[places] == wanted, counts[places], 0)
    before, after = test[:-1], test[1:]
    known = followed[before] > 0
    total = np.where(known, followed[before] + different[before], 1)
    chances = np.where(known, (met + different[before] * shares[after]) / total, shares[after])
    return float(-np.log(chances).mean())


def _encoded(tokens: list[str], symbols: tuple[str, ...]) -> NDArray[np.int64]:
    """The tokens as indices; one that is not among the symbols is the first, which stands for what is unknown."""
    index = {symbol: place for place, symbol in enumerate(symbols)}
    return np.array([index.get(token, 0) for token in tokens], dtype=np.int64)


@lru_cache(maxsize=2)
def _arrays(config: TextConfig, sources: tuple[SourceFile, ...], symbols: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
    parts = _parts(config, sources)
    arrays = {name: _encoded(getattr(parts, name), symbols) for name in ("train", "validation", "test")}
    for array in arrays.values():
        array.flags.writeable = False  # they are kept for the next caller
    return arrays


class TextDataset(Dataset):
    """Windows of a text, in the vocabulary that a model carries: inputs (batch, length), targets the same one token later.

    Args:
        config: how the text is read and cut.
        carried: vocabulary and files.
        accept_changed: whether windows may come from files that have changed since.

    Attributes:
        consecutive: whether each sample of a batch goes on where that of the batch before ended.
        num_written, temperature: see `TextSource`.
    """

    def __init__(self, config: TextConfig, carried: Carried, *, accept_changed: bool = False) -> None:
        super().__init__(carried.task, sources=carried.sources)
        self.config = config
        self.consecutive = config.order == "consecutive"
        self.num_written, self.temperature = config.num_written, config.temperature
        self._accept_changed = accept_changed

    # The text ----------------------------------------------------------------------------------------------------------

    @property
    def _tokens(self) -> Tokens:
        if not isinstance(self.task.inputs, Tokens):
            raise DataError("data: the model stores no vocabulary; expected that of a text. Train it again.")
        return self.task.inputs

    @cached_property
    def _files(self) -> tuple[SourceFile, ...]:
        """The files as they are now.

        Raises:
            DataError: one is missing or has changed, and that is not accepted.
        """
        return self.carried().files_now(accept_changed=self._accept_changed) or Text.sources(self.config)

    @property
    def _settings(self) -> TextConfig:
        return _split_settings(self.config)

    def _part(self, name: str) -> NDArray[np.int64]:
        return _arrays(self._settings, self._files, self._tokens.symbols)[name]

    @property
    def notices(self) -> tuple[str, ...]:
        """Lines that were left out."""
        return _parts(self._settings, self._files).notices

    # Batches -----------------------------------------------------------------------------------------------------------

    @property
    def num_train(self) -> int:
        """Number of training windows."""
        return (len(self._part("train")) - 1) // self.config.length

    @cached_property
    def _epochs(self) -> EpochOrder:
        return EpochOrder(__name__, self.num_train)

    def train_batch(self, seed: int, step: int, size: int) -> Batch:
        """Windows in the epoch's order; or the next window of each of `size` streams.

        Stream b begins at b / size of the text (all moved by an offset that the seed draws) and goes on for ever: behind the
        end it goes on at the beginning. So every sample but those across the end continues that of the step before.
        """
        train, length = self._part("train"), self.config.length
        if not self.consecutive:
            return self._windows(train, self._epochs.indices(seed, step, size) * length)
        offset = int(random_stream(__name__, "streams", seed=seed).integers(len(train)))
        starts = np.arange(size) * len(train) // size + step * length + offset
        windows = train[(starts[:, None] + np.arange(length + 1)) % len(train)]
        return Batch(np.ascontiguousarray(windows[:, :-1]), np.ascontiguousarray(windows[:, 1:]))

    def held_out(self, split: Split) -> Batch:
        """The windows of the split, of a long text as many as _MOST_WINDOWS, evenly spread."""
        part, length = self._part(split), self.config.length
        num_windows = (len(part) - 1) // length
        count = min(num_windows, _MOST_WINDOWS)
        return self._windows(part, np.arange(count) * num_windows // count * length)

    def _windows(self, part: NDArray[np.int64], starts: NDArray[np.intp]) -> Batch:
        windows = part[starts[:, None] + np.arange(self.config.length + 1)]
        return Batch(np.ascontiguousarray(windows[:, :-1]), np.ascontiguousarray(windows[:, 1:]))

    def truth(self, split: Split, index: int) -> NDArray[np.int64]:
        """What follows a held-out window in the text."""
        part, length = self._part(split), self.config.length
        num_windows = (len(part) - 1) // length
        start = index * num_windows // min(num_windows, _MOST_WINDOWS) * length + length
        return part[start : start + self.num_written]

    # Prompts -----------------------------------------------------------------------------------------------------------

    def prompts(self, split: Split) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The prompt of the settings; without one, passages of the split from the beginnings of lines, with what follows."""
        if self.config.prompt:
            return [(self.parse_input(self.config.prompt), np.zeros(0, dtype=np.int64))]
        part, size = self._part(split), _PROMPT_TOKENS[self.config.unit]
        size = min(size, len(part) // 2)
        last = max(1, len(part) - size - self.num_written)
        starts = [self._line_start(part, place * last // _NUM_PROMPTS) for place in range(_NUM_PROMPTS)]
        return [(part[start : start + size], part[start + size : start + size + self.num_written]) for start in starts]

    def _line_start(self, part: NDArray[np.int64], place: int) -> int:
        """The first beginning of a line from a place on; the place itself where none is near."""
        end = "<0x0a>" if self.config.unit == "byte" else LINE_END
        if end not in self._tokens.symbols:
            return place
        ends = np.flatnonzero(part[place : place + 500] == self._tokens.symbols.index(end))
        filled = [int(at) for at in ends if place + at + 1 < len(part) and part[place + at + 1] != part[place + at]]
        return place + filled[0] + 1 if filled else place

    # Texts -------------------------------------------------------------------------------------------------------------

    def parse_input(self, text: str) -> NDArray[np.int64]:
        """A prompt, taken apart as the text is; tokens that training never saw, or too rarely, become <unk>.

        Raises:
            DataError: it is empty or too long.
        """
        tokens = self._taken_apart(text)
        if not text.strip() or not tokens:
            raise DataError("input: got nothing; expected the beginning of a text. Type at least one character.")
        if len(tokens) > _LONGEST_PROMPT:
            names = _NAMES[self.config.unit]
            raise DataError(f"input: got {len(tokens):,} {names}; expected at most {_LONGEST_PROMPT:,}. Shorten it.")
        return _encoded(tokens, self._tokens.symbols)

    def _taken_apart(self, text: str) -> list[str]:
        """A typed text as tokens; one that was shown may hold the mark for what is unknown, which stays one token."""
        tokens: list[str] = []
        for number, part in enumerate(text.split(_UNKNOWN)):
            tokens.extend([_UNKNOWN] if number else [])
            tokens.extend(tokens_of(part, self.config.unit, lower_case=self.config.lower_case))
        return tokens

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Tokens that training never saw, or too rarely."""
        known = {*self._tokens.symbols, _UNKNOWN}
        return tuple(dict.fromkeys(token for token in self._taken_apart(text) if token not in known))

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The window on one line."""
        return shown([self._tokens.symbols[index] for index in inputs.astype(np.int64).tolist()], self.config.unit)

    def target_text(self, target: NDArray[np.generic]) -> str:
        """What follows, on one line."""
        return self.input_text(target)

    def input_example(self) -> str:
        """A few words of the vocabulary, where the text itself is not here."""
        return "Alice was" if not self.config.path else self._words()

    def _words(self) -> str:
        words = [symbol for symbol in self._tokens.symbols if symbol.isalpha()]
        return self._tokens.joiner.join(words[: 3 if self.config.unit == "word" else 5])
