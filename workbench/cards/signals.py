"""What goes into a model and what comes out: each kind of signal, its texts, and how it is typed. No torch here."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.cards.typed_input import read_numbers
from workbench.errors import DataError
from workbench.saying import nearest, said

__all__ = [
    "BOS",
    "EOS",
    "PAD",
    "SPECIAL_SYMBOLS",
    "UNK",
    "Classes",
    "Image",
    "NoInput",
    "Signal",
    "Tokens",
    "Vectors",
    "equal_sequences",
]

PAD, BOS, EOS, UNK = 0, 1, 2, 3
SPECIAL_SYMBOLS = ("<pad>", "<bos>", "<eos>", "<unk>")

_MATRIX = 2
_SHORT_STEP = 4
"""Numbers of a step up to which an example can be typed."""
_WITHIN_A_CHARACTER = ("0x8", "0x9", "0xa", "0xb")
"""How bytes 0x80 to 0xbf begin as symbols: in UTF-8 they follow the first byte of a character."""
_EXACT_DIGITS = 6
"""Decimal places, below the first one of a scale, to which numbers are given in the data's own units."""
_STEPS = 20
"""Steps of a made-up series whose length is free."""


class _Signal(ABC):
    """What goes into a model, or what comes out."""

    @property
    def longest(self) -> float:
        """Steps of the longest sequence; infinite where there is no bound, 0 for what is no sequence."""
        return 0

    @abstractmethod
    def input_text(self, item: NDArray[np.generic]) -> str:
        """One input as a line of text; "" for what is drawn instead."""

    def target_text(self, item: NDArray[np.generic]) -> str:
        """One target, or one prediction of the same form, as a line of text."""
        return " ".join(f"{value:.4g}" for value in np.ravel(item).tolist())

    @abstractmethod
    def parse(self, text: str) -> NDArray[np.generic]:
        """The input that a person typed, as one item of `Batch.inputs`.

        Raises:
            DataError: the text cannot be read as that.
        """

    def take(self, array: NDArray[Any]) -> NDArray[np.generic]:
        """An input that a program gives as an array, as one item of `Batch.inputs`.

        Raises:
            DataError: it has another form.
        """
        raise DataError(f"input: got an array of shape {array.shape}; expected a text. Write the input as one.")

    def example(self) -> str:
        """An input as a person may type it, or "" where one is too long to type, or only the data have one."""
        return ""

    @abstractmethod
    def random(self, n: int, rng: np.random.Generator) -> NDArray[np.generic]:
        """Made-up items of this form, as many as asked for, (n, ...)."""

    @abstractmethod
    def describe(self) -> str:
        """What it is, in a few words."""


