"""Parts that are switched off: against networks that never had them, with the same weights otherwise."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.ablation import altered, overwritten, parts_of, without
from workbench.nn.attention import AdditiveAttention
from workbench.nn.bp import BPNetwork
from workbench.nn.elman import ElmanLayer
from workbench.nn.gru import GRULayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.multi_head import MultiHeadAttention
from workbench.nn.names import Kernel, MissingGRUGate, MissingLSTMGate
from workbench.nn.positions import Positions
from workbench.nn.recurrent import RecurrentStack
from workbench.nn.residual import ResidualBlock
from workbench.nn.transformer_encoder import EncoderLayer, Shape

KERNELS: tuple[Kernel, ...] = ("torch", "manual", "loop")


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def rows_without(weight: Tensor, block: int, size: int) -> Tensor:
    """A stacked weight or bias without one gate's rows."""
    return torch.cat((weight[: block * size], weight[(block + 1) * size :]))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("gate", "block"), [("reset_gate", 0), ("update_gate", 1)])
def test_a_gru_without_a_gate_is_the_one_that_was_built_without(kernel: Kernel, gate: MissingGRUGate, block: int) -> None:
    """The same outputs as with `without = update_gate` and the other weights."""
    layer = GRULayer(3, 5, kernel=kernel).double()
    twin = GRULayer(3, 5, without=gate).double()
    with torch.no_grad():
        for ours, theirs in zip(layer.rnn.parameters(), twin.rnn.parameters(), strict=True):
            theirs.copy_(rows_without(ours, block, 5))
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    intact = layer(inputs)[0]
    with without(layer, gate):
        outputs = layer(inputs)[0]
    torch.testing.assert_close(outputs, twin(inputs)[0])
    assert not torch.equal(outputs, intact)
    assert torch.equal(layer(inputs)[0], intact)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("gate", "block"), [("input_gate", 0), ("forget_gate", 1), ("output_gate", 3)])
def test_an_lstm_without_a_gate_is_the_one_that_was_built_without(kernel: Kernel, gate: MissingLSTMGate, block: int) -> None:
    """The gate is 1 at all times."""
    layer = LSTMLayer(3, 5, kernel=kernel).double()
    twin = LSTMLayer(3, 5, without=gate).double()
    with torch.no_grad():
        for ours, theirs in zip(layer.rnn.parameters(), twin.rnn.parameters(), strict=True):
            theirs.copy_(rows_without(ours, block, 5))
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    with without(layer, gate):
        outputs = layer(inputs)[0]
    torch.testing.assert_close(outputs, twin(inputs)[0])


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_silent_unit_is_one_that_is_not_there(kernel: Kernel) -> None:
    """A network with its row and column taken out gives the other units the same states."""
    layer = ElmanLayer(3, 5, kernel=kernel).double()
    twin = ElmanLayer(3, 4).double()
    kept = [0, 1, 3, 4]
    weight_ih, weight_hh, bias_ih, bias_hh = layer.rnn.all_weights[0]
    with torch.no_grad():
        for theirs, ours in zip(
            twin.rnn.all_weights[0], (weight_ih[kept], weight_hh[kept][:, kept], bias_ih[kept], bias_hh[kept]), strict=True
        ):
            theirs.copy_(ours)
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    with without(layer, "unit", 2):
        outputs = layer(inputs)[0]
    torch.testing.assert_close(outputs[..., kept], twin(inputs)[0])
    assert not outputs[..., 2].any()


def test_a_head_that_is_off_is_missing_from_the_sum() -> None:
    """The output is that of the other heads, by their weights and values."""
    attention = MultiHeadAttention(12, 3).double()
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    mixed = (attention.weights(x, x) @ attention.project(x)[1])[:, [0, 2]]  # (B, 2, T, d)
    columns = [*range(4), *range(8, 12)]
    expected = mixed.transpose(1, 2).flatten(2) @ attention.output.weight[:, columns].T + attention.output.bias
    with without(attention, "head", 1):
        torch.testing.assert_close(attention(x, x), expected)


