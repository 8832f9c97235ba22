"""The presets: TOML files, one folder per chapter, shipped with the package; and those of the user's own.

presets/gated/adding_lstm.toml       ->  "gated/adding_lstm", or just "adding_lstm"
<config folder>/presets/mine.toml    ->  "user/mine", or just "mine" where no shipped preset is called so

Who writes them is `own_presets`.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workbench.errors import ExperimentError, Problem
from workbench.experiment import Experiment
from workbench.experiment.toml_text import read_values
from workbench.paths import config_folder, path_problem, resolved
from workbench.saying import close, said

__all__ = [
    "DEFAULT_PRESET",
    "OWN_CHAPTER",
    "Preset",
    "alike",
    "chapter_place",
    "chapter_title",
    "chapters",
    "find_preset",
    "full_name",
    "known_as",
    "list_presets",
    "load_preset",
    "own_folder",
    "preset_files",
    "presets_folder",
    "shipped_files",
]

DEFAULT_PRESET = "gated/rows_lstm"

OWN_CHAPTER = "user"
"""What stands before the names of the user's own presets, in place of a chapter."""
_OWN_TITLE = "Your presets"

_CHAPTER = "_chapter.toml"
"""In a chapter's folder: its `title`, and its `place` in lists, a number."""


@cache
def chapters() -> Mapping[str, str]:
    """Folder -> heading of every chapter, in the order of lists. One without them comes last, under its folder's name."""
    told: list[tuple[float, str, str]] = []
    for folder in presets_folder().iterdir():
        if not folder.is_dir():
            continue
        try:
            values = tomllib.loads((folder / _CHAPTER).read_text(encoding="utf-8"))
            told.append((float(values["place"]), folder.name, str(values["title"])))
        except (OSError, ValueError, TypeError, KeyError):
            told.append((math.inf, folder.name, _as_heading(folder.name)))
    return {name: title for _, name, title in sorted(told)}


def chapter_place(chapter: str) -> int:
    """Where a chapter stands in lists; one that is not ours stands last."""
    return list(chapters()).index(chapter) if chapter in chapters() else len(chapters())


def chapter_title(chapter: str) -> str:
    """A chapter's heading; of one that is not ours its folder's name."""
    if chapter == OWN_CHAPTER:
        return _OWN_TITLE
    return chapters().get(chapter, _as_heading(chapter))


def _as_heading(folder: str) -> str:
    return folder.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Preset:
    """A preset as the gallery shows it; its experiment is read by `load_preset`.

    Attributes:
        name: path below presets/ without suffix (`gated/adding_lstm`).
        path: the file.
        title, about: what it is and what to look at.
        values: the file's tables as they stand.
        problems: what is wrong with one of the user's own, each on a line with its place, as far as it was looked for.
    """

    name: str
    path: Path
    title: str
    about: str
    values: Mapping[str, Any]
    problems: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is the user's own."""
        return self.chapter == OWN_CHAPTER

    @property
    def chapter(self) -> str:
        """The folder it stands in."""
        return self.name.partition("/")[0]

    @property
    def claim(self) -> str:
        """The claim's sentence, or ""."""
        return str(self.values.get("claim", {}).get("sentence", ""))


def presets_folder() -> Path:
    """Where the presets lie: inside an installed package, or next to it in a checkout."""
    here = Path(__file__).parents[1]
    inside = here / "presets"
    return inside if inside.is_dir() else here.parent / "presets"


def own_folder() -> Path:
    """Where the user's own presets lie, whether or not there is such a folder."""
    return config_folder() / "presets"


def shipped_files() -> dict[str, Path]:
    """The files of the shipped presets by name, unread, chapter by chapter."""
    folder = presets_folder()
    files = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("[!_]*.toml")}

    def place(name: str) -> tuple[int, str]:
        chapter = name.partition("/")[0]
        return chapter_place(chapter), name

    return {name: files[name] for name in sorted(files, key=place)}


def _own_files() -> dict[str, Path]:
    """The files of the user's own presets by name, unread; what is hidden, such as a file that is being written, is none."""
    try:
        names = sorted(os.listdir(own_folder()))  # noqa: PTH208 - names alone; a folder that cannot be read has none
    except OSError:
        return {}
    return {
        f"{OWN_CHAPTER}/{name.removesuffix('.toml')}": own_folder() / name
        for name in names
        if name.endswith(".toml") and not name.startswith((".", "_"))
    }


def preset_files() -> dict[str, Path]:
    """The files of all presets by name, unread: shipped ones chapter by chapter, then the user's own.

    A name without its chapter means the first that is called so: no preset of the user's takes the place of a shipped one.
    """
    return {**shipped_files(), **_own_files()}


def known_as(preset: str) -> tuple[str, str]:
    """What a preset answers to: its name with its chapter and without."""
    return preset, preset.rpartition("/")[2]


def list_presets(*, own: bool = False) -> list[Preset]:
    """All shipped presets, chapter by chapter, and the user's own behind them where they are asked for.

    One that is not TOML is listed without title; of the user's own what is wrong with it is said, of all loading it says so.
    """
    shipped = [_listed(name, path) for name, path in shipped_files().items()]
    return [*shipped, *(_listed(name, path) for name, path in _own_files().items())] if own else shipped


def _listed(name: str, path: Path) -> Preset:
    problems: tuple[str, ...] = ()
    try:
        values = read_values(path, str(path))
    except ExperimentError as error:
        values, problems = {}, tuple(str(error).split("\n"))
    values = {
        key: value
        for key, value in values.items()
        if isinstance(value, dict) or (key in ("title", "about") and isinstance(value, str))
    }
    return Preset(name, path, values.get("title") or name, values.get("about", "").strip(), values, problems)


def find_preset(name: str | os.PathLike[str]) -> Path:
    """The file of a preset given by name, by its last part, or by a path to a TOML file.

    Raises:
        ExperimentError: there is none, with the nearest names.
    """
    if not isinstance(name, str | os.PathLike):
        raise ExperimentError([Problem("", "", "", f"preset: got {said(name)}; expected its name, or the path of a TOML file.")])
    name = os.fspath(name)
    if name.rstrip().endswith(".toml"):
        return Path(name) if path_problem(name) else Path(name).expanduser()  # what is no path is told where it is read
    files = preset_files()
    for known, path in files.items():
        if name in known_as(known):
            return path
    near = close(name, [alike(known, name) for known in files])
    raise ExperimentError(
        [Problem("", "", "", f"preset {said(name)} not found. {near}{near and ' '}'workbench presets' lists all.")]
    )


def full_name(given: str) -> str:
    """A preset's name in full (`gated/adding_lstm`, `user/mine`) however it was given; "" for any other TOML file.

    Raises:
        ExperimentError: there is none, with the nearest names.
    """
    path = resolved(find_preset(given))
    return next((name for name, file in preset_files().items() if resolved(file) == path), "")


def alike(preset: str, word: str) -> str:
    """A preset's name in the form of what was typed: with its chapter where that has one."""
    return preset if "/" in word else preset.rpartition("/")[2]


def load_preset(name: str | os.PathLike[str], changes: Mapping[str, Any] | None = None, changed_by: str = "--set") -> Experiment:
    """The experiment of a preset, with "table.key" -> value laid over it; problems of these are told to lie in `changed_by`.

    Raises:
        ExperimentError: no such preset, or it does not hold together; every problem is named.
    """
    return Experiment.load(find_preset(name), changes, changed_by=changed_by)