@dataclass(frozen=True)
class Vectors(_Signal):
    """A sequence of real vectors, array shape (batch, length, size), float32; as an output: one vector, (batch, size).

    Attributes:
        size: number of features per step.
        length: number of steps when it is the same for all samples, else None.
        max_length: longest sequence where lengths differ, or None when there is no bound.
        columns: what each feature is called in the data, or () where they have no names.
        shift, scale: what the data's own numbers are read with, (number - shift) / scale for each feature; () where they are
            read as they stand. People type and see the data's own numbers.
    """

    size: int
    length: int | None = None
    max_length: int | None = None
    columns: tuple[str, ...] = ()
    shift: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("columns", "shift", "scale"):
            count = len(getattr(self, name))
            if count not in (0, self.size):
                raise ValueError(f"{name}: got {count}; expected one for each of {self.size} features, or none")
        if len(self.shift) != len(self.scale) or 0 in self.scale:
            raise ValueError("scale: expected numbers other than 0, as many as of shift")

    @property
    def longest(self) -> float:
        """See `_Signal`."""
        return self.length or self.max_length or math.inf

    def scaled(self, numbers: NDArray[np.floating]) -> NDArray[np.float32]:
        """The data's own numbers, (..., size), as the model reads them."""
        if not self.scale:
            return numbers.astype(np.float32)
        return ((numbers.astype(np.float64) - self.shift) / self.scale).astype(np.float32)

    def unscaled(self, numbers: NDArray[np.generic]) -> NDArray[np.generic]:
        """What the model reads or gives, (..., size), as the data's own numbers; unchanged where they are read as they stand."""
        if not self.scale:
            return numbers
        own = numbers.astype(np.float64) * self.scale + self.shift
        # below that there is only what single precision rounds off
        places = 10.0 ** (_EXACT_DIGITS - np.floor(np.log10(np.abs(self.scale))))
        rounded: NDArray[np.float64] = np.rint(own * places) / places + 0.0  # no -0
        return rounded

    def input_text(self, item: NDArray[np.generic]) -> str:
        """Three digits of each number, two blanks between steps."""
        return "  ".join(" ".join(f"{value:.3g}" for value in step) for step in self.unscaled(item))

    def target_text(self, item: NDArray[np.generic]) -> str:
        """See `_Signal`."""
        return super().target_text(self.unscaled(item))

    def parse(self, text: str) -> NDArray[np.float32]:
        """Steps parted by `;`, their numbers by spaces or commas (`0.1 0; 0.7 1`); a JSON list of lists; or a .npy file.

        With one number per step the `;` may be left out. Shape (length, size).
        """
        expected = "a row of numbers" if self.size == 1 else f"steps of {self.size} numbers, parted by ';'"
        return self.take(read_numbers(text, expected, column=self.size == 1))

    def take(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """Steps (length, size) of the data's own numbers; or (length,) of one number each, or (size,) for one step."""
        if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
            raise DataError(f"input: got an array of {array.dtype}, or numbers that are not finite; expected finite numbers.")
        if array.ndim == 1:
            array = array[:, None] if self.size == 1 else array[None, :]
        if array.ndim != _MATRIX or array.shape[1] != self.size or len(array) == 0:
            shape = " x ".join(map(str, array.shape)) or "1"
            raise DataError(f"input: got {shape} numbers; expected steps of {self.size} each. Separate the steps with ';'.")
        return np.ascontiguousarray(self.scaled(array))

    def example(self) -> str:
        """Two steps."""
        step = " ".join(f"{value:.3g}" for value in self.shift or [0.5] * self.size)
        return "; ".join([step] * 2) if self.size <= _SHORT_STEP else ""

    def random(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Normal numbers, (n, length, size)."""
        steps = self.length or min(self.max_length or _STEPS, _STEPS)
        return rng.standard_normal((n, steps, self.size)).astype(np.float32)

    def describe(self) -> str:
        """See `_Signal`."""
        return f"{self.length if self.length is not None else 'any number of'} steps of {self.size}"


@dataclass(frozen=True)
class Tokens(_Signal):
    """A sequence of symbols, array shape (batch, length), int64.

    Attributes:
        symbols: all symbols, by index. With `special`, the first four are SPECIAL_SYMBOLS and sequences are padded with PAD.
        max_length: longest sequence, end symbol included.
        joiner: what stands between symbols when a sequence is written as text ("" for letters, " " for words).
        special: whether indices 0-3 are PAD, BOS, EOS, UNK.
        open: whether words may occur that are not among the symbols; they stand as UNK.
        structure: `tree` when the symbols, brackets among them, write a tree; sequence models read it as a string.
    """

    symbols: tuple[str, ...]
    max_length: int
    joiner: str = " "
    special: bool = True
    structure: Literal["sequence", "tree"] = "sequence"
    open: bool = False

    def text(self, indices: Sequence[int] | NDArray[np.integer]) -> str:
        """The sequence as one line; ends at the first EOS, leaves out PAD and BOS."""
        words: list[str] = []
        for index in indices:
            if self.special and index == EOS:
                break
            if self.special and index in (PAD, BOS):
                continue
            words.append(self.symbols[index])
        return self.joiner.join(words)

    @property
    def longest(self) -> float:
        """See `_Signal`."""
        return self.max_length

    @property
    def num_characters(self) -> NDArray[np.int64]:
        """With how many characters of a text each symbol is written, the joiner after it counted, (symbols,).

        A byte that goes on with a character of UTF-8, written `<0xa4>`, has none of its own; any other symbol between angle
        brackets, such as `<unk>`, stands for one.
        """
        return np.array([_characters(symbol) + len(self.joiner) for symbol in self.symbols], dtype=np.int64)

    def input_text(self, item: NDArray[np.generic]) -> str:
        """The sequence as one line."""
        return self.text(item.astype(np.int64).tolist())

    def target_text(self, item: NDArray[np.generic]) -> str:
        """The sequence as one line."""
        return self.text(item.astype(np.int64).tolist())

    def parse(self, text: str) -> NDArray[np.int64]:
        """The indices of a typed sequence, shape (length,); with special symbols it ends in EOS.

        Raises:
            DataError: it is empty, too long, or holds unknown symbols.
        """
        if self.joiner:
            return self.encode(text.split())
        letters = text.strip() if " " in self.symbols else "".join(text.split())  # people type 1 2 3 for 123
        return self.encode(list(letters))

    def encode(self, words: Sequence[str], *, allow_unknown: bool = False) -> NDArray[np.int64]:
        """The indices of symbols, shape (length,); with special symbols EOS is added.

        Args:
            words: the sequence.
            allow_unknown: make an unknown symbol UNK instead of an error.
        Raises:
            DataError: no symbols, too many, or one that is unknown; the message names near ones.
        """
        if not words:
            raise DataError("input: got nothing; expected a sequence of symbols. Type at least one.")
        longest = self.max_length - int(self.special)
        if len(words) > longest:
            raise DataError(f"input: got {len(words)} symbols; expected at most {longest}. Shorten it.")
        known = {symbol: index for index, symbol in enumerate(self.symbols)}
        if self.special:
            known = {symbol: index for symbol, index in known.items() if index >= len(SPECIAL_SYMBOLS)}
        unknown = [word for word in words if word not in known]
        if unknown and not (allow_unknown and self.special):
            raise DataError(f"input: unknown symbol {said(unknown[0])}. {nearest(unknown[0], known)}")
        indices = [known.get(word, UNK) for word in words]
        return np.array([*indices, EOS] if self.special else indices, dtype=np.int64)

    def take(self, array: NDArray[Any]) -> NDArray[np.int64]:
        """Indices of symbols, (length,); with special symbols EOS is added where it is missing."""
        if array.ndim != 1 or array.dtype.kind not in "iu" or not len(array):
            raise DataError(f"input: got an array of shape {array.shape}, {array.dtype}; expected indices of symbols, (length,).")
        if array.min() < 0 or array.max() >= len(self.symbols):
            raise DataError(f"input: got indices {array.min()} to {array.max()}; expected 0 to {len(self.symbols) - 1}.")
        indices = array.astype(np.int64)
        return np.append(indices, EOS) if self.special and indices[-1] != EOS else indices

    def random(self, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Any symbols, (n, max_length), which end where symbols are special."""
        tokens = rng.integers(len(SPECIAL_SYMBOLS) if self.special else 0, len(self.symbols), (n, self.max_length))
        if self.special:
            tokens[:, -1] = EOS
        return tokens

    def describe(self) -> str:
        """See `_Signal`."""
        return f"up to {self.max_length} of {len(self.symbols)} symbols"


@dataclass(frozen=True)
class Image(_Signal):
    """A picture, array shape (batch, channels, height, width), float32."""

    channels: int
    height: int
    width: int

    def input_text(self, item: NDArray[np.generic]) -> str:  # noqa: ARG002 - the same for all
        """NoInput: a picture is drawn."""
        return ""

    def parse(self, text: str) -> NDArray[np.float32]:
        """A .npy file or a JSON list of rows of brightness; a picture of one channel may leave the channel out."""
        return self.take(read_numbers(text, f"a .npy file of {self.height} x {self.width} numbers"))

    def take(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """Brightness (channels, height, width), or (height, width) where there is one channel."""
        if array.ndim == _MATRIX:
            array = array[None]
        if array.shape != (self.channels, self.height, self.width):
            shape = " x ".join(map(str, array.shape)) or "1"
            raise DataError(f"input: got {shape} numbers; expected {self.channels} x {self.height} x {self.width}. Resize it.")
        return np.ascontiguousarray(array, dtype=np.float32)

    def random(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Any brightness from 0 to 1."""
        return rng.random((n, self.channels, self.height, self.width), dtype=np.float32)

    def describe(self) -> str:
        """See `_Signal`."""
        return f"images {self.channels} by {self.height} by {self.width}"


@dataclass(frozen=True)
class Classes(_Signal):
    """One of several classes, array shape (batch,) or, for `label`, (batch, length); int64, IGNORE_INDEX where none."""

    names: tuple[str, ...]

    def input_text(self, item: NDArray[np.generic]) -> str:
        """The class's name."""
        return self.names[int(item)]

    def target_text(self, item: NDArray[np.generic]) -> str:
        """The name of each class; `·` where there is none."""
        labels = [self.names[i] if i >= 0 else "·" for i in np.atleast_1d(item).tolist()]
        return ("" if all(len(label) == 1 for label in labels) else " ").join(labels)

    def parse(self, text: str) -> NDArray[np.int64]:
        """The class of this name, shape ()."""
        if text.strip() not in self.names:
            raise DataError(f"input: got {said(text)}; expected one of the classes. {nearest(text.strip(), self.names)}")
        return np.array(self.names.index(text.strip()), dtype=np.int64)

    def example(self) -> str:
        """The first class."""
        return self.names[0]

    def random(self, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Any classes, (n,)."""
        return rng.integers(len(self.names), size=n)

    def describe(self) -> str:
        """See `_Signal`."""
        return f"one of {len(self.names)} classes"


@dataclass(frozen=True)
class NoInput(_Signal):
    """No input at all, array shape (batch, 0), float32: a sequence is to be generated without a context."""

    def input_text(self, item: NDArray[np.generic]) -> str:  # noqa: ARG002 - the same for all
        """See `_Signal`."""
        return "(nothing)"

    def parse(self, text: str) -> NDArray[np.float32]:  # noqa: ARG002 - whatever was typed
        """NoInput, whatever the text."""
        return np.zeros(0, dtype=np.float32)

    def random(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:  # noqa: ARG002 - there is nothing to draw
        """NoInput, n times."""
        return np.zeros((n, 0), dtype=np.float32)

    def describe(self) -> str:
        """See `_Signal`."""
        return "no input"


def _characters(symbol: str) -> int:
    if len(symbol) > 1 and symbol.startswith("<") and symbol.endswith(">"):
        return 0 if symbol[1:4] in _WITHIN_A_CHARACTER else 1
    return len(symbol)


def equal_sequences(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which rows of two batches (n, length) are the same sequence, (n,); they may be padded with PAD to different widths."""
    width = max(first.shape[1], second.shape[1])
    wide = [np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=PAD) for rows in (first, second)]
    equal: NDArray[np.bool_] = (wide[0] == wide[1]).all(axis=1)
    return equal


Signal: TypeAlias = Vectors | Tokens | Image | Classes | NoInput
