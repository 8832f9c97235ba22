"""What a model carries of its data: the task as plain values and back, and files compared with what they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cards import Baseline, Carried, Classes, FreeRun, Image, NoInput, SourceFile, Task, Tokens, Vectors
from workbench.cards.stored_task import carried_from_dict, task_from_dict, task_to_dict
from workbench.errors import DataError

TASKS = [
    Task("classify", Image(1, 28, 28), Classes(("a", "b")), (Baseline("accuracy", 0.5, "guessing"),)),
    Task("transduce", Tokens(("<pad>", "é", "\u200c"), 5, ""), Tokens(("x",), 3, special=False, structure="tree")),
    Task("forecast", Vectors(1, None, 9), Vectors(1, 5), (), 3, FreeRun(4, 5)),
    Task("generate", NoInput(), Tokens(("x",), 3)),
]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: str(task.kind))
def test_a_task_goes_through_json_and_back(task: Task) -> None:
    """Symbols, classes, lengths and baselines are the same afterwards."""
    assert task_from_dict(json.loads(json.dumps(task_to_dict(task)))) == task


@pytest.mark.parametrize(
    "values",
    [None, [], {}, {"task": {}}, {"task": task_to_dict(TASKS[0]), "sources": [{"path": 3, "sha256": ""}]}],
)
def test_something_else_is_a_value_error(values: Any) -> None:
    """Whatever a damaged file gives, one kind of error says that it is none."""
    with pytest.raises(ValueError, match=r"."):
        carried_from_dict(values)


@pytest.mark.parametrize("key", ["kind", "inputs", "outputs", "baselines", "washout", "free_run"])
@pytest.mark.parametrize("wrong", [None, 3.5, "x", [1], {"signal": "tokens", "symbols": "abc"}, {"signal": "image", "a": 1}])
def test_a_damaged_task_is_a_value_error(key: str, wrong: Any) -> None:
    """No part of a task is taken unlooked at."""
    values = {**task_to_dict(TASKS[2]), key: wrong}
    if task_to_dict(TASKS[2])[key] != wrong and not (key == "free_run" and wrong is None):
        with pytest.raises(ValueError, match=r"."):
            task_from_dict(values)


def test_files_are_compared_with_what_they_were(tmp_path: Path) -> None:
    """A changed file and a missing one are told apart, each in one line; taken as it is now, the task stays."""
    path = tmp_path / "data.tsv"
    path.write_text("one\n", encoding="utf-8")
    carried = Carried(TASKS[0], (SourceFile.of(path),))
    carried.check()
    path.write_text("two!\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"changed since the model was trained.*--accept-changed-data") as changed:
        carried.check()
    accepted = carried.as_now()
    accepted.check()
    assert accepted.task == carried.task
    path.unlink()
    with pytest.raises(DataError, match="not here") as missing:
        accepted.check()
    assert "\n" not in f"{changed.value}{missing.value}"
