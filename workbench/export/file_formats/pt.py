"""A plain PyTorch state dict."""

from __future__ import annotations

from pathlib import Path

from workbench.export.export_format import ExportFormat, ExportSource

__all__ = ["Pt"]


class Pt(ExportFormat):
    """`torch.load(path, weights_only=True)` gives the state dict."""

    title = "PyTorch state dict"
    summary = "The state dict as torch.save writes it; torch.load(path, weights_only=True) reads it without running code."
    suffix = ".pt"

    @classmethod
    def write(cls, source: ExportSource, path: Path) -> None:
        """Write the state dict."""
        import torch

        from workbench.export.comparison import source_checkpoint

        with path.open("wb") as file:  # a path that cannot be opened would make torch raise RuntimeError instead of OSError
            torch.save(source_checkpoint(source).model, file)

    @classmethod
    def verify(cls, source: ExportSource, path: Path) -> dict[str, str]:
        """Load the file; compare weights and outputs."""
        import torch

        from workbench.export.comparison import verify_weights

        return verify_weights(source, torch.load(path, weights_only=True))
