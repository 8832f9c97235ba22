"""The reference pages, written from commands, cards and presets: `python -m tests.documentation` writes all of them."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from workbench.cards import OptimizerSettings, catalog
from workbench.cli.app import command_line
from workbench.cli.setting_rows import HEADS, setting_rows
from workbench.concepts import page_for
from workbench.experiment.presets import Preset, chapter_title, list_presets
from workbench.experiment.settings import InspectConfig, TrainingConfig
from workbench.plotting.probes import probe_views
from workbench.tui.bindings import TABLE
from workbench.tui.panels import Panel, make_panels
from workbench.tui.wording import key_names

__all__ = ["PAGES", "ROOT"]

ROOT = Path(__file__).parents[1]
_SETTINGS = """\
What a preset's tables hold, what `--set table.key=value` changes and what the form shows. Settings marked *live* can be changed
while a run goes on, with `workbench set RUN table.key=value`."""
_COMMANDS = """\
`workbench` alone opens the interface, `workbench PRESET` opens it with a preset or with a TOML file. `--runs-dir DIR` and
`--notify CMD` may also stand before a command.

A **run** is named by its id, a unique beginning or end of it, its name, or `latest`. Exit codes: 0 done; 1 the run failed, or a
claim did not hold; 2 wrong usage or configuration; 130 interrupted by Ctrl-C."""
_PANELS = """\
The tabs below the charts, each with a picture that the app took of itself on a small run. A tab is there while the run has what
it shows. What a snapshot holds of a model's inside is drawn alike everywhere: in these tabs, by `workbench probe RUN KIND` on the
command line, and as SVG and CSV."""
_PANEL_KEYS = {
    "bench": {"panel", "panel_back", "maximise", "earlier", "later", "newest", "sample", "sample_back"},
    "keep": None,
    "probe": None,
    "picture": None,
    "predictions": None,
    "page": None,
}
"""Groups of keys that work in panels, and which of a group; None for all."""
_NOTE = "<!-- Written by `python -m tests.documentation`; do not edit. -->"


def catalog_page() -> str:
    """Architectures and datasets, each with its task kinds and one sentence."""
    architectures: list[tuple[str, ...]] = [
        (f"[`{name}`](settings.md#{name})", card.title, card.group, ", ".join(sorted(card.tasks)))
        for name, card in catalog.architectures().items()
    ]
    datasets: list[tuple[str, ...]] = [
        (f"[`{name}`](settings.md#{name})", card.title, card.group, _first_sentence(card.summary))
        for name, card in catalog.datasets().items()
    ]
    return _page(
        "# Architectures and datasets",
        "Any architecture can be trained on any dataset whose kind of task it does; the form greys out the others and says why.",
        "## Architectures",
        _table(("architecture", "", "chapter", "does"), sorted(architectures, key=lambda row: row[2])),
        "## Datasets",
        _table(("dataset", "", "kind", "what it is"), sorted(datasets, key=lambda row: row[2])),
    )


def settings_page() -> str:
    """Every setting of an experiment, with its default, its range and its meaning."""
    parts = [
        "# Settings",
        _SETTINGS,
        "## Training",
        _settings("training", TrainingConfig),
        "## Looking inside",
        _settings("inspect", InspectConfig),
        "## Optimizers",
        "All optimizers have these:",
        _settings("optimizer", OptimizerSettings),
    ]
    common = set(OptimizerSettings.model_fields)
    for name, optimizer in catalog.optimizers().items():
        parts += [
            f"### {name}",
            f"{optimizer.title}. {optimizer.summary}",
            _settings("optimizer", optimizer.Config, without=common),
        ]
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("## Architectures", "model", dict(catalog.architectures())),
        ("## Datasets", "data", dict(catalog.datasets())),
    ]
    for heading, table, cards in kinds:
        parts.append(heading)
        for name, card in cards.items():
            parts += [f"### {name}", f"{card.title}. {card.summary}", _settings(table, card.Config)]
    return _page(*parts)


def commands_page() -> str:
    """Every command with its arguments and options."""
    group: Any = command_line()
    panels: dict[str, list[str]] = {}
    for name, command in group.commands.items():
        panels.setdefault(command.rich_help_panel, []).append(_command(name, command))
    parts = [
        "# Commands",
        _COMMANDS,
    ]
    for panel, commands in panels.items():
        parts += [f"## {panel}", *commands]
    return _page(*parts)


def presets_page() -> str:
    """All presets by chapter, each with the page that explains it."""
    parts = [
        "# Presets",
        "Each is an experiment in a file: `workbench NAME` opens it, `workbench run NAME` trains it.",
        "What came of their claims on several seeds is in [CLAIMS.md](CLAIMS.md).",
    ]
    for chapter, members in groupby(list_presets(), key=lambda preset: preset.name.partition("/")[0]):
        parts += [f"## {chapter_title(chapter)}", _table(("preset", "", "page"), map(_preset_row, members))]
    return _page(*parts)


def panels_page() -> str:
    """Every panel: what it shows, how it is read, and a picture of it; and the keys that work in them."""
    parts = ["# Panels", _PANELS]
    for panel in make_panels():
        kind = f"`workbench probe RUN {panel.name}`" if panel.name in probe_views() else ""
        parts += [f"## {panel.title}", _about(panel), f"![{panel.title}](pictures/{panel.name}.svg)", kind]
    keys = [
        (f"`{key_names(key.keys)}`", key.tooltip)
        for group, names in _PANEL_KEYS.items()
        for key in TABLE
        if key.group == group and (names is None or key.id.partition(".")[2] in names)
    ]
    return _page(*parts, "## Keys", "`?` in a panel shows the same, and the keys of all else.", _table(("key", "does"), keys))


PAGES: dict[Path, Callable[[], str]] = {
    ROOT / "docs" / "catalog.md": catalog_page,
    ROOT / "docs" / "commands.md": commands_page,
    ROOT / "docs" / "panels.md": panels_page,
    ROOT / "docs" / "settings.md": settings_page,
    ROOT / "presets" / "README.md": presets_page,
}
"""Each page's file, and what writes it."""


