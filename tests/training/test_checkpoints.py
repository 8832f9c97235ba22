"""Checkpoint files: whole, checked, pruned, and never executed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.training.driving import Script, experiment, new_run, run_all, state_of, weights
from workbench.errors import CheckpointError, StoreError, UsageError
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training import checkpoints
from workbench.training.checkpoint_files import find_checkpoint, header_facts, list_checkpoints
from workbench.training.checkpoints import load_checkpoint, restore_latest, save_checkpoint
from workbench.training.events import CheckpointDue
from workbench.training.loop import train
from workbench.training.state import TrainingState


def trained(root: Path, **changes: object) -> tuple[TrainingState, list[int]]:
    """A run in which every checkpoint due was saved, and the steps of those."""
    wanted = experiment(**changes)
    folder, state, steps = new_run(root, wanted), state_of(wanted), []
    for event in train(state, Script(state)):
        if isinstance(event, CheckpointDue):
            save_checkpoint(folder, state)
            steps.append(event.step)
    return state, steps


def folder_in(root: Path) -> Path:
    return next(path for path in root.iterdir() if path.is_dir())


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop", "adagrad"])
def test_a_restored_state_goes_on_bit_for_bit(optimizer: str, tmp_path: Path) -> None:
    """For every optimiser, training on from a checkpoint in a new state equals training without a break, dropout included."""
    changes = {"model__num_layers": 2, "model__dropout": 0.3, "optimizer__name": optimizer, "training__steps": 12}
    if optimizer in ("sgd", "rmsprop"):
        changes["optimizer__momentum"] = 0.9
    wanted = experiment(**changes, optimizer__schedule="plateau", optimizer__patience=1, training__eval_every=2)
    folder, whole = new_run(tmp_path, wanted), state_of(wanted)
    for event in train(whole, Script(whole)):
        if isinstance(event, CheckpointDue) and event.step == 10:
            path = save_checkpoint(folder, whole)
    again = state_of(wanted)
    found = load_checkpoint(path)
    again.restore(found.tensors, found.facts)
    assert again.step == 10
    run_all(again)
    assert all(torch.equal(a, b) for a, b in zip(weights(whole), weights(again), strict=True))
    assert whole.facts() | {"seconds": 0} == again.facts() | {"seconds": 0}


def test_old_checkpoints_go_and_the_best_stays(tmp_path: Path) -> None:
    """The newest `keep_last` and the best `keep_best` are kept, and the best one is known without any link."""
    state, steps = trained(tmp_path, training__eval_every=3, training__keep_last=2, training__keep_best=2, training__steps=30)
    run = RunFolder(folder_in(tmp_path))
    kept = [info.step for info in list_checkpoints(run)]
    assert kept == sorted({*steps[-2:], *(step for _, step in state.best)})
    assert find_checkpoint(run, "best").step == state.best[0][1]
    assert not any(path.is_symlink() for path in run.checkpoints_path.iterdir())
    for info in list_checkpoints(run):  # each one alone says whether it was the best when it was saved
        assert load_checkpoint(info.path).is_best == (info.step == header_facts(info.path)["best"][0][1])
    assert find_checkpoint(run, "last").step == 30
    assert find_checkpoint(run, str(kept[0])).step == kept[0]


def note_best(run: RunFolder, step: object, at: int) -> None:
    """Say in run.db which checkpoint is the best."""
    writer = RunWriter(run)
    writer.set_meta("best", {"step": step, "at": at})
    writer.close()


def test_the_best_checkpoint_stands_in_the_database_and_in_the_newest_file(tmp_path: Path) -> None:
    """run.db says which one is best; a note older than the newest file, of something odd, or none at all is not needed."""
    state, _ = trained(tmp_path, training__eval_every=3, training__keep_last=3, training__keep_best=3, training__steps=30)
    run = RunFolder(folder_in(tmp_path))
    other = next(info.step for info in list_checkpoints(run) if not info.is_best)
    note_best(run, other, at=30)
    assert find_checkpoint(run, "best").step == other
    for step, at in ((other, 29), ([1], 30), ("x", 30)):
        note_best(run, step, at=at)
        assert find_checkpoint(run, "best").step == state.best[0][1]
    run.database_path.unlink()
    assert find_checkpoint(run, "best").step == state.best[0][1]


def test_the_link_of_an_earlier_version_is_read_but_never_followed_elsewhere(tmp_path: Path) -> None:
    """best.safetensors names a file of the same folder, or nothing."""
    trained(tmp_path, training__keep_last=3)
    run = RunFolder(folder_in(tmp_path))
    first = list_checkpoints(run)[0]
    link = run.checkpoints_path / "best.safetensors"
    link.symlink_to(first.path.name)
    assert find_checkpoint(run, "best").step == first.step
    link.unlink()
    link.symlink_to(first.path.resolve())
    assert not any(info.is_best for info in list_checkpoints(run))


def test_checkpoints_through_links_are_neither_written_nor_pruned(tmp_path: Path) -> None:
    """A folder of checkpoints that is a link is refused in one line, and a loop of links as well."""
    state, _ = trained(tmp_path)
    run = RunFolder(folder_in(tmp_path))
    outside = run.checkpoints_path.rename(tmp_path / "outside")
    before = sorted(outside.iterdir())
    for target in (outside, Path()):
        run.checkpoints_path.symlink_to(target)
        for call in (lambda: save_checkpoint(run, state), lambda: list_checkpoints(run)):
            with pytest.raises(StoreError, match="a link; expected a run's own"):
                call()
        run.checkpoints_path.unlink()
    assert sorted(outside.iterdir()) == before


def test_a_folder_that_was_moved_away_is_told_as_that(tmp_path: Path) -> None:
    """Neither the disk nor the permissions are to blame."""
    state, _ = trained(tmp_path)
    run = RunFolder(folder_in(tmp_path))
    run.path.rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match=r"not there any more, .* moved, the run can be resumed where it is now"):
        save_checkpoint(run, state)
    assert not run.path.exists()


def test_checkpoints_follow_the_umask(tmp_path: Path) -> None:
    """Whoever may read the run's other files may read its checkpoints."""
    before = os.umask(0o027)
    try:
        trained(tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(info.path.stat().st_mode) for info in list_checkpoints(RunFolder(folder_in(tmp_path)))} == {0o640}


