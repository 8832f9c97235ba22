"""The lowest versions that pyproject.toml allows, tried in an environment of their own: `make floor`."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOWER = (">=", "==", "~=")
"""Operators that say the lowest version of a range."""


def floor_of(requirement: Requirement) -> str:
    """The lowest version that a requirement allows, as a constraint of pip.

    Raises:
        ValueError: it has no lower bound.
    """
    versions = [part.version for part in requirement.specifier if part.operator in LOWER]
    if not versions:
        raise ValueError(f"pyproject.toml: {requirement} has no lower bound; expected one, as in {requirement.name}>=1.0")
    (version,) = versions
    return f"{requirement.name}=={version}"


def constraints(dependencies: Iterable[str], tested: Iterable[str], overrides: Iterable[str], python: str) -> list[str]:
    """What pip is held to: the floor of each dependency, or what is given instead, and the tested versions of the tools.

    Args:
        dependencies: requirements of the package.
        tested: lines of `constraints.txt`.
        overrides: constraints that take the place of a floor, for a version that cannot be had.
        python: the version of Python to install for, as in 3.12.
    """
    held = {}
    required = [Requirement(text) for text in dependencies]
    here = [one for one in required if one.marker is None or one.marker.evaluate({"python_version": python})]
    for line in (*map(floor_of, here), *overrides):
        held[canonicalize_name(Requirement(line).name)] = line
    for line in tested:
        if line.strip() and not line.startswith("#"):
            held.setdefault(canonicalize_name(Requirement(line).name), line.strip())
    return list(held.values())


def main(words: Sequence[str] | None = None) -> int:
    """Build the environment, say what is in it, and run the quick tests there; their exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.floor", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter to build on")
    parser.add_argument(
        "--override",
        action="append",
        default=[],
        metavar="NAME==VERSION",
        help="instead of a floor that cannot be had here, such as an old PyTorch where only a newer wheel for the CPU lies",
    )
    parser.add_argument("pytest", nargs="*", default=["-n", "auto", "--dist", "worksteal", "-m", "not slow"], help="for pytest")
    wanted = parser.parse_args(words)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tested = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory(prefix="floor-") as folder:
        say = "import sys; print('%d.%d' % sys.version_info[:2])"
        version = subprocess.check_output([wanted.python, "-c", say], text=True).strip()
        lines = constraints(project["dependencies"], tested, wanted.override, version)
        held = Path(folder, "floor.txt")
        held.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for name in wanted.override:
            sys.stdout.write(f"not the floor: {name}\n")
        subprocess.run([wanted.python, "-m", "venv", f"{folder}/venv"], check=True)
        python = str(Path(folder, "venv", "Scripts" if os.name == "nt" else "bin", "python"))
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
        subprocess.run([*pip, "-c", str(held), "--group", f"{ROOT / 'pyproject.toml'}:dev", str(ROOT)], check=True)
        names = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
        for line in subprocess.check_output([python, "-m", "pip", "freeze"], text=True).splitlines():
            if "==" in line and canonicalize_name(line.partition("==")[0]) in names:
                sys.stdout.write(f"{line}\n")
        command = [python, "-m", "pytest", *wanted.pytest]
        sys.stdout.write(f"{shlex.join(command)}\n")
        sys.stdout.flush()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
