"""A run that goes back and on again equals one left alone, bit for bit; what came after is kept; a kill leaves it whole."""

from __future__ import annotations

import functools
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.training.driving import drawings_of, experiment, new_run, scalars_of
from tests.training.test_lives import Asking, life, same, whole
from workbench.errors import CheckpointError, UsageError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder
from workbench.runs.lineage import Parent
from workbench.runs.reader import RunReader
from workbench.training import rewinding
from workbench.training.checkpoint_files import checkpoint_path, checkpoint_paths, list_checkpoints
from workbench.training.events import Request
from workbench.training.forking import fork
from workbench.training.rewinding import rewind

TRAINING: dict[str, Any] = {"steps": 24, "batch_size": 8, "eval_every": 5, "eval_samples": 40, "checkpoint_every": 7}
CASES: dict[str, dict[str, Any]] = {
    "generated, dropout, plateau": {
        "model": {"name": "lstm", "hidden_size": 6, "num_layers": 2, "dropout": 0.3},
        "data": {"name": "echo", "length": 8, "delay": 2},
        "optimizer": {"name": "adam", "lr": 0.1, "schedule": "plateau", "patience": 1},
        "training": {**TRAINING, "keep_best": 2},
    },
    "stored digits mid-epoch, dropout, momentum": {
        "model": {"name": "elman", "hidden_size": 6, "num_layers": 2, "dropout": 0.3},
        "data": {"name": "mnist"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9},
        "training": {**TRAINING, "steps": 12, "batch_size": 16, "checkpoint_every": 5},
    },
    "encoder-decoder": {
        "model": {"name": "seq2seq", "hidden_size": 8},
        "data": {"name": "reversal", "min_length": 2, "max_length": 4},
        "optimizer": {"name": "adam", "lr": 0.01},
        "training": {**TRAINING, "teacher_forcing": 0.5},
    },
    "a text read from end to end, its state carried": {
        "model": {"name": "lstm", "hidden_size": 6, "num_layers": 2},
        "data": {"name": "text", "order": "consecutive", "length": 12, "num_written": 5},
        "optimizer": {"name": "adam", "lr": 0.01},
        "training": {**TRAINING, "steps": 12, "accumulate": 2, "truncate": 5},
    },
    "closed form": {
        "model": {"name": "esn", "hidden_size": 10},
        "data": {"name": "echo", "length": 10, "delay": 2},
        "optimizer": {"name": "adam"},
        "training": {**TRAINING, "steps": 8, "eval_every": 3, "accumulate": 2, "checkpoint_every": 3},
    },
}
ASKED = {
    4: [Request("set", {"optimizer.lr": 0.02})],
    9: [Request("set", {"training.clip_norm": 0.5, "training.log_every": 2}), Request("checkpoint")],
    18: [Request("set", {"optimizer.lr": 0.05})],
}


def case(name: str, **changes: Any) -> Experiment:
    values = {**CASES[name], "inspect": {"share": 1.0}}
    return Experiment.from_dict(values, changes={key.replace("__", "."): value for key, value in changes.items()})


def ended(root: Path, wanted: Experiment, asked: dict[int, list[Request]] | None = None) -> RunFolder:
    """A run that has finished, with what it was asked for on the way."""
    folder = new_run(root, wanted)
    whole(folder, {step: list(requests) for step, requests in (asked or {}).items()})
    return folder


