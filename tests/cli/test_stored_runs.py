"""Commands on runs at rest: `runs`, `show`, `metrics`, `snap`, `rm`, `tag`, `note`."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.commands import Command, fill
from workbench.cli.progress import Progress
from workbench.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.saying import clock
from workbench.tui.run.data import RunFeed


def test_no_runs_is_said(command: Command) -> None:
    """An empty folder is a sentence for people and an empty list for programs."""
    assert "No runs in" in command("runs").out
    assert json.loads(command("runs", "--json").out) == []


def test_runs_are_listed(command: Command, finished: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's row has id, state in words, steps and main metric."""
    monkeypatch.setenv("COLUMNS", "160")
    out = command("runs").out
    assert finished.id in out
    assert "finished" in out
    assert "100/100" in out
    assert "test/mse 0.02" in " ".join(out.split())


def test_an_id_is_never_broken(command: Command, finished: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a narrow pipe columns are left out whole, and which ones is said; the lines are as wide as COLUMNS says."""
    for width in (60, 80, 90, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        out = command("runs").out
        row = next(line for line in out.splitlines() if finished.id in line)
        assert "finished" in row
        assert "first" in row
        assert max(len(line) for line in out.splitlines()) <= width
        assert ("No room for" in out) == ("predicting 1: 0.1667" not in out)
        assert ("test/mse 0.02" in row) == (width >= 80)


def test_runs_as_json_are_filtered(command: Command, finished: RunFolder) -> None:
    """The filter chooses; the keys are stable."""
    rows = json.loads(command("runs", "--json", "--filter", "state:finished mse<0.1").out)
    assert [(row["run"], row["name"], row["state"], row["step"]) for row in rows] == [(finished.id, "first", "finished", 100)]
    assert json.loads(command("runs", "--json", "--filter", "-state:finished").out) == []


def test_a_filter_that_finds_nothing_is_said(command: Command, finished: RunFolder, runs_dir: Path) -> None:
    """The filter as it was typed and the folder in full: not that there are no runs, which would be untrue."""
    answer = command("runs", "--filter", "state:failed [x]")
    assert (answer.code, answer.out) == (0, f"No run matches 'state:failed [x]' in {runs_dir.resolve()}.\n")


def test_a_run_has_one_time_wherever_it_is_shown(command: Command, runs_dir: Path, experiment: Experiment) -> None:
    """The list, the run in full, the view that follows it and the interface agree on the time spent in training steps."""
    folder = RunFolder.create(runs_dir, experiment, "timed")
    writer = RunWriter(folder)
    for step in range(1, 101):
        writer.log(step, {"train/loss": 1.0}, 65.9 * step / 100, step)
    writer.set_status("finished", step=100)
    writer.close()
    assert " 01:05 " in command("runs").out
    assert "in 01:05 of training" in command("show", "timed").out
    with Progress(folder) as progress:
        assert clock(progress.snapshot().seconds) == "01:05"
    watcher = RunFeed(folder)
    assert clock(watcher.poll().seconds) == "01:05"
    watcher.close()


def test_a_slip_in_a_filter_is_noticed(command: Command, finished: RunFolder, runs_dir: Path) -> None:
    """A state that there is not is one line with the one that was meant, whether there are runs or none."""
    for words in ((), ("--runs-dir", str(runs_dir.parent / "none"))):
        answer = command("runs", "--filter", "state:finshed", *words)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("filter 'state:finshed': got 'finshed'; expected a state. Did you mean 'finished'")
        assert answer.err.count("\n") == 1


def test_a_name_that_is_taken_away_is_told(command: Command, finished: RunFolder) -> None:
    """What it was; that there was none; and blanks alone are no name and take none away."""
    answer = command("name", "first", " ")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "expected a name, or '' to take the name away" in answer.err
    assert command("name", "first", "").err == f"{finished.id}: name removed: it was 'first'\n"
    assert command("name", finished.id, "").err == f"{finished.id}: it had no name\n"


def test_a_name_that_another_run_has_is_told(command: Command, finished: RunFolder) -> None:
    """Given later as at the start: the name alone then means neither."""
    other = RunFolder.create(finished.path.parent, finished.experiment(), name="second")
    lines = command("name", other.id, "first").err.splitlines()
    assert lines[0] == f"{other.id}: named first"
    assert lines[1:] == [f"An older run is named 'first' as well: {finished.id}. The name alone means neither; use their ids."]
    assert len(command("name", other.id, "third").err.splitlines()) == 1


@pytest.mark.parametrize("name", ["first", "latest", "id", "prefix"])
def test_a_run_answers_to_each_of_its_names(command: Command, finished: RunFolder, name: str) -> None:
    """Name, `latest`, id and unique prefix all find it."""
    word = {"id": finished.id, "prefix": finished.id[:20]}.get(name, name)
    assert json.loads(command("show", word, "--json").out)["run"] == finished.id


def test_show_as_json_has_the_whole_run(command: Command, finished: RunFolder) -> None:
    """State, metrics (NaN as null), experiment and events in one object."""
    shown = json.loads(command("show", "first", "--json").out)
    assert shown["state"] == "finished"
    assert shown["metrics"]["test/mse"] == 0.02
    assert shown["experiment"]["model"]["hidden_size"] == 8
    assert [event["kind"] for event in shown["events"]] == ["started", "finished"]
    assert shown["checkpoints"] == []


def test_show_for_people_names_baseline_and_settings(command: Command, finished: RunFolder) -> None:
    """Results stand next to the trivial predictor's."""
    out = command("show", "first").out
    assert "predicting 1" in out
    assert "model.hidden_size" in out
    assert "all steps done" in out


def test_metrics_as_csv_and_json_are_the_same_numbers(command: Command, finished: RunFolder) -> None:
    """Every value comes out, in both forms; a NaN is `nan` in CSV and null in JSON."""
    rows = list(csv.DictReader(io.StringIO(command("metrics", "first", "--tag", "grad_norm", "--csv").out)))
    (series,) = json.loads(command("metrics", "first", "--tag", "train/grad_norm", "--json").out)
    assert len(rows) == len(series["steps"]) == 100
    assert rows[2] == {"step": "3", "tag": "train/grad_norm", "value": "nan"}
    assert series["values"][2] is None
    assert [float(row["value"]) for row in rows[3:]] == series["values"][3:]


def test_the_trivial_predictor_stands_in_every_table(command: Command, finished: RunFolder) -> None:
    """In the list of metrics, in the run's JSON, and in a preset's text."""
    row = next(line for line in command("metrics", "first").out.splitlines() if "test/mse" in line)
    assert row.rstrip().endswith("predicting 1: 0.1667")
    assert json.loads(command("runs", "--json").out)[0]["baseline"] == "predicting 1: 0.1667"
    assert "Baseline mse: predicting 1: 0.1667" in command("presets", "adding_lstm").out


def test_a_column_without_words_is_left_out(command: Command, finished: RunFolder) -> None:
    """The gradient's norm has no baseline: in a table of it alone there is no column for one."""
    assert "baseline" not in command("metrics", "first", "--tag", "grad_norm").out


def test_metrics_say_what_they_are(command: Command, finished: RunFolder) -> None:
    """Below the numbers each metric is explained once, whatever its splits."""
    out = command("metrics", "first", "--tag", "loss").out
    assert out.count("cross-entropy in nats") == 1
    assert "BLEU" not in out


def test_metrics_by_last_part_finds_every_split(command: Command, finished: RunFolder) -> None:
    """`--tag loss` is train, validation and test."""
    tags = [series["tag"] for series in json.loads(command("metrics", "first", "--tag", "loss", "--json").out)]
    assert tags == ["test/loss", "train/loss", "validation/loss"]


def test_metrics_summary_has_extremes(command: Command, finished: RunFolder) -> None:
    """The table has lowest and highest value."""
    out = command("metrics", "first").out
    assert "train/loss" in out
    assert "0.01" in out


def test_unknown_series_gets_the_nearest(command: Command, finished: RunFolder) -> None:
    """A series that is not there is one line with what is."""
    answer = command("metrics", "first", "--tag", "train/los")
    assert answer.code == 2
    assert "Did you mean 'train/loss'" in answer.err


@pytest.mark.parametrize("form", [(), ("--csv",), ("--json",)])
def test_a_series_that_is_like_no_other_is_told_what_there_is(
    command: Command, finished: RunFolder, form: tuple[str, ...]
) -> None:
    """Every series of the run is named, in one line on stderr; nothing is printed of the others."""
    answer = command("metrics", "first", "--tag", "loss", "--tag", "nope", *form)
    assert (answer.code, answer.out) == (2, "")
    known = ("test/loss", "test/mse", "train/grad_norm", "train/loss", "validation/loss")
    assert answer.err.startswith(f"{finished.id}: got --tag nope; expected one of the run's series. ")
    assert all(tag in answer.err for tag in known)
    assert answer.err.count("\n") == 1


def test_snap_draws_within_its_size(command: Command, finished: RunFolder) -> None:
    """Both plots, no line wider than asked."""
    out = command("snap", "first", "--width", "60", "--height", "10").out
    assert "loss" in out
    assert "gradient norm" in out
    assert max(len(line) for line in out.splitlines()) <= 60


TRAIN, HELD_OUT = "- train/loss -1.234e-05", "o validation/loss -1.235e-05"


@pytest.mark.parametrize(
    ("width", "legend"),
    [
        (24, ["loss", TRAIN, "o validation/loss -1.23…"]),
        (40, [f"loss   {TRAIN}", HELD_OUT]),
        (60, [f"loss   {TRAIN}", HELD_OUT]),
        (80, [f"loss   {TRAIN}   {HELD_OUT}"]),
        (100, [f"loss   {TRAIN}   {HELD_OUT}"]),
    ],
)
def test_a_legend_keeps_its_words_together(
    command: Command, runs_dir: Path, experiment: Experiment, width: int, legend: list[str]
) -> None:
    """At any width a series stands with its sign and value on one line, as many beside each other as have room."""
    writer = RunWriter(RunFolder.create(runs_dir, experiment, "long"))
    writer.log(1, {"train/loss": -1.234e-05, "validation/loss": -1.235e-05}, 0.1, 32)
    writer.close()
    lines = command("snap", "long", "--width", str(width), "--height", "6").out.splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("loss"))
    assert lines[first : first + len(legend)] == legend
    assert "┤" in lines[first + len(legend)]
    assert max(map(len, lines)) <= width


