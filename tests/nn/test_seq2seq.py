"""Encoder and decoder with and without attention."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from workbench.nn.elman import ElmanLayer
from workbench.nn.encoder_decoder import Vocabulary
from workbench.nn.gru import GRULayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.recurrent import LayerFactory
from workbench.nn.seq2seq import Seq2Seq

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)
LAYERS: dict[str, LayerFactory] = {"gru": GRULayer, "lstm": LSTMLayer, "elman": ElmanLayer}
SOURCE = torch.tensor([[4, 5, 6, 7, 2], [6, 2, 0, 0, 0], [7, 7, 5, 2, 0]])
LENGTHS = torch.tensor([5, 2, 4])
TARGET_IN = torch.tensor([[1, 4, 5, 6], [1, 3, 2, 0], [1, 4, 4, 4]])


def small(layer: LayerFactory = GRULayer, *, attention: bool = True, bidirectional: bool = True, num_layers: int = 1) -> Seq2Seq:
    """A network over eight source and seven target symbols, in double precision."""
    torch.manual_seed(0)
    model = Seq2Seq(
        Vocabulary(8, 7, pad=0, start=1, end=2),
        layer,
        embedding_size=4,
        hidden_size=6,
        num_layers=num_layers,
        bidirectional=bidirectional,
        attention=attention,
    )
    return model.double().eval()


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("encoder", ["forwards", "both ways"])
@pytest.mark.parametrize("attention", ["none", "additive"])
@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_step_by_step_is_the_whole_sequence(layer: LayerFactory, attention: str, encoder: str, num_layers: int) -> None:
    """The decoder run step by step on the true symbols gives the logits of the one call over all steps."""
    model = small(layer, attention=attention == "additive", bidirectional=encoder == "both ways", num_layers=num_layers)
    expected = model(SOURCE, LENGTHS, TARGET_IN)
    assert expected.shape == (3, 4, 7)
    memory, states = model.encode(SOURCE, LENGTHS)
    steps = []
    for t in range(4):
        logits, states, _ = model.decode(TARGET_IN[:, t : t + 1], memory, states)
        steps.append(logits)
    close(torch.cat(steps, 1), expected)


def test_attention_weights_lie_on_real_source_steps() -> None:
    """Weights are a distribution over the source for each target step, and exactly zero on padding."""
    logits, weights = small().attend(SOURCE, LENGTHS, TARGET_IN)
    assert weights is not None
    assert weights.shape == (3, 4, 5)
    close(weights.sum(-1), torch.ones(3, 4, dtype=torch.float64))
    assert not weights[1, :, 2:].any()
    close(logits, small()(SOURCE, LENGTHS, TARGET_IN))


def test_without_attention_the_last_state_is_all_there_is() -> None:
    """Two sources with the same C are the same to the decoder; there are no weights to show."""
    model = small(attention=False, bidirectional=False)
    memory, states = model.encode(SOURCE, LENGTHS)
    other, _ = model.encode(SOURCE.flip(0), None)
    logits, _, weights = model.decode(TARGET_IN, memory, states)
    assert weights is None
    assert torch.equal(logits, model.decode(TARGET_IN, other, states)[0])


def test_teacher_forcing_draws_from_the_global_generator() -> None:
    """The same seed gives the same mixture; at 1 nothing is drawn, so other draws stay where they were."""
    model = small()
    torch.manual_seed(5)
    first = model(SOURCE, LENGTHS, TARGET_IN, 0.5)
    torch.manual_seed(5)
    assert torch.equal(first, model(SOURCE, LENGTHS, TARGET_IN, 0.5))
    before = torch.get_rng_state()
    model(SOURCE, LENGTHS, TARGET_IN, 1.0)
    assert torch.equal(before, torch.get_rng_state())


def test_free_running_is_what_generate_writes() -> None:
    """Up to the end symbol, the most probable symbols without teacher forcing are the generated ones."""
    model = small()
    best = model(SOURCE, LENGTHS, TARGET_IN, 0.0).argmax(-1)
    written = model.generate(SOURCE, LENGTHS, 4)
    for row, expected in zip(written.tolist(), best.tolist(), strict=True):
        stop = row.index(2) + 1 if 2 in row else len(row)
        assert row[:stop] == expected[:stop]


def test_generating_stops_when_all_have_ended() -> None:
    """A decoder that always writes the end symbol writes one step only."""
    model = small()
    with torch.no_grad():
        model.output.bias[2] = 1e9
    assert torch.equal(model.generate(SOURCE, LENGTHS, 10), torch.full((3, 1), 2))
