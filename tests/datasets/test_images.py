"""Pictures in class folders: what is found and how it is cut, what a model carries, and what is typed."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageOps

from tests.datasets.picture_folders import COLOUR, GREY, SPLITS, config, contents, opened, refused, table, write
from tests.datasets.shapes import draw
from workbench.cards import Carried, Classes, Image, SourceFile, Vectors
from workbench.cards.carried_data import changes_of, files_below
from workbench.cards.stored_task import carried_from_dict, carried_to_dict
from workbench.datasets import _picture_files, images
from workbench.datasets._picture_files import Frame, read_picture
from workbench.datasets._picture_folders import Found, find_pictures
from workbench.datasets.images import SHAPES, SHIPPED, Images
from workbench.errors import ChangedDataError, DataError, UsageError
from workbench.experiment.proposal import propose

# Folders ---------------------------------------------------------------------------------------------------------------


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    """Every picture is in one part, each class by its share; values are the file's / 255."""
    folder = write(tmp_path / "animals", 20)
    dataset = opened(folder)
    assert Images.task(config(folder)) == dataset.task
    assert dataset.task.inputs == Image(1, 8, 8)
    assert dataset.task.outputs == Classes(("cat", "dog", "owl"))
    batches = [dataset.train_batch(0, 0, dataset.num_train), *(dataset.held_out(split) for split in SPLITS)]
    assert [len(batch) for batch in batches] == [48, 6, 6]
    for batch, expected in zip(batches, (16, 2, 2), strict=True):
        np.testing.assert_array_equal(np.bincount(batch.targets.astype(np.int64)), [expected] * 3)
    got = {(row.tobytes(), int(label)) for batch in batches for row, label in zip(batch.inputs, batch.targets, strict=True)}
    files = {
        ((np.asarray(Pillow.open(file), dtype=np.float32)[None] * np.float32(1 / 255)).tobytes(), label)
        for label, name in enumerate(("cat", "dog", "owl"))
        for file in (folder / name).iterdir()
    }
    assert got == files
    assert dataset.notices == ()


@given(counts=st.lists(st.integers(1, 40), min_size=2, max_size=6), test=st.floats(0.01, 0.4), validation=st.floats(0.01, 0.4))
def test_parts_are_cut_by_shares(counts: list[int], test: float, validation: float) -> None:
    """Whatever the classes' sizes: parts share nothing, hold all, have their sizes, train every class, and are near its share."""
    labels = np.repeat(np.arange(len(counts)), counts)
    found = Found(Path("x"), tuple("abcdef"[: len(counts)]), {"train": tuple((str(i), int(c)) for i, c in enumerate(labels))}, ())
    wanted = Images.Config(test_fraction=test, validation_fraction=validation)
    try:
        parts = images._cut(wanted, found, labels)
    except DataError:
        assert len(labels) - max(1, round(len(labels) * test)) - max(1, round(len(labels) * validation)) < len(counts)
        return
    np.testing.assert_array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(len(labels)))
    assert len(parts["test"]) == max(1, round(len(labels) * test))
    assert set(labels[parts["train"]]) == set(range(len(counts)))
    of_test = np.bincount(labels[parts["test"]], minlength=len(counts))
    assert (np.abs(of_test - np.array(counts) * len(parts["test"]) / len(labels)) < 1.5 + len(counts) / 2).all()


def test_parts_of_the_user_are_used(tmp_path: Path) -> None:
    """train, val and test as they are; what is missing is cut off the training pictures alone."""
    root = tmp_path / "animals"
    for part, number in (("train", 20), ("Val", 3), ("TEST", 4)):
        write(root / part, number)
    dataset = opened(root)
    assert (dataset.num_train, len(dataset.held_out("validation")), len(dataset.held_out("test"))) == (60, 9, 12)
    first = np.asarray(Pillow.open(root / "TEST" / "cat" / "0.png"), dtype=np.float32) / 255
    np.testing.assert_allclose(dataset.held_out("test").inputs[0, 0], first, atol=1e-6)
    shutil.rmtree(root / "Val")
    without = opened(root)
    assert (without.num_train, len(without.held_out("validation")), len(without.held_out("test"))) == (54, 6, 12)
    shutil.move(root / "TEST", root / "valid")
    assert len(opened(root).held_out("validation")) == 12


def test_classes_that_are_called_as_parts_are_classes(tmp_path: Path) -> None:
    """A folder of vehicles has a class `train`."""
    assert opened(write(tmp_path / "vehicles", classes=("bus", "car", "train"))).task.outputs == Classes(("bus", "car", "train"))


