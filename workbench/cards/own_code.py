"""Code of the user's own: files of Python that a person named, what is kept of them, and which may be run.

Only what a person names is imported: a file in an experiment (`[model] file = "my_net.py"`), or a folder (`--cards DIR`,
`WORKBENCH_CARDS`). From then on that very text, known by its SHA-256, is kept in `<config folder>/code` and may be run again: a
run that was started with it is resumed with it, whatever the file holds by then. A run or an export from elsewhere names a text
that is not there; it is refused until the person allows it with `--trust-code`, which says path and digest first.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import os
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import CardError
from workbench.paths import CONFIG_ENV, checked_path, config_folder, missing_hint, resolved
from workbench.saying import one_line, said
from workbench.system import write_whole

__all__ = [
    "CARDS_ENV",
    "CodeFile",
    "UntrustedCodeError",
    "asking",
    "classes_in",
    "code_of",
    "digest_of",
    "failure",
    "folder_files",
    "imported",
    "keep",
    "known_code",
    "offer",
    "offered_in",
    "parse",
    "read_code",
]

CARDS_ENV = "WORKBENCH_CARDS"
"""Environment variable that names folders of cards, parted as those of PATH are."""
_LARGEST = 1_000_000
_DIGEST = 64
_offered: dict[str, CodeFile] = {}
"""Texts from run folders and exports, by digest: none of them is run because it lies here."""
_allowed: dict[str, CodeFile] = {}
"""Texts that a person named or allowed in this process, by digest."""
_modules: dict[str, types.ModuleType] = {}
_asked: list[Callable[[CodeFile], bool]] = []
"""Who is asked about a text that is not allowed yet; none where nobody said --trust-code."""


class UntrustedCodeError(CardError):
    """A run or an export needs code that nobody on this machine has named or allowed."""


@dataclass(frozen=True)
class CodeFile:
    """A file of Python.

    Attributes:
        path: where it was read, absolute.
        text: what it holds.
        sha256: digest of the text.
    """

    path: str
    text: str
    sha256: str

    @property
    def stem(self) -> str:
        """Its name without `.py`."""
        return Path(self.path).stem

    @property
    def kept_name(self) -> str:
        """What it is called where it is kept: several texts of one name have a place each."""
        return f"{self.stem}-{self.sha256[:12]}.py"


def read_code(given: str | Path, where: str, base: Path | None = None) -> CodeFile:
    """A file that a person named, which may be run from now on.

    Args:
        given: its path, relative to the current folder or to `base`.
        where: what it was given for, for messages.
        base: folder of the file that names it.
    Raises:
        CardError: it cannot be read, or is not Python.
    """
    path = checked_path(given, where, CardError)
    if not path.is_absolute() and not path.exists() and base is not None and (base / path).exists():
        path = base / path
    code = _read(path, where)
    if code.sha256 not in _allowed:
        _allowed[code.sha256] = code
        with suppress(CardError):  # where nothing can be kept, this process can use it all the same
            keep(code)
    return code


def _read(path: Path, where: str) -> CodeFile:
    try:
        if path.is_dir():
            raise CardError(f"{where}: {path}: is a folder; expected a file of Python. Name a .py file in it.")
        if path.exists() and not path.is_file():
            raise CardError(f"{where}: {path}: is a pipe, socket or device; expected a file of Python.")
        if path.stat().st_size > _LARGEST:
            raise CardError(f"{where}: {path}: has {path.stat().st_size:,} bytes; expected at most {_LARGEST:,}. Shorten it.")
        raw = path.read_bytes()
    except OSError as error:
        hint = missing_hint(path) or "Check the path."
        raise CardError(f"{where}: {path}: cannot be read: {error.strerror or error}. {hint}") from error
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CardError(f"{where}: {path}: line {line}: not UTF-8; expected a file of Python. Save it as UTF-8.") from error
    code = CodeFile(str(resolved(path)), text, digest_of(text))
    parse(code, where)
    return code


def parse(code: CodeFile, where: str) -> ast.Module:
    """The syntax tree of a file; nothing of it is run.

    Raises:
        CardError: it is not Python.
    """
    try:
        return _tree(code)
    except SyntaxError as error:
        raise CardError(f"{where}: {code.path}: line {error.lineno}: not Python: {error.msg}. Correct the line.") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CardError(f"{where}: {code.path}: not Python: {one_line(str(error))}. Name a .py file.") from error


@lru_cache(maxsize=64)
def _tree(code: CodeFile) -> ast.Module:
    """Kept, since a form reads its file again whenever something changes."""
    return ast.parse(code.text, code.path)


def digest_of(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# What may be run -------------------------------------------------------------------------------------------------------


def code_of(sha256: str, path: str, where: str) -> CodeFile:
    """The text of a digest that a run or an export names, where it may be run.

    Args:
        sha256: its digest.
        path: where it was when the run was started, for messages.
        where: what names it, for messages.
    Raises:
        UntrustedCodeError: nobody has named or allowed it here.
        CardError: it is allowed and nowhere to be found.
    """
    if code := known_code(sha256):
        return code
    offered = _offered.get(sha256)
    if offered is not None and any(ask(offered) for ask in _asked):
        keep(offered)
        return offered
    what = f"{where}: needs code of its own, {said(path)} with SHA-256 {said(sha256[:12])}"
    if offered is None:
        raise UntrustedCodeError(f"{what}, which is not here. Take the run or export with its code from where it was made.")
    raise UntrustedCodeError(
        f"{what}, which nobody has allowed here. Read it in {said(offered.path)}, then say --trust-code (in Python "
        "trust_code=True) to run it."
    )


def known_code(sha256: str) -> CodeFile | None:
    """A text that may be run, or None."""
    if sha256 not in _allowed and len(sha256) == _DIGEST and sha256.isalnum():
        with suppress(OSError, UnicodeDecodeError, ValueError):
            path, _, text = (_folder() / f"{sha256}.py").read_text(encoding="utf-8").partition("\n")
            if digest_of(text) == sha256 and path.startswith("# "):
                _allowed[sha256] = CodeFile(path.removeprefix("# "), text, sha256)
    return _allowed.get(sha256)


def keep(code: CodeFile) -> None:
    """Keep a text that a person named or allowed, so that it may be run in later processes too.

    Raises:
        CardError: the folder cannot be written.
    """
    _allowed[code.sha256] = code
    path = _folder() / f"{code.sha256}.py"
    try:
        if not path.exists():
            write_whole(path, f"# {code.path}\n{code.text}")
    except OSError as error:
        raise CardError(
            f"{path}: cannot be written: {error.strerror or error}. Make the folder writable, or name another in {CONFIG_ENV}."
        ) from error


def offer(codes: Iterable[CodeFile]) -> None:
    """Texts that came with a run or an export. They are not run unless a person allows them."""
    for code in codes:
        _offered.setdefault(code.sha256, code)


def offered_in(folder: Path) -> list[CodeFile]:
    """The texts in a run's folder of code; what cannot be read is left out."""
    found = []
    with suppress(OSError):
        for path in sorted(folder.glob("*.py"))[:100]:
            with suppress(CardError):
                found.append(_read(path, "code"))
    return found


