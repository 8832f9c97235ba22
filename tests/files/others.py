"""Texts, sentence pairs and archives of series as people have them: what a path that is dropped is taken for."""

from __future__ import annotations

import gzip
from pathlib import Path

__all__ = ["OTHERS"]

PROSE = "It was the best of times, it was the worst of times, it was the age of wisdom.\n" * 40
PAIRS = "".join(f"I have {i} cats .\tJ'ai {i} chats .\n" for i in range(40))
TS = "@problemName x\n@timeStamps false\n@univariate true\n@classLabel true a b\n@data\n" + "1,2,3,4:a\n4,3,2,1:b\n" * 12


def nested(path: Path) -> None:
    """A folder of texts in folders, with what systems leave there."""
    (path / "chapters").mkdir(parents=True)
    (path / "chapters" / "one.txt").write_text(PROSE, encoding="utf-8")
    (path / "two.txt").write_text(PROSE, encoding="utf-8")
    (path / ".DS_Store").write_bytes(b"\0\1")


OTHERS: list[tuple[str, object, str]] = [
    ("prose.txt", PROSE.encode(), "text"),
    ("prose_bom.txt", b"\xef\xbb\xbf" + PROSE.encode(), "text"),
    ("prose_cr.txt", PROSE.replace("\n", "\r").encode(), "text"),
    ("prose_utf16.txt", PROSE.encode("utf-16"), "text"),
    ("prose.txt.gz", gzip.compress(PROSE.encode()), "text"),
    ("hebrew.txt", ("\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd\n" * 60).encode(), "text"),
    ("one_line.txt", PROSE.replace("\n", " ").encode(), "text"),
    ("folder", nested, "text"),
    ("pairs.tsv", PAIRS.encode(), "sentence_pairs"),
    ("pairs_crlf.tsv", PAIRS.replace("\n", "\r\n").encode("utf-8-sig"), "sentence_pairs"),
    ("pairs.txt", PAIRS.encode("utf-16"), "sentence_pairs"),
    ("series_TRAIN.ts", TS.encode(), "series"),
    ("series.ts.gz", gzip.compress(TS.encode()), "series"),
]
"""Name, content or what makes it, and the card that should take it."""
