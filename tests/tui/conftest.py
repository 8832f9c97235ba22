"""Every test of the interface has a settings folder of its own and the same fixed cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from workbench.tui.session import CONFIG_ENV


@pytest.fixture(scope="session", autouse=True)
def styles_parsed_once() -> Iterator[None]:
    """Each app parses the same styles, and once more with each of its screens: a seventh of what the interface's tests take."""
    known: dict[tuple[Any, ...], list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(sheet: Stylesheet, css: str, read_from: Any, **how: Any) -> list[RuleSet]:
        key = (css, read_from, *sorted(how.items()), *sorted(sheet._variables.items()))
        if key not in known:
            known[key] = parse(sheet, css, read_from, **how)
        return known[key]

    with patch.object(Stylesheet, "_parse_rules", parse_once):
        yield


@pytest.fixture(autouse=True)
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and session of the test alone, and a terminal that is like any other."""
    folder = tmp_path / "config"
    monkeypatch.setenv(CONFIG_ENV, str(folder))
    for name in ("SSH_CONNECTION", "SSH_TTY", "WORKBENCH_ASCII", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder
