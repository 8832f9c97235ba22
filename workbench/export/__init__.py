"""Exports: what a run learned or logged, as files for use elsewhere. No torch here; formats import it when they are used.

One file in `file_formats/` is one format, and its name is the format's name.
"""

from __future__ import annotations

from workbench.export.export_format import Exported, ExportFormat, ExportSource
from workbench.export.writing import export_run, formats

__all__ = ["ExportFormat", "ExportSource", "Exported", "export_run", "formats"]
