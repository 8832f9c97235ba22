"""A short search for what a kill changes."""

from __future__ import annotations

from pathlib import Path

from tests.campaigns.kills import trial


def test_a_killed_and_steered_run_equals_an_untouched_one(tmp_path: Path) -> None:
    """Real workers, killed twice and told to change settings on the way: every row, counter and tensor is the same."""
    kills = 0
    for seed in (3, 4, 5):  # a run may end before it is killed
        result = trial("truncated", seed, 2, tmp_path, steps=250)
        assert result.faults == []
        if kills := result.kills:
            break
    assert kills
