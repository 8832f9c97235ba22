"""Errors, exit codes, and the frozen list of commands and options."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.commands import Command
from workbench.cli import main
from workbench.cli.app import command_line
from workbench.cli.commands import command_names
from workbench.runs.folder import RunFolder

FROZEN = {
    "ablate": ["--json", "--runs-dir", "--samples", "--split"],
    "architectures": ["--json"],
    "attach": ["--notify", "--runs-dir"],
    "check-card": ["--class", "--json"],
    "compare": [
        "--by",
        "--csv",
        "--evaluate",
        "--filter",
        "--group",
        "--height",
        "--json",
        "--md",
        "--runs-dir",
        "--svg",
        "--tag",
        "--width",
    ],
    "concepts": ["--json"],
    "datasets": ["--json"],
    "doctor": ["--json", "--runs-dir"],
    "evaluate": [
        "--accept-changed-data",
        "--data",
        "--height",
        "--json",
        "--runs-dir",
        "--samples",
        "--split",
        "--svg",
        "--width",
    ],
    "export": ["--force", "--format", "--json", "--out", "--runs-dir", "-f", "-o"],
    "fork": ["--detach", "--json", "--name", "--notify", "--quiet", "--runs-dir", "--set", "-d", "-q"],
    "lesson": ["--again", "--runs-dir", "--step", "--yes", "-y"],
    "lessons": ["--json"],
    "metrics": ["--csv", "--json", "--runs-dir", "--tag"],
    "name": ["--runs-dir"],
    "new": ["--force", "--json", "--out"],
    "note": ["--runs-dir"],
    "pause": ["--runs-dir"],
    "predict": [
        "--accept-changed-data",
        "--attention",
        "--beam",
        "--go-on",
        "--greedy",
        "--json",
        "--runs-dir",
        "--saliency",
        "--seed",
        "--temperature",
        "--top-k",
    ],
    "presets": ["--edit", "--force", "--import", "--json", "--out", "--user"],
    "probe": [
        "--alike",
        "--csv",
        "--figure",
        "--head",
        "--height",
        "--json",
        "--name",
        "--pin",
        "--runs-dir",
        "--sample",
        "--search",
        "--step",
        "--svg",
        "--top",
        "--unit",
        "--width",
    ],
    "replay": ["--json", "--runs-dir", "--until"],
    "report": [
        "--evaluate",
        "--filter",
        "--force",
        "--group",
        "--json",
        "--out",
        "--pdf",
        "--png",
        "--runs-dir",
        "--title",
        "-o",
    ],
    "resume": ["--accept-changed-data", "--detach", "--json", "--notify", "--quiet", "--runs-dir", "-d", "-q"],
    "rewind": ["--json", "--runs-dir"],
    "rm": ["--runs-dir", "--yes", "-y"],
    "run": [
        "--detach",
        "--device",
        "--export",
        "--freeze",
        "--from",
        "--jobs",
        "--json",
        "--name",
        "--notify",
        "--queue",
        "--quiet",
        "--runs-dir",
        "--seed",
        "--seeds",
        "--set",
        "-d",
        "-q",
    ],
    "runs": ["--filter", "--group", "--group-by", "--json", "--runs-dir", "--save"],
    "set": ["--runs-dir"],
    "show": ["--json", "--runs-dir"],
    "snap": ["--group", "--height", "--runs-dir", "--svg", "--tag", "--width"],
    "step": ["--runs-dir"],
    "stop": ["--runs-dir"],
    "tag": ["--runs-dir"],
    "verify": ["--first-seed", "--jobs", "--json", "--markdown", "--runs-dir", "--seeds"],
}


def test_commands_and_options_are_the_frozen_ones() -> None:
    """Programs call these names: adding one is a decision, taking one away breaks them."""
    group = command_line()
    found = {
        name: sorted(option for parameter in command.params for option in parameter.opts if option.startswith("-"))
        for name, command in group.commands.items()
    }
    assert found == FROZEN


def test_names_known_without_typer_are_the_commands() -> None:
    """The cheap list that tells a command from a preset is the list of commands."""
    assert sorted(command_names()) == sorted(FROZEN)


@pytest.mark.parametrize("name", [*FROZEN, ""])
def test_every_command_explains_itself(command: Command, name: str) -> None:
    """`--help` prints a usage line and ends well."""
    answer = command(*([name] if name else []), "--help")
    assert answer.code == 0
    assert "Usage: workbench" in answer.out


def test_version_is_the_packages(command: Command) -> None:
    """`--version` prints one line."""
    from workbench import __version__

    assert command("--version").out == f"workbench {__version__}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["show", "--jsn", "latest"], "workbench show: no such option: --jsn"),
        (["show"], "workbench show: missing argument 'RUN'"),
        (["run", "gated/adding_lstm", "--device", "abacus"], "workbench run: --device: got 'abacus'; expected one of"),
        (["resume", "latest"], "no runs, got 'latest'"),
        (["run", "gated/ading_lstm"], "Did you mean 'gated/adding_lstm'"),
        (["run", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["run", "adding_lstm", "--set", "lr"], "got 'lr'; expected table.key=value"),
        (["run", "adding_lstm", "--export", "csvv"], "--export: got 'csvv'; expected a format. Did you mean 'csv'"),
        (["run", "adding_lstm", "--export", "csv", "--detach"], "--export: cannot be combined with --detach"),
        (["tag", "latest", "good"], "got 'good'; expected +TAG"),
        (["architectures", "lstmm"], "Did you mean 'lstm'"),
        (["snap", "latest", "--width", "3"], "got 3x14; expected at least 20 columns"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(command: Command, words: list[str], expected: str) -> None:
    """A mistake is told in one line on stderr, with exit code 2 and nothing on stdout."""
    answer = command(*words)
    assert answer.code == 2
    assert answer.out == ""
    assert expected in answer.err
    assert answer.err.count("\n") == 1


def test_every_problem_of_an_experiment_is_told_at_once(command: Command) -> None:
    """Two bad settings are two lines."""
    answer = command("run", "adding_lstm", "--set", "model.nm_layers=3", "--set", "optimizer.lr=-1")
    assert answer.code == 2
    assert answer.err.splitlines() == [
        "--set: [model] nm_layers: unknown key. Did you mean 'num_layers'?",
        "--set: [optimizer] lr: got -1; expected a number above 0.",
    ]


@pytest.mark.parametrize(("word", "meant"), [("shwo", "'show'"), ("ading_lstm", "'adding_lstm'"), ("mine.toml", "no such file")])
def test_a_first_word_that_is_nothing_gets_the_nearest(capsys: pytest.CaptureFixture[str], word: str, meant: str) -> None:
    """Neither a command nor a preset: both are suggested."""
    with pytest.raises(SystemExit) as ended:
        main([word])
    assert ended.value.code == 2
    assert meant in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["adding_lstm"], ["--runs-dir", "elsewhere"], ["attach", "first"]])
def test_the_interface_asks_for_a_terminal(capsys: pytest.CaptureFixture[str], finished: RunFolder, words: list[str]) -> None:
    """Without a terminal the interface says what to use instead."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "the interface needs a terminal" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`workbench presets | head -1` ends quietly."""
    import subprocess

    script = f"{sys.executable} -m workbench architectures --json | head -1"
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ended.stdout == "[\n"
    assert ended.stderr == ""


