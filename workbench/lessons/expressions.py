"""What a lesson reads of runs: values by name, and sums, products and comparisons of them.

test/accuracy                   the last value of a series
max train/loss                  its highest value
baseline mse                    what a trivial predictor scores
data.length                     a setting of the experiment
seconds                         how long the run took
step 1: test/accuracy           the same of an earlier step's run
test/mse / baseline mse < 0.1   with numbers, + - * / ( ), < <= > >= and `and`, `or`
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from workbench.saying import number

__all__ = ["BASELINE", "SECONDS", "Expression", "Values", "is_setting"]

Values: TypeAlias = Mapping[str, float]
"""What was read of one run, by name."""

BASELINE = "baseline "
"""What stands before the metric of a trivial predictor."""
SECONDS = "seconds"

_NAME = re.compile(
    r"(?:step (?P<step>\d+): )?"
    r"(?P<name>(?:max )?(?:train|validation|test|test_best)/\w+|baseline \w+|(?:model|data|optimizer|training)\.\w+|seconds\b)"
)
_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def is_setting(name: str) -> bool:
    """Whether a name is that of a setting ("data.length")."""
    return "." in name


@dataclass(frozen=True)
class Expression:
    """A value or a condition, as it is written in a lesson.

    Attributes:
        text: as it is written.
    """

    text: str

    @cached_property
    def _names(self) -> tuple[tuple[int | None, str], ...]:
        """Step (None for the own one) and name of everything that is read."""
        return tuple((int(match["step"]) if match["step"] else None, match["name"]) for match in _NAME.finditer(self.text))

    @cached_property
    def _tree(self) -> ast.expr:
        places = iter(range(len(self._names)))
        return ast.parse(_NAME.sub(lambda _match: f"_{next(places)}", self.text), mode="eval").body

    def needs(self, number: int, own: int) -> frozenset[str]:
        """What is read of the run of a step.

        Args:
            number: the step.
            own: the step in which the expression stands.
        """
        return frozenset(name for step, name in self._names if (own if step is None else step) == number)

    def value(self, values: Mapping[int, Values], own: int) -> Any:
        """What it comes to; NaN where something was not measured.

        Args:
            values: what was read of runs, by the numbers of their steps.
            own: the step in which the expression stands.
        """
        read = [values.get(own if step is None else step, {}).get(name, math.nan) for step, name in self._names]
        return _evaluated(self._tree, read)

    def holds(self, values: Mapping[int, Values], own: int) -> bool:
        """Whether a condition holds; not where something was not measured."""
        return bool(self.value(values, own))

    def written(self, values: Mapping[int, Values], own: int, *, percent: bool = False) -> str:
        """The value in words; "-" where something was not measured."""
        value = float(self.value(values, own))
        if math.isnan(value):
            return "-"
        return f"{value * 100:.3g} %" if percent and math.isfinite(value) else number(value)


def _evaluated(node: ast.expr, read: list[float]) -> Any:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case ast.Constant(float() | int() as value):
            return value
        case ast.Name(place):
            return read[int(place.removeprefix("_"))]
        case ast.UnaryOp(ast.USub(), inner):
            return -_evaluated(inner, read)
        case ast.BinOp(left, sign, right):
            try:
                return _OPERATORS[type(sign)](_evaluated(left, read), _evaluated(right, read))
            except (ZeroDivisionError, OverflowError):
                return math.nan
        case ast.Compare(left, [sign], [right]):
            return _OPERATORS[type(sign)](_evaluated(left, read), _evaluated(right, read))
        case ast.BoolOp(sign, parts):
            every = all if isinstance(sign, ast.And) else any
            return every(_evaluated(part, read) for part in parts)
    raise ValueError(f"{ast.unparse(node)}: expected values, numbers, + - * / ( ) and comparisons.")
