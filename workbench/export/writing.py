"""Writes exports: named, written beside their place, loaded again, compared, and only then moved there."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from workbench import system
from workbench.cards.catalog import discover
from workbench.errors import CheckpointError, ExportError, StoreError, UsageError
from workbench.export.export_format import Exported, ExportFormat, ExportSource
from workbench.runs.folder import RunFolder
from workbench.runs.reader import RunReader
from workbench.runs.schema import examine_database, refuse_link, translate
from workbench.saying import nearest
from workbench.training.checkpoint_files import find_checkpoint

__all__ = ["BUNDLE_FILES", "export_run", "export_with", "formats"]

BUNDLE_FILES = frozenset({"README.md", "experiment.toml", "metrics.csv", "model.safetensors", "SHA256SUMS"})
"""What an exported folder may hold, besides code of the user's own (`code-0123456789ab.py`); one that holds anything else is
somebody's own and is never replaced."""
_CODE = re.compile(r"code-[0-9a-f]{12}\.py")

_TRIES = 5


@cache
def formats() -> Mapping[str, type[ExportFormat]]:
    """All export formats by name."""
    return discover("workbench.export.file_formats", ExportFormat, ("title", "summary"))


def export_run(
    folder: RunFolder, format_name: str, which: str = "", *, out: Path | None = None, overwrite: bool = False
) -> Exported:
    """Export one checkpoint, or the metrics, of a run.

    Args:
        folder: the run.
        format_name: a format's name.
        which: "best", "last" or a step; "" is the best one, or the last where none is marked as best. Metrics are
            exported up to the checkpoint's step, or all of them with "".
        out: where to write it; a folder that exists gets a file with the usual name. None for the run's exports folder.
        overwrite: replace what is there.

    Raises:
        UsageError: there is no such format, or something is there already.
        CheckpointError: there is no such checkpoint, or it is damaged.
        ExportError: it could not be written, or did not equal its source; then nothing is left behind.
    """
    if format_name not in formats():
        raise UsageError(f"format '{format_name}': unknown. {nearest(format_name, formats())}")
    return export_with(folder, formats()[format_name], which, out=out, overwrite=overwrite)


def export_with(
    folder: RunFolder, card: type[ExportFormat], which: str = "", *, out: Path | None = None, overwrite: bool = False
) -> Exported:
    """The same for a format that need not be among those that can be named."""
    with tempfile.TemporaryDirectory() as place:
        source = _secured(folder, card, which, Path(place))
        return _export(source, card, out, overwrite=overwrite)


def _export(source: ExportSource, card: type[ExportFormat], out: Path | None, *, overwrite: bool) -> Exported:
    path = _destination(source, card, out)
    _refuse(card, path, overwrite=overwrite)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with translate(path, remedy="Name a place where a file can be written with --out."):
            path.parent.mkdir(parents=True, exist_ok=True)
            card.write(source, temporary)
            verified = card.verify(source, temporary)
            _move(temporary, path)
    except StoreError as error:
        raise ExportError(str(error)) from error
    except ExportError as error:
        raise ExportError(f"{path}: {error}") from error
    finally:
        _remove(temporary)
    return Exported(source.folder.id, source.step, card.name, path, verified)


def _secured(folder: RunFolder, card: type[ExportFormat], which: str, place: Path) -> ExportSource:
    """What is exported, its checkpoint copied: a live run may replace its best one at any evaluation."""
    for _ in range(_TRIES):
        source = _source(folder, card, which)
        if source.checkpoint is None:
            return source
        try:
            return replace(source, checkpoint=Path(shutil.copy2(source.checkpoint, place / source.checkpoint.name)))
        except FileNotFoundError:
            continue  # it was replaced between finding and copying: find the one that took its place
        except OSError as error:
            raise ExportError(
                f"{source.checkpoint}: cannot be copied: {error.strerror}. Make room or fix the permissions."
            ) from error
    raise CheckpointError(f"{folder.id}: checkpoint '{which}' is replaced faster than it can be read. Pause the run first.")


def _source(folder: RunFolder, card: type[ExportFormat], which: str) -> ExportSource:
    if card.needs_checkpoint or which:
        info = find_checkpoint(folder, which)
        return ExportSource(folder, info.step, info.path)
    examine_database(folder.database_path)
    with RunReader(folder) as reader:
        status = reader.status()
    # of a step that a live run is at, more may be logged while this is written and compared
    return ExportSource(folder, max(0, status.step - 1) if status.alive else status.step, None)


def _destination(source: ExportSource, card: type[ExportFormat], out: Path | None) -> Path:
    name = f"{source.folder.id}-step{source.step}{card.suffix}"
    if out is None:
        refuse_link(source.folder.exports_path)
        return source.folder.exports_path / name
    return out / name if out.is_dir() and not card.is_folder else out


def _refuse(card: type[ExportFormat], path: Path, *, overwrite: bool) -> None:
    """Raise where writing to `path` would destroy something that it must not."""
    if not path.exists() and not path.is_symlink():
        return
    if path.is_dir():
        names = {entry.name for entry in path.iterdir()}
        if not card.is_folder or any(name not in BUNDLE_FILES and not _CODE.fullmatch(name) for name in names):
            raise UsageError(
                f"{path}: a folder with other things is there; expected no folder or an earlier export. Name another --out."
            )
        if not names:
            return
    elif card.is_folder:
        raise UsageError(f"{path}: a file is there; expected a folder's name. Name another --out.")
    if not overwrite:
        raise UsageError(f"{path}: exists already. Use --force to replace it, or --out to name another place.")


def _move(temporary: Path, path: Path) -> None:
    if not path.is_dir():
        system.replace(temporary, path)
        return
    old = path.with_name(f".{path.name}.{secrets.token_hex(4)}.old")
    path.rename(old)
    temporary.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    elif path.exists():
        path.unlink()
