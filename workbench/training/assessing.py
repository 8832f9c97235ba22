"""A checkpoint measured in full: metrics with intervals, where it fails, how sure it is, and the score of every sample."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from itertools import pairwise, product
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.cards import IGNORE_INDEX, Batch, Classes, Dataset, Image, Split, Task, TaskKind, Tokens, Vectors
from workbench.cards.catalog import lower_is_better, task_kind
from workbench.cards.signals import PAD
from workbench.errors import UsageError
from workbench.nn.tensor_batch import TensorBatch
from workbench.runs.evaluations import Evaluation, Group, Measure, Reliability, SampleScores, save_evaluation
from workbench.runs.folder import RunFolder
from workbench.saying import said
from workbench.training.checkpoint_files import checkpoint_digest, find_checkpoint
from workbench.training.evaluation import CHUNK, evaluate
from workbench.training.inference import LoadedModel, load_model
from workbench.training.mistakes import LONGEST_SIDE
from workbench.training.predictions import prediction_items
from workbench.typed import parse_assignment
from workbench.uncertainty import Interval, bootstrap, bootstrap_ratios, calibration, is_fraction, wilson

__all__ = ["assess", "combinations", "evaluate_run", "with_data"]

Totals = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]

_RESAMPLES, _RESAMPLES_OF_SETS = 2_000, 200
"""Sets drawn for means over samples, and for what is worked out of all predictions of a set (BLEU)."""
_GROUPS, _POSITIONS = 12, 50
"""Ranges of lengths and of positions that are told apart at most."""
_WORST = 12
_MOST = 100
"""Evaluations of one call."""
_EXAMPLE = 240
"""Letters of a worst sample's texts."""
_CPU = torch.device("cpu")


def combinations(texts: Sequence[str]) -> list[dict[str, Any]]:
    """The settings of each evaluation: all combinations of the values that were given.

    Raises:
        UsageError: a text is not `KEY=VALUE`, or there are too many.
    """
    keys: dict[str, list[Any]] = {}
    for text in texts:
        key, sign, values = text.partition("=")
        if not sign or not values.strip():
            raise UsageError(f"--data: got '{text}'; expected KEY=VALUE, such as data.length=200.")
        for value in values.split(","):
            name, typed = parse_assignment(f"{key}={value}")
            keys.setdefault(name if "." in name else f"data.{name}", []).append(typed)
    asked = [dict(zip(keys, values, strict=True)) for values in product(*keys.values())]
    if len(asked) > _MOST:
        raise UsageError(f"--data: got {len(asked)} combinations; expected at most {_MOST}. Give fewer values.")
    return asked


