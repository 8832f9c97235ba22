"""How long an answer of the playground takes: asked of the waiting process with the model loaded, with saliency and attention.

One preset for each way in which an input is made; each answer is what the screen asks for at a stroke, there and back over the
process's pipes. Weights are as they are drawn, which costs the same as trained ones; where a length hangs on them (sequences that
are written until they end) they are written to the end that the data allow, which is the longest that an answer takes. Two
checkpoints are asked in turns, as when they stand side by side: both stay loaded. Best of 15.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.result import Result
from tests.export.making import run_with_checkpoint
from workbench.cards import Classes, NoInput, Tokens
from workbench.experiment.presets import load_preset
from workbench.runs.folder import RunFolder
from workbench.training.launch import WarmWorker

LIMIT_MS, ROUNDS = 100.0, 15
STEPS = (1, 2)
PRESETS = {
    "a sentence, attention": "translate_attention",
    "a sentence, Transformer": "translate_transformer",
    "a drawing": "shapes_cnn",
    "a digit": "bp_mnist",
    "100 steps": "adding_lstm",
    "130 steps, going on": "sampling_mackey_glass",
    "300 steps of a reservoir": "esn_mackey_glass",
    "a generator": "stop_end_symbol",
    "200 characters": "text_gru",
    "a tree": "trees_boolean",
}


def asked(worker: WarmWorker, folder: RunFolder) -> dict[str, Any]:
    """What the screen asks of a run's model, of its first test sample."""
    sample = worker.request("sample", run=str(folder.path), step=STEPS[0], place=0)
    task = folder.experiment().open_data(folder.carried()).task
    arguments: dict[str, Any] = {"saliency": True, "attention": True}
    if isinstance(task.inputs, Tokens | Classes):
        arguments["text"] = sample["text"]
    elif task.free_run is not None:
        arguments |= {"values": sample["values"][: task.free_run.warmup], "go_on": task.free_run.horizon}
    elif not isinstance(task.inputs, NoInput):
        arguments["values"] = sample["values"]
    return arguments


def main() -> list[Result]:
    """The fastest answer of each preset's model."""
    worker, results = WarmWorker(), []
    try:
        with tempfile.TemporaryDirectory() as root:
            for words, name in PRESETS.items():
                folder = run_with_checkpoint(Path(root), load_preset(name).to_dict(), STEPS)
                arguments = asked(worker, folder)
                taken = []
                for round_ in range(ROUNDS + len(STEPS)):  # the first ones load
                    began = time.perf_counter()
                    worker.request("answer", run=str(folder.path), step=STEPS[round_ % 2], **arguments)
                    taken.append((time.perf_counter() - began) * 1000)
                results.append(Result.below(f"answer to {words} ({name})", min(taken[len(STEPS) :]), LIMIT_MS, "ms"))
    finally:
        worker.close()
    return results


if __name__ == "__main__":
    for result in main():
        print(result.line())  # noqa: T201 - a script's output
