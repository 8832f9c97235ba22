"""No test of runs touches the person's own cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.runs import summary


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Listings keep their cache in a folder of the test."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(summary, "user_cache_path", lambda _: folder)
    return folder
