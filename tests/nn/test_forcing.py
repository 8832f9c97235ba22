"""Scheduled sampling means one thing in every model that can be trained on its own output."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.adapters import EveryStep, VectorInput
from workbench.nn.conditional import ConditionalModel
from workbench.nn.elman import ElmanLayer
from workbench.nn.encoder_decoder import Vocabulary
from workbench.nn.forcing import drawn_forcing
from workbench.nn.jordan import JordanModel
from workbench.nn.recurrent import RecurrentStack
from workbench.nn.seq2seq import Seq2Seq
from workbench.nn.sequence_model import SequenceModel

BATCH, LENGTH, CLASSES = 4, 7, 5


def test_every_step_of_every_sequence_has_a_coin_of_its_own() -> None:
    """The share of true steps is as asked, and sequences of a batch differ from one another."""
    torch.manual_seed(0)
    forced = drawn_forcing(torch.zeros(200, 50), 0.3)
    assert forced.double().mean().item() == pytest.approx(0.3, abs=0.02)
    assert len({tuple(row) for row in forced.tolist()}) > 150


def test_running_freely_draws_no_random_number() -> None:
    """At 0 the generator is left where it was, so that an evaluation changes nothing that follows."""
    before = torch.get_rng_state()
    assert not drawn_forcing(torch.zeros(3, 4), 0.0).any()
    assert torch.equal(torch.get_rng_state(), before)


def labels_model(kind: str) -> tuple[nn.Module, Callable[[Tensor, float], Tensor]]:
    """A model in double precision, and its logits (batch, length, classes) for true symbols and a share of them."""
    torch.manual_seed(3)
    inputs = torch.randn(BATCH, LENGTH, 2, dtype=torch.float64)
    if kind == "jordan":
        jordan = JordanModel(VectorInput(2), CLASSES, hidden_size=6).double()
        return jordan, lambda labels, share: jordan.forced(inputs, None, labels, share)
    if kind == "conditional":
        conditional = ConditionalModel(VectorInput(2), ElmanLayer, CLASSES, hidden_size=6).double()
        return conditional, lambda labels, share: conditional.forced(inputs, None, labels, share)
    source = torch.randint(4, 9, (BATCH, 3))
    translator = Seq2Seq(Vocabulary(9, CLASSES, 0, 1, 2), ElmanLayer, embedding_size=4, hidden_size=6).double()

    def logits(labels: Tensor, share: float) -> Tensor:
        start = torch.full_like(labels[:, :1], 1)
        found: Tensor = translator(source, None, torch.cat((start, labels[:, :-1]), 1), share)
        return found

    return translator, logits


@pytest.mark.parametrize("kind", ["jordan", "conditional", "seq2seq"])
def test_symbols_fed_back_are_those_of_each_sequence_and_constants(kind: str) -> None:
    """Outputs and gradients are those of teacher forcing with the symbols that the coins chose, as constants."""
    model, logits = labels_model(kind)
    labels = torch.randint(0, CLASSES, (BATCH, LENGTH))
    torch.manual_seed(4)
    mixed = logits(labels, 0.5)
    torch.manual_seed(4)
    coins = torch.rand(BATCH, LENGTH) < 0.5
    if kind != "jordan":  # a coin stands for what a step reads; the label of a step is read at the next one
        coins = torch.cat((coins[:, 1:], coins[:, :1]), 1)
    fed = torch.where(coins, labels, mixed.argmax(-1))
    expected = logits(fed, 1.0)
    torch.testing.assert_close(mixed, expected, rtol=1e-12, atol=1e-12)
    ours = torch.autograd.grad(mixed.square().sum(), list(model.parameters()), allow_unused=True, materialize_grads=True)
    theirs = torch.autograd.grad(expected.square().sum(), list(model.parameters()), allow_unused=True, materialize_grads=True)
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


def test_values_fed_back_are_constants() -> None:
    """A forecast's gradient is that of the same inputs given from outside."""
    torch.manual_seed(5)
    model = SequenceModel(VectorInput(1), RecurrentStack(ElmanLayer, 1, 6, 1, 0.0), EveryStep(6, 1)).double()
    series = torch.randn(BATCH, LENGTH, 1, dtype=torch.float64)
    torch.manual_seed(6)
    mixed = model.scheduled(series, 0.4)
    torch.manual_seed(6)
    coins = torch.rand(BATCH, LENGTH) < 0.4
    coins[:, 0] = True
    own = torch.cat((series[:, :1], mixed.detach()[:, :-1]), 1)
    expected = model(torch.where(coins[..., None], series, own))
    torch.testing.assert_close(mixed, expected, rtol=1e-12, atol=1e-12)
    ours, theirs = (torch.autograd.grad(found.square().sum(), list(model.parameters())) for found in (mixed, expected))
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)
