"""Text files as people have them: packed, in other encodings, with other line ends, or no text at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from workbench.datasets._pairs import PairsDataset
from workbench.datasets.sentence_pairs import SentencePairs
from workbench.errors import DataError

ROWS = [f"the {noun} {verb}\tle {nom} été {verbe}" for noun, nom in (("cat", "chat"), ("dog", "chien"), ("boy", "garçon"))
        for verb, verbe in (("runs", "court"), ("sleeps", "dort"), ("sings", "chante"), ("eats", "mange"))]  # fmt: skip
TEXT = "\n".join(ROWS) + "\n"


def open_pairs(path: Path, **values: Any) -> PairsDataset:
    return SentencePairs.open(SentencePairs.Config.model_validate({"path": str(path), "min_frequency": 1, **values}))


def everything(dataset: PairsDataset) -> list[tuple[str, str]]:
    batches = [dataset.train_batch(0, 0, dataset.num_train), dataset.held_out("validation"), dataset.held_out("test")]
    return sorted((sample.input_text, sample.target_text) for batch in batches for sample in dataset.samples(batch))


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") if "MACOSX" in name else name.replace("_DOT_", "."), text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\r\n", 5).encode("utf-8-sig"),
        gzip.compress(TEXT.encode()),
        bz2.compress(TEXT.encode()),
        lzma.compress(TEXT.encode()),
        zipped(fra_DOT_txt=TEXT, _about_DOT_txt="nothing"),
        ("source\ttarget\n" + TEXT).encode(),
    ],
    ids=["utf16", "utf16le", "utf16be", "utf32", "cr", "mixed", "gz", "bz2", "xz", "zip", "header"],
)
def test_the_same_pairs_however_they_are_stored(tmp_path: Path, content: bytes) -> None:
    """What a file is shows in its content; its name says nothing."""
    plain, other = tmp_path / "plain.tsv", tmp_path / "other.tsv"
    plain.write_text(TEXT, encoding="utf-8")
    other.write_bytes(content)
    assert everything(open_pairs(other)) == everything(open_pairs(plain))
    assert not open_pairs(other).notices


def test_an_encoding_is_named(tmp_path: Path) -> None:
    """A file in another encoding says so and how to name it; named, it is read."""
    path = tmp_path / "latin.tsv"
    path.write_bytes(TEXT.encode("cp1252"))
    with pytest.raises(DataError, match=r"not UTF-8, line 1 has the byte 0xe9.*data\.encoding") as told:
        open_pairs(path)
    assert "\n" not in str(told.value)
    assert any("garçon" in target for _, target in everything(open_pairs(path, encoding="cp1252")))
    with pytest.raises(DataError, match="expected the name of an encoding"):
        open_pairs(path, encoding="klingon")
    with pytest.raises(DataError, match="not ascii"):
        open_pairs(path, encoding="ascii")


def test_separators_of_other_worlds_end_no_line(tmp_path: Path) -> None:
    """U+2028 and NEL stand inside a sentence; a NUL spoils its own line alone."""
    path = tmp_path / "odd.tsv"
    path.write_text(TEXT + "one\u2028two\x85three\tun deux\nfo\0ur\tquatre\n", encoding="utf-8")
    dataset = open_pairs(path)
    assert any(source in ("one two three", "<unk> <unk> <unk>") for source, _ in everything(dataset))
    assert dataset.notices[0] == "odd.tsv: line 14: contains NUL bytes; skipped"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n \n\0\n", "is empty"),
        (bytes(range(256)) * 20, "not a text file"),
        (gzip.compress(TEXT.encode())[:40], "cannot be decompressed"),
        (b"PK\x03\x04 damaged", "cannot be decompressed"),
        (zipped(a="x", b="y"), "archive of 2 files"),
        (b"one column\nof text\n", "no line has a tab"),
        (b"".join(b"a,b %d,c\n" % i for i in range(9)), "separated by commas"),
    ],
    ids=[
        "nothing",
        "blanks",
        "binary",
        "cut gzip",
        "damaged zip",
        "two in a zip",
        "one column",
        "commas",
    ],  # packed bytes hold the time
)
def test_what_is_no_table_of_text_says_so(tmp_path: Path, content: bytes, reason: str) -> None:
    """One line with the true cause."""
    path = tmp_path / "file.tsv"
    path.write_bytes(content)
    with pytest.raises(DataError) as told:
        open_pairs(path)
    assert reason in str(told.value)
    assert "\n" not in str(told.value)


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    """Neither is waited for."""
    with pytest.raises(DataError, match="is a folder"):
        open_pairs(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(DataError, match="is a pipe"):
            open_pairs(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("layout", "settings"),
    [
        ("{n}\teng\t{s}\t{m}\tfra\t{t}", "data.source_column to 3 and data.target_column to 6"),
        ("{n}\t{s}\t{m}\t{t}", "data.source_column to 2 and data.target_column to 4"),
        ("{n}\teng\t{s}", "use a file of sentence pairs"),
    ],
)
def test_columns_that_hold_no_sentences_are_named(tmp_path: Path, layout: str, settings: str) -> None:
    """Numbers and language codes of a collection are no sentences: the message names the columns that are."""
    path = tmp_path / "tatoeba.tsv"
    rows = [row.split("\t") for row in ROWS]
    path.write_text("\n".join(layout.format(n=1276 + i, m=5800 + i, s=s, t=t) for i, (s, t) in enumerate(rows)), encoding="utf-8")
    with pytest.raises(DataError) as told:
        open_pairs(path)
    assert "contains numbers such as 1276" in str(told.value)
    assert settings in str(told.value)
    if "source_column to" in settings:
        columns = [int(word) for word in settings.split() if word.isdigit()]
        dataset = open_pairs(path, source_column=columns[0], target_column=columns[1])
        assert dataset.num_train + len(dataset.held_out("validation")) + len(dataset.held_out("test")) == len(ROWS)


def test_units_without_spaces(tmp_path: Path) -> None:
    """Chinese goes by character and is shown without spaces; as characters or bytes, sentences come back as they were."""
    path = tmp_path / "zh.tsv"
    rows = [
        f"{a} {b} .\t{x}{y}。"
        for a, x in (("i", "我"), ("he", "他"), ("we", "我们"))
        for b, y in (("eat", "吃"), ("sing", "唱歌"))
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    words = dict(everything(open_pairs(path)))
    assert words["we sing ."] == "我们唱歌。"
    for unit in ("character", "byte"):
        dataset = open_pairs(path, unit=unit, max_length=60)
        assert dict(everything(dataset))["he eat ."] == "他吃。"
        assert dataset.input_text(dataset.parse_input("he  eat .")) == "he eat ."
