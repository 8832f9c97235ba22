"""Run folders in which something is a link, a pipe or a folder where it should not be: every command is right, or one line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import Command
from tests.export.making import run_with_checkpoint

COMMANDS = (
    ("show", "RUN"),
    ("metrics", "RUN"),
    ("predict", "RUN", "1011"),
    ("export", "RUN", "-f", "safetensors", "--force"),
    ("name", "RUN", "x"),
    ("pause", "RUN"),
    ("resume", "RUN", "-d"),
    ("runs",),
)


def _put(make: Callable[[Path], object], *names: str) -> Callable[[Path], None]:
    """Something else in the place of some of a run's files."""

    def change(folder: Path) -> None:
        for name in names:
            for path in folder.glob(name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                make(path)

    return change


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _whole_loop(folder: Path) -> None:
    shutil.rmtree(folder)
    _loop(folder)


KINDS: dict[str, Callable[[Path], None]] = {
    "loop": _whole_loop,
    **{
        f"{name} {kind}": _put(make, name)
        for kind, make in {"loop": _loop, "pipe": _pipe, "folder": _folder}.items()
        for name in ("run.db", "experiment.toml", "worker.log", "checkpoints/*")
    },
    "exports loop": _put(_loop, "exports"),
    "checkpoints loop": _put(_loop, "checkpoints"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody has touched."""
    folder = run_with_checkpoint(tmp_path_factory.mktemp("whole")).path
    (folder / "worker.log").touch()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_strange_in_a_run_folder_is_followed_read_or_waited_for(
    kind: str, whole: Path, runs_dir: Path, command: Command
) -> None:
    """No traceback, no hanging; the run can be removed, and with it nothing else."""
    folder = runs_dir / whole.name
    shutil.copytree(whole, folder)
    KINDS[kind](folder)
    for words in COMMANDS:
        ran = command(*(whole.name if word == "RUN" else word for word in words))
        assert ran.code in (0, 1, 2), words
        assert ran.code == 0 or len(ran.err.strip().splitlines()) == 1, (words, ran.err)
    removed = command("rm", whole.name, "--yes")
    assert removed.code == 0, removed.err
    assert not os.path.lexists(folder)
