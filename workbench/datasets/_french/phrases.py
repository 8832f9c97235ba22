"""Noun phrases in both languages at once, and the spelling rules that join French words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from workbench.datasets._french.lexicon import ADJECTIVES, COUNTED, MEASURED, NAMES, Adjective, Noun, elides

__all__ = ["PRONOUNS", "Phrase", "Picker", "join_french", "noun_phrase", "object_phrase", "place_phrase", "subject_phrase"]

T = TypeVar("T")

# masculine, the same before a vowel, feminine, the same before a vowel, plural
_DETERMINERS = {
    "the": ("le", "le", "la", "la", "les"),
    "a": ("un", "un", "une", "une", ""),
    "some": ("de le", "de le", "de la", "de la", "des"),
    "this": ("ce", "cet", "cette", "cette", ""),
    "these": ("", "", "", "", "ces"),
    "my": ("mon", "mon", "ma", "mon", "mes"),
    "his": ("son", "son", "sa", "son", "ses"),
    "her": ("son", "son", "sa", "son", "ses"),
    "our": ("notre", "notre", "notre", "notre", "nos"),
    "your": ("votre", "votre", "votre", "votre", "vos"),
    "their": ("leur", "leur", "leur", "leur", "leurs"),
    "two": ("", "", "", "", "deux"),
    "three": ("", "", "", "", "trois"),
    "many": ("", "", "", "", "beaucoup de"),
    "every": ("chaque", "chaque", "chaque", "chaque", ""),
}
_POSSESSIVES = frozenset({"my", "his", "her", "our", "your", "their"})
_ELIDED = {"je": "j'", "le": "l'", "la": "l'", "ne": "n'", "de": "d'", "que": "qu'", "me": "m'"}
_CONTRACTED = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
_PREPOSITIONS = {
    "in": ["dans"],
    "at": ["à"],
    "to": ["à"],
    "from": ["de"],
    "near": ["près", "de"],
    "behind": ["derrière"],
    "with": ["avec"],
}
_SUITABLE = {"in": "i", "at": "a", "to": "a"}  # what a place must have for these prepositions

_SINGULAR = ("the", "the", "the", "a", "a", "this", "my", "his", "her", "our", "your", "their")
_PLURAL = ("the", "the", "some", "these", "my", "his", "her", "our", "your", "their", "two", "three", "many")
_DEFINITE = ("the", "the", "this", "my", "his", "her", "our", "your", "their")
_DEFINITE_PLURAL = ("the", "the", "these", "my", "his", "her", "our", "your", "their")
_INDEFINITE = frozenset({"a", "some"})


class Phrase(NamedTuple):
    """A noun phrase or pronoun in both languages.

    Attributes:
        english, french: its words, French before elision and contraction.
        person: 0 I, 1 he or she, 2 we, 3 you, 4 they: the place in the verbs' tables.
        feminine, plural: what agrees with it.
    """

    english: list[str]
    french: list[str]
    person: int
    feminine: bool
    plural: bool


PRONOUNS = (
    Phrase(["I"], ["je"], 0, False, False),
    Phrase(["he"], ["il"], 1, False, False),
    Phrase(["she"], ["elle"], 1, True, False),
    Phrase(["we"], ["nous"], 2, False, True),
    Phrase(["you"], ["vous"], 3, False, True),
    Phrase(["they"], ["ils"], 4, False, True),
)


class Picker:
    """Choices from one stream of random numbers, always the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - sentences, not secrets

    def one(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self._random() * len(options))]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability


def join_french(words: list[str]) -> list[str]:
    """The words as they are spelled next to one another: `le ami` -> `l' ami`, `de le chat` -> `du chat`."""
    joined: list[str] = []
    last = len(words) - 1
    index = 0
    while index <= last:
        word = words[index]
        if index < last and word in _ELIDED and elides(words[index + 1]):
            word = _ELIDED[word]
        elif index + 1 < last and (word, words[index + 1]) in _CONTRACTED and not _loses_vowel(words, index + 1):
            word = _CONTRACTED[word, words[index + 1]]
            index += 1
        joined.append(word)
        index += 1
    return joined


