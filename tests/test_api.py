"""The Python API: whatever it is given, it does what was asked or says in one line of its own error what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbench
from tests.export.making import run_with_checkpoint
from workbench.errors import UsageError, WorkbenchError
from workbench.export.writing import export_run


class _Unsayable:
    """Cannot even be written out."""

    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


ODD: dict[str, Any] = {
    "none": None,
    "number": 5,
    "negative": -1,
    "truth": True,
    "fraction": 1.5,
    "nan": float("nan"),
    "bytes": b"x",
    "word": "nope",
    "control": "a\x1b[31m\x9b",
    "nul": "\0",
    "list": ["a", 1],
    "table": {"a": 1},
    "path": Path("x"),
    "function": len,
    "long": "x" * 5000,
    "unsayable": _Unsayable(),
}
Call = Callable[[workbench.Run, Any, Path], Any]
CALLS: dict[str, Call] = {
    "Decoding.beam": lambda _, odd, __: workbench.Decoding(beam=odd),
    "Decoding.temperature": lambda _, odd, __: workbench.Decoding(odd),
    "Run": lambda _, odd, __: workbench.Run(odd),
    "Run.inspect.samples": lambda run, odd, _: run.inspect("states", samples=odd),
    "Run.inspect.split": lambda run, odd, _: run.inspect("states", split=odd),
    "Run.inspect.views": lambda run, odd, _: run.inspect(odd),
    "Run.inspect.which": lambda run, odd, _: run.inspect("states", odd),
    "Run.metrics": lambda run, odd, _: run.metrics(odd),
    "Run.model": lambda run, odd, _: run.model(odd),
    "Run.predict.decoding": lambda run, odd, _: run.predict("1011", decoding=odd),
    "Run.predict.inputs": lambda run, odd, _: run.predict(odd),
    "Run.predict.seed": lambda run, odd, _: run.predict("1011", seed=odd),
    "Run.predict.which": lambda run, odd, _: run.predict("1011", odd),
    "list_runs.query": lambda _, odd, __: workbench.list_runs(odd),
    "list_runs.runs_dir": lambda _, odd, __: workbench.list_runs("", odd),
    "load_bundle": lambda _, odd, __: workbench.load_bundle(odd),
    "load_preset.changes": lambda _, odd, __: workbench.load_preset("adding_gru", odd),
    "load_preset.key": lambda _, odd, __: workbench.load_preset("adding_gru", {odd if odd.__hash__ else "nope": 1}),
    "load_preset.name": lambda _, odd, __: workbench.load_preset(odd),
    "load_preset.number": lambda _, odd, __: workbench.load_preset("adding_gru", {"training.steps": odd}),
    "load_preset.path": lambda _, odd, __: workbench.load_preset("mnist_cnn", {"data.path": odd}),
    "load_preset.word": lambda _, odd, __: workbench.load_preset("adding_gru", {"model.readout": odd}),
    "open_run.name": lambda _, odd, place: workbench.open_run(odd, place),
    "open_run.runs_dir": lambda _, odd, __: workbench.open_run("latest", odd),
    "train.experiment": lambda _, odd, place: workbench.train(odd, runs_dir=place),
    "train.name": lambda _, odd, place: workbench.train("adding_gru", name=odd, runs_dir=place, steps=0),
    "train.runs_dir": lambda _, odd, __: workbench.train("adding_gru", runs_dir=odd, steps=0),
}
FINE = {
    ("Decoding.beam", "number"),
    ("Decoding.temperature", "fraction"),
    ("Decoding.temperature", "none"),
    ("Decoding.temperature", "number"),
    ("Run.inspect.samples", "number"),
    ("Run.predict.inputs", "none"),
    ("Run.predict.decoding", "none"),
    ("Run.predict.seed", "none"),
    ("list_runs.query", "control"),
    ("list_runs.query", "long"),
    ("list_runs.query", "nul"),
    ("list_runs.query", "path"),
    ("list_runs.query", "word"),
    ("list_runs.runs_dir", "control"),
    ("list_runs.runs_dir", "none"),
    ("list_runs.runs_dir", "path"),
    ("list_runs.runs_dir", "word"),
    ("load_preset.changes", "none"),
    ("load_preset.number", "number"),
}
"""What is no mistake."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> workbench.Run:
    """A run with checkpoints."""
    return workbench.Run(run_with_checkpoint(tmp_path_factory.mktemp("runs")))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run and no file of the checkout is taken for what was meant."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_RUNS", raising=False)


