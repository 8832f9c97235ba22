"""A small grammar that makes English sentences together with their French translation.

words (nouns, adjectives, verbs) -> lexicon -> phrases -> sentences

Every English sentence has exactly one translation. Where English leaves open what French must say, one rule decides:

- "I", "we" and "you" are masculine for agreement, "they" and "them" too, and "you" addresses several people (`vous`);
- a noun for a person has one gender (`friend` is `ami`, `teacher` is `professeur`);
- simple past is the compound past (`a mangé`, `est partie`), but the imperfect for states (`était`, `avait`, `aimait`);
- "a" and "some" after a negation are `de` (`il ne mange pas de pomme`).
"""
