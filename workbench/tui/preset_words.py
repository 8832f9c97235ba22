"""What is said of a preset before it is opened: the words that a filter finds it by, and the gallery's text on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from workbench.errors import WorkbenchError
from workbench.experiment.presets import Preset, chapter_title
from workbench.tui.base.untrusted_text import inline_code
from workbench.tui.form.fields import show_value
from workbench.tui.form.state import cards_of
from workbench.tui.glyphs import Glyphs

__all__ = ["describe", "described"]

_DEFAULT_STEPS = 1000


def described(preset: Preset) -> tuple[list[str], str]:
    """What a filter looks in: title and name, then text, claim, architecture and data."""
    cards = [str(preset.values.get(table, {}).get("name", "")) for table in ("model", "data", "optimizer")]
    names = [preset.name.rpartition("/")[2], preset.name, preset.title]
    return names, " ".join([preset.about, preset.claim, chapter_title(preset.chapter), *cards])


def describe(preset: Preset, signs: Glyphs) -> Content:
    """Everything the gallery says of a preset."""
    values = preset.values
    parts: list[Any] = [(preset.title, "bold $text-primary"), "\n", (preset.name, "$foreground 60%"), "\n\n"]
    if preset.is_own:
        parts += [(str(preset.path), "$foreground 60%"), "\n\n"]
    if preset.problems:  # what it holds cannot be told by its tables then
        lines = [(f"{signs.wrong} {line}\n", "$text-error") for line in preset.problems]
        hint = f"'workbench presets --edit {preset.name}' opens it in your editor."
        return Content.assemble(*parts, *lines, "\n", (hint, "$foreground 60%"))
    if preset.about:
        parts += [*inline_code(_paragraphs(preset.about)), "\n\n"]
    cards = [_card_title(table, values) for table in ("model", "data")]
    parts += [(f"{cards[0]} {signs.times} {cards[1]}", "bold"), "\n"]
    parts += [(f" {signs.dot} ".join(_facts(values)), "$foreground 60%")]
    parts += [("\n" + line, "$foreground 60%") for line in _baselines(preset)]
    claim = values.get("claim")
    if isinstance(claim, Mapping):
        parts += ["\n\n", ("Claim  ", "bold"), str(claim.get("sentence", ""))]
        parts += ["\n", (_bounds(claim), "$text-primary")]
        if claim.get("against"):
            parts += ["\n", (f"against {claim['against']}", "$foreground 60%")]
    parts += ["\n\n", (f"workbench run {preset.name}", "$foreground 60%")]
    return Content.assemble(*parts)


def _bounds(claim: Mapping[str, Any]) -> str:
    """What the preset's own runs must keep, as `metric operator threshold and ...`."""
    further = [more for more in claim.get("also", []) if more.get("of", "preset") == "preset"]
    return " and ".join(
        " ".join(show_value(bound[key]) for key in ("metric", "operator", "threshold") if key in bound)
        for bound in (claim, *further)
    )


def _baselines(preset: Preset) -> list[str]:
    """What trivial predictors score in the preset's metrics; nothing where its data cannot be named."""
    data = dict(preset.values.get("data", {}))
    card = cards_of("data").get(str(data.pop("name", "")))
    try:
        baselines = card.task(card.Config(**data)).baselines if card is not None else ()
    except (WorkbenchError, ValueError):  # the preset says so itself when it is opened
        return []
    return [f"{baseline.metric}: {baseline.words}" for baseline in baselines]


def _paragraphs(text: str) -> str:
    """Text without its source's line breaks; empty lines part paragraphs."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _card_title(table: str, values: Mapping[str, Any]) -> str:
    name = str(values.get(table, {}).get("name", "?"))
    card = cards_of(table).get(name)
    return name if card is None else str(card.title)


def _facts(values: Mapping[str, Any]) -> list[str]:
    training, optimizer = values.get("training", {}), values.get("optimizer", {})
    facts = [f"{training.get('steps', _DEFAULT_STEPS):,} steps"]
    if "batch_size" in training:
        facts.append(f"batch {training['batch_size']}")
    if optimizer.get("name"):
        facts.append(f"{optimizer['name']} lr {show_value(optimizer['lr'])}" if "lr" in optimizer else str(optimizer["name"]))
    return facts
