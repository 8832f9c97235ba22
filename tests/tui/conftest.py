"""Every test of the interface has a settings folder of its own and the same fixed cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.tui.session import CONFIG_ENV


@pytest.fixture(autouse=True)
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and session of the test alone, and a terminal that is like any other."""
    folder = tmp_path / "config"
    monkeypatch.setenv(CONFIG_ENV, str(folder))
    for name in ("SSH_CONNECTION", "SSH_TTY", "WORKBENCH_ASCII", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder
