"""Two models' predictions on the same samples: side by side or one below the other, with what is wrong in each marked."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from workbench.cards import AnswerForm
from workbench.plotting.prediction_pairs import pair_caption, pair_lines
from workbench.plotting.predictions import PredictionSigns, Room

SIGNS = PredictionSigns()
NAMES = ("intact", "without")


def answer(given: str, target: str, predicted: str, *, judged: bool = True, **others: Any) -> dict[str, Any]:
    """One sample; right where the two are the same."""
    return {
        "input": given,
        "target": target,
        "predicted": predicted,
        "correct": target == predicted if judged else None,
        **others,
    }


def lines(first: list[Any], second: list[Any], form: AnswerForm, width: int = 60, room: Room | None = None) -> list[str]:
    """Both as lines of plain text."""
    return pair_lines(first, second, NAMES, form, SIGNS, width, room or Room()).plain.split("\n")


def test_classes_stand_in_a_row_with_a_sign_each() -> None:
    """The second model is wrong where the first one is right."""
    first = [answer("( and T F )", "false", "false"), answer("( or T F )", "true", "true")]
    second = [answer("( and T F )", "false", "false"), answer("( or T F )", "true", "false")]
    assert lines(first, second, AnswerForm.CLASS) == [
        "input        target    intact    without",
        "( and T F )  false   ✓ false   ✓ false",
        "( or T F )   true    ✓ true    ✗ false",
    ]
    text = pair_lines(first, second, NAMES, AnswerForm.CLASS, SIGNS, 60, Room())
    underlined = [text.plain[span.start : span.end] for span in text.spans if "underline" in str(span.style)]
    assert underlined == ["false"]


def test_numbers_stand_with_both_errors_or_without_any() -> None:
    """Narrow, the errors are left out before anything is cut."""
    first = [answer("0.1 1", "0.3", "0.31", judged=False)]
    second = [answer("0.1 1", "0.3", "-1.7", judged=False)]
    assert lines(first, second, AnswerForm.NUMBERS) == [
        "input  target  intact    error  without    error",
        "0.1 1  0.3000  0.3100  +0.0100  -1.7000  -2.0000",
    ]
    assert lines(first, second, AnswerForm.NUMBERS, 40) == [
        "input  target  intact  without",
        "0.1 1  0.3000  0.3100  -1.7000",
    ]


def test_several_numbers_stand_in_columns_with_the_errors_of_both() -> None:
    """Each number below its fellow."""
    first = [answer("7", "0.25 -1", "0.5 -1.5", judged=False)]
    second = [answer("7", "0.25 -1", "0.25 3", judged=False)]
    assert lines(first, second, AnswerForm.NUMBERS) == [
        "input       7",
        "target       0.25    -1",
        "intact        0.5  -1.5",
        "error       +0.25  -0.5",
        "without      0.25     3",
        "error          +0    +4",
    ]


def test_steps_stand_below_each_other_with_their_own_marks() -> None:
    """Input, target, both predictions, and a mark below each wrong step of each."""
    first, second = [answer("01101", "11011", "11010")], [answer("01101", "11011", "01001")]
    assert lines(first, second, AnswerForm.STEPS) == [
        "  input       01101",
        "  target      11011",
        "✗ intact      11010",
        "                  ^",
        "✗ without     01001",
        "              ^  ^",
    ]
    same = [answer("01101", "11011", "11011")]
    assert lines(same, second, AnswerForm.STEPS)[2] == "✓ intact      11011"


def test_long_steps_say_how_many_are_wrong_in_each() -> None:
    """The parts with something wrong in either are shown."""
    target = "0" * 200
    first = [answer("1" * 200, target, target)]
    second = [answer("1" * 200, target, "0" * 150 + "1" + "0" * 49)]
    found = lines(first, second, AnswerForm.STEPS)
    assert " ".join("".join(found[:2]).split()) == "without: 1 of 200 steps wrong, the first is step 151"
    assert sum("^" in line for line in found) == 1
    assert sum(line.startswith("✓ intact") for line in found) == 1


@pytest.mark.parametrize("width", [1, 5, 20, 31, 40, 60, 200])
@pytest.mark.parametrize("form", list(AnswerForm))
def test_any_width_will_do(form: AnswerForm, width: int) -> None:
    """Nothing is wider than the room from ten columns on, and nothing raises below."""
    first = [answer("a long enough input to be broken", "le chat noir", "le chien noir et blanc"), answer("", "", "x")]
    second = [answer("a long enough input to be broken", "le chat noir", ""), answer("", "", "")]
    found = lines(first, second, form, width)
    assert found
    if width >= 60:
        assert all(cell_len(line) <= width for line in found)


def test_sequences_are_marked_by_what_was_changed() -> None:
    """A word too many is marked alone; the target stands once and unmarked."""
    first = [answer("the cat", "le chat", "le chat")]
    second = [answer("the cat", "le chat", "le grand chat")]
    assert lines(first, second, AnswerForm.WORDS) == [
        "  input       the cat",
        "  target      le chat",
        "✓ intact      le chat",
        "✗ without     le grand chat",
        "                 ^^^^^",
    ]


def test_drawn_sequences_have_a_sign_for_being_valid() -> None:
    """What the source could not have written has the other sign."""
    first = [answer("", "BTXSE", "BPVVE", judged=False, valid=True)]
    second = [answer("", "BTXSE", "BBBBB", judged=False, valid=False)]
    found = lines(first, second, AnswerForm.CHARACTERS)
    assert [line for line in found if "BPVVE" in line] == ["✓ intact      BPVVE"]
    assert [line for line in found if "BBBBB" in line] == ["✗ without     BBBBB"]


def test_below_a_picture_stand_both() -> None:
    """The first prediction above the second."""
    below = pair_caption(answer("", "7", "7"), answer("", "7", "1"), AnswerForm.CLASS, SIGNS, 14)
    assert [line.plain for line in below] == ["✓ 7", "✗ 7 → 1"]
