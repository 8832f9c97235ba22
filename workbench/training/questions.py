"""What a waiting process with torch answers: one function for each question, of plain JSON values in and out.

    parts(run="/runs/a-run", step=1200)                   ->  {"parts": {"backbone.layers.0/unit": 64, ...}}
    ablate(run=..., step=..., part="head", number=0)      ->  {"metrics": {"loss": 0.02}, "items": [...], ...}
    evaluate(run=..., step=...)                           ->  {"evaluations": [{"measures": ...}]}
    alike(run=..., step=..., kind="states", name=..., ...)  ->  {"query": {...}, "hits": [{"index": 17, ...}, ...], ...}
    answer(run=..., step=..., input="the sea")            ->  {"item": {"predicted": "la mer", ...}}
    sample(run=..., step=..., place=12)                   ->  {"text": "", "values": [[[0.0, ...]]], "target": "7", "of": 10000}

A new question is a function here with its name in `QUESTIONS`; what a person can fix is raised as a `WorkbenchError`. The two
models that were asked about last are kept, so further questions about two checkpoints are answered without loading them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.cards import Split, Tokens, Vectors
from workbench.cards.catalog import task_kind
from workbench.errors import DataError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.training import estimate
from workbench.training.ablation import measure, model_parts
from workbench.training.alike import find_alike
from workbench.training.assessing import combinations, evaluate_run
from workbench.training.checkpoint_files import checkpoint_path
from workbench.training.decodings import Decoding
from workbench.training.inference import LoadedModel, load_model
from workbench.training.parts import Part

__all__ = ["QUESTIONS", "ablate", "alike", "answer", "describe", "evaluate", "loaded_model", "parts", "sample"]


_MOST_KEPT = 2
"""Models that are kept: two checkpoints stand side by side."""


class _Kept:
    """The models that were asked about last, by their files and when these were written."""

    def __init__(self) -> None:
        self._loaded: dict[Path, tuple[int | None, LoadedModel]] = {}  # the one that was asked last comes last

    def load(self, folder: RunFolder, step: int) -> LoadedModel:
        """The model of a checkpoint. A run that goes on removes older files; what is loaded is answered about nonetheless."""
        path = checkpoint_path(folder, step)
        try:
            written = path.stat().st_mtime_ns
        except OSError:
            written = None
        before, loaded = self._loaded.pop(path, (None, None))
        if loaded is None or written not in (None, before):
            while len(self._loaded) >= _MOST_KEPT:  # before another one is loaded: never more at once
                del self._loaded[next(iter(self._loaded))]
            before, loaded = written, load_model(folder, step)
        self._loaded[path] = (before, loaded)
        return loaded


_KEPT = _Kept()


def loaded_model(run: str, step: int) -> LoadedModel:
    """The model of a run's checkpoint; the two that were asked about last are kept.

    Args:
        run: path of the run's folder.
        step: of the checkpoint.

    Raises:
        UsageError: there is no such checkpoint.
        CheckpointError: it is damaged.
        DataError: the run's data cannot be opened here.
    """
    return _KEPT.load(RunFolder(Path(run)), step)


def describe(experiment: Mapping[str, Any]) -> dict[str, Any]:
    """Size, parts and speed of an experiment's model, see `workbench.training.estimate.describe`."""
    return estimate.describe(Experiment.from_dict(experiment))


def parts(run: str, step: int) -> dict[str, Any]:
    """What of a checkpoint's model can be switched off.

    Returns:
        `parts`: name -> how many there are of it, 0 for a single one.
    """
    return {"parts": model_parts(loaded_model(run, step))}


def ablate(  # noqa: PLR0913, PLR0917 - what is switched off, where, and on what it is measured
    run: str, step: int, part: str | None = None, number: int | None = None, samples: int | None = None, shown: int = 12
) -> dict[str, Any]:
    """What a checkpoint's model scores on the validation set with one part switched off. The run stays as it is.

    Args:
        run: path of the run's folder.
        step: of the checkpoint.
        part: as `parts` names it; None for the intact model.
        number: which of several alike.
        samples: of the validation set that are used at most; None for as many as an evaluation of the run takes.
        shown: samples whose predictions are told.

    Returns:
        `metrics` (metric -> value); `samples`, how many were measured, `of` how many there are; `items`, the first ones with the
        model's predictions; `answers`, what a prediction is made of (`AnswerForm`); `images`, their pictures (n, height, width),
        or None.
    """
    loaded = loaded_model(run, step)
    task = loaded.dataset.task
    limit = loaded.experiment.training.eval_samples if samples is None else samples
    measured = measure(loaded, None if part is None else Part(part, number), limit=limit, shown=shown)
    return {
        "metrics": measured.metrics,
        "samples": measured.count,
        "of": len(loaded.dataset.held_out("validation")),
        "items": list(measured.predictions),
        "answers": task_kind(task)(task).answer_form(task),
        "images": None if measured.images is None else measured.images.tolist(),
    }


