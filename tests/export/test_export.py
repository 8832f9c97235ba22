"""Exports: what they hold, what they refuse, and that nothing false is ever left behind."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch
from safetensors import safe_open

from tests.export.making import ECHO, run_with_checkpoint
from workbench.errors import CheckpointError, ExperimentError, ExportError, UsageError
from workbench.experiment import Experiment
from workbench.export import ExportSource, comparison, export_run, formats, writing
from workbench.export.file_formats.csv import Csv
from workbench.export.loading import load_bundle
from workbench.runs.folder import RunFolder
from workbench.runs.writer import RunWriter
from workbench.training.checkpoint_files import find_checkpoint, list_checkpoints
from workbench.training.checkpoints import load_checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with checkpoints at steps 20 and 40."""
    return run_with_checkpoint(tmp_path_factory.mktemp("runs"))


def weights_at(folder: RunFolder, step: int) -> dict[str, torch.Tensor]:
    """The weights of a checkpoint."""
    (info,) = [info for info in list_checkpoints(folder) if info.step == step]
    return load_checkpoint(info.path).model


def test_there_are_the_formats_that_are_promised() -> None:
    """Every format is found by its file, and says what it is."""
    assert set(formats()) >= {"bundle", "csv", "pt", "safetensors"}
    assert all(card.title and card.summary and card.name == name for name, card in formats().items())


def test_listing_formats_does_not_import_torch() -> None:
    """The process that draws can offer formats without loading torch."""
    code = "import sys; from workbench.export import formats; formats(); print('torch' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "False"


@pytest.mark.parametrize("which", ["20", "last", ""])
def test_safetensors_hold_weights_and_experiment(folder: RunFolder, tmp_path: Path, which: str) -> None:
    """The file alone gives weights of the step that was asked for, and in its metadata experiment, run and step."""
    exported = export_run(folder, "safetensors", which, out=tmp_path / "m.safetensors")
    step = 20 if which == "20" else 40
    assert (exported.run, exported.step, exported.format) == (folder.id, step, "safetensors")
    loaded = safetensors.torch.load_file(exported.path)
    comparison.compare_weights(weights_at(folder, step), loaded)
    with safe_open(exported.path, framework="pt") as file:
        metadata = file.metadata()
    assert Experiment.from_dict(json.loads(metadata["experiment"])) == folder.experiment()
    assert (metadata["run"], metadata["step"]) == (folder.id, str(step))
    assert exported.verified == {
        "weights": f"{len(loaded)} tensors equal bitwise",
        "outputs": "8 test samples, largest difference 0",
        "experiment": "equal",
    }


def test_pt_is_a_plain_state_dict(folder: RunFolder, tmp_path: Path) -> None:
    """It loads with weights_only=True and fits the model."""
    exported = export_run(folder, "pt", out=tmp_path / "m.pt")
    loaded = torch.load(exported.path, weights_only=True)
    comparison.compare_weights(weights_at(folder, 40), loaded)
    assert exported.verified.keys() == {"weights", "outputs"}


def test_a_bundle_is_complete_and_loads(folder: RunFolder, tmp_path: Path) -> None:
    """Weights, experiment, metrics and model card, no code; the loaded model answers like the checkpoint's."""
    exported = export_run(folder, "bundle", "20", out=tmp_path / "bundle")
    assert sorted(path.name for path in exported.path.iterdir()) == [
        "README.md",
        "SHA256SUMS",
        "experiment.toml",
        "metrics.csv",
        "model.safetensors",
    ]
    assert exported.verified.keys() == {"weights", "outputs", "experiment", "metrics"}
    loaded = load_bundle(exported.path)
    comparison.compare_weights(weights_at(folder, 20), loaded.model.state_dict())
    assert (loaded.step, loaded.experiment) == (20, folder.experiment())
    assert not loaded.model.training
    answers = loaded.predict()
    assert answers[0].keys() >= {"input", "target", "predicted", "correct"}
    assert len(loaded.predict([answers[0]["input"]])) == 1


