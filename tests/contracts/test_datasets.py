"""What every dataset keeps. A new card is tested here without a line of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workbench.cards import catalog
from workbench.contracts.datasets import CONTRACTS, Opened

NAMES = sorted(catalog.datasets())


@pytest.fixture(params=NAMES)
def opened(request: pytest.FixtureRequest, example_settings: Callable[[str], dict[str, Any]]) -> Opened:
    """A card, settings that open it here, and the opened dataset."""
    return Opened.of(catalog.datasets()[request.param], example_settings(request.param))


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_keeps_its_contracts(contract: Callable[[Opened], None], opened: Opened) -> None:
    """Each of them."""
    contract(opened)


def test_held_out_sets_are_large(opened: Opened) -> None:
    """Held-out sets have 1,000 samples each, or 10,000 tokens of a text, but for files that have fewer, as the card declares."""
    card, config, dataset = opened.card, opened.config, opened.dataset
    declared = card.held_out.samples
    if getattr(config, "path", "") or (hasattr(config, "path") and declared is not None and declared < 1000):
        return
    for split in ("validation", "test"):
        batch = dataset.held_out(split)
        assert len(batch) >= 1000 or (dataset.task.kind == "language" and batch.targets.size >= 10_000), card.name
