"""What a model answered, in lines: each kind of answer so that it can be read, with what is wrong marked by signs."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from workbench.cards import AnswerForm
from workbench.plotting.predictions import PredictionSigns, Room, caption, prediction_form, prediction_lines, score_words

SIGNS = PredictionSigns()


def lines(items: list[dict[str, Any]], form: AnswerForm, width: int = 76, room: Room | None = None) -> list[str]:
    """The answers as lines of plain text."""
    return prediction_lines(items, form, SIGNS, width, room or Room()).plain.split("\n")


def answer(given: str, target: str, predicted: str, *, correct: bool | None = None, **others: Any) -> dict[str, Any]:
    """One sample; right where the two are the same unless said otherwise."""
    return {
        "input": given,
        "target": target,
        "predicted": predicted,
        "correct": target == predicted if correct is None else correct,
        **others,
    }


def number(given: str, target: str, predicted: str) -> dict[str, Any]:
    """One sample that nobody judges right or wrong."""
    return {"input": given, "target": target, "predicted": predicted, "correct": None}


def test_classes_stand_behind_their_input() -> None:
    """Input first, then target, then prediction; a sign says whether it is right."""
    found = lines([answer("( and T F )", "false", "false"), answer("( or T F )", "true", "false")], AnswerForm.CLASS)
    assert found == [
        "   input        target  prediction",
        "✓  ( and T F )  false   false",
        "✗  ( or T F )   true    false",
    ]


def test_a_long_input_says_how_long_it_is_and_is_whole_when_asked_for() -> None:
    """Two lines of it and its length; or all of it, from end to end."""
    tree = " ".join(f"[and {place}" for place in range(100))
    room = Room()
    found = lines([answer(tree, "true", "true")], AnswerForm.CLASS, room=room)
    assert len(found) == 3
    assert f"... {len(tree)} characters" in found[2]
    assert room.shortened
    room = Room(whole=True)
    found = lines([answer(tree, "true", "true")], AnswerForm.CLASS, room=room)
    assert "".join(line[3:57] for line in found[1:]).replace(" ", "") == tree.replace(" ", "")
    assert not room.shortened


def test_numbers_stand_with_their_error() -> None:
    """Target, prediction and difference, ending at the same column."""
    found = lines([number("0.1 1", "0.3", "0.31"), number("0.1 0", "-12", "-12.5")], AnswerForm.NUMBERS)
    assert found == [
        "input    target  prediction    error",
        "0.1 1    0.3000      0.3100  +0.0100",
        "0.1 0  -12.0000    -12.5000  -0.5000",
    ]


def test_several_numbers_stand_in_columns() -> None:
    """Each number below its fellow, the error below both; the input too where it has as many."""
    found = lines([number("0.5 1 ... 3", "0.25 -1 ... 2", "0.5 -1.5 ... 2")], AnswerForm.NUMBERS)
    assert found == [
        "input         0.5     1  ...   3",
        "target       0.25    -1  ...   2",
        "prediction    0.5  -1.5  ...   2",
        "error       +0.25  -0.5       +0",
    ]


def test_many_numbers_fill_their_lines_evenly() -> None:
    """Nine numbers that do not fit in one line stand in two of five and four."""
    text = " ".join(f"0.{place}2345" for place in range(9))
    found = lines([number("0 1", text, text)], AnswerForm.NUMBERS)
    assert [len(line.split()) - 1 for line in found if line.startswith("target")] == [5, 4]


def test_short_sequences_stand_side_by_side_with_marks_below() -> None:
    """A sign below each wrong symbol; a symbol too many makes no other one wrong."""
    found = lines([answer("123", "321", "321"), answer("2512", "2152", "21952")], AnswerForm.CHARACTERS)
    assert found == [
        "   input  target  prediction",
        "✓  123    321     321",
        "✗  2512   2152    21952",
        "                    ^",
    ]


def test_what_is_missing_is_marked_in_the_target() -> None:
    """The answer has nothing there that a sign could stand below."""
    *_, row, below = lines([answer("a", "bcd", "bd")], AnswerForm.CHARACTERS)
    assert below.index("^") == row.index("bcd") + 1


def test_steps_stand_below_each_other() -> None:
    """Where input, target and prediction have no room side by side, each step stands below its fellow."""
    bits, truth, ours = "0111011110101000000001010", "·····01110111101010000000", "·····01110111101011000001"
    found = lines([answer(bits, truth, ours)], AnswerForm.STEPS)
    assert found == [
        f"✗ input       {bits}",
        f"  target      {truth}",
        f"  prediction  {ours}",
        "                                ^     ^",
    ]


def test_steps_with_long_names_keep_their_columns() -> None:
    """A class of several letters takes its column, the sign below it is as wide as what is wrong."""
    found = lines([answer("a dog runs " * 3, "DET NOUN VERB " * 3, "DET VERB VERB " + "DET NOUN VERB " * 2)], AnswerForm.STEPS)
    columns = [found[0].index("dog"), found[1].index("NOUN"), found[2].index("VERB"), found[3].index("^^^^")]
    assert len(set(columns)) == 1


def test_of_a_long_sequence_the_wrong_parts_are_shown() -> None:
    """A thousand steps, wrong at 500 and 900 alone: the beginning and those two parts, and words on all between them."""
    truth = "01" * 500
    ours = "".join("x" if step in {500, 900} else sign for step, sign in enumerate(truth, 1))
    room = Room()
    found = lines([answer(truth, truth, ours)], AnswerForm.STEPS, room=room)
    assert found[0].split(maxsplit=1) == ["✗", "2 of 1,000 steps wrong, the first is step 500"]
    assert [line.strip() for line in found if line.strip().startswith("steps")] == [
        "steps 63 to 496: all right",
        "steps 559 to 868: all right",
        "steps 931 to 1,000: all right",
    ]
    marked = [place for place, line in enumerate(found) if "^" in line]
    assert [found[place - 1][found[place].index("^")] for place in marked] == ["x", "x"]
    assert room.shortened
    whole = lines([answer(truth, truth, ours)], AnswerForm.STEPS, room=Room(whole=True))
    assert "".join(line.split()[-1] for line in whole if "prediction" in line) == ours


def test_sentences_are_compared_word_by_word() -> None:
    """Whole words are marked, in target and prediction, and a line ends between two words."""
    given = "you sleep near the museum today and tomorrow."
    target, ours = "vous dormez près du musée aujourd'hui et demain.", "vous avez près du musée et demain."
    found = lines([answer(given, target, ours)], AnswerForm.WORDS, 60)
    assert found == [
        "✗ input       you sleep near the museum today and tomorrow.",
        "  target      vous dormez près du musée aujourd'hui et",
        "                   ^^^^^^               ^^^^^^^^^^^",
        "  prediction  vous avez près du musée et demain.",
        "                   ^^^^",
        "  target      demain.",
    ]


def test_wide_characters_and_combining_marks_keep_their_places() -> None:
    """A character of two columns has a sign of two; a combining mark takes none and stays with its letter."""
    *_, row, below = lines([answer("he eats", "他吃", "他喝")], AnswerForm.CHARACTERS)
    before = row[: row.index("喝")]
    assert cell_len(below[: below.rindex(" ") + 1]) == cell_len(before)
    assert below.endswith(" ^^")
    *_, below = lines([answer("x", "कि", "की")], AnswerForm.CHARACTERS)
    assert below.count("^") == 2 * cell_len("की")


def test_draws_without_a_context_are_valid_or_not() -> None:
    """No input and no right answer, since there is none; a sign says what the source could have written."""
    items = [
        {"input": "(nothing)", "target": "aab", "predicted": "abab", "correct": None, "valid": True},
        {"input": "(nothing)", "target": "ba", "predicted": "bb", "correct": None, "valid": False},
    ]
    assert lines(items, AnswerForm.CHARACTERS) == [
        "valid  some of the data    drawn by the model",
        "✓      aab                 abab",
        "✗      ba                  bb",
    ]
    assert score_words(items) == "1 of 2 valid"


def test_draws_for_a_context_stand_behind_it() -> None:
    """The context, the sequence in the data, and the one drawn for it; what is no valid one is compared with the data's."""
    items = [
        {"input": "class 3", "target": "cab", "predicted": "cab", "correct": True, "valid": True},
        {"input": "class 4", "target": "dab", "predicted": "dad", "correct": False, "valid": False},
        {"input": "class 5", "target": "eb", "predicted": "ec", "correct": False, "valid": True},
    ]
    head, *rows = lines(items, AnswerForm.CHARACTERS)
    assert head.split()[:3] == ["valid", "right", "input"]
    assert rows[0].split() == ["✓", "✓", "class", "3", "cab", "cab"]
    assert rows[2].split() == ["^", "^"]
    assert rows[3].split() == ["✓", "✗", "class", "5", "eb", "ec"]
    assert len(rows) == 4
    assert score_words(items) == "1 of 3 right, 2 of 3 valid"


