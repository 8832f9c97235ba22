"""The training loop against loops written with torch alone, both in one go.

loop / bare           whole loop, every step logged into run.db, against a bare loop with the same data, model and optimiser
                      that also computes loss and gradient norm
loop + TUI / bare     the same with the interface attached in a terminal of its own
DataLoader / loop     an MNIST epoch against the usual Dataset and DataLoader with per-item transform
"""

from __future__ import annotations

import fcntl
import os
import pty
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.benchmarks.result import Result
from workbench.experiment import Experiment
from workbench.nn.hand_trained import HandTrained
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training.events import StepDone
from workbench.training.loop import train
from workbench.training.run_control import RunControl
from workbench.training.worker import Work

ROUNDS = 3
MLP: dict[str, Any] = {
    "model": {"name": "bp", "hidden_size": 128, "activation": "relu", "loss": "cross_entropy"},
    "data": {"name": "mnist"},
    "optimizer": {"name": "adam"},
    "training": {"steps": 4000, "batch_size": 64, "eval_every": 0, "checkpoint_every": 0},
}
LSTM: dict[str, Any] = {
    "model": {"name": "lstm", "hidden_size": 64, "kernel": "torch"},
    "data": {"name": "adding", "length": 100},
    "optimizer": {"name": "adam"},
    "training": {"steps": 400, "batch_size": 32, "eval_every": 0, "checkpoint_every": 0},
}


class _Lstm(nn.Module):
    """nn.LSTM with a linear layer on its last state."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(2, 64, batch_first=True)
        self.out = nn.Linear(64, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.out(self.lstm(inputs)[0][:, -1])  # type: ignore[no-any-return]


def _mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def _perceptron() -> nn.Module:
    """The architecture of MLP: both sides train the same model."""
    experiment = Experiment.from_dict(MLP)
    return experiment.architecture.build(experiment.model.config, experiment.task)


def bare(experiment: Experiment, model: nn.Module, loss_of: Callable[..., torch.Tensor]) -> float:
    """Seconds per step of a loop written with torch alone."""
    dataset = experiment.dataset_card.open(experiment.data.config)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=1e-3, fused=True)
    steps, size = experiment.training.steps, experiment.training.batch_size
    began = time.perf_counter()
    for step in range(steps):
        batch = dataset.train_batch(0, step, size)
        optimizer.zero_grad()
        inputs, targets = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
        if isinstance(model, HandTrained):  # its gradients are part of the model, not of the loop
            loss, _ = model.loss_and_gradients(inputs, targets)
        else:
            loss = loss_of(model(inputs), targets)
            torch.autograd.backward(loss)
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        optimizer.step()
        loss.item()
        norm.item()
    return (time.perf_counter() - began) / steps


def ours(experiment: Experiment, root: Path, *, attached: bool = False) -> float:
    """Seconds per step of the whole loop, written into a run folder as a worker does it.

    With the interface attached, as many steps again are trained before the clock starts: its start-up is not drawing.
    """
    steps = experiment.training.steps
    skipped = steps if attached else 0
    experiment = experiment.with_changes({"training.steps": steps + skipped})
    folder = RunFolder.create(root, experiment)
    writer = RunWriter(folder)
    viewer = _Viewer(folder) if attached else None
    try:
        work = Work(folder, writer, RunControl(writer))
        writer.set_status("running", step=0, total=experiment.training.steps)
        if viewer is not None:
            viewer.wait_until_drawn()
        began = time.perf_counter()
        for event in train(work.state, work.control, work.changes):
            work.handle(event)
            if isinstance(event, StepDone) and event.step == skipped:
                began = time.perf_counter()
            if isinstance(event, StepDone) and event.step == experiment.training.steps:
                break
        return (time.perf_counter() - began) / steps
    finally:
        writer.close()
        if viewer is not None:
            viewer.close()


class _Viewer:
    """The interface attached to a run, in a pseudo-terminal of 120x40 whose output is read and thrown away."""

    def __init__(self, folder: RunFolder) -> None:
        self.main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        command = [sys.executable, "-m", "workbench", "attach", folder.id, "--runs-dir", str(folder.path.parent)]
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, env=environment, start_new_session=True)
        os.close(side)
        self.seen = b""
        self.drawn = threading.Event()
        threading.Thread(target=self._read, args=(folder.id.encode(),), daemon=True).start()

    def _read(self, sign: bytes) -> None:
        while True:
            try:
                data = os.read(self.main, 65536)
            except OSError:
                return
            if not self.drawn.is_set():
                self.seen += data
                if sign in self.seen:
                    self.drawn.set()

    def wait_until_drawn(self) -> None:
        if not self.drawn.wait(30):
            raise RuntimeError("the interface did not show the run within 30 s")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self.main)


class _Items(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """MNIST as the usual tutorials have it: one item at a time, normalised on the way."""

    def __init__(self, images: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(self.images[index]).float().div(255).unsqueeze(0), int(self.labels[index])


def dataloader_epoch(steps: int) -> float:
    """Seconds of so many steps with Dataset, DataLoader, Adam and autograd."""
    generator = np.random.default_rng(0)
    items = _Items(generator.integers(0, 256, (steps * 64, 28, 28), dtype=np.uint8), generator.integers(0, 10, steps * 64))
    model = _mlp()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    began = time.perf_counter()
    for images, labels in torch.utils.data.DataLoader(items, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1e9)
        optimizer.step()
        loss.item()
        norm.item()
    return time.perf_counter() - began


def main() -> list[Result]:
    """Medians over rounds in which both sides take turns."""
    torch.set_num_threads(1)
    results = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for label, values, model, loss in (
            ("MLP on MNIST", MLP, _perceptron, F.cross_entropy),
            ("LSTM on adding", LSTM, _Lstm, F.mse_loss),
        ):
            experiment = Experiment.from_dict(values)
            ours(experiment, root)  # once for the caches
            rounds = [
                (bare(experiment, model(), loss), ours(experiment, root), ours(experiment, root, attached=True))
                for _ in range(ROUNDS)
            ]
            alone = statistics.median(mine / theirs for theirs, mine, _ in rounds)
            watched = statistics.median(seen / theirs for theirs, _, seen in rounds)
            micro = statistics.median(theirs for theirs, _, _ in rounds) * 1e6
            results.append(Result.below(f"{label}: loop / bare loop ({micro:.0f} us a step)", alone, 1.05, "x"))
            results.append(Result.below(f"{label}: loop with TUI attached / bare loop", watched, 1.10, "x"))
        epoch = Experiment.from_dict(MLP, changes={"training.steps": 859})
        pairs = [(dataloader_epoch(859), ours(epoch, root) * 859) for _ in range(3)]
        results.append(Result.above("MNIST epoch: DataLoader loop / ours", statistics.median(a / b for a, b in pairs), 1.8, "x"))
    return results


if __name__ == "__main__":
    for result in main():
        print(result.line())  # noqa: T201 - a script's output