@contextmanager
def asking(answer: Callable[[CodeFile], bool]) -> Iterator[None]:
    """While this lasts, a text that is not allowed is asked about. `answer`: whether it is allowed from now on."""
    _asked.append(answer)
    try:
        yield
    finally:
        _asked.remove(answer)


def _folder() -> Path:
    return config_folder() / "code"


# Running it ------------------------------------------------------------------------------------------------------------


def imported(code: CodeFile, where: str) -> types.ModuleType:
    """The module of a text that may be run; it is run once per process.

    Its name ends in the file's, so that what a card draws at random is the same when the text changes.

    Raises:
        CardError: it fails.
    """
    if code.sha256 in _modules:
        return _modules[code.sha256]
    if known_code(code.sha256) is None:
        raise CardError(f"{where}: {code.path}: may not be run. Name the file, or allow it with --trust-code.")
    module = types.ModuleType(f"workbench_own_{code.sha256[:12]}.{code.stem}")
    module.__file__ = code.path
    linecache.cache[code.path] = (len(code.text), None, code.text.splitlines(keepends=True), code.path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(code.text, code.path, "exec"), module.__dict__)  # noqa: S102 - the person named this file
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise CardError(f"{where}: {failure(code, error)}") from error
    _modules[code.sha256] = module
    return module


def failure(code: CodeFile, error: BaseException) -> str:
    """What failed in a user's file: path, line and error in one line."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == code.path]
    place = f"{code.path}: line {lines[-1]}" if lines else code.path
    return one_line(f"{place}: {type(error).__name__}: {error}. Correct the file.")


def folder_files(given: str) -> list[Path]:
    """The files of Python in the folders that `WORKBENCH_CARDS` names; those whose names begin with _ are no cards.

    Raises:
        CardError: one is no folder.
    """
    files: list[Path] = []
    for part in filter(str.strip, given.split(os.pathsep)):
        folder = checked_path(part, CARDS_ENV, CardError)
        if not folder.is_dir():
            raise CardError(f"{CARDS_ENV}: {folder}: no such folder; expected a folder of cards. Check --cards.")
        files += sorted(path for path in folder.glob("*.py") if not path.name.startswith(("_", ".", "test_")))
    return files


def classes_in(module: types.ModuleType, base: type[Any]) -> dict[str, type[Any]]:
    """The classes that a module defines of a kind, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    }
