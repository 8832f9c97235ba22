"""What importing costs: the process that draws, and every command that only looks, never imports torch."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

TORCH_FREE = ("architectures", "cli", "datasets", "optimizers", "plotting", "runs", "tui", "verification")
"""Packages of which no module imports torch."""
HEAVY = ("torch", "textual", "typer", "pydantic", "numpy", "rich")


def modules_after(code: str, **environment: str) -> set[str]:
    """Names of all modules in a fresh interpreter after some code has run."""
    import os

    script = f"{code}\nimport json, sys\nsys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    names: list[str] = json.loads(ended.stderr.splitlines()[-1])
    return set(names)


def below(package: str) -> list[str]:
    """All modules of a package of ours."""
    path = Path(workbench.__file__).parent / package
    return [info.name for info in pkgutil.walk_packages([str(path)], f"workbench.{package}.")]


def test_importing_the_package_is_cheap() -> None:
    """`import workbench` imports nothing that takes time."""
    assert not modules_after("import workbench") & set(HEAVY)


@pytest.mark.parametrize("package", TORCH_FREE)
def test_package_is_free_of_torch(package: str) -> None:
    """Importing every module of it imports no torch."""
    names = below(package)
    assert names
    assert "torch" not in modules_after("\n".join(f"import {name}" for name in names))


@pytest.mark.slow
def test_only_the_interface_imports_textual() -> None:
    """Nothing outside `tui` brings textual along."""
    packages = [name for name in (*TORCH_FREE, "training", "export", "nn") if name != "tui"]
    assert "textual" not in modules_after("\n".join(f"import {name}" for package in packages for name in below(package)))


def test_extras_are_imported_when_such_a_file_is_read() -> None:
    """Pillow and polars are extras, so that no module may need them."""
    packages = [name for name in TORCH_FREE if name != "tui"]
    assert {"PIL", "polars"}.isdisjoint(
        modules_after("\n".join(f"import {name}" for package in packages for name in below(package)))
    )


def test_the_torch_free_side_of_training_and_export() -> None:
    """What viewers use of them: launching, listing checkpoints, listing formats, the API."""
    code = (
        "import workbench.api, workbench.training.launch, workbench.training.checkpoint_files\n"
        "from workbench.export import formats\nformats()"
    )
    assert "torch" not in modules_after(code)


def test_reading_a_preset_imports_no_torch() -> None:
    """Loading and validating every preset is torch-free."""
    code = "from workbench.experiment.presets import list_presets, load_preset\n"
    code += "for preset in list_presets():\n    load_preset(preset.name)"
    assert "torch" not in modules_after(code)


def test_the_way_to_the_interface_imports_neither_typer_nor_torch() -> None:
    """`workbench` alone reaches the app without what the first frame does not need."""
    code = (
        "import sys\n"
        "sys.stdin.isatty = sys.stdout.isatty = lambda: True\n"
        "import workbench.tui.app\n"
        "workbench.tui.app.run_tui = lambda **_: None\n"
        "from workbench.cli import main\n"
        "try:\n    main([])\nexcept SystemExit as ended:\n    assert ended.code == 0"
    )
    assert not modules_after(code) & {"torch", "typer"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["presets"], ["concepts", "lstm"], ["architectures", "--json"], ["datasets"], ["runs"], ["run", "--help"]]
)
def test_commands_that_look_import_no_torch(words: list[str], tmp_path: Path) -> None:
    """Listings answer without the second that torch takes."""
    code = f"from workbench.cli.app import run\nassert run({words!r}) == 0"
    assert not modules_after(code, WORKBENCH_RUNS=str(tmp_path)) & {"torch", "textual"}


@pytest.mark.parametrize("words", [["--help"], ["export", "--help"], ["verify", "--help"]])
def test_help_imports_nothing_that_takes_time(words: list[str]) -> None:
    """It names every command and every export format, and reads neither cards nor runs for that."""
    code = f"from workbench.cli.app import run\nassert run({words!r}) == 0"
    assert not modules_after(code) & {"torch", "textual", "numpy", "workbench.cards"}


def test_public_names_are_sorted_and_there() -> None:
    """`workbench.__all__` is what `import workbench` offers."""
    assert sorted(workbench.__all__) == workbench.__all__
    assert all(hasattr(workbench, name) for name in workbench.__all__)
    assert dir(workbench) == workbench.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A lazy package still knows what it does not have."""
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        _ = workbench.trian
