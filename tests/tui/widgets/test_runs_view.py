"""Which runs the table shows, in which order and with which marks, without a table."""

from __future__ import annotations

from pathlib import Path

from workbench.runs.summary import RunSummary
from workbench.tui.widgets.runs_view import RunsView

ONE, TWO = RunSummary("one", Path("runs/one")), RunSummary("two", Path("runs/two"))


def test_marks_of_runs_that_are_gone_go() -> None:
    """What is done to marked runs is done to those that are seen."""
    view = RunsView(marked={"one", "gone"})
    view.take([ONE, TWO])
    assert view.chosen([TWO]) == [ONE]
    view.take([TWO])
    assert view.chosen([TWO]) == [TWO]
    assert view.chosen([]) == []
    assert view.run("two") is TWO
    assert view.run("one") is None


def test_the_same_column_once_more_turns_the_order_round() -> None:
    """Another column begins in its own order; the next one after the last is the first."""
    view = RunsView()
    view.sort_by("age")
    assert (view.sort, view.reverse) == ("age", True)
    view.sort_by("name")
    assert (view.sort, view.reverse) == ("name", False)
    view.sort_by_next(["state", "name"])
    assert view.sort == "state"
    view.sort_by_next(["name", "age"])
    assert view.sort == "name"
