"""What a command says of how far it is: a line that goes again on a terminal, lines of steps without one, else nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pyte
import pytest

from workbench.cli.working import rest_words

PROGRAM = """
import sys, time
from workbench.cli.working import {kind}
with {kind}({what!r}) as told:
    for done in range({first}, {last} + 1):
        told(done, 20)
        time.sleep(0.1)
sys.stdout.write("done\\n")
"""


def on_terminal(program: str) -> tuple[str, list[str]]:
    """Everything that a program wrote to a terminal, and what stands there in the end."""
    main, side = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"}
    process = subprocess.Popen([sys.executable, "-c", program], stdout=side, stderr=side, stdin=side, env=environment)
    os.close(side)
    written = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:
            break
        if not data:
            break
        written += data
    os.close(main)
    assert process.wait() == 0
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(written)
    return written.decode(), [line.rstrip() for line in screen.display if line.strip()]


def test_a_terminal_is_told_what_is_left_and_keeps_nothing_of_it() -> None:
    """After a second, with what the rest takes at the pace so far: from 10 of 20 on, ten in a second."""
    written, left = on_terminal(PROGRAM.format(kind="Working", what="reading [b]it[/b]", first=10, last=20))
    assert "reading [b]it[/b]  20 of 20, 100 %" in written or "reading [b]it[/b]  19 of 20, 95 %, ETA 1 s" in written
    assert "reading [b]it[/b]  11 of 20" not in written  # before the second is over
    assert left == ["done"]


def test_what_takes_less_than_a_second_says_nothing() -> None:
    """Neither a line nor an order to the terminal."""
    written, _ = on_terminal(PROGRAM.format(kind="Working", what="reading", first=1, last=2))
    assert written.split() == ["done"]


@pytest.mark.parametrize(("kind", "lines"), [("Working", 0), ("StepsTold", 1)])
def test_without_a_terminal_only_steps_are_told(kind: str, lines: int) -> None:
    """On stderr, one a second: `replay` in the interface reads them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(kind=kind, what=": the same so far", first=1, last=14)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = done.stderr.splitlines()
    assert len(told) == lines
    for line in told:
        assert line.startswith("step 1")
        assert line.endswith("ETA 1 s: the same so far")


def test_the_rest_is_told_once_the_pace_is_known() -> None:
    """Shares without a time at the beginning and the end."""
    assert rest_words(0, 40, 0) == "0 %"
    assert rest_words(10, 40, 0.5) == "25 %, ETA 60 s"
    assert rest_words(40, 40, 0.5) == "100 %"
