"""The Transformer that writes: its steps against its likelihood; and backbones that go on from where they were."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.autoregressive import Alphabet
from workbench.nn.contexts import ClassContext
from workbench.nn.decoder_only_transformer import DecoderOnlyTransformer
from workbench.nn.sequence_model import CarriesState
from workbench.nn.tdnn import TimeDelayNetwork
from workbench.nn.transformer_encoder import Shape, TransformerEncoder

PAD, END, FIRST = 0, 2, 4
TARGETS = torch.tensor([[4, 5, 6, 4, END], [6, END, PAD, PAD, PAD], [END, PAD, PAD, PAD, PAD]])


def writer(norm: str = "pre") -> DecoderOnlyTransformer:
    """Three symbols, for one of three classes, in double precision."""
    torch.manual_seed(2)
    shape = Shape(8, 2, 16, norm=norm)  # type: ignore[arg-type]  # one of the two words
    return DecoderOnlyTransformer(Alphabet(3, FIRST, PAD, END), shape, max_length=6, context=ClassContext(3, 8)).double()


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_likelihood_is_the_product_of_the_steps(norm: str) -> None:
    """Choice by choice, with keys and values kept from the steps before, and no symbol after the end counts."""
    model, inputs = writer(norm), torch.tensor([0, 1, 2])
    for row, context in zip(TARGETS, inputs, strict=True):
        choices = [3 if index == END else int(index) - FIRST for index in row if index != PAD]
        total, last, state = 0.0, None, model.begin(context[None])
        for number, choice in enumerate(choices):
            log_probs, state = model.step(number, last, state)
            assert log_probs.exp().sum().item() == pytest.approx(1)
            total -= log_probs[0, choice].item()
            last = torch.tensor([choice])
        assert model.nll(context[None], row[None]).item() == pytest.approx(total, abs=1e-12)
    torch.testing.assert_close(model.nll(inputs, TARGETS)[1:2], model.nll(inputs[1:2], TARGETS[1:2, :2]))


def test_a_writer_writes_for_its_context() -> None:
    """Another class gives another likelihood."""
    model = writer()
    assert model.nll(torch.tensor([0]), TARGETS[:1]).item() != model.nll(torch.tensor([1]), TARGETS[:1]).item()


def backbones() -> list[nn.Module]:
    """Causal ones with several layers, in double precision."""
    torch.manual_seed(3)
    encoders = [TransformerEncoder(Shape(6, 2, 8), 2, name, 9, causal=True) for name in ("sinusoidal", "learned", "none")]
    return [*(e.double() for e in encoders), TimeDelayNetwork(6, 5, 3, kernel_size=2, dilation=2, causal=True).double()]


@pytest.mark.parametrize("backbone", backbones(), ids=["sinusoidal", "learned", "none", "tdnn"])
def test_a_causal_backbone_goes_on_from_where_it_was(backbone: nn.Module) -> None:
    """In pieces of four, one and two steps it gives what it gives in one piece."""
    features = torch.randn(2, 7, 6, dtype=torch.float64)
    assert isinstance(backbone, CarriesState)
    states, found = None, []
    for piece in torch.split(features, [4, 1, 2], 1):
        outputs, states = backbone.run(piece, states)
        found.append(outputs)
    whole: Tensor = backbone(features)
    torch.testing.assert_close(torch.cat(found, 1), whole, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("backbone", [TransformerEncoder(Shape(6, 2, 8), 1, "none", 9), TimeDelayNetwork(6, 5)])
def test_one_that_sees_the_future_cannot(backbone: CarriesState) -> None:
    """A step would depend on what has not come yet."""
    with pytest.raises(TypeError, match="only a causal"):
        backbone.run(torch.zeros(1, 3, 6), None)
