"""The grammar's French: golden phrases written by hand, and a checker that knows agreement but not the grammar."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest

from workbench.datasets._french import lexicon
from workbench.datasets._french.lexicon import ADJECTIVES, COUNTED, INTRANSITIVE, MEASURED, NAMES, SAYING, TRANSITIVE, Noun
from workbench.datasets._french.phrases import PRONOUNS, Phrase, join_french, noun_phrase
from workbench.datasets._french.sentences import _OBJECT_PRONOUNS, _Clause
from workbench.datasets.toy_translation import corpus

Words = Sequence[str]

VOWELS = "aeiouâàéèêëîïôûùœ"
SILENT_H = ("homme", "hommes", "histoire", "histoires", "horloge", "horloges", "hôtel", "hôtels", "hôpital", "hôpitaux", "huile")
ELIDED = {"j'": "je", "l'": "le la", "n'": "ne", "d'": "de", "qu'": "que", "m'": "me"}
FEMININE_NOUNS = """
femme reine actrice infirmière princesse fille sœur mère tante vache souris abeille lettre histoire table chaise voiture
clé robe horloge boîte fleur fenêtre porte lampe pomme banane tomate carotte poire maison cuisine forêt école église
plage gare bibliothèque eau soupe viande huile Marie Anna Alice
"""
MASCULINE, FEMININE = {"un", "ce", "cet", "du", "au", "le"}, {"une", "la", "cette", "ma", "sa"}
SINGULAR = {*MASCULINE, *FEMININE, "l'", "mon", "son", "notre", "votre", "leur", "chaque"}
PLURAL = {"les", "des", "aux", "ces", "mes", "ses", "nos", "vos", "leurs", "deux", "trois"}


def starts_with_vowel(word: str) -> bool:
    """Whether elision is due before the word, told from a list of its own."""
    return word[0].lower() in VOWELS or word in SILENT_H or word.startswith(("habit", "heureu"))


def number_and_gender() -> dict[str, set[tuple[bool, bool]]]:
    """(feminine, plural) that each noun's form can have."""
    forms: dict[str, set[tuple[bool, bool]]] = {}
    for noun in (*COUNTED, *MEASURED):
        for plural in (False, True) if noun in COUNTED else (False,):
            forms.setdefault(noun.french[plural], set()).add((noun.feminine, plural))
    return forms


def adjective_forms() -> dict[str, set[tuple[bool, bool]]]:
    """(feminine, plural) that each adjective's form can have."""
    forms: dict[str, set[tuple[bool, bool]]] = {}
    for adjective in ADJECTIVES:
        for place, form in enumerate(adjective.french):
            forms.setdefault(form, set()).add((place in (1, 3), place in (2, 3)))
    return forms


NOUN_FORMS, ADJECTIVE_FORMS = number_and_gender(), adjective_forms()
VERB_FORMS = {form for verb in (*TRANSITIVE, *INTRANSITIVE, *SAYING) for form in (*verb.present, *verb.future, *verb.imperfect)}
THIRD_PLURAL = {
    forms[4]
    for verb in (*TRANSITIVE, *INTRANSITIVE, *SAYING, lexicon.AVOIR, lexicon.ETRE)
    for forms in (verb.present, verb.future, verb.imperfect)
    if forms
}


def noun_groups(french: Words) -> Iterator[tuple[str, list[str], str, list[str]]]:
    """Determiner, adjectives before, noun, adjectives after, of each noun whose form is no verb's too."""
    for index, word in enumerate(french):
        if word not in NOUN_FORMS or word in VERB_FORMS:
            continue
        first = index
        while french[first - 1] in ADJECTIVE_FORMS and french[first - 1] not in NOUN_FORMS:
            first -= 1
        last = index + 1
        while french[last] in ADJECTIVE_FORMS:
            last += 1
        yield french[first - 1], list(french[first:index]), word, list(french[index + 1 : last])


