"""The worked examples hold: their commands are those of today, and what they found is found again at small size."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import workbench
from workbench.cli.app import command_line
from workbench.cli.options import assignments
from workbench.experiment.presets import load_preset
from workbench.plotting.probes import probe_views

FOLDER = Path(__file__).parents[1] / "docs" / "worked-examples"
PAGES = sorted(FOLDER.glob("*.md"))
SCRIPTS = sorted(FOLDER.glob("*.py"))
_LARGEST = 100_000
"""Bytes of a picture."""


@cache
def script(name: str) -> ModuleType:
    """A script of the examples."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every command, one seed of a loop over seeds."""
    for page in PAGES:
        for block in re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            for line in block.replace("\\\n", " ").replace("$seed", "0").splitlines():
                words = shlex.split(line, comments=True)
                if words and words[0] not in {"for", "done"}:
                    yield page.name, words


# What is written -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "words"),
    [pytest.param(*each, marks=[pytest.mark.slow] if each[1][0] == "python" else []) for each in commands()],  # imports torch
    ids=lambda part: part if isinstance(part, str) else part[1],
)
def test_every_command_is_one_of_today(page: str, words: list[str]) -> None:
    """It parses; a preset takes its settings, a kind of probe is drawn, a script is there."""
    program, name, *rest = words
    if program == "python":
        assert Path(name).parts[:2] == ("docs", "worked-examples")
        script(Path(name).stem).parser().parse_args(rest)
        return
    assert program == "workbench", page
    group: Any = command_line()
    given = group.commands[name].make_context(name, rest).params
    if name == "run":
        load_preset(given["preset"], assignments(given["sets"] or []))
    if name == "probe":
        assert given["kind"] in {*probe_views(), "samples", "predictions"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_stands_whole_on_a_page(path: Path) -> None:
    """Word for word."""
    code = f"```python\n{path.read_text(encoding='utf-8')}```\n"
    assert [page.name for page in PAGES if code in page.read_text(encoding="utf-8")]


def test_every_picture_is_shown_and_small() -> None:
    """None is left over."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in FOLDER.glob("*.svg"):
        assert f"({picture.name})" in pages
        assert picture.stat().st_size < _LARGEST, picture.name


def test_pages_are_linked() -> None:
    """The README leads to the index, and the index to each page."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"({page.name})" in index for page in PAGES if page.name != "README.md")
    assert "(docs/worked-examples/README.md)" in (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")


# What was found, at small size ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_gru_recalls_less_after_a_longer_wait_and_its_gradient_still_gets_back(tmp_path: Path) -> None:
    """The share falls with the length, the middle symbols first; a tanh network's gradient is gone where the GRU's is not."""
    small = {"runs_dir": tmp_path, "training.steps": 300, "model.hidden_size": 64, "training.eval_every": 300, "inspect.every": 0}
    example = script("copy_length")
    shares, shown, left = example.sweep("gru", [1, 100], [0], **small)
    _, _, gone = example.sweep("elman", [10], [0], **small)
    short, long = shares[:, 0].mean(axis=1)
    assert example.CHANCE < long < short - 0.05
    assert shares[0, 0, [0, -1]].min() > shares[0, 0, 4:7].max()
    assert shown.min() > 0.8
    assert left.min() > 0.2
    assert gone.max() < 0.02
    figures = example.figures("gru", [1, 100], shares)
    assert [line.name for figure in figures for line in figure.series] == ["mean over seeds", "each seed", "T = 1", "T = 100"]


@pytest.mark.slow
def test_noun_and_adjective_look_at_their_own_words_after_a_while(tmp_path: Path) -> None:
    """Early in training hardly any does, later most; the pairs are such as one sees."""
    example = script("word_order")
    changes: dict[str, Any] = {"model.hidden_size": 96, "optimizer.lr": 1e-2, "data.num_sentences": 5000, "training.steps": 220}
    changes |= {"training.eval_every": 220, "training.checkpoint_every": 50, "training.keep_last": 9, "inspect.every": 0}
    run = workbench.train("seq2seq/translate_attention", runs_dir=tmp_path, **changes)
    steps = example.steps_of(run)
    assert steps[0] == 50
    early, _, _ = example.looks(run, 50)
    late, crossed, weights = example.looks(run, 220)
    assert len(late) > 150
    assert early.all(axis=1).mean() < 0.1
    assert late.all(axis=1).mean() > 0.5, late.mean(axis=0)
    assert crossed.all(axis=1).mean() < 0.1
    assert weights.argmax(axis=1).tolist() == [0, 1]
    assert example.changed_places(["the", "red", "car", "."], ["la", "voiture", "rouge", "."]) == [(1, 2, 1, 2)]
    assert example.changed_places(["the", "car", "is", "red", "."], ["la", "voiture", "est", "rouge", "."]) == []


@pytest.mark.slow
def test_the_unit_that_holds_the_first_symbol_is_the_one_that_is_missed(tmp_path: Path) -> None:
    """It separates the symbols all the way; without it the last but one letter goes wrong, without the median unit not."""
    example = script("first_symbol")
    changes: dict[str, Any] = {"training.steps": 900, "training.eval_every": 900, "inspect.every": 0}
    run = workbench.train("generation/markov_rnn", runs_dir=tmp_path, **changes)
    values, asked, is_t = example.states(run)
    rows, steps = example.between(asked)
    before = example.separation(values[rows, steps], is_t[rows])
    intact, without_unit = example.right_letter(run, range(values.shape[2]))
    unit = int(before.argmax())
    assert intact > 0.95
    assert np.median(without_unit) > intact - 0.02
    assert without_unit[unit] < intact - 0.1
    assert without_unit[unit] == without_unit.min()
    assert example.input_gates(run, asked).argsort().tolist().index(unit) < 5
    figure = example.figure(unit, values, asked, is_t)
    first, second = (line.y for line in figure.series)
    assert (np.sign(first[:-1] - second[:-1]) == np.sign(first[0] - second[0])).all()
