"""Copying with what a machine has: tools on PATH, the terminal, or a file; and only what is known is said."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from workbench.errors import StoreError
from workbench.tui.base.clipboard import MOST_BYTES, Copied, copy, osc52, tool

TEXT = "loss ⣀⡠⠤ 0.5\nzweite Zeile\n"
SENT = "Sent to the terminal (OSC 52); not every terminal takes it."


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")


class Machine:
    """A folder of programs that keep their words and what they are given, and the environment that names it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.variables = folder, dict[str, str]()
        (folder / "bin").mkdir()

    def has(self, name: str, ending: str = "exit 0") -> None:
        program = self.folder / "bin" / name
        program.write_text(f'#!/bin/sh\necho "$@" > "{self.folder}/{name}.words"\ncat > "{self.folder}/{name}.read"\n{ending}\n')
        program.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.folder / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", **self.variables}

    def copy(self, text: str = TEXT, *, has_terminal: bool = True) -> Copied:
        return copy(text, self.environment, self.folder, has_terminal=has_terminal)

    def read(self, name: str) -> bytes:
        return (self.folder / f"{name}.read").read_bytes()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("name", "words", "variable"),
    [
        ("wl-copy", "", "WAYLAND_DISPLAY"),
        ("xclip", "-selection clipboard -in", "DISPLAY"),
        ("xsel", "--clipboard --input", "DISPLAY"),
        ("pbcopy", "", ""),
        ("termux-clipboard-set", "", ""),
    ],
)
def test_a_tool_that_is_there_takes_the_text(machine: Machine, name: str, words: str, variable: str) -> None:
    """With its words, on stdin, and it is named; without its display it is not asked, but the terminal."""
    machine.has(name)
    if variable:
        assert machine.copy().words == SENT
        machine.variables[variable] = "wayland-0"
    assert machine.copy() == Copied(f"Copied with {name}.")
    assert machine.read(name).decode() == TEXT
    assert (machine.folder / f"{name}.words").read_text().strip() == words


def test_windows_reads_utf_16(machine: Machine) -> None:
    """clip.exe, from WSL."""
    machine.has("clip.exe")
    assert machine.copy().words == "Copied with clip.exe."
    assert machine.read("clip.exe").decode("utf-16-le") == TEXT


def test_the_display_says_which_of_several(machine: Machine) -> None:
    """Under Wayland its own tool, under X the first of the two."""
    for name in ("wl-copy", "xclip", "xsel"):
        machine.has(name)
    machine.variables["DISPLAY"] = ":0"
    assert machine.copy().words == "Copied with xclip."
    machine.variables["WAYLAND_DISPLAY"] = "wayland-0"
    assert machine.copy().words == "Copied with wl-copy."


def test_over_ssh_the_other_machine_s_clipboard_is_no_use(machine: Machine) -> None:
    """A tool that writes to the machine it runs on is not asked; one with a display of the person's is."""
    machine.has("pbcopy")
    machine.variables["SSH_CONNECTION"] = "1.2.3.4 5 6.7.8.9 22"
    assert machine.copy().words == SENT
    machine.has("xclip")
    machine.variables["DISPLAY"] = "localhost:10.0"
    assert machine.copy().words == "Copied with xclip."


@pytest.mark.parametrize("ending", ["exit 1", "kill -9 $$"])
def test_a_tool_that_fails_is_not_believed(machine: Machine, ending: str) -> None:
    """The next way is taken, and it alone is named."""
    machine.has("xclip", ending)
    machine.variables["DISPLAY"] = ":0"
    copied = machine.copy()
    assert copied.words == SENT
    assert copied.order.startswith("\x1b]52;c;")


def test_a_tool_that_stays_behind_is_not_waited_for(machine: Machine) -> None:
    """As xclip does, to hold what it was given, with the streams that it began with."""
    machine.has("xclip", 'sleep 30 & echo $! > "$0.pid"\nexit 0')
    machine.variables["DISPLAY"] = ":0"
    assert machine.copy().words == "Copied with xclip."
    os.kill(int((machine.folder / "bin" / "xclip.pid").read_text()), 15)


def test_the_order_to_the_terminal_is_base64() -> None:
    """OSC 52, the clipboard selection, the text in UTF-8; nothing else of the text reaches the terminal."""
    order = osc52(TEXT + "\x1b[2J\udcff", {})
    assert order.startswith("\x1b]52;c;")
    assert order.endswith("\x07")
    body = order.removeprefix("\x1b]52;c;").removesuffix("\x07")
    assert base64.b64decode(body, validate=True).decode() == TEXT + "\x1b[2J?"
    assert body.isascii()
    assert body.isprintable()


def test_tmux_passes_the_order_through() -> None:
    """In a DCS of its own, each escape doubled; what is in it is the order without tmux."""
    order = osc52(TEXT, {"TMUX": "tmux-0/default,1,0"})
    assert order.startswith("\x1bPtmux;\x1b\x1b]52;c;")
    assert order.endswith("\x07\x1b\\")
    assert order.removeprefix("\x1bPtmux;").removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b") == osc52(TEXT, {})


def test_what_is_too_long_or_has_no_terminal_goes_into_a_file(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 100,000 bytes in all go to a terminal; the file has the text as it is, and its path is said."""
    longest = "ä" * (MOST_BYTES // 2)
    assert len(machine.copy(longest).order) <= 100_000
    path = machine.folder / "copied.txt"
    assert machine.copy(longest + "a") == Copied(f"Written to {path}.")
    assert path.read_text(encoding="utf-8") == longest + "a"
    assert machine.copy(has_terminal=False) == Copied(f"Written to {path}.")
    assert path.read_text(encoding="utf-8") == TEXT
    monkeypatch.setenv("TERM", "linux")
    assert machine.copy().order == ""


def test_without_any_way_that_is_said(machine: Machine) -> None:
    """One line with what to do."""
    (machine.folder / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        copy(TEXT, machine.environment, machine.folder / "file", has_terminal=False)


def test_no_tool_is_found_where_there_is_none(machine: Machine) -> None:
    """Nor without a PATH."""
    assert tool(machine.environment | {"DISPLAY": ":0", "PATH": str(machine.folder)}) is None
