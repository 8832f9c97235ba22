"""The editor of a person's choice."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from workbench.editor import edit_file
from workbench.errors import UsageError


@pytest.fixture(autouse=True)
def none_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tests are started with, no editor is set."""
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)


def script(tmp_path: Path, body: str) -> str:
    """An editor with a blank in its path, as a command."""
    file = tmp_path / "an editor.py"
    file.write_text(f"import os, signal, sys\nfrom pathlib import Path\npath = Path(sys.argv[-1])\n{body}\n")
    return f"{sys.executable} '{file}' --wait"


def test_visual_comes_before_editor_and_may_have_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is what the editor left of it."""
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", script(tmp_path, "path.write_text(' '.join(sys.argv[1:-1]))"))
    path = tmp_path / "a b.toml"
    edit_file(path)
    assert path.read_text() == "--wait"


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("", "no editor is set; expected its command in VISUAL or EDITOR."),
        (
            "no-such-program -x",
            "EDITOR: got 'no-such-program -x'; expected a program that can be run: No such file",
        ),
        ("'open", 'EDITOR: got "\'open"; expected a command: No closing quotation.'),
        ("false", "EDITOR: 'false' ended with exit code 1; expected 0."),
    ],
)
def test_what_is_no_editor_is_told_in_a_line(editor: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where, what was got, what to do."""
    monkeypatch.setenv("EDITOR", editor)
    with pytest.raises(UsageError) as raised:
        edit_file(tmp_path / "text.toml")
    assert str(raised.value).startswith(told)


def test_an_interrupt_is_the_editors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C reaches both; who waits for the editor goes on, and the editor may end by it."""
    body = f"os.kill({os.getpid()}, signal.SIGINT)\nassert signal.getsignal(signal.SIGINT) != signal.SIG_IGN\npath.touch()"
    monkeypatch.setenv("EDITOR", script(tmp_path, body))
    edit_file(tmp_path / "text.toml")
    assert (tmp_path / "text.toml").exists()
