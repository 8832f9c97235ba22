"""Finds runs. There is no index to keep true: a listing reads the folders, with a cache that may be thrown away at any time."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import RunNotFoundError, StoreError, UsageError
from workbench.names import checked_name
from workbench.paths import path_problem, resolved
from workbench.runs.differences import differences
from workbench.runs.folder import RunFolder
from workbench.runs.integrity import decoded
from workbench.runs.query import parse_query
from workbench.runs.reader import RunReader
from workbench.runs.schema import connect_writable, transaction, translate
from workbench.runs.summary import RunSummary, SummaryCache
from workbench.saying import close, nearest, said

__all__ = [
    "PINNED",
    "RunSummary",
    "find_reference",
    "find_run",
    "list_runs",
    "name_run",
    "namesakes",
    "note_run",
    "remove_run",
    "shared_name",
    "split_reference",
    "tag_run",
    "write_meta",
]

PINNED = "pinned"
"""The tag of runs that stand first in the interface."""
_SHORTEST_END = 4
"""Letters of an id's end that may stand for it: as many as its random digits."""
_NAMED_AT_MOST = 5
"""Names of runs that an error may list in full."""


def list_runs(root: Path, query: str = "") -> list[RunSummary]:
    """The runs below a folder, newest first, each with what sets it apart from the others that are listed.

    A folder whose database cannot be read is listed with state `damaged`, so that it can be seen and removed.

    Args:
        root: folder of all runs; a missing one has no runs.
        query: words and comparisons, see `workbench.runs.query`.
    Raises:
        UsageError: the query cannot be read.
        StoreError: the folder cannot be read.
    """
    cache = SummaryCache(root)
    runs = []
    with translate(root, remedy="Name a folder of runs with --runs-dir."):
        try:
            entries = [entry.name for entry in os.scandir(root) if not entry.name.startswith(".")]
        except FileNotFoundError:
            entries = []
    for name in entries:
        summary = cache.summary(name)
        if summary is not None:
            runs.append(summary)
    if entries:
        cache.save(entries)
    matches = parse_query(query, runs)
    named = Counter(run.name for run in runs)
    waiting = [run.id for run in sorted(runs, key=lambda run: (run.queued or 0.0, run.id)) if run.waits]
    places = {run_id: place for place, run_id in enumerate(waiting, 1)}
    listed = [
        replace(run, namesakes=named[run.name] - 1 if run.name else 0, place=places.get(run.id, 0))
        for run in runs
        if matches(run)
    ]
    told = differences([run.settings for run in listed])
    listed = [replace(run, differs=words) for run, words in zip(listed, told, strict=True)]
    return sorted(listed, key=lambda run: (run.created, run.id), reverse=True)


def namesakes(root: Path, name: str) -> list[str]:
    """The ids of the runs that have a name, newest first: with two of them the name alone means neither."""
    return [run.id for run in list_runs(root) if name and run.name == name]


def shared_name(name: str, others: Sequence[str]) -> str:
    """What a person should know who gives a run a name that others have (their ids, newest first)."""
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"An older run is named '{name}' as well: {others[0]}{more}. The name alone means neither; use their ids."


def find_reference(root: Path, reference: str) -> tuple[RunFolder, str]:
    """The run and the checkpoint that `RUN@WHICH` means; WHICH is "" when it is left out.

    A run whose whole name holds an `@`, as earlier versions allowed, comes first.

    Raises:
        RunNotFoundError: none, or more than one, answers to it.
    """
    if "@" not in reference or any(reference in (run.name, run.id) for run in list_runs(root)):
        return find_run(root, reference), ""
    run, which = split_reference(reference)
    return find_run(root, run), which


def split_reference(reference: str) -> tuple[str, str]:
    """`RUN@WHICH` as (RUN, WHICH), by its words alone; `find_reference` knows the runs as well."""
    run, _, which = reference.rpartition("@") if "@" in reference else (reference, "", "")
    return run, which


def find_run(root: Path, name: str) -> RunFolder:
    """The run that a person means.

    Args:
        root: folder of all runs.
        name: an id, a unique beginning of one, a unique end of at least four letters (as a listing shows it behind a name
            that several runs have), the name given to a run, `latest`, or the path of a run folder.
    Raises:
        RunNotFoundError: none, or more than one, answers to it.
    """
    as_path = not path_problem(name)  # what no file system takes can still be a name that nobody gave
    direct = root / name
    if as_path and "/" not in name and (direct / "run.db").is_file() and not name.startswith("."):
        return RunFolder(direct)
    if as_path and os.sep in name and (Path(name) / "run.db").is_file():
        return RunFolder(Path(name))
    runs = list_runs(root)
    if not runs:
        raise RunNotFoundError(
            f"{root}: no runs, got {said(name)}. 'workbench run PRESET' starts one; --runs-dir names another folder."
        )
    if name == "latest":
        return RunFolder(runs[0].path)
    named = [run for run in runs if run.name == name and name]
    # of several of one name none is taken in silence: half of the commands change or delete what they are given
    matching = named or [run for run in runs if name and (run.id.startswith(name) or _ends_with(run.id, name))]
    if len(matching) == 1:
        return RunFolder(matching[0].path)
    if matching:
        candidates = ", ".join(run.id for run in matching[:8]) + (" ..." if len(matching) > 8 else "")  # noqa: PLR2004 - fits a line
        raise RunNotFoundError(
            f"run {said(name)}: {len(matching)} runs answer to it; expected one. Write its id, or more of it: {candidates}. "
            "'latest' is the newest run of all."
        )
    members = [run.name for run in runs if name and run.name.startswith(f"{name} seed ")]
    if members:
        raise RunNotFoundError(
            f"run {said(name)}: got a group of {len(members)} runs; expected one run. Name one of them, such as '{members[-1]}'."
        )
    known = list(dict.fromkeys(word for run in runs for word in (run.name, run.id) if word))
    near = nearest(name, known) if len(known) <= _NAMED_AT_MOST else close(name, known)
    raise RunNotFoundError(f"run {said(name)}: not found in {root}. {near + ' ' if near else ''}'workbench runs' lists all.")


