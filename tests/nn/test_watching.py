"""What modules show: attention against torch's, gates against their equations, trees against their subtrees."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from workbench.nn.attention import AdditiveAttention
from workbench.nn.autoregressive import Alphabet
from workbench.nn.decoder_only_transformer import DecoderOnlyTransformer
from workbench.nn.encoder_decoder import Vocabulary
from workbench.nn.gru import GRULayer
from workbench.nn.lstm import LSTMLayer
from workbench.nn.mgu import MGULayer
from workbench.nn.multi_head import MultiHeadAttention
from workbench.nn.recurrent import RecurrentLayer, State
from workbench.nn.recursive import RecursiveCell
from workbench.nn.seq2seq import Seq2Seq
from workbench.nn.transformer import Transformer
from workbench.nn.transformer_encoder import Shape
from workbench.nn.trees import TreeModel
from workbench.nn.watching import Show, key_side_of, side_of, watched
from workbench.nn.windows import recorded


def states_of(layer: RecurrentLayer, inputs: Tensor) -> tuple[State, State]:
    """Each tensor of the state before and after every step, (N, T, H)."""
    with torch.no_grad(), recorded(layer) as records:
        layer(inputs)
    parts = [torch.stack(column, 1) for column in zip(*records[0].states, strict=True)]
    return tuple(part[:, :-1] for part in parts), tuple(part[:, 1:] for part in parts)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_that_of_torch(*, causal: bool) -> None:
    """The same weights as nn.MultiheadAttention with the same parameters; rows sum to one."""
    ours = MultiHeadAttention(12, 3).double()
    theirs = nn.MultiheadAttention(12, 3, batch_first=True).double()
    projections = (ours.query, ours.key, ours.value)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([layer.weight for layer in projections]))
        theirs.in_proj_bias.copy_(torch.cat([layer.bias for layer in projections]))
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    mask = torch.ones(5, 5, dtype=torch.bool).triu(1) if causal else None
    _, expected = theirs(x, x, x, attn_mask=mask, average_attn_weights=False)
    with watched(ours) as shown:
        ours(x, x, causal=causal)
    (weights,) = shown["attention", ""]
    torch.testing.assert_close(weights, expected)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5, dtype=torch.float64))


def test_additive_attention_shows_the_weights_that_it_mixes_with() -> None:
    """With one head; the contexts follow from them."""
    attention = AdditiveAttention(4, 6, 5)
    states, memory = torch.randn(2, 3, 4), torch.randn(2, 7, 6)
    with watched(attention) as shown:
        contexts, _ = attention(states, memory, attention.project(memory), None)
    (weights,) = shown["attention", ""]
    torch.testing.assert_close(torch.einsum("nhut,ntk->nuk", weights, memory), contexts)


@pytest.mark.parametrize("settings", [{}, {"peephole": True}, {"coupled": True}, {"coupled": True, "peephole": True}])
def test_an_lstm_follows_from_its_gates(settings: dict[str, Any]) -> None:
    """h_t = o tanh(c_t), and c_t lies on the way from f c_{t-1} by i times a candidate between -1 and 1."""
    layer = LSTMLayer(3, 5, **settings).double()
    inputs = torch.randn(2, 6, 3, dtype=torch.float64)
    before, (h, c) = states_of(layer, inputs)
    gates = layer.gates(inputs, before)
    torch.testing.assert_close(gates["output"] * c.tanh(), h)
    candidate = (c - gates["forget"] * before[1]) / gates["input"]
    assert float(candidate.abs().max()) < 1
    if settings.get("coupled"):
        torch.testing.assert_close(gates["input"], 1 - gates["forget"])


@pytest.mark.parametrize("missing", ["input_gate", "forget_gate", "output_gate"])
def test_a_gate_that_is_left_out_is_not_shown(missing: str) -> None:
    """The others are."""
    layer = LSTMLayer(3, 5, without=missing)  # type: ignore[arg-type]  # one of the literals
    inputs = torch.randn(2, 4, 3)
    gates = layer.gates(inputs, states_of(layer, inputs)[0])
    assert set(gates) == {"input", "forget", "output"} - {missing.removesuffix("_gate")}


@pytest.mark.parametrize("reset", ["after", "before"])
def test_a_gru_follows_from_its_gates(reset: str) -> None:
    """(h_t - z h_{t-1}) / (1 - z) is the candidate of the equations with r."""
    layer = GRULayer(3, 5, reset=reset).double()  # type: ignore[arg-type]  # one of the literals
    inputs = torch.randn(2, 6, 3, dtype=torch.float64)
    (before,), (h,) = states_of(layer, inputs)
    gates = layer.gates(inputs, (before,))
    r, z = gates["reset"], gates["update"]
    w, u, b, c = (part[10:] for part in layer.rnn.parameters())
    inner = r * (before @ u.T + c) if reset == "after" else (r * before) @ u.T + c
    torch.testing.assert_close((1 - z) * (inputs @ w.T + b + inner).tanh() + z * before, h)


def test_a_gru_without_gates_shows_none() -> None:
    """Only one can be left out by a setting; the other is there."""
    layer = GRULayer(3, 5, without="update_gate")
    inputs = torch.randn(2, 4, 3)
    assert set(layer.gates(inputs, states_of(layer, inputs)[0])) == {"reset"}


def test_a_minimal_unit_follows_from_its_gate() -> None:
    """h_t = (1 - f) h_{t-1} + f n."""
    layer = MGULayer(3, 5).double()
    inputs = torch.randn(2, 6, 3, dtype=torch.float64)
    (before,), (h,) = states_of(layer, inputs)
    f = layer.gates(inputs, (before,))["forget"]
    rnn = layer.rnn
    n = (inputs @ rnn.weight_ih[5:].T + (rnn.bias_ih + rnn.bias_hh)[5:] + (f * before) @ rnn.weight_hh[5:].T).tanh()
    torch.testing.assert_close((1 - f) * before + f * n, h)


def test_nodes_of_a_tree_say_what_their_subtrees_say_alone() -> None:
    """What is read out at a node is the model's answer to the string below it."""
    symbols = ["0", "1", "[and", "[or", "]"]
    model = TreeModel(RecursiveCell(4, 6), [False, False, True, True, False], 4, 3).double()

    def read(text: str) -> Tensor:
        return torch.tensor([[symbols.index(word) for word in text.split()]])

    with watched(model) as shown:
        model(read("[or [and 1 0 ] 1 ]"))
    outputs, tokens = shown["tree", "outputs"][0], shown["tree", "tokens"][0].tolist()
    below = {"[or": "[or [and 1 0 ] 1 ]", "[and": "[and 1 0 ]", "1": "1", "0": "0"}
    for token, output in zip(tokens, outputs, strict=True):
        torch.testing.assert_close(output, model(read(below[symbols[token]]))[0])