def test_attention_without_scores_takes_the_mean() -> None:
    """Every real place counts alike."""
    attention = AdditiveAttention(4, 6, 5)
    states, memory = torch.randn(2, 3, 4), torch.randn(2, 7, 6)
    with without(attention, "scores"):
        contexts, _ = attention(states, memory, attention.project(memory), None)
    torch.testing.assert_close(contexts, memory.mean(1, keepdim=True).expand(-1, 3, -1))


def test_steps_without_encoding_stay_as_they_are() -> None:
    """Sinusoidal and learned alike."""
    x = torch.randn(2, 5, 8)
    for name in ("sinusoidal", "learned"):
        positions = Positions(name, 8, 10)
        with without(positions, "encoding"):
            assert torch.equal(positions(x), x)
        assert not torch.equal(positions(x), x)
    assert parts_of(Positions("none", 8, 10)) == {}


def test_without_its_skip_a_block_is_its_layers() -> None:
    """Identity and projection."""
    x = torch.randn(3, 6)
    for shortcut in ("identity", "projection"):
        block = ResidualBlock(6, shortcut)
        with without(block, "skip"):
            torch.testing.assert_close(block(x), block.second(torch.relu(block.first(torch.relu(x)))))
    assert parts_of(ResidualBlock(6, "none")) == {}


def test_an_encoder_layer_without_residual_connections() -> None:
    """Pre-norm: feed-forward of attention of the norms."""
    layer = EncoderLayer(Shape(8, 2, 16))
    x = torch.randn(2, 5, 8)
    first, second = layer.norms
    y = first(x)
    with without(layer, "skip"):
        torch.testing.assert_close(layer(x), layer.feedforward(second(layer.attention(y, y))))


def test_a_stack_without_skips_is_one_that_was_built_without() -> None:
    """Residual connections add no weights, so the same weights serve both."""
    stacks = [RecurrentStack(GRULayer, 3, 4, 3, skip=skip) for skip in ("residual", "none")]
    stacks[1].load_state_dict(stacks[0].state_dict())
    inputs = torch.randn(2, 6, 3)
    with without(stacks[0], "skip"):
        torch.testing.assert_close(stacks[0](inputs), stacks[1](inputs))


def test_a_hidden_unit_of_a_perceptron() -> None:
    """What it says goes no further, whatever its activation at 0."""
    network = BPNetwork([4, 5, 3, 2], activation="sigmoid")
    x = torch.randn(6, 4)
    with torch.no_grad():
        first, second, third = (layer for layer in network.layers if isinstance(layer, nn.Linear))
        a = first(x).sigmoid()
        a[:, 4] = 0
        expected = third(second(a).sigmoid())
        with without(network, "unit_of_layer_1", 4):
            torch.testing.assert_close(network(x), expected)
    assert parts_of(network) == {"unit_of_layer_1": 5, "unit_of_layer_2": 3}


def test_what_was_changed_is_put_back_after_an_error() -> None:
    """Parameters and attributes, also where the changes overlap."""
    layer = nn.Linear(3, 3)
    before = layer.weight.detach().clone()
    with pytest.raises(KeyError), overwritten((layer.weight[0], 1.0), (layer.weight, 2.0)), altered(layer, bias=None):
        raise KeyError
    assert torch.equal(layer.weight, before)
    assert layer.bias is not None


def test_a_module_of_another_package_is_taken_apart_like_ours() -> None:
    """It needs `parts` and `without` alone."""

    class Mine(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.on = True

        def parts(self) -> dict[str, int]:
            return {"doubling": 0}

        def without(self, part: str, number: int):  # type: ignore[no-untyped-def]
            return altered(self, on=False)

        def forward(self, x: Tensor) -> Tensor:
            return 2 * x if self.on else x

    model = nn.Sequential(Mine())
    assert parts_of(model) == {"0/doubling": 0}
    with without(model, "0/doubling"):
        assert float(model(torch.ones(()))) == 1