@pytest.mark.parametrize("call", CALLS)
def test_every_argument_of_a_wrong_kind_is_one_line(call: str, run: workbench.Run, tmp_path: Path) -> None:
    """The project's own error, short, printable, and with what was got; what is no mistake is done."""
    fine = set()
    for kind, odd in ODD.items():
        try:
            CALLS[call](run, odd, tmp_path)
        except WorkbenchError as error:
            lines = str(error).split("\n")
            assert all(line.isprintable() and 0 < len(line) < 600 for line in lines), (kind, lines)
            assert len(lines) == 1 or call == "load_preset.changes", (kind, lines)
        else:
            fine.add((call, kind))
    assert fine == {pair for pair in FINE if pair[0] == call}


def test_a_checkpoint_may_be_named_by_its_step(run: workbench.Run) -> None:
    """As a number or as text; a step that has none is told with those that have."""
    first, *_, last = [int(path.stem[5:]) for path in sorted((run.path / "checkpoints").glob("step-*"))]
    assert run.predict("1011", last) == run.predict("1011", str(last)) == run.predict("1011", "last")
    assert run.predict("1011", first)
    with pytest.raises(UsageError, match=re.escape(f"got checkpoint 7; expected one of last, {first}, {last}.")):
        run.model(7)


def test_a_message_holds_no_control_sign_of_a_name(run: workbench.Run, tmp_path: Path) -> None:
    """Python writes it to the terminal as it is."""
    with pytest.raises(WorkbenchError) as caught:
        workbench.load_bundle(tmp_path / "a\x1b[31mb")
    assert "\x1b" not in str(caught.value)
    assert "\\x1b[31m" in str(caught.value)
    assert run.id


def test_what_is_wrong_with_changes_lies_with_them(tmp_path: Path) -> None:
    """Not with an option of the command line, nor with a line of the preset; what a file has by itself lies with its line."""
    with pytest.raises(WorkbenchError, match=r"^changes: \[data\] path: "):
        workbench.load_preset("mnist_cnn", {"data.path": tmp_path / "nowhere"})
    with pytest.raises(WorkbenchError, match=r"^changes: \[training\] steps: "):
        workbench.train("adding_gru", steps=0, runs_dir=tmp_path)
    with pytest.raises(WorkbenchError, match=r"^changes: \[training\] steps: "):
        workbench.load_preset("adding_gru").with_changes({"steps": 0})
    file = tmp_path / "mine.toml"
    file.write_text('[model]\nname = "cnn"\n[data]\nname = "mnist"\npath = "nowhere"\n[optimizer]\nname = "adam"\n')
    with pytest.raises(WorkbenchError, match=r"^mine\.toml:5: \[data\] path: "):
        workbench.load_preset(file, {"training.steps": 3})


def test_changed_data_are_taken_where_they_are_accepted(tmp_path: Path) -> None:
    """As the message says: by `accept_changed_data`, of a run and of a bundle alike."""
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{one} {two}\t{two} {one}\n" for one in "abcd" for two in "abcd"), encoding="utf-8")
    values = {
        "model": {"name": "seq2seq", "hidden_size": 4},
        "data": {"name": "sentence_pairs", "path": str(pairs), "min_frequency": 1},
        "optimizer": {"name": "adam"},
    }
    folder = run_with_checkpoint(tmp_path / "runs", values)
    bundle = export_run(folder, "bundle").path
    pairs.write_text(pairs.read_text(encoding="utf-8") + "a b c\tc b a\n", encoding="utf-8")
    run = workbench.Run(folder)
    refusals: list[Callable[[], Any]] = [lambda: run.predict("test:0"), lambda: workbench.load_bundle(bundle).predict("test:0")]
    for refused in refusals:
        with pytest.raises(WorkbenchError, match=r"accept_changed_data=True"):
            refused()
    assert run.predict("test:0", accept_changed_data=True)
    assert workbench.load_bundle(bundle, accept_changed_data=True).predict("test:0")
