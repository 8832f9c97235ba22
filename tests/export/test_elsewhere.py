"""A model without the data it was trained on, or with others in their place; exports that were damaged or changed."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
from safetensors import safe_open

from tests.export.making import run_with_checkpoint
from workbench.cli.app import run as run_command
from workbench.errors import ChangedDataError, DataError, ExperimentError, ExportError, StoreError, UsageError, WorkbenchError
from workbench.export import export_run
from workbench.export.loading import load_bundle
from workbench.runs.folder import RunFolder
from workbench.runs.schema import connect_readable
from workbench.training import launch
from workbench.training.checkpoint_files import list_checkpoints
from workbench.training.checkpoints import load_checkpoint
from workbench.training.inference import load_model

ROWS = [f"the {noun} {verb}\tle {nom} {verbe}" for noun, nom in (("cat", "chat"), ("dog", "chien"), ("boy", "garçon"))
        for verb, verbe in (("runs", "court"), ("sleeps", "dort"), ("sings", "chante"), ("eats", "mange"))]  # fmt: skip
TYPED = ["the cat runs", "a zebra sings"]


def pairs(path: Path) -> dict[str, Any]:
    return {
        "model": {"name": "seq2seq", "hidden_size": 8},
        "data": {"name": "sentence_pairs", "path": str(path), "min_frequency": 1},
        "optimizer": {"name": "adam"},
        "training": {"steps": 2, "batch_size": 4},
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, data: Path) -> RunFolder:
    return run_with_checkpoint(tmp_path / "runs", pairs(data), (1, 2))


def grow(data: Path) -> None:
    data.write_text("aardvarks eat\tdes mots neufs\n" * 3 + data.read_text(encoding="utf-8"), encoding="utf-8")


def test_a_path_enters_a_run_absolute(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From another folder, where a file of the same name lies, the run still means its own."""
    monkeypatch.chdir(tmp_path)
    folder = run_with_checkpoint(tmp_path / "runs", pairs(Path("pairs.tsv")), (1,))
    assert folder.experiment().data.config.path == str(data)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pairs.tsv").write_text("x y\tz\n" * 9, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "other")
    assert "<unk>" not in load_model(folder).predict(TYPED[0])[0]["input"]


def test_without_its_file_a_model_answers_the_same(folder: RunFolder, data: Path, tmp_path: Path) -> None:
    """Checkpoint, bundle and safetensors file need no data for what is typed; samples of the test set are refused in one line."""
    before = load_model(folder).predict(TYPED)
    data.unlink()
    assert folder.experiment().task.outputs == load_checkpoint(list_checkpoints(folder)[-1].path).experiment.task.outputs
    assert load_model(folder).predict(TYPED) == before
    for name in ("bundle", "safetensors", "pt"):
        exported = export_run(folder, name, out=tmp_path / f"out.{name}")
        assert "made-up samples, largest difference 0" in exported.verified["outputs"]
        if name != "pt":
            shutil.rmtree(folder.path / "exports", ignore_errors=True)
            assert load_bundle(exported.path).predict(TYPED) == before
    for inputs in (None, ["test:0"]):
        with pytest.raises(DataError, match="not here") as told:
            load_model(folder).predict(inputs)
        assert "\n" not in str(told.value)
    with pytest.raises(DataError, match="For example 'the"):
        load_model(folder).predict("word " * 30)


def test_a_changed_file_gives_no_symbol_another_meaning(folder: RunFolder, data: Path, tmp_path: Path) -> None:
    """What is typed is answered as before; samples of the test set come from it only where that is accepted."""
    bundle = export_run(folder, "bundle", out=tmp_path / "bundle").path
    before = load_model(folder).predict(TYPED)
    grow(data)
    assert load_model(folder).predict(TYPED) == before == load_bundle(bundle).predict(TYPED)
    with pytest.raises(DataError, match="changed since the model was trained") as told:
        load_model(folder).predict()
    assert "\n" not in str(told.value)
    assert len(load_model(folder, accept_changed_data=True).predict()) > 0


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run_command(["predict", *words])
    return code, *capsys.readouterr()


