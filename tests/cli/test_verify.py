"""`workbench verify` with presets of three steps and real workers."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.cli.commands import Command
from tests.verification.making import preset
from tests.waiting import wait_until
from workbench.cli.commands.verify import _terminated_like_interrupted
from workbench.runs.listing import list_runs

CHANCE = ("test/accuracy", ">=", 0.0)
NEVER = ("test/accuracy", ">", 1.0)


def exploding(folder: Path) -> str:
    """A preset whose loss becomes infinite within a few steps."""
    name = preset(folder, "broken.toml", ("test/mse", ">=", 0.0), lr=1000.0, steps=400)
    text = (
        Path(name).read_text(encoding="utf-8").replace('name = "elman"', 'name = "elman"\nactivation = "relu"\ninit = "identity"')
    )
    Path(name).write_text(text.replace('"echo"\nlength = 8\ndelay = 2', '"adding"\nlength = 40'), encoding="utf-8")
    return name


@pytest.mark.slow
def test_claims_that_hold_fail_and_break_are_told_apart(command: Command, tmp_path: Path) -> None:
    """In JSON and Markdown, with a contrast that is trained once for two claims; a broken run does not end the others."""
    broken, poor = exploding(tmp_path), preset(tmp_path, "poor.toml", NEVER)
    good = preset(tmp_path, "good.toml", CHANCE, against=("poor.toml", "<=", 1.0))
    table, kept = tmp_path / "claims.md", tmp_path / "kept"
    words = ["--seeds", "1", "--first-seed", "7", "--json", "--markdown", str(table), "--runs-dir", str(kept)]
    answer = command("verify", broken, good, poor, *words)
    assert answer.code == 1, answer.err
    rows = json.loads(answer.out)
    assert [(row["preset"], row["contrast_of"], row["holds"]) for row in rows] == [
        (broken, None, False),
        (good, None, True),
        (poor, good, True),
        (poor, None, False),
    ]
    assert {"preset", "claim", "metric", "operator", "threshold", "seeds", "values", "holds", "seconds"} <= set(rows[0])
    assert [row["seeds"] for row in rows] == [[7]] * 4
    assert rows[0]["values"] == [None]
    assert f"{broken}, seed 7: failed: " in rows[0]["problems"][0]
    assert 0 <= rows[1]["values"][0] <= 1
    assert rows[2]["values"] == rows[3]["values"]
    assert sorted(run.state for run in list_runs(kept)) == ["failed", "finished", "finished"]
    text = table.read_text(encoding="utf-8")
    assert f"workbench verify {broken} {good} {poor} --seeds 1 --first-seed 7" in text
    assert "1 of 3 claims hold" in text
    for expected in ("✗ does not hold", "✓ holds", f"contrast {poor}: test/accuracy <= 1", "1 of 3 claims hold on seed 7."):
        assert expected in answer.err


@pytest.mark.slow
def test_when_all_holds_the_exit_code_is_0_and_no_run_is_left(command: Command, runs_dir: Path, tmp_path: Path) -> None:
    """Sentence, bound and verdict are shown; without --runs-dir the runs go."""
    answer = command("verify", preset(tmp_path, "good.toml", CHANCE), "--seeds", "1", "--jobs", "1")
    assert answer.code == 0
    for expected in ("✓ holds", "It is >= 0.0.", "test/accuracy >= 0", "1 of 1 claim holds", "of training"):
        assert expected in answer.out
    assert not runs_dir.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gated/ading_lstm"], "Did you mean 'gated/adding_lstm'"),
        (["gated/adding_elman"], "it claims nothing; expected a preset with a table [claim]"),
        (["--seeds", "0"], "--seeds: got '0'; expected a number of at least 1"),
        (["adding_lstm", "--markdown", "nowhere/claims.md"], "--markdown: nowhere/claims.md cannot be written"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(command: Command, words: list[str], expected: str) -> None:
    """Nothing is trained before the words are understood."""
    answer = command("verify", *words)
    assert (answer.code, answer.out) == (2, "")
    assert expected in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.slow
def test_an_interrupt_ends_every_run_that_was_started(tmp_path: Path) -> None:
    """Ctrl-C: the command ends with 130 and its workers with it."""
    endless = preset(tmp_path, "endless.toml", CHANCE, steps=10_000_000)
    runs = tmp_path / "kept"
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "verify", endless, "--jobs", "2", "--runs-dir", str(runs)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )

    def running() -> list[psutil.Process]:
        return [child for child in psutil.Process(process.pid).children() if "workbench.training.worker" in child.cmdline()]

    wait_until(lambda: len([run for run in list_runs(runs) if run.step > 3]) == 2, "two runs under way")
    children = running()
    assert len(children) == 2
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert not any(child.is_running() for child in children)


def test_a_wish_of_the_system_that_it_end_is_an_interrupt() -> None:
    """SIGTERM goes the way of Ctrl-C while runs go on, and is as it was afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), _terminated_like_interrupted():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.slow
def test_runs_that_were_kept_are_not_trained_again(command: Command, tmp_path: Path) -> None:
    """Those with the same settings and code; another seed, another setting, other code or a run that failed is trained."""
    broken, good, kept = exploding(tmp_path), preset(tmp_path, "good.toml", CHANCE), tmp_path / "kept"

    def verify(*words: str) -> tuple[list[float], int, str]:
        answer = command("verify", good, *words, "--json", "--runs-dir", str(kept))
        return json.loads(answer.out)[0]["values"], len(list_runs(kept)), answer.err

    first, count, said = verify(broken, "--seeds", "1")
    assert count == 2
    assert "already" not in said
    again, count, said = verify(broken, "--seeds", "1")
    assert again == first
    assert "1 of 2 runs are in" in said
    assert count == 2 + 1, "the broken run"
    more, count, said = verify("--seeds", "2")
    assert more[0] == first[0]
    assert "1 of 2 runs are in" in said
    assert count == 3 + 1, "the second seed"
    preset(tmp_path, "good.toml", CHANCE, lr=0.2)
    _, count, said = verify("--seeds", "1")
    assert count == 4 + 1
    assert "already" not in said
    older = json.dumps({"nn/elman.py": "0" * 16})
    for run in list_runs(kept):
        with closing(sqlite3.connect(run.path / "run.db")) as database, database:
            database.execute("UPDATE meta SET value = ? WHERE key = 'source'", (older,))
    _, count, said = verify("--seeds", "1")
    assert count == 5 + 1
    assert "already" not in said


@pytest.mark.slow
def test_where_runs_are_kept_may_be_said_before_the_command(command: Command, tmp_path: Path) -> None:
    """`--runs-dir` before `verify` is the same as after it: the runs stay."""
    good, kept = preset(tmp_path, "good.toml", CHANCE), tmp_path / "kept"
    assert command("--runs-dir", str(kept), "verify", good, "--seeds", "1").code == 0
    assert len(list_runs(kept)) == 1