@pytest.fixture(scope="module")
def pairs() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Twelve thousand different sentences."""
    return corpus(12_000)


def test_determiners_and_adjectives_agree(pairs: list[tuple[Words, Words]]) -> None:
    """Around every noun there is one gender and number that determiner, adjectives and noun all have."""
    checked = 0
    for _, french in pairs:
        for determiner, before, noun, after in noun_groups(french):
            possible = set(NOUN_FORMS[noun])
            for adjective in (*before, *after):
                possible &= ADJECTIVE_FORMS[adjective]
            if determiner in MASCULINE | FEMININE:
                possible = {p for p in possible if p[0] == (determiner in FEMININE)}
            if determiner in SINGULAR | PLURAL:
                possible = {p for p in possible if p[1] == (determiner in PLURAL)}
                checked += 1
            assert possible, (determiner, before, noun, after, " ".join(french))
    assert checked > 10_000


def test_vowels_meet_nowhere(pairs: list[tuple[Words, Words]]) -> None:
    """Words that lose their vowel lose it before vowels and silent h, and nowhere else."""
    full = {word for words in ELIDED.values() for word in words.split()}
    for _, french in pairs:
        for word, following in itertools.pairwise(french):
            if word in ELIDED:
                assert starts_with_vowel(following), french
            elif word in full:
                assert not starts_with_vowel(following), french


def test_articles_are_contracted(pairs: list[tuple[Words, Words]]) -> None:
    """`à` and `de` never stand before `le` or `les`, and all four contractions occur."""
    forbidden = set(itertools.product(("à", "de"), ("le", "les")))
    seen: set[str] = set()
    for _, french in pairs:
        assert not forbidden & set(itertools.pairwise(french)), french
        seen.update(french)
    assert {"au", "aux", "du", "des"} <= seen


def test_forms_before_vowels(pairs: list[tuple[Words, Words]]) -> None:
    """`ce`, `ma`, `sa`, `beau`, `nouveau`, `vieux` change before a vowel, and their other forms stand only there."""
    for _, french in pairs:
        for word, following in itertools.pairwise(french):
            if word in ("ce", "ma", "sa"):
                assert not starts_with_vowel(following), french
            if word in ("cet", "bel", "nouvel", "vieil"):
                assert starts_with_vowel(following), french
            if word in ("beau", "nouveau") and following in NOUN_FORMS:
                assert not starts_with_vowel(following), french


def test_negation_has_two_parts(pairs: list[tuple[Words, Words]]) -> None:
    """`ne` comes with `pas` or `jamais` a few words later, in as many clauses as English says not or never."""
    for english, french in pairs:
        firsts = [index for index, word in enumerate(french) if word in ("ne", "n'")]
        seconds = [index for index, word in enumerate(french) if word in ("pas", "jamais")]
        assert len(firsts) == len(seconds) == sum(word in ("not", "never") for word in english), french
        assert all(2 <= second - first <= 3 for first, second in zip(firsts, seconds, strict=True)), french


def test_verbs_have_the_person_of_their_pronoun(pairs: list[tuple[Words, Words]]) -> None:
    """After a subject pronoun, `ne` and object pronouns the verb ends as that person does."""
    between = {"ne", "n'", "me", "m'", "le", "la", "l'", "les"}
    endings = {
        "je": ("e", "s", "x", "ai"),
        "j'": ("e", "s", "ai"),
        "il": ("e", "t", "a", "d"),
        "elle": ("e", "t", "a", "d"),
        "nous": ("ons", "sommes"),
        "vous": ("ez", "êtes", "dites"),
        "ils": ("nt",),
    }
    checked = 0
    for _, french in pairs:
        clause_starts = [0] + [index + 1 for index, word in enumerate(french) if word in ("que", "qu'")]
        for start in clause_starts:
            subject = french[start]
            if subject in endings:
                rest = [word for word in french[start + 1 :] if word not in between]
                while subject != rest[0] and rest[0] in ("nous", "vous"):  # object pronouns
                    rest = rest[1:]
                assert rest[0].endswith(endings[subject]), french
                if subject in ("il", "elle"):
                    assert rest[0] not in THIRD_PLURAL, french
                checked += 1
    assert checked > 3000


def test_predicates_and_participles_agree_with_pronouns(pairs: list[tuple[Words, Words]]) -> None:
    """After a form of être, adjective and participle have the subject pronoun's gender and number."""
    agreement = {
        "je": (False, False),
        "j'": (False, False),
        "il": (False, False),
        "elle": (True, False),
        "nous": (False, True),
        "vous": (False, True),
        "ils": (False, True),
    }
    etre = {*lexicon.ETRE.present, *lexicon.ETRE.future, *lexicon.ETRE.imperfect}
    participles = {
        form: (place in (1, 3), place in (2, 3))
        for verb in INTRANSITIVE
        if verb.auxiliary == "être"
        for place, form in enumerate(verb.participles)
    }
    skipped = {"ne", "n'", "pas", "jamais", "souvent", "toujours", "très"}
    checked = 0
    for _, french in pairs:
        bare = [word for word in french if word not in skipped]
        for subject, verb, complement in zip(bare, bare[1:], bare[2:], strict=False):
            if subject in agreement and verb in etre:
                if complement in participles:
                    assert participles[complement] == agreement[subject], french
                    checked += 1
                elif complement in ADJECTIVE_FORMS:
                    assert agreement[subject] in ADJECTIVE_FORMS[complement], french
                    checked += 1
    assert checked > 300


