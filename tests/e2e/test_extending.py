"""Every recipe of docs/extending.md, as it stands there: one new file in a copy of the package, used through the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
RECIPE = re.compile(r"`workbench/(?P<path>[\w/]+\.py)`.*?^```python\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)

EXPERIMENT = """
[model]
name = "my_net"
hidden_size = 16

[data]
name = "majority"

[optimizer]
name = "rprop"
lr = 1e-2

[training]
steps = 40
batch_size = 64
eval_every = 20
eval_samples = 100
checkpoint_every = 20
"""


def recipes() -> dict[str, str]:
    """Path below workbench/ -> code of each block of the page."""
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    return {match["path"]: match["code"] for match in RECIPE.finditer(page)}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, as links to its files, with the recipes' files added."""
    house = tmp_path_factory.mktemp("house")
    (house / "presets").symlink_to(ROOT / "presets")
    for file in (ROOT / "workbench").rglob("*"):
        place = house / file.relative_to(ROOT)
        if file.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif "__pycache__" not in file.parts:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file)
    for path, code in recipes().items():
        place = house / "workbench" / path
        assert not place.exists(), path
        place.write_text(code, encoding="utf-8")
    (house / "mine.toml").write_text(EXPERIMENT, encoding="utf-8")
    return house


@pytest.fixture(scope="module")
def ask(house: Path) -> Callable[..., str]:
    """Run `workbench` of the copy; what it prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(house),
        "WORKBENCH_RUNS": str(house / "runs"),
        "XDG_CACHE_HOME": str(house / "cache"),
    }

    def ask(*words: str) -> str:
        command = [sys.executable, "-m", "workbench", *words]
        done = subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ask


@pytest.fixture(scope="module")
def run(ask: Callable[..., str]) -> str:
    """The id of a run of the new architecture on the new dataset with the new optimiser."""
    done = json.loads(ask("run", "mine.toml", "--json"))
    assert done["state"] == "finished"
    assert done["metrics"]["test/accuracy"] > 0.7
    return str(done["run"])


def test_the_page_has_a_recipe_for_each_kind_of_file() -> None:
    """One block each; a block without its path would not be tried."""
    assert {path.rpartition("/")[0] for path in recipes()} == {
        "architectures",
        "plotting/probes",
        "datasets",
        "optimizers",
        "export/file_formats",
        "tasks",
        "cli/commands",
    }
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    assert page.count("```python") == len(recipes())


def test_new_cards_are_listed(ask: Callable[..., str]) -> None:
    """With what they say of themselves."""
    assert "my_net" in {card["name"] for card in json.loads(ask("architectures", "--json"))}
    assert "majority" in {card["name"] for card in json.loads(ask("datasets", "--json"))}


def test_a_view_draws_what_the_model_measures(ask: Callable[..., str], run: str) -> None:
    """One probe at each evaluation, drawn by the new view."""
    assert "16 units, mean activation" in ask("probe", run, "hidden_units")


def test_an_export_is_written_and_compared(ask: Callable[..., str], run: str, tmp_path: Path) -> None:
    """The weights of the last checkpoint as a NumPy archive."""
    told = json.loads(ask("export", run, "--format", "npz", "--out", str(tmp_path / "weights.npz"), "--json"))
    assert told["verified"] == {"weights": "4 equal"}
    with np.load(told["path"]) as weights:
        assert sorted(array.shape for array in weights.values()) == [(2,), (2, 16), (16,), (16, 21)]


def test_a_kind_of_task_is_done_by_architectures(house: Path, ask: Callable[..., str]) -> None:
    """A dataset that asks for it is trained and scored by its metrics."""
    robust = (house / "workbench" / "datasets" / "adding.py").read_text(encoding="utf-8").replace("Adding", "Robust")
    assert robust.count('"regress"') == 1
    (house / "workbench" / "datasets" / "robust.py").write_text(robust.replace('"regress"', '"robust_regress"'), encoding="utf-8")
    text = EXPERIMENT.replace("my_net", "gru").replace("majority", "robust").replace("rprop", "adam")
    (house / "robust.toml").write_text(text, encoding="utf-8")
    done = json.loads(ask("run", "robust.toml", "--set", "data.length=10", "--json"))
    assert 0 < done["metrics"]["test/mae"] < 1
    assert "robust_regress" in next(card["tasks"] for card in json.loads(ask("architectures", "--json")) if card["name"] == "gru")


def test_a_command_is_called_and_listed(ask: Callable[..., str], run: str) -> None:
    """By the name of its file."""
    assert run
    assert int(ask("count")) >= 1
    assert "Count the runs." in ask("--help")
