"""A run folder: everything about one run, self-contained, so that it can be copied to another machine and opened there.

runs/20261123-101500-lstm-adding-7f3a/
  experiment.toml      resolved, human-readable, relaunchable
  run.db               the truth of the run
  checkpoints/         step-00001200.safetensors, ...; which one is best stands in run.db and in the checkpoints themselves
  code/                the user's own files that its cards come from, where it has any
  data.json            vocabulary, classes and digests of the user's own data files, where it has any
  worker.log           what the worker printed
  exports/
  evaluations/         what its checkpoints were measured at in full, where somebody asked for that
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.cards import Carried
from workbench.cards.own_code import keep
from workbench.cards.stored_task import carried_from_dict, carried_to_dict
from workbench.errors import StoreError
from workbench.experiment import Experiment
from workbench.names import checked_name
from workbench.paths import resolved
from workbench.runs.process import host_name, place_of, process_start
from workbench.runs.schema import create_database, refuse_link, transaction, translate

__all__ = ["RunFolder", "current_versions"]


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run. Making one touches nothing; `create` makes the folder.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def id(self) -> str:
        """The run's id, which is the folder's name."""
        return resolved(self.path).name

    @property
    def experiment_path(self) -> Path:
        """The resolved experiment."""
        return self.path / "experiment.toml"

    @property
    def database_path(self) -> Path:
        """The database that `RunWriter` writes and `RunReader` reads."""
        return self.path / "run.db"

    @property
    def checkpoints_path(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def begin_path(self) -> Path:
        """The checkpoint that a run begins with which was forked, or took over weights; other runs have none."""
        return self.path / "begin.safetensors"

    @property
    def data_path(self) -> Path:
        """What the run's model carries of data files of the user's."""
        return self.path / "data.json"

    @property
    def code_path(self) -> Path:
        """The files of the user's own that its cards come from, as they were when the run was started."""
        return self.path / "code"

    @property
    def pending_path(self) -> Path:
        """What a worker could not write into a database that another process held, or onto a full disk."""
        return self.path / "pending.jsonl"

    @property
    def log_path(self) -> Path:
        """What the worker printed, tracebacks included."""
        return self.path / "worker.log"

    @property
    def exports_path(self) -> Path:
        """Folder where exports go unless told otherwise."""
        return self.path / "exports"

    @property
    def evaluations_path(self) -> Path:
        """What its checkpoints were measured at in full."""
        return self.path / "evaluations"

    def own(self, path: Path) -> Path:
        """A path of this run, once it is sure that it lies in its folder: a link could lead to somebody else's files.

        Raises:
            StoreError: it is a link.
        """
        refuse_link(path)
        return path

    def refuse_links(self) -> None:
        """Nothing of a run is written or removed through a link that stands in its folder; asked before a run is worked on.

        Raises:
            StoreError: one of the files and folders that a worker writes is a link.
        """
        own = (self.experiment_path, self.database_path, self.checkpoints_path, self.begin_path, self.log_path, self.exports_path)
        beside = [self.path / name for name in ("run.db-wal", "run.db-shm", "pending.jsonl", ".pending.jsonl.tmp", ".room")]
        for path in (*own, *beside):
            refuse_link(path)

    def experiment(self) -> Experiment:
        """The experiment that the run was started with.

        Raises:
            ExperimentError: the file is missing, or this version cannot read it.
            StoreError: the file is a link.
        """
        carried = self.carried()
        return Experiment.load(self.own(self.experiment_path), task=None if carried is None else carried.task)

    def carried(self) -> Carried | None:
        """What the run's model carries of data files of the user's: they may be gone, or others by now. None where it has none.

        Raises:
            StoreError: the record is damaged.
        """
        try:
            text = self.own(self.data_path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None  # data that are made here, or a run older than this record
        except (OSError, UnicodeDecodeError) as error:
            raise self._damaged(error) from error
        try:
            return carried_from_dict(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> StoreError:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return StoreError(f"{self.data_path}: damaged: {reason}; expected what the run wrote. Take it from a backup.")

    def check_data(self, *, accept_changed: bool = False) -> list[str]:
        """Before training goes on: the data files are those that it began with.

        Args:
            accept_changed: take them as they are now instead, and remember that; the vocabulary stays the run's.
        Returns:
            Paths of the files that have changed and were accepted now.
        Raises:
            ChangedDataError: a file has changed, and that is not accepted.
            DataError: a file is missing.
            StoreError: it cannot be remembered.
        """
        carried = self.carried()
        if carried is None:
            return []
        if not accept_changed:
            carried.check("train a new run on another one")
            return []
        accepted = carried.as_now()
        if accepted != carried:
            self._write_carried(accepted)
        return [now.path for now, before in zip(accepted.sources, carried.sources, strict=True) if now != before]

    def _write_carried(self, carried: Carried) -> None:
        temporary = self.data_path.with_name(f".{self.data_path.name}.tmp")
        with translate(self.data_path):
            temporary.write_text(json.dumps(carried_to_dict(carried), ensure_ascii=False), encoding="utf-8")
            temporary.replace(self.data_path)

    @classmethod
    def create(
        cls,
        root: Path,
        experiment: Experiment,
        name: str = "",
        parent: Mapping[str, Any] | None = None,
        preset: str = "",
    ) -> RunFolder:
        """Make the folder of a new run, in state `starting`.

        Args:
            root: folder of all runs; made when it is missing.
            experiment: what to train.
            name: a person's name for the run, or "".
            parent: what it begins with, as `workbench.runs.lineage.Parent` tells it.
            preset: the preset that it came from, or "".
        Raises:
            UsageError: the name could be mistaken for something else.
            StoreError: the folder cannot be written.
            DataError: a file of the data cannot be read any more.
        """
        name = checked_name(name)
        experiment = experiment.with_absolute_paths()
        with translate(root):
            root.mkdir(parents=True, exist_ok=True)
            folder = cls(_new_path(root, experiment))
        try:
            folder._fill(experiment, _meta(experiment, name, parent, preset))
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)  # half a run would show up in listings
            raise
        return folder

    def _fill(self, experiment: Experiment, meta: dict[str, Any]) -> None:
        with translate(self.path):
            self.checkpoints_path.mkdir()
            self.exports_path.mkdir()
            self.experiment_path.write_text(experiment.to_toml(), encoding="utf-8")
        for code in experiment.own_code:
            keep(code)
            with translate(self.code_path):
                self.code_path.mkdir(exist_ok=True)
                (self.code_path / code.kept_name).write_text(code.text, encoding="utf-8")
        if any(getattr(experiment.data.config, key) for key in experiment.dataset_card.paths):
            self._write_carried(experiment.dataset_card.carried(experiment.data.config))
        with translate(self.path):
            meta = {**meta, "place": place_of(self.path)}
        connection = create_database(self.database_path)
        try:
            with translate(self.database_path), transaction(connection):
                connection.executemany("INSERT INTO meta VALUES (?, ?)", [(key, json.dumps(meta[key])) for key in meta])
                # this process sees to it that a worker starts; when it is gone before that, the run is lost and can be resumed
                connection.execute(
                    "INSERT INTO status VALUES (1, 'starting', 0, ?, ?, ?, ?, 0)",
                    (experiment.training.steps, time.time(), os.getpid(), process_start()),
                )
        finally:
            connection.close()


def _new_path(root: Path, experiment: Experiment) -> Path:
    """A folder that did not exist, made now. Runs of the same second differ in four random digits."""
    words = "-".join(re.sub(r"[^a-z0-9]+", "_", word.lower()) for word in (experiment.model.name, experiment.data.name))
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{words}"
    while True:
        path = root / f"{stem}-{secrets.token_hex(2)}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _meta(experiment: Experiment, name: str, parent: Mapping[str, Any] | None, preset: str) -> dict[str, Any]:
    return {
        "experiment": experiment.to_dict(),
        "title": experiment.title,
        "name": name,
        "preset": preset,
        "tags": [],
        "note": "",
        "created": time.time(),
        "seed": experiment.training.seed,
        "versions": current_versions(),
        "git": _git(Path.cwd()),
        "host": host_name(),
        "threads": experiment.training.threads,
        "device": experiment.training.device,
        "baselines": {
            baseline.metric: baseline.words for baseline in reversed(experiment.task.baselines)
        },  # the first one counts
        "parent": None if parent is None else dict(parent),
    }


def current_versions() -> dict[str, str]:
    """Versions of what computes a run, without importing any of it."""
    versions = {"python": platform.python_version()}
    for key, distribution in (("workbench", "nn-workbench"), ("torch", "torch"), ("numpy", "numpy")):
        try:
            versions[key] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            versions[key] = "unknown"
    return versions


def _git(folder: Path) -> dict[str, Any] | None:
    """Commit of the repository that a run is started in and whether it has changes; None where there is none."""
    git = shutil.which("git")
    if git is None:
        return None
    try:
        commit = subprocess.run(  # noqa: S603 - a fixed command
            [git, "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, timeout=2, check=True
        )
        changes = subprocess.run(  # noqa: S603 - a fixed command
            [git, "status", "--porcelain", "--untracked-files=no"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit.stdout.strip(), "dirty": bool(changes.stdout.strip())}
