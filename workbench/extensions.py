"""What is found by its file's name, or added by another package, and can be named without importing anything of it.

The command line's help names what there is; importing cards for that would cost it a quarter of a second.
"""

from __future__ import annotations

import pkgutil
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

__all__ = ["added", "extension_names", "file_names"]

_ROOT = Path(__file__).parent


def file_names(package: str) -> list[str]:
    """The public modules of a folder of ours, sorted.

    Args:
        package: import path of the folder, such as `workbench.export.file_formats`.
    """
    imported = sys.modules.get(package)  # it knows its folders, which may be several
    folders = imported.__path__ if imported else [str(_ROOT.joinpath(*package.split(".")[1:]))]
    return sorted(module.name for module in pkgutil.iter_modules(folders) if not module.name.startswith("_"))


def added(package: str) -> list[EntryPoint]:
    """What other packages add: entry points of the group that is called as the folder's import path."""
    return list(entry_points(group=package))


def extension_names(package: str) -> list[str]:
    """The names of all files and entry points of one kind, sorted, without loading any."""
    return sorted({*file_names(package), *(entry.name for entry in added(package))})
