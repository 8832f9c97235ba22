"""An answer in words: what was predicted, how sure the model is of it, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.plotting.answers import missing_words
from workbench.saying import clean, exact

__all__ = ["answer_lines", "written_symbols"]

_MOST_NUMBERS = 8


def written_symbols(item: Mapping[str, Any]) -> Sequence[str]:
    """The symbols that were written, where the answer's attention tells them one by one."""
    told = item.get("attention", {}).get("symbols", {}).get("outputs")
    layers = item.get("attention", {}).get("layers", [])
    return told if told and any(layer["rows"] == "outputs" for layer in layers) else ()


def answer_lines(item: Mapping[str, Any], upto: int | None = None) -> list[str]:
    """What is said of an answer, the answer itself first.

    Args:
        item: as `LoadedModel.predict` gives it.
        upto: so many symbols of what was written are shown; None for all.
    """
    shown = clean(str(item["predicted"]))
    symbols = written_symbols(item)
    if upto is not None and upto < len(symbols):
        joined = " ".join(symbols[:upto]) if " " in shown else "".join(symbols[:upto])
        shown = shown[: len(joined)]
    shares: Mapping[str, float] = item.get("probabilities", {})
    value = item.get("value")
    if item["predicted"] in shares:
        shown += f"   probability {shares[item['predicted']]:.3f}"
    elif isinstance(value, list) and len(value) > _MOST_NUMBERS and isinstance(value[0], float | list):
        shown = f"after the last step {_number(value[-1])}"
    if "continuation" in item:
        shown = f"{len(item['continuation'])} steps on: " + "  ".join(_number(step) for step in item["continuation"][:4]) + " ..."
    lines = [shown or "(nothing)"]
    told = []
    if "log_probability" in item:
        told.append(f"log-probability {item['log_probability']:.2f}")
    if "valid" in item:
        told.append("possible in the data" if item["valid"] else "not possible in the data")
    return [
        *lines,
        *([", ".join(told)] if told else []),
        *([clean(item["notice"])] if "notice" in item else []),
        *missing_words(item, "saliency"),
    ]


def _number(value: Any) -> str:
    return " ".join(exact(float(part), 4) for part in value) if isinstance(value, list) else exact(float(value), 4)