Ended: TypeAlias = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run of a case that has finished and that nobody goes back in, trained once for all tests: name, whether ASKED."""

    @functools.cache
    def trained(name: str, asked: bool = False) -> RunFolder:  # noqa: FBT001, FBT002 - as `ended` is given ASKED or nothing
        return ended(tmp_path_factory.mktemp("alone"), case(name), ASKED if asked else None)

    return trained


def another(root: Path, finished: RunFolder) -> RunFolder:
    """The same run once more, to go back in: nothing of the other one is touched."""
    return RunFolder(shutil.copytree(finished.path, root / finished.id))


def status(folder: RunFolder) -> tuple[str, int]:
    with RunReader(folder) as reader:
        return reader.status().state, reader.status().step


@pytest.mark.parametrize("count", [3, pytest.param(7, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", CASES)
def test_gone_back_and_on_again_a_run_equals_one_left_alone(name: str, count: int, left_alone: Ended, tmp_path: Path) -> None:
    """To random steps, one after the other, and to the last once more: all is bitwise that of the untouched run."""
    alone = left_alone(name)
    folder = another(tmp_path, alone)
    steps = random.Random(count).sample(range(case(name).training.steps), count)  # noqa: S311 - moments, not secrets
    for step in [*steps, steps[-1]]:
        rewound = rewind(folder, step)
        assert status(folder) == ("stopped", step)
        assert max((at for steps, _ in scalars_of(folder).values() for at in steps), default=0) <= step
        same(alone, rewound.branch)
        whole(folder, {})
        same(alone, folder)


@pytest.mark.parametrize("step", [3, 4, 5, 9, 13, 20])
def test_live_changes_hold_at_their_steps(step: int, left_alone: Ended, tmp_path: Path) -> None:
    """Those before the step are in force in it, those after it are made again at their steps."""
    alone = left_alone("generated, dropout, plateau", asked=True)
    folder = another(tmp_path, alone)
    rewind(folder, step)
    whole(folder, {})
    same(alone, folder)


def test_another_way_can_be_taken_from_there(tmp_path: Path) -> None:
    """A change at the step to which a run went back counts instead of the later one of the same setting."""
    wanted = case("generated, dropout, plateau", optimizer__schedule="constant")
    folder = ended(tmp_path, wanted, ASKED)
    before = scalars_of(folder)
    branch = rewind(folder, 11).branch
    whole(folder, {11: [Request("set", {"optimizer.lr": 0.07})]})
    with RunReader(folder) as reader:
        steps, rates = reader.scalars("train/lr")
    assert set(rates[steps > 11]) == {0.07}
    assert scalars_of(branch) == before


def test_to_the_beginning_it_starts_anew(left_alone: Ended, tmp_path: Path) -> None:
    """No checkpoint and no row is left, and the run comes out the same."""
    alone = left_alone("generated, dropout, plateau")
    folder = another(tmp_path, alone)
    rewind(folder, 0)
    assert scalars_of(folder) == {}
    assert drawings_of(folder) == {}
    assert list_checkpoints(folder) == []
    whole(folder, {})
    same(alone, folder)


def test_the_branch_is_a_run_of_its_own(tmp_path: Path) -> None:
    """It has rows, checkpoints, end and lineage of what was, and can go on by itself; its original stays the newest."""
    folder = new_run(tmp_path, case("generated, dropout, plateau"))
    whole(folder, {15: [Request("stop")]})
    rows, files = scalars_of(folder), sorted(info.step for info in list_checkpoints(folder))
    branch = rewind(folder, 8).branch
    assert status(branch) == ("stopped", 15)
    assert scalars_of(branch) == rows
    assert [info.step for info in list_checkpoints(branch)] == files
    with RunReader(branch) as copied, RunReader(folder) as original:
        assert copied.meta()["parent"] == Parent(folder.id, 8).to_dict()
        assert copied.meta()["created"] < original.meta()["created"]
        assert original.events()[-1].data == {"from": 15, "branch": branch.id}
    whole(branch, {})
    whole(folder, {})
    same(branch, folder)


def test_a_forked_run_and_a_branch_go_back_too(left_alone: Ended, tmp_path: Path) -> None:
    """A fork to where it began, and not before; a branch to any step that its run could go back to."""
    parent = another(tmp_path, left_alone("generated, dropout, plateau"))
    alone, folder = (fork(parent, 6, {"optimizer.lr": 0.03}, tmp_path) for _ in range(2))
    whole(alone, {})
    whole(folder, {})
    with pytest.raises(UsageError, match="got step 5; expected 6 to 24"):
        rewind(folder, 5)
    branch = rewind(folder, 17).branch
    rewind(branch, 9)
    rewind(folder, 6)
    for run in (branch, folder):
        whole(run, {})
        same(alone, run)


def test_the_best_checkpoint_of_that_time_is_there_again(tmp_path: Path) -> None:
    """It was removed when a better one came; where the run goes another way from here it may stay the best."""
    folder = ended(tmp_path, experiment(training__steps=20, training__eval_every=4, training__keep_last=1))
    steps = [info.step for info in list_checkpoints(folder)]
    rewind(folder, 10)
    assert [info.step for info in list_checkpoints(folder) if info.is_best] == [8]
    assert 8 not in steps
    whole(folder, {})
    assert [info.step for info in list_checkpoints(folder)] == steps


@pytest.mark.parametrize("step", [24, 25, -1])
def test_it_goes_back_only(step: int, left_alone: Ended, tmp_path: Path) -> None:
    """Where it stands, and what it has not done, is refused in one line, and nothing is changed."""
    folder = another(tmp_path, left_alone("generated, dropout, plateau"))
    with pytest.raises(UsageError, match=r"stands at step 24; expected a step from 0 to 23\."):
        rewind(folder, step)
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.id]


def test_a_run_at_work_is_refused(tmp_path: Path) -> None:
    """A process would write over it: it is paused first, and a paused one ends before."""
    folder, control = new_run(tmp_path, experiment()), Asking({})
    going = life(folder, control)
    while status(folder)[1] < 6:
        next(going)
    with pytest.raises(UsageError, match=r"cannot go back while it is running; .* Pause it first"):
        rewind(folder, 3)
    going.close()


def test_damaged_checkpoints_are_passed_over(tmp_path: Path) -> None:
    """The one before them is taken, or the beginning."""
    wanted = case("generated, dropout, plateau", training__keep_last=9)
    alone, folder = ended(tmp_path, wanted), ended(tmp_path, wanted)
    for info in list_checkpoints(folder):
        if info.step < 15:
            info.path.write_bytes(b"damaged")
    rewind(folder, 14)
    assert checkpoint_path(folder, 14).stat().st_size > 100
    whole(folder, {})
    same(alone, folder)


class Killed(BaseException):
    """The process ends here, as if by kill -9."""


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("function", ["state_at", "keep_branch", "write_checkpoint", "take_back", "forget_left"])
def test_between_any_two_parts_the_run_is_whole(
    function: str,
    done: bool,  # noqa: FBT001 - a parameter of the case
    left_alone: Ended,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It stands where it stood or where it was to go, says so alike everywhere, and comes out the same."""
    alone = left_alone("generated, dropout, plateau")
    folder = another(tmp_path, alone)
    part: Callable[..., Any] = getattr(rewinding, function)

    def killed(*arguments: Any) -> Any:
        if done:
            part(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(rewinding, function, killed)
        with pytest.raises(Killed):
            rewind(folder, 16)
    state, step = status(folder)
    assert (state, step) in {("finished", 24), ("stopped", 16)}
    assert max(info.step for info in list_checkpoints(folder)) == step
    if state == "finished":
        same(alone, folder)
        rewind(folder, 16)
    whole(folder, {})
    same(alone, folder)
    assert set(checkpoint_paths(folder)) == set(checkpoint_paths(alone))


_KILLED_AT = """
import os, signal, sys
from pathlib import Path
from workbench.runs.folder import RunFolder
from workbench.training.rewinding import rewind

def killed_at(folder, files):
    left = files

    def count(event, arguments):
        nonlocal left
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect", "shutil.copyfile"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    rewind(RunFolder(Path(folder)), 16)
    os.write(1, f"{files - left} ".encode())

for line in sys.stdin:
    folder, files = line.rsplit(maxsplit=1)
    child = os.fork()
    if not child:
        killed_at(folder, int(files))
        sys.exit()
    os.write(1, f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\\n".encode())
"""
"""Loads torch once. A fork for each line goes back, and is killed at the file of that number; tells how many there were."""


@pytest.mark.slow
def test_kill_9_anywhere_leaves_the_run_whole(left_alone: Ended, tmp_path: Path) -> None:
    """A real process is killed at files that it opens, moves and removes: before or after, and nothing in between."""
    alone = left_alone("generated, dropout, plateau")
    rng = random.Random(5)  # noqa: S311 - moments, not secrets

    words = [sys.executable, "-c", _KILLED_AT]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as going_back:

        def try_with(folder: RunFolder, files: int) -> list[int]:
            """How many files there were where it was not killed, and how the process ended."""
            assert going_back.stdin is not None
            assert going_back.stdout is not None
            going_back.stdin.write(f"{folder.path} {files}\n")
            going_back.stdin.flush()
            return [int(word) for word in going_back.stdout.readline().split()]

        *counted, code = try_with(another(tmp_path / "counted", alone), 10**9)
        assert code == 0
        for number in sorted(rng.sample(range(1, *counted), 6)):
            folder = another(tmp_path / str(number), alone)
            assert try_with(folder, number) == [-signal.SIGKILL]
            state, step = status(folder)
            assert (state, step) in {("finished", 24), ("stopped", 16)}
            assert max(info.step for info in list_checkpoints(folder)) == step
            if state == "finished":
                same(alone, folder)
            whole(folder, {}) if state == "stopped" else rewind(folder, 16)
            if state == "finished":
                whole(folder, {})
            same(alone, folder)


def test_what_cannot_be_computed_leaves_the_run_as_it_was(
    left_alone: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No branch, no change."""
    folder = another(tmp_path, left_alone("generated, dropout, plateau"))
    rows = scalars_of(folder)

    def fail(*_: Any) -> None:
        raise CheckpointError("not finite")

    monkeypatch.setattr(rewinding, "state_at", fail)
    with pytest.raises(CheckpointError):
        rewind(folder, 3)
    assert scalars_of(folder) == rows
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.id]
