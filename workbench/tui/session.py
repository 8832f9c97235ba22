"""What the interface remembers between sessions, and what a person has set. A damaged file never stops it from opening.

<config folder>/session.json    written by the interface: last experiment, theme, how charts are drawn
<config folder>/settings.toml   written by a person, all optional:
    refresh_hz = 2              reads of a live run in a second
    ascii = true                draw with ASCII alone
    notify = "notify-send"      what --notify is where it is left out, also of `workbench run`
    [keys]
    "bench.pause" = "p"         another key for an id of the table of keys
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.errors import UsageError
from workbench.paths import CONFIG_ENV, config_folder
from workbench.saying import said
from workbench.system import write_whole
from workbench.tui.charts.options import ChartOptions, XAxis
from workbench.typed import checked_command

__all__ = [
    "CONFIG_ENV",
    "Session",
    "SessionStore",
    "Settings",
    "config_folder",
    "load_session",
    "load_settings",
    "save_session",
]

_REFRESH_HZ = 4.0
_REFRESH_HZ_SSH = 1.0


@dataclass(frozen=True)
class Settings:
    """What a person has set.

    Attributes:
        refresh_hz: reads of a live run in a second.
        ascii: draw with ASCII alone.
        keys: id of the table of keys -> keys.
        notify: command that is called when a run has something to tell, or "".
        problem: what is wrong with the file, in one line, or "".
    """

    refresh_hz: float = _REFRESH_HZ
    ascii: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    notify: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Session:
    """What the last session left.

    Attributes:
        experiment: plain values of the experiment in the form, or None.
        typed: what stood in the form beyond that, by table and right or wrong, or None where the form held the experiment.
        theme: name of the colours.
        charts: how the chart of each metric was drawn, by the metric's name.
        metrics: what was chosen for the first and the second chart; "" where that is left to the run.
    """

    experiment: Mapping[str, Any] | None = None
    typed: Mapping[str, Any] | None = None
    theme: str = "workbench"
    charts: Mapping[str, ChartOptions] = field(default_factory=dict)
    metrics: tuple[str, str] = ("", "")


class SessionStore:
    """What the next session begins with, kept in a file.

    Attributes:
        session: what it is now.
    """

    def __init__(self) -> None:
        self.session = self._saved = load_session()

    def remember(self, **changes: Any) -> None:
        """Keep something for the next session (fields of `Session`)."""
        self.session = dataclasses.replace(self.session, **changes)

    def save(self) -> None:
        """Write the file, if anything has changed since it was written."""
        session = self.session
        if session is not self._saved:
            save_session(session)
            self._saved = session  # not before: a signal may end the process in the midst of saving, and saves again then


def load_settings() -> Settings:
    """The settings file, with defaults for what is missing or wrong."""
    over_ssh = bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))
    hz = _REFRESH_HZ_SSH if over_ssh else _REFRESH_HZ
    encoding = (getattr(sys.__stdout__, "encoding", None) or "utf-8").lower()
    ascii_only = os.environ.get("WORKBENCH_ASCII", "") not in ("", "0") or not encoding.startswith("utf")
    path = config_folder() / "settings.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(hz, ascii_only)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Settings(hz, ascii_only, problem=f"{path}: not read: {error}. Fix or delete it; defaults are used.")
    given = values.get("refresh_hz", hz)
    good = isinstance(given, int | float) and 0.1 <= given <= 30  # noqa: PLR2004 - what a terminal can follow
    keys = values.get("keys", {})
    wrong = [] if good else [f"refresh_hz: got {said(given)}; expected 0.1 to 30"]
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        wrong.append("[keys]: expected id = 'key' lines")
        keys = {}
    notify = values.get("notify", "")
    try:
        checked_command(notify if isinstance(notify, str) else "'", "notify")
    except UsageError:
        wrong.append(f"notify: got {said(notify)}; expected a command and its words, as a shell takes them apart")
        notify = ""
    problem = f"{path}: {'; '.join(wrong)}. Fix it; defaults are used." if wrong else ""
    return Settings(float(given) if good else hz, bool(values.get("ascii", ascii_only)), keys, notify, problem)


def load_session() -> Session:
    """The last session; what cannot be read is as at the first start."""
    try:
        values = json.loads((config_folder() / "session.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Session()
    if not isinstance(values, dict):
        return Session()
    experiment, typed = values.get("experiment"), values.get("typed")
    theme, charts, metrics = values.get("theme"), values.get("charts"), values.get("metrics")
    return Session(
        experiment if isinstance(experiment, dict) else None,
        typed if isinstance(typed, dict) else None,
        theme if isinstance(theme, str) else Session.theme,
        {name: _options(drawn) for name, drawn in charts.items()} if isinstance(charts, dict) else {},
        _pair(metrics),
    )


def save_session(session: Session) -> None:
    """Write the session, whole or not at all; a folder that cannot be written is not worth an error."""
    folder = config_folder()
    try:
        write_whole(folder / "session.json", json.dumps(asdict(session), indent=1, default=str))
    except OSError:
        return


def _pair(values: Any) -> tuple[str, str]:
    match values:
        case [str() as first, str() as second]:
            return first, second
        case _:
            return "", ""


def _options(values: Any) -> ChartOptions:
    if not isinstance(values, dict):
        return ChartOptions()
    smoothing = values.get("smoothing", ChartOptions.smoothing)
    axis = values.get("axis")
    return ChartOptions(
        log_x=bool(values.get("log_x", ChartOptions.log_x)),
        log_y=bool(values.get("log_y", ChartOptions.log_y)),
        smoothing=float(smoothing) if isinstance(smoothing, int | float) and 0 <= smoothing < 1 else ChartOptions.smoothing,
        axis=XAxis(axis) if axis in list(XAxis) else XAxis.STEP,
        clip_outliers=bool(values.get("clip_outliers", ChartOptions.clip_outliers)),
        band=bool(values.get("band", ChartOptions.band)),
    )