def test_a_test_folder_without_classes_is_told(tmp_path: Path) -> None:
    """As Kaggle ships it: pictures to be sent in, without labels."""
    root = tmp_path / "animals"
    write(root / "train", 20)
    (root / "test").mkdir()
    Pillow.fromarray(GREY).save(root / "test" / "1.png")
    dataset = opened(root)
    assert len(dataset.held_out("test")) == 6
    assert "'test' has 1 pictures without classes; left out" in dataset.notices[0]


def test_what_systems_leave_in_folders_is_no_data(tmp_path: Path) -> None:
    """Hidden files, thumbnails, notes, pipes, links in a circle, empty folders; links to pictures count."""
    folder = write(tmp_path / "data")
    before = contents(opened(folder).held_out("test"))
    for name in (".DS_Store", "Thumbs.db", "._0.png", "desktop.ini"):
        (folder / "cat" / name).write_bytes(b"\0\5\x16\7")
    (folder / ".git").mkdir()
    shutil.copy(folder / "cat" / "0.png", folder / ".git" / "0.png")
    (folder / "__MACOSX").mkdir()
    shutil.copy(folder / "cat" / "0.png", folder / "__MACOSX" / "0.png")
    os.mkfifo(folder / "cat" / "pipe.png")
    (folder / "dog" / "round.png").symlink_to("round.png")
    (folder / "dog" / "circle").symlink_to(folder / "dog", target_is_directory=True)
    (folder / "readme.txt").write_text("hello")
    dataset = opened(folder)
    assert contents(dataset.held_out("test")) == before
    assert dataset.notices == ()
    (folder / "cat" / "notes.txt").write_text("hello")
    (folder / "empty").mkdir()
    (folder / "owl" / "linked.png").symlink_to(tmp_path / "linked.png")
    Pillow.fromarray(GREY).save(tmp_path / "linked.png")
    dataset = opened(folder)
    assert dataset.notices == (
        "data: sub-folders without pictures, left out: 'empty'",
        "data: files that are no pictures by their names, left out: 1",
    )
    assert dataset.num_train + sum(len(dataset.held_out(split)) for split in SPLITS) == 37


def test_numbers_as_classes_stand_in_their_order(tmp_path: Path) -> None:
    """2 before 10; odd names are shown on one line."""
    assert opened(write(tmp_path / "a", classes=("10", "2", "1"))).task.outputs == Classes(("1", "2", "10"))
    assert opened(write(tmp_path / "b", classes=("x\ny", "\x1b[31mred"))).task.outputs == Classes(("\\x1b[31mred", "x y"))


REFUSED_FOLDERS: dict[str, tuple[list[str], str]] = {
    "nothing": ([], r"got no pictures in sub-folders; expected one sub-folder with pictures for each class"),
    "no sub-folders": (["1.png", "2.png"], r"got 2 pictures but no sub-folders with any"),
    "one class": (["cat/1.png"], r"got one class, 'cat'.*at least two\. Add a folder for another class"),
    "one folder too high": (["cats/a/1.png", "cats/b/1.png"], r"got one class, 'cats'.*Set data\.path to '.*/cats'"),
    "too few": (["a/1.png", "b/1.png"], r"got 2 different pictures for 2 classes, of which 0 would train"),
    "strange class": (["train/a/1.png", "train/b/1.png", "test/dog/1.png"], r"test/dog: a class without pictures in 'train'"),
    "two of one part": (["val/a/1.png", "valid/a/1.png"], r"two folders for one part, 'val' and 'valid'"),
    "only texts": (["a/1.txt", "b/2.txt"], r"no pictures in sub-folders, 2 files whose names do not end in \.png"),
}


@pytest.mark.parametrize(("files", "words"), REFUSED_FOLDERS.values(), ids=REFUSED_FOLDERS)
def test_folders_that_are_no_classes_are_refused_in_a_line(tmp_path: Path, files: list[str], words: str) -> None:
    """With what there is, what is expected, and how to get there."""
    import re

    root = tmp_path / "data"
    root.mkdir()
    for number, name in enumerate(files):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Pillow.fromarray(GREY + np.uint8(number)).save(root / name, "png")
    told = refused(root)
    assert re.search(words, told), told
    with pytest.raises(DataError):
        Images.task(config(root))


