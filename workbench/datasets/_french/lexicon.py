"""The words as objects, read from the tables, and the vocabularies of both languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from workbench.datasets._french import adjectives, nouns, verbs

__all__ = [
    "ADJECTIVES",
    "AVOIR",
    "COUNTED",
    "ETRE",
    "INTRANSITIVE",
    "MEASURED",
    "NAMES",
    "SAYING",
    "TRANSITIVE",
    "Adjective",
    "Noun",
    "Verb",
    "elides",
    "vocabularies",
]

_VOWELS = frozenset("aeiouâàéèêëîïôûùœæ")
_ASPIRATED = frozenset({"héros", "hibou", "hiboux"})
_FUTURE = ("ai", "a", "ons", "ez", "ont")
_IMPERFECT = ("ais", "ait", "ions", "iez", "aient")


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A noun or a name; singular and plural in both languages (the same twice where there is no plural)."""

    english: tuple[str, str]
    french: tuple[str, str]
    feminine: bool
    kinds: str
    prepositions: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Adjective:
    """An adjective; French forms are masculine, feminine, masculine plural, feminine plural, masculine before a vowel."""

    english: str
    french: tuple[str, str, str, str, str]
    before: bool
    kinds: str
    predicate_kinds: str

    def form(self, *, feminine: bool, plural: bool) -> str:
        """The form that agrees."""
        return self.french[2 * plural + feminine]


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """A verb; French forms are listed for je, il, nous, vous, ils.

    Attributes:
        english: base, third person and past, each as words.
        present, future, imperfect: finite forms; imperfect only for verbs of state and auxiliaries.
        participles: masculine, feminine, masculine plural, feminine plural.
        auxiliary: "avoir" or "être", what the compound past is made with.
        subjects, objects: categories of nouns.
        flags: words of the table: pronoun, definite, in, at, to, from, must, any, future.
    """

    english: tuple[tuple[str, ...], ...]
    present: tuple[str, ...]
    future: tuple[str, ...] = ()
    imperfect: tuple[str, ...] = ()
    participles: tuple[str, ...] = ()
    auxiliary: str = "avoir"
    subjects: str = "p"
    objects: str = ""
    flags: frozenset[str] = frozenset()


def elides(word: str) -> bool:
    """Whether the word begins with a vowel sound, so that `le`, `de`, `que` ... before it lose theirs."""
    first = word[0].lower()
    return first in _VOWELS or (first == "h" and word not in _ASPIRATED)


def _rows(table: str) -> list[list[str]]:
    """The fields of each line, padded so that a table's last columns may be left out."""
    return [[field.strip() for field in line.split("|")] + [""] * 3 for line in table.strip().splitlines()]


def _participles(masculine: str) -> tuple[str, ...]:
    plural = masculine if masculine.endswith("s") else masculine + "s"
    return (masculine, masculine + "e", plural, masculine + "es")


def _english_forms(field: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(form.split("+")) for form in field.split())


def _counted(row: list[str]) -> Noun:
    (singular, plural), (fr_singular, fr_plural, gender) = row[0].split(), row[1].split()
    return Noun((singular, plural), (fr_singular, fr_plural), gender == "f", row[2], row[3])


def _uncounted(row: list[str]) -> Noun:
    french, gender = row[1].split()
    return Noun((row[0], row[0]), (french, french), gender == "f", row[2])


def _adjective(row: list[str]) -> Adjective:
    masculine, feminine, plural, feminine_plural, *vowel = row[1].split()
    forms = (masculine, feminine, plural, feminine_plural, vowel[0] if vowel else masculine)
    return Adjective(row[0], forms, row[2] == "before", row[3], row[4])


def _transitive(row: list[str]) -> Verb:
    return Verb(
        english=_english_forms(row[0]),
        present=tuple(row[1].split()),
        future=tuple(row[2] + ending for ending in _FUTURE),
        imperfect=tuple(row[7] + ending for ending in _IMPERFECT) if row[7] else (),
        participles=_participles(row[3]),
        subjects=row[4],
        objects=row[5],
        flags=frozenset(row[6].split()),
    )


def _intransitive(row: list[str]) -> Verb:
    return Verb(
        english=_english_forms(row[0]),
        present=tuple(row[1].split()),
        future=tuple(row[2] + ending for ending in _FUTURE),
        imperfect=tuple(row[7] + ending for ending in _IMPERFECT) if row[7] else (),
        participles=_participles(row[3]),
        auxiliary=row[4],
        subjects=row[5],
        flags=frozenset(row[6].split()),
    )


def _auxiliary(row: list[str]) -> Verb:
    future, imperfect = ([stem + ending for ending in endings] for stem, endings in ((row[2], _FUTURE), (row[3], _IMPERFECT)))
    return Verb((), tuple(row[1].split()), tuple(future), tuple(imperfect))


COUNTED = tuple(_counted(row) for row in _rows(nouns.COUNTED))
MEASURED = tuple(_uncounted(row) for row in _rows(nouns.MEASURED))
NAMES = tuple(_uncounted(row) for row in _rows(nouns.NAMES))
ADJECTIVES = tuple(_adjective(row) for row in _rows(adjectives.ADJECTIVES))
TRANSITIVE = tuple(_transitive(row) for row in _rows(verbs.TRANSITIVE))
INTRANSITIVE = tuple(_intransitive(row) for row in _rows(verbs.INTRANSITIVE))
SAYING = tuple(
    Verb(_english_forms(row[0]), tuple(row[1].split()), flags=frozenset(row[2].split())) for row in _rows(verbs.SAYING)
)
AVOIR, ETRE = (_auxiliary(row) for row in _rows(verbs.AUXILIARIES))

_ENGLISH_FUNCTION_WORDS = """
. ? 's I he she we you they me him her us them the a an some any this these my his our your their two three many every
and in at to from near behind with am is are was were be do does did will not never often always very that
where when why today now tomorrow tonight yesterday last next week day
"""
_FRENCH_FUNCTION_WORDS = """
. ? je j' il elle nous vous ils me m' le la l' les un une des de d' du au aux à ce cet cette ces
mon ma mes son sa ses notre nos votre vos leur leurs deux trois beaucoup chaque et dans près derrière avec
ne n' pas jamais souvent toujours très que qu' est-ce où quand pourquoi aujourd'hui maintenant demain soir hier
semaine dernière prochaine jour
"""


@cache
def vocabularies() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All English and all French words that the grammar can use, each sorted."""
    english = set(_ENGLISH_FUNCTION_WORDS.split())
    french = set(_FRENCH_FUNCTION_WORDS.split())
    for noun in (*COUNTED, *MEASURED, *NAMES):
        english.update(noun.english)
        french.update(noun.french)
    for adjective in ADJECTIVES:
        english.add(adjective.english)
        measured_only = set(adjective.kinds + adjective.predicate_kinds) <= set("md")
        french.update(adjective.french[:2] if measured_only else adjective.french)
    for verb in (*TRANSITIVE, *INTRANSITIVE, *SAYING):
        english.update(word for form in verb.english for word in form)
        french.update((*verb.present, *verb.future, *verb.imperfect))
        if not verb.imperfect:
            # the participle agrees with the subject after être, or with a pronoun before it (me, him, her, us, you, them)
            num_forms = 4 if verb.auxiliary == "être" else 3 if "pronoun" in verb.flags else 1
            french.update(verb.participles[:num_forms])
    french.update((*AVOIR.present, *ETRE.present, *ETRE.future, *ETRE.imperfect))
    return tuple(sorted(english)), tuple(sorted(french))