def evaluate_run(  # noqa: PLR0913 - what is measured, on what, and who is told
    folder: RunFolder,
    which: str | int = "",
    split: Split = "test",
    asked: Sequence[Mapping[str, Any]] = ({},),
    *,
    limit: int | None = None,
    accept_changed_data: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> list[Evaluation]:
    """Measure a run's checkpoint in full, and keep that with the run unless only some of the samples were used.

    Args:
        folder: the run.
        which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
        split: held-out set.
        asked: for each evaluation the settings of the data that are other than in the training; {} for the run's own data.
        limit: samples used at most; None for all.
        accept_changed_data: also on files that have changed since the training.
        told: called with what is done and what there is to do.

    Returns:
        An evaluation for each of `asked`.

    Raises:
        UsageError: there is no such checkpoint, or the model cannot be asked that.
        CheckpointError: it is damaged.
        DataError: the data cannot be had.
        StoreError: what was measured cannot be kept.
    """
    weights = checkpoint_digest(find_checkpoint(folder, which).path)
    loaded = load_model(folder, which, accept_changed_data=accept_changed_data)
    evaluations = []
    for place, changes in enumerate(asked):

        def of_all(done: int, of: int, place: int = place) -> None:
            if told is not None:
                told(place * of + done, len(asked) * of)

        changed = with_data(loaded, changes)
        config = changed.experiment.data.config
        in_force = {f"data.{name}": getattr(config, name) for name in (key.removeprefix("data.") for key in changes)}
        evaluation = assess(changed, folder.id, weights, split, in_force, limit=limit, told=of_all)
        if evaluation.samples == len(changed.dataset.held_out(split)):
            save_evaluation(folder, evaluation)
        evaluations.append(evaluation)
    return evaluations


def with_data(loaded: LoadedModel, changes: Mapping[str, Any]) -> LoadedModel:
    """The same weights with other data of the same dataset: longer, noisier. The experiment says which.

    Args:
        loaded: the model.
        changes: settings of the data, `length` or `data.length` -> value.
    Raises:
        UsageError: a setting is not one of the data, or the model cannot be asked that.
        ExperimentError: the settings do not hold together.
        DataError: the data cannot be opened.
    """
    if not changes:
        return loaded
    experiment = loaded.experiment
    keys = {name: name if "." in name else f"data.{name}" for name in changes}
    for name, key in keys.items():
        if not key.startswith("data.") or key == "data.name":
            raise UsageError(f"--data: got {said(name)}; expected a setting of the data, such as data.length=200.")
    changed = experiment.with_changes({keys[name]: value for name, value in changes.items()}, "--data")
    dataset = changed.open_data()
    before, after = loaded.dataset.task, dataset.task
    for what in ("inputs", "outputs"):
        if _form(getattr(before, what)) != _form(getattr(after, what)):
            raise UsageError(
                f"--data: the {what} are then {getattr(after, what).describe()}; expected {getattr(before, what).describe()}, "
                "which the model was built for. Change a setting that leaves these as they are, such as a length or noise."
            )
    if isinstance(after.inputs, Vectors | Tokens):
        steps = dataset.held_out("test").inputs.shape[1]
        expected = experiment.architecture.refuse_length(experiment.model.config, before, steps)
        if expected is not None:
            raise UsageError(f"--data: got sequences of {steps:,} steps; expected {expected}")
    return replace(loaded, experiment=changed, dataset=dataset)


def _form(signal: Any) -> tuple[Any, ...]:
    """What of a signal a model is built for: all but how long it is."""
    ignored = {"length", "max_length"}
    return (type(signal), *(repr(getattr(signal, one.name)) for one in fields(signal) if one.name not in ignored))


def assess(  # noqa: PLR0913 - what is measured, on what, and who is told
    loaded: LoadedModel,
    run: str,
    weights: str,
    split: Split = "test",
    changes: Mapping[str, Any] | None = None,
    *,
    limit: int | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measure a model in full.

    A fraction of samples that are right has Wilson's interval. Everything else has a percentile interval over samples drawn with
    replacement, so the steps of one sequence, which are not independent, count as one. What a model measures of itself, such as
    its gradients, has none.

    Args:
        loaded: the model, with the data that it is asked on, see `with_data`.
        run: the run's id.
        weights: SHA-256 of the checkpoint's file.
        split: held-out set.
        changes: what `loaded.dataset` differs in from the training's data, to be noted.
        limit: samples used at most; None for all.
        told: called with samples done and samples in all.

    Raises:
        DataError: the held-out set cannot be read.
        UsageError: it is empty.
    """
    begun = time.time()
    dataset = loaded.dataset
    objective = task_kind(dataset.task)(dataset.task)
    batch = dataset.held_out(split)
    batch = batch.slice(0, len(batch) if limit is None else min(limit, len(batch)))
    if not len(batch):
        raise UsageError(f"evaluate: the {split} set is empty; expected samples. Name the other one with --split.")
    measured = evaluate(loaded.model, objective, dataset, split, _CPU, limit=limit, shown=0)
    totals = _sample_totals(loaded, objective, batch, told)
    valid = objective.valid(dataset, batch, measured.predicted)
    if valid is not None:
        totals["validity"] = (valid.astype(np.float64), np.ones(len(batch)))
    score = next((name for name in (objective.headline, "mse", "accuracy", "loss") if name in totals), next(iter(totals)))
    measures = _measures(objective, dataset, batch, measured.predicted, measured.metrics, totals)
    counts = objective.confusion(list(batch.targets), measured.predicted)
    return Evaluation(
        run=run,
        step=loaded.step,
        weights=weights,
        split=split,
        changes=dict(changes or {}),
        samples=len(batch),
        digest=_digest(batch),
        score=score,
        measures=measures,
        classes=dataset.task.outputs.names if isinstance(dataset.task.outputs, Classes) else (),
        confusion=None if counts is None else tuple(tuple(row) for row in counts.tolist()),
        reliability=None if counts is None else _reliability(loaded, objective, batch),
        by_class=() if counts is None else _by_class(dataset.task, batch, measured.predicted),
        by_length=_by_length(batch, *totals[score]),
        by_position=_by_position(objective, batch, measured.predicted),
        worst=_worst(objective, dataset, batch, measured.predicted, totals, score),
        scores={name: SampleScores(tuple(sums.tolist()), tuple(of.tolist())) for name, (sums, of) in totals.items()},
        created=begun,
        seconds=time.time() - begun,
    )


def _digest(batch: Batch) -> str:
    """SHA-256 of samples and targets."""
    digest = hashlib.sha256()
    for array in (batch.inputs, batch.targets, batch.lengths):
        if array is not None:
            digest.update(f"{array.shape} {array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _sample_totals(loaded: LoadedModel, objective: TaskKind, batch: Batch, told: Callable[[int, int], None] | None) -> Totals:
    """The metrics of each sample."""
    chunk = max(1, min(CHUNK, len(batch) // 20))
    parts = []
    with torch.no_grad():
        for start in range(0, len(batch), chunk):
            if told is not None:
                told(start, len(batch))
            parts.append(objective.sample_totals(loaded.model, TensorBatch.of(batch.slice(start, start + chunk), _CPU)))
    if told is not None:
        told(len(batch), len(batch))
    names = list(dict.fromkeys(name for part in parts for name in part))
    return {
        name: (np.concatenate([part[name][0] for part in parts]), np.concatenate([part[name][1] for part in parts]))
        for name in names
    }


def _measures(  # noqa: PLR0913, PLR0917 - all that an evaluation gave
    objective: TaskKind,
    dataset: Dataset,
    batch: Batch,
    predicted: Sequence[NDArray[np.generic]],
    metrics: Mapping[str, float],
    totals: Totals,
) -> tuple[Measure, ...]:
    """The metrics in the task's order, then what the model measures of itself."""
    names = [name for name in objective.measured(dataset.task) if name in metrics]
    means = {name: float(sums.sum() / of.sum()) for name, (sums, of) in totals.items() if of.any()}
    told = {**means, **objective.totalled(means)}
    ratios = [name for name in names if name in means and told[name] == means[name]]
    intervals = dict(zip(ratios, _intervals([totals[name] for name in ratios]), strict=True))
    intervals |= _of_totals(objective, totals, [name for name in names if name not in intervals])
    rest = [name for name in names if name not in intervals]
    if rest:
        intervals |= _of_sets(objective, dataset, batch, predicted, rest)
    measures = []
    for name in (*names, *(name for name in metrics if name not in names)):
        interval, baseline = intervals.get(name), dataset.task.baseline(name)
        if interval is not None and interval.low == interval.high:  # all samples score the same, which resampling cannot doubt
            interval = None
        measures.append(
            Measure(
                name,
                metrics[name],
                None if interval is None else interval.low,
                None if interval is None else interval.high,
                "" if interval is None else interval.method,
                None if baseline is None else baseline.value,
                "" if baseline is None else baseline.sentence,
                lower_is_better(name),
            )
        )
    return tuple(measures)


def _intervals(pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> list[Interval]:
    """Intervals of means over samples: Wilson's where every sample is right or wrong, else by a bootstrap of all together."""
    others = [pair for pair in pairs if not is_fraction(*pair)]
    drawn = iter(
        bootstrap_ratios(np.stack([sums for sums, _ in others], 1), np.stack([of for _, of in others], 1), _RESAMPLES)
        if others
        else ()
    )
    return [wilson(float(sums.sum()), len(sums)) if is_fraction(sums, of) else next(drawn) for sums, of in pairs]


def _of_totals(objective: TaskKind, totals: Totals, names: Sequence[str]) -> dict[str, Interval]:
    """Metrics that are worked out of several means (NRMSE, perplexity)."""
    count = len(next(iter(totals.values()))[0])

    def values(rows: NDArray[np.intp]) -> dict[str, float]:
        there = {name: (sums[rows].sum(), counts[rows].sum()) for name, (sums, counts) in totals.items()}
        return objective.totalled({name: float(total / of) for name, (total, of) in there.items() if of})

    known = values(np.arange(count))
    names = [name for name in names if name in known]
    return _drawn(values, names, count, _RESAMPLES)


def _of_sets(
    objective: TaskKind, dataset: Dataset, batch: Batch, predicted: Sequence[NDArray[np.generic]], names: Sequence[str]
) -> dict[str, Interval]:
    """Metrics of all predictions together (BLEU)."""

    def values(rows: NDArray[np.intp]) -> Mapping[str, float]:
        return objective.score_set(dataset, batch.rows(rows.tolist()), [predicted[row] for row in rows])[0]

    return _drawn(values, names, len(batch), _RESAMPLES_OF_SETS)


def _drawn(
    values: Callable[[NDArray[np.intp]], Mapping[str, float]], names: Sequence[str], count: int, resamples: int
) -> dict[str, Interval]:
    """Intervals of several metrics over the same sets."""
    if not names:
        return {}

    def statistic(rows: NDArray[np.intp]) -> list[float]:
        metrics = values(rows)
        return [metrics.get(name, np.nan) for name in names]

    return dict(zip(names, bootstrap(statistic, count, resamples), strict=True))


def _reliability(loaded: LoadedModel, objective: TaskKind, batch: Batch) -> Reliability | None:
    """Calibration of the predicted classes; None where the outputs are not one number a class."""
    sure, right = [], []
    with torch.no_grad():
        for start in range(0, len(batch), CHUNK):
            part = batch.slice(start, start + CHUNK)
            shares = objective.outputs(loaded.model, TensorBatch.of(part, _CPU)).double().softmax(dim=-1).numpy()
            if shares.shape[:-1] != part.targets.shape:
                return None
            counted = part.targets != IGNORE_INDEX
            sure.append(shares.max(axis=-1)[counted])
            right.append((shares.argmax(axis=-1) == part.targets)[counted])
    confidence = np.concatenate(sure)
    if not np.isfinite(confidence).all():
        return None
    told = calibration(confidence, np.concatenate(right))
    return Reliability(tuple(told.counts.tolist()), _known(told.confidence), _known(told.accuracy), told.error)


def _known(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in values)


def _groups(names: Sequence[str], sums: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[Group, ...]:
    """The score of parts, from sums and counts of each sample, (n, parts) each; parts without a sample are left out."""
    there = [place for place in range(len(names)) if counts[:, place].any()]
    pairs = []
    for place in there:
        rows = counts[:, place] > 0
        pairs.append((sums[rows, place], counts[rows, place]))
    drawn: dict[int, Interval] = {}
    if columns := [place for place, pair in zip(there, pairs, strict=True) if not is_fraction(*pair)]:
        drawn = dict(zip(columns, bootstrap_ratios(sums[:, columns], counts[:, columns], _RESAMPLES), strict=True))
    groups = []
    for place, (s, of) in zip(there, pairs, strict=True):
        interval = drawn.get(place) or wilson(float(s.sum()), len(s))
        groups.append(
            Group(names[place], float(of.sum()), float(s.sum() / of.sum()), interval.low, interval.high, interval.method)
        )
    return tuple(groups)


def _by_class(task: Task, batch: Batch, predicted: Sequence[NDArray[np.generic]]) -> tuple[Group, ...]:
    """How often each true class is recognised (recall)."""
    names = cast("Classes", task.outputs).names
    targets, given = np.asarray(batch.targets), np.asarray(predicted)
    if targets.ndim == 1:
        targets, given = targets[:, None], given[:, None]
    of_class = [targets == one for one in range(len(names))]
    right = targets == given
    sums = np.stack([(here & right).sum(axis=1) for here in of_class], axis=1).astype(np.float64)
    counts = np.stack([here.sum(axis=1) for here in of_class], axis=1).astype(np.float64)
    return _groups(names, sums, counts)


def _by_length(batch: Batch, sums: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[Group, ...]:
    """The score of samples of a length, or of a range of lengths."""
    if batch.lengths is None or len(np.unique(batch.lengths)) < 2:  # noqa: PLR2004 - all of one length
        return ()
    names, places = _ranges(batch.lengths)
    inside = places[:, None] == np.arange(len(names))
    return _groups(names, sums[:, None] * inside, counts[:, None] * inside)


def _ranges(values: NDArray[np.int64]) -> tuple[list[str], NDArray[np.intp]]:
    """Whole numbers in few ranges with about as many samples each: their names, and the range of each number."""
    known = np.unique(values)
    if len(known) <= _GROUPS:
        return [str(value) for value in known.tolist()], np.searchsorted(known, values)
    starts = np.unique(np.quantile(values, np.linspace(0, 1, _GROUPS + 1)[:-1], method="higher"))
    starts[0] = known[0]
    places = np.searchsorted(starts, values, side="right") - 1
    names = []
    for place in range(len(starts)):
        low, high = values[places == place].min(), values[places == place].max()
        names.append(str(low) if low == high else f"{low} to {high}")
    return names, places


def _by_position(objective: TaskKind, batch: Batch, predicted: Sequence[NDArray[np.generic]]) -> tuple[Group, ...]:
    """The score at each step of the answer, or over ranges of steps: the fraction that is right, or the mean squared error."""
    targets = np.asarray(batch.targets)
    if targets.ndim < 2 or objective.task.kind in ("regress", "generate"):  # noqa: PLR2004 - one answer to a sample
        return ()
    steps = targets.shape[1]
    sums, counts = np.zeros(targets.shape[:2]), np.zeros(targets.shape[:2])
    numbers = targets.dtype.kind == "f"
    washout = objective.task.washout if numbers else 0
    outputs = objective.task.outputs
    ignored = PAD if isinstance(outputs, Tokens) and outputs.special else IGNORE_INDEX
    for row, (truth, given) in enumerate(zip(targets, predicted, strict=True)):
        if numbers:
            stop = steps if batch.lengths is None else int(batch.lengths[row])
            counts[row, washout:stop] = 1
            wrong = np.square(np.asarray(given, np.float64)[:stop] - truth[:stop])
            sums[row, washout:stop] = wrong.reshape(stop, -1).mean(axis=1)[washout:]
            continue
        counted = truth != ignored
        answer = np.full(steps, -1, dtype=np.int64)
        length = min(steps, len(given))
        answer[:length] = given[:length]
        counts[row], sums[row] = counted, counted & (answer == truth)
    groups = min(steps, _POSITIONS)
    edges = np.linspace(0, steps, groups + 1).round().astype(int)
    names = [str(low + 1) if high - low == 1 else f"{low + 1} to {high}" for low, high in pairwise(edges.tolist())]
    together = [np.add.reduceat(array, edges[:-1], axis=1) for array in (sums, counts)]
    return _groups(names, *together)


def _worst(  # noqa: PLR0913, PLR0917 - all that an evaluation gave
    objective: TaskKind,
    dataset: Dataset,
    batch: Batch,
    predicted: Sequence[NDArray[np.generic]],
    totals: Totals,
    score: str,
) -> tuple[dict[str, Any], ...]:
    """The samples with the worst score, the worst first."""

    def of(name: str) -> NDArray[np.float64]:
        """The higher the worse; a sample of which nothing counts comes last."""
        with np.errstate(invalid="ignore", divide="ignore"):
            each = totals[name][0] / totals[name][1]
        return np.nan_to_num(each if lower_is_better(name) else -each, nan=-np.inf, posinf=np.inf)

    badness = of(score)
    # of those that are all wrong, the ones that the model was surest of
    rows = np.lexsort((-of("loss"), -badness))[:_WORST].tolist()
    scores = badness if lower_is_better(score) else -badness
    items = prediction_items(objective, dataset, batch.rows(rows), [predicted[row] for row in rows])
    pictures = isinstance(dataset.task.inputs, Image)
    return tuple(
        {
            "place": row,
            "score": float(scores[row]),
            "input": "" if pictures else _cut(item["input"]),
            **{name: _cut(item[name]) for name in ("target", "predicted")},
            **_picture(dataset, batch.inputs[row]),
        }
        for row, item in zip(rows, items, strict=True)
    )


def _picture(dataset: Dataset, inputs: NDArray[np.generic]) -> dict[str, Any]:
    """The input as grey values, no larger than it is shown, where it is an image."""
    picture = dataset.picture(inputs)
    if picture is None:
        return {}
    every = -(-max(picture.shape) // LONGEST_SIDE)
    return {"picture": picture[::every, ::every].tolist()}


def _cut(text: str) -> str:
    return text if len(text) <= _EXAMPLE else f"{text[: _EXAMPLE - 3]}..."
