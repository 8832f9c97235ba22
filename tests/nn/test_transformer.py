"""The Transformer's layers against torch's, and what positions and masks do."""

from __future__ import annotations

from functools import partial
from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.encoder_decoder import Vocabulary
from workbench.nn.multi_head import MultiHeadAttention
from workbench.nn.positions import Positions, sinusoidal
from workbench.nn.transformer import DecoderLayer, Transformer
from workbench.nn.transformer_encoder import EncoderLayer, Shape, TransformerEncoder

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)
Norm = Literal["pre", "post"]
each_norm = pytest.mark.parametrize("norm", ["pre", "post"])


def copy_attention(theirs: nn.MultiheadAttention, ours: MultiHeadAttention) -> None:
    """Torch keeps the three input projections in one matrix."""
    for index, projection in enumerate((ours.query, ours.key, ours.value)):
        projection.weight.copy_(theirs.in_proj_weight.chunk(3)[index])
        projection.bias.copy_(theirs.in_proj_bias.chunk(3)[index])
    ours.output.load_state_dict(theirs.out_proj.state_dict())


def copy_rest(theirs: nn.Module, ours: EncoderLayer | DecoderLayer) -> None:
    """Feed-forward network and normalisations; all of torch's made random first, so that none is trivially equal."""
    ours.feedforward.first.load_state_dict(theirs.get_submodule("linear1").state_dict())
    ours.feedforward.second.load_state_dict(theirs.get_submodule("linear2").state_dict())
    for index, norm in enumerate(ours.norms, 1):
        norm.load_state_dict(theirs.get_submodule(f"norm{index}").state_dict())


@each_norm
def test_an_encoder_layer_is_torch_s(norm: Norm) -> None:
    """Same weights, same outputs: with padding and with the causal mask."""
    torch.manual_seed(0)
    ours = EncoderLayer(Shape(8, 2, 16, norm=norm)).double().eval()
    theirs = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=norm == "pre").double().eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.normal_()
        copy_attention(theirs.self_attn, ours.attention)
        copy_rest(theirs, ours)
    x = torch.randn(3, 5, 8, dtype=torch.float64)
    seen = torch.arange(5) < torch.tensor([5, 2, 4])[:, None]
    expected = theirs(x, src_key_padding_mask=~seen)
    found = ours(x, seen[:, None, None])
    close(found[seen], expected[seen])
    blocked = torch.ones(5, 5, dtype=torch.bool).triu(1)
    close(ours(x, causal=True), theirs(x, src_mask=blocked))


@each_norm
def test_a_decoder_layer_is_torch_s(norm: Norm) -> None:
    """Same weights, same outputs, with a padded memory."""
    torch.manual_seed(0)
    ours = DecoderLayer(Shape(8, 2, 16, norm=norm)).double().eval()
    theirs = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True, norm_first=norm == "pre").double().eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.normal_()
        copy_attention(theirs.self_attn, ours.attention)
        copy_attention(theirs.multihead_attn, ours.cross_attention)
        copy_rest(theirs, ours)
    x, memory = torch.randn(3, 5, 8, dtype=torch.float64), torch.randn(3, 4, 8, dtype=torch.float64)
    seen = torch.arange(4) < torch.tensor([4, 1, 3])[:, None]
    blocked = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = theirs(x, memory, tgt_mask=blocked, memory_key_padding_mask=~seen)
    close(ours(x, memory, seen[:, None, None]), expected)


@each_norm
def test_a_decoder_layer_step_by_step_is_the_whole_sequence(norm: Norm) -> None:
    """With keys and values kept from step to step, each step gives what the layer gives over all steps."""
    torch.manual_seed(0)
    layer = DecoderLayer(Shape(8, 2, 16, norm=norm)).double()
    x, memory = torch.randn(3, 5, 8, dtype=torch.float64), torch.randn(3, 4, 8, dtype=torch.float64)
    mask = (torch.arange(4) < torch.tensor([4, 1, 3])[:, None])[:, None, None]
    cache = layer.start(memory)
    steps = []
    for t in range(5):
        step, cache = layer.step(x[:, t : t + 1], cache, mask)
        steps.append(step)
    close(torch.cat(steps, 1), layer(x, memory, mask))


