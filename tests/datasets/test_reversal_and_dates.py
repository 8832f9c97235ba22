"""reversal and dates: what goes in comes out as it should."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.datasets.dates import LONGEST, MONTHS, ROMAN, STYLES, Dates
from workbench.datasets.reversal import Reversal
from workbench.errors import DataError

days = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@given(st.integers(1, 6), st.integers(6, 20), st.integers(0, 500))
def test_reversal_reverses(shortest: int, longest: int, step: int) -> None:
    """The target is the source backwards, and lengths stay in their range."""
    dataset = Reversal.open(Reversal.Config(min_length=shortest, max_length=longest))
    for sample in dataset.samples(dataset.train_batch(0, step, 16)):
        assert sample.target_text == sample.input_text[::-1]
        assert sample.input_text.isdigit()
        assert shortest <= len(sample.input_text) <= longest


def test_reversal_has_all_lengths() -> None:
    """Lengths are drawn alike often."""
    dataset = Reversal.open(Reversal.Config())
    lengths = dataset.train_batch(0, 0, 12_000).lengths
    assert lengths is not None
    counts = np.bincount(lengths - 1)[3:15]
    assert counts.min() > 850
    assert counts.max() < 1150


def test_reversal_baseline_is_the_entropy_of_targets() -> None:
    """With one length the loss of a predictor that does not look is ln 10 per digit, and nothing for the end."""
    task = Reversal.task(Reversal.Config(min_length=4, max_length=4))
    assert task.baselines[0].value == pytest.approx(4 * math.log(10) / 5)


def test_ranges_must_be_ordered() -> None:
    """A range the wrong way round is refused."""
    with pytest.raises(ValidationError, match="min_length up to"):
        Reversal.Config(min_length=9, max_length=5)
    with pytest.raises(ValidationError, match="first_year up to"):
        Dates.Config(first_year=2000, last_year=1999)


def read_date(text: str) -> date:
    """The date that a written form means, read without knowing which form it is."""
    lowered = text.lower()
    if match := re.fullmatch(r"(\d{4})/?(\d\d)/?(\d\d)", text):
        year, month, day = map(int, match.groups())
        return date(year, month, day)
    if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        day, month, year = map(int, match.groups())
        return date(year, month, day)
    if match := re.fullmatch(r"(\d{1,2})\. ([IVX]+)\. (\d{4})", text):
        return date(int(match[3]), ROMAN.index(match[2]) + 1, int(match[1]))
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    (year,) = [number for number in numbers if number > 31]
    (day,) = [number for number in numbers if number <= 31]
    (month,) = [index for index, name in enumerate(MONTHS, 1) if re.search(rf"\b{name[:3].lower()}", lowered)]
    return date(year, month, day)


@given(days)
def test_every_written_form_means_its_date(day: date) -> None:
    """Each form, read back by an independent reader, is the date, and the forms of a date all differ or mean the same."""
    for style in STYLES:
        written = style(day)
        assert read_date(written) == day
        assert len(written) <= LONGEST
        assert written.isascii()


def test_weekdays_and_ordinals_are_right() -> None:
    """Names of days and the endings of ordinals are those of the calendar and of English."""
    written = [style(date(1987, 3, 3)) for style in STYLES]
    for expected in (
        "tuesday 3 march 1987",
        "the 3rd of March, 1987",
        "3. III. 1987",
        "1987/03/03",
        "03.03.1987",
        "MARCH 3 1987",
    ):
        assert expected in written
    ordinals = [STYLES[4](date(2023, 1, number)).split()[0] for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31)]
    assert ordinals == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "31st"]
    assert len(STYLES) >= 12


def test_no_form_is_longer_than_the_longest() -> None:
    """The longest form over a whole calendar cycle of weekdays and months is the length that the task names."""
    cycle = [date(2000, 1, 1) + timedelta(days=number) for number in range(28 * 366)]
    assert max(len(style(day)) for day in cycle for style in STYLES) == LONGEST


def test_dates_of_the_splits_are_disjoint() -> None:
    """No date of a held-out set is a target of training, in whatever form."""
    dataset = Dates.open(Dates.Config())
    held_out = {split: {s.target_text for s in dataset.samples(dataset.held_out(split))} for split in ("validation", "test")}
    assert len(held_out["validation"]) == len(held_out["test"]) == 1000
    assert not held_out["validation"] & held_out["test"]
    for step in range(100):
        trained = {sample.target_text for sample in dataset.samples(dataset.train_batch(0, step, 64))}
        assert not trained & (held_out["validation"] | held_out["test"])


def test_dates_answer_in_iso_form() -> None:
    """The target of each sample is the ISO form of the date that is written."""
    dataset = Dates.open(Dates.Config(first_year=1990, last_year=1999))
    for sample in dataset.samples(dataset.train_batch(0, 0, 200)):
        assert read_date(sample.input_text).isoformat() == sample.target_text
        assert sample.target_text.startswith("199")


def test_unknown_letters_are_named() -> None:
    """A letter that no date has is named in the error."""
    with pytest.raises(DataError, match="unknown symbol 'é'"):
        Dates.open(Dates.Config()).parse_input("3 février 1987")