def noun(english: str) -> Noun:
    """A noun by its English singular."""
    return next(n for n in (*COUNTED, *MEASURED, *NAMES) if n.english[0] == english)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a beautiful bird", "un bel oiseau"),
        ("the beautiful birds", "les beaux oiseaux"),
        ("some beautiful birds", "de beaux oiseaux"),
        ("some birds", "des oiseaux"),
        ("this old hotel", "ce vieil hôtel"),
        ("this hotel", "cet hôtel"),
        ("this owl", "ce hibou"),
        ("the hero", "le héros"),
        ("the men", "les hommes"),
        ("the man", "l' homme"),
        ("my school", "mon école"),
        ("my big school", "ma grande école"),
        ("his story", "son histoire"),
        ("these white horses", "ces chevaux blancs"),
        ("a new yellow car", "une nouvelle voiture jaune"),
        ("three brown keys", "trois clés marron"),
        ("many apples", "beaucoup de pommes"),
        ("many eggs", "beaucoup d' œufs"),
        ("some water", "de l' eau"),
        ("some wine", "du vin"),
        ("some fresh meat", "de la viande fraîche"),
        ("their young lazy aunts", "leurs jeunes tantes paresseuses"),
        ("every child", "chaque enfant"),
        ("an onion", "un oignon"),
    ],
)
def test_noun_phrases(words: str, expected: str) -> None:
    """A determiner, adjectives and a noun become what a French speaker wrote."""
    determiner, *middle, last = words.split()
    found = next(n for n in (*COUNTED, *MEASURED) if last in n.english)
    plural = last != found.english[0]
    adjectives = [a for word in middle for a in ADJECTIVES if a.english == word]
    phrase = noun_phrase("a" if determiner == "an" else determiner, found, plural=plural, adjectives=adjectives)
    assert " ".join(join_french([*phrase.french, "."])) == f"{expected} ."
    assert " ".join(phrase.english) == words


def verb(english: str) -> lexicon.Verb:
    """A verb by its English base."""
    return next(v for v in (*TRANSITIVE, *INTRANSITIVE) if v.english[0] == tuple(english.split()))


MYSELF, HE, SHE, WE, YOU, THEY = PRONOUNS
ME, HIM, HER, US, _, THEM = (entry[:3] for entry in _OBJECT_PRONOUNS)
ANNA = Phrase(["Anna"], ["Anna"], 1, feminine=True, plural=False)


