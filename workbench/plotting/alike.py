"""How passages of alike activity are drawn: as a list, unit by unit, and what goes in on the average.

What was found comes as plain values, as `workbench.training.alike.Alike.to_dict` has them: another process may have found it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Concordance, Entry, Heatmap, Names, Picture, Plot, Scale
from workbench.plotting.probes import by_similarity
from workbench.saying import exact

__all__ = ["alike_caption", "alike_pictures", "alike_words", "compared", "query_words"]

_FEW = 2
"""Numbers of an input up to which each is a line of its own."""
_COLUMNS = 120
"""Steps of all passages together that a heatmap of units shows."""
_LINES = (("train", "●"), ("validation", "○"), ("other", "◆"), ("mark", "◇"))
"""Role and sign of the lines of each input: the passage's own, and the mean."""


def query_words(found: Mapping[str, Any]) -> str:
    """What was looked for."""
    query = found["query"]
    return f"alike to steps {query['first']} to {query['last']} of validation sample {query['index']} in {compared(found)}"


def compared(found: Mapping[str, Any]) -> str:
    """The layer, and the unit where one alone was compared."""
    return found["name"] if found["unit"] is None else f"{found['name']}, unit {found['unit']}"


def alike_caption(found: Mapping[str, Any]) -> str:
    """Step and what was compared, for a place below a title."""
    return f"step {found['step']:,}, {compared(found)}, validation sample {found['query']['index']}"


def alike_words(found: Mapping[str, Any]) -> str:
    """Where it was looked for, and what was found, in a line."""
    hits, searched, available = found["hits"], found["searched"], found["available"]
    of = "" if searched == available else f" of {available:,}"
    where = f"checkpoint of step {found['step']:,}, {searched:,}{of} validation samples"
    flat = f", {found['flat']} units that never change left out" if found["flat"] else ""
    if not hits:
        return f"{where}{flat}: no other passage of that length"
    nearest, farthest = exact(hits[0]["distance"], 3), exact(hits[-1]["distance"], 3)
    told = f"distance {nearest}" if nearest == farthest else f"distance {nearest} to {farthest}"
    return f"{where}{flat}: {told} standard deviations"


def alike_pictures(found: Mapping[str, Any]) -> Sequence[Picture]:
    """The list of passages, their activity, and what goes in where that is numbers."""
    passages = [found["query"], *found["hits"]]
    is_text = all(passage["words"] is not None for passage in passages)  # of numbers, a few may look like a text
    listed = Concordance(
        f"passages alike to steps {found['query']['first']} to {found['query']['last']}",
        ("index", "steps", "distance", "passage", "target"),
        [_entry(passage, found, is_text=is_text, is_query=not place) for place, passage in enumerate(passages)],
    )
    activity = [np.asarray(passage["activity"], dtype=np.float64) for passage in passages]
    drawn = _one_unit(passages, activity, found) if activity[0].shape[1] == 1 else _units(passages, activity, found)
    inputs = _inputs(found)
    return (listed, drawn) if inputs is None else (listed, drawn, inputs)


def _entry(passage: Mapping[str, Any], found: Mapping[str, Any], *, is_text: bool, is_query: bool) -> Entry:
    first, last = passage["first"], passage["last"]
    distance = "marked" if is_query else exact(passage["distance"], 3)
    heads = (str(passage["index"]), f"{first}-{last}" if first < last else str(first), distance)
    if is_text:
        return Entry(heads, passage["target"], passage["words"], passage["before"], passage["after"])
    inputs = None if passage["inputs"] is None else np.asarray(passage["inputs"], dtype=np.float64)
    if inputs is not None and inputs.shape[1] <= _FEW:
        names = ["x"] if inputs.shape[1] == 1 else [f"x{number}" for number in range(1, inputs.shape[1] + 1)]
        return Entry(heads, passage["target"], series=dict(zip(names, inputs.T, strict=True)))
    name = "mean of units" if found["unit"] is None else f"unit {found['unit']}"
    return Entry(heads, passage["target"], series={name: np.asarray(passage["activity"], dtype=np.float64).mean(axis=1)})


def _steps_said(passages: Sequence[Mapping[str, Any]], place: int, step: int) -> str:
    """A step of one of the passages, in words."""
    passage = passages[place]
    word = f" '{passage['words'][step]}'" if passage["words"] is not None else ""
    return f"index {passage['index']}, step {passage['first'] + step}{word}"


def _one_unit(
    passages: Sequence[Mapping[str, Any]], activity: Sequence[NDArray[np.float64]], found: Mapping[str, Any]
) -> Picture:
    """Passages (down) by their steps (across)."""
    values = np.stack([one[:, 0] for one in activity])
    rows = Names("passage", [str(passage["index"]) for passage in passages], words=True)

    def said(row: int, column: int) -> str:
        return _steps_said(passages, row, column)

    title = f"unit {found['unit']}, passages by steps"
    return Heatmap(title, values, rows, Names.counted("step", values.shape[1], 1), _scale(values, found), said=said)


def _units(passages: Sequence[Mapping[str, Any]], activity: Sequence[NDArray[np.float64]], found: Mapping[str, Any]) -> Picture:
    """Units (down) by the steps of the passages, which stand beside each other with a gap between them."""
    length = len(activity[0])
    count = max(1, min(len(activity), _COLUMNS // (length + 1)))
    order = by_similarity(np.concatenate(activity)).tolist()
    values = np.full((len(order), count * (length + 1) - 1), np.nan)
    names = [""] * values.shape[1]
    for place in range(count):
        start = place * (length + 1)
        values[:, start : start + length] = activity[place].T[order]
        names[start] = str(passages[place]["index"])

    def said(row: int, column: int) -> str:
        place, step = divmod(column, length + 1)
        return f"unit {order[row]}, {_steps_said(passages, place, step)}" if step < length else "between two passages"

    title = f"units by steps: marked passage, {count - 1} alike"
    columns = Names("passage", names, words=False)
    if count == 1:
        title = "units by steps: marked passage alone" if len(activity) > 1 else "units by steps: marked passage"
        columns = Names.counted("step", length, int(passages[0]["first"]))
    return Heatmap(title, values, Names("unit", [str(unit) for unit in order]), columns, _scale(values, found), said=said)


def _scale(values: NDArray[np.float64], found: Mapping[str, Any]) -> Scale:
    """A gate's values lie between 0 and 1: shades say how far it is open, and not only where it differs a little."""
    return Scale.of(values, low=0.0, high=1.0) if found["kind"] == "gates" else Scale.of(values)


def _inputs(found: Mapping[str, Any]) -> Picture | None:
    """What goes in at each step on the average, beside that of the passage itself; None where that is no numbers."""
    if found["mean_inputs"] is None:
        return None
    own, mean = (np.asarray(values, dtype=np.float64) for values in (found["query"]["inputs"], found["mean_inputs"]))
    steps = np.arange(1, len(mean) + 1)
    size = mean.shape[1]
    if size > _FEW:
        title = f"inputs by steps, mean of {len(found['hits'])} passages"
        return Heatmap(title, mean.T, Names.counted("input", size, 1), Names.counted("step", len(mean), 1), Scale.of(mean))
    lines = [
        Series(f"{name}{'' if size == 1 else f' x{number + 1}'}", steps.astype(np.float64), values[:, number], *_LINES[look])
        for number in range(size)
        for look, (name, values) in enumerate((("marked", own), ("mean", mean)), 2 * number)
    ]
    return Plot(f"input, marked and mean of {len(found['hits'])}", tuple(lines), x_name="step")
