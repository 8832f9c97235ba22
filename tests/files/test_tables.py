"""Every table gives the right numbers, or one line that says how to mend the file or what to set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.files.tables import TABLES, MadeTable
from workbench.datasets.table import TableCard
from workbench.errors import DataError
from workbench.experiment.proposal import propose

SMALL = {"window": 4, "washout": 1, "scaling": "none"}


def named(made: MadeTable) -> str:
    return made.name


@pytest.mark.parametrize("made", [made for made in TABLES if made.columns], ids=named)
def test_the_right_numbers(made: MadeTable, tmp_path: Path) -> None:
    """In the file's order, or in that of its times; and what is odd is told."""
    path = made.write(tmp_path)
    settings = {"input_columns": ",".join(f'"{name}"' for name in made.columns), **SMALL, **made.settings}
    data = TableCard.open(TableCard.Config.model_validate({"path": str(path), **settings}))
    for place, numbers in enumerate(made.columns.values()):
        first = np.concatenate([window[:, place] for window in data.held_out("validation").inputs])
        read = data._made.rows.inputs[: len(numbers), place]
        assert read.tolist() == pytest.approx(numbers)
        assert np.isfinite(first).all()
    assert all(any(part in notice for notice in data.notices) for part in made.notices), data.notices
    assert not any("\n" in notice for notice in data.notices)


@pytest.mark.parametrize("made", [made for made in TABLES if made.line], ids=named)
def test_one_line_says_what_to_do(made: MadeTable, tmp_path: Path) -> None:
    """Where it is, what was got and what was expected; never a traceback, and never a wait."""
    path = made.write(tmp_path)
    with pytest.raises(DataError) as error:
        TableCard.open(TableCard.Config.model_validate({"path": str(path), **SMALL, **made.settings}))
    assert made.line in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith((".", "?", ")"))


@pytest.mark.parametrize("made", TABLES, ids=named)
def test_a_path_that_is_dropped(made: MadeTable, tmp_path: Path) -> None:
    """It becomes an experiment that holds together, or it is said in one line why not."""
    path = made.write(tmp_path)
    try:
        proposal = propose(path)
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right
        return
    assert proposal.dataset in {"table", "text", "series"}
    assert proposal.experiment.task.kind
    if made.columns and not made.settings:
        assert proposal.dataset == "table"
