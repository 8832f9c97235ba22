"""What models write after a prompt: with a carried state, and window after window."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from workbench.cards import Task, Tokens, catalog
from workbench.nn.continuing import continuation
from workbench.nn.decoding import GREEDY, Decoding
from workbench.nn.history import HistoryTable

LETTERS = Tokens(tuple("abcdefgh"), 12, "", special=False)
TASK = Task("language", LETTERS, LETTERS)


def built(name: str, **settings: object) -> nn.Module:
    torch.manual_seed(0)
    card = catalog.architectures()[name]
    small = {"hidden_size": 16, "embedding_size": 8} if name not in ("markov", "transformer") else {}
    return card.build(card.Config.model_validate({**small, **settings}), TASK).double().eval()


def by_hand(model: nn.Module, prompt: torch.Tensor, count: int, longest: int) -> list[int]:
    """The greedy path, the whole text read anew for each token."""
    text = prompt
    with torch.no_grad():
        for _ in range(count):
            text = torch.cat((text, model(text[:, -longest:])[:, -1:].argmax(-1)), 1)
    return text[0, prompt.shape[1] :].tolist()


@pytest.mark.parametrize("name", ["elman", "gru", "lstm", "leaky", "clockwork", "deep", "delayed", "mgu", "tdnn", "markov"])
def test_a_carried_state_gives_what_reading_all_again_gives(name: str) -> None:
    """Token by token, for as long as one likes."""
    model, prompt = built(name), torch.tensor([[1, 5, 2, 7, 3]])
    with torch.no_grad():
        written = continuation(model, prompt, 30, longest=12, decoding=GREEDY)
    assert written[0].tolist() == by_hand(model, prompt, 30, longest=1000)


@pytest.mark.parametrize("settings", [{}, {"positions": "learned"}])
def test_what_cannot_go_on_for_ever_reads_its_last_window(settings: dict[str, str]) -> None:
    """A Transformer was trained on no longer texts."""
    model, prompt = built("transformer", **settings), torch.tensor([[1, 5, 2, 7, 3]])
    with torch.no_grad():
        written = continuation(model, prompt, 20, longest=12, decoding=GREEDY)
    assert written[0].tolist() == by_hand(model, prompt, 20, longest=12)


def test_draws_follow_the_models_probabilities() -> None:
    """At temperature 1 the shares of what is drawn are those of the softmax, at a low one the likeliest alone comes."""
    model, prompt = built("gru"), torch.tensor([[4, 2]])
    with torch.no_grad():
        chances = model(prompt)[0, -1].softmax(-1)
        many = prompt.expand(20_000, -1)
        drawn = continuation(
            model, many, 1, longest=12, decoding=Decoding(temperature=1.0), generator=torch.Generator().manual_seed(1)
        )
        cold = continuation(model, many, 1, longest=12, decoding=Decoding(temperature=0.001))
    shares = torch.bincount(drawn[:, 0], minlength=8) / len(many)
    torch.testing.assert_close(shares.double(), chances, atol=0.015, rtol=0)
    assert (cold == chances.argmax()).double().mean() > 0.95


def test_a_beam_finds_at_least_as_likely_a_text_as_the_greedy_path() -> None:
    """Its states are kept with the beginnings that they belong to."""
    model, prompt = built("lstm"), torch.tensor([[4, 2]])

    def log_probability(written: torch.Tensor) -> float:
        text = torch.cat((prompt, written), 1)
        scores = model(text[:, :-1]).log_softmax(-1)[0, prompt.shape[1] - 1 :]
        return float(scores.gather(1, written[0][:, None]).sum())

    with torch.no_grad():
        wide, greedy = (continuation(model, prompt, 6, longest=12, decoding=how) for how in (Decoding(beam=64), GREEDY))
        assert log_probability(wide) >= log_probability(greedy)


def test_a_table_of_histories_is_looked_up() -> None:
    """Its scores are the rows of the last tokens, a missing one at the beginning counted as a token of its own."""
    torch.manual_seed(2)
    table = HistoryTable(3, order=2)
    inputs = torch.tensor([[2, 0, 1]])
    rows = table.table.detach().view(4, 4, 3)  # the older token is the first digit's place: row = old + 4 * new
    expected = torch.stack([rows[2, 3], rows[0, 2], rows[1, 0]])
    torch.testing.assert_close(table(inputs)[0], expected)


def test_a_table_learns_the_counts() -> None:
    """The likeliest table is that of the shares, which gradient descent finds."""
    torch.manual_seed(0)
    text = torch.randint(0, 3, (1, 400))
    table = HistoryTable(3, order=1)
    optimizer = torch.optim.Adam(table.parameters(), 0.1)
    for _ in range(300):
        loss = nn.functional.cross_entropy(table(text[:, :-1])[0], text[0, 1:])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    counts = torch.zeros(3, 3)
    for first, second in zip(text[0, :-1].tolist(), text[0, 1:].tolist(), strict=True):
        counts[first, second] += 1
    torch.testing.assert_close(table.table[:3].softmax(-1), counts / counts.sum(1, keepdim=True), atol=0.01, rtol=0)