def _ends_with(run_id: str, word: str) -> bool:
    return len(word) >= _SHORTEST_END and run_id.endswith(word)


def remove_run(folder: RunFolder, root: Path) -> None:
    """Delete a run for good. Of a link the link alone goes, and what it leads to stays.

    A run is a folder in `root` with a run.db and nothing but a run's own files beside it: what somebody else has put together may
    hold a file of that name as well, and what somebody has laid into a run is not ours to delete.

    Args:
        folder: the run.
        root: folder of all runs.
    Raises:
        UsageError: a process is still working on it, or it is not in `root`.
        StoreError: the folder is not a run's alone, or cannot be deleted.
    """
    path = folder.path.absolute()
    with translate(path):
        inside = resolved(path.parent) == resolved(root)
    if not inside:
        raise UsageError(
            f"{said(str(path))}: not in the folder of runs {said(str(root))}; expected a run in it. "
            "Name its folder with --runs-dir. Nothing was deleted."
        )
    if path.is_symlink():
        with translate(path):
            path.unlink()
        return
    if not os.path.lexists(folder.database_path):
        raise StoreError(f"{folder.path}: not a run folder, it has no run.db. Nothing was deleted.")
    _refuse_strangers(path)
    try:
        with RunReader(folder) as reader:
            alive = reader.status().alive
    except StoreError:
        alive = False  # damaged: no worker could be writing it
    if alive:
        raise UsageError(f"{folder.id}: cannot be removed while it runs. Stop it first: 'workbench stop {folder.id}'.")
    with translate(folder.path):
        # renamed first: a deletion that is cut short leaves nothing that looks like a run
        path = resolved(path.parent) / resolved(path).name
        trash = path.rename(path.with_name(f".removed-{path.name}-{secrets.token_hex(2)}"))
        shutil.rmtree(trash)


_OWN = re.compile(
    r"\..*|run\.db.*|experiment\.toml|worker\.log|begin\.safetensors|checkpoints|code|evaluations|exports|data\.json|pending\.jsonl.*"
)
"""Names in a run folder."""


def _refuse_strangers(path: Path) -> None:
    with translate(path):
        others = sorted(entry.name for entry in path.iterdir() if not _OWN.fullmatch(entry.name))
    if others:
        raise StoreError(
            f"{path}: got {said(others[0])} in it; expected a run's own files alone. Nothing was deleted. Move it away first."
        )


def tag_run(folder: RunFolder, add: Iterable[str] = (), remove: Iterable[str] = ()) -> list[str]:
    """Put tags on a run and take others off; its tags afterwards, sorted.

    Raises:
        UsageError: a tag is not one word of letters, digits, `_`, `.` or `-`.
        StoreError: the run cannot be written.
    """
    add, remove = list(add), list(remove)
    for tag in (*add, *remove):
        if not re.fullmatch(r"\w[\w.-]*", tag):
            raise UsageError(f"{folder.id}: got tag '{tag}'; expected one word of letters, digits, '_', '.' or '-'.")
    with RunReader(folder) as reader:
        tags = sorted((set(reader.meta().get("tags", [])) | set(add)) - set(remove))
    write_meta(folder, "tags", tags)
    return tags


def note_run(folder: RunFolder, text: str) -> None:
    """Write a note on a run, in place of the one before.

    Raises:
        StoreError: the run cannot be written.
    """
    write_meta(folder, "note", text)


def name_run(folder: RunFolder, name: str) -> str:
    """Give a run a name, in place of the one before; "" takes it away.

    Returns:
        The name that it had, "" for none.
    Raises:
        UsageError: the name could be mistaken for something else, or is nothing but blanks.
        StoreError: the run cannot be written.
    """
    checked = checked_name(name)
    if name and not checked:
        raise UsageError(f"run name: got {said(name)}; expected a name, or '' to take the name away. Write at least one letter.")
    return str(write_meta(folder, "name", checked) or "")


def write_meta(folder: RunFolder, key: str, value: Any) -> Any:
    """Write a fact about a run; returns what was written there before, None for nothing."""
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            before = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))
            return None if before is None else decoded(before[0], f"meta.{key}")
    finally:
        connection.close()
