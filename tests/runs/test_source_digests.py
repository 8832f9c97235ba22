"""Which files decide a run's numbers, and that a changed one is seen."""

from __future__ import annotations

import workbench.architectures.elman
import workbench.architectures.gru
import workbench.datasets.echo
import workbench.nn.elman
import workbench.tasks.label
import workbench.tasks.regress  # noqa: F401
from workbench.runs.source_digests import is_unchanged, loaded_sources


def test_a_run_depends_on_its_own_cards_and_on_what_computes() -> None:
    """Not on other cards, and not on what keeps or shows runs."""
    sources = loaded_sources(("elman", "echo", "sgd", "label"))
    assert {
        "architectures/elman.py",
        "architectures/_recurrent_card.py",
        "datasets/echo.py",
        "nn/elman.py",
        "tasks/label.py",
        "cards/task.py",
    } <= set(sources)
    assert not {"architectures/gru.py", "tasks/regress.py", "runs/source_digests.py", "errors.py"} & set(sources)


def test_a_file_that_changed_or_is_gone_is_seen() -> None:
    """So is a run that says nothing of its sources."""
    sources = loaded_sources(("elman", "echo", "sgd"))
    assert is_unchanged(sources)
    assert not is_unchanged({**sources, "nn/elman.py": "0" * 16})
    assert not is_unchanged({**sources, "nn/no_such_file.py": "0" * 16})
    assert not is_unchanged({})
