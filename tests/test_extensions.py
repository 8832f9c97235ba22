"""Names of what is found by file, without an import of it."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from workbench import extensions


def test_public_files_alone_have_names() -> None:
    """The formats that are there, sorted, and none of the files that begin with an underscore."""
    folder = Path(extensions.__file__).parent / "export" / "file_formats"
    files = sorted(path.stem for path in folder.glob("*.py") if not path.name.startswith("_"))
    assert extensions.file_names("workbench.export.file_formats") == files
    assert {"csv", "pt"} <= set(files)


def test_what_other_packages_add_stands_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its entry point's name, once, although a file has it too."""
    group = "workbench.export.file_formats"
    entries = [EntryPoint("aardvark", "other:Format", group), EntryPoint("csv", "other:Csv", group)]
    monkeypatch.setattr(extensions, "entry_points", lambda group: entries)
    assert extensions.extension_names(group) == ["aardvark", *extensions.file_names(group)]