def test_a_run_of_one_step_is_drawn_from_its_beginning(command: Command, runs_dir: Path, experiment: Experiment) -> None:
    """The x axis goes from step 0 to the only step, and not around it."""
    writer = RunWriter(RunFolder.create(runs_dir, experiment, "short"))
    writer.log(1, {"train/loss": 0.5}, 0.1, 32)
    writer.close()
    lines = command("snap", "short", "--width", "60", "--height", "8").out.splitlines()
    ticks = [float(word) for word in next(after for before, after in pairwise(lines) if "╰" in before).split()]
    assert (ticks[0], ticks[-1]) == (0, 1)


def test_snap_draws_the_series_that_are_asked_for(command: Command, finished: RunFolder) -> None:
    """One plot for each metric with the chosen series in it, in place of loss and gradient norm; an unknown one is named."""
    lines = command("snap", "first", "--tag", "mse", "--tag", "test/loss", "--width", "80", "--height", "8").out.splitlines()
    titles = [line for line in lines if line.startswith(("loss", "mse", "gradient"))]
    assert titles == ["loss   x test/loss 0.02", "mse   x test/mse 0.02"]
    assert "x" in "".join(lines[lines.index(titles[1]) + 1 :])
    answer = command("snap", "first", "--tag", "nope")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"{finished.id}: got --tag nope; expected one of the run's series. ")


