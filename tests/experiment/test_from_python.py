"""A class of a script, arrays and data frames become runs like any others, in processes that know nothing of the script."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import CardError, DataError, UsageError
from workbench.paths import CONFIG_ENV
from workbench.runs.root import RUNS_ENV

SCRIPT = '''
import math
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
import workbench

SIZE = 4

def squash(x):
    return F.relu(x) * math.pi

class Cell(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.rnn = nn.GRU(n, m, batch_first=True)

    def forward(self, x):
        return squash(self.rnn(x)[0])

class Mine(nn.Module):
    """A network of a script."""

    def __init__(self, input_size: int, output_size: int, width: int = SIZE_OF_ALL):
        super().__init__()
        self.cell = Cell(input_size, width)
        self.out = nn.Linear(width, output_size)

    def forward(self, x):
        return self.out(self.cell(x))

x = np.random.default_rng(0).normal(size=(60, SIZE, 2))
y = (x.sum((1, 2)) > 0).astype(int)
run = workbench.train(Mine, (torch.tensor(x), y), width=5, steps=4, batch_size=8, name="mine")
assert run.experiment.model.name == "Mine" and run.experiment.model.config.width == 5
assert run.predict(["test:0"])[0]["predicted"] in "01"
assert run.frame().shape[0] == 4
html = run._repr_html_()
assert html.count("<svg") >= 2 and "finished" in html and "test/accuracy" in html
try:
    workbench.train(Mine(2, 2, 3), (x, y))
except workbench.api.UsageError as error:
    print(error)
'''


@pytest.mark.slow
def test_a_class_of_a_script(tmp_path: Path) -> None:
    """Written down with what it uses, and not with what only the script is about, which would start the run again."""
    (tmp_path / "script.py").write_text(SCRIPT.replace("SIZE_OF_ALL", "6"), encoding="utf-8")
    environment = {**os.environ, CONFIG_ENV: str(tmp_path / "config"), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop(RUNS_ENV, None)
    answer = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert "expected the class, since the model is made in a process of its own" in answer.stdout
    (kept,) = tmp_path.glob("runs/*/code/*.py")
    text = kept.read_text(encoding="utf-8")
    assert "workbench" not in text
    assert text.index("def squash") < text.index("class Cell") < text.index("class Mine")
    assert len(list(tmp_path.glob("runs/.arrays/*.npz"))) == 1


def test_what_cannot_be_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before a run is made."""
    import workbench

    monkeypatch.setenv(CONFIG_ENV, str(tmp_path / "config"))
    with pytest.raises(UsageError, match="train: data: got nothing"):
        workbench.train(Path, runs_dir=tmp_path)
    with pytest.raises(DataError, match="train: data: got int; expected"):
        workbench.train("gru", 5, runs_dir=tmp_path)
    with pytest.raises(CardError, match="is not there"):
        workbench.train(type("Nowhere", (), {"__module__": "__main__"}), "echo", runs_dir=tmp_path)
    assert not list(tmp_path.glob("*-*"))