def test_a_folder_that_is_gone_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Started where the folder was deleted, the command says so."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SystemExit) as ended:
        main(["runs"])
    assert ended.value.code == 2
    assert "the current folder does not exist any more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "adding_lstm", "--seed", "x"], "workbench run: --seed: got 'x'; expected a whole number."),
        (
            ["run", "adding_lstm", "--device", "gpu"],
            "workbench run: --device: got 'gpu'; expected one of 'auto', 'cpu', 'cuda', 'mps'.",
        ),
    ],
)
def test_a_wrong_option_is_told_in_the_house_form(command: Command, words: list[str], expected: str) -> None:
    """What was got, and what is expected."""
    assert command(*words).err.startswith(expected)


def test_the_runs_folder_may_stand_before_the_command(command: Command, tmp_path: Path) -> None:
    """`--runs-dir DIR runs` lists that folder, named in full."""
    assert command("--runs-dir", str(tmp_path / "x"), "runs").out == (
        f"No runs in {tmp_path / 'x'}. 'workbench run PRESET' starts one.\n"
    )


def test_a_device_that_is_not_there_makes_no_run(command: Command, runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before the run's folder is made."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    answer = command("run", "adding_lstm", "--device", "cuda")
    assert answer.code == 2
    assert "got 'cuda'" in answer.err
    assert not runs_dir.exists()


def test_export_tells_everything_that_is_missing(command: Command, finished: RunFolder) -> None:
    """No format and no such checkpoint are two lines."""
    answer = command("export", f"{finished.id}@5")
    assert answer.code == 2
    assert ["--format: missing" in answer.err, "no checkpoint" in answer.err] == [True, True]


def test_flags_stand_without_a_type(command: Command) -> None:
    """`--help` shows no word behind an option that takes none."""
    assert "bool" not in command("run", "--help").out


def test_any_encoding_gets_its_signs(finished: RunFolder) -> None:
    """A stream that holds ASCII alone gets look-alikes instead of a traceback."""
    import os
    import subprocess

    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run([sys.executable, "-m", "workbench", "runs"], capture_output=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"+ finished" in ended.stdout
