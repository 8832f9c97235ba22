"""Input adapters, readouts and the helpers for padded batches."""

from __future__ import annotations

import pytest
import torch

from workbench.nn.adapters import BothEnds, EveryStep, LastStep, MeanOverSteps, TokenEmbedding, VectorInput, VectorProjection
from workbench.nn.lengths import last_valid, reverse_valid, valid_steps

STATES = torch.arange(24.0).view(2, 4, 3)
LENGTHS = torch.tensor([2, 4])


def test_valid_steps_are_those_before_the_length() -> None:
    """True up to each length, False after."""
    assert valid_steps(LENGTHS, 4).tolist() == [[True, True, False, False], [True] * 4]


def test_the_last_valid_state_is_the_one_before_the_padding() -> None:
    """With lengths the last real step, without them the last step."""
    assert last_valid(STATES, LENGTHS).tolist() == [[3, 4, 5], [21, 22, 23]]
    assert torch.equal(last_valid(STATES, None), STATES[:, -1])


def test_reversing_twice_gives_the_sequence_back() -> None:
    """Real steps are reversed, padding stays, and the reversal is its own inverse."""
    back = reverse_valid(STATES, LENGTHS)
    assert back[0, :, 0].tolist() == [3, 0, 6, 9]
    assert back[1, :, 0].tolist() == [21, 18, 15, 12]
    assert torch.equal(reverse_valid(back, LENGTHS), STATES)
    assert torch.equal(reverse_valid(STATES, None), STATES.flip(1))


def test_readouts_read_what_their_name_says() -> None:
    """Last step, mean of the real steps, and every step, each through the same linear layer."""
    last, mean, every = LastStep(3, 2), MeanOverSteps(3, 2), EveryStep(3, 2)
    for other in (mean, every):
        other.load_state_dict(last.state_dict())
    torch.testing.assert_close(every(STATES), last.linear(STATES))
    torch.testing.assert_close(last(STATES, LENGTHS)[0], every(STATES)[0, 1])
    torch.testing.assert_close(mean(STATES, LENGTHS)[0], last.linear(STATES[0, :2].mean(0)))
    torch.testing.assert_close(mean(STATES), last.linear(STATES.mean(1)))


def test_nan_in_the_padding_does_not_reach_the_mean() -> None:
    """What stands in the padding is never even multiplied."""
    states = STATES.clone()
    states[0, 2:] = float("nan")
    assert MeanOverSteps(3, 2)(states, LENGTHS).isfinite().all()


def test_the_padding_symbol_is_zero_and_stays_so() -> None:
    """Its vector is zero and gets no gradient."""
    adapter = TokenEmbedding(5, 3, padding_index=0)
    vectors = adapter(torch.tensor([[0, 4]]))
    vectors.sum().backward()
    gradient = adapter.embedding.weight.grad
    assert not vectors[0, 0].any()
    assert gradient is not None
    assert not gradient[0].any()
    assert gradient[4].all()


@pytest.mark.parametrize(
    ("adapter", "size"), [(TokenEmbedding(5, 3), 3), (VectorInput(2), 2), (VectorProjection(2, 7), 7)], ids=["t", "v", "p"]
)
def test_an_adapter_s_output_has_the_size_it_says(adapter: TokenEmbedding | VectorInput | VectorProjection, size: int) -> None:
    """`output_size` is what the backbone is built with."""
    inputs = torch.tensor([[1, 2]]) if isinstance(adapter, TokenEmbedding) else torch.randn(1, 2, 2)
    assert adapter.output_size == size
    assert adapter(inputs).shape == (1, 2, size)


def test_both_ends_are_the_last_states_of_both_directions() -> None:
    """Forwards the state at the last real step, backwards the one at the first."""
    readout = BothEnds(4, 3)
    states, lengths = torch.randn(2, 5, 4), torch.tensor([3, 5])
    ends = torch.stack([torch.cat((states[row, last, :2], states[row, 0, 2:])) for row, last in enumerate((2, 4))])
    torch.testing.assert_close(readout(states, lengths), readout.linear(ends))
