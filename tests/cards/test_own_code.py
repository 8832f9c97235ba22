"""Code of the user's own: what becomes a card, what is run and when, and what is told where it cannot be."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import workbench
from tests.own_cards import SIGNS, become, forget_cards
from workbench.cards import catalog
from workbench.cards.own_code import CARDS_ENV, CodeFile, asking, digest_of, known_code
from workbench.errors import CardError, ExperimentError
from workbench.experiment import Experiment
from workbench.runs.folder import RunFolder

NET = '''
import torch
from torch import nn


class Half(nn.Module):
    """A recurrent network of my own.

    Args:
        hidden_size: units of the state,
            as many as you like.
    """

    def __init__(self, input_size: int, output_size: int, hidden_size: int = 6, rate: float = 0, gate: bool = True):
        super().__init__()
        self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.out(self.rnn(x)[0])
'''


@pytest.fixture(autouse=True)
def someone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A person who has named no code yet."""
    become(tmp_path / "config", monkeypatch)
    monkeypatch.chdir(tmp_path)
    yield
    forget_cards()


def values(**model: Any) -> dict[str, Any]:
    return {
        "model": model,
        "data": {"name": "echo", "length": 8, "delay": 2},
        "optimizer": {"name": "adam"},
        "training": {"steps": 2, "batch_size": 4, "eval_samples": 100},
    }


