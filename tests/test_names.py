"""What a run may be called, and whom a name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.making import finished_run
from workbench.errors import RunNotFoundError, UsageError
from workbench.names import checked_name
from workbench.runs.listing import find_reference, find_run, name_run, write_meta

ODD = ["lr@3e-4", "latest", "Latest ", "a\nb", "a\x1b[31m", "a\x9b1m", "-x", "a/b", "a\\b", "..", "x" * 300, "\u202ea", "\udcff"]


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_could_be_mistaken_is_refused_at_every_way_in(name: str, tmp_path: Path) -> None:
    """At creation and when it is changed, in one printable line, and nothing is made."""
    folder = finished_run(tmp_path, "good")
    for call in (lambda: finished_run(tmp_path, name), lambda: name_run(folder, name)):
        with pytest.raises(UsageError) as raised:
            call()
        assert str(raised.value).isprintable()
    assert find_run(tmp_path, "good") == folder
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["", "a b", "größe 3", "می\u200cروم", "lr=3e-4", "  padded "])
def test_ordinary_names_are_taken(name: str) -> None:
    """Words of any language, blanks inside, and joiners that writing needs."""
    assert checked_name(name) == name.strip()


def test_a_run_whose_old_name_holds_an_at_sign_is_found(tmp_path: Path) -> None:
    """A whole name comes before a checkpoint, and both can be given."""
    folder = finished_run(tmp_path, "other")
    write_meta(folder, "name", "lr@3e-4")
    assert find_reference(tmp_path, "lr@3e-4") == (folder, "")
    assert find_reference(tmp_path, "lr@3e-4@last") == (folder, "last")
    assert find_reference(tmp_path, f"{folder.id}@best") == (folder, "best")


def test_a_name_of_two_runs_asks_which(tmp_path: Path) -> None:
    """Both ids are listed; neither is taken in silence."""
    first, second = finished_run(tmp_path, "twin"), finished_run(tmp_path, "twin")
    with pytest.raises(RunNotFoundError) as raised:
        find_run(tmp_path, "twin")
    assert first.id in str(raised.value)
    assert second.id in str(raised.value)
