"""How long paths are written."""

from __future__ import annotations

import pytest

from workbench.tui.wording import folded


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
