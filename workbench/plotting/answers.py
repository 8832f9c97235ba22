"""A model's answer to one input, as `predict` tells it, as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.plotting.figure import Series
from workbench.plotting.pictures import Heatmap, Names, Passage, Picture, Plot, Scale, Shares
from workbench.plotting.probes import Chosen, Options, Snapshot
from workbench.plotting.probes.attention import AttentionView
from workbench.runs.records import Probe

__all__ = ["Course", "answer_pictures", "attention_options", "missing_words"]

_KIND = "attention"
_PICTURE_AXES, _SERIES_AXES = 3, 2


@dataclass(frozen=True, eq=False)
class Course:
    """A series that a forecaster read, in the data's own numbers.

    Attributes:
        read: shape (length, size).
        after: what truly followed, (steps, size); of no steps where that is not known.
        washout: first steps whose forecasts do not count.
    """

    read: NDArray[np.float64]
    after: NDArray[np.float64]
    washout: int = 0


def answer_pictures(
    item: Mapping[str, Any],
    *,
    course: Course | None = None,
    chosen: Chosen | None = None,
    upto: int | None = None,
    drawn: bool = False,
) -> list[Picture]:
    """What of an answer is drawn, the most important first.

    Args:
        item: the answer, as `workbench.training.inference.LoadedModel.predict` gives it.
        course: of a forecaster what it read.
        chosen: layer and head of attention.
        upto: so many symbols of what was written are shown in the attention; None for all.
        drawn: the input was drawn, so that a series, too, is a picture with a row for each step.
    """
    return [
        *_probabilities(item),
        *_forecast(item, course),
        *_attention(item, chosen or Chosen(), upto),
        *_saliency(item, drawn=drawn),
    ]


def missing_words(item: Mapping[str, Any], *names: str) -> list[str]:
    """Why there is no `saliency` or `attention` where it was asked for, a line each."""
    return [f"no {name}: {item[name]['reason']}" for name in names if "reason" in item.get(name, {})]


def attention_options(item: Mapping[str, Any]) -> Options:
    """What of an answer's attention can be chosen."""
    snapshot = _snapshot(item)
    return AttentionView.look(snapshot, Chosen()).options if snapshot is not None else Options()


def _probabilities(item: Mapping[str, Any]) -> Iterator[Picture]:
    shares: Mapping[str, float] = item.get("probabilities", {})
    if shares:
        names = sorted(shares, key=_natural)
        places = [names.index(str(item["predicted"]))] if item.get("predicted") in shares else [None]
        yield Shares("probability of each class", names, np.array([shares[name] for name in names]), places[0])


def _natural(name: str) -> tuple[int, float, str]:
    """Numbers by their size before words."""
    return (0, float(name), name) if name.isdecimal() else (1, 0.0, name)


def _forecast(item: Mapping[str, Any], course: Course | None) -> Iterator[Picture]:
    """What was read, what was forecast after each step, and how it goes on beside what truly came; its first number."""
    if course is None:
        return
    read, given = course.read[:, 0], np.asarray(item.get("value", []), np.float64)
    steps = np.arange(1, len(read) + 1, dtype=np.float64)
    lines = [Series("read", steps, read, "train")]
    forecast = given.reshape(-1) if given.ndim <= 1 else given[:, 0]
    if len(forecast) == len(read) and "continuation" not in item:
        lines.append(Series("forecast", steps[course.washout :] + 1, forecast[course.washout :], "validation"))
    if "continuation" in item:
        after = np.asarray(item["continuation"], np.float64)[:, 0]
        true = course.after[: len(after), 0]
        lines.append(Series("what came", len(read) + np.arange(1, len(true) + 1, dtype=np.float64), true, "other"))
        lines.append(Series("continued", len(read) + np.arange(1, len(after) + 1, dtype=np.float64), after, "validation"))
    yield Plot("value over step", tuple(lines), x_name="step")


def _snapshot(item: Mapping[str, Any]) -> Snapshot | None:
    """An answer's attention as a run would have recorded it of one sample."""
    told: Mapping[str, Any] = item.get(_KIND, {})
    if not told.get("layers"):
        return None
    rows = {}
    for layer in told["layers"]:
        weights = np.asarray(layer["weights"], np.float64)[None]  # (1, heads, queries, keys)
        info = {
            "rows": layer["rows"],
            "columns": layer["columns"],
            "row_steps": list(range(1, weights.shape[2] + 1)),
            "column_steps": list(range(1, weights.shape[3] + 1)),
        }
        rows[layer["layer"]] = Probe(0, _KIND, layer["layer"], weights, info)
    symbols: Mapping[str, Sequence[str] | None] = told["symbols"]
    info = {
        "inputs": [symbols["inputs"]],
        "outputs": [symbols["outputs"]],
        "lengths": [len(symbols["inputs"] or ()) or None],
        "indices": [0],
    }
    return Snapshot(0, rows, Probe(0, "samples", "typed", None, info))


def _attention(item: Mapping[str, Any], chosen: Chosen, upto: int | None) -> Iterator[Picture]:
    snapshot = _snapshot(item)
    if snapshot is None:
        return
    for picture in AttentionView.pictures(AttentionView.look(snapshot, chosen)):
        if upto is not None and isinstance(picture, Heatmap) and picture.rows.name == "output":
            rows = Names(picture.rows.name, picture.rows.labels[:upto], picture.rows.words)
            yield Heatmap(
                picture.title, picture.values[:upto], rows, picture.columns, picture.scale, whole=True, written=picture.written
            )
        else:
            yield picture


def _saliency(item: Mapping[str, Any], *, drawn: bool) -> Iterator[Picture]:
    told: Mapping[str, Any] = item.get("saliency", {})
    if "values" not in told:
        return
    values = np.asarray(told["values"], np.float64)
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    scale = Scale(-largest, largest, diverging=True)
    if "symbols" in told:
        yield Passage(f"vector times gradient: {told['of']}", told["symbols"], values, scale)
    elif values.ndim == _PICTURE_AXES or drawn:
        # of several colours their sum: what all together would change
        picture = values.sum(0) if values.ndim == _PICTURE_AXES else values
        largest = float(np.abs(picture).max(initial=0.0)) or 1.0
        rows, columns = (Names.counted(name, count, 1) for name, count in zip(("row", "column"), picture.shape, strict=True))
        yield Heatmap(f"gradient: {told['of']}", picture, rows, columns, Scale(-largest, largest, diverging=True), square=True)
    elif values.ndim == _SERIES_AXES:
        rows = Names.counted("number", values.shape[1], 1)
        yield Heatmap(f"gradient: {told['of']}", values.T, rows, Names.counted("step", len(values), 1), scale)
