"""The README's tables of cards and presets, written from the cards themselves: `python -m tests.what_there_is` prints them."""

from __future__ import annotations

from collections.abc import Iterable

from workbench import catalog
from workbench.presets import list_presets

__all__ = ["tables"]


def tables() -> str:
    """Three Markdown tables."""
    architectures = [
        (f"`{name}`", card.title, card.group, ", ".join(sorted(card.tasks))) for name, card in catalog.architectures().items()
    ]
    datasets = [(f"`{name}`", card.title, card.group, _first_sentence(card.summary)) for name, card in catalog.datasets().items()]
    presets = [(f"`{preset.name}`", preset.title, preset.claim or "") for preset in list_presets()]
    return "\n\n".join(
        [
            _table(("architecture", "", "chapter", "does"), sorted(architectures, key=lambda row: row[2])),
            _table(("dataset", "", "kind", ""), sorted(datasets, key=lambda row: row[2])),
            _table(("preset", "", "what it claims (`workbench presets NAME` shows metric and threshold)"), presets),
        ]
    )


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    print(tables())  # noqa: T201 - a script's output
