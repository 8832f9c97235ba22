"""An experiment from what a person has in Python: a class of torch, arrays, a data frame. Nothing here imports torch.

A class is trained in another process, so its text must stand alone. A class of a module is its file; one of a script or a
notebook is written down with what it uses of the names around it: imports, other classes and functions, plain values.
"""

from __future__ import annotations

import builtins
import hashlib
import inspect
import os
import symtable
import sys
import textwrap
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.cards.own_code import CodeFile, digest_of, keep, read_code
from workbench.datasets.arrays import array_file
from workbench.errors import CardError, DataError
from workbench.experiment.proposal import is_data_file, propose
from workbench.paths import config_folder
from workbench.saying import said

__all__ = ["data_values", "is_model", "model_values"]

_MAIN = "__main__"
_PLAIN = (int, float, str, bool, bytes, type(None))


def is_model(given: Any) -> bool:
    """Whether something can be a model: a class, or an object whose class is a module of torch."""
    return isinstance(given, type) or any(base.__name__ == "Module" for base in type(given).__mro__)


def model_values(model: Any, where: str) -> dict[str, Any]:
    """The table [model] for a class, or for the name of an architecture.

    Args:
        model: a subclass of `torch.nn.Module` or of `ArchitectureCard`, or a name.
        where: what it was given to, for messages.
    Raises:
        CardError: it is something else, or its text cannot be found.
    """
    if isinstance(model, str):
        return {"name": model}
    if not isinstance(model, type):
        raise CardError(
            f"{where}: got a {type(model).__name__}; expected the class, since the model is made in a process of its own. Give "
            f"{type(model).__name__}, and its arguments by name."
        )
    code = _code_of_class(model, where)
    return {"name": model.__name__, "file": code.path, "code": code.sha256}


def data_values(data: Any, where: str, folder: Path) -> dict[str, Any]:
    """The table [data] for arrays, a data frame, the path of a file, or the name of a dataset.

    Args:
        data: `(inputs, targets)`, a mapping of arrays (`inputs`, `targets`, `lengths`, `classes`, `parts`), a data frame of
            pandas or polars, a path, or a name.
        where: what it was given to, for messages.
        folder: where arrays and tables are written, each once.
    Raises:
        DataError: nothing can be made of it.
    """
    if isinstance(data, str | os.PathLike):
        if is_data_file(data):
            proposal = propose(data)
            return {"name": proposal.dataset, **proposal.recognised.data}
        return {"name": os.fspath(data)}
    if _is_frame(data):
        text = data.write_csv() if hasattr(data, "write_csv") else data.to_csv(index=_has_names(data))
        path = _written(folder, text.encode(), ".csv", where)
        proposal = propose(path)
        return {"name": proposal.dataset, **proposal.recognised.data}
    if isinstance(data, tuple | list) and len(data) in (2, 3):
        data = dict(zip(("inputs", "targets", "lengths"), data, strict=False))
    if not isinstance(data, Mapping) or not {"inputs", "targets"} <= set(data):
        raise DataError(
            f"{where}: got {type(data).__name__}; expected (inputs, targets), a mapping of arrays, a data frame, a path "
            "or the name of a dataset. 'workbench datasets' lists these."
        )
    arrays = {str(name): _array(value) for name, value in data.items()}
    return {"name": "arrays", "path": str(_written(folder, array_file(arrays, where), ".npz", where))}


