"""A folder with everything that is needed to use, judge and repeat a model."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import DataError, ExportError
from workbench.experiment import Experiment
from workbench.export.export_format import ExportFormat, ExportSource
from workbench.export.file_formats.csv import compare_metrics, write_metrics

__all__ = ["Bundle"]


class Bundle(ExportFormat):
    """Weights, experiment, metrics and a model card; `workbench.load_bundle(path)` loads it."""

    title = "bundle"
    summary = "A folder: weights (safetensors), experiment.toml, metrics.csv and a model card. Loading it runs no code from it."
    suffix = ""
    is_folder = True

    @classmethod
    def write(cls, source: ExportSource, path: Path) -> None:
        """Write the folder."""
        import torch

        from workbench.cards.catalog import task_kind
        from workbench.export.comparison import source_checkpoint
        from workbench.export.loading import save_model, write_digests
        from workbench.export.model_card import model_card
        from workbench.training.evaluation import evaluate
        from workbench.training.inference import build_model, checkpoint_data

        checkpoint = source_checkpoint(source)
        experiment = checkpoint.experiment
        dataset = checkpoint_data(source.folder, checkpoint)
        path.mkdir()
        save_model(checkpoint, dataset.carried(), source.folder.id, path / "model.safetensors")
        (path / "experiment.toml").write_text(experiment.to_toml(), encoding="utf-8")
        for code in experiment.own_code:
            (path / f"code-{code.sha256[:12]}.py").write_text(code.text, encoding="utf-8")
        write_metrics(source.folder, source.step, path / "metrics.csv")
        model = build_model(experiment, dataset, checkpoint.model)
        try:
            scores = evaluate(model, task_kind(dataset.task)(dataset.task), dataset, "test", torch.device("cpu")).metrics
        except DataError:  # the data's files are gone or changed: what was measured in the run stands there
            scores = {}
        num_parameters = sum(parameter.numel() for parameter in model.parameters())
        card = model_card(source, experiment, num_parameters, scores)
        (path / "README.md").write_text(card, encoding="utf-8")
        write_digests(path)

    @classmethod
    def verify(cls, source: ExportSource, path: Path) -> dict[str, str]:
        """Load the folder as a user would; compare weights, outputs, experiment and metrics."""
        from workbench.export.comparison import compare_outputs, compare_weights, source_checkpoint
        from workbench.export.loading import load_bundle
        from workbench.training.inference import build_model, checkpoint_data

        checkpoint = source_checkpoint(source)
        experiment = checkpoint.experiment
        dataset = checkpoint_data(source.folder, checkpoint)
        loaded = load_bundle(path)
        original = build_model(experiment, dataset, checkpoint.model)
        if not experiment == loaded.experiment == Experiment.load(path / "experiment.toml", task=dataset.task):
            raise ExportError("the experiment differs from the checkpoint's. Nothing was kept.")
        return {
            "weights": compare_weights(checkpoint.model, loaded.model.state_dict()),
            "outputs": compare_outputs(original, loaded.model, dataset),
            "experiment": "equal",
            "metrics": compare_metrics(source.folder, source.step, path / "metrics.csv"),
        }