def alike(  # noqa: PLR0913, PLR0917 - what is looked for, and where
    run: str, step: int, kind: str, name: str, index: int, first: int, last: int, unit: int | None = None
) -> dict[str, Any]:
    """The passages of the validation set that are most alike to one, as a layer of a checkpoint's model sees them.

    Args:
        run: path of the run's folder.
        step: of the checkpoint.
        kind: `states` or `gates`.
        name: the layer, or the layer and its gate.
        index: the sample's place in the validation set.
        first, last: the first and the last step, from 1.
        unit: the one unit that is compared, or None for all.

    Returns:
        See `workbench.training.alike.Alike`.
    """
    return find_alike(loaded_model(run, step), kind, name, index, (first, last), unit=unit).to_dict()


def evaluate(run: str, step: int, split: Split = "test", data: Sequence[str] = ()) -> dict[str, Any]:
    """Measure a checkpoint in full; that is kept with the run, see `workbench.runs.evaluations`.

    Args:
        run: path of the run's folder.
        step: of the checkpoint.
        split: held-out set.
        data: settings of the data that are other than in the training, `length=50,100`: one evaluation for each combination.

    Returns:
        `evaluations`, as `Evaluation.to_dict` has them, without the scores of single samples.
    """
    folder = RunFolder(Path(run))
    told = evaluate_run(folder, step, split, combinations(data))
    return {"evaluations": [{**one.to_dict(scores=False), "scores": {}} for one in told]}


def answer(  # noqa: PLR0913 - what is asked, how it is answered, and what is told beside the answer
    run: str,
    step: int,
    text: str | None = None,
    values: list[Any] | None = None,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    beam: int | None = None,
    seed: int | None = None,
    saliency: bool = False,
    attention: bool = False,
    go_on: int = 0,
) -> dict[str, Any]:
    """What a checkpoint's model answers to one input: what `workbench predict` tells of it.

    Args:
        run: path of the run's folder.
        step: of the checkpoint.
        text: the input as a person types it, or
        values: the same as numbers, in nested lists; neither for the first sample of the test set, as where there is no input.
        temperature, top_k, beam: how symbols are chosen (`Decoding`); without a temperature and a beam as is usual for the model.
        seed: of what is drawn, or None.
        saliency, attention, go_on: what else is told, see `LoadedModel.predict`.

    Returns:
        `item`, as `LoadedModel.predict` gives it.
    """
    loaded = loaded_model(run, step)
    usual = temperature is None and beam is None and top_k is None
    decoding = None if usual else Decoding(temperature, 1 if beam is None else beam, top_k)
    given = [np.array(values)] if values is not None else ["test:0" if text is None else text]
    (item, *_) = loaded.predict(given, decoding=decoding, seed=seed, saliency=saliency, attention=attention, go_on=go_on)
    return {"item": item}


def sample(run: str, step: int, place: int) -> dict[str, Any]:
    """A sample of the test set, to begin with.

    Args:
        run: path of the run's folder.
        step: of the checkpoint.
        place: in the test set, from 0; counted on from its end.

    Returns:
        `place`, within the set; `of`, how many there are; `text`, the input as a person types it, "" where it is too long to or
        is drawn; `values`, the same as nested lists in the data's own numbers; `target`, what should come out, as text;
        `decoding`, how symbols are chosen unless a person says so (`temperature`, `beam`), None where none are written.

    Raises:
        DataError: the files of the data are not here, or there is no test set.
    """
    dataset = loaded_model(run, step).dataset
    test = dataset.held_out("test")
    if not len(test):
        raise DataError("data: the test set is empty; expected a sample. Type an input instead.")
    place %= len(test)
    (one,) = dataset.samples(test.slice(place, place + 1))
    signal = dataset.task.inputs
    numbers = signal.unscaled(one.inputs) if isinstance(signal, Vectors) else one.inputs
    usual = task_kind(dataset.task)(dataset.task).usual_decoding(dataset)
    return {
        "place": place,
        "of": len(test),
        "text": one.input_text,
        "values": numbers.tolist(),
        "target": one.target_text,
        "decoding": {"temperature": usual.temperature, "beam": usual.beam} if isinstance(dataset.task.outputs, Tokens) else None,
    }


QUESTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "ablate": ablate,
    "alike": alike,
    "answer": answer,
    "describe": describe,
    "evaluate": evaluate,
    "parts": parts,
    "sample": sample,
}
"""Question -> the function that answers it."""
