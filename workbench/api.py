"""The Python API: what `import workbench` offers.

    experiment = workbench.load_preset("gated/adding_lstm", {"training.steps": 300})
    run = workbench.train(experiment)
    steps, loss = run.metrics("train/loss")
    model = run.model("best")                  # a torch module in eval mode
    run.predict(["0.1 0 0.9 1 ..."])
    workbench.list_runs("state:finished")
    workbench.open_run("latest").summary()

Neither importing this nor listing, opening and training runs imports torch here: training happens in a process of its own.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.cards.own_code import asking
from workbench.errors import RunFailedError, UsageError
from workbench.experiment import Experiment
from workbench.experiment.from_python import data_values, is_model, model_values
from workbench.experiment.presets import load_preset as _load_preset
from workbench.experiment.settings import SNAPSHOT_VIEWS
from workbench.paths import checked_path, path_problem
from workbench.runs.folder import RunFolder
from workbench.runs.listing import find_reference
from workbench.runs.listing import list_runs as _list_runs
from workbench.runs.reader import RunReader
from workbench.runs.records import Probe, Status
from workbench.runs.root import default_root
from workbench.runs.summary import RunSummary
from workbench.saying import nearest, said

if TYPE_CHECKING:
    from torch import nn

    from workbench.cards import Split
    from workbench.runs.evaluations import Evaluation
    from workbench.training.decodings import Decoding
    from workbench.training.inference import Inputs, LoadedModel

__all__ = ["Run", "list_runs", "load_bundle", "load_preset", "open_run", "train"]

_POLL_EVERY_S = 0.05


@dataclass(frozen=True)
class Run:
    """A run, live or ended. Get one from `open_run` or `train`.

    Attributes:
        folder: where it lies.
    """

    folder: RunFolder

    def __post_init__(self) -> None:
        if not isinstance(self.folder, RunFolder):
            raise UsageError(f"Run: got {said(self.folder)}; expected a run's folder. Call workbench.open_run with its name.")

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    @property
    def id(self) -> str:
        """Its id."""
        return self.folder.id

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.folder.path

    @cached_property
    def experiment(self) -> Experiment:
        """What it was started with."""
        return self.folder.experiment()

    def status(self) -> Status:
        """State, step, total, and whether its process is there, now."""
        with RunReader(self.folder) as reader:
            return reader.status()

    def tags(self) -> list[str]:
        """Names of its series."""
        with RunReader(self.folder) as reader:
            return reader.tags()

    def metrics(self, tag: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """A series as steps (n,) int64 and values (n,) float64.

        Args:
            tag: `train/loss`, `validation/accuracy` ...

        Raises:
            UsageError: the run has no such series.
        """
        with RunReader(self.folder) as reader:
            tags = reader.tags()
            if tag not in tags:
                raise UsageError(
                    f"{self.id}: got tag {said(tag)}; expected one of {', '.join(tags) or 'none, nothing is logged yet'}."
                )
            return reader.scalars(tag)

    def frame(self) -> Any:
        """All series as a data frame, of polars or pandas, whichever is installed: `step`, then a column for each series.

        Raises:
            UsageError: neither is installed.
        """
        with RunReader(self.folder) as reader:
            series = {tag: reader.scalars(tag) for tag in reader.tags()}
        steps = np.unique(np.concatenate([steps for steps, _ in series.values()])) if series else np.zeros(0, dtype=np.int64)
        columns: dict[str, NDArray[Any]] = {"step": steps}
        for tag, (at, values) in series.items():
            columns[tag] = np.full(len(steps), np.nan)
            columns[tag][np.searchsorted(steps, at)] = values
        for library in ("polars", "pandas"):
            try:
                return importlib.import_module(library).DataFrame(columns)
            except ImportError:
                continue
        raise UsageError("frame: got neither polars nor pandas; expected one of them. Install it, or take Run.metrics.")

    def _repr_html_(self) -> str:
        """Curves, state and newest values, as a notebook shows them."""
        from workbench.run_figures import run_html

        with RunReader(self.folder) as reader:
            return run_html(reader)

    def summary(self) -> dict[str, float]:
        """The newest value of every series."""
        with RunReader(self.folder) as reader:
            return reader.latest_values()

    def model(self, which: str | int = "") -> nn.Module:
        """The model of a checkpoint, in eval mode, on the CPU. Imports torch.

        Args:
            which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.

        Raises:
            CheckpointError: there is none, or it is damaged.
        """
        from workbench.training.inference import load_model

        return load_model(self.folder, which).model

    def predict(  # noqa: PLR0913 - what is asked, how it is answered, and what is told beside the answer
        self,
        inputs: Inputs | None = None,
        which: str | int = "",
        *,
        decoding: Decoding | None = None,
        seed: int | None = None,
        saliency: bool = False,
        attention: bool = False,
        go_on: int = 0,
        accept_changed_data: bool = False,
    ) -> list[dict[str, Any]]:
        """What a checkpoint predicts for inputs as a person types them, or for samples of the test set.

        Args:
            inputs: texts, or `test:12` for a sample of the test set; one text is one input; an array of inputs, or a list of
                arrays of one input each; None for the first samples of the test set.
            which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
            decoding: how the tokens of a generated sequence are chosen, a `workbench.Decoding`.
            seed: of what is drawn; None for other draws each time.
            saliency: tell what each answer hangs on: the gradient of one number of it with respect to the input.
            attention: tell where the model looked.
            go_on: steps by which a forecast is continued after the input's last one.
            accept_changed_data: take samples of the test set also from files that have changed since the training.

        Raises:
            DataError: an input is not one of the dataset's, or its files are gone or have changed.
            CheckpointError: there is no such checkpoint, or it is damaged.
            UsageError: a decoding or a seed is without effect on this model.
        """
        from workbench.training.inference import load_model

        return load_model(self.folder, which, accept_changed_data=accept_changed_data).predict(
            inputs, decoding=decoding, seed=seed, saliency=saliency, attention=attention, go_on=go_on
        )

    def evaluate(
        self, which: str | int = "", *, split: Split = "test", data: Mapping[str, Any] | None = None, samples: int | None = None
    ) -> Evaluation:
        """Measure a checkpoint in full: metrics with intervals of 95 % and baselines, confusion, calibration, where it fails.

        What was measured on all samples is kept with the run. Imports torch.

        Args:
            which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
            split: held-out set.
            data: settings of the data that are other than in the training, `{"length": 200}`.
            samples: so many at most; None for all.

        Raises:
            UsageError: there is no such checkpoint, or the model cannot be asked that.
            CheckpointError: there is no checkpoint yet, or it is damaged.
            DataError: the data cannot be had.
        """
        from workbench.training.assessing import evaluate_run

        (evaluation,) = evaluate_run(self.folder, which, split, [data or {}], limit=samples)
        return evaluation

    def ablate(self, parts: str | Sequence[str], which: str | int = "", *, split: Split = "validation") -> list[dict[str, Any]]:
        """What a checkpoint scores with parts of its model switched off, one at a time; the run stays as it is. Imports torch.

        Args:
            parts: as `workbench ablate RUN` lists them, or the ends of their names: "update_gate", "head:0", "unit:3", "skip".
            which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
            split: the held-out set on which it is measured.

        Returns:
            `part` (None for the intact model, which comes first), `metrics`, and `items`, the first samples with its answers.

        Raises:
            UsageError: there is no such part.
            CheckpointError: there is no such checkpoint, or it is damaged.
        """
        from workbench.training.ablation import ablate, find_part
        from workbench.training.inference import load_model

        loaded = load_model(self.folder, which)
        chosen = [find_part(loaded, part) for part in ([parts] if isinstance(parts, str) else parts)]
        return [ablated.to_dict() for ablated in ablate(loaded, chosen, split)]

    def alike(  # noqa: PLR0913 - what is looked for, and where
        self,
        name: str,
        sample: int,
        steps: tuple[int, int],
        which: str | int = "",
        *,
        kind: str = "states",
        unit: int | None = None,
        top: int = 10,
        limit: int = 1000,
    ) -> dict[str, Any]:
        """Passages of the validation set in which a layer does most nearly what it does in some steps of one. Imports torch.

        Args:
            name: the layer, or with `gates` the layer and its gate, as `workbench probe RUN states` names them.
            sample: place of the sample in the validation set, from 0.
            steps: the first and the last step, from 1, both included.
            which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
            kind: `states` or `gates`.
            unit: the one unit that is compared, from 0; None for all.
            top: passages that are told at most.
            limit: samples that are searched at most.

        Returns:
            `hits`, the nearest first, each with its sample's `index`, `first` and `last` step, `distance`, `words` with those
            `before` and `after`, `target`, `activity` and `inputs`; the `query` likewise; `mean_inputs` of the hits, and what
            was compared, see `workbench.training.alike.Alike`.

        Raises:
            UsageError: there is no such layer, unit, sample or step.
            CheckpointError: there is no such checkpoint, or it is damaged.
            DataError: the validation set cannot be had.
        """
        from workbench.training.alike import find_alike
        from workbench.training.inference import load_model

        loaded = load_model(self.folder, which)
        return find_alike(loaded, kind, name, sample, steps, unit=unit, top=top, limit=limit).to_dict()

    def inspect(
        self, views: str | Sequence[str], which: str | int = "", *, split: Split = "validation", samples: int = 1000
    ) -> list[Probe]:
        """What the layers of a checkpoint hold over held-out samples: what snapshots record of a few, of as many as wanted.

        One pass over all of them at once; nothing is thinned. The run stays as it is. Imports torch.

        Args:
            views: `states`, `gates`, `attention` ...: one or more of the names that the setting `inspect.views` knows.
            which: "best", "last" or a step; "" is the best one, or the last where none is marked as best.
            split: the held-out set.
            samples: so many from its beginning, or all where it has fewer.

        Returns:
            The samples themselves (kind `samples`: `info` has their words as `inputs` and `outputs`), then one array for each
            view and layer that the model has, with the sample as its first axis; `info` says what the axis of time means.

        Raises:
            UsageError: there is no such view, or `samples` is no number from 1 on.
            CheckpointError: there is no such checkpoint, or it is damaged.
        """
        from workbench.training.inference import load_model
        from workbench.training.looking import inspect_model

        names = _views([views] if isinstance(views, str) else views)
        if isinstance(samples, bool) or not isinstance(samples, Integral) or samples < 1:
            raise UsageError(f"inspect: got {said(samples)} samples; expected a whole number from 1 on.")
        if split not in ("validation", "test"):
            raise UsageError(f"inspect: got split {said(split)}; expected validation or test.")
        return inspect_model(load_model(self.folder, which), names, split, int(samples))

    def wait(self) -> Status:
        """Block until no process works on the run any more.

        Raises:
            RunFailedError: it failed, or its process is gone.
        """
        with RunReader(self.folder) as reader:
            while (status := reader.status()).alive:
                time.sleep(_POLL_EVERY_S)
            if status.state in ("failed", "lost"):
                reasons = [event.message for event in reader.events() if event.kind == "failed"]
                reason = reasons[-1].rstrip(".") if reasons else "its process is gone"
                raise RunFailedError(f"{self.id}: {status.state} at step {status.step}: {reason}. See {self.folder.log_path}.")
        return status


def open_run(name: str | PathLike[str] = "latest", runs_dir: Path | str | None = None, *, trust_code: bool = False) -> Run:
    """A run by its id, a unique beginning or end of it, its name, `latest`, or the path of its folder.

    Args:
        name: as above.
        runs_dir: folder of the runs; WORKBENCH_RUNS or ./runs by default.
        trust_code: whether code that came with the run may be run, now and later. Read it first, in the run's folder `code`.

    Raises:
        RunNotFoundError: none, or more than one, answers to it.
    """
    name = _text(name, "open_run: name")
    if not path_problem(name) and (Path(name) / "run.db").is_file():
        folder = RunFolder(Path(name))
    else:
        folder, _ = find_reference(_root(runs_dir), name)
    if trust_code:
        with asking(lambda _: True):
            folder.experiment()
    return Run(folder)


def list_runs(query: str = "", runs_dir: Path | str | None = None) -> list[RunSummary]:
    """The runs that match a query (all by default), newest first: id, state, step, main metric, values and more.

    Raises:
        UsageError: the query cannot be read.
    """
    return _list_runs(_root(runs_dir), _text(query, "list_runs: query"))


def load_preset(name: str | PathLike[str], changes: Mapping[str, Any] | None = None) -> Experiment:
    """The experiment of a preset, or of a TOML file given by its path, with `changes` ("table.key" -> value) laid over it.

    Raises:
        ExperimentError: no such preset, or it does not hold together; every problem is named.
    """
    return _load_preset(name, changes, "changes")


def train(
    experiment: Experiment | str | PathLike[str] | type[Any],
    data: Any = None,
    *,
    name: str = "",
    runs_dir: Path | str | None = None,
    wait: bool = True,
    **changes: Any,
) -> Run:
    """Train in a process of its own. What comes of it is a run like any other: the interface shows it while it goes on.

        workbench.train("gated/adding_gru", steps=300)
        workbench.train("gru", (x, y), hidden_size=32, steps=500)
        workbench.train(MyModule, "sunspots.csv", hidden_size=16)

    Args:
        experiment: an experiment, a preset's name, or the path of a TOML file; with `data` a model: the name of an architecture,
            or a class, of `torch.nn.Module` or of `workbench.cards.ArchitectureCard`. A class of a script or a notebook is
            written down with what it uses, and kept with the run.
        data: what the model is trained on: `(inputs, targets)` or a mapping of arrays as the dataset `arrays` has them, a data
            frame of pandas or polars, the path of a file, or the name of a dataset.
        name: a name for the run.
        runs_dir: folder of the runs; WORKBENCH_RUNS or ./runs by default.
        wait: return when the run has ended; otherwise at once.
        changes: settings laid over it, `steps=300` or, where a bare name is not enough, `**{"optimizer.name": "sgd"}`.

    Raises:
        CardError: the class cannot be written down.
        DataError: nothing can be made of the data.
        ExperimentError: the experiment does not hold together.
        RunFailedError: the run failed (with `wait`).
    """
    from workbench.training import launch

    preset, name = "", _text(name, "train: name")
    if data is not None or is_model(experiment):
        experiment = _of_model(experiment, data, _root(runs_dir), changes)
    elif not isinstance(experiment, Experiment):
        preset = _text(experiment, "train: experiment")
        experiment = load_preset(preset, changes)
    elif changes:
        experiment = experiment.with_changes(changes)
    launch.check_device(experiment.training.device)
    folder = RunFolder.create(_root(runs_dir), experiment, name, preset="" if preset.endswith(".toml") else preset)
    launch.start(folder)
    run = Run(folder)
    if wait:
        run.wait()
    return run


def load_bundle(path: Path | str, *, accept_changed_data: bool = False, trust_code: bool = False) -> LoadedModel:
    """The model of an exported bundle. Nothing in it is executed, unless that is allowed. Imports torch.

    Args:
        path: the bundle's folder, or an exported safetensors file.
        accept_changed_data: take samples of the test set also from files that have changed since the training.
        trust_code: whether code that came with it, of a card of somebody's own, may be run, now and later. Read it first.

    Raises:
        ExportError: it is not a bundle, or it is damaged.
    """
    from workbench.export.loading import load_bundle as load

    with asking(lambda _: True) if trust_code else nullcontext():
        return load(checked_path(path, "load_bundle: path"), accept_changed_data=accept_changed_data)


def _of_model(model: Any, data: Any, root: Path, changes: Mapping[str, Any]) -> Experiment:
    """An experiment of a model and data, with the loop's own defaults."""
    if data is None:
        raise UsageError("train: data: got nothing; expected what the model is trained on. Give (inputs, targets), or a name.")
    model = model if is_model(model) else _text(model, "train: model")
    values = {
        "title": model if isinstance(model, str) else getattr(model, "__name__", type(model).__name__),
        "model": model_values(model, "train: model"),
        "data": data_values(data, "train: data", root / ".arrays"),
        "optimizer": {"name": "adam"},
        "training": {},
    }
    return Experiment.from_dict(values, changes=changes, changed_by="changes")


def _root(runs_dir: Path | str | None) -> Path:
    return default_root() if runs_dir is None else checked_path(runs_dir, "runs_dir")


def _views(given: Any) -> list[str]:
    """Names of views, in their order.

    Raises:
        UsageError: they are something else, or none.
    """
    names = list(given) if isinstance(given, Sequence) and not isinstance(given, bytes) else [given]
    for name in names:
        if name not in SNAPSHOT_VIEWS:
            hint = nearest(name, SNAPSHOT_VIEWS) if isinstance(name, str) else f"There are {', '.join(SNAPSHOT_VIEWS)}."
            raise UsageError(f"inspect: got view {said(name)}; expected one that there is. {hint}")
    if not names:
        raise UsageError(f"inspect: got no view; expected one or more of {', '.join(SNAPSHOT_VIEWS)}.")
    return names


def _text(given: Any, where: str) -> str:
    """What was given as a name, or as a path, in words.

    Raises:
        UsageError: it is something else.
    """
    given = fspath(given) if isinstance(given, PathLike) else given
    if not isinstance(given, str):
        raise UsageError(f"{where}: got {said(given)}; expected text. Write it between quotes.")
    return given
