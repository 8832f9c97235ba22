"""How times and long paths are written."""

from __future__ import annotations

import pytest

from workbench.tui.wording import duration, folded


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "12 ms"),
        (0.123, "120 ms"),
        (4.2, "4.2 s"),
        (78.3, "80 s"),
        (211.2, "3 min 30 s"),
        (599.9, "10 min"),
        (3599, "1 h"),
        (7800, "2 h 10 min"),
        (300_000, "3 d 11 h"),
    ],
)
def test_an_expected_time_is_no_finer_than_it_can_be_known(seconds: float, words: str) -> None:
    """At most two units, rounded to what one can rely on."""
    assert duration(seconds) == words


@pytest.mark.parametrize("width", [1, 7, 20, 33, 80])
def test_a_path_is_folded_and_whole(width: int) -> None:
    """No line is longer than the width, nothing is lost but the spaces at the folds, the words keep their order."""
    text = "written to /home/someone/experiments/runs/20261125-021520-elman-echo-be91/exports/model.safetensors at last"
    lines = folded(text, width).split("\n")
    assert max(map(len, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_path_is_folded_behind_its_separators() -> None:
    """A line ends where a reader would break it."""
    lines = folded("written to /home/someone/runs/20261125-elman-echo/model.safetensors", 26).split("\n")
    assert lines == ["written to /home/someone/", "runs/20261125-elman-echo/", "model.safetensors"]
