"""`workbench evaluate` and `workbench compare` on real runs: what is printed, kept, and found again."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import workbench
from tests.cli.commands import Command
from tests.training.driving import experiment
from workbench.runs.folder import RunFolder
from workbench.training import worker


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a GRU and an LSTM on the echo task, at their ends."""
    root: Path = tmp_path_factory.mktemp("runs")
    for name in ("gru", "lstm"):
        folder = RunFolder.create(root, experiment(model__name=name), name)
        assert worker.work(folder) == 0
    return root


def test_an_evaluation_agrees_with_the_runs_own_and_is_kept(command: Command, root: Path) -> None:
    told = json.loads(command("evaluate", "gru@last", "--json", "--runs-dir", str(root)).out)

    measures = {one["name"]: one for one in told["measures"]}
    own = workbench.open_run("gru", root).summary()
    assert measures["accuracy"]["value"] == own["test/accuracy"]
    assert measures["accuracy"]["low"] < measures["accuracy"]["value"] < measures["accuracy"]["high"]
    assert measures["accuracy"]["baseline"] == 0.5
    assert "scores" not in told
    assert len(list((workbench.open_run("gru", root).path / "evaluations").iterdir())) == 1
    assert workbench.open_run("gru", root).evaluate("last").measure("accuracy").value == own["test/accuracy"]  # type: ignore[union-attr]


def test_a_sweep_has_a_line_for_each_value_and_a_figure(command: Command, root: Path, tmp_path: Path) -> None:
    svg = tmp_path / "sweep.svg"
    words = ("evaluate", "gru", "--data", "test_length=20,30,40", "--samples", "50", "--runs-dir", str(root))

    told = json.loads(command(*words, "--json").out)
    answer = command(*words, "--svg", str(svg))

    assert [one["changes"] for one in told] == [{"data.test_length": length} for length in (20, 30, 40)]
    assert [one["samples"] for one in told] == [50, 50, 50]
    assert answer.code == 0
    assert "test_length" in answer.out
    texts = "".join(ET.fromstring(svg.read_text()).itertext())  # noqa: S314 - our own file
    assert "accuracy over data.test_length" in texts


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("length", "--data: got 'length'; expected KEY=VALUE"),
        ("lenght=20", "Did you mean 'length'"),
        ("model.hidden_size=3", "expected a setting of the data"),
        ("test_length=x", "test_length"),
        ("test_length=1,2;3", "test_length"),
    ],
)
def test_what_cannot_be_measured_is_one_line(command: Command, root: Path, data: str, words: str) -> None:
    answer = command("evaluate", "gru", "--data", data, "--runs-dir", str(root))

    assert answer.code == 2
    assert words in answer.err
    assert answer.err.count("\n") == 1


def test_a_comparison_evaluates_what_it_needs_once(command: Command, root: Path, tmp_path: Path) -> None:
    svg = tmp_path / "curves.svg"
    first = command("compare", "gru", "lstm", "--svg", str(svg), "--runs-dir", str(root))
    second = command("compare", "gru", "lstm", "--json", "--runs-dir", str(root))

    assert first.code == second.code == 0
    assert first.err.count("Evaluating") >= 1
    assert "Evaluating" not in second.err
    told = json.loads(second.out)
    assert told["verdicts"][0]["test"] == "paired bootstrap"
    assert [entry["name"] for entry in told["entries"]] == ["gru", "lstm"]
    assert told["settings"]["model.name"] == ["gru", "lstm"]
    texts = "".join(ET.fromstring(svg.read_text()).itertext())  # noqa: S314 - our own file
    assert "1 gru" in texts
    assert "2 lstm" in texts


def test_tables_come_as_markdown_and_csv_one_at_a_time(command: Command, root: Path) -> None:
    words = ("compare", "gru", "lstm", "--no-evaluate", "--runs-dir", str(root))

    assert command(*words, "--md").out.startswith("| setting | 1 gru | 2 lstm |")
    assert command(*words, "--csv").out.startswith("metric,number,name,value,")
    assert command(*words, "--csv", "--md").code == 2
