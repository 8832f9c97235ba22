"""Archives of labelled series as people have them, in four formats: the right numbers, or one line that says what to do."""

from __future__ import annotations

import gzip
import os
import tempfile
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cards import SourceFile, Vectors
from workbench.datasets._series_files import find_series_files, read_series
from workbench.datasets.series import Series, SeriesConfig
from workbench.errors import DataError
from workbench.experiment.proposal import propose

TS = """# words
@problemName Two
@timeStamps false
@univariate true
@classLabel true up down
@data
1,2,3:up
3,2,1:down
2,3,4:up
4,3,2:down
5,6,7:up
7,6,5:down
"""
ARFF = """@relation 'Two'
@attribute a numeric
@attribute b numeric
@attribute c numeric
@attribute target {up,down}
@data
1,2,3,up
3,2,1,down
2,3,4,up
4,3,2,down
5,6,7,up
7,6,5,down
"""
TSV = "1\t1\t2\t3\n2\t3\t2\t1\n1\t2\t3\t4\n2\t4\t3\t2\n1\t5\t6\t7\n2\t7\t6\t5\n"
VALUES = [[1, 2, 3], [3, 2, 1], [2, 3, 4], [4, 3, 2], [5, 6, 7], [7, 6, 5]]
LABELS = ["up", "down"] * 3


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def config(path: Path, **changes: object) -> SeriesConfig:
    return SeriesConfig.model_validate({"path": str(path), **changes})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Two.ts", TS),
        ("Two.ts", TS.replace("\n", "\r\n")),
        ("Two.ts", "\ufeff" + TS),
        ("Two.ts.gz", gzip.compress(TS.encode(), mtime=0)),
        ("Two.arff", ARFF),
        ("Two.arff", ARFF.replace("@attribute", "@ATTRIBUTE").replace("@data", "@DATA")),
    ],
)
def test_formats_give_the_same_series(name: str, content: str | bytes, tmp_path: Path) -> None:
    """Whatever the line ends, marks and packing are."""
    part = read_series(write(tmp_path, name, content))["all"]
    assert [series[:, 0].tolist() for series in part.series] == VALUES
    assert list(part.labels) == LABELS
    assert part.classes == ("up", "down")


@pytest.mark.parametrize("sign", ["\t", ",", " ", "   "])
def test_rows_begin_with_their_class(sign: str, tmp_path: Path) -> None:
    """As the UCR archive has them; what is missing at the end makes a series shorter, and 1.0e+00 is the class 1."""
    rows = TSV.replace("1\t1", "1.0e+00\t1", 1).replace("7\t6\t5", "7\t6\tNaN")
    text = rows.replace("\t", sign)
    part = read_series(write(tmp_path, "Two_TRAIN.tsv", text))["all"]
    assert [series[:, 0].tolist() for series in part.series] == [*VALUES[:5], [7, 6]]
    assert list(part.labels) == ["1", "2"] * 3


