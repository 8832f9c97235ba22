"""A short search for files whose damage is not told."""

from __future__ import annotations

from pathlib import Path

from tests.campaigns.mutations import campaign


def test_damaged_files_are_answered_rightly_or_refused_in_one_line(tmp_path: Path) -> None:
    """One of each kind: no traceback, no hanging, no other answer without a word."""
    _, found = campaign(13, 1, tmp_path)
    assert found == []
