"""Tables of paths and labels: columns that are found or named, rows that lead nowhere, and what is refused in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.datasets.picture_folders import SPLITS, opened, refused, table, write
from workbench.cards import Classes


def listed(folder: Path, form: str = "{path},{label}") -> list[str]:
    """A row for each picture of class folders in `folder/all`."""
    files = sorted((folder / "all").rglob("*.png"))
    return [
        form.format(path=file.relative_to(folder).as_posix(), label=file.parent.name, number=n) for n, file in enumerate(files)
    ]


@pytest.mark.parametrize(
    ("head", "form", "values"),
    [
        (["path,label"], "{path},{label}", {}),
        ([], "{path},{label}", {}),
        (["id\tfile\tspecies\tnote"], "{number}\t{path}\t{label}\tseen {number} times", {}),
        (['"note, if any";picture;kind'], '"a; b";./{path};{label}', {"label_column": "kind"}),
        (["label,weight,path"], "{label},0.{number},{path}", {"path_column": "3", "label_column": "1"}),
        (["\ufefffilename,class"], "{path},{label}", {}),
    ],
)
def test_tables_as_people_have_them(tmp_path: Path, head: list[str], form: str, values: dict[str, str]) -> None:
    """With a heading or without, by commas, tabs or semicolons; columns are found, or named."""
    write(tmp_path / "all")
    dataset = opened(table(tmp_path, head + listed(tmp_path, form)), **values)
    assert dataset.task.outputs == Classes(("cat", "dog", "owl"))
    assert dataset.num_train + sum(len(dataset.held_out(split)) for split in SPLITS) == 36
    assert dataset.notices == ()
    assert sorted(Path(source.path).name for source in dataset.sources) == ["all", "labels.csv"]


def test_a_column_may_say_the_parts(tmp_path: Path) -> None:
    """Used when all its cells are names of parts."""
    write(tmp_path / "all")
    rows = [f"{row},{('train', 'train', 'val', 'test')[n % 4]}" for n, row in enumerate(listed(tmp_path))]
    dataset = opened(table(tmp_path, ["path,label,split", *rows]))
    assert (dataset.num_train, len(dataset.held_out("validation")), len(dataset.held_out("test"))) == (18, 9, 9)
    assert "got 'maybe' in column 'split'" in refused(
        table(tmp_path, ["path,label,split", *rows, "a.png,cat,maybe"]), split_column="split"
    )


def test_rows_that_lead_nowhere_are_counted(tmp_path: Path) -> None:
    """Missing pictures, missing labels, a picture twice, odd signs in a path."""
    write(tmp_path / "all")
    rows = listed(tmp_path)
    dataset = opened(
        table(tmp_path, ["path,label", *rows, "all/none.png,cat", "all/cat/0.png,", rows[0], "a\0b.png,cat", "all,cat"])
    )
    told = "\n".join(dataset.notices)
    for words in ("rows without a path or a label, left out: 1", "that an earlier row has, left out: 1", "pictures used: 36"):
        assert words in told
    assert dataset.num_train + sum(len(dataset.held_out(split)) for split in SPLITS) == 36


def test_paths_may_begin_in_the_folder_beside_the_table(tmp_path: Path) -> None:
    """`train.csv` names what lies in `train/`, as competitions ship it; said in a notice."""
    write(tmp_path / "train", classes=("a", "b"))
    rows = [f"{name}/{index}.png,{name}" for name in ("a", "b") for index in range(12)]
    dataset = opened(table(tmp_path, ["image,label", *rows], "train.csv"))
    assert dataset.num_train == 20
    assert dataset.notices == ("train.csv: paths are taken as names in the folder 'train' beside it",)
    assert [Path(source.path).name for source in dataset.sources] == ["train.csv", "train"]


def test_names_that_are_no_text_are_refused_in_a_line(tmp_path: Path) -> None:
    """A class folder from an old disk, whose name is Latin-1, could not be written down; a picture of such a name can be read."""
    folder = write(tmp_path / "data")
    (folder / "cat" / "0.png").rename(folder / "cat" / os.fsdecode(b"caf\xe9.png"))
    assert opened(folder).num_train == 28
    (folder / "owl").rename(folder / os.fsdecode(b"caf\xe9"))
    assert "expected a path whose bytes are UTF-8 text. Rename the file or folder." in refused(folder)


REFUSED_TABLES: dict[str, tuple[list[str], dict[str, str], str]] = {
    "no columns": (["one", "two"], {}, "got no columns"),
    "no paths": (["a,b", "1,2", "3,4"], {}, "got no column of pictures' paths among ['a', 'b']"),
    "several labels": (
        ["p,a,b", "1.png,x,u", "2.png,x,v", "3.png,y,u", "4.png,y,v"],
        {},
        "2 columns that may hold the labels ('a', 'b')",
    ),
    "one class": (["path,label", "1.png,x", "2.png,x"], {}, "got 1 class in column 'label'"),
    "another name": (["path,label", "1.png,x", "2.png,y"], {"label_column": "lable"}, "got 'lable' as data.label_column"),
    "no pictures": (["path,label", "1.png,x", "2.png,y", "3.png,x", "4.png,y"], {}, "got 4 files of which none can be read"),
}


@pytest.mark.parametrize(("lines", "values", "words"), REFUSED_TABLES.values(), ids=REFUSED_TABLES)
def test_tables_that_are_none_are_refused_in_a_line(tmp_path: Path, lines: list[str], values: dict[str, str], words: str) -> None:
    """With the setting that mends it."""
    assert words in refused(table(tmp_path, lines), **values)