def test_below_a_picture_stands_what_was_answered() -> None:
    """A right class alone; a wrong one behind its target; of a wrong word also where it is wrong."""

    def below(item: dict[str, Any], form: AnswerForm) -> list[str]:
        return [line.plain for line in caption(item, form, SIGNS, 20)]

    assert below(answer("", "7", "7"), AnswerForm.CLASS) == ["✓ 7"]
    assert below(answer("", "7", "1"), AnswerForm.CLASS) == ["✗ 7 → 1"]
    assert below(answer("", "seven", "sevan"), AnswerForm.CHARACTERS) == ["✗ seven", "→ sevan", "     ^"]


@pytest.mark.parametrize("width", [1, 10, 40, 76, 154])
@pytest.mark.parametrize("form", list(AnswerForm), ids=str)
def test_no_width_is_too_small_and_none_is_exceeded(form: AnswerForm, width: int) -> None:
    """Odd texts of every form in every width; from forty columns on nothing is wider than that."""
    long = " ".join(str(place) for place in range(60))
    items = [answer("", "", "x"), answer(long, long, long[5:]), answer("a", "b" * 90, "")]
    for whole in (False, True):
        found = lines(items, form, width, Room(whole=whole))
        assert width < 40 or max(map(cell_len, found)) <= width


def test_older_probes_are_read_by_what_they_look_like() -> None:
    """Probes that do not say what their answers are made of: numbers, words, characters, or steps."""
    assert prediction_form({"answers": "steps", "items": []}) is AnswerForm.STEPS
    assert prediction_form({"items": [number("1", "2", "3")]}) is AnswerForm.NUMBERS
    assert prediction_form({"items": [answer("a b", "c d", "c")]}) is AnswerForm.WORDS
    assert prediction_form({"items": [answer("ab", "cd", "c")]}) is AnswerForm.CHARACTERS
    assert prediction_form({"items": [answer("ab", "cd", "ce")]}) is AnswerForm.STEPS