def written(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_module_is_an_architecture() -> None:
    """Arguments of its constructor are the settings, with defaults, kinds and words from the text; torch is not imported."""
    written("half.py", NET)
    experiment = Experiment.from_dict(values(file="half.py", hidden_size=4))
    config = experiment.model.config
    assert (experiment.model.name, config.hidden_size, config.rate, config.gate) == ("Half", 4, 0.0, True)
    card = experiment.architecture
    assert card.Config.model_fields["hidden_size"].description == "units of the state, as many as you like."
    assert card.summary == "A recurrent network of my own."
    assert catalog.architectures()["Half"] is card
    model = card.build(config, experiment.task)
    assert sum(p.numel() for p in model.parameters()) == 3 * 4 * (1 + 4 + 2) + 2 * 4 + 2
    code = "from workbench.experiment import Experiment\nimport sys, json\n"
    code += (
        f"Experiment.from_dict(json.loads({json.dumps(json.dumps(values(file='half.py')))!s}))\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path.cwd(), env={**os.environ, "PYTHONPATH": ":".join(sys.path)})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("hidden_size: int = 6", "hidden_size"), "argument 'hidden_size' of Half: has no default"),
        (("hidden_size: int = 6", "hidden_size: list = []"), "argument 'hidden_size' of Half: is 'list'; expected int, float"),
        (("hidden_size: int = 6", "hidden_size: int = 2 * SIZE"), "has a default that is worked out"),
        (("class Half(", "class Half(("), "line 6: not Python"),
        (("nn.Module", "object"), "has no such card"),
        (("class Half", "class Other(nn.Module):\n    pass\n\n\nclass Half"), ""),
        (("\nimport torch", "\0"), "not Python"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_at_its_line(change: tuple[str, str], expected: str) -> None:
    """Before anything is run; of several modules the one that is called as the file is meant."""
    written("half.py", NET.replace(*change))
    if not expected:
        assert Experiment.from_dict(values(file="half.py")).model.name == "Half"
        return
    with pytest.raises(ExperimentError) as error:
        Experiment.from_dict(values(file="half.py"))
    assert expected in str(error.value)
    assert str(error.value).startswith("[model] file: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("self.rnn(x)[0]", "self.rnn(x)[0][:, :3]"), "half.py: ValueError: forward gave (3, 3, 2); expected"),
        (("batch_first=True", ""), "another output to a sample that is alone"),
        (("self.rnn(x)[0]", "self.rnn(x.flip(1))[0].flip(1)"), ""),
        (("super().__init__()", "super().__init__()\n        1 / 0"), "half.py: line 16: ZeroDivisionError"),
    ],
)
def test_a_module_is_tried_before_it_is_trained(change: tuple[str, str], expected: str) -> None:
    """Its form, that samples do not mix, and for forecasts that it does not look ahead."""
    written("half.py", NET.replace(*change))
    experiment = Experiment.from_dict(values(file="half.py"))
    if expected:
        with pytest.raises(CardError) as error:
            experiment.architecture.build(experiment.model.config, experiment.task)
        assert expected in str(error.value)
        return
    experiment.architecture.build(experiment.model.config, experiment.task)  # labels may depend on what comes later
    task = experiment.with_changes({"data.name": "mackey_glass", "data.length": 200}).task
    with pytest.raises(CardError, match="depends on inputs of later steps"):
        experiment.architecture.build(experiment.model.config, task)


def test_a_run_keeps_the_text_that_it_was_started_with() -> None:
    """Whatever the file holds later; what names the file anew has what stands there then."""
    file = written("half.py", NET)
    first = Experiment.from_dict(values(file="half.py"))
    folder = RunFolder.create(Path("runs"), first)
    (kept,) = folder.code_path.iterdir()
    assert kept.read_text(encoding="utf-8") == NET
    file.write_text(NET.replace("int = 6", "int = 7"), encoding="utf-8")
    assert folder.experiment().model.config.hidden_size == 6
    assert folder.experiment() == first
    assert Experiment.from_dict(first.to_dict(pinned=False)).model.config.hidden_size == 6  # a setting that was written out
    assert Experiment.from_dict(values(file="half.py")).model.config.hidden_size == 7
    file.unlink()
    assert folder.experiment().architecture.name == "Half"


def test_code_from_elsewhere_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when a run is looked at or resumed; only when the person says so, who is told what it is first."""
    written("half.py", NET + "\nopen('ran', 'w').close()\n")
    folder = RunFolder.create(Path("runs"), Experiment.from_dict(values(file="half.py")))
    become(tmp_path / "other", monkeypatch)
    with pytest.raises(ExperimentError, match=r"which nobody has allowed here\. Read it in .*code/half-"):
        folder.experiment()
    asked: list[str] = []

    def allow(code: CodeFile) -> bool:
        asked.append(code.sha256)
        return True

    with asking(allow):
        experiment = folder.experiment()
    assert asked == [digest_of(NET + "\nopen('ran', 'w').close()\n")]
    assert not Path("ran").exists()
    experiment.architecture.build(experiment.model.config, experiment.task)
    assert Path("ran").exists()
    become(tmp_path / "other", monkeypatch)
    assert folder.experiment().to_dict() == experiment.to_dict()  # it was allowed for good
    assert workbench.open_run(folder.path).experiment.to_dict() == experiment.to_dict()


def test_code_that_was_changed_on_its_way_is_not_what_was_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest names one text: another one in its place is not found."""
    written("half.py", NET)
    folder = RunFolder.create(Path("runs"), Experiment.from_dict(values(file="half.py")))
    (kept,) = folder.code_path.iterdir()
    kept.write_text(NET.replace("6", "9"), encoding="utf-8")
    become(tmp_path / "other", monkeypatch)
    with asking(lambda _: True), pytest.raises(ExperimentError, match="which is not here"):
        folder.experiment()
    (tmp_path / "other" / "code").mkdir(parents=True)
    digest = digest_of(NET)
    (tmp_path / "other" / "code" / f"{digest}.py").write_text("# x.py\nprint()\n", encoding="utf-8")
    assert known_code(digest) is None


def test_data_of_ones_own() -> None:
    """A card in a file beside the experiment's; another card in its place leaves the file behind."""
    written("signs.py", SIGNS)
    Path("below").mkdir()
    Path("signs.py").rename("below/signs.py")
    toml = '[model]\nname = "gru"\n[data]\nfile = "signs.py"\nlength = 9\n[optimizer]\nname = "adam"\n'
    path = written("below/exp.toml", toml)
    experiment = Experiment.load(path)
    assert (experiment.data.name, experiment.task.inputs.longest) == ("Signs", 9)
    assert experiment.open_data().held_out("test").inputs.shape == (200, 9, 1)
    assert experiment.with_changes({"data.name": "echo"}).own_code == ()
    assert experiment.with_changes({"data.length": 7}).own_code == experiment.own_code
    with pytest.raises(ExperimentError, match="expected one of the known names"):
        Experiment.from_dict({**values(name="gru"), "data": {"name": "Singns"}})


def test_a_folder_of_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is a card under its own name; one that fails is named, and the others go on."""
    Path("cards").mkdir()
    for name, text in (("half.py", NET), ("signs.py", SIGNS), ("broken.py", "import nosuch"), ("_part.py", "1/0")):
        written(f"cards/{name}", text)
    monkeypatch.setenv(CARDS_ENV, str(Path("cards").absolute()))
    # found anew for this test alone: what other tests have found stays as it is
    monkeypatch.setattr(catalog, "cards_of", functools.cache(catalog.cards_of.__wrapped__))
    assert "half" in catalog.architectures()
    assert "signs" in catalog.datasets()
    assert [card.reason for card in catalog.broken_cards("model") if card.name == "broken"] != []
    experiment = Experiment.from_dict({**values(name="half"), "data": {"name": "signs"}})
    assert {Path(code.path).name for code in experiment.own_code} == {"half.py", "signs.py"}
    folder = RunFolder.create(Path("runs"), experiment)
    monkeypatch.delenv(CARDS_ENV)
    catalog.cards_of.cache_clear()
    assert folder.experiment().open_data().task == experiment.task


def test_no_card_takes_the_name_of_another() -> None:
    """A class that is called as a card of the package is refused."""
    written("gru.py", NET.replace("Half", "gru"))
    with pytest.raises(ExperimentError, match="the name 'gru' is that of a card"):
        Experiment.from_dict(values(file="gru.py"))