@pytest.mark.parametrize(
    ("clause", "english", "french"),
    [
        (_Clause(SHE, "past", "", verb("leave")), "she left", "elle est partie"),
        (_Clause(THEY, "past", "not", verb("go out")), "they did not go out", "ils ne sont pas sortis"),
        (_Clause(MYSELF, "past", "never", verb("love"), pronoun=HER), "I never loved her", "je ne l' aimais jamais"),
        (_Clause(MYSELF, "past", "", verb("see"), pronoun=HER), "I saw her", "je l' ai vue"),
        (_Clause(SHE, "past", "not", verb("hear"), pronoun=THEM), "she did not hear them", "elle ne les a pas entendus"),
        (_Clause(ANNA, "present", "", verb("listen to"), pronoun=ME), "Anna listens to me", "Anna m' écoute"),
        (_Clause(HE, "future", "not", verb("call"), pronoun=US), "he will not call us", "il ne nous appellera pas"),
        (_Clause(WE, "present", "", verb("eat")), "we eat", "nous mangeons"),
        (_Clause(YOU, "present", "", verb("drink")), "you drink", "vous buvez"),
        (_Clause(THEY, "present", "", verb("come")), "they come", "ils viennent"),
        (_Clause(HE, "past", "often", verb("sleep")), "he often slept", "il a souvent dormi"),
        (_Clause(MYSELF, "present", "not", verb("have")), "I do not have", "je n' ai pas"),
        (_Clause(MYSELF, "past", "", None, ["tired"], ["fatigué"]), "I was tired", "j' étais fatigué"),
        (_Clause(SHE, "future", "never", None, ["sad"], ["triste"]), "she will never be sad", "elle ne sera jamais triste"),
        (_Clause(MYSELF, "present", "", verb("live")), "I live", "j' habite"),
    ],
)
def test_clauses(clause: _Clause, english: str, french: str) -> None:
    """Tense, negation, adverbs, pronouns and agreement come out as a French speaker wrote them."""
    assert " ".join(clause.english()) == english
    assert " ".join(join_french([*clause.french(), "."])) == f"{french} ."


def test_negated_objects_lose_their_article() -> None:
    """After a negation "a" and "some" are `de`, and English says "any"."""
    apple, water = noun("apple"), noun("water")
    assert noun_phrase("a", apple, negated=True).french == ["de", "pomme"]
    assert noun_phrase("the", apple, negated=True).french == ["la", "pomme"]
    phrase = noun_phrase("some", water, negated=True)
    assert phrase.english == ["any", "water"]
    assert join_french([*phrase.french, "."]) == ["d'", "eau", "."]


def test_a_possessive_does_not_make_a_wife() -> None:
    """Words that a possessive would change take the article instead."""
    assert noun_phrase("my", noun("woman")).english == ["the", "woman"]


@pytest.mark.parametrize(
    ("apart", "together"),
    [
        ("près de les maisons", "près des maisons"),
        ("le chien de le voisin", "le chien du voisin"),
        ("à le marché", "au marché"),
        ("à les musées", "aux musées"),
        ("à la école", "à l' école"),
        ("de le hôtel", "de l' hôtel"),
        ("de le héros", "du héros"),
        ("de un village", "d' un village"),
        ("que elle ne a pas", "qu' elle n' a pas"),
        ("je le aime", "je l' aime"),
    ],
)
def test_words_are_joined(apart: str, together: str) -> None:
    """Articles are contracted with prepositions unless they lose their vowel, which goes first."""
    assert " ".join(join_french(apart.split())) == together


def test_genders_are_right() -> None:
    """The feminine nouns are those of a list written without the tables."""
    feminine = {n.french[0] for n in (*COUNTED, *MEASURED, *NAMES) if n.feminine}
    assert feminine == set(FEMININE_NOUNS.split())


def test_tables_are_plausible_french() -> None:
    """Endings that hold in French without exception in this lexicon hold in the tables."""
    for adjective in ADJECTIVES:
        if adjective.english != "brown":  # marron does not change
            assert adjective.french[1].endswith("e")
            assert all(form.endswith(("s", "x")) for form in adjective.french[2:4])
    for counted in COUNTED:
        assert counted.french[1].endswith(("s", "x"))
    for item in (*TRANSITIVE, *INTRANSITIVE, *SAYING):
        assert item.present[2].endswith("ons")
        assert item.present[3].endswith(("ez", "dites"))
        assert item.present[4].endswith("nt")
        assert len(item.present) == 5
    h_words = {form for n in (*COUNTED, *MEASURED) for form in n.french if form.startswith("h")}
    assert h_words == {*SILENT_H, "héros", "hibou", "hiboux"}
