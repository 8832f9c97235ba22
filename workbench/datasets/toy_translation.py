"""toy_translation: English sentences of a small grammar, and their French."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from workbench.cards import SPECIAL_SYMBOLS, Config, DatasetCard, HeldOut, Task, Tokens, setting
from workbench.datasets._french.lexicon import vocabularies
from workbench.datasets._french.phrases import Picker
from workbench.datasets._french.sentences import MAX_ENGLISH, MAX_FRENCH, sentence
from workbench.datasets._pairs import PairParts, PairsDataset, encode_pairs, index_of
from workbench.datasets._streams import stream_number
from workbench.errors import DataError
from workbench.saying import said

__all__ = ["ToyTranslation", "corpus"]

NUM_HELD_OUT = 1000
_WORD = re.compile(r"'s|[^\W\d_]+|[.?]")
_ASKING = frozenset({"do", "does", "did", "will", "is", "are", "am", "was", "were", "where", "when", "why"})

Pair = tuple[tuple[str, ...], tuple[str, ...]]


class ToyTranslationConfig(Config):
    """Settings of the toy translation."""

    num_sentences: int = setting(20_000, "Number of different training sentences.", ge=100, le=100_000, unit="sentences")


class ToyTranslation(DatasetCard[ToyTranslationConfig]):
    """Translation of generated sentences, small enough for minutes on a CPU and with the real difficulties of French."""

    Config = ToyTranslationConfig
    title = "Toy translation"
    group = "Translation"
    summary = (
        "English sentences of a small grammar and their French translations, with agreement of gender and number, adjectives "
        "after the noun, elision, two-part negation and agreement of participles. The test sentences do not occur in training, "
        "so the model must learn the grammar and cannot memorise sentences."
    )
    reference = (
        "A generative grammar written for this package, after the task of Sutskever, Vinyals & Le 2014, arXiv:1409.3215 "
        "(English to French); agreement and word order as in Grevisse, Le bon usage."
    )
    held_out = HeldOut(
        "disjoint", "the sentences are all different, and each is in one set; words and grammar are the same in all sets."
    )

    @classmethod
    def task(cls, config: ToyTranslationConfig) -> Task:  # noqa: ARG003 - all sizes have one vocabulary
        """English words in, French words out; the vocabulary is the lexicon's."""
        target = Tokens((*SPECIAL_SYMBOLS, *vocabularies()[1]), MAX_FRENCH + 1)
        return Task("transduce", _source_tokens(), target)

    @classmethod
    def open(cls, config: ToyTranslationConfig) -> ToyTranslationDataset:
        """The corpus in memory; generated once per process."""
        return ToyTranslationDataset(cls.task(config), partial(_parts, config.num_sentences))

    @classmethod
    def describe(cls, config: ToyTranslationConfig) -> str:
        """What is asked of a corpus of this size."""
        english, french = vocabularies()
        return (
            f"{config.num_sentences:,} English sentences of up to {MAX_ENGLISH} words to be translated into French "
            f"({len(english)} English and {len(french)} French words); validation and test have {NUM_HELD_OUT:,} unseen "
            "sentences each."
        )


def _source_tokens() -> Tokens:
    return Tokens((*SPECIAL_SYMBOLS, *vocabularies()[0]), MAX_ENGLISH + 1)


def corpus(num_sentences: int) -> list[Pair]:
    """Different sentences with their translations, always the same; a longer corpus begins with the shorter one."""
    pick = Picker(stream_number(__name__, "sentences"))
    translations: dict[tuple[str, ...], tuple[str, ...]] = {}
    while len(translations) < num_sentences:
        english, french = sentence(pick)
        translations[english] = french  # a sentence that comes again has the same translation
    return list(translations.items())


@lru_cache(maxsize=2)
def _parts(num_sentences: int) -> PairParts:
    """Validation, test and training pairs; the held-out ones come first, so they do not change with the size."""
    pairs = corpus(2 * NUM_HELD_OUT + num_sentences)
    english, french = (index_of(words) for words in vocabularies())
    parts: tuple[Sequence[Pair], ...] = (
        pairs[:NUM_HELD_OUT],
        pairs[NUM_HELD_OUT : 2 * NUM_HELD_OUT],
        pairs[2 * NUM_HELD_OUT :],
    )
    validation, test, train = (encode_pairs(part, english, french) for part in parts)
    return PairParts(train, validation, test)


class ToyTranslationDataset(PairsDataset):
    """The corpus, with sentences shown as they are written."""

    def input_text(self, inputs: NDArray[np.generic]) -> str:
        """The sentence with its punctuation where it belongs."""
        return super().input_text(inputs).replace(" 's", "'s").replace(" .", ".").replace(" ?", "?")

    def target_text(self, target: NDArray[np.generic]) -> str:
        """The French sentence; by its own custom a space stays before the question mark."""
        return super().target_text(target).replace("' ", "'").replace(" .", ".")

    def parse_input(self, text: str) -> NDArray[np.generic]:
        """An English sentence such as `the black cat sleeps`; the closing mark may be left out, and so may capitals.

        Raises:
            DataError: it is empty or too long, or a word is not in the lexicon; near ones are named.
        """
        words = _WORD.findall(text)
        left = _WORD.sub("", text).split()
        if left:
            raise DataError(f"input: got {said(left[0])}; expected English words, 's, '.' and '?'. Remove it.")
        if words and words[-1] not in (".", "?"):
            words.append("?" if words[0].lower() in _ASKING else ".")
        spelled = {word.lower(): word for word in vocabularies()[0]}
        return _source_tokens().encode([spelled.get(word.lower(), word) for word in words])
