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
from workbench.experiment.presets import list_presets, presets_folder

ROOT = Path(__file__).parents[2]

LICENCES = (
    "LICENSE",
    "workbench/datasets/files/alice/LICENSE",
    "workbench/datasets/files/mnist/LICENSE",
    "workbench/datasets/files/series/LICENSE",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_wheel_holds_the_package_the_presets_and_nothing_else(wheel: Path) -> None:
    """Every file of both folders, byte for byte, with the type marker, styles, pages and data; no test, no compiled file."""
    expected = {
        f"{inside}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for folder, inside in ((ROOT / "workbench", "workbench"), (presets_folder(), "workbench/presets"))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {Path(name).suffix for name in expected} == {
        "",
        ".csv",
        ".gz",
        ".md",
        ".png",
        ".py",
        ".tcss",
        ".toml",
        ".txt",
        ".typed",
    }
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    about = f"nn_workbench-{__version__}.dist-info/"
    package = {name for name in inside if not name.startswith(about)}
    assert package ^ set(expected) == set()
    assert [name for name in package if inside[name] != expected[name]] == []
    licences = LICENCES
    described = {name.removeprefix(about) for name in inside} - package
    assert described == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", *(f"licenses/{name}" for name in licences)}
    assert all(inside[f"{about}licenses/{name}"] == (ROOT / name).read_bytes() for name in licences)
    assert wheel.name == f"nn_workbench-{__version__}-py3-none-any.whl"


def test_wheel_says_its_licences_and_how_it_is_started(wheel: Path) -> None:
    """In the words of its metadata."""
    about = f"nn_workbench-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        told = archive.read(f"{about}/METADATA").decode().splitlines()
        starts = archive.read(f"{about}/entry_points.txt").decode()
    assert "License-Expression: MIT AND CC-BY-SA-3.0 AND BSD-3-Clause" in told
    for licence in LICENCES:
        assert f"License-File: {licence}" in told
    assert "workbench = workbench.cli:main" in starts


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
