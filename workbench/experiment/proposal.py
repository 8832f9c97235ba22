"""An experiment on a file of the user's: every dataset's card looks at it, and the one that is surest of it proposes one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.cards import ArchitectureCard, DatasetCard
from workbench.cards.catalog import cards_in, datasets
from workbench.cards.own_code import read_code
from workbench.cards.recognised import Recognised
from workbench.errors import CardError, DataError
from workbench.experiment.experiment import Experiment
from workbench.experiment.presets import find_preset, known_as, load_preset, preset_files
from workbench.experiment.toml_text import read_toml
from workbench.paths import checked_path
from workbench.saying import said

__all__ = ["Proposal", "experiment_of", "is_data_file", "propose"]


_BASES: Mapping[str, type[Any]] = {"model": ArchitectureCard, "data": DatasetCard}
_SURE = 0.5
"""From which on a card knows better than one to which a file belongs by its name."""
_TRIED_WITH = "gated/adding_gru"
"""The experiment into which a card of the user's own is put."""


@dataclass(frozen=True)
class Proposal:
    """What a file was taken for, and an experiment on it.

    Attributes:
        path: the file or folder.
        dataset: name of the card that reads it.
        recognised: what that says of it.
        experiment: ready to run.
    """

    path: Path
    dataset: str
    recognised: Recognised
    experiment: Experiment


def is_data_file(word: str | os.PathLike[str]) -> bool:
    """Whether a word is the path of a file or folder that is there, and neither a preset's name nor a TOML file."""
    if _is_preset(os.fspath(word)):
        return False
    text = os.fspath(word)
    try:
        return bool(text.strip()) and not text.rstrip().endswith(".toml") and Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _is_preset(word: str) -> bool:
    return any(word in known_as(name) for name in preset_files())


def experiment_of(
    word: str | os.PathLike[str], changes: Mapping[str, Any] | None = None, changed_by: str = "--set"
) -> Experiment:
    """The experiment that a word names: a preset, a TOML file, or a data file, of which one is proposed.

    Args:
        word: a preset's name comes first, then what there is of files.
        changes: "table.key" -> value, laid over it.
        changed_by: where the changes come from, for messages.

    Raises:
        ExperimentError: there is none, or it does not hold together.
        DataError: no card can read the file.
    """
    if not is_data_file(word):
        return load_preset(word, changes, changed_by)
    experiment = propose(word).experiment
    return experiment.with_changes(changes, changed_by) if changes else experiment


def propose(given: str | os.PathLike[str]) -> Proposal:
    """An experiment on a file, or a folder of files.

    Raises:
        DataError: there is none, or no card can read it, with what can be read.
        UsageError: no file system has such a path.
    """
    path = checked_path(given, "workbench new", DataError).absolute()
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(f"{said(str(path))}: cannot be read: {error.strerror}. Check the path.") from error
    if stat.S_ISREG(found.st_mode) and not found.st_size:
        raise DataError(f"{said(str(path))}: is empty; expected a file that holds data. Check the path.")
    if path.suffix == ".py" and stat.S_ISREG(found.st_mode) and (proposal := _of_code(path)) is not None:
        return proposal
    readers = {name: card for name, card in datasets().items() if card.paths}
    is_data = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)  # a pipe would be waited for
    looked = {name: _look(card, path) for name, card in readers.items()} if is_data else {}
    seen = {name: told for name, told in looked.items() if isinstance(told, Recognised)}
    if max((told.sure for told in seen.values()), default=0.0) < _SURE:
        for name, told in looked.items():
            if isinstance(told, DataError) and path.name.lower().endswith(readers[name].suffixes):
                raise DataError(f"looks like {readers[name].title.lower()} (data.name = {name}): {told}") from told
    if not seen:
        raise DataError(f"{said(str(path))}: no kind of data that is known; expected one of: {_known(readers)}.")
    name = max(seen, key=lambda reader: seen[reader].sure)
    return Proposal(path, name, seen[name], _experiment(path, name, seen[name]))


def _of_code(path: Path) -> Proposal | None:
    """An experiment with the card in a file of Python; None where it has none.

    Raises:
        DataError: it has one that cannot be used.
    """
    try:
        code = read_code(path, "workbench new")
        tables = [table for table, base in _BASES.items() if cards_in(code, base, "workbench new")]
    except CardError as error:
        raise DataError(str(error)) from error
    if not tables:
        return None
    table = tables[0]
    experiment = load_preset(_TRIED_WITH, {f"{table}.file": str(path)}, str(path))
    choice = getattr(experiment, table)
    what = {"model": "the architecture", "data": "the data"}[table]
    recognised = Recognised(1.0, f"{what} {choice.name}: {choice.card.summary.rstrip('.')}", _TRIED_WITH)
    return Proposal(path, experiment.data.name, recognised, replace(experiment, title=path.name))


def _look(card: type[DatasetCard], path: Path) -> Recognised | DataError | None:  # type: ignore[type-arg]
    """What a card takes a file for, or why it cannot read it."""
    try:
        return card.recognise(path)
    except DataError as error:
        return error


def _known(readers: dict[str, type[DatasetCard]]) -> str:  # type: ignore[type-arg]
    titles = ((name, card.title.lower()) for name, card in readers.items())
    return ", ".join(name if name == title else f"{title} ({name})" for name, title in titles)


def _experiment(path: Path, name: str, recognised: Recognised) -> Experiment:
    values, _ = read_toml(find_preset(recognised.preset), recognised.preset)
    values.pop("claim", None)
    made = {
        **values,
        "title": path.name,
        "about": f"{path.name}: {recognised.sentence}.",
        "data": {"name": name, **recognised.data},
    }
    return Experiment.from_dict(made, where=str(path))
