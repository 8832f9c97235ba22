"""Reading TOML files: every way in which one is none is a line, and lines are counted as TOML counts them."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ExperimentError
from workbench.experiment.toml_text import line_numbers, read_toml


def refused(path: Path) -> str:
    """The one line that a file is refused with."""
    with pytest.raises(ExperimentError) as caught:
        read_toml(path, "file.toml")
    line = str(caught.value)
    assert line.isprintable()
    return line


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("a = 1".encode("utf-16"), "it is UTF-16, not UTF-8 text"),
        (b"\x1f\x8b\x08", "it is a gzip archive"),
        (b"a = 1\nb = '\xe4'", "file.toml:2: cannot be read: not UTF-8 text"),
        (b"a = 1\x00", "not valid TOML"),
        (b"a = " + b"[" * 5000, "too deep"),
        (b"a = " + b"{a=" * 5000, "too deep"),
        (b"a = " + b"9" * 5000, "Write a shorter number"),
        (b"a = 1979-13-45", "not valid TOML"),
        (b"# " + b"x" * 1_000_001, "got 1,000,003 bytes"),
    ],
)
def test_what_is_no_experiment_file_is_one_line(content: bytes, cause: str, tmp_path: Path) -> None:
    """The true cause is named."""
    path = tmp_path / "file.toml"
    path.write_bytes(content)
    assert cause in refused(path)


def test_folders_and_pipes_are_not_opened(tmp_path: Path) -> None:
    """Opening a pipe would wait for ever."""
    assert "it is a folder" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "it is a pipe" in refused(tmp_path / "pipe")


def test_a_blank_at_the_end_of_a_path_is_seen(tmp_path: Path) -> None:
    """The file without it is offered."""
    (tmp_path / "a.toml").touch()
    assert "without blanks" in refused(tmp_path / "a.toml ")


@pytest.mark.parametrize("path", ["x" * 300 + ".toml", "a\0b.toml", "\udcff.toml"])
def test_a_path_that_is_none_is_told_so(path: str) -> None:
    """The guard of paths comes first."""
    assert "got '" in refused(Path(path))


def test_a_mark_at_the_beginning_is_not_text(tmp_path: Path) -> None:
    """Editors of Windows write one, and their own ends of lines."""
    path = tmp_path / "file.toml"
    path.write_bytes(b"\xef\xbb\xbf[model]\r\nname = 'x'\r\n")
    assert read_toml(path, "") == ({"model": {"name": "x"}}, {("model", ""): 1, ("model", "name"): 2})


TEXT = '''# comment
title = "x\u2028y\u0085z" # only a line feed ends a line
model = {name = "lstm", hidden_size = 3}
about = """
[x]
a = 1 \\"""
"""
training.steps = 5
training . "batch_size" = [1,
 2, {a = 3}]   # over two lines
[ data ]
"name" = 'adding]'
length = 1979-05-27 07:32:00
[[claim.also]]
metric = "s"
[[claim.also]]
metric = """"t""""
operator = 1
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title", ""), 2),
        (("model", "hidden_size"), 3),
        (("about", ""), 4),
        (("training", "steps"), 8),
        (("training", "batch_size"), 9),
        (("training", "batch_size.2.a"), 10),
        (("data", ""), 11),
        (("data", "name"), 12),
        (("data", "length"), 13),
        (("claim", "also.0.metric"), 15),
        (("claim", "also.1.operator"), 18),
    ],
)
def test_lines_follow_the_grammar(key: tuple[str, str], line: int) -> None:
    """Inline tables, dotted and quoted keys, text and lists over several lines, and signs that end a line elsewhere."""
    tomllib.loads(TEXT)
    assert line_numbers(TEXT)[key] == line


KEYS = st.text("abc", min_size=1, max_size=3) | st.text(max_size=4)
VALUES = st.recursive(
    st.text(max_size=6) | st.integers(0, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_every_key_that_is_written_has_its_line(values: dict[str, dict[str, object]]) -> None:
    """What a TOML writer makes of any tables, read back: each key's line is the one where it was written."""
    import tomlkit

    text = tomlkit.dumps(values)
    lines = line_numbers(text)
    for table, section in tomllib.loads(text).items():
        for key in section:
            if "." not in key:
                assert 1 <= lines[table, key] <= text.count("\n") + 1


@given(st.text("[]{}=.,\"'\n\\ab#1 ", max_size=40))
def test_text_that_is_no_toml_has_the_lines_that_can_be_followed(text: str) -> None:
    """Nothing is raised, and every line exists."""
    assert all(1 <= line <= text.count("\n") + 1 for line in line_numbers(text).values())
