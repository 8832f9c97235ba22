"""Several runs in the same plots: `snap` and `attach` with more than one run."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.commands import Command, fill
from workbench.experiment import Experiment
from workbench.plotting.race import MOST_RUNS
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter


@pytest.fixture
def others(runs_dir: Path, experiment: Experiment, finished: RunFolder) -> list[RunFolder]:
    """Beside the finished run one of the same name, and a short one on longer sequences with a metric of its own."""
    same = RunFolder.create(runs_dir, experiment, "first")
    fill(same, "finished")
    longer = RunFolder.create(runs_dir, experiment.with_changes({"data.length": 30}), "longer")
    writer = RunWriter(longer)
    for step in range(1, 21):
        writer.log(step, {"train/loss": 1.0 / step, "validation/odd": 2.0}, 0.1 * step, 32 * step)
    writer.set_status("stopped", step=20)
    writer.close()
    return [finished, same, longer]


def test_one_plot_for_each_series_with_all_runs_in_it(command: Command, others: list[RunFolder]) -> None:
    """Each by its number; names that are alike have the end of the id behind them; what does not compare is said."""
    ids = [folder.id for folder in others]
    answer = command("snap", *ids, "--tag", "train/loss", "--tag", "odd", "--width", "80", "--height", "10")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0].startswith(f"1 first ({ids[0][-4:]})  finished  step 100/100")
    assert lines[1].startswith(f"2 first ({ids[1][-4:]})")
    assert lines[2].startswith("3 longer  stopped  step 20/100")
    assert lines[3] == "On other data, so scores do not compare: 3 length=30"
    titles = [line for line in lines if line.startswith(("loss", "odd"))]
    assert [title.split("   ")[0] for title in titles] == ["loss train", "odd validation"]
    assert titles[1].endswith("3 2")
    assert max(map(len, lines[4:])) <= 80
    plot = "".join(lines[lines.index(titles[0]) + 1 : lines.index(titles[1])])
    assert set("123") <= set(plot)


def test_the_same_as_a_figure(command: Command, others: list[RunFolder], tmp_path: Path) -> None:
    """Names and numbers stand in it; the note on other data only where such a run is drawn."""
    path = tmp_path / "race.svg"
    ids = [folder.id for folder in others]
    assert (
        command("snap", *ids, "--tag", "train/loss", "--tag", "validation/loss", "--svg", str(path)).err == f"{path}: written.\n"
    )
    root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own text
    figures = [[text.text for text in figure.iter("{http://www.w3.org/2000/svg}text")] for figure in root]
    assert [figure[0] for figure in figures] == ["loss train", "loss validation"]
    assert {"1", "2", "3", "longer", "On other data, so scores do not compare: 3 length=30"} <= set(figures[0])
    assert "longer" not in figures[1]
    assert not any(words and "compare" in words for words in figures[1])


def test_a_series_that_no_run_has_is_named(command: Command, others: list[RunFolder], tmp_path: Path) -> None:
    """In one line; and no figure of nothing is written."""
    ids = [folder.id for folder in others]
    answer = command("snap", *ids, "--tag", "nope")
    assert answer.code == 2
    assert "got --tag nope; expected one of the run's series" in answer.err
    for name in ("empty", "void"):
        RunFolder.create(others[0].path.parent, others[0].experiment(), name)
    answer = command("snap", "empty", "void", "--svg", str(tmp_path / "figure.svg"))
    assert answer.code == 2
    assert "got no values of train/loss, validation/loss, train/grad_norm; expected a run with some" in answer.err
    assert not (tmp_path / "figure.svg").exists()


def test_a_run_that_is_named_twice_is_one(command: Command, finished: RunFolder) -> None:
    """It is drawn as a run alone."""
    twice, once = (command("snap", *names, "--width", "60", "--height", "8").out for names in (["first", finished.id], ["first"]))
    assert twice == once


@pytest.mark.parametrize("name", ["snap", "attach"])
def test_more_runs_than_can_be_told_apart_are_refused(command: Command, finished: RunFolder, name: str) -> None:
    """Before any of them is looked for."""
    answer = command(name, *["first"] * (MOST_RUNS + 1))
    assert answer.code == 2
    assert f"workbench {name}: got {MOST_RUNS + 1} runs; expected at most {MOST_RUNS}" in answer.err
