"""The snapshots that a run has in its database: no more than so many of them, and after which evaluations new ones come."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.experiment import Experiment
from workbench.experiment.settings import LASTING_VIEWS, SNAPSHOT_VIEWS
from workbench.runs.reader import RunReader
from workbench.runs.records import Probe
from workbench.runs.writer import RunWriter
from workbench.training.snapshot_plan import SnapshotPlan

__all__ = ["MOST_SNAPSHOTS", "KeptSnapshots"]

MOST_SNAPSHOTS = 200
"""Snapshots of a run; past that every second one is removed."""
_META = "snapshots"


class KeptSnapshots:
    """What the worker does with snapshots.

    Args:
        writer: of the run's database, from which the plan is read that earlier lives of the run have settled.

    Attributes:
        plan: after which evaluations there are some; the loop settles it.
    """

    def __init__(self, writer: RunWriter) -> None:
        self._writer = writer
        self._steps: list[int] = []
        self._lasting: dict[str, int] = {}  # what is there once -> the step with which it came
        with RunReader(writer.folder) as reader:
            self.plan = SnapshotPlan(reader.meta().get(_META))
        self._written = self.plan.to_dict()

    def go_back(self, reader: RunReader, step: int) -> None:
        """The run stands after a step again; later snapshots are taken back, and will be taken once more."""
        self._steps = [taken for taken in reader.probe_steps("samples") if taken <= step]
        there = {kind: reader.probe_steps(kind)[:1] for kind in LASTING_VIEWS}
        self._lasting = {kind: taken for kind, steps in there.items() for taken in steps if taken <= step}

    def keep(self, experiment: Experiment, step: int, snapshot: Sequence[Probe]) -> None:
        """Write a snapshot, and what it has settled of later ones; when there are too many, every second one goes.

        What is the same at every step is written once, and stays.

        Args:
            experiment: the settings in force.
            step: after which it was taken.
            snapshot: its rows.
        """
        if step not in self._steps:  # a life that ended amid an evaluation leaves it to the next one
            self._steps.append(step)
        for probe in snapshot:
            if probe.kind in LASTING_VIEWS and self._lasting.setdefault(probe.kind, step) < step:
                continue
            self._writer.probe(step, probe.kind, probe.name, probe.array, probe.info)
        if len(self._steps) > MOST_SNAPSHOTS:
            gone = self.plan.halve(experiment, self._steps)
            self._steps = [taken for taken in self._steps if taken not in gone]
            for taken in gone:
                for kind in ("samples", *(view for view in SNAPSHOT_VIEWS if view not in LASTING_VIEWS)):
                    self._writer.forget_probes(kind, taken)
        if (plan := self.plan.to_dict()) != self._written:
            self._written = plan
            self._writer.set_meta(_META, plan)