def test_a_module_of_another_package_is_seen_by_what_it_shows() -> None:
    """It needs `show` alone, and shows nothing once nobody looks."""

    class Mine(nn.Module):
        show: Show | None = None

        def forward(self, x: Tensor) -> Tensor:
            if self.show is not None:
                self.show("attention/first", x.softmax(-1))
            return x

    model = nn.Sequential(Mine(), Mine())
    with watched(model) as shown:
        model(torch.zeros(1, 1, 2, 2))
    assert set(shown) == {("attention", "0.first"), ("attention", "1.first")}
    assert all(cast("Mine", layer).show is None for layer in model)


@pytest.mark.parametrize(
    ("path", "side", "keys"),
    [
        ("encoder.layers.0", "inputs", "inputs"),
        ("encoder.layers.0.attention", "inputs", "inputs"),
        ("layers.1", "outputs", "outputs"),
        ("layers.1.attention", "outputs", "outputs"),
        ("layers.1.cross_attention", "outputs", "inputs"),
    ],
)
def test_a_transformer_says_along_which_sequence_each_part_goes(path: str, side: str, keys: str) -> None:
    """Whatever lengths the two sequences have."""
    model = Transformer(Vocabulary(6, 6, 0, 1, 2), Shape(8, 2, 16))
    assert (side_of(model, path), key_side_of(model, path)) == (side, keys)


def test_what_surrounds_a_module_says_its_side() -> None:
    """A recurrent decoder, its attention, and a model that only writes, although its layers are called an encoder."""
    model = Seq2Seq(Vocabulary(6, 6, 0, 1, 2), GRULayer, embedding_size=4, hidden_size=5, bidirectional=True)
    assert side_of(model, "encoder.backwards.0") == "inputs"
    assert side_of(model, "decoder.layers.0") == "outputs"
    assert (side_of(model, "attention"), key_side_of(model, "attention")) == ("outputs", "inputs")
    writer, path = DecoderOnlyTransformer(Alphabet(5, 3, 0, 2), Shape(8, 2, 16), max_length=9), "encoder.layers.0.attention"
    assert (side_of(writer, path), key_side_of(writer, path)) == ("outputs", "outputs")
