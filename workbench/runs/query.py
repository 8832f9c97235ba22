"""The words of `--filter` and of the Runs screen's search field.

    adding lstm            both words stand in the run's id, name, title, preset, note or tags
    state:finished         also arch: data: tag: name: preset: id: (a part of the word is enough, for `tag:` the whole)
    loss<0.1 step>=100     numbers: < <= > >= = !=, of step total seconds size value, a tag (`test/accuracy`), or a tag's
                           last part (`accuracy`: test before validation before train)
    -word  -state:lost     not
    @good                  what was saved under that name, see `workbench.runs.filters`

All parts must hold. Large and small letters are the same. A field that does not exist is refused, and so is a value that no run
can have.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from workbench.cards.catalog import known_metrics
from workbench.errors import UsageError
from workbench.extensions import extension_names
from workbench.runs.filters import saved_filter
from workbench.runs.records import STATES
from workbench.saying import close, nearest
from workbench.typed import number_hint, number_of

if TYPE_CHECKING:
    from workbench.runs.summary import RunSummary

__all__ = ["parse_query"]

Test = Callable[["RunSummary"], bool]

_TEXTS: dict[str, Callable[[RunSummary], str]] = {
    "arch": lambda run: run.architecture,
    "architecture": lambda run: run.architecture,
    "data": lambda run: run.dataset,
    "dataset": lambda run: run.dataset,
    "id": lambda run: run.id,
    "model": lambda run: run.architecture,
    "name": lambda run: run.name,
    "note": lambda run: run.note,
    "preset": lambda run: f"{run.preset} {run.title}",
    "state": lambda run: run.state,
    "title": lambda run: run.title,
}
_ARCHITECTURES = ("an architecture", "workbench architectures", lambda: extension_names("workbench.architectures"))
_DATASETS = ("a dataset", "workbench datasets", lambda: extension_names("workbench.datasets"))
_CLOSED: dict[str, tuple[str, str, Callable[[], Iterable[str]]]] = {
    "arch": _ARCHITECTURES,
    "architecture": _ARCHITECTURES,
    "model": _ARCHITECTURES,
    "data": _DATASETS,
    "dataset": _DATASETS,
    "state": ("a state", "", lambda: (*STATES, "lost", "damaged")),
}
"""Fields that have one of a few values: what these are, the command that lists them, and they."""
_NUMBERS: dict[str, Callable[[RunSummary], float | None]] = {
    "seconds": lambda run: run.seconds,
    "size": lambda run: run.size,
    "step": lambda run: run.step,
    "total": lambda run: run.total,
    "value": lambda run: run.value,
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPARISON = re.compile(r"([\w/.]+)(<=|>=|!=|==|<|>|=)(.*)")
_FIELD = re.compile(r"([a-z]+):(.*)")


def parse_query(query: str, runs: Sequence[RunSummary] = ()) -> Test:
    """What a query asks, as a test on a run's summary.

    Args:
        query: what was typed.
        runs: those that are asked: their architectures, datasets and metrics are known, besides this version's own.
    Raises:
        UsageError: a part of it cannot be read, or names something that there is not.
    """
    return _all_of(query, runs, ())


def _all_of(query: str, runs: Sequence[RunSummary], within: tuple[str, ...]) -> Test:
    """All parts of a query; `within`: the saved filters that it is part of."""
    tests = [_part(part, runs, within) for part in query.lower().split()]
    return lambda run: all(test(run) for test in tests)


def _part(part: str, runs: Sequence[RunSummary], within: tuple[str, ...]) -> Test:
    if part.startswith("-") and len(part) > 1:
        test = _part(part[1:], runs, within)
        return lambda run: not test(run)
    if part.startswith("@") and len(part) > 1:
        name = part[1:]
        if name in within:
            raise UsageError(f"filter '{part}': it names itself; expected words and comparisons. Save it anew.")
        return _all_of(saved_filter(name), runs, (*within, name))
    if comparison := _COMPARISON.fullmatch(part):
        return _comparison(part, comparison[1], comparison[2], comparison[3], runs)
    if (named := _FIELD.fullmatch(part)) and (named[1] in _TEXTS or named[1] == "tag" or named[2]):
        return _named(part, named[1], named[2], runs)
    return lambda run: any(part in text for text in _words(run))


def _words(run: RunSummary) -> list[str]:
    texts = (run.id, run.name, run.title, run.preset, run.note, run.architecture, run.dataset, *run.tags)
    return [text.lower() for text in texts]


def _named(part: str, name: str, value: str, runs: Sequence[RunSummary]) -> Test:
    if not value:
        raise UsageError(f"filter '{part}': nothing after the colon; expected {name}:WORD.")
    if name == "tag":
        return lambda run: value in [tag.lower() for tag in run.tags]
    if name not in _TEXTS:
        raise UsageError(f"filter '{part}': unknown field '{name}'. {nearest(name, sorted([*_TEXTS, 'tag']))}")
    text = _TEXTS[name]
    if name in _CLOSED and not any(value in text(run).lower() for run in runs):
        expected, lister, words = _CLOSED[name]
        known = [word.lower() for word in words()]
        if not any(value in word for word in known):
            raise UsageError(f"filter '{part}': got '{value}'; expected {expected}. {nearest(value, known, lister)}")
    return lambda run: value in text(run).lower()


def _comparison(part: str, name: str, sign: str, number: str, runs: Sequence[RunSummary]) -> Test:
    threshold = number_of(number)
    if threshold is None or math.isnan(threshold):
        hint = number_hint(number)
        raise UsageError(f"filter '{part}': got '{number}'; expected a number, as in loss<0.1.{hint and ' '}{hint}")
    _check_metric(part, name, runs)
    holds = _COMPARISONS[sign]

    def test(run: RunSummary) -> bool:
        value = _NUMBERS[name](run) if name in _NUMBERS else _value(run, name)
        return value is not None and holds(value, threshold)

    return test


def _check_metric(part: str, name: str, runs: Sequence[RunSummary]) -> None:
    """A name that nothing has and that is nearly another one is a slip; any other may be what some model measures of itself."""
    if name in _NUMBERS or any(_value(run, name) is not None for run in runs):
        return
    known = {tag.lower() for run in runs for tag in run.values} | set(known_metrics())
    known |= {tag.rpartition("/")[2] for tag in known} | _NUMBERS.keys()
    if name.rpartition("/")[2] not in known and (near := close(name, sorted(known))):
        raise UsageError(f"filter '{part}': no run has '{name}'; expected a metric or another number of a run. {near}")


def _value(run: RunSummary, name: str) -> float | None:
    """A run's newest value of a tag, given whole or by its last part."""
    values = {tag.lower(): value for tag, value in run.values.items()}
    for tag in (name, f"test/{name}", f"validation/{name}", f"train/{name}"):
        if tag in values:
            return values[tag]
    return None