def test_paths_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    """A missing folder, a pipe, a picture alone."""
    assert "No such file or directory. Check data.path." in refused(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe")
    assert "is a pipe, socket or device" in refused(tmp_path / "pipe")
    Pillow.fromarray(GREY).save(tmp_path / "one.png")
    assert "is one picture; expected a folder" in refused(tmp_path / "one.png")


def test_pictures_that_are_all_bad_are_refused(tmp_path: Path) -> None:
    """All of them, or all of one class."""
    folder = write(tmp_path / "data")
    for file in (folder / "owl").iterdir():
        file.write_bytes(b"no picture")
    assert "got no training picture of class 'owl' that can be read" in refused(folder)
    for file in folder.rglob("*.png"):
        file.write_bytes(b"no picture")
    assert "got 36 files of which none can be read" in refused(folder)


def test_equal_files_are_never_on_both_sides_of_a_cut(tmp_path: Path) -> None:
    """Copies stand beside their original; between the user's own parts they are told."""
    folder = write(tmp_path / "data", 20)
    for name in ("cat", "dog", "owl"):
        for index in range(0, 20, 2):
            shutil.copy(folder / name / f"{index}.png", folder / name / f"copy{index}.png")
    dataset = opened(folder)
    trained = set(contents(dataset.train_batch(0, 0, dataset.num_train)))
    validation, test = (set(contents(dataset.held_out(split))) for split in SPLITS)
    assert not trained & (validation | test)
    assert not validation & test
    assert dataset.notices == ("data: copies of another picture, kept in the same part: 30",)
    assert [len(validation), len(test)] == [6, 6]
    shutil.copy(folder / "cat" / "0.png", folder / "dog" / "same.png")
    assert opened(folder).notices[-1] == "data: pictures that stand in two classes with the same bytes: 1"
    own = tmp_path / "own"
    write(own / "train", 20)
    write(own / "test", 4)
    shutil.copy(own / "train" / "cat" / "3.png", own / "test" / "cat" / "x.png")
    (notice,) = opened(own, validation_fraction=0.01).notices
    assert notice == "own: held-out pictures with the same bytes as one of another part: scores flatter: 1"


def test_more_than_memory_holds_is_refused_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the size that would do."""
    folder = write(tmp_path / "data")
    monkeypatch.setattr(images, "_MOST_BYTES", 36 * 20 * 20 * 3)
    with pytest.raises(DataError, match=r"36 pictures of 64 x 64 x 3.*Set data\.height and data\.width to 20 or less"):
        Images.task(config(folder, height=64, width=64, colour="rgb"))
    assert opened(folder, height=20, width=20, colour="rgb").arrays.pictures.dtype == np.uint8


def test_many_files_are_looked_through_quickly(tmp_path: Path) -> None:
    """Recognising them opens a few and counts the others."""
    folder = write(tmp_path / "data")
    for index in range(15_000):
        os.link(folder / "cat" / "0.png", folder / "cat" / f"more{index}.png")
    start = time.process_time()
    recognised = Images.recognise(folder)
    assert time.process_time() - start < 2
    assert recognised is not None
    assert "15,036" in recognised.sentence


# What a model carries --------------------------------------------------------------------------------------------------


def carried_of(settings: Any) -> Carried:
    """As a run folder holds it."""
    return carried_from_dict(json.loads(json.dumps(carried_to_dict(Images.carried(settings)))))


def test_a_model_answers_without_its_pictures(tmp_path: Path) -> None:
    """For a picture's file; stored ones are refused in one line."""
    folder = write(tmp_path / "data")
    settings = config(folder)
    Pillow.fromarray(GREY).save(tmp_path / "one.png")
    expected = Images.open(settings).parse_input(str(tmp_path / "one.png"))
    carried = carried_of(settings)
    shutil.rmtree(folder)
    without = Images.open_carried(settings, carried)
    np.testing.assert_array_equal(without.parse_input(f" {tmp_path / 'one.png'} "), expected)
    assert without.task.outputs == Classes(("cat", "dog", "owl"))
    with pytest.raises(DataError, match="not here"):
        without.held_out("test")


def change(folder: Path) -> None:
    Pillow.fromarray(GREY).save(folder / "cat" / "0.png")


def add(folder: Path) -> None:
    Pillow.fromarray(GREY).save(folder / "cat" / "new.png")


def add_class(folder: Path) -> None:
    shutil.copytree(folder / "cat", folder / "ant")


def remove(folder: Path) -> None:
    (folder / "dog" / "3.png").unlink()


def rename(folder: Path) -> None:
    (folder / "dog" / "3.png").rename(folder / "dog" / "4x.png")


@pytest.mark.parametrize("what", [change, add, add_class, remove, rename])
def test_a_changed_folder_is_noticed(tmp_path: Path, what: Any) -> None:
    """A picture that is changed, added, taken out or renamed, or a class that is added."""
    settings = config(write(tmp_path / "data"))
    carried = carried_of(settings)
    assert len(Images.open_carried(settings, carried).held_out("test"))
    what(tmp_path / "data")
    with pytest.raises(ChangedDataError, match="since the model was trained"):
        Images.open_carried(settings, carried).held_out("test")
    if what is not add_class:
        assert len(changes_of(carried.sources)) == 1
        assert len(Images.open_carried(settings, carried, accept_changed=True).held_out("test"))
    else:
        with pytest.raises(DataError, match="got class 'ant'; expected only the model's 3 classes"):
            Images.open_carried(settings, carried, accept_changed=True).held_out("test")


def test_a_class_that_has_gone_shifts_no_other(tmp_path: Path) -> None:
    """The numbers of the classes stay the model's."""
    settings = config(write(tmp_path / "data"))
    carried = carried_of(settings)
    shutil.rmtree(tmp_path / "data" / "cat")
    kept = Images.open_carried(settings, Carried(carried.task, carried.sources[1:]), accept_changed=True)
    assert set(kept.held_out("test").targets.tolist()) == {1, 2}


def test_a_folders_digest_is_that_of_names_and_contents(tmp_path: Path) -> None:
    """The same elsewhere; hidden files do not count; a file touched without a change does not either."""
    one, other = write(tmp_path / "one"), tmp_path / "other"
    shutil.copytree(one, other)
    digest = SourceFile.of(one).sha256
    assert SourceFile.of(other).sha256 == digest
    (other / ".DS_Store").write_bytes(b"x")
    os.utime(other / "cat" / "0.png", (1, 1))
    assert SourceFile.of(other).sha256 == digest
    assert files_below(one)[:2] == ["cat/0.png", "cat/1.png"]


# Views, typed inputs, recognition ------------------------------------------------------------------------------------------


def test_views_show_the_same_picture(tmp_path: Path) -> None:
    """Rows and pixels are the picture cut up, in colours too; `picture` gets it back."""
    folder = write(tmp_path / "data")
    rng = np.random.default_rng(9)
    for file in folder.rglob("*.png"):
        Pillow.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(file)
    image, rows, pixels = (opened(folder, view=view, colour="rgb") for view in ("image", "rows", "pixels"))
    assert rows.task.inputs == Vectors(24, 8)
    assert pixels.task.inputs == Vectors(3, 64)
    whole = image.held_out("test").inputs.astype(np.float64)
    np.testing.assert_array_equal(rows.held_out("test").inputs.reshape(-1, 8, 8, 3), whole.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(pixels.held_out("test").inputs.reshape(-1, 8, 8, 3), whole.transpose(0, 2, 3, 1))
    for dataset in (image, rows, pixels):
        shown = dataset.picture(dataset.held_out("test").inputs[0])
        assert np.abs(shown - whole[0].mean(axis=0) * 255).max() <= 1
    assert len(rows.input_text(rows.held_out("test").inputs[0])) == 8


def test_typed_inputs(tmp_path: Path) -> None:
    """A stored picture by its place, or any picture's file, brought to size."""
    dataset = opened(write(tmp_path / "data"))
    np.testing.assert_array_equal(dataset.parse_input("test:1"), dataset.held_out("test").inputs[1])
    assert dataset.parse_input("train:0").shape == (1, 8, 8)
    Pillow.fromarray(COLOUR).save(tmp_path / "x.jpg")
    expected = np.asarray(
        ImageOps.exif_transpose(Pillow.open(tmp_path / "x.jpg")).convert("L").resize((8, 8), Pillow.Resampling.BILINEAR)
    )
    np.testing.assert_allclose(dataset.parse_input(str(tmp_path / "x.jpg"))[0], expected / 255, atol=1e-6)
    for text, words in (
        ("cat", "got 'cat'; expected a picture's path, test:NUMBER or train:NUMBER"),
        ("test:99", "expected test:0 to test:3"),
        (str(tmp_path / "none.png"), "cannot be read: No such file"),
        (str(tmp_path), "is a folder; expected a picture's file"),
        ("", "expected a path"),
    ):
        with pytest.raises(DataError, match=words):
            dataset.parse_input(text)


def test_a_model_is_asked_by_the_path_of_a_picture(tmp_path: Path) -> None:
    """As `workbench predict` does: the class by its name, and of a test picture also the right one."""
    from workbench.training.inference import LoadedModel

    experiment = propose(write(tmp_path / "data")).experiment
    dataset = experiment.open_data()
    network = experiment.architecture.build(experiment.model.config, dataset.task).eval()
    Pillow.fromarray(COLOUR).save(tmp_path / "one.jpg")
    typed, stored = LoadedModel(network, experiment, 0, dataset).predict([str(tmp_path / "one.jpg"), "test:2"])
    assert typed["input"] == str(tmp_path / "one.jpg")
    assert set(typed["probabilities"]) == {"cat", "dog", "owl"}
    assert stored["target"] in ("cat", "dog", "owl")


def test_folders_are_taken_for_what_they_are(tmp_path: Path) -> None:
    """With settings that fit the pictures; texts with a picture among them are texts."""
    small = propose(write(tmp_path / "small"))
    assert small.dataset == "images"
    assert small.recognised.sentence == "pictures in 3 classes (cat, dog, owl): 36; 8 x 8 pixels, grey"
    assert small.experiment.data.config == Images.Config(path=str(tmp_path / "small"), height=8, width=8)
    large = tmp_path / "large"
    for name, size in (("a", (300, 200)), ("b", (150, 120))):
        (large / name).mkdir(parents=True)
        for index in range(10):
            Pillow.new("RGB", size, (index * 20, 90, 10)).save(large / name / f"{index}.jpg")
    found = propose(large).recognised
    assert found.sentence == "pictures in 2 classes (a, b): 20; 120 x 150 to 200 x 300 pixels, in colour"
    assert found.data["colour"] == "rgb"
    assert found.data["fit"] == "crop"
    assert max(int(found.data["height"]), int(found.data["width"])) == 64
    assert any("different sizes" in line for line in found.odd)
    named = propose(
        table(tmp_path, [f"small/{name}/{index}.png,{name}" for name in ("cat", "dog", "owl") for index in range(12)])
    )
    assert named.dataset == "images"
    book = tmp_path / "book"
    for name in ("one", "two"):
        (book / name).mkdir(parents=True)
        for index in range(3):
            (book / name / f"{index}.txt").write_text("This is a text; it has words, and lines.\n" * 40)
        Pillow.fromarray(GREY).save(book / name / "cover.png")
    assert propose(book).dataset == "text"


def test_the_preview_opens_only_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a folder that would take long; all that it shows are training pictures."""
    folder = write(tmp_path / "data", 20)
    monkeypatch.setattr(images, "_load", None)
    shown = Images.sample(config(folder), 6, 0)
    monkeypatch.undo()
    dataset = opened(folder)
    trained = set(contents(dataset.train_batch(0, 0, dataset.num_train)))
    assert len(shown) == 6
    assert all(sample.inputs.tobytes() in trained for sample in shown)


def test_without_pillow_one_line_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is imported; a folder is still recognised, so that the line is seen; listings need none."""
    folder = write(tmp_path / "data")
    settings = config(folder)
    carried = Images.carried(settings)
    monkeypatch.setattr(_picture_files, "find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert Images.task(Images.Config()).outputs == Classes(SHAPES)
    for attempt in (
        lambda: Images.task(settings),
        lambda: Images.open(Images.Config()),
        lambda: propose(folder),
        lambda: Images.open_carried(settings, carried).parse_input(str(folder / "cat" / "0.png")),
    ):
        with pytest.raises(UsageError, match=r"Pillow.*is not installed.*python -m pip install \"Pillow>=11\""):
            attempt()


def test_a_broken_pillow_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is there and cannot be imported."""
    Pillow.fromarray(GREY).save(tmp_path / "one.png")
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setattr(_picture_files, "find_spec", lambda _: object())
    with pytest.raises(DataError, match=r"Pillow, which reads pictures, cannot be imported \(.*python -m pip install"):
        read_picture(tmp_path / "one.png", Frame(8, 8))


def test_included_shapes_are_those_that_are_drawn() -> None:
    """The generator gives them again, and the task without files is the one of the files."""
    rng = np.random.default_rng(0)
    for index in range(5):
        np.testing.assert_array_equal(
            np.asarray(draw("circle", rng)), np.asarray(Pillow.open(SHIPPED / "circle" / f"{index:03}.png"))
        )
    assert find_pictures(str(SHIPPED)).classes == SHAPES
    dataset = Images.open(Images.Config())
    every = [
        *contents(dataset.train_batch(0, 0, dataset.num_train)),
        *(row for s in SPLITS for row in contents(dataset.held_out(s))),
    ]
    assert len(set(every)) == 360
    assert dataset.task.baselines[0].value == pytest.approx(float((dataset.held_out("test").targets == 0).mean()))
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*.png")) < 300_000
