"""What the form says in words: the help line of a setting or a card, and what the model amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.content import Content

from workbench.cards.catalog import broken_cards
from workbench.saying import duration
from workbench.tui.form.card_fits import Fit
from workbench.tui.form.fields import Field, show_value
from workbench.tui.form.state import FormState
from workbench.tui.glyphs import Glyphs

__all__ = ["adjustment", "broken_hint", "card_hint", "description_parts", "fit_sentence", "setting_hint"]

_LONG_VALUE = 16


def fit_sentence(fit: Fit) -> str:
    """What a person should know of a pair that does not fit as it stands, or ""."""
    if not fit.reason:
        return ""
    if fit.refused:
        return f"Does not fit: {fit.reason}"
    return f"Choosing it sets {_settings(fit, 'to')}, since {fit.reason}"


def adjustment(fit: Fit) -> str:
    """What choosing a card that did not fit has changed."""
    return f"{_settings(fit, 'is now')}, since {fit.reason}"


def _settings(fit: Fit, verb: str) -> str:
    return " and ".join(
        f"{name.partition('.')[2].replace('_', ' ')} {verb} {show_value(value)}" for name, value in fit.changes.items()
    )


def card_hint(card: type[Any], fit: Fit, *, chosen: bool) -> Content:
    """A card under the cursor: whether it is chosen, whether it fits, and what it is."""
    title = Content.assemble((card.title, "$foreground"), "" if chosen else (" (enter chooses)", "$text-primary"))
    sentence = fit_sentence(fit)
    about = _lines((sentence, "$text-warning")) if sentence else _lines((card.summary, ""))
    return Content("\n").join([title, about])


def broken_hint(name: str, reason: str) -> Content:
    """A card under the cursor that was found and cannot be used."""
    return Content("\n").join(
        [Content.assemble((f"{name} cannot be chosen", "$foreground")), Content.assemble((reason, "$text-error"))]
    )


def setting_hint(field: Field | None, form_state: FormState, problem: str, signs: Glyphs, *, live: bool) -> Content:
    """A setting under the cursor: what is wrong with what is being typed, what it does, its values, default and preset.

    Args:
        field: the setting, or None on a line that folds.
        form_state: the values.
        problem: what is wrong with the text being typed, or "".
        signs: the signs to draw with.
        live: a run goes on.
    """
    if field is None:
        return Content("enter shows or hides the rarer settings of this section.")
    default, original = show_value(field.default), show_value(form_state.original(field))
    about = [field.range_text, field.unit]
    if field.key != "name":
        about.append(f"default {default or 'none'}")
    if original != default:
        about.append(f"preset {original or 'none'}")
    if live:
        about.append("enter changes the run" if field.live else "needs a new run")
    value, unused = show_value(form_state.shown(field)), form_state.unused(field)
    changed = f"Changed in this run alone; the next one starts with {show_value(form_state.value(field)) or 'none'}."
    if unused:
        unused = f"No effect with {form_state.name('model')}: {unused}."
    if field.key == "name":
        broken = [f"{card.name} cannot be chosen: {card.reason}" for card in broken_cards(field.table)]
        problem = "\n".join(filter(None, [problem, *broken]))
    return _lines(
        (problem, "$text-error"),
        (unused, "$text-warning"),
        (changed if field.name in form_state.in_force else "", "$text-warning"),
        (field.help, "$foreground"),
        (f" {signs.dot} ".join(part for part in about if part), ""),
        (value if len(value) > _LONG_VALUE else "", "$text-primary"),
    )


def description_parts(parameters: int | None, step_seconds: float | None, other_seconds: float, steps: int | None) -> list[str]:
    """What the model amounts to: its parameters, the time of a step, the time of the whole run; what is not known is left out.

    `other_seconds` is what the run takes besides its steps: data, evaluations, tests.
    """
    parts = []
    if parameters is not None:
        parts.append(f"{parameters:,} parameters")
    if step_seconds is not None:
        parts.append(f"{duration(step_seconds)} a step")
        if steps is not None:
            parts.append(f"about {duration(step_seconds * steps + other_seconds)}")
    return parts


def _lines(*lines: tuple[str, str]) -> Content:
    parts: Sequence[Content] = [Content.assemble((text, style)) for text, style in lines if text]
    return Content("\n").join(parts)