def test_snap_writes_a_vector_figure(command: Command, finished: RunFolder, tmp_path: Path) -> None:
    """The metrics below each other as one SVG, with legend, baseline and claim; nothing is drawn on stdout then."""
    path = tmp_path / "new" / "figure.svg"
    answer = command("snap", "first", "--tag", "mse", "--tag", "loss", "--svg", str(path))
    assert (answer.code, answer.out, answer.err) == (0, "", f"{path}: written.\n")
    words = [element.text for element in ET.fromstring(path.read_text(encoding="utf-8")).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own text
    assert {"loss", "mse", "first", "train", "validation", "test", "0.167 predicting 1"} <= set(words)
    assert {"loss (log)", "mse (log)"} <= set(words)


def test_snap_cannot_write_what_is_not_there(command: Command, runs_dir: Path, experiment: Experiment, tmp_path: Path) -> None:
    """A run without values gives no empty figure, and a path that is no file's is an error in one line."""
    RunFolder.create(runs_dir, experiment, "empty")
    answer = command("snap", "empty", "--svg", str(tmp_path / "figure.svg"))
    assert answer.code == 2
    assert "got no values of loss, grad_norm; expected a run with some" in answer.err
    assert not (tmp_path / "figure.svg").exists()
    fill(RunFolder.create(runs_dir, experiment, "some"), "finished")
    answer = command("snap", "some", "--svg", str(tmp_path))
    assert answer.code != 0
    assert "cannot be written" in answer.err
    assert answer.err.count("\n") == 1


def test_snap_of_an_empty_run_says_so(command: Command, runs_dir: Path, experiment: Experiment) -> None:
    """A run without values is no error."""
    RunFolder.create(runs_dir, experiment, "empty")
    answer = command("snap", "empty")
    assert answer.code == 0
    assert "no values yet" in answer.out


def test_tags_go_on_and_off(command: Command, finished: RunFolder) -> None:
    """+x puts a tag on, -x takes it off; the listing shows them."""
    assert command("tag", "first", "+good", "+draft").code == 0
    assert command("tag", "first", "-draft", "+new").err == f"{finished.id}: good new\n"
    assert json.loads(command("runs", "--json").out)[0]["tags"] == ["good", "new"]


def test_a_note_stays(command: Command, finished: RunFolder) -> None:
    """The note is the words after the run."""
    command("note", "first", "a", "fine", "run")
    assert json.loads(command("show", "first", "--json").out)["note"] == "a fine run"


def test_rm_asks_or_is_told(command: Command, finished: RunFolder) -> None:
    """Without a terminal nothing is deleted unless --yes says so."""
    answer = command("rm", "first")
    assert answer.code == 2
    assert finished.path.exists()
    assert command("rm", "first", "--yes").code == 0
    assert not finished.path.exists()


def test_rm_deletes_all_or_complains_first(command: Command, finished: RunFolder) -> None:
    """A name that is not there is told before anything is deleted."""
    assert command("rm", "first", "nosuch", "--yes").code == 2
    assert finished.path.exists()


def test_a_live_run_is_not_removed(command: Command, live: tuple[RunFolder, object]) -> None:
    """It has to be stopped first."""
    answer = command("rm", "live", "--yes")
    assert answer.code == 2
    assert "Stop it first" in answer.err
    assert live[0].path.exists()


@pytest.mark.parametrize("state", ["failed", "stopped", "paused"])
def test_every_state_is_shown_in_words(command: Command, runs_dir: Path, experiment: Experiment, state: str) -> None:
    """Colour is never the only cue."""
    fill(RunFolder.create(runs_dir, experiment, "one"), state, 60)
    assert state in command("runs").out
    assert state in command("show", "one").out


def test_a_run_of_other_data_than_its_presets_is_called_by_its_cards(command: Command, runs_dir: Path) -> None:
    """The preset's title speaks of other data, and so does its name."""
    experiment = load_preset("adding_lstm", {"data.name": "copy_memory"})
    fill(RunFolder.create(runs_dir, experiment, preset="gated/adding_lstm"), "finished")
    assert command("show", "latest").out.startswith("lstm on copy_memory  ")


def test_an_export_to_no_folder_names_the_option(command: Command, finished: RunFolder) -> None:
    """Not the command that lists runs."""
    answer = command("export", finished.id, "--format", "csv", "--out", "/proc/nowhere/metrics.csv")
    assert answer.code != 0
    assert "--out" in answer.err
    assert "workbench runs" not in answer.err