def test_several_dimensions(tmp_path: Path) -> None:
    """Parted by colons in .ts, quoted with line feeds in .arff, the second axis in .npz."""
    ts = "@problemName x\n@univariate false\n@classLabel true a b\n@data\n1,2:3,4:5,6:a\n1,2,3:4,5,6:7,8,9:b\n"
    arff = (
        "@relation x\n@attribute r relational\n@attribute v numeric\n@end r\n@attribute c {a,b}\n"
        "@data\n'1,2\\n3,4\\n5,6',a\n'1,2,3\\n4,5,6\\n7,8,9',b\n"
    )
    x = np.full((2, 3, 3), np.nan)
    x[0, :, :2], x[1] = [[1, 2], [3, 4], [5, 6]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    np.savez(tmp_path / "x.npz", X=x, y=np.array(["a", "b"]))
    for path in (write(tmp_path, "x.ts", ts), write(tmp_path, "x.arff", arff), tmp_path / "x.npz"):
        part = read_series(path)["all"]
        assert [series.tolist() for series in part.series] == [[[1, 3, 5], [2, 4, 6]], [[1, 4, 7], [2, 5, 8], [3, 6, 9]]]
        assert part.labels == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.ts", "", "is empty"),
        ("x.ts", TS.partition("@data")[0], "no @data; expected it before the series. The file is cut short"),
        ("x.ts", TS.partition("1,2,3")[0], "holds no series"),
        ("x.ts", TS.replace("3,2,1:down", "3,2,1:sideways"), "line 8: got class 'sideways'; expected one that the header"),
        ("x.ts", TS.replace("3,2,1:down", "3,zwei,1:down"), "line 8: got 'zwei'; expected numbers, ? where one is missing"),
        ("x.ts", TS.replace("3,2,1:down", "3,2,1:4:down"), "line 8: got dimensions of 1, 3 steps; expected values of one length"),
        ("x.ts", TS.replace("3,2,1:down", "3,2,1:4,5,6:down"), "got series of 1, 2 dimensions; expected one number of them"),
        ("x.ts", TS.replace("@timeStamps false", "@timeStamps true"), "got series with time stamps"),
        ("x.ts", TS.replace("@classLabel true up down", "@targetLabel true"), "got numbers to predict (@targetLabel)"),
        ("x.arff", ARFF.replace("{up,down}", "numeric"), "the last attribute names no classes"),
        ("x.tsv", "1\t2\nword\n", "line 2: got 'word'; expected a class and the values of a series"),
        ("x.npz", b"PK\x03\x04 damaged", "cannot be"),
        ("x.ts", TS.encode("utf-8") + b"\xff\xfe\xff\n" * 3, "not UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(name: str, content: str | bytes, expected: str, tmp_path: Path) -> None:
    """One line with file, place and remedy."""
    with pytest.raises(DataError) as error:
        Series.open(config(write(tmp_path, name, content)))
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_objects_in_an_archive_are_never_loaded(tmp_path: Path) -> None:
    """Reading them would run code of the file."""
    np.savez(tmp_path / "x.npz", X=np.array([[1, 2], [3]], dtype=object), y=np.array([0, 1]))
    with pytest.raises(DataError, match="arrays of objects, which only running code of the file would read"):
        read_series(tmp_path / "x.npz")


def test_an_archive_of_arrays_has_its_own_split(tmp_path: Path) -> None:
    """`X_train` and the others, whatever their case."""
    x = np.arange(24, dtype=float).reshape(8, 3)
    np.savez(tmp_path / "x.npz", X_train=x[:6], Y_train=np.array([0, 1] * 3), X_test=x[6:], y_test=np.array([1, 0]))
    data = Series.open(config(tmp_path / "x.npz"))
    test = data.held_out("test")
    assert test.inputs[:, :, 0].tolist() == x[6:].tolist()
    assert test.targets.tolist() == [1, 0]
    assert data.num_train + len(data.held_out("validation")) == 6


@pytest.mark.parametrize("given", ["", "Two_TRAIN.ts", "Two_TEST.ts"])
def test_parts_of_a_set_find_each_other(given: str, tmp_path: Path) -> None:
    """By the folder or by either file; the format that names its classes goes before others."""
    write(tmp_path, "Two_TRAIN.ts", TS)
    write(tmp_path, "Two_TRAIN.tsv", TSV)
    write(tmp_path, "Two_TEST.ts", TS.replace("1,2,3", "9,9,9"))
    files = find_series_files(tmp_path / given)
    assert (files.name, files.train.name, files.test and files.test.name) == ("Two", "Two_TRAIN.ts", "Two_TEST.ts")
    assert Series.open(config(tmp_path / given)).held_out("test").inputs[0, :, 0].tolist() == [9, 9, 9]


def test_parts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A test part alone, two sets in a folder, no set, classes or dimensions of another set."""
    alone = write(tmp_path, "Alone_TEST.ts", TS)
    with pytest.raises(DataError, match="is the test part alone; expected Alone_TRAIN"):
        find_series_files(alone)
    with pytest.raises(DataError, match="no series in this folder"):
        find_series_files(tmp_path)
    one = write(tmp_path, "One_TRAIN.tsv", TSV)
    write(tmp_path, "Two_TRAIN.ts", TS)
    with pytest.raises(DataError, match="got 2 data sets in one folder; expected one"):
        find_series_files(tmp_path)
    write(tmp_path, "One_TEST.tsv", TSV + "3\t1\t2\t3\n")
    Series.open(config(one))  # rows name no classes: those of both parts are taken
    write(tmp_path, "Two_TEST.ts", TS.replace("up down", "up down left").replace("7,6,5:down", "7,6,5:left"))
    with pytest.raises(DataError, match="got class 'left'; expected one of the training part's"):
        Series.open(config(tmp_path / "Two_TRAIN.ts"))


def test_missing_values_are_never_silent(tmp_path: Path) -> None:
    """Refused with file and line; interpolated or zero where that is wanted, and told."""
    path = write(tmp_path, "x.ts", TS.replace("1,2,3:up", "1,?,3:up").replace("3,2,1:down", "?,2,?:down"))
    with pytest.raises(DataError, match=r"x\.ts, line [78]: got [12] missing values; expected numbers. Set data.missing to"):
        Series.open(config(path))

    def rows(missing: str) -> list[list[float]]:
        data = Series.open(config(path, missing=missing))
        assert data.notices == (f"x.ts: 2 series have missing values, which are {'0' if missing == 'zero' else 'interpolated'}",)
        batches = [data.train_batch(0, 0, data.num_train), data.held_out("validation"), data.held_out("test")]
        return sorted(series for batch in batches for series in batch.inputs[:, :, 0].tolist())

    assert rows("interpolate") == sorted([[1, 2, 3], [2, 2, 2], *VALUES[2:]])
    assert rows("zero") == sorted([[1, 0, 3], [0, 2, 0], *VALUES[2:]])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=12, max_size=40),
    st.floats(0.05, 0.5),
    st.floats(0.05, 0.5),
)
def test_no_series_is_in_two_parts(samples: list[tuple[int, int]], validation: float, test: float) -> None:
    """Each is in one, all are in some, and every class with two series or more is trained on."""
    lines = [f"{label}\t" + "\t".join(str(place) for _ in range(length)) for place, (length, label) in enumerate(samples)]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), "x.tsv", "\n".join(lines))
        wanted = config(path, validation_fraction=validation, test_fraction=test)
        try:
            data = Series.open(wanted)
        except DataError as error:
            assert "expected" in str(error)  # noqa: PT017 - too few of some kind: said
            return
        parts = [data.train_batch(0, 0, data.num_train), data.held_out("validation"), data.held_out("test")]
    first = [sorted(batch.inputs[:, 0, 0].astype(int).tolist()) for batch in parts]
    assert sorted(chain.from_iterable(first)) == list(range(len(samples)))
    for batch, places in zip(parts, first, strict=True):
        lengths = batch.lengths if batch.lengths is not None else [batch.inputs.shape[1]] * len(batch)
        assert {int(value): int(n) for value, n in zip(batch.inputs[:, 0, 0], lengths, strict=True)} == {
            place: samples[place][0] for place in places
        }


def test_padding_is_zeros_behind_the_lengths(tmp_path: Path) -> None:
    """And a batch is no longer than its longest series."""
    data = Series.open(SeriesConfig())
    assert data.task.inputs == Vectors(12, max_length=29)
    batch = data.train_batch(0, 0, 4)
    assert batch.lengths is not None
    assert batch.inputs.shape[1] == batch.lengths.max()
    for series, length in zip(batch.inputs, batch.lengths, strict=True):
        assert not series[length:].any()
        assert series[:length].any()


def test_scaled_series_have_mean_0_and_deviation_1(tmp_path: Path) -> None:
    """Each by itself, over its own steps; one that is constant becomes 0."""
    path = write(tmp_path, "x.ts", TS.replace("1,2,3:up", "4,4,4:up"))
    data = Series.open(config(path, scaling="series"))
    batch = data.train_batch(0, 0, data.num_train)
    means, spreads = batch.inputs.mean(axis=1), batch.inputs.std(axis=1)
    assert np.allclose(means, 0, atol=1e-6)
    assert set(np.round(spreads.ravel(), 5).tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize(("included", "published"), [("gun_point", 1 - 0.0867), ("italy_power_demand", 1 - 0.0447)])
def test_the_nearest_series_scores_what_the_archive_says(included: str, published: float) -> None:
    """Error rates of 1-NN with the Euclidean distance in Dau et al. 2018."""
    baseline = Series.task(SeriesConfig.model_validate({"included": included})).baseline("accuracy")
    assert baseline is not None
    assert baseline.sentence == "the class of the nearest series"
    assert baseline.value == pytest.approx(published, abs=5e-5)


def test_files_are_recognised(tmp_path: Path) -> None:
    """What they hold is said, and an experiment is proposed that opens."""
    write(tmp_path, "Two_TRAIN.ts", TS)
    write(tmp_path, "Two_TEST.ts", TS.replace("1,2,3:up", "1,?,3:up"))
    for path in (tmp_path, tmp_path / "Two_TRAIN.ts"):
        proposal = propose(path)
        assert proposal.dataset == "series"
        assert (
            proposal.recognised.sentence
            == "series of 3 steps of 1 number in 2 classes (up, down): 6 for training, 6 in the test part"
        )
        assert proposal.recognised.odd == ("Two_TRAIN.ts: 1 series have missing values, which are interpolated",)
        assert proposal.experiment.open_data().num_train == 4


def test_a_model_answers_without_the_files_and_notices_changes(tmp_path: Path) -> None:
    """Typed series need no file; those of the test set do, as it was."""
    path = write(tmp_path, "Two.ts", TS)
    wanted = config(path, scaling="series")
    carried = Series.carried(wanted)
    write(tmp_path, "Two.ts", TS.replace("1,2,3", "1,2,9"))
    data = Series.open_carried(wanted, carried)
    assert np.allclose(data.parse_input("1 2 3")[:, 0], [-1.2247449, 0, 1.2247449])
    with pytest.raises(DataError, match="changed since the model was trained on it"):
        data.held_out("test")
    assert len(Series.open_carried(wanted, carried, accept_changed=True).held_out("test"))
    path.unlink()
    assert Series.open_carried(wanted, carried).parse_input("1; 2; 3").shape == (3, 1)


def test_rows_of_numbers_are_no_classes(tmp_path: Path) -> None:
    """A table of measurements whose first column is the time; archives of rows have the same few classes again and again."""
    table = write(tmp_path, "measured.csv", "\n".join(f"{row % 40},{row / 7:.3f},{row % 5}" for row in range(60)))
    with pytest.raises(DataError, match="got 60 series; expected two of a class"):
        Series.recognise(table)
    rows = write(tmp_path, "rows.csv", "\n".join(f"{row % 3},{row / 7:.3f},{row % 5}" for row in range(60)))
    recognised = Series.recognise(rows)
    assert recognised is not None
    assert "3 classes (0, 1, 2)" in recognised.sentence


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """It says what it is, whoever asks for what is in it."""
    os.mkfifo(tmp_path / "x.ts")
    with pytest.raises(DataError, match="is a pipe, socket or device"):
        Series.open(config(tmp_path / "x.ts"))
    with pytest.raises(DataError, match="is a pipe, socket or device"):
        SourceFile.of(tmp_path / "x.ts")