@pytest.mark.slow
def test_the_model_card_says_what_a_stranger_asks(folder: RunFolder, tmp_path: Path) -> None:
    """Architecture, equation, data, results, baselines, how to load; and the loading example runs as it stands."""
    path = export_run(folder, "bundle", out=tmp_path / "bundle").path
    card = (path / "README.md").read_text(encoding="utf-8")
    experiment = folder.experiment()
    for words in (
        "# Echo of two",
        experiment.about,
        experiment.architecture.summary,
        experiment.architecture.equation.strip(),
        experiment.dataset_card.describe(experiment.data.config),
        "`test/accuracy`",
        "random guess",
        folder.id,
        "workbench.load_bundle(path)",
        'workbench.open_run("RUN")',
    ):
        assert words in card
    example = card.partition("```python\n")[2].partition("```")[0]
    assert len(example.splitlines()) == 3
    ran = subprocess.run(
        [sys.executable, "-c", f"path = {str(path)!r}\n{example}"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "predicted" in ran.stdout


def test_a_best_checkpoint_replaced_meanwhile_is_found_anew(
    folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live run may remove its best checkpoint between its being found and read; the one in its place is exported."""
    found = find_checkpoint(folder, "")
    gone = replace(found, path=found.path.with_name("step-00000001.safetensors"))
    answers = iter([gone, found])
    monkeypatch.setattr(writing, "find_checkpoint", lambda *_: next(answers))
    assert export_run(folder, "pt", out=tmp_path / "m.pt").step == found.step


def test_csv_holds_every_value(folder: RunFolder, tmp_path: Path) -> None:
    """One row a step, one column a series, full precision, NaN as nan, nothing where nothing was measured."""
    exported = export_run(folder, "csv", out=tmp_path / "m.csv")
    assert exported.verified == {"metrics": "162 values of 40 steps equal"}
    with exported.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["step", "seconds", "samples", "train/loss", "train/lr", "validation/loss"]
    assert [int(row["step"]) for row in rows] == list(range(1, 41))
    assert [float(row["train/loss"]) for row in rows] == [1 / step for step in range(1, 41)]
    assert (rows[0]["validation/loss"], rows[19]["validation/loss"]) == ("", "nan")
    assert float(rows[39]["validation/loss"]) == 0.1 + 0.2


def test_csv_of_a_checkpoint_ends_at_its_step(folder: RunFolder, tmp_path: Path) -> None:
    """With a checkpoint named, the table holds the metrics up to it."""
    exported = export_run(folder, "csv", "20", out=tmp_path / "m.csv")
    assert exported.step == 20
    assert exported.verified == {"metrics": "81 values of 20 steps equal"}


def test_exports_go_to_the_runs_folder_by_default(tmp_path: Path) -> None:
    """The name tells run, step and format; a folder as destination takes a file of that name."""
    folder = run_with_checkpoint(tmp_path)
    assert export_run(folder, "pt").path == folder.exports_path / f"{folder.id}-step40.pt"
    assert export_run(folder, "bundle", "20").path == folder.exports_path / f"{folder.id}-step20"
    (tmp_path / "there").mkdir()
    assert export_run(folder, "csv", out=tmp_path / "there").path == tmp_path / "there" / f"{folder.id}-step40.csv"
    assert export_run(folder, "csv", out=tmp_path / "new" / "deep" / "x.csv").path.is_file()


@pytest.mark.parametrize("format_name", ["safetensors", "pt", "csv", "bundle"])
def test_what_is_there_is_kept_unless_told(folder: RunFolder, tmp_path: Path, format_name: str) -> None:
    """A second export to the same place is refused with the word --force, and with it replaces the first."""
    out = tmp_path / "export"
    first = export_run(folder, format_name, out=out)
    with pytest.raises(UsageError, match=r"exists already\. Use --force"):
        export_run(folder, format_name, out=out)
    again = export_run(folder, format_name, out=out, overwrite=True)
    assert again == first
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_a_folder_of_somebody_elses_is_never_replaced(folder: RunFolder, tmp_path: Path) -> None:
    """A folder that holds other things stays, --force or not; an empty one may become a bundle; a file is no folder."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="a folder with other things is there"):
        export_run(folder, "bundle", out=home, overwrite=True)
    assert (home / "thesis.tex").read_text() == "years of work"
    with pytest.raises(UsageError, match="a file is there"):
        export_run(folder, "bundle", out=home / "thesis.tex", overwrite=True)
    (tmp_path / "empty").mkdir()
    assert (export_run(folder, "bundle", out=tmp_path / "empty").path / "README.md").is_file()


def test_a_difference_is_an_error_and_leaves_nothing(folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When what was written does not equal its source, there is no file, and an earlier one is untouched."""
    out = tmp_path / "m.pt"
    export_run(folder, "pt", out=out)
    before = out.read_bytes()
    real_load = torch.load

    def damaged(path: Path, *, weights_only: bool) -> dict[str, torch.Tensor]:
        weights: dict[str, torch.Tensor] = real_load(path, weights_only=weights_only)
        name = next(iter(weights))
        weights[name] = torch.nextafter(weights[name], torch.tensor(math.inf))
        return weights

    monkeypatch.setattr(torch, "load", damaged)
    with pytest.raises(ExportError, match="differs from the checkpoint's"):
        export_run(folder, "pt", out=out, overwrite=True)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["m.pt"]


def test_comparison_sees_every_kind_of_difference(folder: RunFolder) -> None:
    """Names, type, shape, one bit, and the sign of zero; NaN equals NaN."""
    source = {"a": torch.tensor([0.0, math.nan])}
    assert comparison.compare_weights(source, {"a": torch.tensor([0.0, math.nan])}) == "1 tensors equal bitwise"
    for other in (
        {"b": source["a"]},
        {"a": source["a"].double()},
        {"a": source["a"][None]},
        {"a": torch.tensor([-0.0, math.nan])},
    ):
        with pytest.raises(ExportError):
            comparison.compare_weights(source, other)
    experiment = folder.experiment()
    dataset = experiment.dataset_card.open(experiment.data.config)
    first, second = (experiment.architecture.build(experiment.model.config, dataset.task).eval() for _ in range(2))
    with pytest.raises(ExportError, match="outputs differ by"):
        comparison.compare_outputs(first, second, dataset)


def test_a_table_that_lost_a_value_is_noticed(folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CSV that was cut short while it was written is an error."""
    real_write = Csv.write.__func__  # type: ignore[attr-defined]

    def cut(card: type[Csv], source: object, path: Path) -> None:
        real_write(card, source, path)
        path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")

    monkeypatch.setattr(Csv, "write", classmethod(cut))
    with pytest.raises(ExportError, match="steps or columns differ"):
        export_run(folder, "csv", out=tmp_path / "m.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_name", ["safetensors", "pt", "csv", "bundle"])
def test_a_full_disk_is_one_line(folder: RunFolder, tmp_path: Path, format_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up while an export is written: one line, and nothing is left behind."""

    def full(_card: object, _source: object, path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(formats()[format_name], "write", classmethod(full))
    with pytest.raises(ExportError, match="the disk is full") as raised:
        export_run(folder, format_name, out=tmp_path / "x")
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_name", ["safetensors", "pt", "csv", "bundle"])
def test_a_destination_that_cannot_be_is_one_line(folder: RunFolder, tmp_path: Path, format_name: str) -> None:
    """A path below a file cannot be written."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError) as raised:
        export_run(folder, format_name, out=tmp_path / "file" / "x" / "export")
    assert "\n" not in str(raised.value)


def test_wrong_words_are_mended(folder: RunFolder, tmp_path: Path) -> None:
    """An unknown format, a checkpoint that is not there, a run without any."""
    with pytest.raises(UsageError, match="Did you mean 'safetensors'"):
        export_run(folder, "safetensor")
    with pytest.raises(UsageError, match="expected one of last, 20, 40"):
        export_run(folder, "pt", "30")
    empty = RunFolder.create(tmp_path, folder.experiment())
    with pytest.raises(CheckpointError, match="no checkpoint yet"):
        export_run(empty, "bundle")
    assert export_run(empty, "csv").verified == {"metrics": "0 values of 0 steps equal"}


def test_loading_something_else_is_one_line(folder: RunFolder, tmp_path: Path) -> None:
    """A missing path, an empty folder, a file of zeros, a checkpoint, and an experiment of unknown cards."""
    (tmp_path / "zeros.safetensors").write_bytes(bytes(100))
    checkpoint = list_checkpoints(folder)[0].path
    for path, words in (
        (tmp_path / "none", "does not exist"),
        (tmp_path, "does not exist"),
        (tmp_path / "zeros.safetensors", "not a readable safetensors file"),
        (checkpoint, "expected 'workbench-model-2'"),
    ):
        with pytest.raises(ExportError, match=words) as raised:
            load_bundle(path)
        assert "\n" not in str(raised.value)
    stranger = json.dumps({**folder.experiment().to_dict(), "model": {"name": "mamba_9"}})
    metadata = {"format": "workbench-model-1", "experiment": stranger, "run": "x", "step": "1"}
    safetensors.torch.save_file({"a": torch.zeros(1)}, tmp_path / "strange.safetensors", metadata)
    with pytest.raises(ExperimentError, match="mamba_9"):
        load_bundle(tmp_path / "strange.safetensors")
    metadata["experiment"] = json.dumps(folder.experiment().to_dict())
    safetensors.torch.save_file({"a": torch.zeros(1)}, tmp_path / "unfit.safetensors", metadata)
    with pytest.raises(ExportError, match="the weights do not fit the model"):
        load_bundle(tmp_path / "unfit.safetensors")


def test_a_state_dict_alone_is_no_model(folder: RunFolder, tmp_path: Path) -> None:
    """A `.pt` file is refused in one line that says what would do and how to read it."""
    path = export_run(folder, "pt", out=tmp_path / "m.pt").path
    with pytest.raises(ExportError) as raised:
        load_bundle(path)
    assert str(raised.value) == (
        f"{path}: a .pt file holds weights alone; expected a bundle's folder or a safetensors file. "
        "Read it with torch.load(path, weights_only=True)."
    )


def test_a_safetensors_export_loads_like_a_bundle(folder: RunFolder, tmp_path: Path) -> None:
    """`load_bundle` takes the single file too."""
    path = export_run(folder, "safetensors", out=tmp_path / "m.safetensors").path
    assert load_bundle(path).predict()[0].keys() >= {"input", "predicted"}


def test_the_metrics_of_a_live_run_can_be_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that a run adds while it is exported are not in the table, and do not make the comparison fail."""
    folder = RunFolder.create(tmp_path, Experiment.from_dict(ECHO))
    writer = RunWriter(folder)
    writer.set_status("running")
    for step in range(1, 11):
        writer.log(step, {"train/loss": 1 / step}, 0.1 * step, 8 * step)
    writer.flush()
    real_verify = Csv.verify.__func__  # type: ignore[attr-defined]

    def grow_and_verify(card: type[Csv], source: ExportSource, path: Path) -> dict[str, str]:
        writer.log(10, {"validation/loss": 1.0}, 1.0, 80)
        writer.log(11, {"train/loss": 0.0}, 1.1, 88)
        writer.flush()
        found: dict[str, str] = real_verify(card, source, path)
        return found

    monkeypatch.setattr(Csv, "verify", classmethod(grow_and_verify))
    exported = export_run(folder, "csv", out=tmp_path / "m.csv")
    writer.close()
    assert exported.step == 9
    assert exported.verified == {"metrics": "27 values of 9 steps equal"}
