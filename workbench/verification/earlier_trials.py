"""Finds trials that were run before and kept, so that a verification of hours can be interrupted and go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import ExperimentError, StoreError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder, current_versions
from workbench.runs.listing import list_runs
from workbench.runs.reader import RunReader
from workbench.runs.source_digests import is_unchanged
from workbench.verification.claims import Outcome, Trial
from workbench.verification.values import run_values

__all__ = ["kept_outcomes"]

_TABLES = ("model", "data", "optimizer", "training")
"""What decides a run's numbers; a preset's texts and its claim may have changed meanwhile."""


def kept_outcomes(trials: Sequence[Trial], experiments: Mapping[str, Experiment], root: Path) -> dict[Trial, Outcome]:
    """The outcomes of those trials that a folder of runs already holds.

    A run counts when it finished, nothing was changed while it went, and the same code and versions on the same settings would
    give the same numbers again.

    Args:
        trials: what is needed.
        experiments: by preset, what is trained, the number of threads included; the seed is the trial's.
        root: folder of runs; it may be missing.
    """
    wanted = {_settings(experiments[trial.preset].to_dict(), trial.seed): trial for trial in trials}
    outcomes: dict[Trial, Outcome] = {}
    for summary in list_runs(root):
        if summary.state != "finished":
            continue
        try:
            with RunReader(RunFolder(summary.path)) as reader:
                meta = reader.meta()
                trial = wanted.get(_settings(meta["experiment"], meta["seed"]))
                if trial is None or trial in outcomes or not _same_code(meta):
                    continue
                if any(event.kind == "changed" for event in reader.events()):
                    continue
                outcomes[trial] = Outcome(
                    run_values(reader),
                    reader.status().heartbeat - meta["created"],
                    instructions=str(meta.get("instructions", "")),
                )
        except (StoreError, ExperimentError, KeyError, TypeError):  # the last two: meta that no run has written
            continue  # a damaged run is no evidence; its trial is run again
    return outcomes


def _settings(experiment: Mapping[str, Any], seed: int) -> str:
    """What is trained, as a key."""
    tables = {name: dict(experiment[name]) for name in _TABLES}
    tables["training"]["seed"] = seed
    return repr([(name, sorted(tables[name].items())) for name in _TABLES])


def _same_code(meta: Mapping[str, Any]) -> bool:
    return is_unchanged(meta.get("source", {})) and meta.get("versions") == current_versions()
