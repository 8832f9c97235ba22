"""Whole sentences: tense, negation, questions, agreement of participles, word order."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.datasets._french.lexicon import (
    ADJECTIVES,
    AVOIR,
    ETRE,
    INTRANSITIVE,
    SAYING,
    TRANSITIVE,
    Adjective,
    Verb,
)
from workbench.datasets._french.phrases import (
    Phrase,
    Picker,
    join_french,
    object_phrase,
    place_phrase,
    subject_phrase,
)

__all__ = ["MAX_ENGLISH", "MAX_FRENCH", "sentence"]

MAX_ENGLISH, MAX_FRENCH = 12, 14
"""Words of the longest sentence, punctuation included."""

_TENSES = ("present", "present", "present", "past", "past", "future", "future")
_TIMES = {
    "present": ((["today"], ["aujourd'hui"]), (["now"], ["maintenant"]), (["every", "day"], ["chaque", "jour"])),
    "past": ((["yesterday"], ["hier"]), (["last", "week"], ["la", "semaine", "dernière"])),
    "future": (
        (["tomorrow"], ["demain"]),
        (["tonight"], ["ce", "soir"]),
        (["next", "week"], ["la", "semaine", "prochaine"]),
    ),
}
_ADVERBS = {"not": "pas", "never": "jamais", "often": "souvent", "always": "toujours"}
_QUESTIONS = {"where": "où", "when": "quand", "why": "pourquoi"}
_BE_PRESENT, _BE_PAST = ("am", "is", "are", "are", "are"), ("was", "was", "were", "were", "were")

# English | French | agreement (feminine, plural) | subject persons it cannot refer to
_OBJECT_PRONOUNS = (
    ("me", "me", (False, False), (0, 2)),
    ("him", "le", (False, False), ()),
    ("her", "la", (True, False), ()),
    ("us", "nous", (False, True), (0, 2)),
    ("you", "vous", (False, True), (3,)),
    ("them", "les", (False, True), ()),
)


@dataclass
class _Clause:
    """The choices of one clause, before it is put into words."""

    subject: Phrase
    tense: str
    adverb: str = ""  # one of _ADVERBS, or nothing
    verb: Verb | None = None  # None is "to be"
    english_after: list[str] = field(default_factory=list)  # object, place or predicate
    french_after: list[str] = field(default_factory=list)
    pronoun: tuple[str, str, tuple[bool, bool]] | None = None  # object pronoun and its agreement
    time: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))

    @property
    def negated(self) -> bool:
        """Whether `ne` stands before the verb."""
        return self.adverb in ("not", "never")

    def english(self) -> list[str]:
        """The statement in English."""
        subject, adverb = self.subject, [self.adverb] if self.adverb else []
        tail = [*([self.pronoun[0]] if self.pronoun else []), *self.english_after, *self.time[0]]
        if self.tense == "future":
            base = ("be",) if self.verb is None else self.verb.english[0]
            return [*subject.english, "will", *adverb, *base, *tail]
        if self.verb is None:
            forms = _BE_PRESENT if self.tense == "present" else _BE_PAST
            return [*subject.english, forms[subject.person], *adverb, *tail]
        if self.adverb == "not":
            return [*subject.english, self._do(), "not", *self.verb.english[0], *tail]
        form = 2 if self.tense == "past" else 1 if subject.person == 1 else 0
        return [*subject.english, *adverb, *self.verb.english[form], *tail]

    def english_question(self) -> list[str]:
        """The question in English, without question word."""
        subject, adverb = self.subject, [self.adverb] if self.adverb else []
        tail = [*([self.pronoun[0]] if self.pronoun else []), *self.english_after, *self.time[0]]
        if self.tense == "future":
            base = ("be",) if self.verb is None else self.verb.english[0]
            return ["will", *subject.english, *adverb, *base, *tail]
        if self.verb is None:
            forms = _BE_PRESENT if self.tense == "present" else _BE_PAST
            return [forms[subject.person], *subject.english, *adverb, *tail]
        return [self._do(), *subject.english, *adverb, *self.verb.english[0], *tail]

    def _do(self) -> str:
        return "did" if self.tense == "past" else "does" if self.subject.person == 1 else "do"

    def french(self) -> list[str]:
        """The clause in French, before elision; a question only puts words in front of it."""
        finite, participle = self._french_verb()
        words = [*self.subject.french]
        if self.negated:
            words.append("ne")
        if self.pronoun:
            words.append(self.pronoun[1])
        words.append(finite)
        if self.adverb:
            words.append(_ADVERBS[self.adverb])
        return [*words, *participle, *self.french_after, *self.time[1]]

    def _french_verb(self) -> tuple[str, list[str]]:
        """The finite form, and the participle where the past is compound."""
        person, verb = self.subject.person, self.verb or ETRE
        if self.tense == "present":
            return verb.present[person], []
        if self.tense == "future":
            return verb.future[person], []
        if verb.imperfect:
            return verb.imperfect[person], []
        if verb.auxiliary == "être":
            agreement = (self.subject.feminine, self.subject.plural)
            return ETRE.present[person], [_participle(verb, *agreement)]
        agreement = self.pronoun[2] if self.pronoun else (False, False)  # with the object, if that stands before
        return AVOIR.present[person], [_participle(verb, *agreement)]


def _participle(verb: Verb, feminine: bool, plural: bool) -> str:  # noqa: FBT001 - the two parts of agreement
    return verb.participles[2 * plural + feminine]


def _transitive(pick: Picker, tense: str, adverb: str) -> _Clause:
    verb = pick.one(TRANSITIVE)
    negated = adverb in ("not", "never")
    clause = _Clause(subject_phrase(pick, verb.subjects, negated=negated, plain=False), tense, adverb, verb)
    if "pronoun" in verb.flags and pick.chance(0.3):
        english, french, agreement, excluded = pick.one(_OBJECT_PRONOUNS)
        if clause.subject.person not in excluded:
            clause.pronoun = (english, french, agreement)
            return clause
    target = object_phrase(pick, verb.objects, negated=negated, definite="definite" in verb.flags)
    clause.english_after, clause.french_after = target.english, target.french
    return clause


def _intransitive(pick: Picker, tense: str, adverb: str) -> _Clause:
    verb = pick.one(INTRANSITIVE)
    negated = adverb in ("not", "never")
    clause = _Clause(subject_phrase(pick, verb.subjects, negated=negated, plain=False), tense, adverb, verb)
    relations = verb.flags & {"in", "at", "to", "from"}
    if "must" in verb.flags:
        clause.english_after, clause.french_after = place_phrase(pick, "in", company=False)
    elif relations and (("to" in relations) or pick.chance(0.55)):
        clause.english_after, clause.french_after = place_phrase(pick, next(iter(relations)))
    return clause


def _predicative(pick: Picker, tense: str, adverb: str) -> _Clause:
    """Something is somehow."""
    adjective = pick.one(_PREDICATES)
    subject = subject_phrase(pick, adjective.predicate_kinds, negated=adverb in ("not", "never"), plain=True)
    very = adverb != "never" and pick.chance(0.2)
    english = [*(["very"] if very else []), adjective.english]
    french = [*(["très"] if very else []), adjective.form(feminine=subject.feminine, plural=subject.plural)]
    return _Clause(subject, tense, adverb, None, english, french)


_PREDICATES: tuple[Adjective, ...] = tuple(adjective for adjective in ADJECTIVES if adjective.predicate_kinds)
_MAKERS = (_transitive, _transitive, _transitive, _intransitive, _intransitive, _predicative)


def _clause(pick: Picker, tense: str, *, question: bool) -> _Clause:
    """One clause of any kind; questions are not negated."""
    adverb = ""
    if not question and pick.chance(0.28):
        adverb = pick.one(("not", "not", "not", "never"))
    elif pick.chance(0.08):
        adverb = pick.one(("often", "always"))
    clause = pick.one(_MAKERS)(pick, tense, adverb)
    if pick.chance(0.2) and not adverb:
        clause.time = pick.one(_TIMES[tense])
    return clause


def _question(pick: Picker) -> tuple[list[str], list[str]]:
    """With `est-ce que`, or a question word before it."""
    clause = _clause(pick, pick.one(_TENSES), question=True)
    words: list[str] = []
    if pick.chance(0.35):
        options = ["why"]
        if not clause.time[0] and not clause.adverb:
            options.append("when")
            if clause.verb and not clause.verb.imperfect and not clause.verb.flags & {"in", "at", "to", "from", "must"}:
                options.append("where")
        words = [pick.one(options)]
    english = [*words, *clause.english_question(), "?"]
    return english, [*(_QUESTIONS[word] for word in words), "est-ce", "que", *clause.french(), "?"]


def _said(pick: Picker) -> tuple[list[str], list[str]]:
    """Somebody thinks that something is so."""
    verb = pick.one(SAYING)
    speaker = subject_phrase(pick, "p", negated=False, plain=True)
    tense = "future" if "future" in verb.flags else pick.one(_TENSES)
    clause = _clause(pick, tense, question=False)
    english = [*speaker.english, *verb.english[1 if speaker.person == 1 else 0], "that", *clause.english(), "."]
    return english, [*speaker.french, verb.present[speaker.person], "que", *clause.french(), "."]


def sentence(pick: Picker) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One sentence in English and in French, as words; not longer than MAX_ENGLISH and MAX_FRENCH."""
    while True:
        if pick.chance(0.2):
            english, french = _question(pick)
        elif pick.chance(0.1):
            english, french = _said(pick)
        else:
            clause = _clause(pick, pick.one(_TENSES), question=False)
            english, french = [*clause.english(), "."], [*clause.french(), "."]
        joined = join_french(french)
        if len(english) <= MAX_ENGLISH and len(joined) <= MAX_FRENCH:
            return tuple(english), tuple(joined)