def _page(*parts: str) -> str:
    return "\n\n".join([_NOTE, *(part for part in parts if part)]) + "\n"


def _about(panel: Panel) -> str:
    """What a panel says of itself."""
    view = probe_views().get(panel.name)
    words = view.about if view is not None else inspect.cleandoc(panel.widget().HELP or "")
    return words.removeprefix(f"## {panel.title}").strip()


def _settings(table: str, config: Any, without: Iterable[str] = ()) -> str:
    left_out = {f"{table}.{key}" for key in without}
    rows = [
        (f"`{key}`", *rest, "yes" if _is_live(config.model_fields[key.partition(".")[2]]) else "")
        for key, *rest in setting_rows(table, config)
        if key not in left_out
    ]
    return _table((*HEADS, "live"), rows) if rows else ""


def _is_live(field: Any) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("applies") == "live"


def _command(name: str, command: Any) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    call = " ".join(["workbench", name, *(_argument(parameter) for parameter in arguments)])
    rows = [(f"`{_argument(parameter)}`", _one_line(parameter.help)) for parameter in arguments]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option" and not parameter.hidden]
    rows += [(_option(parameter), _one_line(parameter.help)) for parameter in options]
    return "\n\n".join([f"### `{call}`", command.help.strip(), _table(("argument or option", "meaning"), rows)])


def _argument(parameter: Any) -> str:
    metavar = str(parameter.metavar)
    return metavar if parameter.required or metavar.startswith("[") else f"[{metavar}]"


def _option(parameter: Any) -> str:
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return ", ".join(f"`{option}{value}`" for option in parameter.opts)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _preset_row(preset: Preset) -> tuple[str, ...]:
    last = preset.name.rpartition("/")[2]
    page = page_for(preset.values["model"]["name"], preset.name)
    link = f"[{page.title}](../workbench/concepts/{page.name}.md)" if page is not None else ""
    return f"[`{last}`]({preset.name}.toml)", preset.title, link


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(heads), tuple("---" for _ in heads), *map(tuple, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    for path, page in PAGES.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(), encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
