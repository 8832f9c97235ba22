"""`workbench doctor`: what this machine has, what is wrong, and how to fix it."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from workbench.cli.options import Json, RunsDir, runs_root
from workbench.cli.output import console, is_ascii, print_json, table
from workbench.system import SUPPORT, cores, is_windows

__all__ = ["PANEL", "Finding", "command", "examine"]

PANEL = "Help"

_MIN_SQLITE = (3, 24)  # upsert
_MIN_COLUMNS, _MIN_LINES = 80, 24
_LOW_DISK_GB = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        group: what it belongs to (`versions`, `compute`, `paths`, `terminal`).
        name: what was looked at.
        value: what was found.
        problem: what is wrong with it, or "".
        remedy: how to fix it, or "".
        serious: whether the workbench cannot work so.
    """

    group: str
    name: str
    value: str
    problem: str = ""
    remedy: str = ""
    serious: bool = False


def command(runs_dir: RunsDir = None, as_json: Json = False) -> None:
    """Show versions, device, threads, paths and terminal, with what is wrong and how to fix it."""
    findings = examine(runs_root(runs_dir))
    serious = any(finding.serious for finding in findings)
    if as_json:
        print_json({"ok": not serious, "findings": [asdict(finding) for finding in findings]})
    else:
        _print(findings)
    if serious:
        raise typer.Exit(1)


def examine(root: Path) -> list[Finding]:
    """Look at everything.

    Args:
        root: folder that holds the runs.
    Returns:
        Findings in the order in which a person reads them.
    """
    return [*_versions(), *_compute(), *_paths(root), *_cards(), *_terminal()]


def _print(findings: list[Finding]) -> None:
    from rich.text import Text

    out = console()
    group = ""
    rows = []
    for finding in findings:
        mark = Text("✗", "red") if finding.serious else Text("!", "yellow") if finding.problem else Text("✓", "green")
        rows.append((finding.group if finding.group != group else "", mark, finding.name, finding.value))
        group = finding.group
    out.print(table(("", "", "", "found"), rows))
    troubles = [finding for finding in findings if finding.problem]
    for finding in troubles:
        out.print(f"{'✗' if finding.serious else '!'} {finding.name}: {finding.problem}. {finding.remedy}", markup=False)
    if not troubles:
        out.print("Nothing is wrong.")


