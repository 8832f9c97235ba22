"""One line about a run, and a cache of such lines keyed by what the file system says of the run's database."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from workbench.cards import catalog
from workbench.cards.catalog import lower_is_better
from workbench.errors import StoreError
from workbench.paths import resolved
from workbench.runs.differences import settings_in_force
from workbench.runs.folder import RunFolder
from workbench.runs.process import is_here, real_state
from workbench.runs.reader import RunReader
from workbench.runs.records import QUEUED
from workbench.system import replace

__all__ = ["RunSummary", "SummaryCache", "main_metric"]


@dataclass(frozen=True)
class RunSummary:
    """What a listing shows of a run.

    Attributes:
        id: the folder's name.
        path: the folder.
        name: a person's name for it, or "".
        title: the experiment's title.
        preset: the preset it came from, or "".
        state: as `Status.state`, or `damaged` when its database cannot be read.
        architecture, dataset: the cards' names.
        step, total: steps done and steps in all.
        metric: tag of the metric that counts most (see `main_metric`), "" when there is none yet.
        value: its value, for validation the best; None when there is none.
        baseline: a trivial predictor's score in that metric, in words (`predicting 1: 0.1667`), or "".
        baselines: the same for every metric that has one, by metric.
        created: Unix time, in seconds.
        seconds: time spent in training steps, see `RunReader.training_seconds`.
        tags, note: what people wrote on it.
        size: bytes on disk, when the database last changed.
        values: the newest value of every series by tag, for queries.
        settings: the settings in force, as "table.key" -> value.
        changes: what of them was changed while the run went on, in order: {"step": steps done, "values": "table.key" -> value}.
        sources: SHA-256 of each file of the user's that its data were read from, by path.
        differs: what sets it apart from the other runs of its listing, in words (see `workbench.runs.differences`).
        parent: run and step that it was forked from or took its weights from, {} for others.
        namesakes: how many other runs of the folder have its name.
        queued: when it began to wait for a free core, Unix time in seconds, or None.
        place: its place among the runs of the folder that wait for a core, from 1; 0 for a run that does not wait.
    """

    id: str
    path: Path
    name: str = ""
    title: str = ""
    preset: str = ""
    state: str = "damaged"
    architecture: str = ""
    dataset: str = ""
    step: int = 0
    total: int = 0
    metric: str = ""
    value: float | None = None
    baseline: str = ""
    baselines: dict[str, str] = field(default_factory=dict, repr=False)
    created: float = 0.0
    seconds: float = 0.0
    tags: tuple[str, ...] = ()
    note: str = ""
    size: int = 0
    values: dict[str, float] = field(default_factory=dict, repr=False)
    settings: dict[str, Any] = field(default_factory=dict, repr=False)
    changes: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    sources: dict[str, str] = field(default_factory=dict, repr=False)
    differs: str = ""
    parent: dict[str, Any] = field(default_factory=dict)
    namesakes: int = 0
    queued: float | None = None
    place: int = 0

    @property
    def waits(self) -> bool:
        """Whether it waits for a free core."""
        return self.queued is not None and self.state == "starting"

    @property
    def standing(self) -> str:
        """Its state for a person; of a run that waits for a core also its place in the queue: `waiting #2`."""
        return f"waiting #{self.place}" if self.place else self.state

    @property
    def label(self) -> str:
        """What a person calls it: its name, else its experiment's title, its cards, its id.

        A name that other runs have as well is followed by the end of the id, which tells them apart.
        """
        name = f"{self.name} ({self.id.rpartition('-')[2]})" if self.name and self.namesakes else self.name
        return name or self.title or (f"{self.architecture} on {self.dataset}" if self.architecture else self.id)

    @property
    def origin(self) -> str:
        """Where it comes from, as `ea58@900`: the end of the parent's id and the step; "" for a run of its own."""
        return f"{self.parent['run'].rpartition('-')[2]}@{self.parent['step']}" if self.parent else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for `--json`, which knows no NaN and no infinity: those are None."""
        values = {tag: value if math.isfinite(value) else None for tag, value in self.values.items()}
        value = self.value if self.value is not None and math.isfinite(self.value) else None
        lists = {"tags": list(self.tags), "changes": list(self.changes)}
        return {**dataclasses.asdict(self), **lists, "path": str(self.path), "value": value, "values": values}


def main_metric(reader: RunReader, latest: Mapping[str, float], claimed: str) -> tuple[str, float] | None:
    """Tag and value of the metric that counts most.

    What the experiment's claim is about, else a test value, else the best on validation, else the training loss.

    Args:
        reader: the run.
        latest: its newest value of every series.
        claimed: the metric of the experiment's claim, or "".
    """
    if claimed in latest:
        return claimed, latest[claimed]
    if name := measured_by("test", latest):
        return f"test/{name}", latest[f"test/{name}"]
    if name := measured_by("validation", latest):
        tag = f"validation/{name}"
        best = reader.best(tag, "min" if lower_is_better(name) else "max")
        return tag, best[1] if best else latest[tag]
    return ("train/loss", latest["train/loss"]) if "train/loss" in latest else None


def measured_by(split: str, tags: Iterable[str]) -> str:
    """Name of the metric that stands for all that was measured on one split, or ""."""
    prefix = f"{split}/"
    return catalog.main_metric(tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix))


def _facts(folder: RunFolder) -> dict[str, Any]:
    """What the database says, as JSON values; what depends on the moment (is the process there?) is added later."""
    with RunReader(folder) as reader:
        written = reader.written_status()
        meta = reader.meta()
        seconds = reader.training_seconds()
        experiment = meta.get("experiment", {})
        values = reader.latest_values()
        metric = main_metric(reader, values, (experiment.get("claim") or {}).get("metric", ""))
        changes = reader.live_changes()
    return {
        "written": written,
        "name": meta.get("name", ""),
        "title": meta.get("title", ""),
        "preset": meta.get("preset", ""),
        "architecture": experiment.get("model", {}).get("name", ""),
        "dataset": experiment.get("data", {}).get("name", ""),
        "metric": metric[0] if metric else "",
        "value": metric[1] if metric else None,
        "baselines": meta.get("baselines", {}),
        "baseline": meta.get("baselines", {}).get(metric[0].rpartition("/")[2], "") if metric else "",
        "created": meta.get("created", 0.0),
        "seconds": seconds,
        "tags": meta.get("tags", []),
        "note": meta.get("note", ""),
        "size": _size(folder.path),
        "values": values,
        "settings": settings_in_force(experiment, changes.until(written["step"])),
        "changes": changes.effective(settings_in_force(experiment, {}), written["step"]),
        "sources": _sources(folder),
        "parent": meta.get("parent") or {},
        "queued": queued if isinstance(queued := meta.get(QUEUED), int | float) else None,
    }


def _sources(folder: RunFolder) -> dict[str, str]:
    """Digests of the data files; none where there is no record of them that can be read."""
    try:
        carried = folder.carried()
    except StoreError:
        return {}
    return {source.path: source.sha256 for source in carried.sources} if carried is not None else {}


def _from_facts(root: Path, run_id: str, facts: dict[str, Any]) -> RunSummary:
    rest = dict(facts)
    written = rest.pop("written")
    moment = (written["state"], written["pid"], written["process_start"], written["heartbeat"], written["host"])
    state, _ = real_state(*moment, here=is_here(written["place"], root / run_id))
    rest["tags"], rest["changes"] = tuple(rest["tags"]), tuple(rest["changes"])
    return RunSummary(run_id, root / run_id, state=state, step=written["step"], total=written["total"], **rest)


def _size(path: Path) -> int:
    """Bytes of all files below a folder; links count for nothing."""
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - a thousand runs are walked
            except OSError:
                continue  # a checkpoint that was pruned meanwhile
    return total


class SummaryCache:
    """Summaries of one root, kept in the platform's cache folder. Whatever is wrong with the file, it is simply not used."""

    def __init__(self, root: Path) -> None:
        self.root = root
        digest = hashlib.sha256(str(resolved(root)).encode()).hexdigest()[:16]
        self._path = user_cache_path("workbench") / f"runs-{digest}.json"
        self._changed = False
        self._entries: dict[str, list[Any]] = {}
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
            if entries.get("version") == _CACHE_VERSION:
                self._entries = entries["runs"]
        except (OSError, ValueError, KeyError, AttributeError):
            pass

    def summary(self, name: str) -> RunSummary | None:
        """The summary of the run in folder `name` of the root, or None when that is not a run folder."""
        key = _key(self.root / name / "run.db")
        if key is None:
            return None
        try:
            entry = self._entries.get(name)
            if entry is not None and entry[0] == key:
                return _from_facts(self.root, name, entry[1])
        except (LookupError, TypeError, ValueError, AttributeError):
            pass  # the cache is not what was written
        try:
            facts = _facts(RunFolder(self.root / name))
        except StoreError:
            return RunSummary(name, self.root / name, size=_size(self.root / name))
        self._entries[name] = [key, facts]
        self._changed = True
        return _from_facts(self.root, name, facts)

    def save(self, names: Iterable[str]) -> None:
        """Keep what was read, for the runs that still exist. A cache that cannot be written is not missed."""
        gone = self._entries.keys() - set(names)
        if not (self._changed or gone):
            return
        for name in gone:
            del self._entries[name]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"version": _CACHE_VERSION, "runs": self._entries}, file)
            replace(Path(temporary), self._path)
        except OSError:
            return


_CACHE_VERSION = 9


def _key(database: Path) -> list[int] | None:
    """Size and time of change of a database and its write-ahead log; None when there is no database."""
    try:
        main = os.stat(database)  # noqa: PTH116 - a thousand runs are looked at
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return [0, 0, 0, 0]  # there is something, which opening it will tell of
    try:
        log = os.stat(f"{database}-wal")  # noqa: PTH116 - a thousand runs are looked at
    except OSError:
        return [main.st_mtime_ns, main.st_size, 0, 0]
    # readers leave an empty log behind, which says nothing
    return [main.st_mtime_ns, main.st_size, log.st_mtime_ns if log.st_size else 0, log.st_size]
