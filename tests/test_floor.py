"""The lowest versions are those that pyproject.toml says."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement

from tests.floor import ROOT, constraints, floor_of


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [("rich>=14.2", "rich==14.2"), ("textual>=8.0,<9", "textual==8.0"), ("x<2,>=1.5; python_version > '3'", "x==1.5")],
)
def test_a_floor_is_the_lower_bound(requirement: str, expected: str) -> None:
    """Whatever else is said of it."""
    assert floor_of(Requirement(requirement)) == expected


def test_what_has_no_floor_is_named() -> None:
    """A range that is open below cannot be tested."""
    with pytest.raises(ValueError, match="rich<15 has no lower bound"):
        floor_of(Requirement("rich<15"))


def test_overrides_go_before_floors_and_floors_before_what_was_tested() -> None:
    """Each name once."""
    found = constraints(["torch>=2.6", "numpy>=2.0"], ["# tested", "numpy==2.4", "pytest==8.4"], ["torch==2.13.0"], "3.12")
    assert found == ["torch==2.13.0", "numpy==2.0", "pytest==8.4"]


def test_a_floor_may_depend_on_python() -> None:
    """Where an older version has no wheel."""
    wanted = ["numpy>=2.0; python_version < '3.13'", "numpy>=2.1; python_version >= '3.13'"]
    assert [constraints(wanted, (), (), python) for python in ("3.11", "3.13")] == [["numpy==2.0"], ["numpy==2.1"]]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_dependency_has_a_floor(python: str) -> None:
    """One for each version of Python, so that each can be tried."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {Requirement(text).name for text in project["dependencies"]}
    assert {Requirement(line).name for line in constraints(project["dependencies"], (), (), python)} == names
