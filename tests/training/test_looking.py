"""A look into a trained model on many samples: what torch computes from its weights, and what its run recorded of a few."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from torch import nn

import workbench
from tests.training.driving import experiment
from workbench.errors import UsageError
from workbench.nn.windows import recurrent_layers
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.training import worker


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> workbench.Run:
    """A small GRU on the echo task, at its end."""
    root: Path = tmp_path_factory.mktemp("runs")
    folder = RunFolder.create(root, experiment(model__name="gru", data__length=300, data__delay=2, training__steps=6), "gru")
    assert worker.work(folder) == 0
    return workbench.Run(folder)


def test_the_states_of_all_samples_are_those_of_torch(run: workbench.Run) -> None:
    """Of so many samples from the beginning of the set, every step of long ones too."""
    samples, states = run.inspect("states", "last", split="test", samples=70)
    inputs = run.experiment.open_data().held_out("test").inputs[:70]
    (layer,) = recurrent_layers(run.model("last"))
    with torch.no_grad():
        expected, _ = cast("nn.GRU", layer.rnn)(torch.as_tensor(inputs))
    assert states.array is not None
    assert states.array.shape == (70, 300, 8)
    np.testing.assert_allclose(states.array.astype(float), expected.numpy(), atol=1e-3)
    assert samples.info["indices"] == list(range(70))
    assert (samples.step, states.step) == (6, 6)


def test_it_holds_what_the_run_recorded(run: workbench.Run) -> None:
    """On the samples of the snapshot, at the steps that it kept; the run is as it was."""
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    rows = {(row.kind, row.name): row for row in run.inspect(("states", "gates"), "last")}
    assert {path: path.read_bytes() for path in before} == before
    with RunReader(run.folder) as reader:
        (sampled,), recorded = reader.probes("samples"), [*reader.probes("states"), *reader.probes("gates")]
    assert len(recorded) == 3
    for row in recorded:
        whole = rows[row.kind, row.name].array
        assert whole is not None
        assert row.array is not None
        kept = whole[sampled.info["indices"]][:, [step - 1 for step in row.info["steps"]]]
        assert row.array.shape == kept.shape == (4, 150, 8)
        np.testing.assert_allclose(kept.astype(float), row.array.astype(float), atol=1e-3)


def test_a_mistyped_view_is_told(run: workbench.Run) -> None:
    """With the nearest one; and one is needed."""
    with pytest.raises(UsageError, match="Did you mean 'states'"):
        run.inspect("state")
    with pytest.raises(UsageError, match="expected one or more of states, gates"):
        run.inspect([])
