"""Every test of the interface has a settings folder of its own and the same fixed cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from rich.segment import Segment
from textual import _wait
from textual.cache import FIFOCache
from textual.css.model import RuleSet
from textual.css.stylesheet import CssSource, Stylesheet
from textual.css.types import CSSLocation
from textual.strip import Strip

from tests.tui.running import HereAnswered
from workbench.training import launch
from workbench.tui.session import CONFIG_ENV


@pytest.fixture(scope="session", autouse=True)
def styles_parsed_once() -> Iterator[None]:
    """Each app parses the same styles, and once more with each of its screens: a seventh of what the interface's tests take."""
    known: dict[tuple[frozenset[tuple[str, str]], CSSLocation, CssSource], list[RuleSet]] = {}
    parse = Stylesheet.parse

    def parse_once(sheet: Stylesheet) -> None:
        variables = frozenset(sheet._variables.items())
        keys = [(variables, place, source) for place, source in sheet.source.items() if source.content not in sheet._invalid_css]
        if any(key not in known for key in keys):
            parse(sheet)
            for key in keys:
                known[key] = sheet._parse_rules(key[2].content, key[1], *key[2][1:])
        sheet._rules = [rule for key in keys for rule in known[key]]
        sheet._require_parse, sheet._rules_map = False, None

    with patch.object(Stylesheet, "parse", parse_once):
        yield


STRIP_CACHES = {
    "_crop_cache": 16,
    "_crop_extend_cache": 4,
    "_divide_cache": 4,
    "_filter_cache": 4,
    "_line_length_cache": 4,
    "_offsets_cache": 4,
    "_style_cache": 16,
}
"""What a piece of a drawn line remembers, and how many of it."""


@pytest.fixture(scope="session", autouse=True)
def strips_without_caches() -> Iterator[None]:
    """Textual gives each piece of a line seven caches, most of which nobody asks: made when asked, tests take an eighth less."""

    def begin(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
        strip._segments, strip._cell_length = list(segments), cell_length
        strip._render_cache = strip._link_ids = strip._cell_count = None

    def cache(strip: Strip, name: str) -> FIFOCache[Any, Any]:
        """Called for what has no value yet."""
        if name not in STRIP_CACHES:
            raise AttributeError(name)
        made: FIFOCache[Any, Any] = FIFOCache(STRIP_CACHES[name])
        setattr(strip, name, made)
        return made

    strip = Strip([])
    assert {name for name in Strip.__slots__ if isinstance(getattr(strip, name), FIFOCache)} == set(STRIP_CACHES)
    with patch.object(Strip, "__init__", begin), patch.object(Strip, "__getattr__", cache, create=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def idle_is_seen_soon() -> Iterator[None]:
    """A pilot looks every 20 ms, twice a key, whether all is at rest: asleep the tests took a third longer. Now every 5 ms.

    What rest is stays: a twentieth of the time computed at most. All messages that wait, it waits for besides.
    """
    with patch.object(_wait, "SLEEP_GRANULARITY", 0.005), patch.object(_wait, "SLEEP_IDLE", 0.005 / 20):
        yield


@pytest.fixture(autouse=True)
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and session of the test alone, and a terminal that is like any other."""
    folder = tmp_path / "config"
    monkeypatch.setenv(CONFIG_ENV, str(folder))
    for name in ("SSH_CONNECTION", "SSH_TTY", "WORKBENCH_ASCII", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[HereAnswered]:
    """In place of the process."""
    made = HereAnswered()
    monkeypatch.setattr(launch, "WarmWorker", lambda: made)
    yield made
    made.gate.set()
