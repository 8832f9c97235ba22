"""What a worker leaves beside run.db when it is killed while it closes a run: its log, its room on the disk, rows kept elsewhere.

Whoever reads such a run tidies it on leaving, so that a run at rest is one plain database. A run that is lost in the midst of its
steps is left as it is: going on with it needs what is there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from workbench.runs.folder import RunFolder
from workbench.runs.pending import load_pending
from workbench.runs.process import GRACE_S, host_name, is_alive
from workbench.runs.records import LIVE_STATES
from workbench.runs.reserved_room import Room
from workbench.runs.schema import fold

__all__ = ["has_ended", "tidy"]


def has_ended(written: Mapping[str, Any]) -> bool:
    """Whether nobody works on a run any more, not even to close it.

    Args:
        written: its status as it was written, see `ownership.written_status`.
    """
    pid, state = written["pid"], written["state"]
    if pid is None:
        return bool(state != "starting")
    if state in LIVE_STATES:
        return False
    if written["host"] == host_name():
        return not is_alive(pid, written["process_start"] or 0.0)
    return bool(time.time() - written["heartbeat"] > GRACE_S)


def tidy(folder: RunFolder, spooled: str | None) -> None:
    """Make the database of a run that has ended one plain file, and remove what only its worker needed.

    Nothing is done while somebody else has the database open, or where the folder may not be written.

    Args:
        folder: the run.
        spooled: the fact of that name in its meta: which file of rows kept beside the database is in it by now.
    """
    if not fold(folder.database_path):
        return
    Room(folder.path).give()
    folder.pending_path.with_name(f".{folder.pending_path.name}.tmp").unlink(missing_ok=True)
    number, _ = load_pending(folder.pending_path)
    if number and spooled is not None and json.loads(spooled) == number:
        folder.pending_path.unlink(missing_ok=True)
