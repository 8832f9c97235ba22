"""What differs between operating systems."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench import cli, system


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that lacks what Windows lacks, as far as this module asks."""
    monkeypatch.setattr(system, "is_windows", lambda: True)
    monkeypatch.setattr(system, "_BUSY_S", (0.0, 0.0))
    monkeypatch.delattr(signal, "SIGHUP", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x8000000, raising=False)


@pytest.mark.usefixtures("windows")
def test_a_signal_that_is_not_there_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are there are ignored all the same."""
    ignored: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda number, _action: ignored.append(number))
    system.ignore_signals("SIGHUP", "SIGINT")
    assert ignored == [signal.SIGINT]


@pytest.mark.parametrize(
    ("name", "words"),
    [("linux", ""), ("darwin", ""), ("win32", "Windows: expected to work, not tested"), ("aix", "nobody has tried")],
)
def test_who_starts_it_elsewhere_is_told(name: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line where a system is not tested, which names WSL; nothing where it is at home."""
    monkeypatch.setattr(sys, "platform", name)
    notice = system.notice()
    assert words in notice
    assert ("use WSL" in notice or "WSL under Windows" in notice) is bool(words)
    assert bool(notice) is bool(words)
    assert "\n" not in notice


@pytest.mark.parametrize("terminal", [True, False])
def test_the_command_says_it_first(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - a parameter
    """To a person, not to a program, and it goes on all the same."""
    said: list[str] = []
    monkeypatch.setattr(system, "notice", lambda: "workbench: Windows: not tested.")
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: terminal, write=said.append, flush=lambda: None))
    cli._say_system()
    assert said == (["workbench: Windows: not tested.\n"] if terminal else [])


@pytest.mark.usefixtures("windows")
def test_a_detached_process_has_no_console_where_there_are_no_sessions() -> None:
    """And no argument that only other systems know."""
    assert system.detached() == {"creationflags": 0x8000200}


def test_a_detached_process_has_a_session_of_its_own() -> None:
    """So that a closed terminal does not end it."""
    assert system.detached() == {"start_new_session": True}


@pytest.mark.usefixtures("windows")
def test_cores_are_counted_without_affinity() -> None:
    """Then all of the machine's count."""
    assert system.cores() == os.cpu_count()


@pytest.mark.usefixtures("windows")
def test_a_folder_that_cannot_be_opened_is_not_synced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file is, opened for writing, as Windows wants it."""
    (tmp_path / "file").write_text("x")
    opened: list[int] = []
    real = os.open

    def opens(path: Path, flags: int) -> int:
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        opened.append(flags & os.O_RDWR)
        return real(path, flags)

    monkeypatch.setattr(os, "open", opens)
    system.sync_folder(tmp_path)
    system.sync_file(tmp_path / "file")
    assert opened == [os.O_RDWR]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_without_syncing_of_folders_is_no_error(
    number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Network and FAT file systems answer so, under any operating system."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        system.sync_folder(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        system.sync_folder(tmp_path)


def test_a_disk_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was not kept must not count as kept."""

    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        system.sync_folder(tmp_path)


@pytest.mark.usefixtures("windows")
def test_a_file_that_is_being_read_is_replaced_a_moment_later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Windows refuses as long as a reader has it open."""
    (tmp_path / "new").write_text("new")
    refusals = [1]
    real = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if refusals:
            refusals.pop()
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    system.replace(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new"


@pytest.mark.usefixtures("windows")
def test_a_file_that_is_being_read_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An old checkpoint that a viewer has open must not end the training; the next time it goes."""

    def busy(_self: Path, *, missing_ok: bool) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "unlink", busy)
    assert system.remove(tmp_path / "old") is False


_STRIPPED = """
import os, select, signal, sys
for module, names in ((signal, ("SIGHUP", "SIGALRM", "SIGTSTP", "SIGCONT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL")),
                      (os, ("sched_getaffinity", "fork", "killpg", "getpgid", "setsid", "O_DIRECTORY")),
                      (select, ("poll",))):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "termios", "tty", "pty", "grp"):
    sys.modules[name] = None
_open = os.open
def _files_alone(path, flags, *more, **named):
    if os.path.isdir(path):
        raise PermissionError(13, "Permission denied", path)
    return _open(path, flags, *more, **named)
def _refuse(*_, **__):
    raise OSError(1314, "A required privilege is not held by the client")
os.open, os.symlink, os.link = _files_alone, _refuse, _refuse
"""
"""What Windows lacks, taken from this Python before anything else is imported."""


@pytest.mark.slow
def test_a_run_goes_from_start_to_export_without_what_windows_lacks(tmp_path: Path) -> None:
    """Train, resume, look, ask, export, delete: with no signal, link, folder handle or terminal module of Unix."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(_STRIPPED)
    home = str(Path(system.__file__).parents[1])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), home]),
        "WORKBENCH_RUNS": str(tmp_path / "runs"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }

    def call(*words: str) -> str:
        line = [sys.executable, "-m", "workbench", *words]
        ended = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, (words, ended.stderr)
        return ended.stdout

    sizes = ("data.length=4", "model.hidden_size=4", "training.steps=20", "training.eval_every=10", "training.checkpoint_every=5")
    call("run", "adding_gru", "--name", "a", "-q", *[word for size in sizes for word in ("--set", size)])
    call("predict", "a@best", "test:0")
    call("export", "a", "--format", "bundle", "--out", "out")
    call("export", "a", "--format", "bundle", "--out", "out", "--force")
    call("show", "a")
    call("doctor")
    call("rm", "a", "--yes")
    assert not list((tmp_path / "runs").glob("2*"))
