"""A path that is dropped is taken for what it is, by its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.files.others import OTHERS
from workbench.experiment.proposal import propose


@pytest.mark.parametrize(("name", "content", "dataset"), OTHERS, ids=[name for name, _, _ in OTHERS])
def test_what_it_is_taken_for(name: str, content: object, dataset: str, tmp_path: Path) -> None:
    """And the experiment on it holds together."""
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif callable(content):
        content(path)
    proposal = propose(path)
    assert proposal.dataset == dataset
    assert proposal.experiment.task.kind
