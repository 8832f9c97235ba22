"""The user's own presets: written by the form or an import, edited as TOML, found by name wherever a shipped one is.

<config folder>/presets/mine.toml    a preset, of the same schema as the shipped ones
<config folder>/drafts/mine.toml     a text that was edited and in which something is wrong still
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.editor import edit_file
from workbench.errors import ExperimentError, StoreError, UsageError
from workbench.experiment.experiment import Experiment
from workbench.experiment.presets import Preset, find_preset, known_as, list_presets, own_folder, shipped_files
from workbench.experiment.toml_text import read_text, read_toml
from workbench.extensions import file_names
from workbench.names import checked_name, name_problem
from workbench.paths import CONFIG_ENV, checked_path, config_folder
from workbench.saying import said
from workbench.system import write_whole

__all__ = [
    "Draft",
    "checked",
    "checked_preset_name",
    "draft_of",
    "edit_preset",
    "import_preset",
    "is_there",
    "list_own",
    "own_path",
    "preset_name_problem",
    "save_preset",
    "suggested_name",
]

_WHAT = "preset name"
_LONGEST = 200
"""Bytes of a name; with `.toml` and what a file is called while it is written, no file system takes many more."""
_NO_FILE = '<>:"|?*'
"""Signs that no file's name has on Windows; a preset is to be shared."""


# Names --------------------------------------------------------------------------------------------------------------------


def checked_preset_name(name: Any) -> str:
    """A name for a preset of the user's own, without blanks around it.

    Raises:
        UsageError: it means something else already, or no file can be called so.
    """
    checked = checked_name(name, _WHAT)
    if reason := _reason(checked):
        raise UsageError(f"{_WHAT}: got {said(name)}; expected {reason}. Choose another name.")
    return checked


def preset_name_problem(name: str) -> str | None:
    """What is wrong with a name while it is being typed, in one line, or None."""
    if problem := name_problem(name):
        return problem
    reason = _reason(name.strip(" "))
    return f"Expected {reason}." if reason else None


def _reason(name: str) -> str:
    """What else is expected of a name that could be a run's, or ""."""
    size, signs = len(name.encode()), [sign for sign in name if sign in _NO_FILE]
    wrong = {
        "a name": not name,
        f"a name that does not begin with '{name[:1]}', which hides a file": name.startswith((".", "_")),
        "a name without '.toml', which names a file": name.endswith(".toml"),
        f"a name without '{signs[0] if signs else ''}', which no file's name has on some systems": bool(signs),
        f"at most {_LONGEST} bytes, and it has {size}": size > _LONGEST,
        "a name other than that of a command": name in file_names("workbench.cli.commands"),
        "a name other than that of a shipped preset": any(name in known_as(preset) for preset in shipped_files()),
    }
    return next((expected for expected, is_wrong in wrong.items() if is_wrong), "")


def suggested_name(given: str) -> str:
    """A name like one that was given, as a preset may have it; "" where nothing of it can stand."""
    kept = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in given.lower()).strip("_-")[:40].rstrip("_-")
    while "__" in kept:
        kept = kept.replace("__", "_")
    return kept if kept and preset_name_problem(kept) is None else ""


# Reading ------------------------------------------------------------------------------------------------------------------


def own_path(name: str) -> Path:
    """The file of a preset of the user's own, whether or not it is there."""
    return own_folder() / f"{name}.toml"


def is_there(name: str) -> bool:
    """Whether a preset of the user's own has the name already."""
    return own_path(name).exists() or own_path(name).is_symlink()


def list_own() -> list[Preset]:
    """The user's own presets, each checked as a whole: what is wrong with one keeps no other away. May read data files."""
    return [checked(preset) for preset in list_presets(own=True) if preset.is_own]


def checked(preset: Preset) -> Preset:
    """A preset with everything that is wrong with it, each with its line."""
    if preset.problems:
        return preset
    try:
        Experiment.load(preset.path)
    except ExperimentError as error:
        return replace(preset, problems=tuple(str(error).split("\n")))
    return preset


# Writing ------------------------------------------------------------------------------------------------------------------


def save_preset(name: str, text: str, *, replacing: bool = False) -> Path:
    """Write a preset of the user's own, whole or not at all.

    Args:
        name: what it is to be called.
        text: an experiment as TOML.
        replacing: whether one that is called so gives way.

    Returns:
        Where it is.

    Raises:
        UsageError: the name cannot be one, or there is such a preset.
        StoreError: the file cannot be written.
    """
    path = own_path(checked_preset_name(name))
    try:
        write_whole(path, text, new=not replacing)
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already; expected a new preset. Choose another name, or replace it.") from error
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: cannot be written: {error.strerror}. Make the folder writable, or name another in {CONFIG_ENV}.")


