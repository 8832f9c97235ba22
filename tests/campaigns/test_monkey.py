"""A short visit of the monkey, and that it cannot leave its sandbox."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

from tests.campaigns.monkey import campaign
from tests.campaigns.monkey_hands import deeds
from tests.campaigns.sandbox import left_behind, make_sandbox


def test_a_monkey_breaks_nothing(tmp_path: Path) -> None:
    """Some hundred keys, clicks, pastes and resizes from the first moment end without a fault, and leave no process behind."""
    counts, faults = campaign(3, 250, tmp_path)
    assert faults == []
    assert counts["key"] > 100
    assert left_behind(tmp_path) == []


def test_the_same_seed_does_the_same_again() -> None:
    """So that a fault can be seen again; another seed does something else."""
    first, again, other = (list(itertools.islice(deeds(seed), 500)) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_the_sandbox_lets_nothing_out(tmp_path: Path) -> None:
    """Who lives in it writes inside, and finds everything else read-only."""
    room, outside = tmp_path / "room", tmp_path / "outside"
    environment = make_sandbox(room)
    for place, writes in ((room / "work" / "file", True), (outside, False)):
        code = f"open({str(place)!r}, 'w').close()"
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is writes is place.exists()
        assert writes or "Read-only file system" in done.stderr
