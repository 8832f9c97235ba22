"""Panels that a person pinned: what is inside a model, at one step, as it is to stand in a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.runs.folder import RunFolder
from workbench.runs.listing import write_meta
from workbench.runs.reader import RunReader

__all__ = ["Pin", "pin_panel", "pins_of"]


@dataclass(frozen=True)
class Pin:
    """One figure of a panel.

    Attributes:
        kind: the kind of probe.
        step: of training, at which it was taken.
        sample: place of the sample, from 0.
        name: layer or parameter; "" for the first.
        head: head of attention, from 0.
        unit: unit of a state, from 0, or None for all.
    """

    kind: str
    step: int
    sample: int = 0
    name: str = ""
    head: int = 0
    unit: int | None = None


_TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "step": (int,),
    "sample": (int,),
    "name": (str,),
    "head": (int,),
    "unit": (int, type(None)),
}


def pins_of(reader: RunReader) -> list[Pin]:
    """What was pinned, in that order; what is no pin is left out."""
    told = reader.meta().get("pins", [])
    return [pin for values in told if (pin := _read(values)) is not None] if isinstance(told, list) else []


def pin_panel(folder: RunFolder, pin: Pin) -> bool:
    """Pin a figure, or take it off where it is pinned.

    Returns:
        Whether it is pinned now.
    Raises:
        StoreError: the run cannot be read or written.
    """
    with RunReader(folder) as reader:
        pins: Sequence[Pin] = pins_of(reader)
    pinned = pin not in pins
    now = [*pins, pin] if pinned else [one for one in pins if one != pin]
    write_meta(folder, "pins", [asdict(one) for one in now])
    return pinned


def _read(values: Any) -> Pin | None:
    if not isinstance(values, dict) or not {"kind", "step"} <= values.keys() <= _TYPES.keys():
        return None
    if any(type(value) not in _TYPES[key] for key, value in values.items()):
        return None
    if any(isinstance(value, int) and value < 0 for value in values.values()):
        return None
    return Pin(**values)
