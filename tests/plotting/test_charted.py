"""What of a run can be charted."""

from __future__ import annotations

from workbench.plotting.charted import charted_metrics, direction, metric_of, spans_decades

TAGS = (
    "train/grad_norm",
    "train/loss",
    "train/lr",
    "test/mse",
    "test_best/mse",
    "validation/loss",
    "validation/mse",
    "made/up",
    "validation/start_distance",
)


def test_tags_of_one_metric_are_one_entry() -> None:
    """All splits of a metric stand together, the task's own metrics first; a series of unknown split stands for itself."""
    assert {metric.name: metric.tags for metric in charted_metrics(TAGS)} == {
        "loss": ("train/loss", "validation/loss"),
        "mse": ("validation/mse", "test/mse", "test_best/mse"),
        "grad_norm": ("train/grad_norm",),
        "lr": ("train/lr",),
        "start_distance": ("validation/start_distance",),
        "made/up": ("made/up",),
    }
    names = [metric.name for metric in charted_metrics(TAGS)]
    assert (names[0], names[-1]) == ("loss", "made/up")
    assert sorted(tag for metric in charted_metrics(TAGS) for tag in metric.tags) == sorted(TAGS)


def test_a_metric_is_explained_by_its_card() -> None:
    """Meaning and direction come from the kind of task; a learning rate has no direction, and a claim's highest value has."""
    (mse,) = charted_metrics(["test/mse"])
    assert mse.meaning == "mean squared error"
    assert [split.label for split in mse.splits] == ["test"]
    assert [direction(name) for name in ("mse", "accuracy", "lr", "made/up")] == [
        "lower is better",
        "higher is better",
        "",
        "",
    ]
    assert [spans_decades(name) for name in ("mse", "grad_norm", "accuracy", "lr")] == [True, True, False, False]
    assert metric_of("max train/loss") == metric_of("test_best/loss") == "loss"
