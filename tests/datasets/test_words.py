"""How sentences are taken apart: marks, joiners, unseen signs, apostrophes, scripts without spaces, characters and bytes."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.datasets._words import bytes_text, tokenize
from workbench.datasets.toy_translation import corpus

latin = st.text(alphabet="abcXYZéüñçß0129_'.,?! \t-;", max_size=40)


@given(text=latin)
def test_languages_with_spaces_are_split_as_ever(text: str) -> None:
    """Letters, digits and underscores are words, with an apostrophe behind; every other sign stands alone."""
    expected = re.findall(r"\w+'?|[^\w\s]", unicodedata.normalize("NFC", text.lower()))
    assert tokenize(text, lower_case=True) == tuple(expected)


def test_a_corpus_keeps_its_symbols() -> None:
    """Sentences of the toy corpus are split into what they were written from."""
    for pair in corpus(300):
        for side in pair:
            assert tokenize(" ".join(side), lower_case=False) == tuple(
                part for word in side for part in re.findall(r"\w+'?|[^\w\s]", word)
            )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("पानी ठंडा है।", ["पानी", "ठंडा", "है", "।"]),
        ("سَلَامٌ يا.", ["سَلَامٌ", "يا", "."]),
        ("می\u200cروم.", ["می\u200cروم", "."]),
        ("می\u200c روم", ["می", "روم"]),
        ("İstanbul I\u0307zmir", ["istanbul", "izmir"]),
        ("le cha\u00adt\u200b dort\ufeff", ["le", "chat", "dort"]),
        ("l\u2019eau l'eau", ["l'", "eau", "l'", "eau"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("我喝茶。", ["我", "喝", "茶", "。"]),
        ("カタカナとひらがな", list("カタカナとひらがな")),
        ("กิน GPT-4", ["กิ", "น", "gpt", "-", "4"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("a\0b\x1b c", ["ab", "c"]),
        ("\u0301 \u200d", []),
        ("a\u2028b\u0085c", ["a", "b", "c"]),
    ],
)
def test_words_of_many_scripts(text: str, expected: list[str]) -> None:
    """A letter keeps its marks; what is not seen is no symbol; scripts without spaces go by character."""
    assert tokenize(unicodedata.normalize("NFD", text), lower_case=True) == tuple(
        unicodedata.normalize("NFC", word) for word in expected
    )


@pytest.mark.slow
@given(text=st.text(max_size=30))
def test_no_symbol_is_empty_or_without_a_sign_of_its_own(text: str) -> None:
    """Whatever a text holds, symbols are neither empty, nor marks or unseen signs alone."""
    for unit in ("word", "character"):
        for symbol in tokenize(text, lower_case=True, unit=unit):
            assert any(unicodedata.category(sign) not in ("Mn", "Mc", "Me", "Cc", "Cf", "Cs") for sign in symbol)
            assert unit == "character" or not any(sign.isspace() for sign in symbol)


def test_characters_and_bytes() -> None:
    """A run of spaces is one space; bytes write their text again."""
    assert tokenize("  Ab  cé ", lower_case=True, unit="character") == ("a", "b", " ", "c", "é")
    assert tokenize("हि", lower_case=True, unit="character") == ("हि",)
    written = tokenize("Añ <茶>", lower_case=False, unit="byte")
    assert len(written) == len("Añ <茶>".encode())
    assert bytes_text(written) == "Añ <茶>"
    assert bytes_text(written[:-2]) == "Añ <\ufffd" or "\ufffd" in bytes_text(written[:-2])
