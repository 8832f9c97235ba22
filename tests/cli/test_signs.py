"""Control signs never reach a terminal raw, whichever way a text takes."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest
from rich.markdown import Markdown
from rich.text import Text

from tests.cli.commands import Command
from workbench.cli.output import console, message, print_json, table
from workbench.cli.signs import make_safe
from workbench.runs.folder import RunFolder
from workbench.runs.listing import note_run, write_meta
from workbench.saying import clean

BAD = "a\x1b[31mred\x1b]0;t\x07 \x9b1m \x7f \u202eevil \r\x00"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def test_every_exit_cleans(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain writes to both streams, messages, tables, Rich's texts and Markdown; JSON stays the same text."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))  # put back afterwards
    make_safe()
    sys.stdout.write(BAD)
    sys.stderr.write(BAD)
    message(BAD)
    for item in (BAD, Text(BAD), Markdown(BAD), table(("x",), [(BAD,), (Text(BAD),)])):
        console().print(item, markup=False)
    captured = capsys.readouterr()
    assert not RAW.search(captured.out + captured.err)
    assert "\\x1b[31mred" in captured.out
    print_json({"note": BAD})
    out = capsys.readouterr().out
    assert not RAW.search(out)
    assert json.loads(out)["note"] == BAD


def test_styles_of_our_own_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich's colours are written as they are through a cleaned stream."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", terminal)
    make_safe()
    console().print(Text(BAD, style="red"))
    assert "\x1b[31m" in terminal.getvalue()
    assert "\x1b]0" not in terminal.getvalue()


def test_cleaning_keeps_writing_as_it_is() -> None:
    """Line ends, tabs, joiners and letters of every language stay; a byte that is no text stands as a byte."""
    assert clean("a\tb\n می\u200cروم 😀") == "a\tb\n می\u200cروم 😀"
    assert clean("\udcff\x1b") == "\\xff\\x1b"


def test_names_notes_and_titles_of_a_run_are_cleaned(finished: RunFolder, command: Command) -> None:
    """The listing and the page of a run show them, harmless."""
    note_run(finished, BAD)
    write_meta(finished, "name", BAD)
    for words in (("runs",), ("show", "latest")):
        answer = command(*words)
        assert answer.code == 0
        assert not RAW.search(answer.out)
