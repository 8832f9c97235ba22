"""Arguments and streams as nobody means them: one line that names the cause, and never a traceback."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Command
from workbench import extensions
from workbench.cards import catalog
from workbench.errors import UsageError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter

LONG = "x" * 300


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (["run", f"{LONG}.toml"], "names of at most 255 bytes"),
        (["run", "a\0b.toml"], "without the NUL sign"),
        (["run", "\udcff.toml"], "UTF-8 text"),
        (["run", "~nobody-there/x.toml"], "home folder is known"),
        (["run", LONG], "not found"),
        (["run", "adding_gru", "--runs-dir", LONG], "--runs-dir: got "),
        (["run", "mnist_cnn", "--set", f"data.path=/tmp/{LONG}/y"], "names of at most 255 bytes"),
        (["run", "mnist_cnn", "--set", "data.path=\udcff"], "UTF-8 text"),
        (["run", "mnist_cnn", "--set", "data.path=~nobody-there/x"], "home folder is known"),
        (["run", "adding_gru", "--seed", "-1"], "expected a number of at least 0"),
        (["run", "adding_gru", "--seed", "1,000"], "Write 1000 without marks"),
        (["runs", "--runs-dir", "\udcff"], "UTF-8 text"),
        (["show", LONG], "no runs, got"),
        (["show", f"{LONG}/x"], "no runs, got"),
        (["show", "a\0b/c"], "no runs, got"),
        (["show", "\x1b[31m"], "no runs, got '\\x1b[31m'"),
        (["show", "[red]x[/]"], "no runs, got '[red]x[/]'"),
        (["architectures", "\x1b[31m"], "got '\\x1b[31m'"),
        (["presets", "[/x]"], "preset '[/x]' not found"),
        (["snap", "latest", "--width", "999999999999"], "expected at most 2000 columns"),
        (["snap", "latest", "--height", "999999999999"], "expected at most 2000 columns"),
        (["snap", "latest", "--height", "-3"], "expected at least 20 columns"),
        (["probe", "latest", "--step", "9" * 30], "expected a number of at most 9223372036854775807"),
        (["predict", "latest", "--beam", "1000000000000"], "expected a number of at most 1000"),
        (["predict", "latest", "--seed", "-1"], "expected a number of at least 0"),
        (["predict", "latest", "--temperature", "nan"], "temperature: got nan"),
        (["verify", "--jobs", "0"], "expected a number of at least 1"),
        (["verify", "--seeds", "0"], "expected a number of at least 1"),
        (["verify", "--markdown", f"there/{LONG}"], "--markdown: got "),
        (["export", "latest", "-f", "csv", "--out", LONG], "--out: got "),
    ],
)
def test_an_odd_argument_is_one_line(command: Command, words: list[str], cause: str) -> None:
    """Exit code 2, and nothing that a terminal would act on."""
    answer = command(*words)
    assert answer.code == 2, answer
    assert answer.err.count("\n") == 1
    assert cause in answer.err
    assert answer.err[:-1].isprintable()


def test_the_environment_is_guarded_alike(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """WORKBENCH_RUNS is told by its name."""
    monkeypatch.setenv("WORKBENCH_RUNS", LONG)
    assert command("runs").err.startswith("WORKBENCH_RUNS: got ")


SHELL = f"{sys.executable} -m workbench"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (f"{SHELL} presets >&-", (0,)),
        (f"{SHELL} presets >&- 2>&- <&-", (0,)),
        (f"{SHELL} show nothing 2>&-", (2,)),
        (f"{SHELL} presets > /dev/full", (1,)),
        (f"{SHELL} presets --json > /dev/full", (1,)),
        (f"{SHELL} show nothing 2> /dev/full", (2,)),
        (f"{SHELL} --version > /dev/full", (1,)),
        (f"{SHELL} presets | head -1; exit ${{PIPESTATUS[0]}}", (0,)),
        (f"{SHELL} <&- >&-", (2,)),
        (f"{SHELL} 2> /dev/full", (2,)),
    ],
)
def test_a_stream_that_cannot_be_written_is_no_traceback(line: str, codes: tuple[int, ...], tmp_path: Path) -> None:
    """Closed, full, or without a reader: the exit code stays sensible."""
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert ended.returncode in codes, ended
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert ended.stderr.count("\n") <= 1


def test_show_gives_the_settings_in_force(command: Command, live: tuple[RunFolder, RunWriter]) -> None:
    """After a live change the setting stands as it is now, with what it was before."""
    import json

    folder, writer = live
    writer.event("changed", "optimizer.lr: 0.01 to 0.5", 5, {"optimizer.lr": 0.5})
    writer.flush()
    values = json.loads(command("show", folder.id, "--json").out)
    assert values["experiment"]["optimizer"]["lr"] == 0.5
    assert values["started_with"]["optimizer"]["lr"] == 0.01
    assert values["changes"] == [{"step": 5, "values": {"optimizer.lr": 0.5}, "superseded": []}]
    assert "0.01 until step 5" in command("show", folder.id).out


def test_set_checks_against_the_settings_in_force(command: Command, live: tuple[RunFolder, RunWriter]) -> None:
    """Two settings that exclude each other are told also where the other one came by a live change."""
    folder, writer = live
    writer.event("changed", "", 5, {"training.truncate": 3})
    writer.flush()
    answer = command("set", folder.id, "training.flow_regularizer=0.5")
    assert answer.code == 2
    assert answer.err.startswith("workbench set: [training] ")


def test_a_broken_card_is_named_where_cards_are_listed(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list goes on without it; asked for by name it gives its error."""
    from importlib.metadata import EntryPoint

    entry = EntryPoint("mine", "nowhere.at.all:Card", "workbench.architectures")
    monkeypatch.setattr(extensions, "entry_points", lambda group: [entry] if group == entry.group else [])
    catalog.cards_of.cache_clear()
    try:
        listed, asked = command("architectures"), command("architectures", "mine")
        run = command("run", "adding_gru", "--set", "model.name=mine")
        found = command("doctor").out
    finally:
        catalog.cards_of.cache_clear()
    assert (listed.code, asked.code, run.code) == (0, 2, 2)
    assert "lstm" in listed.out
    for text in (listed.err, asked.err, run.err):
        assert "ModuleNotFoundError" in text
        assert text.count("\n") == 1
    assert "ModuleNotFoundError" in found