def _loses_vowel(words: list[str], index: int) -> bool:
    """Whether the article at `index` is elided, which keeps it from being contracted (`à l'école`)."""
    return words[index] in _ELIDED and elides(words[index + 1])


@cache
def _nouns(kinds: str) -> tuple[Noun, ...]:
    return tuple(noun for noun in (*COUNTED, *MEASURED) if set(noun.kinds) & set(kinds))


@cache
def _adjectives(noun: Noun) -> tuple[tuple[Adjective, ...], tuple[Adjective, ...]]:
    """The adjectives that suit a noun: those before it and those after it in French."""
    suitable = [adjective for adjective in ADJECTIVES if set(adjective.kinds) & set(noun.kinds)]
    return tuple(a for a in suitable if a.before), tuple(a for a in suitable if not a.before)


@cache
def _is_measured(noun: Noun) -> bool:
    return noun in MEASURED


def _french_determiner(determiner: str, noun: Noun, *, plural: bool, following: str) -> list[str]:
    """The determiner before `following`, the adjective or noun that comes next."""
    if determiner == "some" and plural and following not in noun.french:
        return ["de"]  # `des chats` but `de petits chats`
    forms = _DETERMINERS[determiner]
    return (forms[4] if plural else forms[2 * noun.feminine + elides(following)]).split()


def noun_phrase(
    determiner: str, noun: Noun, *, plural: bool = False, adjectives: Sequence[Adjective] = (), negated: bool = False
) -> Phrase:
    """A determiner, a noun and at most one adjective before and one after it (as French has them).

    Args:
        determiner: the English one ("a" also stands for "an"); a possessive that does not suit the noun becomes "the".
        noun: the noun.
        plural: whether it is in the plural.
        adjectives: those before the noun in French first; in English all stand before it in the same order.
        negated: it is the object of a negated verb, so "a" and "some" become `de`.
    """
    if "u" in noun.kinds and determiner in _POSSESSIVES:
        determiner = "the"
    words = [adjective.english for adjective in adjectives] + [noun.english[plural]]
    english = determiner
    if determiner == "a" and words[0][0].lower() in "aeiou":
        english = "an"
    elif determiner == "some" and negated:
        english = "any"

    french_noun = noun.french[plural]
    before = [a for a in adjectives if a.before]
    leading = [a.form(feminine=noun.feminine, plural=plural) for a in before]
    if before and not plural and not noun.feminine and elides(french_noun):
        leading = [before[0].french[4]]  # `un bel oiseau`
    trailing = [a.form(feminine=noun.feminine, plural=plural) for a in adjectives if not a.before]
    if negated and determiner in _INDEFINITE:
        article = ["de"]
    else:
        following = leading[0] if leading else french_noun
        article = _french_determiner(determiner, noun, plural=plural, following=following)
    return Phrase([english, *words], [*article, *leading, french_noun, *trailing], 4 if plural else 1, noun.feminine, plural)


def _some_adjectives(pick: Picker, noun: Noun, determiner: str) -> list[Adjective]:
    """None, one, or one of each side."""
    before, after = _adjectives(noun)
    if _is_measured(noun) and determiner == "some":
        before = ()  # usage wavers between `du bon vin` and `de bon vin`
    chosen = []
    if before and pick.chance(0.3):
        chosen.append(pick.one(before))
    if after and pick.chance(0.15 if chosen else 0.3):
        chosen.append(pick.one(after))
    return chosen


def _owned(pick: Picker, noun: Noun, *, plural: bool, adjectives: list[Adjective]) -> Phrase:
    """A noun with its owner: `the neighbor's dog`, `le chien du voisin`."""
    if pick.chance(0.4):
        name = pick.one(NAMES)
        owner = Phrase([name.english[0]], [name.french[0]], 1, name.feminine, False)
    else:
        owner = noun_phrase(pick.one(_DEFINITE), pick.one(_nouns("pk")))
    owned = noun_phrase("the", noun, plural=plural, adjectives=adjectives)
    english = [*owner.english, "'s", *owned.english[1:]]
    return Phrase(english, [*owned.french, "de", *owner.french], owned.person, owned.feminine, owned.plural)


