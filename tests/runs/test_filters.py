"""Filters that were saved by name: found in queries, within each other, refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.making import finished_run
from workbench.errors import StoreError, UsageError
from workbench.paths import config_folder
from workbench.runs.filters import save_filter, saved_filters
from workbench.runs.listing import list_runs


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))


def test_a_saved_filter_stands_for_its_query_also_within_another_and_turned_round(tmp_path: Path) -> None:
    for name, scale in (("good", 0.1), ("bad", 5.0)):
        finished_run(tmp_path / "runs", name, scale=scale)
    save_filter("low", "train/loss<0.1")
    save_filter("low-done", "@low state:finished")

    def names(query: str) -> list[str]:
        return [run.name for run in list_runs(tmp_path / "runs", query)]

    assert names("@low-done") == ["good"]
    assert names("-@low") == ["bad"]
    assert names("@LOW bad") == []
    assert list(saved_filters()) == ["low", "low-done"]
    save_filter("low", "")
    assert list(saved_filters()) == ["low-done"]


def test_what_is_not_saved_or_names_itself_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not saved"):
        list_runs(tmp_path, "@good")
    save_filter("good", "state:finished")
    with pytest.raises(UsageError, match="Did you mean 'good'"):
        list_runs(tmp_path, "@goood")
    save_filter("good", "@better")
    save_filter("better", "@good")
    with pytest.raises(UsageError, match="it names itself"):
        list_runs(tmp_path, "@good")


@pytest.mark.parametrize("name", ["", "two words", "Ä", "-x", "x" * 41, "@x", "a\n"])
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="filter name: got"):
        save_filter(name, "state:finished")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"A B": "x"}', "[" * 9999])
def test_a_damaged_file_is_one_line(text: str) -> None:
    config_folder().mkdir(parents=True)
    (config_folder() / "filters.json").write_text(text)

    with pytest.raises(StoreError, match="Remove the file") as caught:
        saved_filters()
    assert "\n" not in str(caught.value)
