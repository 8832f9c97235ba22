"""Finding, labelling and removing runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.runs.making import SMALL, finished_run, new_run
from workbench.errors import RunNotFoundError, StoreError, UsageError
from workbench.experiment import Experiment
from workbench.runs import summary as summary_module
from workbench.runs.folder import RunFolder
from workbench.runs.listing import find_run, list_runs, name_run, note_run, remove_run, split_reference, tag_run
from workbench.runs.reader import RunReader
from workbench.runs.writer import RunWriter


def test_a_listing_says_what_each_run_is(tmp_path: Path) -> None:
    """A summary has names, state, progress, the main metric, time and size."""
    folder = finished_run(tmp_path, "mine")
    (run,) = list_runs(tmp_path)
    assert (run.id, run.path, run.name, run.title, run.state) == (folder.id, folder.path, "mine", "Echo of two", "finished")
    assert (run.architecture, run.dataset, run.step, run.total, run.seconds) == ("elman", "echo", 10, 100, 5.0)
    assert (run.metric, run.value) == ("validation/accuracy", 0.5)
    assert run.values["train/loss"] == pytest.approx(0.1)
    assert run.size > 4096
    assert json.loads(json.dumps(run.to_dict()))["path"] == str(folder.path)


def test_the_newest_run_comes_first_and_is_latest(tmp_path: Path) -> None:
    """Runs are sorted by creation, newest first, and `latest` is the first."""
    folders = [finished_run(tmp_path, f"run {number}") for number in range(3)]
    assert [run.name for run in list_runs(tmp_path)] == ["run 2", "run 1", "run 0"]
    assert find_run(tmp_path, "latest") == folders[2]


def test_the_main_metric_is_the_test_score_where_there_is_one(tmp_path: Path) -> None:
    """Before validation, the training loss; then the best validation score; then the test score."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    seen = []
    for step, scalars in enumerate(
        [{"train/loss": 3.0}, {"validation/mse": 1.0}, {"validation/mse": 2.0}, {"test/mse": 1.5, "test/loss": 9.0}]
    ):
        writer.log(step, scalars, 1.0, 1)
        writer.flush()
        (run,) = list_runs(tmp_path)
        seen.append((run.metric, run.value))
    writer.close()
    assert seen == [("train/loss", 3.0), ("validation/mse", 1.0), ("validation/mse", 1.0), ("test/mse", 1.5)]


def test_the_main_metric_is_what_the_experiment_claims(tmp_path: Path) -> None:
    """The score that a preset is about stands in the list, whatever else was measured."""
    claim = {"sentence": "It is.", "metric": "test/sequence_accuracy", "operator": ">=", "threshold": 0.9}
    claiming = Experiment.from_dict({**SMALL, "claim": claim})
    writer = RunWriter(RunFolder.create(tmp_path / "runs", claiming))
    writer.log(1, {"test/accuracy": 0.9, "test/sequence_accuracy": 0.2}, 1.0, 1)
    writer.close()
    (run,) = list_runs(tmp_path / "runs")
    assert (run.metric, run.value) == ("test/sequence_accuracy", 0.2)


def test_a_damaged_run_is_called_by_its_id(tmp_path: Path) -> None:
    """Where nothing can be read, the folder's name is all there is."""
    folder = new_run(tmp_path)
    (folder.path / "run.db").write_bytes(b"nothing")
    (run,) = list_runs(tmp_path)
    assert (run.state, run.label) == ("damaged", folder.id)


