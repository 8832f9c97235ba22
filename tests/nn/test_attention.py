"""Attention: masks, weights, and torch's own multi-head attention as oracle."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.attention import AdditiveAttention, masked_softmax
from workbench.nn.multi_head import MultiHeadAttention

close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-12)


def test_masked_softmax_shares_among_real_places() -> None:
    """Where the mask is False the weight is exactly zero, and the others sum to one."""
    scores = torch.tensor([[1.0, 2.0, 3.0]])
    weights = masked_softmax(scores, torch.tensor([[True, True, False]]))
    assert weights[0, 2] == 0
    torch.testing.assert_close(weights[0, :2], scores[0, :2].softmax(-1))


def test_masked_softmax_of_nothing_is_nothing() -> None:
    """A row without a real place gives zeros, with a gradient of zeros, and never NaN."""
    scores = torch.full((2, 3), float("inf"), requires_grad=True)
    weights = masked_softmax(scores, torch.zeros(2, 3, dtype=torch.bool))
    assert not weights.any()
    (gradient,) = torch.autograd.grad(weights.sum(), scores)
    assert not gradient.any()


def test_additive_attention_is_its_equation() -> None:
    """One weight worked out by the formula equals the module's, and the context is the weighted sum."""
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 4, 5).double()
    states, memory = torch.randn(2, 2, 3, dtype=torch.float64), torch.randn(2, 6, 4, dtype=torch.float64)
    contexts, weights = attention(states, memory, attention.project(memory), None)
    w, u, v = attention.query.weight, attention.key, attention.score.weight[0]
    scores = torch.stack([v @ torch.tanh(w @ states[1, 0] + u(memory[1, j])) for j in range(6)])
    close(weights[1, 0], scores.softmax(-1))
    close(contexts[1, 0], weights[1, 0] @ memory[1])


@pytest.fixture
def pair() -> tuple[MultiHeadAttention, nn.MultiheadAttention]:
    """Our attention and torch's, with the same weights."""
    torch.manual_seed(0)
    ours = MultiHeadAttention(8, 2).double().eval()
    theirs = nn.MultiheadAttention(8, 2, batch_first=True).double().eval()
    copy_attention(theirs, ours)
    return ours, theirs


def copy_attention(theirs: nn.MultiheadAttention, ours: MultiHeadAttention) -> None:
    """Torch keeps the three input projections in one matrix."""
    with torch.no_grad():
        theirs.in_proj_bias.normal_()
        for index, projection in enumerate((ours.query, ours.key, ours.value)):
            projection.weight.copy_(theirs.in_proj_weight.chunk(3)[index])
            projection.bias.copy_(theirs.in_proj_bias.chunk(3)[index])
        ours.output.load_state_dict(theirs.out_proj.state_dict())


def test_multi_head_attention_is_torch_s(pair: tuple[MultiHeadAttention, nn.MultiheadAttention]) -> None:
    """Outputs and weights agree, with padding and with the causal mask; torch marks what is blocked, we what is seen."""
    ours, theirs = pair
    queries, memory = torch.randn(3, 4, 8, dtype=torch.float64), torch.randn(3, 6, 8, dtype=torch.float64)
    seen = torch.arange(6) < torch.tensor([6, 2, 4])[:, None]
    expected, weights = theirs(queries, memory, memory, key_padding_mask=~seen, average_attn_weights=False)
    close(ours(queries, memory, seen[:, None, None]), expected)
    close(ours.weights(queries, memory, seen[:, None, None]), weights)
    blocked = torch.ones(6, 6, dtype=torch.bool).triu(1)
    expected, weights = theirs(memory, memory, memory, attn_mask=blocked, average_attn_weights=False)
    close(ours(memory, memory, causal=True), expected)
    close(ours.weights(memory, memory, causal=True), weights)


def test_a_sequence_without_real_steps_gives_no_nan(pair: tuple[MultiHeadAttention, nn.MultiheadAttention]) -> None:
    """Blocked everywhere, attention answers with finite numbers."""
    memory: Tensor = torch.randn(1, 3, 8, dtype=torch.float64)
    assert pair[0](memory, memory, torch.zeros(1, 1, 1, 3, dtype=torch.bool)).isfinite().all()


def test_attention_dropout_is_the_rate_of_its_layer() -> None:
    """A rate changed on the dropout layer takes effect in training, and none in evaluation."""
    attention = MultiHeadAttention(8, 2)
    x = torch.randn(2, 5, 8)
    assert torch.equal(attention(x, x), attention(x, x))
    attention.dropout.p = 0.5
    assert not torch.equal(attention(x, x), attention(x, x))
    attention.eval()
    assert torch.equal(attention(x, x), attention(x, x))