def test_each_input_is_answered_and_a_bad_one_is_told_by_its_place(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """The others keep their answers; as JSON the reason stands in the input's place."""
    code, out, err = asked(capsys, str(folder.path), "the cat runs", "", "the dog eats")
    assert code == 2
    assert "the cat runs" in out
    assert "the dog eats" in out
    assert [line for line in err.splitlines() if line.startswith("input")] == [
        "input 2 of 3, '': got nothing; expected a sequence of symbols. Type at least one. For example 'the dog sleeps'."
    ]
    code, out, _ = asked(capsys, str(folder.path), "the cat runs", "", "--json")
    items = json.loads(out)["items"]
    assert (code, ["error" in item for item in items]) == (2, [False, True])
    assert items[1]["input"] == ""
    code, out, err = asked(capsys, str(folder.path), "")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_words_that_the_model_does_not_know_are_named(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """Each once, in the order in which they were typed."""
    (item,) = load_model(folder).predict("a zebra sings a song")
    assert item["unknown"] == ["a", "zebra", "song"]
    assert "unknown to the model: 'a', 'zebra', 'song'\n" in asked(capsys, str(folder.path), "a zebra sings a song")[2]
    assert "unknown" not in load_model(folder).predict("the cat runs <unk>")[0]


def test_changed_data_that_are_accepted_are_told(folder: RunFolder, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where the input was typed: which file it is, and whose vocabulary is in use."""
    words = (str(folder.path), "the cat runs", "--accept-changed-data")
    assert str(data) not in asked(capsys, *words)[2]
    grow(data)
    assert f"{data}: changed since the model was trained on it; the model reads with the vocabulary" in asked(capsys, *words)[2]
    data.unlink()
    assert f"{data}: not here any more; the model reads with" in asked(capsys, *words)[2]


def test_training_does_not_go_on_with_changed_data(folder: RunFolder, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going on is refused before a process is started; accepted once, the run's vocabulary stays and the file is the new one."""
    started: list[RunFolder] = []
    noted: list[str] = []

    def launched(folder: RunFolder, held: object, verb: str) -> int:
        del held, verb
        started.append(folder)
        return 1

    monkeypatch.setattr(launch, "claim", lambda folder: None)
    monkeypatch.setattr(launch, "give_up", lambda folder, held: None)
    monkeypatch.setattr(launch, "hand_over", lambda folder, held, pid: None)
    monkeypatch.setattr(launch, "_launch", launched)
    monkeypatch.setattr(launch, "tell", lambda folder, held, message: noted.append(message))
    task = folder.experiment().task
    grow(data)
    with pytest.raises(ChangedDataError, match="changed since") as told:
        launch.resume(folder)
    assert told.value.path == str(data)
    assert not started
    assert not noted
    launch.resume(folder, accept_changed_data=True)
    assert started == [folder]
    assert [str(data) in words and "drawn anew" in words for words in noted] == [True]
    assert folder.experiment().task == task
    launch.resume(folder)
    assert len(noted) == 1
    assert len(load_model(folder).predict(["test:0"])) == 1
    data.unlink()
    with pytest.raises(DataError, match="not here"):
        launch.resume(folder)


def test_a_live_change_does_not_read_the_file(folder: RunFolder, data: Path) -> None:
    """Settings of the loop change whatever became of the data; settings of the data read them."""
    data.unlink()
    assert folder.experiment().with_changes({"training.eval_every": 3}).training.eval_every == 3
    with pytest.raises(ExperimentError, match="cannot be read"):
        folder.experiment().with_changes({"data.max_length": 5})


def test_older_runs_load_with_their_file(folder: RunFolder, data: Path) -> None:
    """A checkpoint and a folder without these facts are read as before."""
    from workbench.training import checkpoints

    (folder.path / "data.json").unlink()
    path = list_checkpoints(folder)[-1].path
    with safe_open(path, framework="pt") as file:
        metadata, tensors = dict(file.metadata()), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    facts = {key: value for key, value in json.loads(metadata["facts"]).items() if key != "data"}
    metadata["facts"] = json.dumps(facts)
    metadata["digest"] = checkpoints.content_digest(tensors, metadata["facts"])
    safetensors.torch.save_file(tensors, path, metadata)
    assert load_model(folder, "last").predict(TYPED[0])[0]["input"] == TYPED[0]
    data.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        load_model(folder, "last")


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"task": {"kind": "sing"}, "sources": []}', "\x00"])
def test_a_damaged_record_of_the_data_is_one_line(folder: RunFolder, text: str) -> None:
    """The run's own record of its data is looked at before it is believed."""
    folder.data_path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"data\.json: damaged") as told:
        folder.experiment()
    assert "\n" not in str(told.value)


def test_a_run_without_files_has_no_record(tmp_path: Path) -> None:
    """Data that are made here need none."""
    folder = run_with_checkpoint(tmp_path / "runs", steps=(1,))
    assert not folder.data_path.exists()
    connect_readable(folder.database_path).close()
    assert load_checkpoint(list_checkpoints(folder)[-1].path).carried is not None


def test_a_damaged_export_never_answers(tmp_path: Path) -> None:
    """Bits turned over, pieces cut out and files taken away at random: one line each time, and no other answer."""
    folder = run_with_checkpoint(tmp_path / "runs", steps=(1,))
    bundle = export_run(folder, "bundle", out=tmp_path / "bundle").path
    single = export_run(folder, "safetensors", out=tmp_path / "single.safetensors").path
    pick = random.Random(3)  # noqa: S311 - damage, not secrets
    for number in range(150):
        copy = tmp_path / f"copy{number}"
        if number % 3:
            shutil.copytree(bundle, copy)
            victim = pick.choice(sorted(path for path in copy.iterdir()))
        else:
            victim = copy = Path(shutil.copy(single, copy.with_suffix(".safetensors")))
        content = bytearray(victim.read_bytes())
        place = pick.randrange(len(content))
        match number % 5:
            case 0 | 1:
                content[place] ^= 1 << pick.randrange(8)
            case 2:
                del content[place : place + pick.randrange(1, 40)]
            case 3:
                content[place:place] = pick.randbytes(3)
            case 4:
                content = content[:place]
        victim.write_bytes(bytes(content))
        if number % 50 == 7:
            victim.unlink()
        with pytest.raises(WorkbenchError) as told:
            load_bundle(copy)
        assert "\n" not in str(told.value), str(told.value)


@pytest.mark.parametrize(
    "metadata",
    [
        {"format": "workbench-model-2"},
        {"format": "workbench-model-1"},
        {"format": "workbench-model-1", "experiment": "{", "run": "r", "step": "1"},
        {"format": "workbench-model-1", "experiment": "[" * 100_000, "run": "r", "step": "1"},
        {"format": "workbench-model-1", "experiment": "[]", "run": "r", "step": "1"},
        {"format": "workbench-model-1", "experiment": "{}", "run": "r", "step": "one"},
        {"format": "\x1b[31m"},
    ],
)
def test_odd_facts_of_an_export_are_one_line(tmp_path: Path, metadata: dict[str, str]) -> None:
    """Missing keys, JSON that is none or nested without end, numbers that are words, signs that a terminal obeys."""
    import torch

    path = tmp_path / "odd.safetensors"
    safetensors.torch.save_file({"a": torch.zeros(1)}, path, metadata)
    with pytest.raises(ExportError) as told:
        load_bundle(path)
    assert "\n" not in str(told.value)
    assert "\x1b" not in str(told.value)
