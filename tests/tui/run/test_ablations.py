"""What is measured of a checkpoint and what comes next, in which order parts stand, and how they are called."""

from __future__ import annotations

from workbench.training.parts import Part
from workbench.tui.run.ablations import Ablations, Measured, headed_names, numbered, short_names


def measured(loss: float, accuracy: float = 0.5) -> Measured:
    """Scores without predictions."""
    return Measured({"loss": loss, "accuracy": accuracy}, 10, 10, [], "class", None)


HEADS = numbered("attention/head", 3)
SKIP = Part("skip")


def test_the_intact_model_comes_first_and_nothing_twice() -> None:
    """What is asked for by itself goes before what waits; what is known or being measured is not wanted again."""
    known = Ablations(20)
    assert not known.begin()
    known.want(HEADS)
    assert known.waiting == [None, *HEADS]
    assert known.begin()
    assert known.now == [None]
    assert not known.begin()
    known.want([SKIP], first=True)
    assert known.waiting == [SKIP, *HEADS]
    known.take(measured(0.5))
    assert known.begin()
    known.take(measured(0.6))
    known.want([SKIP, *HEADS])
    assert known.waiting == HEADS
    known.want([HEADS[2]], first=True)
    assert known.waiting == [HEADS[2], HEADS[0], HEADS[1]]
    assert known.busy
    known.stop()
    assert not known.busy
    known.want([])
    assert not known.busy


def test_parts_are_ranked_by_what_their_loss_costs() -> None:
    """By the metric that is asked for; parts that are not measured stand behind."""
    known = Ablations(20, intact=measured(0.5, 0.9))
    known.off = {HEADS[1]: measured(0.7, 0.95), HEADS[2]: measured(0.6, 0.2)}
    assert known.metrics == ["accuracy", "loss"]
    assert known.ranked(HEADS, "loss") == [HEADS[1], HEADS[2], HEADS[0]]
    assert known.ranked(HEADS, "accuracy") == [HEADS[2], HEADS[1], HEADS[0]]
    change = known.change(HEADS[2], "accuracy")
    assert change is not None
    assert change.verdict == "worse"
    assert known.change(HEADS[0], "loss") is None
    assert known.change(HEADS[1], "nobody_knows") is None


def test_names_lose_what_all_have_in_common() -> None:
    """The part itself stays, also where there is one alone."""
    assert short_names(["backbone.layers.0/reset_gate", "backbone.layers.0/unit"]) == {
        "backbone.layers.0/reset_gate": "reset_gate",
        "backbone.layers.0/unit": "unit",
    }
    assert short_names(["a.b/x", "a.c/x"]) == {"a.b/x": "b/x", "a.c/x": "c/x"}
    assert short_names(["a/x", "y"]) == {"a/x": "a/x", "y": "y"}
    assert list(short_names(["a.layers.0/x", "a.layers.1/x"]).values()) == ["layers.0/x", "layers.1/x"]
    assert short_names([]) == {}


def test_parts_stand_below_the_layer_that_they_belong_to() -> None:
    """A layer is what ends in a number; where all are of one there is no heading."""
    names = ["encoder.positions/encoding", "encoder.layers.0/skip", "encoder.layers.0.attention/head", "layers.1/skip", "scores"]
    assert list(headed_names(names).values()) == [
        ("encoder", "positions/encoding"),
        ("encoder.layers.0", "skip"),
        ("encoder.layers.0", "attention/head"),
        ("layers.1", "skip"),
        ("model", "scores"),
    ]
    assert headed_names(["backbone.layers.0/unit", "backbone.layers.0/reset_gate"]) == {
        "backbone.layers.0/unit": ("", "unit"),
        "backbone.layers.0/reset_gate": ("", "reset_gate"),
    }
    deep = headed_names(["backbone.layers.0/unit", "backbone.layers.1/unit"])
    assert list(deep.values()) == [("layers.0", "unit"), ("layers.1", "unit")]


def test_a_score_that_the_intact_model_does_not_get_comes_last() -> None:
    """It ranks no part: without any of them it is nothing as well."""
    assert Ablations(20, intact=measured(2.0, 0.0)).metrics == ["loss", "accuracy"]
