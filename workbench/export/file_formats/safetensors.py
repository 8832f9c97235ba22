"""Weights and the experiment in one safetensors file."""

from __future__ import annotations

from pathlib import Path

from workbench.export.export_format import ExportFormat, ExportSource

__all__ = ["Safetensors"]


class Safetensors(ExportFormat):
    """One file that `workbench.load_bundle` and every safetensors reader can load; it holds no code."""

    title = "safetensors"
    summary = "Weights with the whole experiment as metadata, in one file that any safetensors reader loads without running code."
    suffix = ".safetensors"

    @classmethod
    def write(cls, source: ExportSource, path: Path) -> None:
        """Write weights and metadata."""
        from workbench.export.comparison import source_checkpoint
        from workbench.export.loading import save_model
        from workbench.training.inference import checkpoint_data

        checkpoint = source_checkpoint(source)
        carried = checkpoint_data(source.folder, checkpoint).carried()
        save_model(checkpoint, carried, source.folder.id, path)

    @classmethod
    def verify(cls, source: ExportSource, path: Path) -> dict[str, str]:
        """Load the file; compare weights, outputs and experiment."""
        from workbench.errors import ExportError
        from workbench.export.comparison import source_checkpoint, verify_weights
        from workbench.export.loading import read_model

        stored = read_model(path)
        verified = verify_weights(source, stored.weights)
        if stored.experiment != source_checkpoint(source).experiment or stored.step != source.step:
            raise ExportError("experiment or step differ from the checkpoint's. Nothing was kept.")
        return {**verified, "experiment": "equal"}
