"""Writes a small card that works, with its test, for a person to change."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from workbench.cards.catalog import architectures, datasets
from workbench.errors import StoreError, UsageError
from workbench.saying import said

__all__ = ["KINDS", "write_card"]

KINDS = {
    "architecture": "workbench run adding_gru --set model.file={file}",
    "dataset": "workbench run adding_gru --set data.file={file}",
    "probe": "workbench --cards {folder}",
    "exporter": "workbench export latest --format {name} --cards {folder}",
}
"""What can be written, and a command that uses it."""
_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 60


def write_card(kind: str, name: str, folder: Path) -> tuple[Path, Path]:
    """Write `NAME.py` and `test_NAME.py`.

    Args:
        kind: one of KINDS.
        name: the card's, as files of Python are called.
        folder: where; made when it is missing.
    Returns:
        Both files.
    Raises:
        UsageError: the name cannot be one, or a file is there already.
        StoreError: they cannot be written.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > _LONGEST or name.startswith("test_"):
        raise UsageError(f"workbench new {kind}: got {said(name)}; expected a name such as my_net: small letters, digits and _.")
    known = {"architecture": architectures, "dataset": datasets}.get(kind, dict)()
    if name in known:
        raise UsageError(f"workbench new {kind}: got {said(name)}, which workbench has already. Choose another name.")
    words = name.split("_")
    written = {"name": name, "Name": "".join(word.capitalize() for word in words), "Title": " ".join(words).capitalize()}
    contents = {
        folder / f"{name}.py": (_TEMPLATES / f"{kind}.py.txt").read_text(encoding="utf-8"),
        folder / f"test_{name}.py": (_TEMPLATES / "test.py.txt").read_text(encoding="utf-8"),
    }
    for path in contents:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path}: is there already; expected a new file. Choose another name, or move it away.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in contents.items():
            for key, value in written.items():
                text = text.replace(f"{{{key}}}", value)  # noqa: PLW2901 - the same text, filled in
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror or error}. Name another place with --out.") from error
    module, test = contents
    return module, test
