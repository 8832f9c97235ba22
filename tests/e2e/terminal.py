"""A terminal for tests: the real command in a pseudo-terminal, its screen kept by a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping
from pathlib import Path

import pyte

from tests.waiting import wait_until

KEYS = {
    "enter": b"\r",
    "escape": b"\x1b",
    "down": b"\x1b[B",
    "tab": b"\t",
    "ctrl+s": b"\x13",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
}


class _Screen(pyte.Screen):
    """A screen that counts how often the bell was rung."""

    bells = 0

    def bell(self, *_: object) -> None:
        """The bell."""
        self.bells += 1


class Terminal:
    """The command `workbench WORDS` in a terminal of its own.

    Attributes:
        screen: what stands on it, with its title.
        sent: every byte that the command wrote.
    """

    def __init__(self, words: list[str], folder: Path, *, columns: int = 120, lines: int = 40, **environment: str) -> None:
        self.screen, self.sent = _Screen(columns, lines), bytearray()
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self.main, side = pty.openpty()
        self._set_size(columns, lines)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workbench", *words],
            stdin=side,
            stdout=side,
            stderr=side,
            env=_environment(folder, environment),
            start_new_session=True,
        )
        os.close(side)
        threading.Thread(target=self._read, daemon=True).start()

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, as dragging its corner does."""
        self._set_size(columns, lines)
        with self._lock:
            self.screen.resize(lines, columns)
        os.kill(self.process.pid, signal.SIGWINCH)  # no controlling terminal here that would send it

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, *keys: str) -> None:
        """Press keys by name; anything that is no name is typed."""
        for key in keys:
            os.write(self.main, KEYS.get(key, key.encode()))

    @property
    def text(self) -> str:
        """What stands on the screen."""
        with self._lock:
            return "\n".join(self.screen.display)

    def shows(self, *words: str) -> None:
        """Wait until all the words stand on the screen."""
        try:
            wait_until(lambda: all(word in self.text for word in words), f"{words} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text}") from None

    def type(self, text: str, shown: str) -> None:
        """Type into a field and wait until the text stands in it; once more where the field did not have the focus yet."""
        for _ in range(20):
            self.press(text)
            try:
                wait_until(lambda: shown in self.text, shown, timeout_s=5)
            except AssertionError:
                continue
            return
        raise AssertionError(f"typed {text!r} in vain\n{self.text}")

    def ended(self) -> int:
        """Wait until the command has ended; its exit code."""
        wait_until(lambda: self.process.poll() is not None, "the command to end")
        return int(self.process.returncode)

    def close(self) -> None:
        """End the command if it is still there, as closing the window does."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        os.close(self.main)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.main, 65536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self.sent += data
                self._stream.feed(data)


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """An environment without this machine's settings: runs and settings below the test's folder."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "PYTHONPATH") if key in os.environ}
    return kept | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "WORKBENCH_RUNS": str(folder / "runs"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        **more,
    }
