"""A run goes back to an earlier step: whether it can, what is kept of what came after, and what is taken back.

What came after is kept as a branch, a run folder of its own. Going back is one transaction on run.db: a process that is killed
before it leaves the run as it was, one that is killed after it leaves the run at the earlier step. Checkpoints past that step no
longer count from the transaction on (meta `rewound_to`), and whoever works on the run next removes those that are still there.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.errors import UsageError
from workbench.names import name_problem
from workbench.paths import resolved
from workbench.runs import ownership
from workbench.runs.folder import RunFolder
from workbench.runs.lineage import Parent
from workbench.runs.pending import STATEMENTS
from workbench.runs.process import place_of
from workbench.runs.records import Status
from workbench.runs.rows import RowTables
from workbench.runs.schema import connect_readable, connect_writable, transaction, translate
from workbench.system import sync_file, sync_folder

__all__ = ["REWOUND_TO", "forget_note", "keep_branch", "rewind_refusal", "take_back"]

REWOUND_TO = "rewound_to"
"""Key in meta: checkpoints past this step are those of a way that the run has left, and have still to be removed."""

_COPIED = ("experiment.toml", "data.json", "begin.safetensors", "worker.log")
"""Files of a run that its branch has as well, those that there are; run.db and checkpoints are copied otherwise."""


def rewind_refusal(folder: RunFolder, status: Status, step: int) -> str:
    """Why a run cannot go back to a step, for a person; "" when it can, once a process that waits has ended."""
    if status.alive and status.state != "paused":
        pause = f" Pause it first: 'workbench pause {folder.id}'." if status.state == "running" else ""
        return f"{folder.id}: cannot go back while it is {status.state}; expected a run that is paused or has ended.{pause}"
    if not 0 <= step < status.step:
        earlier = f"a step from 0 to {status.step - 1:,}" if status.step else "a run that has done some steps"
        return f"{folder.id}: cannot go back, got step {step:,} and it stands at step {status.step:,}; expected {earlier}."
    return ""


def keep_branch(folder: RunFolder, step: int, checkpoints: Iterable[Path]) -> RunFolder:
    """Copy a run at rest to a folder of its own beside it: all that it is now, before it goes back to a step.

    The copy is a run as the original: it can be read, exported and gone on with. It shows up once it is whole.

    Args:
        folder: the run.
        step: where the original goes back to; the branch's lineage says so.
        checkpoints: the files of its checkpoints.
    Raises:
        StoreError: the run cannot be read, or the copy not be written.
    """
    path = resolved(folder.path)
    stem = path.name.rpartition("-")[0] or path.name
    unfinished = path.with_name(f".branch-{secrets.token_hex(4)}")
    branch = RunFolder(path.with_name(f"{stem}-{secrets.token_hex(3)}"))
    copy = RunFolder(unfinished)
    try:
        with translate(unfinished):
            for new in (unfinished, copy.checkpoints_path, copy.exports_path):
                new.mkdir()
            for name in _COPIED:
                if folder.own(path / name).is_file():
                    shutil.copy2(path / name, unfinished / name)
            if folder.own(folder.code_path).is_dir():
                shutil.copytree(folder.code_path, copy.code_path)
            for checkpoint in checkpoints:
                shutil.copy2(folder.own(checkpoint), copy.checkpoints_path / checkpoint.name)
        _copy_database(folder, copy, step)
        with translate(branch.path):
            for file in (copy.database_path, *copy.checkpoints_path.iterdir()):
                sync_file(file)
            sync_folder(copy.checkpoints_path)
            sync_folder(unfinished)
            unfinished.rename(branch.path)
            sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return branch


def _copy_database(folder: RunFolder, copy: RunFolder, step: int) -> None:
    """The rows of a run as they are now, in the database of its branch, which says where it comes from."""
    source = connect_readable(folder.database_path)
    try:
        with translate(copy.database_path):
            target = sqlite3.connect(copy.database_path, isolation_level=None)
            try:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
                with transaction(target):
                    _make_branch(target, folder, copy, step)
            finally:
                target.close()
    finally:
        source.close()


def _make_branch(connection: sqlite3.Connection, folder: RunFolder, copy: RunFolder, step: int) -> None:
    meta = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM meta")}
    name = f"{meta.get('name') or ''}-past-{step}"
    facts = {
        "parent": Parent(folder.id, step).to_dict(),
        "name": name if meta.get("name") and not name_problem(name) else "",
        "place": place_of(copy.path),
        # a moment older than the run: that one stays the newest, which 'latest' means
        "created": float(meta.get("created") or 0.0) - 1e-3,
    }
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, json.dumps(facts[key])) for key in facts])
    connection.execute("DELETE FROM meta WHERE key = ?", (REWOUND_TO,))
    ownership.let_go(connection)
    at = ownership.read_status(connection, copy.path).step
    _tell(connection, at, f"kept of {folder.id}, which went back to step {step:,}", {"run": folder.id, "step": step})


def take_back(folder: RunFolder, before: Status, step: int, branch: RunFolder, best_step: int | None) -> None:
    """Take rows, probes and the run's place past a step back, as one; the run is `stopped` at that step then.

    Live changes made past the step take force again at their steps when the run goes on, as after a kill.

    Args:
        folder: the run, of which there is a checkpoint of that step, or which begins anew.
        before: where it stood when all this began.
        step: the last step that stays.
        branch: where the rest is kept.
        best_step: step of the best evaluation up to there, None without one.
    Raises:
        UsageError: somebody has gone on with the run meanwhile; nothing is changed.
        StoreError: it cannot be written.
    """
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            status = ownership.read_status(connection, folder.path)
            if status.alive or (status.revision, status.step) != (before.revision, before.step):
                raise UsageError(
                    f"{folder.id}: somebody has gone on with it meanwhile, it is {status.state} at step {status.step:,}. "
                    f"It was left as it is, and {branch.id} is what it was before."
                )
            tables = RowTables(connection)
            tables.take_back(step, ("test", "test_best"))
            connection.execute("UPDATE status SET state = 'stopped', step = ?, heartbeat = ?", (step, time.time()))
            ownership.let_go(connection)
            facts = {"best": {"step": best_step, "at": step}, REWOUND_TO: step}
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, json.dumps(facts[key])) for key in facts])
            words = f"gone back from step {before.step:,}; what came after is kept as {branch.id}"
            _tell(connection, step, words, {"from": before.step, "branch": branch.id})
    finally:
        connection.close()


def forget_note(folder: RunFolder) -> None:
    """The checkpoints past the step are removed: from now on all count again.

    Raises:
        StoreError: the run cannot be written.
    """
    connection = connect_writable(folder.database_path)
    try:
        with translate(folder.path), transaction(connection):
            connection.execute("DELETE FROM meta WHERE key = ?", (REWOUND_TO,))
    finally:
        connection.close()


def _tell(connection: sqlite3.Connection, step: int, message: str, data: dict[str, Any]) -> None:
    connection.execute(STATEMENTS["event"], (step, time.time(), "notice", message, json.dumps(data)))
