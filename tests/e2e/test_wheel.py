"""The wheel: what is in it, and that it works from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from workbench import __version__
from workbench.presets import list_presets, presets_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_wheel_holds_presets_data_and_licences(wheel: Path) -> None:
    """Everything that the package reads at run time is inside, and nothing that is only for development."""
    names = set(zipfile.ZipFile(wheel).namelist())
    presets = {f"workbench/presets/{preset.path.relative_to(presets_folder()).as_posix()}" for preset in list_presets()}
    data = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "workbench").rglob("*")
        if path.suffix in (".gz", ".tcss") or path.name == "LICENSE"
    }
    assert wheel.name.startswith(f"nn_workbench-{__version__}-")
    assert presets | data | {"workbench/py.typed"} <= names
    metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
    told = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    assert "License-Expression: MIT AND CC-BY-SA-3.0" in told
    for licence in ("LICENSE", "workbench/datasets/files/mnist/LICENSE"):
        assert f"License-File: {licence}" in told
        assert any(name.endswith(f"licenses/{licence}") for name in names)
    assert not [name for name in names if name.startswith("tests") or "__pycache__" in name]


def test_wheel_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere, with no checkout in sight, it lists its presets and trains one."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site), "XDG_CACHE_HOME": str(tmp_path)}

    def call(*words: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "workbench", *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return ended.stdout

    listed = json.loads(call("presets", "--json"))
    assert len(listed) == len(list_presets())
    assert all(row["path"].startswith(str(site)) for row in listed)
    changes = ["training.steps=2", "training.eval_samples=8", "model.hidden_size=4"]
    run = json.loads(call("run", "adding_lstm", "--json", *[word for change in changes for word in ("--set", change)]))
    assert run["state"] == "finished"
    assert Path(run["path"]).parent == tmp_path / "runs"