def test_a_checkpoint_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    """Asking for a step without checkpoint lists what there is."""
    trained(tmp_path)
    run = RunFolder(folder_in(tmp_path))
    with pytest.raises(UsageError, match=r"got checkpoint '7'; expected one of best, last, "):
        find_checkpoint(run, "7")


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(damage: str, tmp_path: Path) -> None:
    """A file cut short, with one bit turned, or empty is reported; the next older one is loaded."""
    state, _ = trained(tmp_path)
    run = RunFolder(folder_in(tmp_path))
    newest = list_checkpoints(run)[-1].path
    content = bytearray(newest.read_bytes())
    if damage == "flip":
        content[-3] ^= 1
    newest.write_bytes(b"" if damage == "empty" else bytes(content[: len(content) - (100 if damage == "cut" else 0)]))
    found, damaged = restore_latest(run, state)
    assert found is not None
    assert found.step == list_checkpoints(run)[-2].step
    assert len(damaged) == 1
    assert newest.name in damaged[0]
    assert "\n" not in damaged[0]


def test_a_foreign_safetensors_file_is_refused(tmp_path: Path) -> None:
    """A file of another format is refused in one line that says what was expected."""
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(CheckpointError, match=r"got format 'none'; expected 'workbench-checkpoint-1'"):
        load_checkpoint(path)


def test_a_full_disk_is_one_line_and_older_checkpoints_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails the error names the file and the reason, no half file stays, and what was there is untouched."""
    wanted = experiment()
    folder, state = new_run(tmp_path, wanted), state_of(wanted)
    save_checkpoint(folder, state)
    before = list_checkpoints(folder)[0].path.read_bytes()
    state.step = 1

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(StoreError, match=r"step-00000001.*cannot be written: No space left on device"):
        save_checkpoint(folder, state)
    assert [path.name for path in folder.checkpoints_path.iterdir()] == ["step-00000000.safetensors"]
    assert list_checkpoints(folder)[0].path.read_bytes() == before


@pytest.mark.parametrize(
    "name",
    [
        "no rng",
        "short rng",
        "odd index",
        "odd key",
        "odd shape",
        "extra",
        "control",
        "missing weight",
        "facts",
        "deep facts",
        "step",
    ],
)
def test_a_checkpoint_that_does_not_fit_is_passed_over_in_one_line(name: str, tmp_path: Path) -> None:  # noqa: C901 - cases
    """Lacking or odd random state, optimiser, tensors or facts: the one before is taken, and the state is whole."""
    trained(tmp_path)
    run = RunFolder(folder_in(tmp_path))
    newest = list_checkpoints(run)[-1].path
    found = load_checkpoint(newest)
    tensors, facts = dict(found.tensors), json.dumps(dict(found.facts))
    weight = next(key for key in tensors if key.startswith("model/"))
    match name:
        case "no rng":
            del tensors["rng/torch"]
        case "short rng":
            tensors["rng/torch"] = tensors["rng/torch"][:10]
        case "odd index":
            tensors["optimizer/999/exp_avg"] = torch.zeros(2)
        case "odd key":
            tensors["optimizer/x"] = torch.zeros(2)
        case "odd shape":
            tensors["optimizer/0/exp_avg"] = torch.zeros(3)
        case "extra":
            tensors["model/other"] = torch.zeros(2)
        case "control":
            tensors["model/\x1b[31m\n"] = torch.zeros(2)
        case "missing weight":
            del tensors[weight]
        case "facts":
            facts = "7"
        case "deep facts":
            facts = "[" * 100_000
        case _:
            facts = json.dumps({**found.facts, "step": "x"})
    digest = checkpoints.content_digest(tensors, facts)
    save_file(tensors, newest, {"format": checkpoints.FORMAT, "facts": facts, "digest": digest})
    again = state_of(experiment())
    used, damaged = restore_latest(run, again)
    assert used is not None
    assert again.step == used.step == list_checkpoints(run)[-2].step
    (line,) = damaged
    assert line.isprintable()
    assert newest.name in line
