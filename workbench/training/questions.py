"""What a waiting process with torch answers: one function for each question, of plain JSON values in and out.

    parts(run="/runs/a-run", step=1200)                   ->  {"parts": {"backbone.layers.0/unit": 64, ...}}
    ablate(run=..., step=..., part="head", number=0)      ->  {"metrics": {"loss": 0.02}, "items": [...], ...}
    evaluate(run=..., step=...)                           ->  {"evaluations": [{"measures": ...}]}
    alike(run=..., step=..., kind="states", name=..., ...)  ->  {"query": {...}, "hits": [{"index": 17, ...}, ...], ...}

A new question is a function here with its name in `QUESTIONS`; what a person can fix is raised as a `WorkbenchError`. The last
model is kept, so the second question about a checkpoint is answered without loading it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cards import Split
from workbench.cards.catalog import task_kind
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.training import estimate
from workbench.training.ablation import measure, model_parts
from workbench.training.alike import find_alike
from workbench.training.assessing import combinations, evaluate_run
from workbench.training.checkpoint_files import checkpoint_path
from workbench.training.inference import LoadedModel, load_model
from workbench.training.parts import Part

__all__ = ["QUESTIONS", "ablate", "alike", "describe", "evaluate", "loaded_model", "parts"]


class _Kept:
    """The model that was asked about last, by its file and when that was written."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._written: int | None = None
        self._loaded: LoadedModel | None = None

    def load(self, folder: RunFolder, step: int) -> LoadedModel:
        """The model of a checkpoint. A run that goes on removes older files; what is loaded is answered about nonetheless."""
        path = checkpoint_path(folder, step)
        try:
            written = path.stat().st_mtime_ns
        except OSError:
            written = None
        if self._loaded is None or path != self._path or written not in (None, self._written):
            self._loaded = None  # never two at once
            self._loaded = load_model(folder, step)
            self._path, self._written = path, written
        return self._loaded


_KEPT = _Kept()


def loaded_model(run: str, step: int) -> LoadedModel:
    """The model of a run's checkpoint; that of the last call is kept.

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
    told = [evaluate_run(folder, step, split, changes) for changes in combinations(data)]
    return {"evaluations": [{**one.to_dict(scores=False), "scores": {}} for one in told]}


QUESTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "ablate": ablate,
    "alike": alike,
    "describe": describe,
    "evaluate": evaluate,
    "parts": parts,
}
"""Question -> the function that answers it."""
