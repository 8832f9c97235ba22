"""Which run comes from which, and the tree that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.runs.lineage import family_tree
from workbench.runs.summary import RunSummary


def _run(run_id: str, parent: str = "") -> RunSummary:
    return RunSummary(id=run_id, path=Path(run_id), parent={"run": parent, "step": 300} if parent else {})


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ("", ""),
        ("a b c", "a0 b0 c0"),
        ("a b c<a d<a", "a0 c1 d1 b0"),
        ("d<c c<a a b", "a0 c1 d2 b0"),
        ("b<gone c<b a", "b0 c1 a0"),
        ("a<b b<a c", "c0 a0 b1"),
        ("a<a b", "b0 a0"),
    ],
)
def test_each_run_stands_below_its_parent(pairs: str, expected: str) -> None:
    """Siblings keep their order, orphans stand at the edge, and a circle is gone round once."""
    runs = [_run(*pair.split("<")) for pair in pairs.split()]
    assert " ".join(f"{run.id}{depth}" for run, depth in family_tree(runs)) == expected


def test_a_lineage_may_be_long() -> None:
    """Thousands of forks one from the other are no deep recursion."""
    tree = family_tree([_run("0"), *(_run(str(number), str(number - 1)) for number in range(1, 5000))])
    assert [depth for _, depth in tree] == list(range(5000))


def test_an_origin_is_the_end_of_the_id_and_the_step() -> None:
    """As `workbench show` takes it."""
    assert _run("b", "20260101-120000-lstm-ea58").origin == "ea58@300"
    assert _run("a").origin == ""