def _array(given: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """An array of numpy; a tensor of torch gives up its gradient and its device."""
    for method in ("detach", "cpu"):
        given = getattr(given, method, lambda given=given: given)()
    return np.asarray(given)


def _is_frame(data: Any) -> bool:
    return (
        type(data).__name__ == "DataFrame"
        and hasattr(data, "columns")
        and (hasattr(data, "write_csv") or hasattr(data, "to_csv"))
    )


def _has_names(frame: Any) -> bool:
    """Whether the rows of a frame of pandas have an index that is more than their number."""
    return getattr(frame.index, "name", None) is not None or type(frame.index).__name__ != "RangeIndex"


def _written(folder: Path, content: bytes, suffix: str, where: str) -> Path:
    """The file of a content, named by its digest, so that the same data are one file."""
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            temporary = path.with_name(f".{path.name}-{os.getpid()}.tmp")
            temporary.write_bytes(content)
            temporary.replace(path)
    except OSError as error:
        raise DataError(f"{where}: {path}: cannot be written: {error.strerror or error}. Name another runs_dir.") from error
    return path.absolute()


# The text of a class ---------------------------------------------------------------------------------------------------


def _code_of_class(kind: type[Any], where: str) -> CodeFile:
    if kind.__module__ != _MAIN and not kind.__module__.startswith("workbench_own_"):
        source = inspect.getsourcefile(kind)
        if source is None:
            raise CardError(f"{where}: the text of {kind.__name__} is not there; expected a class of a file. Write it into one.")
        return read_code(source, where)
    text = _standing_alone(kind, where)
    digest = digest_of(text)
    code = CodeFile(str((config_folder() / "code" / f"{digest}.py").absolute()), text, digest)
    keep(code)
    return code


def _standing_alone(kind: type[Any], where: str) -> str:
    """A text that defines a class of a script or a notebook, with what it uses."""
    imports: dict[str, str] = {}
    values: dict[str, str] = {}
    pieces: dict[str, str] = {}
    names = vars(sys.modules[kind.__module__])
    _collect(kind, kind.__name__, names, (imports, values, pieces), where)
    lines = ["from __future__ import annotations", "", *sorted(imports.values()), "", *values.values()]
    return "\n".join(lines) + "\n\n" + "\n\n\n".join(reversed(pieces.values())) + "\n"


Found = tuple[dict[str, str], dict[str, str], dict[str, str]]


def _collect(thing: Any, name: str, names: Mapping[str, Any], found: Found, where: str) -> None:
    """Take a class or function, and all that it names."""
    imports, values, pieces = found
    try:
        source = textwrap.dedent(inspect.getsource(thing)).strip("\n")
    except (OSError, TypeError) as error:
        raise CardError(
            f"{where}: the text of {name} is not there; expected a class of a file, a script or a notebook. Write it into a file."
        ) from error
    pieces.pop(name, None)  # what is used by several stands before all of them
    pieces[name] = source
    for used in _free_names(source):
        if used == name or used in imports or used in values or used not in names:
            continue
        value = names[used]
        if isinstance(value, types.ModuleType):
            imports[used] = f"import {value.__name__} as {used}" if value.__name__ != used else f"import {used}"
        elif isinstance(value, type | types.FunctionType) and value.__module__ == _MAIN:
            _collect(value, used, names, found, where)
        elif (home := _home(value)) is not None:
            imports[used] = f"from {home} import {value.__name__} as {used}"
        elif isinstance(value, _PLAIN) or (isinstance(value, tuple) and all(isinstance(item, _PLAIN) for item in value)):
            values[used] = f"{used} = {value!r}"
        else:
            raise CardError(
                f"{where}: {name} uses {said(used)}, a {type(value).__name__} outside of it; expected modules, classes, "
                "functions and plain values. Give it as an argument, or write the class into a file."
            )


def _home(value: Any) -> str | None:
    """The module in which a value can be had by its own name, or None."""
    home, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    known = isinstance(home, str) and isinstance(name, str) and getattr(sys.modules.get(home), name, None) is value
    return home if known else None


def _free_names(source: str) -> list[str]:
    """The names of the module around it that a text uses, and Python has not; annotations, which are text, left out."""
    names: dict[str, None] = {}
    waiting = [symtable.symtable(source, "<text>", "exec")]
    while waiting:
        scope = waiting.pop()
        for symbol in scope.get_symbols():
            outside = symbol.is_global() or (scope.get_type() == "module" and not symbol.is_assigned())
            if outside and symbol.is_referenced() and not hasattr(builtins, symbol.get_name()):
                names[symbol.get_name()] = None
        waiting.extend(scope.get_children())
    return list(names)
