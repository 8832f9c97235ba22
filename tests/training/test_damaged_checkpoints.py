"""A checkpoint that is none of this run is said so in one line, passed over on resume, and named by whoever needs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.export.making import ECHO, run_with_checkpoint
from workbench.errors import CheckpointError
from workbench.experiment import Experiment
from workbench.training.checkpoint_files import list_checkpoints
from workbench.training.checkpoints import FORMAT, content_digest, load_checkpoint, restore_latest
from workbench.training.inference import load_model
from workbench.training.state import TrainingState

Tensors = dict[str, Tensor]


def a_state() -> TrainingState:
    experiment = Experiment.from_dict(ECHO)
    state = TrainingState(experiment, experiment.dataset_card.open(experiment.data.config), torch.device("cpu"))
    state.step = 7
    return state


def rewrite(path: Path, alter: Callable[[Tensors, dict[str, Any]], Any]) -> None:
    """Save a checkpoint anew with other contents, and a digest that is right for them."""
    found = load_checkpoint(path)
    tensors, facts = dict(found.tensors), dict(found.facts)
    told = alter(tensors, facts)
    text = told if isinstance(told, str) else json.dumps(facts)
    save_file(tensors, path, {"format": FORMAT, "facts": text, "digest": content_digest(tensors, text)})


def put(name: str, value: Tensor) -> Callable[[Tensors, dict[str, Any]], None]:
    return lambda tensors, _: tensors.__setitem__(name, value)


def fact(name: str, value: Any) -> Callable[[Tensors, dict[str, Any]], None]:
    return lambda _, facts: facts.__setitem__(name, value)


def first(tensors: Tensors) -> str:
    return next(name for name in sorted(tensors) if name.startswith("model/"))


ALTERED: dict[str, Callable[[Tensors, dict[str, Any]], Any]] = {
    "no random state": lambda tensors, _: tensors.__delitem__("rng/torch"),
    "a short random state": put("rng/torch", torch.zeros(3, dtype=torch.uint8)),
    "a random state of numbers": put("rng/torch", torch.zeros(5056)),
    "an optimiser's key that is no number": put("optimizer/x/exp_avg", torch.zeros(1)),
    "an optimiser's key without parts": put("optimizer/1", torch.zeros(1)),
    "an optimiser's state of no parameter": put("optimizer/999/exp_avg", torch.zeros(1)),
    "an optimiser's state of another shape": put("optimizer/0/exp_avg", torch.zeros(9, 9, 9)),
    "an optimiser's other state": put("optimizer/0/strange\x1b[31m", torch.zeros(1)),
    "a tensor too many": put("model/extra\x1b[2J\nmore", torch.zeros(1)),
    "a tensor too few": lambda tensors, _: tensors.__delitem__(first(tensors)),
    "a tensor of another type": lambda tensors, _: tensors.update({first(tensors): tensors[first(tensors)].double()}),
    "a tensor of another shape": lambda tensors, _: tensors.update({first(tensors): torch.zeros(3, 3, 3)}),
    "no step": lambda _, facts: facts.__delitem__("step"),
    "a step in words": fact("step", "many"),
    "a step below none": fact("step", -3),
    "an experiment in words": fact("experiment", "x"),
    "an experiment of nothing": fact("experiment", {}),
    "best ones in words": fact("best", "x"),
    "best ones in pieces": fact("best", [[1]]),
    "a plateau in words": fact("plateau", "x"),
    "a plateau of nothing": fact("plateau", {}),
    "no count of rewinds": fact("rewinds", None),
    "facts that are none": lambda *_: "[]",
    "facts that are no JSON": lambda *_: "{",
    "facts without an end": lambda *_: '{"step":' + "[" * 100_000,
}


@pytest.mark.parametrize("kind", ALTERED)
def test_a_checkpoint_of_something_else_is_passed_over(tmp_path: Path, kind: str) -> None:
    """Going on takes the one before, with one printable line about this one."""
    folder = run_with_checkpoint(tmp_path)
    earlier, last = list_checkpoints(folder)
    rewrite(last.path, ALTERED[kind])
    state = a_state()
    checkpoint, (line,) = restore_latest(folder, state)
    assert checkpoint is not None
    assert checkpoint.step == state.step == earlier.step
    assert str(last.path) in line
    assert line.isprintable()
    rewrite(earlier.path, ALTERED[kind])
    assert restore_latest(folder, state)[0] is None
    assert state.step == 0


@pytest.mark.parametrize(
    "kind", ["a tensor too many", "a tensor too few", "a tensor of another shape", "no step", "facts that are none"]
)
def test_a_model_is_not_opened_from_it(tmp_path: Path, kind: str) -> None:
    """Who asks for exactly this one is told what is wrong with it, in one printable line."""
    folder = run_with_checkpoint(tmp_path)
    last = list_checkpoints(folder)[-1]
    rewrite(last.path, ALTERED[kind])
    with pytest.raises(CheckpointError) as raised:
        load_model(folder, "last")
    assert str(last.path) in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("damage", ["header", "nested", "cut", "nothing", "digest", "facts"])
def test_a_damaged_file_is_one_line(tmp_path: Path, damage: str) -> None:
    """A header that is no JSON or nested without end, a file that was cut, one without its digest or its facts."""
    path = list_checkpoints(run_with_checkpoint(tmp_path))[-1].path
    whole = path.read_bytes()
    deep = b'{"a":' * 100_000
    if damage in ("digest", "facts"):
        told = {"format": FORMAT, "facts": "{}", "digest": "0"}
        del told[damage]
        save_file({"a": torch.zeros(1)}, path, told)
    else:
        path.write_bytes(
            {
                "header": whole[:8] + b"\x1b[31m" + whole[13:],
                "nested": len(deep).to_bytes(8, "little") + deep,
                "cut": whole[: len(whole) // 2],
                "nothing": b"",
            }[damage]
        )
    with pytest.raises(CheckpointError) as raised:
        load_checkpoint(path)
    assert str(raised.value).isprintable()
