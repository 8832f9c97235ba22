"""What runs are called beside each other."""

from __future__ import annotations

from workbench.plotting.race import distinct_names


def test_runs_of_one_name_are_told_apart_by_their_ids() -> None:
    """Others keep their names; a run without any has its id."""
    runs = [("20260101-a-7f3a", "lstm"), ("20260102-b-11aa", "gru"), ("20260103-c-9c9c", "lstm"), ("20260104-d-0000", "")]
    assert distinct_names(runs) == ["lstm (7f3a)", "gru", "lstm (9c9c)", "20260104-d-0000"]
