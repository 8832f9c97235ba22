"""The one validated configuration: what a preset, the form, `--set` and a run's `experiment.toml` all become."""

from __future__ import annotations

from workbench.experiment.experiment import TABLES, Choice, Experiment

__all__ = ["TABLES", "Choice", "Experiment"]