def test_a_causal_encoder_does_not_see_the_future() -> None:
    """Changing x after step t leaves outputs up to t bit for bit the same; without the mask it changes them."""
    torch.manual_seed(0)
    x = torch.randn(2, 6, 8)
    other = x.clone()
    other[:, 3:] += 1
    causal = TransformerEncoder(Shape(8, 2, 16), 2, "sinusoidal", 6, causal=True)
    assert torch.equal(causal(x)[:, :3], causal(other)[:, :3])
    full = TransformerEncoder(Shape(8, 2, 16), 2, "sinusoidal", 6)
    assert not torch.allclose(full(x)[:, :3], full(other)[:, :3])


def test_without_positions_order_does_not_matter() -> None:
    """A permuted sequence gives permuted states, unless steps know their places."""
    torch.manual_seed(0)
    x, order = torch.randn(2, 6, 8, dtype=torch.float64), torch.randperm(6)
    blind = TransformerEncoder(Shape(8, 2, 16), 2, "none", 6).double()
    close(blind(x[:, order]), blind(x)[:, order])
    seeing = TransformerEncoder(Shape(8, 2, 16), 2, "sinusoidal", 6).double()
    assert not torch.allclose(seeing(x[:, order]), seeing(x)[:, order])


@pytest.mark.parametrize("size", [6, 7])
def test_sinusoids_are_their_formula(size: int) -> None:
    """Sine at even, cosine at odd places, with wavelengths in geometric progression."""
    table = sinusoidal(9, size)
    for t in range(9):
        for i in range(size):
            angle = torch.tensor(t / 10_000 ** ((i - i % 2) / size))
            expected = angle.cos() if i % 2 else angle.sin()
            torch.testing.assert_close(table[t, i], expected)


def test_positions_start_where_they_are_told_and_grow_when_they_must() -> None:
    """Sinusoids past the table are computed; learned places count as parameters, fixed ones are not even stored."""
    fixed, learned = Positions("sinusoidal", 4, 5), Positions("learned", 4, 5)
    zeros = torch.zeros(1, 3, 4)
    torch.testing.assert_close(fixed(zeros, 6)[0], sinusoidal(9, 4)[6:])
    assert torch.equal(learned(zeros, 1)[0], learned.table[1:4])
    assert [*fixed.state_dict()] == []
    assert [*learned.state_dict()] == ["table"]


def small(positions: Literal["sinusoidal", "learned", "none"] = "sinusoidal") -> Transformer:
    """A Transformer over eight symbols."""
    torch.manual_seed(0)
    vocabulary = Vocabulary(8, 8, pad=0, start=1, end=2)
    return Transformer(vocabulary, Shape(8, 2, 16), positions=positions, max_source_length=5, max_target_length=4).eval()


def test_generating_ends_at_the_last_learned_place() -> None:
    """With learned positions no more symbols are written than places were learned; sinusoids go on."""
    source: Tensor = torch.tensor([[4, 5, 2], [6, 2, 0]])
    learned, fixed = small("learned"), small()
    for model in (learned, fixed):
        with torch.no_grad():
            model.output.bias[2] = -1e9  # it never ends by itself
    assert learned.generate(source, torch.tensor([3, 2]), 9).shape == (2, 4)
    assert fixed.generate(source, torch.tensor([3, 2]), 9).shape == (2, 9)


def test_embeddings_start_at_unit_size_after_scaling() -> None:
    """What enters the layers has the size of the positions' sines: about one per component."""
    torch.manual_seed(0)
    model = Transformer(Vocabulary(500, 500, 0, 1, 2), Shape(32, 2, 16))
    vectors = model.source_embedding(torch.arange(4, 500)).detach()
    assert vectors.std().item() == pytest.approx(1, rel=0.05)
