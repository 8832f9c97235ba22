"""`workbench probe`: kinds, figures, tables and numbers of what a run measured of its model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.commands import Command, fill
from tests.plotting.snapshots import EXAMPLES, SAMPLES, example
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

FLOW = np.array([1e-6, 1e-3, 1.0], dtype=np.float32)


@pytest.fixture
def probed(finished: RunFolder) -> RunFolder:
    """A finished run with a gradient flow at two steps, answers, and a kind that nothing knows how to draw."""
    writer = RunWriter(finished)
    writer.probe(50, "gradient_flow", "validation", FLOW, {})
    writer.probe(100, "gradient_flow", "validation", 2 * FLOW, {})
    writer.probe(100, "strange", "validation", np.zeros((2, 2)), {})
    items = [{"input": "0.1", "target": "1.4", "predicted": "1.5", "correct": None}]
    writer.probe(100, "predictions", "validation", None, {"items": items})
    writer.close()
    return finished


def test_kinds_are_listed(command: Command, probed: RunFolder) -> None:
    """Each kind with its title, how often it was taken and when last; the same for programs."""
    out = command("probe", "first").out
    row = next(line for line in out.splitlines() if "gradient_flow" in line)
    assert row.split() == ["gradient_flow", "Gradient", "flow", "2", "100"]
    kinds = json.loads(command("probe", "first", "--json").out)
    assert kinds[0] == {"kind": "gradient_flow", "steps": [50, 100], "names": ["validation"], "shape": [3]}
    assert [kind["kind"] for kind in kinds] == ["gradient_flow", "predictions", "strange"]


def test_a_figure_is_drawn(command: Command, probed: RunFolder) -> None:
    """Words, title, axis, and as many lines as asked for, none wider than asked for."""
    out = command("probe", "first", "gradient_flow", "--width", "60", "--height", "10", "--figure", "1").out
    assert "at t = 1: 2e-06, at t = 3: 2, ratio 1e-06" in out.replace("\n", " ")
    assert "norm of dL/dh_t over t" in out
    assert len(out.splitlines()) in (12, 13)
    assert all(len(line) <= 60 for line in out.splitlines())


def test_one_figure_of_several_is_chosen(command: Command, finished: RunFolder, tmp_path: Path) -> None:
    """`--figure` draws and writes that one alone; a number that there is not, and a kind without figures, are told."""
    writer = RunWriter(finished)
    for row in example("states"):
        writer.probe(100, "states", row.name, row.array, row.info)
    writer.probe(100, "predictions", "validation", None, {"items": []})
    writer.close()
    both = command("probe", "first", "states").out
    second = command("probe", "first", "states", "--figure", "2").out
    assert "units by steps" in both
    assert "units by steps" not in second
    assert "over t  " in second
    path = tmp_path / "one.svg"
    assert command("probe", "first", "states", "--figure", "2", "--svg", str(path)).code == 0
    assert path.read_text(encoding="utf-8").count("<svg ") == 1
    for words, expected in (
        (("states", "--figure", "3"), "got --figure 3; expected 1 to 2, the figures of 'states'."),
        (("states", "--figure", "1", "--json"), "without --json"),
        (("predictions", "--figure", "1"), "a kind that is drawn"),
    ):
        answer = command("probe", "first", *words)
        assert (answer.code, expected in answer.err) == (2, True), answer.err


def test_an_earlier_step_is_chosen(command: Command, probed: RunFolder) -> None:
    """`--step` takes the probe of that step; the numbers come out as they were written."""
    (entry,) = json.loads(command("probe", "first", "gradient_flow", "--step", "50", "--json").out)
    assert entry["step"] == 50
    assert entry["shape"] == [3]
    assert entry["values"] == FLOW.tolist()


def test_answers_are_a_table(command: Command, probed: RunFolder) -> None:
    """Predictions stand with target and error."""
    out = command("probe", "first", "predictions").out
    assert "1.5000" in out
    assert "+0.1000" in out


def test_what_cannot_be_drawn_is_said(command: Command, probed: RunFolder) -> None:
    """A kind without a view has its shape told, and its numbers with --json."""
    assert "an array of shape (2, 2)" in command("probe", "first", "strange").out
    assert json.loads(command("probe", "first", "strange", "--json").out)[0]["values"] == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gradient_flaw"], "got probe 'gradient_flaw'; expected a kind that the run has. Did you mean 'gradient_flow'?"),
        (["gradient_flow", "--step", "7"], "got --step 7; expected a step at which 'gradient_flow' was taken."),
        (["gradient_flow", "--width", "3"], "workbench probe: got 3x14; expected at least 20 columns"),
    ],
)
def test_a_wrong_word_gets_one_line(command: Command, probed: RunFolder, words: list[str], said: str) -> None:
    """Exit code 2, one line, and what was expected."""
    answer = command("probe", "first", *words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_a_run_without_probes_says_when_they_come(command: Command, runs_dir: Path, experiment: Experiment) -> None:
    """No table of nothing."""
    fill(RunFolder.create(runs_dir, experiment, "bare"), "stopped")
    assert "no probes yet" in command("probe", "bare").out
    assert "taken at evaluations" in command("probe", "bare", "lengths").err


@pytest.fixture
def looked_into(probed: RunFolder) -> RunFolder:
    """The same run with a snapshot of every kind that is drawn."""
    writer = RunWriter(probed)
    writer.probe(100, "samples", SAMPLES.name, None, SAMPLES.info)
    for kind in EXAMPLES:
        for row in example(kind):
            writer.probe(100, kind, row.name, row.array, row.info)
    writer.close()
    return probed


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_kind_is_drawn_and_written(command: Command, looked_into: RunFolder, tmp_path: Path, kind: str) -> None:
    """Figures within the width, CSV with one head, an SVG file."""
    answer = command("probe", "first", kind, "--width", "70", "--height", "9")
    assert answer.code == 0, answer.err
    assert all(len(line) <= 70 for line in answer.out.splitlines())
    head, *rows = command("probe", "first", kind, "--csv").out.splitlines()
    assert head == "picture,row,column,value"
    assert rows
    target = tmp_path / "figures" / f"{kind}.svg"
    assert "written" in command("probe", "first", kind, "--svg", str(target)).err
    assert target.read_text(encoding="utf-8").startswith("<svg")


def test_sample_layer_head_and_unit_are_chosen(command: Command, looked_into: RunFolder) -> None:
    """Each by its option, in figures and in JSON; what else there is stands below."""
    out = command("probe", "first", "states", "--name", "encoder", "--sample", "2", "--unit", "3").out
    assert "step 100, encoder, sample 2, unit 3" in out
    assert "unit 3 over the text" in out
    assert "Others: --name decoder; --sample 1 to 3; --unit 0 to 4." in out
    (entry,) = json.loads(command("probe", "first", "states", "--name", "encoder", "--sample", "2", "--unit", "3", "--json").out)
    assert entry["shape"] == [6]
    assert len(json.loads(command("probe", "first", "states", "--json").out)) == 2, "all layers, unless one is named"
    assert "head 2: output (down) looks at input (across)" in command("probe", "first", "attention", "--head", "2").out
    out = command("probe", "first", "gates", "--name", "encoder").out
    assert "step 100, encoder/reset, sample 1" in out, "a layer alone is its first gate"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["states", "--name", "encodr"], "got --name encodr; expected a layer that 'states' has. Did you mean 'encoder' or"),
        (["states", "--sample", "4"], "got --sample 4; expected 1 to 3."),
        (["states", "--unit", "4"], "got --unit 4; expected 0 to 3."),
        (["attention", "--head", "3"], "got --head 3; expected 1 to 2."),
        (["ridge", "--head", "1"], "got --head 1; 'ridge' has no heads. Leave it out."),
        (["predictions", "--csv"], "got --csv or --svg of 'predictions'; expected a kind that is drawn."),
    ],
)
def test_what_is_not_there_cannot_be_chosen(command: Command, looked_into: RunFolder, words: list[str], said: str) -> None:
    """Exit code 2, one line, and what there is."""
    answer = command("probe", "first", *words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_the_samples_are_listed(command: Command, looked_into: RunFolder) -> None:
    """Number, place in the validation set, input and target."""
    out = command("probe", "first", "samples").out
    assert ["2", "1", "a", "dog", "ran.", "un", "chien"] in [line.split() for line in out.splitlines()]
    assert "Samples of the snapshots" in command("probe", "first").out


def test_a_long_picture_comes_page_by_page(command: Command, looked_into: RunFolder) -> None:
    """Where all columns have no room, what is left follows below."""
    out = command("probe", "first", "attention", "--width", "32", "--height", "8").out
    assert out.count("head 1") == 3, "once in the caption, and two pages"
