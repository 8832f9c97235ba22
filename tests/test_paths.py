"""The one guard of paths: what no file system takes is told with its cause."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import DataError, UsageError
from workbench.paths import checked_path, missing_hint, path_problem


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a\0b", "without the NUL sign"),
        ("x" * 300, "names of at most 255 bytes, and one has 300"),
        ("ü" * 200 + "/y", "one has 400"),
        ("/".join(["abcdefgh"] * 600), "at most 4095 bytes"),
        ("\udcff/x", "UTF-8 text"),
        ("~nobody-of-that-name/x", "home folder is known"),
        ("", "expected a path"),
        ("  ", "expected a path"),
        (b"bytes", "a path as text"),
        (None, "a path as text"),
        (3, "a path as text"),
    ],
)
def test_what_no_file_system_takes_is_told_with_its_cause(text: object, cause: str) -> None:
    """One line, printable, that names what is wrong."""
    with pytest.raises(DataError) as caught:
        checked_path(text, "--out", DataError)
    line = str(caught.value)
    assert line.startswith("--out: got ")
    assert cause in line
    assert line.isprintable()
    assert len(line) < 400


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves `--out=~/x` as it is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert checked_path("~/x", "--out") == tmp_path / "x"


def test_blanks_at_the_end_are_seen(tmp_path: Path) -> None:
    """A path that was copied with a blank is answered with the one without it."""
    (tmp_path / "a.toml").touch()
    assert "without blanks" in missing_hint(Path(f"{tmp_path}/a.toml "))
    assert missing_hint(tmp_path / "b.toml ") == ""


@given(st.one_of(st.text(), st.binary(), st.text(alphabet="ab/~.\0\udc80 ", max_size=12)))
def test_whatever_passes_can_be_asked_for(text: object) -> None:
    """The guard raises nothing but its own error, and a path that it lets through may be asked of the file system."""
    try:
        path = checked_path(text, "x")
    except UsageError:
        assert path_problem(text)
    else:
        os.path.lexists(path)
        path.is_file()
