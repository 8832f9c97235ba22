"""Which tests are slow, found by what a test does; `make quick` leaves those out and tells of others that took long."""

from __future__ import annotations

import functools
import gc
import inspect
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import TypeAlias

import pytest

from tests import zygote
from tests.zygote import forking_workers

TESTS = Path(__file__).parent
SLOW_FOLDERS = ("campaigns", "e2e")
"""Real programs from outside."""
REAL_STARTS = ("campaigns/", "e2e/", "test_system.py", "training/test_launch.py")
"""Here workers are what they are to a user: new programs."""
STARTS_WORKERS = "workbench.training.launch"
"""Who calls it pays for a new process that imports torch, each time."""
ONE_OF = 8
"""Of the many cases of a contract, one in so many is enough while one works."""
gc.disable()  # until all tests are found: what is imported and collected for that stays
NEW_OBJECTS = 20_000
"""From then on the collector comes after so many."""
TOO_LONG_S = 1.5
"""Processor seconds from which on a test that is not marked slow is told at the end of a quick run."""


def _survive(number: int, frame: FrameType | None) -> None:
    """Ignore a signal without handing that on: what is caught is the default again in a program that is started."""


def _handler(number: int) -> Handler:
    """What a signal does here. Under nohup, and behind a shell's `&`, some are ignored; programs started here are not to be."""
    known = signal.getsignal(number)
    if known is not signal.SIG_IGN:
        return known
    return signal.default_int_handler if number == signal.SIGINT else _survive


Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]
HANDLERS = {number: _handler(number) for number in SIGNALS}
"""What signals do in the process that runs the tests."""


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """A worker's work that is done in this process ignores Ctrl-C; so would every program that a later test starts from here."""
    _restore_signals()
    yield
    _restore_signals()


@pytest.fixture(scope="module", autouse=True)
def forked_workers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Workers are forked by a process that has torch, but where their start itself is tried."""
    where = request.path.relative_to(TESTS).as_posix()
    with nullcontext() if sys.platform != "linux" or where.startswith(REAL_STARTS) else forking_workers():
        yield


def pytest_sessionfinish() -> None:
    """No process outlives its tests."""
    zygote.end()


def _restore_signals() -> None:
    for number, handler in HANDLERS.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, before `-m` chooses."""
    of_function: Counter[tuple[Path, str]] = Counter()
    of_file: Counter[Path] = Counter()
    contracts: list[str] = []
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        folder = item.path.relative_to(TESTS).parts[0]
        name = item.originalname
        if folder in SLOW_FOLDERS or item.get_closest_marker("slow") or _starts_workers(item):
            slow = True
        elif folder == "tui" and _drives_an_app(item):
            slow = of_file[item.path] > 0  # the first of each file tells that the screen works at all
            of_file[item.path] += 1
        elif folder == "contracts":
            if name not in contracts:
                contracts.append(name)
            # another beginning for each contract: a card that one contract leaves out meets the next
            slow = (of_function[item.path, name] + contracts.index(name)) % ONE_OF != 0
            of_function[item.path, name] += 1
        else:
            slow = False
        if slow:
            item.add_marker(pytest.mark.slow)


def _drives_an_app(item: pytest.Function) -> bool:
    """Whether a test of the interface opens an app: those that wait do, and those that take a picture."""
    return inspect.iscoroutinefunction(item.function) or "snap_compare" in item.fixturenames


def _starts_workers(item: pytest.Function) -> bool:
    """Whether a test or one of its fixtures reaches for what starts workers."""
    fixtures = [known[-1].func for known in item._fixtureinfo.name2fixturedefs.values()]
    return any(_reaches_workers(inspect.unwrap(function)) for function in (item.function, *fixtures))


@functools.cache
def _reaches_workers(function: object) -> bool:
    """Whether a function of the tests, or one that it calls, names the module that starts workers."""
    waiting, seen = [function], set()
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("tests."):
            continue
        seen.add(function)
        for name in function.__code__.co_names:
            value = function.__globals__.get(name)
            if isinstance(value, ModuleType) and value.__name__ == STARTS_WORKERS:
                return True
            waiting.append(value)
    return False


def pytest_collection_finish() -> None:
    """What has been imported stays, and the collector comes seldom, as in the interface, a third of whose tests it was."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    gc.enable()


def _cpu_s() -> float:
    """Processor seconds of this process and of those it waited for."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note what a test costs, whatever else the machine does."""
    before = _cpu_s()
    try:
        return (yield)
    finally:
        item.user_properties.append(("cpu_s", round(_cpu_s() - before, 2)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """After a quick run: which tests belong to the slow ones."""
    if config.option.markexpr != "not slow":
        return
    costs = {
        report.nodeid: value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == "cpu_s" and isinstance(value, float)
    }
    for nodeid, cost in sorted(costs.items(), key=lambda entry: -entry[1]):
        if cost >= TOO_LONG_S:
            terminalreporter.write_line(f"took {cost:.1f} s of processor time; mark it slow or make it cheaper: {nodeid}")
