"""dates: a date as people write it, rewritten as YYYY-MM-DD."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from workbench.cards import EOS, SPECIAL_SYMBOLS, Baseline, Batch, Config, DatasetCard, HeldOut, Task, Tokens, setting
from workbench.datasets._generator import ContentSplit, GeneratedDataset

__all__ = ["STYLES", "Dates"]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def _ordinal(day: date) -> str:
    """The day of the month as 1st, 2nd, 3rd, 4th, 11th ..."""
    number = day.day
    teen = 11 <= number <= 13  # noqa: PLR2004 - eleventh, twelfth, thirteenth
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


STYLES: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.day} {_month(d)} {d.year}",
    lambda d: f"{d.day} {_month(d)[:3]} {d.year}",
    lambda d: f"{_month(d)} {d.day}, {d.year}",
    lambda d: f"{_month(d)[:3]} {d.day}, {d.year}",
    lambda d: f"{_ordinal(d)} {_month(d)} {d.year}",
    lambda d: f"{_month(d)} {_ordinal(d)}, {d.year}",
    lambda d: f"the {_ordinal(d)} of {_month(d)}, {d.year}",
    lambda d: f"{_weekday(d)}, {d.day} {_month(d)} {d.year}",
    lambda d: f"{_weekday(d)} {d.day} {_month(d)} {d.year}".lower(),
    lambda d: f"{_weekday(d)[:3]} {d.day} {_month(d)[:3]} {d.year}",
    lambda d: f"{_weekday(d)}, {_month(d)} {d.day}, {d.year}",
    lambda d: f"{_month(d)} {d.day} {d.year}".upper(),
    lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{d.day}-{_month(d)[:3]}-{d.year}",
    lambda d: f"{d.year}{d.month:02}{d.day:02}",
    lambda d: f"{d.day}. {ROMAN[d.month - 1]}. {d.year}",
    lambda d: f"{d.year}, {_month(d)} {d.day}",
)
"""The written forms. Wherever day and month are both bare numbers the order is fixed by the separator (`.` puts the
day first, `/` the year), and years have four digits, so every form means one date."""

LONGEST = len("Wednesday, September 30, 1987")
_ISO_LENGTH = len("1987-03-03")
SOURCE = "0123456789 ,.-/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TARGET = "0123456789-"


def _table(symbols: str) -> NDArray[np.int64]:
    """Index of each ASCII character in a vocabulary that begins with the special symbols."""
    table = np.zeros(128, dtype=np.int64)
    for index, symbol in enumerate(symbols):
        table[ord(symbol)] = len(SPECIAL_SYMBOLS) + index
    return table


_SOURCE_TABLE, _TARGET_TABLE = _table(SOURCE), _table(TARGET)


class DatesConfig(Config):
    """Settings of the dates."""

    first_year: int = setting(1900, "First year of the dates.", ge=1000, le=9999, unit="year")
    last_year: int = setting(2099, "Last year of the dates.", ge=1000, le=9999, unit="year")

    @model_validator(mode="after")
    def _years_are_ordered(self) -> DatesConfig:
        if self.first_year > self.last_year:
            raise ValueError(f"expected first_year up to last_year {self.last_year}, got {self.first_year}")
        return self

    @property
    def ordinals(self) -> tuple[int, int]:
        """The first day and the day after the last, counted from the year 1."""
        return date(self.first_year, 1, 1).toordinal(), date(self.last_year, 12, 31).toordinal() + 1


class Dates(DatasetCard[DatesConfig]):
    """Date normalisation, the small translation task whose attention weights are easy to read."""

    Config = DatesConfig
    title = "Dates"
    group = "Translation"
    summary = (
        "A date in one of many written forms is rewritten as YYYY-MM-DD, character by character. The attention weights show "
        "that the network looks at the year first, then at the month's name, then at the day."
    )
    reference = (
        "The date normalisation task of sequence-to-sequence courses; target format ISO 8601, calendar date, extended form."
    )
    held_out = HeldOut("disjoint", "each day, with all its written forms, is assigned to one of the sets by its hash.")

    @classmethod
    def task(cls, config: DatesConfig) -> Task:
        """Characters in, digits and dashes out."""
        source = Tokens((*SPECIAL_SYMBOLS, *SOURCE), LONGEST + 1, joiner="")
        target = Tokens((*SPECIAL_SYMBOLS, *TARGET), _ISO_LENGTH + 1, joiner="")
        first, stop = config.ordinals
        # all dates are equally likely, and ten characters and the end stand for each
        loss = Baseline("loss", math.log(stop - first) / (_ISO_LENGTH + 1), "ignoring the source")
        return Task("transduce", source, target, (loss,))

    @classmethod
    def open(cls, config: DatesConfig) -> DatesDataset:
        """Dates without end."""
        return DatesDataset(cls.task(config), config)

    @classmethod
    def describe(cls, config: DatesConfig) -> str:
        """What is asked in these years."""
        return (
            f"A date of the years {config.first_year}-{config.last_year} in one of {len(STYLES)} written forms, to be rewritten "
            "as YYYY-MM-DD: 'the 3rd of March, 1987' becomes 1987-03-03. No date of the training set occurs in validation or "
            "test."
        )


class DatesDataset(GeneratedDataset):
    """Written dates: inputs (batch, longest), targets (batch, 11); all forms of one date stay in one split."""

    def __init__(self, task: Task, config: DatesConfig) -> None:
        super().__init__(task)
        self._first, self._stop = config.ordinals
        self.split = ContentSplit(1, float(self._stop - self._first))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[Any]:
        """Days (counted from the year 1) and styles, shape (n, 2)."""
        days = rng.integers(self._first, self._stop, n)
        return np.stack([days, rng.integers(0, len(STYLES), n)], axis=1)

    def identity(self, contents: NDArray[Any]) -> NDArray[np.integer]:
        """The day alone decides the split."""
        return contents[:, :1]

    def batch(self, contents: NDArray[Any]) -> Batch:
        """The dates as written and as wanted."""
        days = [date.fromordinal(day) for day in contents[:, 0].tolist()]
        written = [STYLES[style](day) for day, style in zip(days, contents[:, 1].tolist(), strict=True)]
        inputs, lengths = _encode(written, _SOURCE_TABLE)
        targets, _ = _encode([day.isoformat() for day in days], _TARGET_TABLE)
        return Batch(inputs, targets, lengths)


def _encode(texts: list[str], table: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Texts as indices (n, longest + 1), each ending in EOS, and the lengths with it, (n,)."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    width = int(lengths.max(initial=0)) + 1
    letters = np.frombuffer("".join(text.ljust(width, "\0") for text in texts).encode("ascii"), dtype=np.uint8)
    indices = table[letters.reshape(len(texts), width)]  # "\0" becomes PAD
    indices[np.arange(len(texts)), lengths] = EOS
    return indices, lengths + 1
