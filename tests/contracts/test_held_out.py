"""What every dataset declares of its held-out samples is what one finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.cards import Batch, Dataset, catalog
from workbench.cards.held_out import KINDS

BATCHES, SIZE, RUN = 200, 32, 8


def inputs_of(batch: Batch) -> list[bytes]:
    """Each input by its content, without padding."""
    if batch.lengths is None:
        return [row.tobytes() for row in batch.inputs]
    return [row[:end].tobytes() for row, end in zip(batch.inputs, batch.lengths.tolist(), strict=True)]


def targets_of(batch: Batch) -> list[bytes]:
    """Each target by its content, without padding."""
    return [row.tobytes().rstrip(b"\0") for row in batch.targets]


def pairs_of(batch: Batch) -> list[tuple[bytes, bytes]]:
    """Each sample by its content."""
    return list(zip(inputs_of(batch), targets_of(batch), strict=True))


def met_in_training(dataset: Dataset, batch: Batch) -> float:
    """Share of the samples that are among those of 200 batches."""
    trained = {pair for step in range(BATCHES) for pair in pairs_of(dataset.train_batch(0, step, SIZE))}
    return sum(pair in trained for pair in pairs_of(batch)) / max(1, len(batch))


def stretches(inputs: NDArray[np.generic]) -> float:
    """How many windows would have as many different values as these, without overlapping."""
    runs = np.lib.stride_tricks.sliding_window_view(inputs[..., 0], RUN, axis=1)  # (n, places, RUN)
    return float(len(np.unique(runs.reshape(-1, RUN), axis=0)) / runs.shape[1])


def effective(kind: str, batch: Batch) -> int:
    """How many of the samples count, by what the kind says of them."""
    match kind:
        case "disjoint" | "fresh":
            return len(set(inputs_of(batch)))
        case "same space":
            return len(set(pairs_of(batch)))
        case "fixed":
            return len(set(targets_of(batch)))
        case _:
            return round(stretches(batch.inputs))


@pytest.mark.parametrize("name", catalog.datasets())
def test_what_is_declared_is_what_is_found(name: str, example_settings: Callable[[str], dict[str, Any]]) -> None:
    """Kind, number of samples, how many count, and the share that training meets."""
    card = catalog.datasets()[name]
    declared = card.held_out
    assert declared.kind in KINDS
    assert declared.kind != "unstated", f"{name}: say in `held_out` how held-out samples stand to training"
    assert declared.sentence.endswith(".")
    needed = example_settings(name) if declared.samples is None else {}
    dataset = card.open(card.Config.model_validate(needed))
    test, validation = dataset.held_out("test"), dataset.held_out("validation")
    if declared.samples is not None:
        assert len(test) == declared.samples
        assert effective(declared.kind, test) == declared.effective
    assert met_in_training(dataset, test) == pytest.approx(declared.met, abs=0.02)
    assert met_in_training(dataset, validation) == pytest.approx(declared.met, abs=0.04)
    if declared.kind in ("disjoint", "fresh", "overlapping"):
        assert not set(inputs_of(test)) & set(inputs_of(validation))
        assert declared.met == 0


@pytest.mark.parametrize("name", ["mnist", "toy_translation"])
def test_what_is_stored_and_disjoint_shares_nothing_at_all(name: str) -> None:
    """All training samples are looked at, not only some batches."""
    card = catalog.datasets()[name]
    dataset = card.open(card.Config())
    assert dataset.num_train is not None
    trained = {hash(row) for row in inputs_of(dataset.train_batch(0, 0, dataset.num_train))}
    held = [hash(row) for split in ("test", "validation") for row in inputs_of(dataset.held_out(split))]
    assert len(trained) == dataset.num_train
    assert not trained & set(held)