def _versions() -> list[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from workbench import __version__

    findings = [
        Finding("versions", "workbench", __version__),
        Finding("versions", "python", f"{platform.python_version()} ({sys.executable})"),
        _system(),
    ]
    for package in ("torch", "numpy", "textual", "plotext", "pydantic", "safetensors"):
        try:
            number = version(package)
        except PackageNotFoundError:
            findings.append(
                Finding(
                    "versions",
                    package,
                    "missing",
                    f"{package} is not installed",
                    f"python -m pip install {package}",
                    serious=True,
                )
            )
            continue
        if package == "plotext" and not number.startswith("5."):
            remedy = "python -m pip install 'plotext>=5.3.2,<6'"
            findings.append(Finding("versions", package, number, "versions from 6 on end the interface on a NaN", remedy))
        else:
            findings.append(Finding("versions", package, number))
    old = sqlite3.sqlite_version_info < _MIN_SQLITE
    findings.append(
        Finding(
            "versions",
            "sqlite",
            sqlite3.sqlite_version,
            "too old for the run store" if old else "",
            "Use a Python built with SQLite 3.24 or newer." if old else "",
            serious=old,
        )
    )
    return findings


def _compute() -> list[Finding]:
    import psutil

    memory = psutil.virtual_memory()
    findings = [
        Finding("compute", "cpu", f"{platform.machine()}, {os.cpu_count()} cores, {cores()} of them for this process"),
        Finding("compute", "memory", f"{memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free"),
    ]
    try:
        device = _device()
    except ImportError as error:  # torch
        remedy = "python -m pip install --force-reinstall torch"
        return [*findings, Finding("compute", "torch", "cannot be imported", str(error).splitlines()[0], remedy, serious=True)]
    return [*findings, device, Finding("compute", "threads", _threads())]


def _device() -> Finding:
    """What `auto` means here, and whether its results are the same each time."""
    from workbench.training.devices import SMALL, choose_device, device_title

    chosen = choose_device("auto")
    device = chosen.type
    if device == "cpu":
        return Finding("compute", "device", "auto takes cpu")
    title = device_title(chosen)
    name = f" ({title})" if title else ""
    bits = "deterministic where torch has such algorithms" if device == "cuda" else "not the same bits from run to run"
    return Finding("compute", "device", f"auto takes {device}{name}, but cpu up to {SMALL[device]:,} parameters; {bits}")


def _threads() -> str:
    """How many threads a run takes."""
    from workbench.experiment.settings import TrainingConfig

    number = TrainingConfig().threads
    return f"{number} for a run unless training.threads says otherwise" if number else "by the size of the model"


def _system() -> Finding:
    """What is known of this operating system."""
    known = SUPPORT.get(sys.platform)
    words = f"{platform.system()} {platform.release()}: {known or 'unknown here'}"
    if known is None:
        return Finding("versions", "system", words, "nobody has tried this system", "Use Linux or macOS, or WSL under Windows.")
    return Finding("versions", "system", words)


def _paths(root: Path) -> list[Finding]:
    from workbench.experiment.presets import list_presets, presets_folder
    from workbench.paths import config_folder

    presets = len(list_presets())
    no_presets = "" if presets else "no presets found"
    return [
        _folder("runs", root),
        _folder("settings", config_folder()),
        Finding(
            "paths",
            "presets",
            f"{presets} in {presets_folder()}",
            no_presets,
            "Install the package again." if no_presets else "",
            serious=not presets,
        ),
    ]


def _folder(name: str, path: Path) -> Finding:
    """Whether a folder, or the nearest one above it that exists, can be written to and has room."""
    where = path.absolute()
    while not where.exists():
        where = where.parent
    try:
        with tempfile.TemporaryFile(dir=where):
            pass
    except OSError as error:
        remedy = "Choose another with --runs-dir or WORKBENCH_RUNS." if name == "runs" else "Make it writable."
        return Finding("paths", name, str(path), f"cannot be written: {error.strerror}", remedy, serious=name == "runs")
    free_gb = shutil.disk_usage(where).free / 1e9
    low = free_gb < _LOW_DISK_GB
    value = f"{path}, {free_gb:.1f} GB free"
    return Finding("paths", name, value, "little room is left" if low else "", "Free some space." if low else "")


def _cards() -> list[Finding]:
    from workbench.cards import catalog

    kinds = {"architectures": catalog.architectures(), "datasets": catalog.datasets(), "optimizers": catalog.optimizers()}
    counts = ", ".join(f"{len(cards)} {kind}" for kind, cards in kinds.items())
    broken = [
        Finding("cards", card.name, "left out", card.reason.rstrip("."), "The others can be used.")
        for card in catalog.broken_cards()
    ]
    return [Finding("cards", "found", counts), *broken]


def _terminal() -> list[Finding]:
    term = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return [Finding("terminal", "terminal", "none: the interface needs one, the commands do not")]
    columns, lines = shutil.get_terminal_size()
    small = columns < _MIN_COLUMNS or lines < _MIN_LINES
    lacking = is_ascii(sys.stdout.encoding)
    findings = [
        Finding(
            "terminal",
            "size",
            f"{columns}x{lines}",
            "smaller than 80x24, parts are hidden" if small else "",
            "Make the window larger." if small else "",
        ),
        Finding(
            "terminal",
            "unicode",
            sys.stdout.encoding or "unknown",
            "plots and borders need UTF-8" if lacking else "",
            _utf8_remedy() if lacking else "",
        ),
        _windows_colours() if is_windows() and not term else _colours(term),
    ]
    if "SSH_CONNECTION" in os.environ:
        findings.append(Finding("terminal", "ssh", "yes: plots refresh once a second"))
    return findings


def _windows_colours() -> Finding:
    """Consoles of Windows set no TERM."""
    if "WT_SESSION" in os.environ:
        return Finding("terminal", "colours", "Windows Terminal, 16 million")
    return Finding("terminal", "colours", "Windows console", "colours and signs may be poor", "Use Windows Terminal.")


def _utf8_remedy() -> str:
    return "Set PYTHONUTF8=1." if is_windows() else "Set LANG=C.UTF-8 or another UTF-8 locale."


def _colours(term: str) -> Finding:
    terminal = f"TERM={term or '(unset)'}"
    inside = "tmux" if "TMUX" in os.environ else "screen" if term.startswith("screen") else ""
    if inside:
        terminal += f", inside {inside}"
    if os.environ.get("NO_COLOR"):
        return Finding("terminal", "colours", f"{terminal}, off by NO_COLOR")
    if term in ("", "dumb"):
        return Finding("terminal", "colours", terminal, "no abilities known", "Set TERM=xterm-256color.")
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return Finding("terminal", "colours", f"{terminal}, 16 million")
    if "256" in term:
        remedy = "Set COLORTERM=truecolor where the terminal has it."
        if inside == "tmux":
            remedy = "Add 'set -ga terminal-features \",*:RGB\"' to tmux.conf and set COLORTERM=truecolor."
        return Finding("terminal", "colours", f"{terminal}, 256", "colours are rounded to 256", remedy)
    return Finding("terminal", "colours", f"{terminal}, 16", "colours are rounded to 16", "Set TERM=xterm-256color.")
