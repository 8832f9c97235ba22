"""What the documentation lists, written from the cards, presets and pages themselves.

python -m tests.what_there_is            prints the README's tables and, as `workbench verify` wrote them, the claims
python -m tests.what_there_is presets    prints presets/README.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby

from workbench.cards import catalog
from workbench.concepts import page_for
from workbench.experiment.presets import Preset, chapter_title, list_presets, presets_folder

__all__ = ["CLAIMS", "claims", "presets", "tables"]

CLAIMS = presets_folder() / "CLAIMS.md"
"""Written by `workbench verify --markdown presets/CLAIMS.md`."""


def tables() -> str:
    """Two Markdown tables."""
    architectures = [
        (f"`{name}`", card.title, card.group, ", ".join(sorted(card.tasks))) for name, card in catalog.architectures().items()
    ]
    datasets = [(f"`{name}`", card.title, card.group, _first_sentence(card.summary)) for name, card in catalog.datasets().items()]
    return "\n\n".join(
        [
            _table(("architecture", "", "chapter", "does"), sorted(architectures, key=lambda row: row[2])),
            _table(("dataset", "", "kind", ""), sorted(datasets, key=lambda row: row[2])),
        ]
    )


def claims() -> str:
    """What was found when the claims were put to the test, as a section of the README."""
    return "#" + CLAIMS.read_text(encoding="utf-8").rstrip()


def presets() -> str:
    """All presets by chapter, each with the page that explains it, as a Markdown page."""
    parts = [
        "# Presets",
        "Each is an experiment in a file: `workbench NAME` opens it, `workbench run NAME` trains it.",
        "What came of their claims on several seeds is in [CLAIMS.md](CLAIMS.md).",
    ]
    for chapter, members in groupby(list_presets(), key=lambda preset: preset.name.partition("/")[0]):
        parts += [f"## {chapter_title(chapter)}", _table(("preset", "", "page"), map(_preset_row, members))]
    return "\n\n".join(parts) + "\n"


def _preset_row(preset: Preset) -> tuple[str, ...]:
    last = preset.name.rpartition("/")[2]
    page = page_for(preset.values["model"]["name"], preset.name)
    link = f"[{page.title}](../workbench/concepts/{page.name}.md)" if page is not None else ""
    return f"[`{last}`]({preset.name}.toml)", preset.title, link


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(presets() if sys.argv[1:] == ["presets"] else f"{tables()}\n\n{claims()}\n")
