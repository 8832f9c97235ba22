"""Every argument and option of every command, given what nobody means: one line, and nothing that a terminal would act on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Command
from workbench.cli.app import command_line
from workbench.cli.commands import command_names
from workbench.runs.folder import RunFolder
from workbench.training import launch, notifying

ODD = ("\x1b[31m\x9b\n", "a\0b", "\udcff\udc9b", "x" * 5000, "[/x]")
USUAL = {
    "run": "RUN",
    "runs": "RUN",
    "preset": "adding_gru",
    "new": "new",
    "text": "a note",
    "changes": "+x",
    "format_name": "csv",
    "name": "gru",
}
"""What else a command needs, by the names of its parameters."""


def _parameters() -> Iterator[tuple[str, str]]:
    group: Any = command_line()
    for name, command in sorted(group.commands.items()):
        for parameter in command.params:
            if not getattr(parameter, "is_flag", False) and (name, parameter.name) != ("doctor", "runs_dir"):  # it imports torch
                yield name, parameter.name


def _words(command: Any, name: str, odd: str, run: str) -> list[str]:
    """The command with an odd value for one parameter, and what it needs besides."""
    words: list[str] = []
    for parameter in command.params:
        value = odd if parameter.name == name else USUAL.get(parameter.name, "x").replace("RUN", run)
        if parameter.param_type_name == "argument":
            if parameter.name == name or parameter.required:
                words.append(value)
        elif parameter.name == name:
            words += [parameter.opts[0], value]
    return words


def test_every_command_is_among_them() -> None:
    """Those without anything to give are few."""
    assert {name for name, _ in _parameters()} >= set(command_names()) - {"doctor", "lessons"}


@pytest.mark.parametrize("place", list(_parameters()), ids=" ".join)
def test_an_odd_value_is_answered_in_harmless_words(
    place: tuple[str, str], command: Command, finished: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exit code of ours, no traceback, no control sign on either stream."""
    name, parameter = place
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launch, "start", lambda folder: 0)
    monkeypatch.setattr(notifying, "start_notifier", lambda folder, command, after: None)
    group: Any = command_line()
    for odd in ODD:
        words = [name, *_words(group.commands[name], parameter, odd, finished.id)]
        if name in ("run", "resume"):
            words.insert(1, "--detach")
        if name == "verify" and parameter != "presets":
            words.append("no-such-preset")  # else it would train
        answer = command(*words)
        assert answer.code in (0, 1, 2), (words, answer)
        told = answer.out + answer.err
        assert all(line.replace("\t", " ").isprintable() for line in told.split("\n")), (words, told)
        assert answer.code == 0 or 0 < len(answer.err) < 2500, (words, answer)
