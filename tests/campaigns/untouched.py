"""A run that nobody disturbs, to compare a disturbed one with: one process from the first step to the last.

It is given the other run's live changes in the way that every viewer takes, by a command in run.db, each at the very step at
which it was made there.

python -m tests.campaigns.untouched RUN '[[120, {"optimizer.lr": 0.01}], ...]'
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from workbench.experiment import Experiment
from workbench.runs.control import send
from workbench.runs.folder import RunFolder
from workbench.runs.records import Event
from workbench.runs.writer import RunWriter
from workbench.training.events import Request
from workbench.training.run_control import RunControl
from workbench.training.worker import Work

__all__ = ["Changes", "in_force", "train_untouched"]

Changes: TypeAlias = Sequence[tuple[int, Mapping[str, Any]]]
LONGEST_S = 600


def in_force(events: Sequence[Event]) -> Changes:
    """The changes that count in the end, by step: one is replaced when the same setting was changed later at no later a step.

    Said here anew and in another way than in `workbench.runs.changes`, which is among what is tried.
    """
    made = [
        (event.step, event.id, key, value) for event in events if event.kind == "changed" for key, value in event.data.items()
    ]
    kept = [one for one in made if not any(other[2] == one[2] and other[1] > one[1] and other[0] <= one[0] for other in made)]
    return [(step, {key: value}) for step, _, key, value in sorted(kept, key=lambda one: one[:2])]


def train_untouched(root: Path, experiment: Experiment, changes: Changes) -> RunFolder:
    """Train such a run in a process of its own, from its first step to its last.

    Raises:
        RuntimeError: it did not finish.
    """
    folder = RunFolder.create(root, experiment)
    words = [sys.executable, "-m", "tests.campaigns.untouched", str(folder.path), json.dumps(changes)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    if done.returncode:
        raise RuntimeError(f"the untouched run {folder.path} failed: {done.stderr[-500:]}")
    return folder


class Punctual(RunControl):
    """A control beside which a viewer sits who sends each change when its step is done, and waits until it has been taken."""

    def __init__(self, writer: RunWriter, changes: Changes) -> None:
        super().__init__(writer)
        self.due = list(changes)
        self.work: Work | None = None

    def poll(self) -> list[Request]:
        found = super().poll()
        while self.work is not None and self.due and self.due[0][0] <= self.work.state.step:
            step, values = self.due.pop(0)
            if step != self.work.state.step:
                raise RuntimeError(f"step {step} was not asked for a change, {self.work.state.step} is")
            send(self.writer.folder, "set", **values)
            while not (taken := super().poll()):
                pass
            found += taken
        return found


def main(path: str, changes: str) -> int:
    """Train it here."""
    writer = RunWriter(RunFolder(Path(path)))
    control = Punctual(writer, [(step, values) for step, values in json.loads(changes)])
    try:
        control.work = work = Work(writer.folder, writer, control)
        return work.run() or len(control.due)
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
