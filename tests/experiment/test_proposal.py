"""Experiments on files as people have them: what each is taken for, and that what is proposed holds together."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from workbench.cards import catalog
from workbench.errors import DataError, ExperimentError
from workbench.experiment import Experiment
from workbench.experiment.presets import load_preset
from workbench.experiment.proposal import experiment_of, is_data_file, propose

PROSE = "".join(f"This is sentence {number} of a text; it has words, and lines.\n" for number in range(80))
PAIRS = [
    (f"the {adjective} {noun} {verb}", f"le {noun} {adjective} {verb}")
    for adjective in ("black", "red", "old", "new")
    for noun in ("cat", "dog", "boy", "king")
    for verb in ("sleeps", "runs", "sings")
]
TATOEBA = "\n".join(f"{number}\teng\t{source}\tfra\t{target}\tCC-BY 2.0" for number, (source, target) in enumerate(PAIRS))


def idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.astype(np.uint8).tobytes()


def images(folder: Path) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, count in (("train", 40), ("t10k", 10)):
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx(rng.integers(0, 255, (count, 6, 6))))
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(count) % 3)))
    return folder


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_each_kind_of_file_is_taken_for_what_it_is(tmp_path: Path) -> None:
    """By its content and not by its name, with sizes and with the settings that read it."""
    told = {
        "text": propose(written(tmp_path, "notes.dat", PROSE)),
        "packed": propose(written(tmp_path, "notes.gz", gzip.compress(PROSE.encode()))),
        "pairs": propose(written(tmp_path, "pairs.txt", "\n".join("\t".join(pair) for pair in PAIRS))),
        "tatoeba": propose(written(tmp_path, "tatoeba.tsv", TATOEBA)),
        "images": propose(images(tmp_path / "digits")),
    }
    assert {name: proposal.dataset for name, proposal in told.items()} == {
        "text": "text",
        "packed": "text",
        "pairs": "sentence_pairs",
        "tatoeba": "sentence_pairs",
        "images": "mnist",
    }
    assert told["text"].recognised.sentence.startswith(f"running text: {len(PROSE):,} characters")
    assert "few" in told["text"].recognised.odd[0]
    assert told["tatoeba"].recognised.data["source_column"] == "3"
    assert told["tatoeba"].recognised.data["target_column"] == "5"
    assert told["images"].recognised.sentence == "images of 6 x 6 grey values in 3 classes: 40 for training, 10 for the test"
    for proposal in told.values():
        assert proposal.recognised.preset  # what is proposed is tried
        assert proposal.experiment.claim is None
        assert Path(proposal.experiment.data.config.path) == proposal.path
        dataset = proposal.experiment.open_data()
        assert len(dataset.train_batch(0, 0, 4)) == 4
        assert Experiment.from_dict(proposal.experiment.to_dict()) == proposal.experiment


def test_of_what_nobody_can_read_one_line_says_so(tmp_path: Path) -> None:
    """With what could be read."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    for path in (
        written(tmp_path, "zeros", bytes(5000)),
        written(tmp_path, "photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9),
        written(tmp_path, "few.txt", "too short"),
        tmp_path / "pipe",
        tmp_path / "empty",
    ):
        with pytest.raises(DataError, match=r"no kind of data that is known; expected one of: .*, text\.") as refused:
            propose(path)
        assert "\n" not in str(refused.value)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        propose(tmp_path / "missing")
    with pytest.raises(DataError, match="is empty; expected a file that holds data"):
        propose(written(tmp_path, "nothing.txt", ""))


def test_a_word_is_a_preset_first_then_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the same name does not hide a preset; changes hold for both."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elman_echo").mkdir()
    assert not is_data_file("elman_echo")
    assert experiment_of("elman_echo") == load_preset("elman_echo")
    written(tmp_path, "notes.txt", PROSE)
    assert is_data_file("notes.txt")
    assert experiment_of("notes.txt", {"training.steps": 7}).training.steps == 7
    with pytest.raises(ExperimentError, match="not found"):
        experiment_of("notes.tx")


def test_every_card_that_reads_files_recognises_them() -> None:
    """A new one is not forgotten: it says so itself, or it has no way to be proposed."""
    for name, card in catalog.datasets().items():
        assert bool(card.paths) == ("recognise" in vars(card)), name


def test_a_file_that_looks_like_one_kind_says_why_it_is_none(tmp_path: Path) -> None:
    """Instead of being taken for running text, or for nothing that is known."""
    rows = "".join(f"2024-01-{1 + i % 9:02d},{i}\n" for i in range(60))
    with pytest.raises(DataError, match=r"looks like table \(data.name = table\): .*got '2024-01-01' again, as in line 2"):
        propose(written(tmp_path, "twice.csv", f"day,load\n{rows}"))
    with pytest.raises(DataError, match=r"looks like table .*not UTF-8"):
        propose(written(tmp_path, "latin.csv", f"caf\u00e9,load\n{rows}".replace("2024", "\u00e92024").encode("latin-1")))
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    with pytest.raises(DataError, match=r"looks like arrays .*got arrays 'a'; expected inputs and targets"):
        propose(tmp_path / "a.npz")


def test_a_file_of_data_is_no_file_of_a_card(tmp_path: Path) -> None:
    """It is told where it belongs."""
    written(tmp_path, "x.csv", "a,b\n")
    with pytest.raises(ExperimentError, match=r"expected a file of Python, .* A file of data belongs in data.path"):
        load_preset("elman_echo", {"data.file": str(tmp_path / "x.csv")})