def import_preset(given: str, name: str = "", *, replacing: bool = False) -> tuple[str, Path]:
    """Take an experiment's file among the user's own presets, once it has been found valid; comments in it stay.

    Args:
        given: the file.
        name: what it is to be called; "" for the file's name.
        replacing: whether one that is called so gives way.

    Returns:
        The name, and where it is.

    Raises:
        ExperimentError: something is wrong with it, each problem with its line.
        UsageError: the name cannot be one, or there is such a preset.
        StoreError: the file cannot be written.
    """
    import tomlkit

    source = checked_path(given, "--import")
    experiment = Experiment.load(source)
    name = checked_preset_name(name or source.stem)
    document = tomlkit.parse(read_text(source, str(source)))
    placed = experiment.with_absolute_paths()
    for key in experiment.dataset_card.paths:  # relative ones mean files here, wherever the preset is used
        if placed.value(f"data.{key}") != experiment.value(f"data.{key}"):
            document["data"][key] = placed.value(f"data.{key}")
    return name, save_preset(name, tomlkit.dumps(document), replacing=replacing)


# Editing ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A text that a person edits until it is an experiment. What is wrong in it never costs the text: it stays in a file.

    Attributes:
        path: where the text stays as long as something is wrong with it.
        where: what messages call it.
    """

    path: Path
    where: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether there is a text in which something was wrong."""
        return self.path.is_file()

    def discard(self) -> None:
        """Forget the text; where it cannot be removed it is offered once more."""
        with suppress(OSError):
            self.path.unlink()

    def open(self, text: str, open_editor: Callable[[Path], None] = edit_file) -> bool:
        """Let the person edit a text, or the one that was kept.

        Args:
            text: what they begin with where none was kept.
            open_editor: opens the editor on a file and returns when it ends.

        Returns:
            Whether there is something to read; not where nothing was changed, or the text was emptied, which gives it up.

        Raises:
            UsageError: the editor did not do its work. What was written meanwhile is kept.
            StoreError: there is no place for the text.
        """
        kept = self.is_kept
        before = self._bytes() if kept else text.encode()
        if not kept:
            self._write(text)
        try:
            open_editor(self.path)
        except UsageError:
            if not kept and self._bytes() == before:
                self.discard()
            raise
        left = self._bytes()
        if left.strip() and (kept or left != before):
            return True
        self.discard()
        return False

    def read(self) -> tuple[str, Experiment]:
        """The text that was left and its experiment; from then on it is kept no longer. May read data files.

        Raises:
            ExperimentError: something is wrong with the text, each problem with its line.
        """
        where = self.where or str(self.path)
        values, lines = read_toml(self.path, where)
        experiment = Experiment.from_dict(values, where=where, lines=lines)
        text = read_text(self.path, where)
        self.discard()
        return text, experiment

    def _bytes(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError:  # the editor, or somebody else, took it away: the text is given up
            return b""

    def _write(self, text: str) -> None:
        try:
            write_whole(self.path, text)
        except OSError as error:
            raise _unwritable(self.path, error) from error


def draft_of(name: str, where: str = "") -> Draft:
    """The draft of a preset of the user's own, or of the form (`_form`, which is no preset's name)."""
    return Draft(config_folder() / "drafts" / f"{name}.toml", where)


def edit_preset(name: str, open_editor: Callable[[Path], None] = edit_file) -> Path | None:
    """Let the person edit one of their presets; only a text that is an experiment takes its place.

    Returns:
        Where it is; None where nothing was changed.

    Raises:
        UsageError: it is a shipped one, there is none, or the editor did not do its work.
        ExperimentError: something is wrong with the text, which is kept; each problem with its line.
        StoreError: it cannot be written.
    """
    path = find_preset(name)
    if path.parent != own_folder():
        raise UsageError(
            f"preset {said(name)}: is not one of yours, {path}; expected one of 'workbench presets --user'. "
            f"'workbench presets {path.stem} --out FILE' writes a copy, and --import takes that under another name."
        )
    own = path.name.removesuffix(".toml")
    draft = draft_of(own)
    if not draft.open(read_text(path, str(path)), open_editor):
        return None
    text, _ = draft.read()
    return save_preset(own, text, replacing=True)
