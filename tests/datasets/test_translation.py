"""toy_translation and sentence_pairs: the corpora, their splits and their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.cards import UNK, Batch
from workbench.datasets._french.lexicon import vocabularies
from workbench.datasets._french.phrases import Picker
from workbench.datasets._french.sentences import MAX_ENGLISH, MAX_FRENCH, sentence
from workbench.datasets._pairs import PairsDataset
from workbench.datasets.sentence_pairs import SentencePairs, tokenize
from workbench.datasets.toy_translation import ToyTranslation, corpus
from workbench.errors import DataError

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
words = st.text(alphabet="abcdé'.", min_size=1, max_size=4)
sentences = st.lists(words, min_size=1, max_size=6).map(" ".join)
tables = st.lists(
    st.tuples(sentences, sentences), min_size=6, max_size=40, unique_by=lambda pair: tokenize(pair[0], lower_case=True)
)


def open_pairs(path: Path, **values: Any) -> PairsDataset:
    return SentencePairs.open(SentencePairs.Config.model_validate({"path": str(path), "min_frequency": 1, **values}))


def texts(dataset: PairsDataset, batch: Batch) -> list[tuple[str, str]]:
    return [(sample.input_text, sample.target_text) for sample in dataset.samples(batch)]


def all_train(dataset: PairsDataset) -> list[tuple[str, str]]:
    assert dataset.num_train is not None
    return texts(dataset, dataset.train_batch(0, 0, dataset.num_train))


def test_every_sentence_has_one_translation() -> None:
    """In forty thousand draws no English sentence comes with two translations, and lengths keep their bounds."""
    pick, known = Picker(99), dict[Sequence[str], Sequence[str]]()
    for _ in range(40_000):
        english, french = sentence(pick)
        assert known.setdefault(english, french) == french
        assert len(english) <= MAX_ENGLISH
        assert len(french) <= MAX_FRENCH
    assert len(known) > 35_000


def test_vocabulary_is_what_the_grammar_uses() -> None:
    """Each language has over 150 words; the corpus uses no other ones, and nearly all of them."""
    pairs = corpus(22_000)
    for side, vocabulary in enumerate(vocabularies()):
        used = {word for pair in pairs for word in pair[side]}
        assert used <= set(vocabulary)
        assert len(used) >= 0.98 * len(vocabulary)
        assert len(vocabulary) > 150


def test_corpus_covers_the_grammar() -> None:
    """Questions, negation, three tenses, elision and object pronouns are all common."""
    pairs = corpus(5000)
    for side, needed in ((0, ["?", "not", "never", "will", "did", "that", "'s"]), (1, ["l'", "n'", "d'", "qu'", "j'", "est-ce"])):
        for word in needed:
            assert sum(word in pair[side] for pair in pairs) > 20, word


def test_held_out_sentences_do_not_change_with_the_size() -> None:
    """A larger corpus has the same validation and test sentences, and its first training ones."""
    small, large = (ToyTranslation.open(ToyTranslation.Config(num_sentences=n)) for n in (500, 1500))
    for split in ("validation", "test"):
        np.testing.assert_array_equal(small.held_out(split).inputs, large.held_out(split).inputs)
    assert set(all_train(small)) < set(all_train(large))


def test_toy_sentences_are_written_as_people_write() -> None:
    """Marks and apostrophes stand where they belong, and a sentence may be typed without capitals or full stop."""
    dataset = ToyTranslation.open(ToyTranslation.Config(num_sentences=500))
    for source, target in all_train(dataset):
        assert " ." not in source + target
        assert "' " not in target
        assert " 's" not in source
    typed = dataset.parse_input("anna's Black cat sleeps")
    assert dataset.input_text(typed) == "Anna's black cat sleeps."
    assert dataset.input_text(dataset.parse_input("does she sleep")) == "does she sleep?"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("the blak cat sleeps", "unknown symbol 'blak'. Did you mean 'black'"),
        ("", "got nothing"),
        ("the cat " * 9, "expected at most 12"),
        ("the cat, 3", "got ',"),
    ],
)
def test_wrong_toy_sentences_are_told(text: str, reason: str) -> None:
    """Unknown words, an empty line, a long one and other signs are refused in one line."""
    with pytest.raises(DataError) as caught:
        ToyTranslation.open(ToyTranslation.Config(num_sentences=500)).parse_input(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@same_folder
@given(table=tables, bom=st.booleans(), crlf=st.booleans(), extra=st.booleans())
def test_file_is_read_whole(tmp_path: Path, table: list[tuple[str, str]], *, bom: bool, crlf: bool, extra: bool) -> None:
    """Whatever the line ends, mark and further columns, the splits together hold each pair once."""
    lines = ["\t".join([*pair, *(["CC-BY"] if extra else [])]) for pair in table]
    end = "\r\n" if crlf else "\n"
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"\xef\xbb\xbf" * bom + (end.join(lines) + end).encode())
    dataset = open_pairs(path, max_length=50)
    assert not dataset.notices
    expected = {tuple(" ".join(tokenize(text, lower_case=True)) for text in pair) for pair in table}
    num = sum(len(batch) for batch in (dataset.held_out("validation"), dataset.held_out("test"))) + (dataset.num_train or 0)
    assert num == len(expected)
    assert set(all_train(dataset)) <= expected  # with min_frequency 1 no word of training is unknown


@pytest.mark.slow
@same_folder
@given(table=tables, copies=st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_translations_of_one_source_stay_together(tmp_path: Path, table: list[tuple[str, str]], copies: list[int]) -> None:
    """A source sentence that stands in the file several times is in one split only, repeated lines count once."""
    path = tmp_path / "pairs.tsv"
    more = [(table[index][0], f"other {number}") for number, index in enumerate(copies)]
    path.write_text("".join(f"{source}\t{target}\n" for source, target in [*table, *table, *more]), encoding="utf-8")
    dataset = open_pairs(path, max_length=50, min_frequency=1)
    parts = [dataset.train_batch(0, 0, dataset.num_train or 0), dataset.held_out("validation"), dataset.held_out("test")]
    assert sum(map(len, parts)) == len(table) + len(more)
    trained = {source for source, _ in all_train(dataset)}
    held_out = {source for batch in parts[1:] for source, _ in texts(dataset, batch)}
    assert not {source for source in held_out if "<unk>" not in source} & trained


def test_bad_lines_are_numbered_and_counted(tmp_path: Path) -> None:
    """Bad lines are skipped, the first told by number, all counted; long pairs are counted apart."""
    good = [f"word{number} here\tmot{number} ici".encode() for number in range(20)]
    bad = [b"one column", b"\xff\xfe\tx", b"\tempty source", b"x\t  ", b"y", b"z", b"w"]
    long = [b"a " * 30 + b"\tb"]
    path = tmp_path / "mixed.tsv"
    path.write_bytes(b"\n".join([*good[:10], b"", *bad, *long, *good[10:]]) + b"\n")
    notices = open_pairs(path).notices
    assert notices[0] == "mixed.tsv: line 12: columns: 1, expected at least 2; skipped"
    assert notices[1] == "mixed.tsv: line 13: not UTF-8; skipped"
    assert notices[2] == "mixed.tsv: line 14: a sentence is empty; skipped"
    assert len(notices) == 7
    assert notices[5] == "mixed.tsv: bad lines skipped: 7 in total; pairs used: 20"
    assert notices[6] == "mixed.tsv: pairs longer than data.max_length, left out: 1"


def test_columns_and_capitals_are_chosen(tmp_path: Path) -> None:
    """Source and target come from the columns named, and capitals stay when asked to."""
    path = tmp_path / "three.tsv"
    path.write_text("".join(f"{i}\tHello {i}\tBonjour {i}\n" for i in range(30)), encoding="utf-8")
    dataset = open_pairs(path, source_column=3, target_column=2, lower_case=False)
    source, target = all_train(dataset)[0]
    assert source.startswith("Bonjour")
    assert target.startswith("Hello")
    with pytest.raises(ValidationError, match="two different columns"):
        SentencePairs.Config.model_validate({"source_column": 2})


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    """The first line names them, whatever the names are; it is no pair itself."""
    path = tmp_path / "named.tsv"
    rows = "".join(f"{i}\tHello {i}\tBonjour {i}\n" for i in range(30))
    path.write_text(f"Nummer\tenglisch\tfranz\u00f6sisch\n{rows}", encoding="utf-8")
    dataset = open_pairs(path, source_column="franz\u00f6sisch", target_column="englisch", lower_case=False)
    pairs = all_train(dataset)
    assert all(source.startswith("Bonjour") and target.startswith("Hello") for source, target in pairs)
    with pytest.raises(DataError, match=r"data.source_column: .* got 'English'; expected a number from 1, or a name"):
        open_pairs(path, source_column="English")
    with pytest.raises(DataError, match="column 2 is that of the source, too"):
        open_pairs(path, source_column="englisch", target_column=2)


def test_vocabulary_is_that_of_training(tmp_path: Path) -> None:
    """Rare words and words of held-out sentences alone are unknown; the vocabulary has its bound."""
    path = tmp_path / "rare.tsv"
    path.write_text("".join(f"common word{i}\tcommun mot{i}\n" for i in range(100)), encoding="utf-8")
    dataset = open_pairs(path, min_frequency=2)
    assert set(all_train(dataset)) == {("common <unk>", "commun <unk>")}
    assert dataset.parse_input("Common thing")[1] == UNK
    np.testing.assert_array_equal(dataset.parse_input("common <unk>"), dataset.parse_input("common thing"))
    everything = open_pairs(path)
    assert (everything.held_out("test").inputs == UNK).any(axis=1).all()
    limited = SentencePairs.task(SentencePairs.Config(path=str(path), min_frequency=1, max_vocabulary=10)).inputs
    assert len(getattr(limited, "symbols", ())) == 14


def test_words_outside_the_vocabulary_are_still_known_by_name(tmp_path: Path) -> None:
    """Of a held-out target the file's own words can be asked for, also where the batch has <unk>; a full lexicon has none."""
    path = tmp_path / "rare.tsv"
    path.write_text("".join(f"common word{i}\tCommun mot{i}\n" for i in range(50)), encoding="utf-8")
    dataset = open_pairs(path, min_frequency=2)
    for split in ("validation", "test"):
        written, batch = dataset.target_words(split), dataset.held_out(split)
        assert written is not None
        assert len(written) == len(batch)
        assert all(first == "commun" and last.startswith("mot") for first, last in written)
        assert (batch.targets[:, 1] == UNK).all()
    assert ToyTranslation.open(ToyTranslation.Config(num_sentences=500)).target_words("test") is None


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    """What was read is kept only as long as the file is the same."""
    path = tmp_path / "growing.tsv"
    lines = [f"s{i}\tt{i}\n" for i in range(40)]
    path.write_text("".join(lines[:20]), encoding="utf-8")
    assert open_pairs(path).num_train == 16
    path.write_text("".join(lines), encoding="utf-8")
    assert open_pairs(path).num_train == 32


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"a b\nc d\n", "line 1: columns: 1"),
        (b"a\tb\nc\td\n", "2 different source sentences"),
        (b"".join(b"s%d\tt%d\n" % (i, i) for i in range(9)), "data.min_frequency"),
    ],
)
def test_files_that_do_not_do_are_told(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """A missing, empty or unfit file is refused in one line with what to fix."""
    path = tmp_path / "file.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_pairs(path, min_frequency=2)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_path_says_what_to_set() -> None:
    """Without a file the error says which setting to give."""
    with pytest.raises(DataError, match=r"Set data\.path"):
        SentencePairs.task(SentencePairs.Config())
    assert "data.path" in SentencePairs.describe(SentencePairs.Config())


def test_without_a_path_the_missing_setting_and_an_impossible_pair_are_told() -> None:
    """An empty path is the setting that is missing, not a fit: both it and a pair that could never be are told at once."""
    from workbench.errors import ExperimentError
    from workbench.experiment import Experiment

    values = {"model": {"name": "lstm"}, "data": {"name": "sentence_pairs"}, "optimizer": {"name": "adam"}}
    with pytest.raises(ExperimentError) as told:
        Experiment.from_dict(values)
    assert "Set data.path to your file" in str(told.value)
    assert "'lstm' cannot be trained on 'sentence_pairs'" in str(told.value)
    from workbench.tui.form.card_fits import fits

    found = fits({**values, "training": {}, "data": {"name": "sentence_pairs"}})
    assert not found.model["seq2seq"].reason
    assert "transduce" in found.model["lstm"].reason
