"""Every command with a stream that is closed, full, or whose reader has gone (`>&-`, `> /dev/full`, `| head -0`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import fill
from tests.cli.streams import CALLS, TRIES
from tests.export.making import run_with_checkpoint
from workbench.cli.commands import command_names

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each command under each condition."""
    root = tmp_path_factory.mktemp("streams")
    folder = run_with_checkpoint(root / "runs", steps=(2,))
    fill(folder, "finished")
    home = {key: str(root / key) for key in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.streams", str(folder.path)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **home, "WORKBENCH_RUNS": str(root / "runs")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_command_is_tried() -> None:
    """Also one that is added."""
    assert set(CALLS) == set(command_names())


@pytest.mark.parametrize(("name", "how"), TRIES)
def test_a_command_ends_in_order_whatever_becomes_of_its_streams(answers: dict[str, Any], name: str, how: str) -> None:
    """No traceback, and the usual exit code; 1, with a line that says why, where what was asked for cannot be written."""
    usual, answer = answers[f"{name}: none"], answers[f"{name}: {how}"]
    assert usual["code"] in (0, 1, 2)
    assert "Traceback" not in answer["err"]
    assert "Exception ignored" not in answer["err"]
    if how in ("stdout full", "both full") and usual["out"]:
        assert answer["code"] == 1
        assert how == "both full" or "stdout cannot be written" in answer["err"]
    else:
        assert answer["code"] == usual["code"]