def _any_noun_phrase(pick: Picker, noun: Noun, singular: Sequence[str], plural: Sequence[str], *, negated: bool) -> Phrase:
    """A phrase around the noun with a determiner out of those given."""
    if _is_measured(noun):
        is_plural, determiner = False, pick.one(("the", "the", "my", "this", *(("some", "some") if "a" in singular else ())))
    else:
        is_plural = bool(plural) and pick.chance(0.3)
        determiner = pick.one(plural if is_plural else singular)
    adjectives = _some_adjectives(pick, noun, determiner)
    if determiner == "the" and set(noun.kinds) & set("atl") and pick.chance(0.15):
        return _owned(pick, noun, plural=is_plural, adjectives=adjectives)
    return noun_phrase(determiner, noun, plural=is_plural, adjectives=adjectives, negated=negated)


def subject_phrase(pick: Picker, kinds: str, *, negated: bool, plain: bool) -> Phrase:
    """Who does it: a pronoun, a name, two people, or a noun phrase of these kinds.

    Args:
        pick: the choices.
        kinds: categories of nouns; pronouns and names come where people may stand.
        negated: the verb is negated, so subjects whose scope would become doubtful stay away.
        plain: without adjectives, before "to be" and an adjective.
    """
    if "p" in kinds:
        if pick.chance(0.35):
            return pick.one(PRONOUNS)
        if pick.chance(0.15):
            name = pick.one(NAMES)
            return Phrase([name.english[0]], [name.french[0]], 1, name.feminine, False)
        if pick.chance(0.06):
            return _pair(pick)
    noun = pick.one(_nouns(kinds))
    if plain:
        if not _is_measured(noun) and pick.chance(0.3):
            return noun_phrase(pick.one(_DEFINITE_PLURAL), noun, plural=True)
        return noun_phrase(pick.one(_DEFINITE), noun)
    singular, plural = (_SINGULAR, _DEFINITE_PLURAL) if negated else ((*_SINGULAR, "every"), _PLURAL)
    return _any_noun_phrase(pick, noun, singular, plural, negated=False)


def _pair(pick: Picker) -> Phrase:
    """Two people joined by "and": plural, and masculine unless both are feminine."""
    first = pick.one(NAMES)
    other = noun_phrase(pick.one(("the", "my", "his", "her", "our")), pick.one(_nouns("pk")))
    feminine = first.feminine and other.feminine
    return Phrase([*first.english[:1], "and", *other.english], [*first.french[:1], "et", *other.french], 4, feminine, True)


def object_phrase(pick: Picker, kinds: str, *, negated: bool, definite: bool) -> Phrase:
    """What it is done to: a noun phrase of these kinds; `definite` leaves "a", "some" and numbers out."""
    noun = pick.one(_nouns(kinds))
    if definite:
        return _any_noun_phrase(pick, noun, _DEFINITE, _DEFINITE_PLURAL, negated=negated)
    return _any_noun_phrase(pick, noun, _SINGULAR, _PLURAL, negated=negated)


@cache
def _places(need: str) -> tuple[Noun, ...]:
    return tuple(noun for noun in COUNTED if "l" in noun.kinds and (not need or need in noun.prepositions))


def place_phrase(pick: Picker, relation: str, *, company: bool = True) -> tuple[list[str], list[str]]:
    """Where or with whom, in both languages: `in the garden`, `dans le jardin`; `from the market`, `du marché`.

    Args:
        pick: the choices.
        relation: "in" for where something happens, or "at", "to", "from" when the verb asks for that preposition.
        company: whether it may also be with whom.
    """
    if relation == "in":
        preposition = pick.one(("in", "in", "at", "at", "near", "behind", *(("with",) if company else ())))
    else:
        preposition = relation
    noun = pick.one(_nouns("pk") if preposition == "with" else _places(_SUITABLE.get(preposition, "")))
    plural = preposition not in ("in", "at") and pick.chance(0.15)
    phrase = noun_phrase("the" if plural else pick.one(("the", "the", *_DEFINITE)), noun, plural=plural)
    return [preposition, *phrase.english], [*_PREPOSITIONS[preposition], *phrase.french]