def test_what_has_no_effect_is_said_before_the_start(
    command: Command, monkeypatch: pytest.MonkeyPatch, experiment: Experiment
) -> None:
    """On stderr, and the run goes on."""
    from workbench.training import launch

    monkeypatch.setattr(launch, "start", lambda folder: 0)
    answer = command("run", "adding_gru", "--detach", "--set", "warmup_steps=500", "--set", "steps=100")
    assert "warning: optimizer.warmup_steps: got 500; the run ends after 100 steps" in answer.err
    assert answer.code == 0


@pytest.mark.parametrize("given", [None, b"x", 3, ["x"], "a\0b", "\udcff", "x" * 300])
def test_the_python_interface_is_guarded_alike(given: object, tmp_path: Path) -> None:
    """Odd arguments are one clear line there too."""
    import workbench

    for call in (workbench.load_preset, workbench.train, workbench.load_bundle, partial(workbench.open_run, runs_dir=tmp_path)):
        way_in: Any = call
        with pytest.raises(UsageError) as caught:
            way_in(given)
        assert str(caught.value).isprintable()


def test_a_preset_with_options_is_told_what_takes_them(command: Command) -> None:
    """The interface opens a preset as it is; `run` takes options."""
    answer = command("adding_gru", "--seed", "3")
    assert answer.code == 2
    assert "'workbench run adding_gru --seed 3'" in answer.err


def test_a_file_is_no_folder_of_runs(command: Command, tmp_path: Path) -> None:
    """Said as it is, with the option that names another."""
    file = tmp_path / "file"
    file.write_text("")
    answer = command("runs", "--runs-dir", str(file))
    assert answer.code == 2
    assert answer.err == f"{file}: not a folder; expected one. Check the path. Name a folder of runs with --runs-dir.\n"


def test_a_setting_that_was_not_given_is_named_once(command: Command) -> None:
    """A dataset that needs a file says which setting names it."""
    answer = command("run", "translate_attention", "--set", "data.name=sentence_pairs")
    assert answer.code == 2
    assert "[data] path: got nothing" in answer.err
