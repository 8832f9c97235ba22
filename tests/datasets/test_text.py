"""Running text: what becomes of files, how it is cut, and what counting and gzip make of it."""

from __future__ import annotations

import gzip
import itertools
import math
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.cards import Carried, Split, catalog
from workbench.datasets._running_text import LINE_END
from workbench.datasets.text import TextDataset
from workbench.errors import ChangedDataError, DataError

CARD = catalog.datasets()["text"]
LINES = [f"line {number}: the cat sat on the mat, and the dog ran after the bird." for number in range(80)]


def opened(**settings: Any) -> TextDataset:
    dataset = CARD.open(CARD.Config.model_validate({"length": 16, **settings}))
    assert isinstance(dataset, TextDataset)
    return dataset


def file_of(folder: Path, content: bytes, name: str = "text.txt") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def whole_text(dataset: TextDataset) -> str:
    """All three parts as they are read."""
    parts = [dataset._part(name) for name in ("train", "validation", "test")]
    return "".join(dataset.input_text(part) for part in parts).replace(LINE_END, "\n")


EXPECTED = "\n".join(LINES) + "\n"
FORMS: dict[str, bytes] = {
    "plain": EXPECTED.encode(),
    "with a byte order mark": b"\xef\xbb\xbf" + EXPECTED.encode(),
    "CR LF": EXPECTED.replace("\n", "\r\n").encode(),
    "CR alone": EXPECTED.replace("\n", "\r").encode(),
    "no end of the last line": EXPECTED.rstrip("\n").encode(),
    "UTF-16": EXPECTED.encode("utf-16"),
    "UTF-16 without a mark": EXPECTED.encode("utf-16-le"),
    "gzip": gzip.compress(EXPECTED.encode()),
    "blanks at the ends of lines": EXPECTED.replace("\n", "  \t\n").encode(),
    "Ctrl-Z at the end": EXPECTED.encode() + b"\x1a",
    "line separators": EXPECTED.replace("\n", "\u2028").encode(),
    "terminal codes": EXPECTED.replace("cat", "c\x07at").encode(),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_files_as_people_have_them_give_the_same_text(content: bytes, tmp_path: Path) -> None:
    """Marks, line ends, packing and signs that are not seen make no difference."""
    assert whole_text(opened(path=file_of(tmp_path, content))) == EXPECTED


def test_another_encoding_is_named(tmp_path: Path) -> None:
    """Latin-1 is refused with what to do, and read when told; composed and decomposed letters are the same."""
    text = "un été à la plage, et puis l'hiver.\n" * 100
    path = file_of(tmp_path, text.encode("latin-1"))
    with pytest.raises(DataError, match=r"not UTF-8, line 1 .*Set data\.encoding"):
        opened(path=path)
    assert whole_text(opened(path=path, encoding="latin-1")) == text
    import unicodedata

    assert whole_text(opened(path=file_of(tmp_path, unicodedata.normalize("NFD", text).encode(), "nfd.txt"))) == text


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    """With its subfolders; hidden files and other kinds are left alone."""
    folder = tmp_path / "book"
    (folder / "later").mkdir(parents=True)
    (folder / "later" / "c.md").write_text("third part. " * 40)
    (folder / "b.txt").write_text("second part. " * 40)
    (folder / "a.txt").write_text("first part. " * 40)
    (folder / ".hidden.txt").write_text("no")
    (folder / "cover.png").write_bytes(b"\x89PNG\r\n")
    text = whole_text(opened(path=str(folder)))
    assert [text.index(f"{word} part.") for word in ("first", "second", "third")] == sorted(
        text.index(f"{word} part.") for word in ("first", "second", "third")
    )
    assert "no" not in text.split()
    assert len(CARD.carried(CARD.Config.model_validate({"path": str(folder), "length": 16})).sources) == 3


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"is empty"),
    "blank": (b" \n\n\t\n", r"is empty"),
    "too short": (b"a few words only", r"got 17 characters, of which the smallest part has 2; expected more than 16 in each"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, r"not a text file"),
    "damaged gzip": (gzip.compress(EXPECTED.encode())[:-20], r"cannot be decompressed"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_what_is_no_text_is_refused_in_a_line(content: bytes, words: str, tmp_path: Path) -> None:
    """With the file's name and what is wrong with it."""
    path = file_of(tmp_path, content)
    with pytest.raises(DataError, match=words) as refused:
        opened(path=path)
    assert str(refused.value).startswith(path)
    assert str(refused.value).isprintable()


def test_no_file_a_pipe_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    """None of them hangs."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    for name, words in (("missing.txt", "cannot be read"), ("pipe", "is a pipe"), ("empty", "no text file in this folder")):
        with pytest.raises(DataError, match=words):
            opened(path=str(tmp_path / name))


def test_parts_are_cut_by_position_and_share_no_character(tmp_path: Path) -> None:
    """The beginning trains, the end is the test, and windows of a part do not overlap."""
    letters = "".join(chr(0x4E00 + number) for number in range(1000))  # every character once
    dataset = opened(path=file_of(tmp_path, letters.encode()), min_frequency=1)
    parts = [dataset._part(name) for name in ("train", "validation", "test")]
    assert [len(part) for part in parts] == [801, 100, 100]  # with the end of the line
    train = dataset.train_batch(0, 0, dataset.num_train)
    assert len(np.unique(train.inputs)) == train.inputs.size
    assert int(train.inputs.max()) <= 801
    splits: tuple[Split, ...] = ("validation", "test")
    for split in splits:
        # what only held-out parts have is unknown to a vocabulary of the training part
        assert (dataset.held_out(split).inputs == 0).all()


def test_each_target_is_the_next_token() -> None:
    """Of words, bytes and characters alike."""
    for unit in ("character", "byte", "word"):
        dataset = opened(unit=unit)
        batch = dataset.train_batch(3, 2, 8)
        np.testing.assert_array_equal(batch.targets[:, :-1], batch.inputs[:, 1:])
        assert batch.inputs.shape == (8, 16)


def test_streams_go_on_from_batch_to_batch() -> None:
    """Behind the last target of a sample stands the first input of the next batch's; streams read the text from end to end."""
    dataset = opened(order="consecutive", length=50)
    size, steps = 4, 40
    batches = [dataset.train_batch(5, step, size) for step in range(steps)]
    train = dataset._part("train")
    for before, after in itertools.pairwise(batches):
        np.testing.assert_array_equal(before.targets[:, -1], after.inputs[:, 0])
    text = dataset.input_text(train) * 2
    for stream in range(size):
        assert "".join(dataset.input_text(batch.inputs[stream]) for batch in batches) in text
    starts = [dataset.input_text(batches[0].inputs[stream]) for stream in range(size)]
    assert len(set(starts)) == size
    assert starts[0] != dataset.input_text(dataset.train_batch(6, 0, size).inputs[0])


def test_baselines_are_those_of_a_count_by_hand(tmp_path: Path) -> None:
    """Laplace's unigram and Witten and Bell's bigram, in plain loops over the tokens."""
    dataset = opened(path=file_of(tmp_path, EXPECTED.encode()), min_frequency=1)
    train, test = (dataset._part(name).tolist() for name in ("train", "test"))
    size = len(dataset.task.inputs.symbols)  # type: ignore[union-attr]
    alone, pairs, before = Counter(train), Counter(itertools.pairwise(train)), Counter(train[:-1])
    follow = {token: len({b for a, b in pairs if a == token}) for token in before}

    def unigram(token: int) -> float:
        return (alone[token] + 1) / (len(train) + size)

    def bigram(first: int, second: int) -> float:
        if not before[first]:
            return unigram(second)
        return (pairs[first, second] + follow[first] * unigram(second)) / (before[first] + follow[first])

    told = {(baseline.metric, baseline.sentence.split()[-1]): baseline.value for baseline in dataset.task.baselines}
    nll = [-math.log(unigram(token)) for token in test[1:]]
    assert told["loss", "(unigrams)"] == pytest.approx(sum(nll) / len(nll))
    nll = [-math.log(bigram(a, b)) for a, b in itertools.pairwise(test)]
    assert told["loss", "(bigrams)"] == pytest.approx(sum(nll) / len(nll))
    assert told["bits_per_character", "(bigrams)"] == pytest.approx(sum(nll) / len(nll) / math.log(2))
    assert told["perplexity", "(bigrams)"] == pytest.approx(math.exp(sum(nll) / len(nll)))
    assert sum(bigram(train[0], token) for token in range(size)) == pytest.approx(1)
    written = dataset.input_text(dataset._part("test")).replace(LINE_END, "\n").encode()
    assert told["bits_per_character", "-9"] == pytest.approx(8 * len(gzip.compress(written, 9, mtime=0)) / len(written))


def test_characters_of_bytes_and_words_are_counted() -> None:
    """A letter of two bytes is one character; words come with the blank after them."""
    dataset = opened(unit="byte")
    tokens = dataset.task.inputs
    counts = tokens.num_characters[dataset.parse_input("déjà vu")]  # type: ignore[union-attr]
    assert counts.sum() == 7
    assert len(counts) == 9


def test_a_prompt_is_taken_apart_as_the_text_is() -> None:
    """Blanks at its ends count; a sign that training never saw is told and stands as one unknown token."""
    dataset = opened()
    assert dataset.input_text(dataset.parse_input(" Alice ")) == " Alice "
    assert dataset.unknown_words("Alice \u00a7") == ("\u00a7",)
    assert dataset.input_text(dataset.parse_input("a\u00a7")) == "a<unk>"
    assert dataset.input_text(dataset.parse_input("one\ntwo")) == f"one{LINE_END}two"
    with pytest.raises(DataError, match="got nothing"):
        dataset.parse_input("")


def test_prompts_come_from_the_split_with_what_follows() -> None:
    """The same at each evaluation; a prompt of the user's has nothing behind it."""
    dataset = opened(num_written=30)
    text = dataset.input_text(dataset._part("validation"))
    for prompt, follows in dataset.prompts("validation"):
        assert dataset.input_text(prompt) + dataset.input_text(follows) in text
        assert len(follows) == 30
    ((prompt, follows),) = opened(prompt="The Queen").prompts("test")
    assert (dataset.input_text(prompt), len(follows)) == ("The Queen", 0)


def test_what_follows_a_window_is_its_truth() -> None:
    """Samples of the test set are asked about what comes after them."""
    dataset = opened(num_written=10)
    text = dataset.input_text(dataset._part("test"))
    inputs = dataset.held_out("test").inputs
    for index in (0, 5, len(inputs) - 2):
        assert dataset.input_text(inputs[index]) + dataset.input_text(dataset.truth("test", index)) in text


def test_a_model_answers_without_its_text_and_refuses_a_changed_one(tmp_path: Path) -> None:
    """The vocabulary is carried; batches come from the very file, or from a changed one where that is accepted."""
    path = Path(file_of(tmp_path, EXPECTED.encode()))
    config = CARD.Config.model_validate({"path": str(path), "length": 16})
    carried: Carried = CARD.carried(config)
    path.write_text("Quite another text, with other letters! XYZ\n" * 60)
    changed = CARD.open_carried(config, carried)
    with pytest.raises(ChangedDataError):
        changed.train_batch(0, 0, 2)
    accepted = CARD.open_carried(config, carried, accept_changed=True)
    assert accepted.task == carried.task
    assert accepted.train_batch(0, 0, 2).inputs.shape == (2, 16)
    path.unlink()
    gone = CARD.open_carried(config, carried)
    assert gone.input_text(gone.parse_input("the cat")) == "the cat"
    with pytest.raises(DataError, match="the data that the model was trained on are not here"):
        gone.held_out("test")
