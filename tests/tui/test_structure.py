"""Who knows whom in the interface: no circles, and no screen or widget that knows the app or another screen."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from textual.message import Message

import workbench.tui
from workbench.tui.app import WorkbenchApp
from workbench.tui.requests import Request
from workbench.tui.run.control import RunOutcome

_HOME = Path(workbench.tui.__file__).parent
_PACKAGE = "workbench.tui"


def _module(path: Path) -> str:
    parts = path.relative_to(_HOME).with_suffix("").parts
    return ".".join((_PACKAGE, *(part for part in parts if part != "__init__")))


_FILES = {_module(path): path for path in sorted(_HOME.rglob("*.py"))}


def _statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import below a node, those inside functions too; not those that are there for the types alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        else:
            yield from _statements(child)


def _imports(module: str) -> set[str]:
    """The files of the interface that a file imports."""
    names = set()
    for statement in _statements(ast.parse(_FILES[module].read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        else:
            assert statement.level == 0, f"{module}: imports are absolute"
            names |= {statement.module or "", *(f"{statement.module}.{alias.name}" for alias in statement.names)}
    return {name for name in names if name in _FILES and name not in (module, _PACKAGE)}


def test_no_file_imports_itself_by_way_of_others() -> None:
    """The files stand in one order, imports inside functions counted."""
    try:
        TopologicalSorter({module: _imports(module) for module in _FILES}).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_screens_are_known_to_navigation_alone() -> None:
    """Whatever else wants a screen to be shown says so in a message; the app is known to nobody."""
    screens = {module for module in _FILES if module.startswith(f"{_PACKAGE}.screens.")}
    assert screens
    for module in _FILES:
        known = _imports(module)
        assert f"{_PACKAGE}.app" not in known, module
        if module not in (f"{_PACKAGE}.navigation", f"{_PACKAGE}.app"):
            assert not known & screens, module


@pytest.mark.parametrize(("kind", "handler"), [(Request, WorkbenchApp._carry_out), (RunOutcome, WorkbenchApp._came_of_it)])
def test_the_app_has_an_answer_to_every_message(kind: type[Message], handler: Callable[..., object]) -> None:
    """A request, or an outcome of one, that nobody handles would be passed over without a word."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(handler)))
    cases = {node.cls.id for node in ast.walk(tree) if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)}
    assert {each.__name__ for each in kind.__subclasses__()} == cases