def test_the_cache_is_used_and_may_be_thrown_away(tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unchanged run is not opened again; a changed one is; a damaged cache file is ignored."""
    folder = finished_run(tmp_path)
    opened: list[str] = []
    facts = summary_module._facts

    def counting(run: RunFolder) -> dict[str, object]:
        opened.append(run.id)
        return facts(run)

    monkeypatch.setattr(summary_module, "_facts", counting)
    first = list_runs(tmp_path)
    assert list_runs(tmp_path) == first
    assert opened == [folder.id]
    note_run(folder, "changed")
    assert list_runs(tmp_path)[0].note == "changed"
    assert len(opened) == 2
    (cache,) = cache_folder.glob("*.json")
    cache.write_text("{")
    assert list_runs(tmp_path)[0].note == "changed"
    assert len(opened) == 3


def test_a_live_run_is_not_stale(tmp_path: Path) -> None:
    """Steps that sit in the write-ahead log alone are seen by the next listing."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.set_status("running")
    for step in (1, 2, 3):
        writer.log(step, {"train/loss": 1.0}, 1.0, 1)
        writer.flush()
        assert (list_runs(tmp_path)[0].step, list_runs(tmp_path)[0].state) == (step, "running")
    writer.close()
    assert list_runs(tmp_path)[0].state == "lost"  # closed without an end state: its process is gone


def test_a_listing_survives_what_is_not_a_run(tmp_path: Path) -> None:
    """Other files, empty folders and hidden ones are passed over; a damaged run is shown as such; no root, no runs."""
    finished_run(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.db").write_text("this is not a database, however long it may be")
    assert [(run.id == "broken", run.state) for run in list_runs(tmp_path)] == [(False, "finished"), (True, "damaged")]
    assert list_runs(tmp_path / "nowhere") == []


def test_a_run_is_found_by_id_prefix_name_and_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way of naming a run gives its folder."""
    folder = finished_run(tmp_path, "mine")
    for name in (folder.id, folder.id[:-2], "mine", "latest", str(folder.path)):
        assert find_run(tmp_path, name).path == folder.path
    monkeypatch.chdir(tmp_path)
    assert find_run(tmp_path / "other", f"./{folder.id}").id == folder.id


def test_the_end_of_an_id_that_a_listing_shows_means_the_run(tmp_path: Path) -> None:
    """Of two runs of one name the label's end is taken as it stands; a shorter one is not, and one that two runs have asks."""
    folders = [finished_run(tmp_path, "mine") for _ in range(2)]
    for run in list_runs(tmp_path):
        shown = run.label.partition("(")[2].rstrip(")")
        assert find_run(tmp_path, shown).id == run.id
    with pytest.raises(RunNotFoundError, match="not found"):
        find_run(tmp_path, folders[0].id[-3:])
    twin = tmp_path / f"20200101-000000-gru-adding-{folders[0].id[-4:]}"
    folders[0].path.rename(twin)
    folders[1].path.rename(tmp_path / f"20200101-000000-lstm-adding-{folders[0].id[-4:]}")
    with pytest.raises(RunNotFoundError, match="2 runs answer to it"):
        find_run(tmp_path, folders[0].id[-4:])


def test_a_name_beats_a_prefix(tmp_path: Path) -> None:
    """A run named like the start of another's id is the one that is meant."""
    other = finished_run(tmp_path)
    folder = finished_run(tmp_path, other.id[:8])
    assert find_run(tmp_path, other.id[:8]) == folder


def test_an_ambiguous_name_lists_the_candidates(tmp_path: Path) -> None:
    """Two runs whose ids begin alike are both named."""
    folders = [finished_run(tmp_path, "twin"), finished_run(tmp_path, "twin")]
    with pytest.raises(RunNotFoundError, match="2 runs answer to it") as raised:
        find_run(tmp_path, folders[0].id[:2])
    assert all(folder.id in str(raised.value) for folder in folders)


def test_an_unknown_name_does_not_list_every_run(tmp_path: Path) -> None:
    """Where no name is near and runs are many, none is listed."""
    ids = [finished_run(tmp_path).id for _ in range(7)]
    with pytest.raises(RunNotFoundError) as raised:
        find_run(tmp_path, "zzz")
    assert not any(run_id in str(raised.value) for run_id in ids)


def test_an_unknown_name_gives_the_nearest(tmp_path: Path) -> None:
    """A mistyped name is answered with the right one; without any run, with how to start one."""
    with pytest.raises(RunNotFoundError, match="'workbench run PRESET' starts one"):
        find_run(tmp_path, "latest")
    finished_run(tmp_path, "baseline")
    with pytest.raises(RunNotFoundError, match="Did you mean 'baseline'"):
        find_run(tmp_path, "baselin")
    for odd in ("", ".", "..", "../x", "@"):
        with pytest.raises(RunNotFoundError):
            find_run(tmp_path, odd)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [("run", ("run", "")), ("run@best", ("run", "best")), ("latest@1200", ("latest", "1200")), ("a@b@last", ("a@b", "last"))],
)
def test_a_reference_names_run_and_checkpoint(reference: str, expected: tuple[str, str]) -> None:
    """What follows the last @ is the checkpoint."""
    assert split_reference(reference) == expected


def test_labels_are_kept(tmp_path: Path) -> None:
    """Tags are added and taken off; note and name are replaced; a tag is one word."""
    folder = finished_run(tmp_path)
    assert tag_run(folder, ["good", "b"]) == ["b", "good"]
    assert tag_run(folder, ["c"], ["b", "never-there"]) == ["c", "good"]
    note_run(folder, "two\nlines")
    name_run(folder, "new name")
    (run,) = list_runs(tmp_path)
    assert (run.tags, run.note, run.name) == (("c", "good"), "two\nlines", "new name")
    with pytest.raises(UsageError, match="got tag 'two words'; expected one word"):
        tag_run(folder, ["two words"])


def test_a_live_run_can_be_labelled(tmp_path: Path) -> None:
    """A viewer writes a note while the worker writes metrics."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.log(1, {"train/loss": 1.0}, 1.0, 1)
    note_run(folder, "promising")
    writer.log(2, {"train/loss": 1.0}, 1.0, 1)
    writer.close()
    assert (list_runs(tmp_path)[0].note, list_runs(tmp_path)[0].step) == ("promising", 2)


def test_removing_a_run_removes_its_folder_alone(tmp_path: Path) -> None:
    """One run goes, the other stays, and nothing hidden is left behind."""
    folder, other = finished_run(tmp_path), finished_run(tmp_path)
    (folder.exports_path / "model.pt").write_text("x")
    remove_run(folder, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [other.id]
    assert [run.id for run in list_runs(tmp_path)] == [other.id]


def test_a_live_run_is_not_removed(tmp_path: Path) -> None:
    """A run with a worker says to stop it first; a lost and a damaged one can be removed."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.set_status("running")
    with pytest.raises(UsageError, match=f"'workbench stop {folder.id}'"):
        remove_run(folder, tmp_path)
    writer.close()
    remove_run(folder, tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.db").write_text("no database")
    remove_run(RunFolder(tmp_path / "broken"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_a_run_is_not_removed(tmp_path: Path) -> None:
    """A folder without run.db is left alone."""
    (tmp_path / "photos").mkdir()
    with pytest.raises(StoreError, match="not a run folder"):
        remove_run(RunFolder(tmp_path / "photos"), tmp_path)
    assert (tmp_path / "photos").is_dir()


def test_a_link_is_unlinked_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    """Removing a link to a run, or to any other folder with a run.db, touches nothing behind it."""
    folder = finished_run(tmp_path / "elsewhere")
    root = tmp_path / "runs"
    root.mkdir()
    (root / "link").symlink_to(folder.path)
    remove_run(RunFolder(root / "link"), root)
    assert list(root.iterdir()) == []
    assert folder.database_path.is_file()


def test_a_strangers_folder_with_a_run_db_is_not_removed(tmp_path: Path) -> None:
    """A file called run.db does not make a folder a run."""
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "run.db").write_text("kilometres")
    (photos / "me.jpg").write_text("x")
    with pytest.raises(StoreError, match=r"me\.jpg"):
        remove_run(RunFolder(photos), tmp_path)
    assert (photos / "me.jpg").is_file()


def test_a_copy_of_a_live_run_is_lost_and_can_be_removed(tmp_path: Path) -> None:
    """The process belongs to the folder in which it noted its place; one that was moved is still its own."""
    folder = new_run(tmp_path)
    writer = RunWriter(folder)
    writer.set_status("running")
    writer.flush()
    copy = RunFolder(Path(shutil.copytree(folder.path, tmp_path / "copy")))
    states = {run.id: run.state for run in list_runs(tmp_path)}
    assert states == {folder.id: "running", "copy": "lost"}
    with RunReader(copy) as reader:
        assert not reader.status().alive
    remove_run(copy, tmp_path)
    moved = RunFolder(folder.path.rename(tmp_path / "moved"))
    with RunReader(moved) as reader:
        assert reader.status().alive
    moved.path.rename(folder.path)
    writer.close()


def test_what_somebody_laid_into_a_run_is_not_deleted(tmp_path: Path) -> None:
    """Neither that, nor a run that is not in the folder of runs."""
    folder = finished_run(tmp_path)
    (folder.path / "thesis.tex").write_text("years of work")
    with pytest.raises(StoreError, match=r"thesis\.tex"):
        remove_run(folder, tmp_path)
    (folder.path / "thesis.tex").unlink()
    with pytest.raises(UsageError, match="Nothing was deleted"):
        remove_run(folder, tmp_path / "runs")
    remove_run(folder, tmp_path)
    assert not folder.path.exists()
