"""What a row knows of its setting."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from workbench.cards import Config, OptimizerSettings, setting
from workbench.experiment.settings import TrainingConfig
from workbench.tui.form.fields import Field, fields_of, show_value


class Everything(Config):
    """One setting of each kind."""

    size: int = setting(64, "Size.", ge=1, le=4096, unit="units")
    layers: int = setting(1, "Layers.", ge=1, le=12)
    rate: float = setting(1e-3, "Rate.", gt=0, live=True)
    share: float = setting(0.5, "Share.", ge=0, le=1)
    limit: float = setting(0.0, "Limit.", ge=0)
    on: bool = setting(True, "On.")
    kind: Literal["a", "b", "c"] = setting("a", "Kind.")
    path: str = setting("", "Path.")
    maybe: int | None = setting(None, "Maybe.")
    channels: tuple[int, ...] = setting((8, 16), "Channels.", advanced=True)


FIELDS = {field.key: field for field in fields_of("model", Everything)}


def field(key: str) -> Field:
    return FIELDS[key]


def test_kinds_bounds_and_words_are_read_from_the_schema() -> None:
    """Kind, range, unit and flags of every setting follow from its declaration."""
    assert [FIELDS[key].kind for key in FIELDS] == [
        "int", "int", "float", "float", "float", "bool", "choice", "text", "int", "list",
    ]  # fmt: skip
    assert field("size").range_text == "1 to 4096"
    assert field("rate").range_text == "above 0"
    assert field("limit").range_text == "0 or more"
    assert field("kind").range_text == "a, b, c"
    assert field("on").range_text == "on or off"
    assert field("rate").live
    assert field("channels").advanced
    assert (field("size").name, field("size").unit) == ("model.size", "units")


@pytest.mark.parametrize(
    ("value", "text"),
    [(64, "64"), (5e-3, "5e-3"), (1e-5, "1e-5"), (0.25, "0.25"), (0.0, "0"), (1e6, "1e6"), (True, "on"),
     (None, ""), ((8, 16), "8, 16"), (0.123456789, "0.123456789")],
)  # fmt: skip
def test_values_are_shown_short_and_without_loss(value: Any, text: str) -> None:
    """A value is written as people write it, and a float can be read back exactly."""
    assert show_value(value) == text
    if isinstance(value, float):
        assert float(text) == value


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("size", "128", 128), ("size", "1e3", 1000), ("size", "2.5", 2.5), ("size", "many", "many"), ("rate", "3e-4", 3e-4),
     ("rate", "0,5", "0,5"), ("on", "off", False), ("on", "perhaps", "perhaps"), ("kind", "b", "b"), ("path", " a b ", "a b"),
     ("maybe", "", None), ("maybe", "3", 3), ("channels", "4, 8", [4, 8]), ("channels", "[4]", [4]),
     ("channels", "4", [4]), ("channels", "", []), ("channels", "a, b", ["a", "b"])],
)  # fmt: skip
def test_text_becomes_a_value_and_what_cannot_be_read_stays_text(key: str, text: str, value: Any) -> None:
    """Typed text is read as the setting's kind; nonsense is kept for the check to refuse."""
    assert field(key).parse(text) == value


def test_a_wrong_value_is_explained_with_its_bounds() -> None:
    """The problem of one value names the value and what was expected; a right one has none."""
    assert field("size").problem(0) == "got 0; expected a whole number, 1 to 4096."
    assert field("rate").problem("fast") == "got fast; expected a number, above 0."
    assert field("kind").problem("d") == "got d; expected a, b, c."
    assert field("size").problem(4096) is None


@pytest.mark.parametrize(
    ("key", "value", "up", "down"),
    [("size", 64, 128, 32), ("size", 4096, 4096, 2048), ("size", 100, 200, 50), ("layers", 1, 2, 1), ("layers", 12, 12, 11),
     ("rate", 1e-3, 2e-3, 5e-4), ("rate", 3e-3, 5e-3, 2e-3), ("share", 0.5, 0.55, 0.45), ("share", 1.0, 1.0, 0.95),
     ("limit", 0.0, 1.0, 0.0), ("kind", "c", "a", "b"), ("on", True, False, False)],
)  # fmt: skip
def test_a_step_goes_to_the_next_round_value_within_bounds(key: str, value: Any, up: Any, down: Any) -> None:
    """Left and right visit round numbers, doubled sizes and choices, and stop at the bounds."""
    assert field(key).step(value, 1) == pytest.approx(up) if isinstance(up, float) else field(key).step(value, 1) == up
    assert field(key).step(value, -1) == pytest.approx(down) if isinstance(down, float) else field(key).step(value, -1) == down


@pytest.mark.parametrize("table", ["optimizer", "training"])
def test_every_setting_of_the_loop_steps_to_values_that_are_right(table: str) -> None:
    """From its default no setting can be stepped to a value that its own bounds refuse."""
    config = OptimizerSettings if table == "optimizer" else TrainingConfig
    for each in fields_of(table, config):
        value = each.default
        for direction in (1, 1, 1, -1, -1, -1, -1, -1, -1):
            if each.steppable:
                value = each.step(value, direction)
                assert each.problem(value) is None, (each.name, value)


def test_a_value_that_is_no_number_steps_to_the_default() -> None:
    """A row holding nonsense comes back to life with an arrow key."""
    assert field("size").step("many", 1) == 64


@pytest.mark.parametrize(
    "text",
    ["1e400", "nan", "inf", "-inf", "1e-400", "10,000", "1,000", "9" * 400, "1 000", "\u0661", "1\n2", "\u202e5", "😀"],
)
@pytest.mark.parametrize("name", ["rate", "size"])
def test_no_text_silently_becomes_another_number(name: str, text: str) -> None:
    """What is no number, too large to be one, or ambiguous is refused in words, and stepping from it raises nothing."""
    each = field(name)
    value = each.parse(text)
    assert each.problem(value)
    assert show_value(value) == show_value(value)
    for direction in (1, -1):
        each.step(value, direction)
